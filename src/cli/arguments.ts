/**
 * Arguments as people write them, made into values.
 *
 * Responsible for: seqs, `SEQ:DIGEST`, `NAME=value,...`, and values of fields from text.
 * Not responsible for: which command takes what (main.ts).
 */
import { hexToBytes } from "@noble/hashes/utils.js";
import { type FieldModel, isNumberType, rangeOf } from "../schema/model.ts";
import { CliError, EXIT_USAGE } from "./exit-codes.ts";

function refuse(argument: string, found: string, expected: string): never {
  throw new CliError(EXIT_USAGE, `${argument}: found "${found}", expected ${expected}`);
}

/** A whole number of 64 bits. */
export function parseInteger(argument: string, text: string, min = 0n): bigint {
  const value = /^\d{1,20}$/.test(text) ? BigInt(text) : -1n;
  if (value < min || value >= 1n << 64n) refuse(argument, text, `a whole number, ${min} or more`);
  return value;
}

/** `SEQ:DIGEST`, as receipts and verify print them. */
export function parseExpect(text: string): { readonly seq: bigint; readonly digest: string } {
  const [, seq, digest] = /^(\d{1,20}):([0-9a-fA-F]{64})$/.exec(text) ?? [];
  if (seq === undefined || digest === undefined)
    refuse("--expect", text, "SEQ:DIGEST, the digest as 64 hex digits");
  return { seq: BigInt(seq), digest: digest.toLowerCase() };
}

/** `NAME=value,value`, or `NAME` alone. A value with a comma stands in double quotes. */
export function parsePath(
  argument: string,
  text: string,
): { readonly name: string; readonly values: string[] } {
  const equals = text.indexOf("=");
  if (equals < 0) return { name: text, values: [] };
  const values: string[] = [];
  const value = /(?:"((?:[^"\\]|\\.)*)"|([^",]*))(,|$)/y;
  value.lastIndex = equals + 1;
  while (true) {
    const found = value.exec(text);
    if (found === null) refuse(argument, text, "NAME=value,value (a value with a comma in double quotes)");
    values.push(found[1] === undefined ? found[2]! : found[1].replace(/\\(.)/g, "$1"));
    if (found[3] === "") return { name: text.slice(0, equals), values };
  }
}

/** A decimal as text with at most `scale` digits behind the point, as its mantissa. */
function parseDecimal(text: string, scale: number): bigint | undefined {
  const [, sign, whole, fraction = ""] = /^(-?)(\d{1,38})(?:\.(\d{1,38}))?$/.exec(text) ?? [];
  if (whole === undefined || fraction.length > scale) return undefined;
  const mantissa = BigInt(whole + fraction.padEnd(scale, "0"));
  return sign === "-" ? -mantissa : mantissa;
}

function parseNumeric(field: FieldModel, text: string): number | bigint | undefined {
  const isWhole = /^-?\d{1,40}$/.test(text);
  const value =
    field.type === "decimal" ? parseDecimal(text, field.scale) : isWhole ? BigInt(text) : undefined;
  const [min, max] = rangeOf(field) ?? [0n, (1n << 64n) - 1n];
  if (value === undefined || value < min || value > max) return undefined;
  return isNumberType(field.type) ? Number(value) : value;
}

/** What a field takes, in words. */
function describe(field: FieldModel): string {
  if (field.type === "bool") return "true or false";
  if (field.type === "bytes") return "hex digits";
  if (field.type === "decimal") return `a decimal with up to ${field.scale} digits behind the point`;
  if (field.enumeration) return `one of ${field.enumeration.entries.map(({ name }) => name).join(", ")}`;
  return `a value of type ${field.type}`;
}

/**
 * The value of a field from text.
 * @param argument names the option in messages
 */
export function parseValue(argument: string, field: FieldModel, text: string): unknown {
  if (field.nullable && text === "null") return null;
  const value = parsePresent(field, text);
  if (value === undefined) refuse(`${argument} ${field.name}`, text, describe(field));
  return value;
}

function parsePresent(field: FieldModel, text: string): unknown {
  switch (field.type) {
    case "bool":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "text":
      return text;
    case "bytes":
      return /^([0-9a-fA-F]{2})*$/.test(text) ? hexToBytes(text) : undefined;
    case "enum":
      return field.enumeration?.valueOf.has(text) ? text : undefined;
    default:
      return parseNumeric(field, text);
  }
}
