/**
 * The reference model's values, from docs/reference/values.md and DESIGN 4.
 *
 * Responsible for: what is a value of a field, how many bytes it takes, how two values compare.
 * Not responsible for: bytes themselves; the model never encodes anything.
 */
import type { FieldModel } from "../../src/schema/model.ts";

export type Scalar = boolean | number | bigint | string | Uint8Array;
export type Value = Scalar | null | readonly Scalar[];
export type Values = Record<string, Value>;

export const utf8 = new TextEncoder();
const SMALL = ["u8", "u16", "u32", "i8", "i16", "i32"];

export function elementOf(field: FieldModel): FieldModel {
  return { ...field, repeated: false };
}

/** Bytes of a value of this field; of text and bytes the most it can take. */
export function widthOf(field: FieldModel): number {
  if (field.type === "bool") return 1;
  if (field.type === "text" || field.type === "bytes") return 2 + field.maxBytes;
  if (field.type === "decimal") return field.precision <= 18 ? 8 : 16;
  if (field.type === "timestamp" || field.type === "ref") return 8;
  if (field.type === "enum") return field.enumeration!.entries.every(({ value }) => value < 256) ? 1 : 2;
  return Number(field.type.slice(1)) / 8;
}

function bytesOfValue(field: FieldModel, value: Value): number {
  if (field.repeated) {
    return (value as Scalar[]).reduce<number>((sum, item) => sum + bytesOfValue(elementOf(field), item), 2);
  }
  if (field.type === "text") return 2 + utf8.encode((value as string) ?? "").length;
  if (field.type === "bytes") return 2 + ((value as Uint8Array)?.length ?? 0);
  return widthOf(field);
}

/** Bytes of the values of these fields, without presence bytes. */
export function valueBytes(fields: readonly FieldModel[], values: Values): number {
  return fields.reduce((sum, field) => sum + bytesOfValue(field, values[field.name]!), 0);
}

/** Bytes of a message, or of a group of delta values: of those fields that have one. */
export function messageBytes(fields: readonly FieldModel[], values: Values | null): number {
  if (values === null) return 0;
  const present = fields.filter(({ name }) => name in values);
  return Math.ceil(present.filter(({ nullable }) => nullable).length / 8) + valueBytes(present, values);
}

/** Is this a value of the field, a value outside its range, or none at all? */
export function judge(field: FieldModel, value: unknown): "ok" | "range" | "value" {
  if (field.repeated) {
    if (!Array.isArray(value)) return "value";
    if (value.length > field.maxItems) return "range";
    return value.map((item) => judge(elementOf(field), item)).find((verdict) => verdict !== "ok") ?? "ok";
  }
  if (value === null || value === undefined) return field.nullable ? "ok" : "value";
  switch (field.type) {
    case "bool":
      return typeof value === "boolean" ? "ok" : "value";
    case "enum":
      return field.enumeration!.entries.some(({ name }) => name === value) ? "ok" : "value";
    case "text":
      if (typeof value !== "string" || /\p{Cs}/u.test(value)) return "value";
      return utf8.encode(value).length <= field.maxBytes ? "ok" : "range";
    case "bytes":
      return value instanceof Uint8Array ? (value.length <= field.maxBytes ? "ok" : "range") : "value";
    default: {
      if (SMALL.includes(field.type) ? !Number.isInteger(value) : typeof value !== "bigint") return "value";
      const [low, high] = rangeOf(field);
      return BigInt(value as number) >= low && BigInt(value as number) <= high ? "ok" : "range";
    }
  }
}

/** A value for each of these fields, computed in their order. */
export function valuesOf(
  fields: readonly FieldModel[],
  value: (field: FieldModel, at: number) => Value,
): Values {
  return Object.fromEntries(fields.map((field, at) => [field.name, value(field, at)]));
}

/** The least and the greatest value of a numeric field. */
export function rangeOf(field: FieldModel): readonly [bigint, bigint] {
  if (field.type === "decimal")
    return [1n - 10n ** BigInt(field.precision), 10n ** BigInt(field.precision) - 1n];
  if (field.type === "timestamp" || field.type === "ref") return [0n, 2n ** 64n - 1n];
  return rangeOfInteger(field.type);
}

/** @param type as `u64` or `i128` */
export function rangeOfInteger(type: string): readonly [bigint, bigint] {
  const bits = BigInt(type.slice(1));
  return type.startsWith("u") ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
}

/** A copy that a handler can not reach, in the one form of the value. */
export function ownCopy(value: unknown): Value {
  if (value === undefined || value === null) return null;
  if (value instanceof Uint8Array) return value.slice();
  if (Array.isArray(value)) return value.map((item) => ownCopy(item) as Scalar);
  return value === 0 ? 0 : (value as Scalar); // -0 is 0
}

/** The number that a bool, enum or numeric value stands for in bounds, conditions and comparisons. */
export function numberOf(field: FieldModel, value: Value): bigint {
  const entry = field.enumeration?.entries.find(({ name }) => name === value);
  return BigInt(entry === undefined ? (value as number) : entry.value);
}

/** Value order: absent first, then by value; text and bytes byte by byte, the shorter first. */
export function compareValues(field: FieldModel, left: Value, right: Value): number {
  if (left === null || right === null) return Number(left !== null) - Number(right !== null);
  if (field.type === "text") return Buffer.compare(utf8.encode(left as string), utf8.encode(right as string));
  if (field.type === "bytes") return Buffer.compare(left as Uint8Array, right as Uint8Array);
  return signOf(numberOf(field, left) - numberOf(field, right));
}

export function signOf(number: bigint): number {
  return Number(number > 0n) - Number(number < 0n);
}

export function isSame(left: Value, right: Value): boolean {
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right) === 0;
  return left === right;
}
