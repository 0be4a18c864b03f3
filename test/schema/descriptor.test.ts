/** The descriptor: one byte form, read back strictly; the drawing in the docs is that of real bytes. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { bool, command, defineSchema, enumeration, enumOf, invariant, record, u8 } from "statevec/schema";
import { expect, test } from "vitest";
import { HistoryError } from "../../src/errors.ts";
import { definitionsOf, modelOf } from "../../src/schema/define-schema.ts";
import { encodeDescriptor } from "../../src/schema/descriptor.ts";
import { decodeDescriptor } from "../../src/schema/descriptor-reader.ts";
import { fingerprintOf } from "../../src/schema/fingerprint.ts";
import { schemaOfModel } from "../../src/schema/rebuild.ts";
import { Account, Do, Done, Everything, Nothing, schema } from "./fixture.ts";

const model = modelOf(schema);
const bytes = encodeDescriptor(model);

test("decode(encode(model)) is the model", () => {
  expect(decodeDescriptor(bytes)).toEqual(model);
  expect(schema.fingerprint).toBe(fingerprintOf(bytes));
  expect(schema.fingerprint).toMatch(/^[0-9a-f]{64}$/);
});

test("definitions rebuilt from a model have that model", () => {
  const rebuilt = schemaOfModel(decodeDescriptor(bytes));
  expect(modelOf(rebuilt)).toEqual(model);
  expect(rebuilt.fingerprint).toBe(schema.fingerprint);
});

test("the model is sorted and finds its definitions", () => {
  const { records, commands, events, rejects } = definitionsOf(schema);
  expect(records.map((one) => one.definition)).toEqual([Everything, Account]);
  expect(records[0]!.definition).toBe(Everything);
  expect(records[0]!.unique.map((one) => one.definition)).toEqual([Everything.byB, Everything.byBoth]);
  expect(records[0]!.unique[1]!.definition).toBe(Everything.byBoth);
  expect(records[0]!.indexes.map((one) => one.name)).toEqual(["book", "plain", "some"]);
  expect(records[0]!.indexes[2]!.definition).toBe(Everything.some);
  expect(records[1]!.model.fields.map((field) => field.name)).toEqual([
    "currency",
    "balance",
    "owner",
    "limit",
  ]);
  expect(commands.map((one) => one.definition)).toEqual([Nothing, Do]);
  expect(events[0]!.definition).toBe(Done);
  expect(rejects.map((one) => [one.name, one.number, one.fields.length])).toEqual([
    ["NEVER", 4, 0],
    ["NO", 10, 2],
  ]);
  expect(modelOf({ ...schema } as unknown)).toBeUndefined();
  expect(Object.isFrozen(schema) && Object.isFrozen(schema.records) && Object.isFrozen(Everything.book)).toBe(
    true,
  );
});

/** A schema as small as they get, with what a test may turn around. */
function small(options: { text?: string; order?: boolean; second?: number; max?: number } = {}) {
  const A = record(
    "A",
    1,
    { a: u8(1).immutable(), b: bool(options.second ?? 2) },
    { unique: { byA: ["a"] } },
  );
  const B = record("B", 2, { s: enumOf(1, enumeration("S", { X: 1, Y: 2 })) });
  const C = command("C", 1, { n: u8(1, { max: options.max ?? 9 }) });
  const rule = invariant(1, A, options.text ?? "text", { a: { gt: 0 } });
  const records = options.order ? { B, A } : { A, B };
  return defineSchema("small", { records, commands: { C }, invariants: { RULE: rule } });
}

test("the fingerprint is blind to texts and order, and to nothing else", () => {
  const { fingerprint } = small();
  expect(small({ text: "other words" }).fingerprint).toBe(fingerprint);
  expect(small({ order: true }).fingerprint).toBe(fingerprint);
  expect(small({ second: 3 }).fingerprint).not.toBe(fingerprint);
  expect(small({ max: 8 }).fingerprint).not.toBe(fingerprint);
});

/** The worked example of docs/reference/descriptor.md, in hex. */
test("the documented bytes are those of the documented schema", () => {
  const page = readFileSync(new URL("../../docs/reference/descriptor.md", import.meta.url), "utf8");
  const block = page.split("```hex")[1]!.split("```")[0]!;
  const hex = block
    .split("\n")
    .map((line) => line.split("|")[0]!.replaceAll(/\s/g, ""))
    .join("");
  expect(hex).toBe(Buffer.from(encodeDescriptor(modelOf(small()))).toString("hex"));
});

function refusal(changed: Uint8Array): HistoryError | undefined {
  try {
    decodeDescriptor(changed);
  } catch (error) {
    expect(error).toBeInstanceOf(HistoryError);
    return error as HistoryError;
  }
  return undefined;
}

test("every changed byte is refused, or is the descriptor of another schema", () => {
  let refused = 0;
  for (let at = 0; at < bytes.length; at++) {
    for (const mask of [1, 0x10, 0x80, 0xff]) {
      const changed = bytes.slice();
      changed[at]! ^= mask;
      const error = refusal(changed);
      if (error === undefined) {
        expect(encodeDescriptor(decodeDescriptor(changed))).toEqual(changed);
        continue;
      }
      refused++;
      expect(["DAMAGED", "UNSUPPORTED_FORMAT"]).toContain(error.code);
      expect(error.offset).toBeGreaterThanOrEqual(0);
    }
  }
  expect(refused).toBeGreaterThan(bytes.length);
});

test("every cut and every tail is refused", () => {
  for (let length = 0; length < bytes.length; length++) {
    expect(refusal(bytes.subarray(0, length))?.code).toBe("DAMAGED");
  }
  expect(refusal(Uint8Array.of(...bytes, 0))?.code).toBe("DAMAGED");
});

test("a descriptor within other bytes is read with its own offsets", () => {
  const around = new Uint8Array(bytes.length + 20).fill(7);
  around.set(bytes, 9);
  expect(decodeDescriptor(around, 9, 9 + bytes.length)).toEqual(model);
  around[9] = 0;
  expect(() => decodeDescriptor(around, 9, 9 + bytes.length, 4n)).toThrow(/offset 9, seq 4/);
});

test("random bytes behind a good start end in a refusal, not in anything else", () => {
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.uint8Array({ minLength: 1, maxLength: 40 }), (at, junk) => {
      const changed = bytes.slice();
      changed.set(junk.subarray(0, bytes.length - at), at);
      refusal(changed);
    }),
    { numRuns: 500 },
  );
});
