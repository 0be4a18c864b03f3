/**
 * Sizes and offsets.
 *
 * Responsible for: the one computation of slots in memory, of encoded sizes, of key bytes and of the logical size
 * of a record (docs/reference/execution.md, "Size of the state").
 * Not responsible for: writing bytes (codec.ts) or the core table (table.ts).
 *
 * Invariants: I1 64-bit and wider fields stand at multiples of 8, each narrower integer at a multiple of its width;
 * I2 text and bytes stand last, each length at a multiple of 2; I3 a slot is a multiple of 8 bytes.
 *
 *   0 .. SLOT_FIELDS      .. 16 and 8 byte fields .. 4 .. 2 .. 1 .. text and bytes .. padding to 8
 *   | record header (abi) | widest first, in number order among equals                          |
 */
import { SLOT_FIELDS, TYPE_BYTES, TYPE_TEXT } from "../../assembly/abi.ts";
import type { FieldModel, KindModel, PathModel } from "./model.ts";

/** Where the fields of a kind stand in a slot. */
export interface Slot {
  /** By field position; from the start of the slot. */
  readonly offsets: readonly number[];
  /** Of the whole slot, its header included. */
  readonly bytes: number;
}

/** Logical bytes of a record and of one entry of a unique key. */
const RECORD_STATE_BYTES = 64;
export const UNIQUE_STATE_BYTES = 32;
const INDEX_STATE_BYTES = 32;

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

/** Whether the encoded length of a value varies. */
export function isVariable(field: FieldModel): boolean {
  return field.code === TYPE_TEXT || field.code === TYPE_BYTES;
}

/** Whether a value is required and of a fixed width of up to 8 bytes. */
export function isNarrow(field: FieldModel): boolean {
  return !field.nullable && !isVariable(field) && field.width <= 8;
}

/** Computes the slot of a record with these fields. */
export function slotOf(fields: readonly FieldModel[]): Slot {
  const order = fields.map((field, position) => ({ field, position }));
  const rank = (field: FieldModel) => (isVariable(field) ? 0 : field.width);
  order.sort((a, b) => rank(b.field) - rank(a.field) || a.position - b.position);
  const offsets = new Array<number>(fields.length).fill(0);
  let at = SLOT_FIELDS;
  for (const { field, position } of order) {
    if (isVariable(field)) at = roundUp(at, 2);
    offsets[position] = at;
    at += field.width;
  }
  return { offsets, bytes: roundUp(at, 8) };
}

/** Presence bytes of a message or record with these fields. */
export function presenceBytes(fields: readonly FieldModel[]): number {
  return Math.ceil(fields.filter((field) => field.nullable).length / 8);
}

/** Largest encoding of a message or record with these fields. */
export function messageBytesMax(fields: readonly FieldModel[]): number {
  let bytes = presenceBytes(fields);
  for (const field of fields) bytes += field.repeated ? 2 + field.maxItems * field.width : field.width;
  return bytes;
}

/** Bytes of the encoded key of a unique key or canonical index. */
export function keyBytes(path: Pick<PathModel, "segments">, fields: readonly FieldModel[]): number {
  let bytes = 0;
  for (const segment of path.segments) {
    const field = fields[segment.field]!;
    bytes += field.width + (field.nullable ? 1 : 0);
  }
  return bytes;
}

/** Logical bytes of a record, its unique keys included, its index entries not. */
export function recordStateBytes(kind: KindModel): number {
  const widths = kind.fields.reduce((sum, field) => sum + field.width, 0);
  return RECORD_STATE_BYTES + widths + UNIQUE_STATE_BYTES * kind.unique.length;
}

/** Logical bytes of one entry of a canonical index. */
export function indexStateBytes(path: PathModel, fields: readonly FieldModel[]): number {
  return INDEX_STATE_BYTES + 2 * keyBytes(path, fields);
}
