/**
 * Key encoding: for every segment type and direction memcmp order of encoded keys equals value order, and decoding gives
 * the values back, over random and boundary values.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineSchema, modelOf, type Schema } from "../../src/schema/define-schema.ts";
import * as dsl from "../../src/schema/fields.ts";
import { command } from "../../src/schema/messages.ts";
import type { FieldModel } from "../../src/schema/model.ts";
import { record } from "../../src/schema/records.ts";
import { type KeyCodec, makeKeyCodec } from "../model/executor.ts";
import { validValues } from "../model/pools.ts";
import { comparePlaces } from "../model/state.ts";
import { rangeOf, utf8, type Values } from "../model/values.ts";

const SEED = Number(process.env.STATEVEC_SEED ?? Math.floor(Math.random() * 2 ** 31));
const Side = dsl.enumeration("Side", { Bid: 1, Ask: 2, Both: 200 });
const Country = dsl.enumeration("Country", { Peru: 300, Chad: 2, Oman: 65_535, Fiji: 255 });

const types: Record<string, (number: number) => any> = {
  bool: dsl.bool,
  u8: dsl.u8,
  u16: dsl.u16,
  u32: dsl.u32,
  u64: dsl.u64,
  u128: dsl.u128,
  i8: dsl.i8,
  i16: dsl.i16,
  i32: dsl.i32,
  i64: dsl.i64,
  i128: dsl.i128,
  decimal64: (number) => dsl.decimal(number, { precision: 18, scale: 4 }),
  decimal128: (number) => dsl.decimal(number, { precision: 38, scale: 2 }),
  timestamp: dsl.timestamp,
  enum8: (number) => dsl.enumOf(number, Side),
  enum16: (number) => dsl.enumOf(number, Country),
  text: (number) => dsl.text(number, { maxBytes: 11 }),
  bytes: (number) => dsl.bytes(number, { maxBytes: 5 }),
  ref: (number) => dsl.ref(number, "Thing"),
};

/** A kind with one field of the type, and it in every direction, alone and before another segment. */
function schemaFor(type: string): Schema {
  const make = types[type]!;
  const fields = {
    side: dsl.enumOf(9, Side),
    flag: dsl.bool(4),
    low: dsl.i16(2),
    key: make(7),
    maybe: make(3).nullable(),
  };
  const directions = (field: string) => [
    [field, "low"],
    [{ desc: field }, "low"],
    ["side", { asc: field, when: { side: "Ask" } }, "low"],
    ["flag", { desc: "low", when: { flag: true } }, { desc: field, when: { flag: false } }],
  ];
  const indexes = [...directions("key"), ...directions("maybe"), ["maybe", { desc: "key" }]];
  const named = Object.fromEntries(indexes.map((index, at) => [`index${at}`, index]));
  const Thing = record("Thing", 3, fields as any, { indexes: named as any });
  const Do = command("Do", 1, { n: dsl.u8(1) });
  return defineSchema("keys", { records: { Thing }, commands: { Do } }) as unknown as Schema;
}

function arbitraryOf(field: FieldModel): fc.Arbitrary<any> {
  // 0 is no SysId of a record.
  const values = validValues(field).filter((value) => field.type !== "ref" || value !== 0n);
  const boundary = fc.constantFrom(...values);
  const random = (): fc.Arbitrary<any> => {
    if (["bool", "enum"].includes(field.type)) return boundary;
    if (field.type === "bytes") return fc.uint8Array({ maxLength: field.maxBytes });
    if (field.type === "text") {
      const texts = fc.string({ unit: "binary", maxLength: field.maxBytes });
      return texts.filter((text) => utf8.encode(text).length <= field.maxBytes);
    }
    const [min, max] = rangeOf(field);
    const small = /^[ui](8|16|32)$/.test(field.type);
    return fc
      .bigInt({ min: field.type === "ref" ? 1n : min, max })
      .map((value) => (small ? Number(value) : value));
  };
  const value = fc.oneof(boundary, random());
  return field.nullable ? fc.option(value, { freq: 4 }) : value;
}

const recordArbitrary = (schema: Schema): fc.Arbitrary<Values> =>
  fc.record(
    Object.fromEntries(
      modelOf(schema).kinds[0]!.fields.map((field) => [field.name, arbitraryOf(field)] as const),
    ),
  );

/** What a test of one index compares: its segments' values, in order. */
function valuesOf(schema: Schema, position: number, values: Values): unknown[] {
  const kind = modelOf(schema).kinds[0]!;
  return kind.indexes[position]!.segments.map(({ field }) => values[kind.fields[field]!.name]);
}

describe(`keys, seed ${SEED}`, () => {
  test.each(Object.keys(types))("%s", (type) => {
    const schema = schemaFor(type);
    const codec: KeyCodec = makeKeyCodec(schema);
    const kind = modelOf(schema).kinds[0]!;
    const values = recordArbitrary(schema);
    const law = fc.property(values, values, (left, right) => {
      kind.indexes.forEach((index, position) => {
        const [first, second] = [left, right].map((one) =>
          codec.encodeKey(0, position, valuesOf(schema, position, one)),
        );
        const places = [left, right].map((one) => ({ values: one, sysId: 1n }));
        const order = comparePlaces(kind, index, places[0]!, places[1]!);
        expect(first!.length, index.name).toBe(second!.length);
        expect(Math.sign(Buffer.compare(first!, second!)), index.name).toBe(Math.sign(order));
        expect(codec.decodeKey(0, position, first!), index.name).toEqual(valuesOf(schema, position, left));
      });
    });
    fc.assert(law, { numRuns: 250, seed: SEED });
  });
});
