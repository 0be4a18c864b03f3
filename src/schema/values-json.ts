/**
 * Values of fields in JSON, and back from text and JSON.
 *
 * Responsible for: the one JSON form of every type (docs/reference/cli.md): integers of 64 bits and more, times and decimals
 * as strings, decimals with their point, bytes as hex, enums by name, an absent value as null.
 * Not responsible for: text for people (src/cli/values-text.ts), bytes (codec.ts).
 *
 * Invariants: I1 what `jsonText` and `valuesForJson` write, `valueFromJson` reads back to the same value; I2 whatever
 * `JSON.parse` made, reading it throws `JsonError` or nothing.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { type FieldModel, isNumberType, rangeOf } from "./model.ts";

export type FieldValues = Readonly<Record<string, unknown>>;

// ---- to JSON ---------------------------------------------------------------------------------------------

/** `-12.50` for mantissa -1250 and scale 2: always all digits of the scale. */
export function decimalText(mantissa: bigint, scale: number): string {
  if (scale === 0) return mantissa.toString();
  const digits = (mantissa < 0n ? -mantissa : mantissa).toString().padStart(scale + 1, "0");
  const sign = mantissa < 0n ? "-" : "";
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** One value of a field, for programs: decimals as text with their point; the rest is up to `jsonText`. */
function valueForJson(field: FieldModel, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map((item) => valueForJson(field, item));
  return field.type === "decimal" ? decimalText(value as bigint, field.scale) : value;
}

/** The fields that are there, by name, for `jsonText`. */
export function valuesForJson(fields: readonly FieldModel[], values: FieldValues): FieldValues {
  const there = fields.filter((field) => field.name in values);
  const entries = there.map((field) => [field.name, valueForJson(field, values[field.name])] as const);
  return Object.fromEntries(entries);
}

/** JSON with integers of 64 bits and more as strings, bytes as hex. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === "bigint") return item.toString();
    return item instanceof Uint8Array ? bytesToHex(item) : item;
  });
}

const SHOWN_MAX = 80;

/** What was found, for a message: cut where it is long. It may be anything that `JSON.parse` makes. */
export function shownJson(value: unknown): string {
  if (value === undefined) return "nothing";
  try {
    const text = jsonText(value);
    return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}...` : text;
  } catch {
    // What reads JSON has no bound on its depth; what writes it has the stack.
    return "something that is nested too deeply";
  }
}

// ---- from text -------------------------------------------------------------------------------------------

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
export function describeValue(field: FieldModel): string {
  if (field.type === "bool") return "true or false";
  if (field.type === "bytes") return "hex digits";
  if (field.type === "decimal") return `a decimal with up to ${field.scale} digits behind the point`;
  if (field.enumeration) return `one of ${field.enumeration.entries.map(({ name }) => name).join(", ")}`;
  return `a value of type ${field.type}`;
}

/** A present value of a field from text; undefined where the text is none. Sizes of text and bytes are not looked at. */
export function valueFromText(field: FieldModel, text: string): unknown {
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

// ---- from JSON -------------------------------------------------------------------------------------------

/** What a field takes in JSON, in words. */
export function describeJson(field: FieldModel): string {
  const value = `${describeValue(field)}${isQuoted(field) ? " as a string" : ""}`;
  if (field.repeated) return `an array of at most ${field.maxItems} of: ${value}`;
  return field.nullable ? `${value}, or null` : value;
}

function isQuoted({ type }: FieldModel): boolean {
  return type !== "bool" && !isNumberType(type);
}

/**
 * The value of a field, not one of its elements, from what `JSON.parse` made.
 * @returns undefined where it is none; sizes of text and bytes are not looked at
 */
export function valueFromJson(field: FieldModel, json: unknown): unknown {
  if (json === null && field.nullable) return null;
  if (!field.repeated) return presentFromJson(field, json);
  if (!Array.isArray(json) || json.length > field.maxItems) return undefined;
  const items = json.map((item) => presentFromJson(field, item));
  return items.includes(undefined) ? undefined : items;
}

function presentFromJson(field: FieldModel, json: unknown): unknown {
  if (isQuoted(field)) return typeof json === "string" ? valueFromText(field, json) : undefined;
  const isOfType = field.type === "bool" ? typeof json === "boolean" : Number.isInteger(json);
  return isOfType ? valueFromText(field, String(json)) : undefined;
}

/** JSON that is not what it must be. Never leaves the package. */
export class JsonError {
  /** Name of the field, or the member that is none; empty for the value as a whole. */
  readonly field: string;
  readonly found: unknown;
  readonly expected: string;

  constructor(field: string, found: unknown, expected: string) {
    this.field = field;
    this.found = found;
    this.expected = expected;
  }
}

/**
 * The values of a message or record, from what `JSON.parse` made; nullable fields that are left out are null.
 * @param name of the message, for the error
 * @throws JsonError naming the first member that is no field, then the first field, by number, that is not a value
 */
export function valuesFromJson(name: string, fields: readonly FieldModel[], json: unknown): FieldValues {
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw new JsonError("", json, `an object with the fields of ${name}`);
  const given = json as FieldValues;
  for (const member of Object.keys(given)) {
    if (fields.some((field) => field.name === member)) continue;
    const known = fields.map((field) => field.name).join(", ");
    throw new JsonError("", member, `fields of ${name}: ${known === "" ? "none" : known}`);
  }
  const entries = fields.map((field) => {
    const found = Object.hasOwn(given, field.name) ? given[field.name] : undefined;
    const value = found === undefined && field.nullable ? null : valueFromJson(field, found);
    if (value === undefined) throw new JsonError(field.name, found, describeJson(field));
    return [field.name, value] as const;
  });
  return Object.fromEntries(entries);
}
