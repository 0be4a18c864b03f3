/**
 * Reading a descriptor back into the model, strictly.
 *
 * Responsible for: refusing every byte that `encodeDescriptor` would not have written. It reads the structure, makes
 * definitions of it, and lets `defineSchema` check them: a schema from a history is as sound as one just defined.
 * Not responsible for: the layout (descriptor.ts, docs/reference/descriptor.md), the rules (validate.ts).
 *
 * Invariants: I1 decode(encode(model)) equals the model deeply; I2 whatever the bytes, the answer is a model or
 * `HistoryError`, and no loop runs longer than the bytes.
 */
import * as abi from "../../assembly/abi.ts";
import { HistoryError, SchemaError } from "../errors.ts";
import { ByteReader } from "./bytes.ts";
import { modelOf } from "./define-schema.ts";
import {
  DESCRIPTOR_FORMAT,
  DESCRIPTOR_MAGIC,
  encodeDescriptor,
  FLAG_MAX,
  FLAG_MIN,
  FORM_COMPARISONS,
  FORM_SUM,
} from "./descriptor.ts";
import type { FieldTypeName } from "./fields.ts";
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
} from "./model.ts";
import { schemaOfModel } from "./rebuild.ts";

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
  const model = soundModel(input, new DescriptorReader(input).schema(), at);
  const again = encodeDescriptor(model);
  const differs = again.findIndex((byte, index) => byte !== bytes[at + index]);
  if (differs >= 0 || again.length !== end - at) {
    const offset = at + Math.max(differs, 0);
    input.fail("descriptor", bytes[offset], `${again[offset - at]}`, offset);
  }
  return model;
}

/** The model as definitions have it: sorted, checked by every rule of the DSL. */
function soundModel(input: ByteReader, read: SchemaModel, at: number): SchemaModel {
  try {
    return modelOf(schemaOfModel(read));
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    const first = error.mistakes[0]!;
    return input.fail("descriptor", `${first.path}: ${first.found}`, first.expected, at);
  }
}

/** Reads the structure; what it means is checked behind. */
class DescriptorReader {
  private readonly input: ByteReader;
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
    this.enumerations = this.list(input.u16("count of enumerations"), () => this.enumeration());
    const kinds = this.list(input.u16("count of records"), () => this.kind());
    const commands = this.list(input.u16("count of commands"), () => this.message());
    const events = this.list(input.u16("count of events"), () => this.message());
    const rejects = this.list(input.u16("count of rejects"), () => this.message());
    const invariants = this.list(input.u16("count of invariants"), () => this.invariant(kinds));
    input.finish("descriptor");
    return { name, enumerations: this.enumerations, kinds, commands, events, rejects, invariants };
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

  /** A u8 from `min` to `max`. */
  private small(what: string, min: number, max: number): number {
    const at = this.input.at;
    return this.input.within(what, this.input.u8(what), min, max, at);
  }

  private enumeration(): EnumerationModel {
    const name = this.name("enumeration");
    const entries = this.list(this.input.u16("count of enum values"), (): readonly [string, number] => {
      const value = this.input.u16("enum value");
      return [this.name("enum value"), value];
    });
    return enumerationModel(name, entries);
  }

  private kind(): KindModel {
    const { input } = this;
    const message = this.message();
    const unique = this.list(input.u8("count of unique keys"), () => this.uniqueKey(message.fields));
    const indexes = this.list(input.u8("count of indexes"), () => this.index(message.fields));
    return { ...message, unique, indexes };
  }

  private message(): MessageModel {
    const number = this.input.u16("number of a definition");
    const name = this.name("name of a definition");
    const fields = this.list(this.input.u8("count of fields"), () => this.field());
    return { name, number, fields };
  }

  private field(): FieldModel {
    const { input } = this;
    const number = input.u16("field number");
    const name = this.name("field name");
    const code = input.u8("field type");
    const type = TYPE_NAMES.get(code);
    if (type === undefined) return input.fail("field type", code, "a known type", input.at - 1);
    const flags = input.u8("field flags");
    const has = (flag: number) => (flags & flag) !== 0;
    const parameter = this.parameter(type);
    const repeated = has(abi.FIELD_FLAG_REPEATED);
    return fieldModel({
      ...parameter,
      name,
      number,
      type,
      nullable: has(abi.FIELD_FLAG_NULLABLE),
      immutable: has(abi.FIELD_FLAG_IMMUTABLE),
      notEmpty: has(abi.FIELD_FLAG_NOT_EMPTY),
      repeated,
      maxItems: repeated ? input.u16("count of items") : 0,
      min: has(FLAG_MIN) ? this.wide(type) : null,
      max: has(FLAG_MAX) ? this.wide(type) : null,
    });
  }

  private parameter(type: FieldTypeName): Partial<FieldFacts> {
    const { input } = this;
    if (type === "text" || type === "bytes") return { maxBytes: input.u16("maxBytes") };
    if (type === "ref") return { targetKind: input.u16("target of a ref") };
    if (type === "decimal") return { precision: input.u8("precision"), scale: input.u8("scale") };
    if (type !== "enum") return {};
    const index = input.u16("enumeration of a field");
    const enumeration = this.enumerations[index];
    const expected = `below ${this.enumerations.length}`;
    return {
      enumeration: enumeration ?? input.fail("enumeration of a field", index, expected, input.at - 2),
    };
  }

  /** A bound or constant of a field of this type. */
  private wide(type: FieldTypeName): bigint {
    const unsigned = this.input.u128("constant");
    const isSigned = type === "decimal" || (INTEGER_RANGES[type]?.[0] ?? 0n) < 0n;
    return isSigned ? BigInt.asIntN(128, unsigned) : unsigned;
  }

  /** Position of a field of `fields`. */
  private position(fields: readonly FieldModel[]): number {
    return this.small("field position", 0, fields.length - 1);
  }

  private uniqueKey(fields: readonly FieldModel[]): PathModel {
    const name = this.name("unique key");
    const segments = this.list(this.input.u8("count of segments"), (): SegmentModel => {
      return { field: this.position(fields), descending: false, when: null };
    });
    return { name, segments, where: [] };
  }

  private index(fields: readonly FieldModel[]): PathModel {
    const { input } = this;
    const name = this.name("index");
    const segments = this.list(input.u8("count of segments"), () => this.segment(fields));
    const where = this.list(input.u8("count of conditions"), () => {
      const field = this.position(fields);
      return { field, values: this.list(input.u16("count of values"), () => input.u16("value")) };
    });
    return { name, segments, where };
  }

  private segment(fields: readonly FieldModel[]): SegmentModel {
    const field = this.position(fields);
    const direction = this.small("direction", abi.DIRECTION_ASCENDING, abi.DIRECTION_DESCENDING_WHEN);
    const descending = direction === abi.DIRECTION_DESCENDING || direction === abi.DIRECTION_DESCENDING_WHEN;
    if (direction <= abi.DIRECTION_DESCENDING) return { field, descending, when: null };
    const other = this.position(fields);
    return { field, descending, when: { field: other, value: this.input.u16("value") } };
  }

  private invariant(kinds: readonly KindModel[]): InvariantModel {
    const { input } = this;
    const number = input.u16("number of an invariant");
    const name = this.name("name of an invariant");
    if (this.small("form", FORM_COMPARISONS, FORM_SUM) === FORM_SUM) {
      const terms = this.list(input.u16("count of terms"), () => this.term(kinds));
      return { form: "sum", name, number, terms };
    }
    const kind = this.kindPosition(kinds);
    const { fields } = kinds[kind]!;
    const comparisons = this.list(input.u16("count of comparisons"), () => this.comparison(fields));
    return { form: "comparisons", name, number, kind, comparisons };
  }

  private kindPosition(kinds: readonly KindModel[]): number {
    const at = this.input.at;
    return this.input.within("kind position", this.input.u16("kind position"), 0, kinds.length - 1, at);
  }

  private comparison(fields: readonly FieldModel[]): ComparisonModel {
    const field = this.position(fields);
    const operator = this.small("operator", abi.OPERATOR_EQ, abi.OPERATOR_LTE);
    if (this.small("operand", 0, 1) === 1)
      return { field, operator, other: this.position(fields), value: null };
    return { field, operator, other: null, value: this.wide(fields[field]!.type) };
  }

  private term(kinds: readonly KindModel[]): TermModel {
    const kind = this.kindPosition(kinds);
    const { fields } = kinds[kind]!;
    const field = this.position(fields);
    const by = this.list(this.input.u8("count of by"), () => this.position(fields));
    return { kind, field, by };
  }
}
