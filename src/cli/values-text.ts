/**
 * Values of fields as people and programs read them.
 *
 * Responsible for: decimals with their point, times, texts in quotes, bytes in hex; the JSON form beside it.
 * Not responsible for: parsing them back (arguments.ts).
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import type { FieldModel } from "../schema/model.ts";

export type FieldValues = Readonly<Record<string, unknown>>;

/** `-12.50` for mantissa -1250 and scale 2: always all digits of the scale. */
export function decimalText(mantissa: bigint, scale: number): string {
  if (scale === 0) return mantissa.toString();
  const digits = (mantissa < 0n ? -mantissa : mantissa).toString().padStart(scale + 1, "0");
  const sign = mantissa < 0n ? "-" : "";
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** `2012-06-21T09:30:00.017459617Z` */
export function timeText(timeNs: bigint): string {
  const seconds = timeNs / 1_000_000_000n;
  const fraction = (timeNs % 1_000_000_000n).toString().padStart(9, "0");
  // Beyond the year 9999 an ISO date has another form; the plain number is clearer there.
  if (seconds > 253_402_300_799n) return `${timeNs} ns`;
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
}

/** One value of a field, for people. */
export function valueText(field: FieldModel, value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return `[${value.map((item) => valueText(field, item)).join(", ")}]`;
  if (field.type === "decimal") return decimalText(value as bigint, field.scale);
  if (field.type === "timestamp") return timeText(value as bigint);
  if (field.type === "text") return JSON.stringify(value);
  return value instanceof Uint8Array ? `0x${bytesToHex(value)}` : String(value);
}

/** `orderId=7 side=Bid price=null` */
export function valuesText(fields: readonly FieldModel[], values: FieldValues): string {
  return fields.map((field) => `${field.name}=${valueText(field, values[field.name])}`).join(" ");
}

/** One value of a field, for programs: decimals as text with their point; the rest is up to `toJson`. */
function valueForJson(field: FieldModel, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map((item) => valueForJson(field, item));
  return field.type === "decimal" ? decimalText(value as bigint, field.scale) : value;
}

/** The fields that are there, by name, for `toJson`. */
export function valuesForJson(fields: readonly FieldModel[], values: FieldValues): FieldValues {
  const there = fields.filter((field) => field.name in values);
  const entries = there.map((field) => [field.name, valueForJson(field, values[field.name])] as const);
  return Object.fromEntries(entries);
}
