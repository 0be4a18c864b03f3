/**
 * The canonical binary descriptor of a schema, format 1, with names.
 *
 * Responsible for: its bytes. An epoch frame holds them, so a history explains itself; the fingerprint is their
 * SHA-256. The layout is drawn in docs/reference/descriptor.md.
 * Not responsible for: reading them strictly (descriptor-reader.ts).
 *
 * Invariants: I1 one model has one byte form; I2 texts and comments are not in it.
 *
 *   0       4        6
 *   | SVSD  | format | name | enumerations | kinds | commands | events | rejects | invariants |
 *   | 4     | u16    | name | list         | list  | list     | list   | list    | list       |
 */
import * as abi from "../../assembly/abi.ts";
import { ByteWriter } from "./bytes.ts";
import type { FieldModel, InvariantModel, KindModel, MessageModel, PathModel, SchemaModel } from "./model.ts";

/** "SVSD", read as a little-endian u32. */
export const DESCRIPTOR_MAGIC = 0x44535653;
export const DESCRIPTOR_FORMAT = 1;

/** Bits of a field's flags; the first four are those of the core table. */
export const FLAG_MIN = 16;
export const FLAG_MAX = 32;

export const FORM_COMPARISONS = 1;
export const FORM_SUM = 2;

/** Makes the canonical bytes of a schema. */
export function encodeDescriptor(model: SchemaModel): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter();
  out.u32(DESCRIPTOR_MAGIC);
  out.u16(DESCRIPTOR_FORMAT);
  out.name(model.name);
  out.u16(model.enumerations.length);
  for (const { name, entries } of model.enumerations) {
    out.name(name);
    out.u16(entries.length);
    for (const entry of entries) {
      out.u16(entry.value);
      out.name(entry.name);
    }
  }
  const enumerations = new Map(model.enumerations.map((one, index) => [one.name, index]));
  out.u16(model.kinds.length);
  for (const kind of model.kinds) writeKind(out, kind, enumerations);
  for (const messages of [model.commands, model.events, model.rejects]) {
    out.u16(messages.length);
    for (const message of messages) writeMessage(out, message, enumerations);
  }
  out.u16(model.invariants.length);
  for (const invariant of model.invariants) writeInvariant(out, invariant);
  return out.done();
}

function writeKind(out: ByteWriter, kind: KindModel, enumerations: ReadonlyMap<string, number>): void {
  writeMessage(out, kind, enumerations);
  out.u8(kind.unique.length);
  for (const path of kind.unique) {
    out.name(path.name);
    out.u8(path.segments.length);
    for (const segment of path.segments) out.u8(segment.field);
  }
  out.u8(kind.indexes.length);
  for (const path of kind.indexes) writeIndex(out, path);
}

function writeIndex(out: ByteWriter, path: PathModel): void {
  out.name(path.name);
  out.u8(path.segments.length);
  for (const { field, descending, when } of path.segments) {
    out.u8(field);
    if (when === null) {
      out.u8(descending ? abi.DIRECTION_DESCENDING : abi.DIRECTION_ASCENDING);
      continue;
    }
    out.u8(descending ? abi.DIRECTION_DESCENDING_WHEN : abi.DIRECTION_ASCENDING_WHEN);
    out.u8(when.field);
    out.u16(when.value);
  }
  out.u8(path.where.length);
  for (const where of path.where) {
    out.u8(where.field);
    out.u16(where.values.length);
    for (const value of where.values) out.u16(value);
  }
}

function writeMessage(
  out: ByteWriter,
  message: MessageModel,
  enumerations: ReadonlyMap<string, number>,
): void {
  out.u16(message.number);
  out.name(message.name);
  out.u8(message.fields.length);
  for (const field of message.fields) writeField(out, field, enumerations);
}

function writeField(out: ByteWriter, field: FieldModel, enumerations: ReadonlyMap<string, number>): void {
  out.u16(field.number);
  out.name(field.name);
  out.u8(field.code);
  out.u8(
    (field.nullable ? abi.FIELD_FLAG_NULLABLE : 0) |
      (field.immutable ? abi.FIELD_FLAG_IMMUTABLE : 0) |
      (field.repeated ? abi.FIELD_FLAG_REPEATED : 0) |
      (field.notEmpty ? abi.FIELD_FLAG_NOT_EMPTY : 0) |
      (field.min === null ? 0 : FLAG_MIN) |
      (field.max === null ? 0 : FLAG_MAX),
  );
  if (field.type === "decimal") {
    out.u8(field.precision);
    out.u8(field.scale);
  } else if (field.enumeration !== null) out.u16(enumerations.get(field.enumeration.name)!);
  else if (field.type === "ref") out.u16(field.targetKind);
  else if (field.maxBytes > 0) out.u16(field.maxBytes);
  if (field.repeated) out.u16(field.maxItems);
  if (field.min !== null) out.i128(field.min);
  if (field.max !== null) out.i128(field.max);
}

function writeInvariant(out: ByteWriter, invariant: InvariantModel): void {
  out.u16(invariant.number);
  out.name(invariant.name);
  if (invariant.form === "comparisons") {
    out.u8(FORM_COMPARISONS);
    out.u16(invariant.kind);
    out.u16(invariant.comparisons.length);
    for (const { field, operator, other, value } of invariant.comparisons) {
      out.u8(field);
      out.u8(operator);
      out.u8(other === null ? 0 : 1);
      if (other === null) out.i128(value!);
      else out.u8(other);
    }
    return;
  }
  out.u8(FORM_SUM);
  out.u16(invariant.terms.length);
  for (const { kind, field, by } of invariant.terms) {
    out.u16(kind);
    out.u8(field);
    out.u8(by.length);
    for (const position of by) out.u8(position);
  }
}
