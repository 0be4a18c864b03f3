/** Sketches: which unique keys a command's payload tells, by the names and types of its fields alone. */
import { command, defineSchema, i64, record, ref, repeated, text, u16, u32, u64 } from "statevec/schema";
import { expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { schema as exchangeSchema } from "../../examples/exchange/exchange.schema.ts";
import { modelOf } from "../../src/schema/define-schema.ts";
import { presenceBytes, slotOf } from "../../src/schema/layout.ts";
import type { KindModel, PathModel, SchemaModel } from "../../src/schema/model.ts";
import { sketchesOf } from "../../src/schema/sketches.ts";
import { buildTable } from "../../src/schema/table.ts";

/** Names in place of positions. */
function readable(model: SchemaModel, name: string) {
  const message = model.commands.find((one) => one.name === name)!;
  const sketches = sketchesOf(message, model);
  return sketches.map((sketch) => {
    const kind = model.kinds[sketch.kind]!;
    const named = (bits: number) =>
      kind.unique.filter((_, at) => (bits >> at) & 1).map((one: PathModel) => one.name);
    return {
      kind: kind.name,
      copies: sketch.copies.map(({ from, to, width }) => [fieldAt(kind, to), from, width]),
      references: sketch.references.map((one) => {
        return [fieldAt(kind, one.to), model.kinds[sketches[one.sketch]!.kind]!.name];
      }),
      unique: named(sketch.unique),
      later: named(sketch.uniqueLater),
      isReferred: sketch.isReferred,
    };
  });
}

function fieldAt(kind: KindModel, offset: number): string {
  return kind.fields[slotOf(kind.fields).offsets.indexOf(offset)]!.name;
}

test("of the exchange: the orders, and the accounts and instruments they refer to", () => {
  const model = modelOf(exchangeSchema);
  const place = model.commands.find(({ name }) => name === "PlaceOrder")!;
  const at = (name: string): number => {
    let offset = presenceBytes(place.fields);
    for (const field of place.fields) {
      if (field.name === name) return offset;
      offset += field.width;
    }
    throw new Error(name);
  };
  const found = readable(model, "PlaceOrder");
  expect(found.map(({ kind }) => kind).sort()).toEqual(["Account", "Instrument", "Order"]);
  expect(found.find(({ kind }) => kind === "Account")).toEqual({
    kind: "Account",
    copies: [["accountId", at("accountId"), 4]],
    references: [],
    unique: ["byAccountId"],
    later: [],
    isReferred: true,
  });
  const order = found.find(({ kind }) => kind === "Order")!;
  expect(order.unique).toEqual(["byOrderId"]);
  expect(order.later).toEqual(["byClientOrderId"]);
  // What no unique key has need not be known.
  expect(order.references).toEqual([["account", "Account"]]);
  expect(order.copies).toEqual([
    ["orderId", at("orderId"), 8],
    ["clientOrderId", at("clientOrderId"), 8],
  ]);
  expect(found.find(({ kind }) => kind === "Instrument")!.isReferred).toBe(false);
  expect(order.isReferred).toBe(false);
  expect(readable(model, "CancelOrder")).toMatchObject([
    { kind: "Order", unique: ["byOrderId"], references: [] },
  ]);
});

const A = record("A", 1, { id: u64(1).immutable(), other: u32(2) }, { unique: { byId: ["id"] } });
const B = record(
  "B",
  2,
  { a: ref(1, "A").immutable(), id: i64(2).immutable(), note: text(3, { maxBytes: 9 }) },
  { unique: { byA: ["a", "id"] } },
);
const model = modelOf(
  defineSchema("sketched", {
    records: { A, B },
    commands: {
      Same: command("Same", 1, { id: u64(1) }),
      OtherType: command("OtherType", 2, { id: u16(1) }),
      OtherName: command("OtherName", 3, { key: u64(1) }),
      BehindText: command("BehindText", 4, { note: text(1, { maxBytes: 9 }), id: u64(2) }),
      Nullable: command("Nullable", 5, { note: u64(1).nullable(), id: u64(2).nullable() }),
      Many: command("Many", 6, { id: repeated(u64(1), { maxItems: 3 }) }),
    },
  }),
);

test("only fields of one name and type, that stand at one place in every payload", () => {
  expect(readable(model, "Same")).toMatchObject([{ kind: "A", copies: [["id", 0, 8]], unique: ["byId"] }]);
  expect(readable(model, "OtherType")).toEqual([]);
  expect(readable(model, "OtherName")).toEqual([]);
  expect(readable(model, "BehindText")).toEqual([]);
  expect(readable(model, "Many")).toEqual([]);
  // Behind a presence byte; an absent value takes its room.
  expect(readable(model, "Nullable")).toMatchObject([{ kind: "A", copies: [["id", 9, 8]] }]);
});

test("the core table holds them", () => {
  for (const from of [model, modelOf(exchangeSchema)]) {
    const table = buildTable(from);
    let most = 0;
    from.commands.forEach((message, position) => {
      const sketches = sketchesOf(message, from);
      const words = table.subarray(table[abi.TABLE_COMMANDS_AT]! + position * abi.MESSAGE_WORDS);
      expect(words[abi.MESSAGE_SKETCHES]).toBe(sketches.length);
      let slot = 0;
      sketches.forEach((sketch, index) => {
        const entry = table.subarray(words[abi.MESSAGE_SKETCHES_AT]! + index * abi.SKETCH_WORDS);
        const run = (count: number, size: number) => {
          const at = entry[count + 1]!;
          return Array.from({ length: entry[count]! }, (_, row) => [
            ...table.subarray(at + row * size, at + (row + 1) * size),
          ]);
        };
        expect(entry[abi.SKETCH_KIND]).toBe(sketch.kind);
        expect(entry[abi.SKETCH_SLOT]).toBe(slot);
        expect(entry[abi.SKETCH_UNIQUE]).toBe(sketch.unique);
        expect(entry[abi.SKETCH_UNIQUE_LATER]).toBe(sketch.uniqueLater);
        expect(entry[abi.SKETCH_REFERRED]).toBe(sketch.isReferred ? 1 : 0);
        expect(run(abi.SKETCH_COPIES, abi.COPY_WORDS)).toEqual(
          sketch.copies.map((one) => [one.from, one.to, one.width]),
        );
        expect(run(abi.SKETCH_REFERENCES, abi.REFERENCE_WORDS)).toEqual(
          sketch.references.map((one) => [one.to, one.sketch]),
        );
        slot += sketch.slot.bytes;
      });
      most = Math.max(most, slot);
    });
    expect(table[abi.TABLE_SKETCH_BYTES]).toBe(most);
  }
});
