/**
 * The core table: what the core reads of a schema.
 *
 * Responsible for: laying the model out as u32 words, as `assembly/abi.ts` and docs/reference/core-table.md say.
 * Not responsible for: sizes and offsets (layout.ts). The table is not a format: it never leaves the process.
 *
 * Invariants: I1 every reference is a word offset from the start of the table, or a position; I2 the sections stand
 * in the order of the drawing below; I3 equal models make equal tables.
 *
 *   header | kinds | fields | paths | segments | wheres | messages | sketches | comparisons | sums | terms | words
 *
 * `words` are the sorted values of enumerations and conditions, and constants of four words (i128).
 */
import * as abi from "../../assembly/abi.ts";
import {
  indexStateBytes,
  isNarrow,
  keyBytes,
  messageBytesMax,
  recordStateBytes,
  slotOf,
  UNIQUE_STATE_BYTES,
} from "./layout.ts";
import type {
  FieldModel,
  InvariantModel,
  KindModel,
  MessageModel,
  PathModel,
  SchemaModel,
  SegmentModel,
} from "./model.ts";
import { type Sketch, sketchesOf } from "./sketches.ts";

/** Makes the core table of a schema. */
export function buildTable(model: SchemaModel): Uint32Array<ArrayBuffer> {
  return new TableBuilder(model).build();
}

/** A run of words whose place is known only when all sections have their size. */
class Section {
  readonly words: number[] = [];
  start = 0;

  /** @returns offset in this section of `count` new zero words */
  reserve(count: number): number {
    const at = this.words.length;
    for (let index = 0; index < count; index++) this.words.push(0);
    return at;
  }
}

/** A word that will hold the place of something in another section. */
interface Link {
  readonly from: Section;
  readonly at: number;
  readonly to: Section;
  readonly offset: number;
}

type Sum = Extract<InvariantModel, { form: "sum" }>;

class TableBuilder {
  private readonly model: SchemaModel;
  private readonly header = new Section();
  private readonly kinds = new Section();
  private readonly fields = new Section();
  private readonly paths = new Section();
  private readonly segments = new Section();
  private readonly wheres = new Section();
  private readonly messages = new Section();
  private readonly sketches = new Section();
  private readonly comparisons = new Section();
  private readonly sums = new Section();
  private readonly terms = new Section();
  private readonly values = new Section();
  private readonly links: Link[] = [];
  private readonly enumValuesAt = new Map<string, number>();

  constructor(model: SchemaModel) {
    this.model = model;
  }

  build(): Uint32Array<ArrayBuffer> {
    const { model, header } = this;
    header.reserve(abi.TABLE_HEADER);
    for (const kind of model.kinds) this.kind(kind);
    const commandsAt = this.messages.words.length;
    for (const command of model.commands) this.command(command);
    const eventsAt = this.messages.words.length;
    for (const event of model.events) this.message(event);
    const comparisons = this.allComparisons();
    const sums = model.invariants.filter((one): one is Sum => one.form === "sum");
    for (const sum of sums) this.sum(sum);

    header.words[0] = abi.TABLE_MAGIC;
    header.words[abi.TABLE_KINDS] = model.kinds.length;
    this.link(header, abi.TABLE_KINDS_AT, this.kinds, 0);
    header.words[abi.TABLE_COMMANDS] = model.commands.length;
    this.link(header, abi.TABLE_COMMANDS_AT, this.messages, commandsAt);
    header.words[abi.TABLE_EVENTS] = model.events.length;
    this.link(header, abi.TABLE_EVENTS_AT, this.messages, eventsAt);
    header.words[abi.TABLE_COMPARISONS] = comparisons;
    this.link(header, abi.TABLE_COMPARISONS_AT, this.comparisons, 0);
    header.words[abi.TABLE_SUMS] = sums.length;
    this.link(header, abi.TABLE_SUMS_AT, this.sums, 0);
    return this.join();
  }

  private join(): Uint32Array<ArrayBuffer> {
    const sections = [
      this.header,
      this.kinds,
      this.fields,
      this.paths,
      this.segments,
      this.wheres,
      this.messages,
      this.sketches,
      this.comparisons,
      this.sums,
      this.terms,
      this.values,
    ];
    let total = 0;
    for (const section of sections) {
      section.start = total;
      total += section.words.length;
    }
    for (const { from, at, to, offset } of this.links) from.words[at] = to.start + offset;
    this.header.words[abi.TABLE_WORDS] = total;
    const table = new Uint32Array(total);
    for (const section of sections) table.set(section.words, section.start);
    return table;
  }

  private link(from: Section, at: number, to: Section, offset: number): void {
    this.links.push({ from, at, to, offset });
  }

  private kind(kind: KindModel): void {
    const at = this.kinds.reserve(abi.KIND_WORDS);
    const { words } = this.kinds;
    const slot = slotOf(kind.fields);
    words[at + abi.KIND_NUMBER] = kind.number;
    words[at + abi.KIND_SLOT_BYTES] = slot.bytes;
    words[at + abi.KIND_FIELDS] = kind.fields.length;
    this.link(this.kinds, at + abi.KIND_FIELDS_AT, this.fields, this.fields.words.length);
    kind.fields.forEach((field, position) => {
      this.field(field, slot.offsets[position]!, indexesOf(kind, position));
    });
    words[at + abi.KIND_UNIQUE] = kind.unique.length;
    this.link(this.kinds, at + abi.KIND_UNIQUE_AT, this.paths, this.paths.words.length);
    for (const path of kind.unique) this.path(path, kind, UNIQUE_STATE_BYTES);
    words[at + abi.KIND_INDEXES] = kind.indexes.length;
    this.link(this.kinds, at + abi.KIND_INDEXES_AT, this.paths, this.paths.words.length);
    for (const path of kind.indexes) this.path(path, kind, indexStateBytes(path, kind.fields));
    words[at + abi.KIND_NULLABLE] = nullableCount(kind.fields);
    words[at + abi.KIND_STATE_BYTES] = recordStateBytes(kind);
    const required = bits(kind.fields, (field) => !field.nullable);
    words[at + abi.KIND_REQUIRED_LOW] = required.low;
    words[at + abi.KIND_REQUIRED_HIGH] = required.high;
    const immutable = bits(kind.fields, (field) => field.immutable);
    words[at + abi.KIND_IMMUTABLE_LOW] = immutable.low;
    words[at + abi.KIND_IMMUTABLE_HIGH] = immutable.high;
  }

  private command(command: MessageModel): void {
    const at = this.message(command);
    const sketches = sketchesOf(command, this.model);
    this.messages.words[at + abi.MESSAGE_SKETCHES] = sketches.length;
    this.link(this.messages, at + abi.MESSAGE_SKETCHES_AT, this.sketches, this.sketches.words.length);
    const first = this.sketches.reserve(sketches.length * abi.SKETCH_WORDS);
    let slotBytes = 0;
    sketches.forEach((sketch, position) => {
      this.sketch(sketch, first + position * abi.SKETCH_WORDS, slotBytes);
      slotBytes += sketch.slot.bytes;
    });
    const { words } = this.header;
    words[abi.TABLE_SKETCH_BYTES] = Math.max(words[abi.TABLE_SKETCH_BYTES]!, slotBytes);
  }

  private sketch(sketch: Sketch, at: number, slot: number): void {
    const { words } = this.sketches;
    words[at + abi.SKETCH_KIND] = sketch.kind;
    words[at + abi.SKETCH_SLOT] = slot;
    words[at + abi.SKETCH_UNIQUE] = sketch.unique;
    words[at + abi.SKETCH_UNIQUE_LATER] = sketch.uniqueLater;
    words[at + abi.SKETCH_REFERRED] = sketch.isReferred ? 1 : 0;
    const run = (count: number, rows: readonly (readonly number[])[]) => {
      words[at + count] = rows.length;
      this.link(this.sketches, at + count + 1, this.sketches, words.length);
      for (const row of rows) words.push(...row);
    };
    run(
      abi.SKETCH_COPIES,
      sketch.copies.map(({ from, to, width }) => [from, to, width]),
    );
    run(
      abi.SKETCH_REFERENCES,
      sketch.references.map((reference) => [reference.to, reference.sketch]),
    );
  }

  /** @returns where its entry is */
  private message(message: MessageModel): number {
    const at = this.messages.reserve(abi.MESSAGE_WORDS);
    const { words } = this.messages;
    words[at + abi.MESSAGE_NUMBER] = message.number;
    words[at + abi.MESSAGE_FIELDS] = message.fields.length;
    this.link(this.messages, at + abi.MESSAGE_FIELDS_AT, this.fields, this.fields.words.length);
    for (const field of message.fields) this.field(field, 0, 0);
    words[at + abi.MESSAGE_NULLABLE] = nullableCount(message.fields);
    words[at + abi.MESSAGE_BYTES] = messageBytesMax(message.fields);
    words[at + abi.MESSAGE_CHECKS] = message.fields.filter(hasCheck).length;
    return at;
  }

  private field(field: FieldModel, offset: number, indexes: number): void {
    const at = this.fields.reserve(abi.FIELD_WORDS);
    const { words } = this.fields;
    words[at + abi.FIELD_NUMBER] = field.number;
    words[at + abi.FIELD_TYPE] = field.code;
    words[at + abi.FIELD_OFFSET] = offset;
    words[at + abi.FIELD_WIDTH] = field.width;
    words[at + abi.FIELD_FLAGS] =
      (field.nullable ? abi.FIELD_FLAG_NULLABLE : 0) |
      (field.immutable ? abi.FIELD_FLAG_IMMUTABLE : 0) |
      (field.repeated ? abi.FIELD_FLAG_REPEATED : 0) |
      (field.notEmpty ? abi.FIELD_FLAG_NOT_EMPTY : 0);
    if (field.enumeration !== null) {
      const values = field.enumeration.entries.map((entry) => entry.value);
      const valuesAt = this.enumValuesAt.get(field.enumeration.name) ?? this.valueWords(values);
      this.enumValuesAt.set(field.enumeration.name, valuesAt);
      this.link(this.fields, at + abi.FIELD_PARAMETER, this.values, valuesAt);
      words[at + abi.FIELD_PARAMETER_COUNT] = values.length;
    } else if (field.type === "ref") {
      words[at + abi.FIELD_PARAMETER] = this.model.kinds.findIndex(
        (kind) => kind.number === field.targetKind,
      );
    } else {
      words[at + abi.FIELD_PARAMETER] = field.type === "decimal" ? field.precision : field.maxBytes;
    }
    words[at + abi.FIELD_INDEXES] = indexes;
    words[at + abi.FIELD_ITEMS_MAX] = field.maxItems;
    if (field.min !== null) this.link(this.fields, at + abi.FIELD_MIN_AT, this.values, this.wide(field.min));
    if (field.max !== null) this.link(this.fields, at + abi.FIELD_MAX_AT, this.values, this.wide(field.max));
  }

  private path(path: PathModel, kind: KindModel, stateBytes: number): void {
    const at = this.paths.reserve(abi.PATH_WORDS);
    const { words } = this.paths;
    words[at + abi.PATH_SEGMENTS] = path.segments.length;
    this.link(this.paths, at + abi.PATH_SEGMENTS_AT, this.segments, this.segments.words.length);
    for (const segment of path.segments) {
      this.segment(kind, segment.field, directionOf(segment), segment.when);
    }
    const isNarrowPath = path.segments.every((one) => isNarrow(kind.fields[one.field]!));
    words[at + abi.PATH_NARROW] = isNarrowPath && path.segments.length <= NARROW_SEGMENTS_MAX ? 1 : 0;
    words[at + abi.PATH_KEY_BYTES] = keyBytes(path, kind.fields);
    words[at + abi.PATH_WHERES] = path.where.length;
    this.link(this.paths, at + abi.PATH_WHERES_AT, this.wheres, this.wheres.words.length);
    for (const where of path.where) {
      const whereAt = this.wheres.reserve(abi.WHERE_WORDS);
      this.wheres.words[whereAt + abi.WHERE_FIELD] = where.field;
      this.wheres.words[whereAt + abi.WHERE_VALUES] = where.values.length;
      this.link(this.wheres, whereAt + abi.WHERE_VALUES_AT, this.values, this.valueWords(where.values));
    }
    words[at + abi.PATH_STATE_BYTES] = stateBytes;
  }

  private segment(kind: KindModel, position: number, direction: number, when: SegmentModel["when"]): void {
    const at = this.segments.reserve(abi.SEGMENT_WORDS);
    const { words } = this.segments;
    const field = kind.fields[position]!;
    const { offsets } = slotOf(kind.fields);
    words[at + abi.SEGMENT_FIELD] = position;
    words[at + abi.SEGMENT_DIRECTION] = direction;
    if (when !== null) {
      words[at + abi.SEGMENT_WHEN_AT] = offsets[when.field]! | (kind.fields[when.field]!.width << 16);
      words[at + abi.SEGMENT_WHEN_VALUE] = when.value;
    }
    words[at + abi.SEGMENT_OFFSET] = offsets[position]!;
    words[at + abi.SEGMENT_WIDTH] = isNarrow(field) ? field.width : 0;
    words[at + abi.SEGMENT_SIGNED] = isSigned(field) ? 1 : 0;
  }

  /** @returns how many comparisons there are */
  private allComparisons(): number {
    let count = 0;
    for (const invariant of this.model.invariants) {
      if (invariant.form !== "comparisons") continue;
      for (const comparison of invariant.comparisons) {
        const at = this.comparisons.reserve(abi.COMPARISON_WORDS);
        const { words } = this.comparisons;
        words[at + abi.COMPARISON_NUMBER] = invariant.number;
        words[at + abi.COMPARISON_KIND] = invariant.kind;
        words[at + abi.COMPARISON_FIELD] = comparison.field;
        words[at + abi.COMPARISON_OPERATOR] = comparison.operator;
        words[at + abi.COMPARISON_OTHER] = comparison.other ?? abi.NO_FIELD;
        if (comparison.value !== null) {
          const valueAt = this.wide(comparison.value);
          this.link(this.comparisons, at + abi.COMPARISON_VALUE_AT, this.values, valueAt);
        }
        count++;
      }
    }
    return count;
  }

  private sum(sum: Sum): void {
    const at = this.sums.reserve(abi.SUM_WORDS);
    const { words } = this.sums;
    words[at + abi.SUM_NUMBER] = sum.number;
    words[at + abi.SUM_TERMS] = sum.terms.length;
    this.link(this.sums, at + abi.SUM_TERMS_AT, this.terms, this.terms.words.length);
    for (const term of sum.terms) {
      const termAt = this.terms.reserve(abi.TERM_WORDS);
      this.terms.words[termAt + abi.TERM_KIND] = term.kind;
      this.terms.words[termAt + abi.TERM_FIELD] = term.field;
      this.terms.words[termAt + abi.TERM_BY] = term.by.length;
      this.link(this.terms, termAt + abi.TERM_BY_AT, this.segments, this.segments.words.length);
      for (const field of term.by) {
        this.segment(this.model.kinds[term.kind]!, field, abi.DIRECTION_ASCENDING, null);
      }
    }
  }

  private valueWords(values: readonly number[]): number {
    const at = this.values.words.length;
    this.values.words.push(...values);
    return at;
  }

  private wide(value: bigint): number {
    const at = this.values.words.length;
    const unsigned = BigInt.asUintN(128, value);
    for (const shift of [0n, 32n, 64n, 96n]) {
      this.values.words.push(Number((unsigned >> shift) & 0xffff_ffffn));
    }
    return at;
  }
}

/** Multipliers that the core's hash has for the values of a key. */
const NARROW_SEGMENTS_MAX = 16;

function isSigned({ code }: FieldModel): boolean {
  return code >= abi.TYPE_I8 && code <= abi.TYPE_DECIMAL128;
}

function hasCheck(field: FieldModel): boolean {
  return field.notEmpty || field.min !== null || field.max !== null;
}

function nullableCount(fields: readonly FieldModel[]): number {
  return fields.filter((field) => field.nullable).length;
}

/** Bit i: index i depends on the field at this position. */
function indexesOf(kind: KindModel, position: number): number {
  let mask = 0;
  kind.indexes.forEach((path, index) => {
    const inKey = path.segments.some((one) => one.field === position || one.when?.field === position);
    if (inKey || path.where.some((one) => one.field === position)) mask |= 1 << index;
  });
  return mask;
}

function bits(
  fields: readonly FieldModel[],
  has: (field: FieldModel) => boolean,
): { low: number; high: number } {
  let low = 0;
  let high = 0;
  fields.forEach((field, position) => {
    if (!has(field)) return;
    if (position < 32) low |= 1 << position;
    else high |= 1 << (position - 32);
  });
  return { low: low >>> 0, high: high >>> 0 };
}

function directionOf(segment: { descending: boolean; when: unknown }): number {
  if (segment.when === null) return segment.descending ? abi.DIRECTION_DESCENDING : abi.DIRECTION_ASCENDING;
  return segment.descending ? abi.DIRECTION_DESCENDING_WHEN : abi.DIRECTION_ASCENDING_WHEN;
}
