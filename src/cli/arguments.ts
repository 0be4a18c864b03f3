/**
 * Arguments as people write them, made into values.
 *
 * Responsible for: seqs, `SEQ:DIGEST`, `NAME=value,...`, and values of fields from text.
 * Not responsible for: which command takes what (main.ts).
 */
import type { FieldModel } from "../schema/model.ts";
import { describeValue, valueFromText } from "../schema/values-json.ts";
import { CliError, EXIT_USAGE } from "./exit-codes.ts";

function refuse(argument: string, found: string, expected: string): never {
  throw new CliError(EXIT_USAGE, `${argument}: found "${found}", expected ${expected}`);
}

const U64_MAX = (1n << 64n) - 1n;

/** A whole number of 64 bits. */
export function parseInteger(argument: string, text: string, min = 0n, max = U64_MAX): bigint {
  const value = /^\d{1,20}$/.test(text) ? BigInt(text) : -1n;
  if (value >= min && value <= max) return value;
  return refuse(argument, text, `a whole number, ${max === U64_MAX ? `${min} or more` : `${min} to ${max}`}`);
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

/**
 * The value of a field from text.
 * @param argument names the option in messages
 */
export function parseValue(argument: string, field: FieldModel, text: string): unknown {
  if (field.nullable && text === "null") return null;
  const value = valueFromText(field, text);
  if (value === undefined) refuse(`${argument} ${field.name}`, text, describeValue(field));
  return value;
}
