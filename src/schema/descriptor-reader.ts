/**
 * Reading a descriptor back into the model, strictly.
 *
 * Responsible for: refusing every byte that `encodeDescriptor` would not have written, so that a schema read from a
 * history is as sound as one that was just defined.
 * Not responsible for: the layout (descriptor.ts, docs/reference/descriptor.md).
 *
 * Invariants: I1 decode(encode(model)) equals the model deeply; I2 whatever the bytes, the answer is a model or
 * `HistoryError`, and no loop runs longer than the bytes.
 */
import * as abi from "../../assembly/abi.ts";
import { HistoryError } from "../errors.ts";
import { ByteReader } from "./bytes.ts";
import {
  DESCRIPTOR_FORMAT,
  DESCRIPTOR_MAGIC,
  encodeDescriptor,
  FLAG_MAX,
  FLAG_MIN,
  FLAGS_ALL,
  FORM_COMPARISONS,
  FORM_SUM,
} from "./descriptor.ts";
import type { FieldTypeName } from "./fields.ts";
import { keyBytes } from "./layout.ts";
import { isIdentifier } from "./mistakes.ts";
import {
  type ComparisonModel,
  type EnumerationModel,
  enumerationModel,
  type FieldFacts,
  type FieldModel,
  fieldModel,
  INTEGER_RANGES,
  type InvariantModel,
  type KindModel,
  type MessageModel,
  type PathModel,
  type SchemaModel,
  type SegmentModel,
  type TermModel,
  type WhereModel,
} from "./model.ts";

/** Type names by code; of the codes that depend on a parameter the check follows by writing again. */
const TYPE_NAMES: ReadonlyMap<number, FieldTypeName> = new Map<number, FieldTypeName>([
  [abi.TYPE_BOOL, "bool"],
  [abi.TYPE_U8, "u8"],
  [abi.TYPE_U16, "u16"],
  [abi.TYPE_U32, "u32"],
  [abi.TYPE_U64, "u64"],
  [abi.TYPE_U128, "u128"],
  [abi.TYPE_I8, "i8"],
  [abi.TYPE_I16, "i16"],
  [abi.TYPE_I32, "i32"],
  [abi.TYPE_I64, "i64"],
  [abi.TYPE_I128, "i128"],
  [abi.TYPE_DECIMAL64, "decimal"],
  [abi.TYPE_DECIMAL128, "decimal"],
  [abi.TYPE_TIMESTAMP, "timestamp"],
  [abi.TYPE_ENUM8, "enum"],
  [abi.TYPE_ENUM16, "enum"],
  [abi.TYPE_TEXT, "text"],
  [abi.TYPE_BYTES, "bytes"],
  [abi.TYPE_REF, "ref"],
]);

/**
 * Reads the descriptor that stands from `at` to `end`.
 * @param seq of the frame that it is in, for the error
 * @throws HistoryError(DAMAGED) for anything but canonical bytes, (UNSUPPORTED_FORMAT) for a format of another release
 */
export function decodeDescriptor(bytes: Uint8Array, at = 0, end = bytes.length, seq?: bigint): SchemaModel {
  const input = new ByteReader(bytes, at, end, seq);
  const model = new DescriptorReader(input).schema();
  const again = encodeDescriptor(model);
  const differs = again.findIndex((byte, index) => byte !== bytes[at + index]);
  if (differs >= 0 || again.length !== end - at) {
    const offset = at + Math.max(differs, 0);
    input.fail("descriptor", bytes[offset], `${again[offset - at]}`, offset);
  }
  return model;
}

class DescriptorReader {
  private readonly input: ByteReader;
  private readonly used = new Set<EnumerationModel>();
  private enumerations: readonly EnumerationModel[] = [];

  constructor(input: ByteReader) {
    this.input = input;
  }

  schema(): SchemaModel {
    const { input } = this;
    const start = input.at;
    const magic = input.u32("descriptor");
    if (magic !== DESCRIPTOR_MAGIC)
      input.fail("descriptor", magic, `${DESCRIPTOR_MAGIC}, its first word`, start);
    const format = input.u16("format of the descriptor");
    if (format !== DESCRIPTOR_FORMAT) {
      throw new HistoryError(
        "UNSUPPORTED_FORMAT",
        "this release does not read the descriptor; use a newer one",
        {
          offset: start + 4,
          actual: String(format),
          expected: String(DESCRIPTOR_FORMAT),
        },
      );
    }
    const name = this.name("schema name");
    this.enumerations = this.ascending(
      "enumeration",
      () => this.enumeration(),
      (one) => one.name,
    );
    const kinds = this.numbered("kind", abi.NUMBER_MAX, () => this.kind());
    const commands = this.numbered("command", abi.NUMBER_MAX, () => this.message("command"));
    const events = this.numbered("event", abi.NUMBER_MAX, () => this.message("event"));
    const rejects = this.numbered("reject", abi.REJECT_NUMBER_MAX, () => this.message("reject"));
    const invariants = this.numbered("invariant", abi.REJECT_NUMBER_MAX, () => this.invariant(kinds));
    input.finish("descriptor");
    const model = { name, enumerations: this.enumerations, kinds, commands, events, rejects, invariants };
    this.refs(model);
    if (this.used.size !== this.enumerations.length) {
      input.fail("enumerations", this.enumerations.length, `${this.used.size} that fields use`);
    }
    return model;
  }

  private refs(model: SchemaModel): void {
    const numbers = new Set(model.kinds.map((kind) => kind.number));
    for (const owner of [...model.kinds, ...model.commands, ...model.events, ...model.rejects]) {
      for (const field of owner.fields) {
        if (field.type === "ref" && !numbers.has(field.targetKind)) {
          this.input.fail(`ref ${owner.name}.${field.name}`, field.targetKind, "a kind of the schema");
        }
      }
    }
  }

  private name(what: string): string {
    const at = this.input.at;
    const name = this.input.name(what);
    if (!isIdentifier(name)) this.input.fail(what, JSON.stringify(name), "an identifier", at);
    return name;
  }

  private list<T>(count: number, read: () => T): T[] {
    const items: T[] = [];
    for (let index = 0; index < count; index++) items.push(read());
    return items;
  }

  /** Items under strictly rising keys, counted by u16. */
  private ascending<T>(what: string, read: () => T, key: (item: T) => string | number): T[] {
    return this.rising(what, this.list(this.input.u16(`count of ${what}s`), read), key);
  }

  private rising<T>(what: string, items: T[], key: (item: T) => string | number): T[] {
    for (let index = 1; index < items.length; index++) {
      if (key(items[index - 1]!) >= key(items[index]!)) {
        this.input.fail(what, key(items[index]!), `more than ${key(items[index - 1]!)}`);
      }
    }
    return items;
  }

  private numbered<T extends { readonly name: string; readonly number: number }>(
    what: string,
    max: number,
    read: () => T,
  ): T[] {
    const items = this.ascending(what, read, (one) => one.number);
    for (const { number } of items) this.input.within(`number of ${what}`, number, 1, max, this.input.at);
    return this.distinct(what, items);
  }

  private distinct<T extends { readonly name: string }>(what: string, items: T[]): T[] {
    const names = new Set(items.map((one) => one.name));
    if (names.size !== items.length) this.input.fail(what, "a name twice", "distinct names");
    return items;
  }

  private enumeration(): EnumerationModel {
    const name = this.name("enumeration");
    const entries = this.ascending(
      "enum value",
      () => ({ value: this.input.u16("enum value"), name: this.name("enum value") }),
      (entry) => entry.value,
    );
    this.distinct("enum value", entries);
    if (entries.length === 0 || entries[0]!.value === 0) {
      this.input.fail("enumeration", `${entries.length} values`, "values from 1");
    }
    return enumerationModel(
      name,
      entries.map((entry) => [entry.name, entry.value] as const),
    );
  }

  private kind(): KindModel {
    const { input } = this;
    const message = this.message("record");
    const { fields } = message;
    const unique = this.list(this.count("unique keys", 0, abi.PATHS_MAX), () => {
      return this.uniqueKey(fields);
    });
    const indexes = this.list(this.count("indexes", 0, abi.PATHS_MAX), () => this.index(fields));
    this.rising("unique key", unique, (path) => path.name);
    this.rising("index", indexes, (path) => path.name);
    this.distinct("path", [...unique, ...indexes]);
    for (const path of [...unique, ...indexes]) {
      input.within(`key bytes of ${path.name}`, keyBytes(path, fields), 1, abi.KEY_BYTES_MAX, input.at);
    }
    return { ...message, unique, indexes };
  }

  private message(role: "record" | "command" | "event" | "reject"): MessageModel {
    const number = this.input.u16(`number of a ${role}`);
    const name = this.name(`name of a ${role}`);
    const most = role === "reject" ? abi.REJECT_DETAIL_MAX : abi.FIELDS_MAX;
    const count = this.count("fields", role === "record" ? 1 : 0, most);
    const fields = this.list(count, () => this.field(role));
    this.rising("field", fields, (field) => field.number);
    this.distinct("field", fields);
    return { name, number, fields };
  }

  private count(what: string, min: number, max: number): number {
    const at = this.input.at;
    return this.input.within(`count of ${what}`, this.input.u8(`count of ${what}`), min, max, at);
  }

  private field(role: "record" | "command" | "event" | "reject"): FieldModel {
    const { input } = this;
    const at = input.at;
    const number = input.within("field number", input.u16("field number"), 1, abi.NUMBER_MAX, at);
    const name = this.name("field name");
    const code = input.u8("field type");
    const type = TYPE_NAMES.get(code);
    if (type === undefined) return input.fail("field type", code, "a known type", input.at - 1);
    const flags = input.u8("field flags");
    const has = (flag: number) => (flags & flag) !== 0;
    const varies = type === "text" || type === "bytes";
    const repeats = role === "command" || role === "event";
    const allowed =
      abi.FIELD_FLAG_NULLABLE |
      (role === "record" ? abi.FIELD_FLAG_IMMUTABLE : 0) |
      (repeats && !has(abi.FIELD_FLAG_NULLABLE) ? abi.FIELD_FLAG_REPEATED : 0) |
      (role === "command" && varies ? abi.FIELD_FLAG_NOT_EMPTY : 0) |
      (role === "command" && INTEGER_RANGES[type] !== undefined ? FLAG_MIN | FLAG_MAX : 0);
    if ((flags & FLAGS_ALL & ~allowed) !== 0 || flags > FLAGS_ALL) {
      input.fail("field flags", flags, `bits of ${allowed}`, input.at - 1);
    }
    const parameter = this.parameter(type);
    const repeated = has(abi.FIELD_FLAG_REPEATED);
    const maxItems = repeated ? this.ranged("count of items", 1, abi.REPEATED_ITEMS_MAX) : 0;
    const min = has(FLAG_MIN) ? this.bound(type) : null;
    const max = has(FLAG_MAX) ? this.bound(type) : null;
    if (min !== null && max !== null && min > max) input.fail("bounds", `${min}..${max}`, "min at most max");
    return fieldModel({
      ...parameter,
      name,
      number,
      type,
      nullable: has(abi.FIELD_FLAG_NULLABLE),
      immutable: has(abi.FIELD_FLAG_IMMUTABLE),
      repeated,
      maxItems,
      notEmpty: has(abi.FIELD_FLAG_NOT_EMPTY),
      min,
      max,
    });
  }

  private ranged(what: string, min: number, max: number): number {
    const at = this.input.at;
    return this.input.within(what, this.input.u16(what), min, max, at);
  }

  private parameter(type: FieldTypeName): Partial<FieldFacts> {
    const { input } = this;
    if (type === "text" || type === "bytes")
      return { maxBytes: this.ranged("maxBytes", 1, abi.FIELD_BYTES_MAX) };
    if (type === "ref") return { targetKind: input.u16("target of a ref") };
    if (type === "decimal") {
      const precision = this.count("digits", 1, abi.DECIMAL_PRECISION_MAX);
      return { precision, scale: this.count("decimals", 0, precision) };
    }
    if (type !== "enum") return {};
    const index = input.u16("enumeration of a field");
    const enumeration = this.enumerations[index];
    if (enumeration === undefined) {
      return input.fail("enumeration of a field", index, `below ${this.enumerations.length}`);
    }
    this.used.add(enumeration);
    return { enumeration };
  }

  private bound(type: FieldTypeName): bigint {
    const [min, max] = INTEGER_RANGES[type]!;
    const unsigned = this.input.u128("bound");
    const value = min < 0n ? BigInt.asIntN(128, unsigned) : unsigned;
    if (value < min || value > max) this.input.fail("bound", value, `a value of ${type}`);
    return value;
  }

  /** Position of a field of `fields`. */
  private position(fields: readonly FieldModel[]): number {
    const at = this.input.at;
    return this.input.within("field position", this.input.u8("field position"), 0, fields.length - 1, at);
  }

  private uniqueKey(fields: readonly FieldModel[]): PathModel {
    const name = this.name("unique key");
    const segments = this.list(this.count("segments", 1, abi.INDEX_SEGMENTS_MAX), () => {
      const field = this.position(fields);
      if (!fields[field]!.immutable || fields[field]!.nullable) {
        this.input.fail(`unique key ${name}`, fields[field]!.name, "an immutable, required field");
      }
      return { field, descending: false, when: null };
    });
    this.once(name, segments);
    return { name, segments, where: [] };
  }

  private once(name: string, segments: readonly SegmentModel[]): void {
    if (new Set(segments.map((segment) => segment.field)).size === segments.length) return;
    this.input.fail(`key ${name}`, "a field twice", "each field once");
  }

  private index(fields: readonly FieldModel[]): PathModel {
    const { input } = this;
    const name = this.name("index");
    const earlier = new Set<number>();
    const segments = this.list(this.count("segments", 1, abi.INDEX_SEGMENTS_MAX), () => {
      const segment = this.segment(fields, earlier);
      earlier.add(segment.field);
      return segment;
    });
    this.once(name, segments);
    const where = this.list(this.count("conditions", 0, fields.length), (): WhereModel => {
      const field = this.position(fields);
      const values = this.ascending("value", () => this.selected(fields[field]!), Number);
      if (values.length === 0) input.fail("condition", "no values", "at least one");
      return { field, values };
    });
    this.rising("condition", where, (one) => one.field);
    return { name, segments, where };
  }

  private segment(fields: readonly FieldModel[], earlier: ReadonlySet<number>): SegmentModel {
    const { input } = this;
    const field = this.position(fields);
    const direction = this.count("direction", abi.DIRECTION_ASCENDING, abi.DIRECTION_DESCENDING_WHEN);
    const descending = direction === abi.DIRECTION_DESCENDING || direction === abi.DIRECTION_DESCENDING_WHEN;
    if (direction <= abi.DIRECTION_DESCENDING) return { field, descending, when: null };
    const other = this.position(fields);
    if (!earlier.has(other)) input.fail("direction", fields[other]!.name, "an earlier segment", input.at - 1);
    return { field, descending, when: { field: other, value: this.selected(fields[other]!) } };
  }

  /** A value of the required enum or bool `field`. */
  private selected(field: FieldModel): number {
    const { input } = this;
    const value = input.u16("value");
    const declared = field.type === "bool" ? value <= 1 : (field.enumeration?.nameOf.has(value) ?? false);
    if (!declared || field.nullable) {
      input.fail("value", `${field.name} = ${value}`, "a value of a required enum or bool", input.at - 2);
    }
    return value;
  }

  private invariant(kinds: readonly KindModel[]): InvariantModel {
    const { input } = this;
    const number = input.u16("number of an invariant");
    const name = this.name("name of an invariant");
    const form = this.count("form", FORM_COMPARISONS, FORM_SUM);
    if (form === FORM_SUM) {
      const terms = this.list(input.u16("count of terms"), () => this.term(kinds));
      if (terms.length === 0) input.fail(`invariant ${name}`, "no terms", "at least one");
      return { form: "sum", name, number, terms };
    }
    const kind = this.kindPosition(kinds);
    const { fields } = kinds[kind]!;
    const order = (one: ComparisonModel) => one.field * 16 + one.operator;
    const comparisons = this.ascending("comparison", () => this.comparison(fields), order);
    if (comparisons.length === 0) input.fail(`invariant ${name}`, "no comparisons", "at least one");
    return { form: "comparisons", name, number, kind, comparisons };
  }

  private kindPosition(kinds: readonly KindModel[]): number {
    const at = this.input.at;
    return this.input.within("kind position", this.input.u16("kind position"), 0, kinds.length - 1, at);
  }

  private comparison(fields: readonly FieldModel[]): ComparisonModel {
    const { input } = this;
    const field = this.position(fields);
    const operator = this.count("operator", abi.OPERATOR_EQ, abi.OPERATOR_LTE);
    const withField = this.count("operand", 0, 1) === 1;
    if (withField) return { field, operator, other: this.position(fields), value: null };
    const unsigned = input.u128("constant");
    const signed = /^(i\d+|decimal)$/.test(fields[field]!.type);
    return { field, operator, other: null, value: signed ? BigInt.asIntN(128, unsigned) : unsigned };
  }

  private term(kinds: readonly KindModel[]): TermModel {
    const kind = this.kindPosition(kinds);
    const { fields } = kinds[kind]!;
    const field = this.position(fields);
    const by = this.list(this.count("by", 0, fields.length), () => this.position(fields));
    return { kind, field, by };
  }
}
