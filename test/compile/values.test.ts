/**
 * Generated classes and the open lane make the same bytes: payloads, events, details, records, keys, bounds, and the
 * same flaws of values that have none. Every field type, required, nullable and repeated.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, test, vi } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { Bounds, putKey } from "../../src/engine/arguments.ts";
import { type BoundField, type BoundKind, bindSchema } from "../../src/engine/binding.ts";
import type { GroupCodec, Values } from "../../src/schema/codec.ts";
import type { FieldModel } from "../../src/schema/model.ts";
import { ValueFault } from "../../src/schema/value-error.ts";
import { valuesOf } from "../schema/arbitrary.ts";
import { assemble } from "./assemble.ts";
import { type Call, fieldBytes, MockCore, OpenSlots, presenceOf, ROW_AT } from "./mock-core.ts";
import { probeSources, schema } from "./probe.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 300_000 });

const binding = bindSchema(schema);
const kindOf = (name: string): BoundKind => binding.kinds.find((kind) => kind.name === name)!;
const thing = kindOf("Thing");
const kept = kindOf("Kept");
const RUNS = { numRuns: 60 };

let wasm: Uint8Array;
let core: MockCore;

beforeAll(async () => {
  wasm = (await assemble(probeSources)).wasm;
  core = new MockCore(wasm, binding, "Thing");
});

function encoded(codec: GroupCodec, values: unknown): Uint8Array {
  const target = new Uint8Array(codec.sizeMax);
  return target.slice(0, codec.encode(values, target, 0));
}

function fieldsOf(command: string): readonly FieldModel[] {
  return binding.commands.get(command)!.codec.fields.map((field) => field.field);
}

function run(command: string, values: Values): readonly Call[] {
  const { number, codec } = binding.commands.get(command)!;
  return core.command(number, encoded(codec, values));
}

function eventBytes(number: number, values: Values): Uint8Array {
  return encoded(binding.eventsByNumber.get(number)!.codec, values);
}

/** Puts a record where operations that must find one say it is. */
function placeRecord(kind: BoundKind, values: Values): void {
  core.bytes.set(new OpenSlots().record(kind, values), ROW_AT);
}

/** Compares fields of a slot with how the open lane writes them, and their presence bits. */
function expectFields(slot: Uint8Array, open: Uint8Array, fields: readonly BoundField[]): void {
  for (const field of fields) {
    expect([field.name, ...fieldBytes(slot, field)]).toEqual([field.name, ...fieldBytes(open, field)]);
    const bit = 1n << BigInt(field.position);
    expect([field.name, presenceOf(slot) & bit]).toEqual([field.name, presenceOf(open) & bit]);
  }
}

describe("messages", () => {
  test("a payload read field by field and emitted again has its own bytes", () => {
    const property = fc.property(valuesOf(fieldsOf("Copy")), (values) => {
      const [call, ...others] = run("Copy", values);
      expect(others).toEqual([]);
      expect(call).toMatchObject({ name: "opEmit", message: eventBytes(11, values) });
      expect(call!.args).toEqual([11, call!.message.length, abi.NO_FIELD, 0]);
    });
    fc.assert(property, RUNS);
  });

  test("so have lists, and what stands behind them", () => {
    const property = fc.property(valuesOf(fieldsOf("CopyLists")), (values) => {
      const [call, ...others] = run("CopyLists", values);
      expect(others).toEqual([]);
      expect(call).toMatchObject({ name: "opEmit", message: eventBytes(12, values) });
    });
    fc.assert(property, RUNS);
  });

  test("details of a reject are canonical", () => {
    const property = fc.property(valuesOf(fieldsOf("Refuse")), (values) => {
      const [call] = run("Refuse", values);
      const details = encoded(binding.rejects.get(schema.rejects.NO)!.codec, values);
      expect(call).toMatchObject({ name: "opReject", args: [7, details.length], message: details });
    });
    fc.assert(property, RUNS);
    expect(run("RefusePlainly", {})).toMatchObject([{ name: "opReject", args: [9, 0] }]);
  });
});

describe("records", () => {
  test("create writes every field as the open lane does", () => {
    const property = fc.property(valuesOf(thing.model.fields), (values) => {
      const [call, ...others] = run("Create", values);
      expect(others).toEqual([]);
      expect(call).toMatchObject({ name: "opCreate", args: [thing.position, abi.NO_FIELD, 0] });
      expectFields(call!.a, new OpenSlots().record(thing, values), thing.fields);
    });
    fc.assert(property, RUNS);
  });

  test("assigning, and making absent, write value and presence bit", () => {
    const values = valuesOf(thing.model.fields);
    const property = fc.property(values, values, (before, after) => {
      placeRecord(thing, before);
      const [get, ...calls] = run("Assign", after);
      expect(get).toMatchObject({ name: "opGet", args: [thing.position, 5n] });
      const open = new OpenSlots().record(thing, after);
      expect(calls.map((call) => call.name)).toEqual(thing.fields.map(() => "opAssign"));
      expect(new Set(calls.map((call) => call.args[1])).size).toBe(thing.fields.length);
      for (const { args, a } of calls) {
        expect(args).toEqual([ROW_AT, args[1], abi.NO_FIELD, 0]);
        expectFields(a, open, [thing.fields[args[1] as number]!]);
      }
      expectFields(core.bytes.slice(ROW_AT, ROW_AT + 2_048), open, thing.fields);
    });
    fc.assert(property, RUNS);
  });

  test.each([
    ["that may change", thing, false],
    ["that may not", kept, true],
  ])("reading fields %s gives what the open lane wrote", (_, kind, isKept) => {
    const property = fc.property(valuesOf(kind.model.fields), (values) => {
      placeRecord(kind, values);
      const [get, emit] = run("Read", { kept: isKept });
      expect(get).toMatchObject({ name: "opGet", args: [kind.position, 5n] });
      expect(emit).toMatchObject({ name: "opEmit", message: eventBytes(11, values) });
    });
    fc.assert(property, RUNS);
  });

  test("a text that was read stays what it was", () => {
    const [values] = fc.sample(valuesOf(thing.model.fields), { numRuns: 1, seed: 1 });
    placeRecord(thing, { ...values, note: "before" });
    const reject = run("Snapshot", { note: "after" }).at(-1);
    const details = encoded(binding.rejects.get(schema.rejects.NO)!.codec, { note: "before", money: null });
    expect(reject).toMatchObject({ name: "opReject", message: details });
  });
});

describe("keys", () => {
  test("unique keys stand in scratch slot A", () => {
    const key = fc.nat({ max: kept.model.unique.length - 1 });
    const verb = fc.nat({ max: 2 });
    const values = valuesOf(fieldsOf("LookUp").filter((field) => field.number < 50));
    const property = fc.property(values, key, verb, (values, key, verb) => {
      const [call, ...others] = run("LookUp", { ...values, key, verb });
      expect(others).toEqual([]);
      expect(call!.name).toBe(verb === 0 ? "opGetUnique" : "opFindUnique");
      const { name } = kept.model.unique.find((one) => one.name === ["byNumbers", "byMore", "byRest"][key])!;
      const lookup = [...binding.lookups.values()].find((one) => one.name === `Kept.${name}`)!;
      expect(call!.args).toEqual([kept.position, lookup.position]);
      const open = new OpenSlots();
      expect(
        putKey(
          open.a,
          lookup,
          lookup.key.map((field) => values[field.name]),
        ),
      ).toBeUndefined();
      for (const field of lookup.key) {
        expect(fieldBytes(call!.a, field)).toEqual(fieldBytes(open.bytesOf(false), field));
      }
    });
    fc.assert(property, { numRuns: 150 });
  });

  test("prefixes and bounds stand in both slots, as the open lane puts them", () => {
    const paths = ["more", "moreMaybe", "numbers", "numbersMaybe", "rest", "restMaybe"];
    const bound = fc.nat({ max: 2 });
    const all = valuesOf(thing.model.fields);
    const place = fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 8 }), bound, bound);
    const property = fc.property(all, all, place, (values, other, [path, depthWanted, lower, upper]) => {
      const index = [...binding.indexes.values()].find((one) => one.name === `Thing.${paths[path]}`)!;
      const { segments } = index;
      const depth = Math.min(depthWanted, segments.length);
      placeRecord(thing, other);
      const [get, ...calls] = run("Walk", { ...values, path, depth, lower, upper });
      expect(get!.name).toBe("opGet");
      expect(calls.map((call) => call.name)).toEqual(["opFirst", "opFirst", "opList", "opList", "opCount"]);

      const next = segments[depth];
      const options: Record<string, unknown> = {};
      if (next !== undefined && lower > 0) options[lower === 1 ? "from" : "after"] = values[next.name];
      if (next !== undefined && upper > 0) options[upper === 1 ? "to" : "before"] = other[next.name];
      const open = new OpenSlots();
      const bounds = new Bounds();
      const prefix = segments.slice(0, depth);
      const parts = prefix.map((field) => values[field.name]);
      expect(bounds.put(open.a, open.b, index, parts, options)).toBeUndefined();
      const range = [thing.position, index.position, depth, bounds.from, bounds.to];
      const last = [0, 1, 0, 1, 7];
      for (const [at, call] of calls.entries()) {
        expect(call.args).toEqual([...range, last[at]]);
        expectKeyFields(call.a, open.bytesOf(false), bounds.from > 0 ? segments.slice(0, depth + 1) : prefix);
        expectKeyFields(call.b, open.bytesOf(true), bounds.to > 0 ? segments.slice(0, depth + 1) : prefix);
      }
    });
    fc.assert(property, { numRuns: 400 });
  });
});

/** Of a key the core looks at the presence bits of nullable segments, and at the bytes of present ones. */
function expectKeyFields(slot: Uint8Array, open: Uint8Array, fields: readonly BoundField[]): void {
  for (const field of fields) {
    const bit = 1n << BigInt(field.position);
    if (field.model.nullable) expect(presenceOf(slot) & bit).toBe(presenceOf(open) & bit);
    if ((presenceOf(open) & bit) === 0n) continue;
    expect([field.name, ...fieldBytes(slot, field)]).toEqual([field.name, ...fieldBytes(open, field)]);
  }
}

// ---- flaws -------------------------------------------------------------------------------------------------------

interface Careless {
  readonly note: string;
  readonly raw: Uint8Array;
  readonly side: number;
  readonly wide: number;
  readonly money: bigint;
  readonly bigMoney: bigint;
  readonly lone: boolean;
}

const POWER_18 = 10n ** 18n;
const POWER_38 = 10n ** 38n;
const around = (limit: bigint, top: bigint) =>
  fc.constantFrom(0n, limit - 1n, limit, 1n - limit, -limit, top, -top - 1n);

const careless: fc.Arbitrary<Careless> = fc.record({
  note: fc.constantFrom("", "a", "twelve bytes", "thirteen bytes"),
  raw: fc.constantFrom(new Uint8Array(0), new Uint8Array(9).fill(7), new Uint8Array(10)),
  side: fc.constantFrom(0, 1, 2, 3, 257),
  wide: fc.constantFrom(0, 1, 300, 40_000, 301, 65_535),
  money: around(POWER_18, (1n << 63n) - 1n),
  bigMoney: around(POWER_38, (1n << 127n) - 1n),
  lone: fc.boolean(),
});

/** A careless value as a field's value in the open lane. */
function asOpen(values: Careless, name: string, kind: BoundKind | undefined = thing): unknown {
  const plain = name.replace(/^(maybe|all)_/, "");
  if (plain === "note") return values.lone ? "a\ud800" : values.note;
  const value = values[plain as keyof Careless];
  const { enumeration } = kind.byName.get(plain)!.model;
  return enumeration === null ? value : enumeration.nameOf.get(value as number);
}

/** The reason why the open lane can not write a value, or nothing. */
function reasonOf(field: BoundField, value: unknown): number | undefined {
  const slot = new OpenSlots().a;
  slot.start(thing);
  try {
    slot.put(field, value);
  } catch (error) {
    if (!(error instanceof ValueFault)) throw error;
    return error.reason === "range" ? 0 : abi.MISUSE_BAD_VALUE;
  }
  return undefined;
}

const CARELESS_FIELDS = thing.fields.filter((field) => {
  return ["note", "raw", "side", "wide", "money", "bigMoney"].includes(field.name);
});

/** Position and reason of the first flaw, as an operation is told of it. */
function firstFlaw(values: Careless): readonly number[] {
  for (const field of CARELESS_FIELDS) {
    const reason = reasonOf(field, asOpen(values, field.name));
    if (reason !== undefined) return [field.position, reason];
  }
  return [abi.NO_FIELD, 0];
}

describe("flaws", () => {
  const check = (how: number, judge: (calls: readonly Call[], values: Careless) => void) => {
    const property = fc.property(careless, (values) => {
      judge(run("Careless", { ...values, how }), values);
    });
    fc.assert(property, { numRuns: 200 });
  };
  const reasonFor = (name: string, values: Careless) =>
    reasonOf(thing.byName.get(name)!, asOpen(values, name));
  const BAD_ARGUMENT = [abi.WORK_LOOKUP, abi.CODE_MISUSE, abi.MISUSE_BAD_ARGUMENT];

  test("of a created record: the first by field number", () => {
    check(0, (calls, values) => {
      expect(calls).toMatchObject([{ name: "opCreate", args: [thing.position, ...firstFlaw(values)] }]);
    });
  });

  test("of an event: the same, and nothing is written where it would not fit", () => {
    check(1, (calls, values) => {
      const [position, reason] = firstFlaw(values);
      const bytes = position === abi.NO_FIELD ? calls[0]!.message.length : 0;
      expect(calls).toMatchObject([{ name: "opEmit", args: [11, bytes, position, reason] }]);
    });
  });

  test("of details: a fault with the field's number, or MISUSE", () => {
    const expected = (flaws: readonly (readonly [number, number | undefined])[]) => {
      const found = flaws.find(([, reason]) => reason !== undefined);
      if (found === undefined) return { name: "opReject" };
      const [number, reason] = found;
      const args = reason === 0 ? [abi.CODE_OVERFLOW, number] : [abi.CODE_MISUSE, abi.MISUSE_BAD_VALUE];
      return { name: "opFault", args };
    };
    check(2, (calls, values) => {
      const flaws = [[1, reasonFor("note", values)] as const, [3, reasonFor("money", values)] as const];
      expect(calls).toMatchObject([expected(flaws)]);
    });
    check(3, (calls, values) => {
      // LATE: side has number 4, bigMoney number 14.
      const flaws = [[4, reasonFor("side", values)] as const, [14, reasonFor("bigMoney", values)] as const];
      expect(calls).toMatchObject([expected(flaws)]);
    });
  });

  test("of an assigned field", () => {
    check(4, (calls, values) => {
      const assigned = [...CARELESS_FIELDS.map((field) => field.name), "maybe_note"].map((name) => {
        const { position } = thing.byName.get(name)!;
        const reason = reasonFor(name, values);
        return [ROW_AT, position, reason === undefined ? abi.NO_FIELD : position, reason ?? 0];
      });
      const given = calls.filter((call) => call.name === "opAssign").map((call) => call.args);
      const byPosition = (a: readonly unknown[], b: readonly unknown[]) => Number(a[1]) - Number(b[1]);
      expect([...given].sort(byPosition)).toEqual(assigned.sort(byPosition));
    });
  });

  test("of a key or bound: a bad argument, and no lookup", () => {
    const keyed =
      (names: readonly string[], operation: string) => (calls: readonly Call[], values: Careless) => {
        const isBad = names.some((name) => reasonFor(name, values) !== undefined);
        const expected = isBad ? [{ name: "opFaultAfter", args: BAD_ARGUMENT }] : [{ name: operation }];
        expect(calls.filter((call) => call.name !== "opStep")).toMatchObject(expected);
        // The cursor of a list that was refused takes no step.
        if (isBad) expect(calls.length).toBe(1);
      };
    check(5, keyed(["note", "raw", "wide"], "opGetUnique"));
    check(6, keyed(["note", "raw", "wide"], "opFindUnique"));
    check(7, keyed(["note", "raw", "wide"], "opFirst"));
    check(8, keyed(["note"], "opList"));
    check(9, keyed(["money"], "opCount"));
  });

  test("of an item in a list", () => {
    const lists = ["note", "raw", "side", "wide", "money", "bigMoney"];
    const { fields } = binding.eventsByNumber.get(12)!.codec;
    check(10, (calls, values) => {
      const found = fields.findIndex(({ field }) => {
        const name = field.name.replace(/^all_/, "");
        return field.repeated && lists.includes(name) && reasonFor(name, values) !== undefined;
      });
      const name = fields[found]?.field.name.replace(/^all_/, "");
      const flaw = name === undefined ? [abi.NO_FIELD, 0] : [found, reasonFor(name, values)];
      expect(calls).toMatchObject([{ name: "opEmit" }]);
      expect(calls[0]!.args.slice(2)).toEqual(flaw);
    });
  });
});
