/**
 * Values of fields as people read them.
 *
 * Responsible for: decimals with their point, times, texts in quotes, bytes in hex.
 * Not responsible for: the JSON form, and parsing either back (src/schema/values-json.ts).
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import type { FieldModel } from "../schema/model.ts";
import { decimalText, type FieldValues } from "../schema/values-json.ts";

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
