/**
 * Small pools of values for every field type, so that random programs collide and touch every edge.
 *
 * Responsible for: values by selector: 0..63 valid ones (the first are the likeliest), 64..79 out of range,
 * 80 and above no values of the field.
 * Not responsible for: refs in records, which depend on the state (program.ts).
 */
import type { FieldModel } from "../../src/schema/model.ts";
import { rangeOf, utf8, type Value } from "./values.ts";

export const OUT_OF_RANGE = 64;
export const NO_VALUE = 80;
const SMALL = ["u8", "u16", "u32", "i8", "i16", "i32"];

function unique(values: readonly bigint[]): bigint[] {
  return [...new Set(values)];
}

/** Every valid value of the pool of a field. */
export function validValues(field: FieldModel): readonly Exclude<Value, null>[] {
  if (field.repeated) return listsOf(field);
  switch (field.type) {
    case "bool":
      return [false, true];
    case "enum":
      return field.enumeration!.entries.map(({ name }) => name);
    case "text": {
      // U+FFFF and U+10000 order differently as UTF-16 and as UTF-8.
      const texts = ["a", "", "b", "a\0", "ab", "é", "\uffff", "\u{10000}", "z".repeat(field.maxBytes)];
      return [...new Set(texts)].filter((text) => utf8.encode(text).length <= field.maxBytes);
    }
    case "bytes": {
      const lists = [[1], [], [0], [0, 0], [1, 0], [255], new Array(field.maxBytes).fill(255)];
      return lists.filter(({ length }) => length <= field.maxBytes).map((list) => Uint8Array.from(list));
    }
    default: {
      const [low, high] = rangeOf(field);
      const middle = [0n, 1n, 2n, high, low, -1n, 3n, high - 1n, 100n, 127n, -2n, high / 2n, low / 2n];
      const values = unique(middle.filter((value) => value >= low && value <= high));
      return SMALL.includes(field.type) ? values.map(Number) : values;
    }
  }
}

function listsOf(field: FieldModel): readonly any[] {
  const items = validValues({ ...field, repeated: false }) as any[];
  const full = Array.from({ length: field.maxItems }, (_, at) => items[at % items.length]);
  return [[items[0]], [], full, [items[items.length - 1]], [...items].reverse().slice(0, field.maxItems)];
}

function outOfRange(field: FieldModel): unknown[] {
  if (field.repeated) return [Array.from({ length: field.maxItems + 1 }, () => validValues(field)[0]).flat()];
  switch (field.type) {
    case "bool":
    case "enum":
      return [];
    case "text":
      return ["y".repeat(field.maxBytes + 1), "é".repeat(field.maxBytes)];
    case "bytes":
      return [new Uint8Array(field.maxBytes + 1)];
    default: {
      const [low, high] = rangeOf(field);
      const values = [high + 1n, low - 1n, high * 2n + 5n, low - 2n ** 40n];
      return SMALL.includes(field.type) ? values.map(Number) : [...values, 2n ** 130n];
    }
  }
}

function noValues(field: FieldModel): unknown[] {
  const common = field.nullable ? [{}, Symbol.iterator] : [null, undefined, {}];
  if (field.repeated) return [null, 1, "list", [null], [{}]];
  if (field.type === "bool") return [...common, 1, "true"];
  if (field.type === "text") return [...common, "\ud800", "a\udc00b", 1];
  if (field.type === "bytes") return [...common, "a", [1]];
  if (field.type === "enum") return [...common, "Nothing", 1, "toString"];
  return SMALL.includes(field.type) ? [...common, 1n, 0.5, Number.NaN, "1"] : [...common, 1, "1"];
}

/** The value of a field for a selector. */
export function select(field: FieldModel, selector: number): unknown {
  if (selector >= NO_VALUE) return pick(noValues(field), selector - NO_VALUE);
  if (selector >= OUT_OF_RANGE) {
    const values = outOfRange(field);
    return values.length === 0 ? pick(noValues(field), selector) : pick(values, selector - OUT_OF_RANGE);
  }
  const valid = validValues(field);
  return pick(field.nullable ? [valid[0], null, ...valid.slice(1)] : valid, selector);
}

/** A valid value of a message field. */
export function selectValid(field: FieldModel, selector: number): Value {
  return select(field, selector % OUT_OF_RANGE) as Value;
}

export function pick<T>(values: readonly T[], at: number): T {
  return values[at % values.length]!;
}
