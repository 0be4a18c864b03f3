/**
 * Field types in protobuf: which scalar a field is, and in which wire type its values stand.
 *
 * Responsible for: the one table that text, decoder and encoder share (docs/reference/protobuf.md).
 * Not responsible for: names (domain-file.ts), bytes (message-decoder.ts, message-encoder.ts).
 */
import type { FieldTypeName } from "../schema/fields.ts";
import type { FieldModel } from "../schema/model.ts";

/** Wire types (https://protobuf.dev/programming-guides/encoding). */
export const VARINT = 0;
export const FIXED64 = 1;
export const DELIMITED = 2;
export const GROUP_START = 3;
export const GROUP_END = 4;
export const FIXED32 = 5;

/** Wire types in words, by number. */
export const WIRE_TYPE_NAMES: readonly string[] = [
  "varint",
  "64 bits",
  "length-delimited",
  "group",
  "end of a group",
  "32 bits",
];

/** Scalars of protobuf that fields become; an enum has a name of its own. */
export type ScalarName =
  | "bool"
  | "uint32"
  | "sint32"
  | "uint64"
  | "sint64"
  | "fixed64"
  | "string"
  | "bytes"
  | "enum";

const SCALARS: Readonly<Record<FieldTypeName, ScalarName>> = {
  bool: "bool",
  u8: "uint32",
  u16: "uint32",
  u32: "uint32",
  u64: "uint64",
  u128: "string",
  i8: "sint32",
  i16: "sint32",
  i32: "sint32",
  i64: "sint64",
  i128: "string",
  decimal: "string",
  timestamp: "fixed64",
  enum: "enum",
  text: "string",
  bytes: "bytes",
  ref: "uint64",
};

/** The scalar that a field is. */
export function scalarOf(field: Pick<FieldModel, "type">): ScalarName {
  return SCALARS[field.type];
}

/** The wire type of one value of a scalar. */
export function wireTypeOf(scalar: ScalarName): number {
  if (scalar === "string" || scalar === "bytes") return DELIMITED;
  return scalar === "fixed64" ? FIXED64 : VARINT;
}

/** The tag that stands in front of a value. */
export function tagOf(number: number, wireType: number): number {
  return number * 8 + wireType;
}

/** Integers of 128 bits and decimals: numbers as text, in one canonical form. */
export function isNumberText({ type }: Pick<FieldModel, "type">): boolean {
  return type === "u128" || type === "i128" || type === "decimal";
}
