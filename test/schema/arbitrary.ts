/**
 * Random values of fields, for tests that compare codecs.
 */
import fc from "fast-check";
import type { Values } from "../../src/schema/codec.ts";
import { type FieldModel, rangeOf } from "../../src/schema/model.ts";

/** Random values of a type, its boundaries often. */
export function scalarOf(field: FieldModel): fc.Arbitrary<unknown> {
  const range = rangeOf(field);
  if (range !== null) {
    const [min, max] = range;
    const edges = [min, min + 1n, -1n, 0n, 1n, max - 1n, max].filter((one) => one >= min && one <= max);
    const any = fc.oneof(fc.constantFrom(...edges), fc.bigInt({ min, max }));
    return /^[ui](8|16|32)$/.test(field.type) ? any.map(Number) : any;
  }
  if (field.type === "bool") return fc.boolean();
  if (field.type === "enum") return fc.constantFrom(...field.enumeration!.entries.map((entry) => entry.name));
  if (field.type === "bytes") return fc.uint8Array({ maxLength: field.maxBytes });
  if (field.type === "ref") return fc.bigInt({ min: 1n, max: 2n ** 64n - 1n });
  return fc
    .oneof(
      fc.string({ unit: "binary" }),
      fc.string(),
      fc.constantFrom("", "\uFEFFa", "a\0", "é€😀", "\u{10FFFF}"),
    )
    .filter((one) => new TextEncoder().encode(one).length <= field.maxBytes);
}

function fieldValueOf(field: FieldModel): fc.Arbitrary<unknown> {
  if (field.repeated) return fc.array(scalarOf(field), { maxLength: field.maxItems });
  return field.nullable ? fc.option(scalarOf(field), { nil: null }) : scalarOf(field);
}

/** Values of all of these fields. */
export function valuesOf(fields: readonly FieldModel[]): fc.Arbitrary<Values> {
  const parts = Object.fromEntries(fields.map((field) => [field.name, fieldValueOf(field)]));
  return fc.record(parts).map((values) => ({ ...values })) as fc.Arbitrary<Values>;
}
