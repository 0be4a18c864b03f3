/**
 * The SDK of sealed handlers where values alone do not show it: cursors, prefixes, texts, the running command, the arena
 * runtime, checked arithmetic. Operations are noted, not carried out.
 */
import fc from "fast-check";
import {
  bool,
  bytes,
  command,
  defineSchema,
  event,
  i64,
  record,
  text,
  u8,
  u16,
  u32,
  u64,
} from "statevec/schema";
import { beforeAll, describe, expect, test, vi } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { generateDomain } from "../../src/compile/generate/index.ts";
import { bindSchema } from "../../src/engine/binding.ts";
import type { Values } from "../../src/schema/codec.ts";
import { utf8Size, writeText } from "../../src/schema/utf8.ts";
import { assemble } from "./assemble.ts";
import { type Call, MockCore, ROW_AT } from "./mock-core.ts";

vi.setConfig({ hookTimeout: 300_000 });

const Item = record(
  "Item",
  3,
  { id: u64(1).immutable(), group: u32(2), note: text(3, { maxBytes: 20 }) },
  { unique: { byId: ["id"] }, indexes: { byGroup: ["group", "id"] } },
);
const TEXT_BYTES = 400;
const schema = defineSchema("lab", {
  records: { Item },
  commands: {
    List: command("List", 1, { limit: u32(1), reverse: bool(2), limited: bool(3) }),
    Prefixes: command("Prefixes", 2, { how: u8(1) }),
    MakeText: command("MakeText", 3, { units: bytes(1, { maxBytes: TEXT_BYTES }) }),
    Compare: command("Compare", 4, {
      a: text(1, { maxBytes: 20 }),
      b: text(2, { maxBytes: 20 }),
      c: bytes(3, { maxBytes: 20 }),
      d: bytes(4, { maxBytes: 20 }),
    }),
    Ask: command("Ask", 5, {}),
    Allocate: command("Allocate", 6, { count: u32(1) }),
    Add: command("Add", 7, { type: u8(1), operator: u8(2), a: u64(3), b: u64(4) }),
    Lose: command("Lose", 8, { how: u8(1) }),
  },
  events: {
    Number: event("Number", 1, { value: u64(1) }),
    TextMade: event("TextMade", 2, {
      valid: bool(1),
      length: u32(2),
      same: bool(3),
      text: text(4, { maxBytes: 4_096 }),
    }),
    Compared: event("Compared", 3, { texts: bool(1), differ: bool(2), bytes: bool(3), bytesDiffer: bool(4) }),
    Asked: event("Asked", 4, { seq: u64(1), at: u64(2), client: u64(3), stream: u32(4), sourceSeq: u64(5) }),
    Sum: event("Sum", 5, { sum: u64(1), text: text(2, { maxBytes: 20 }), signed: i64(3), small: u16(4) }),
  },
});

const handlers = `
import { Bytes, Cursor, Text, tx } from "statevec/assembly";
import { checkedAdd, checkedMul, checkedSub } from "statevec/assembly/sdk/checked";
import { Add, Allocate, Ask, Asked, Compare, Compared, Item, List, Lose, MakeText, Number, Prefixes, Sum, TextMade } from
  "../build/lab.schema";

export function list(cmd: List): void {
  const items = Item.byGroup;
  const cursor = cmd.limited
    ? (cmd.reverse ? items.reverse(cmd.limit) : items.list(cmd.limit))
    : (cmd.reverse ? items.reverse() : items.list());
  let count: u64 = 0;
  while (cursor.next()) count += cursor.record.id;
  cursor.next();
  cursor.close();
  Number.emit({ value: count });
}

export function prefixes(cmd: Prefixes): void {
  const group = Item.byGroup.group(1);
  if (cmd.how == 0) {
    // Values looked up in between, one prefix extended twice, and kept over both.
    const from = group.idFrom(Item.byId.get(77).id);
    const to = group.idTo(Item.byGroup.group(9).id(8).first() ? 5 : 6);
    from.first();
    to.last();
    from.idBefore(4).count(2);
    group.list();
    group.id(Item.get(3).id).first();
  }
  if (cmd.how == 1) group.idFrom(1).idAfter(2).first();
  if (cmd.how == 2) group.idTo(1).idBefore(2).list().next();
  if (cmd.how == 3) Number.emit({ value: Item.byGroup.groupFrom(3).group(4).count(5) });
  if (cmd.how == 4) {
    const item = Item.get(3);
    Item.byGroup.next(item);
    Item.byGroup.groupTo(5).prev(item);
  }
}

export function makeText(cmd: MakeText): void {
  const units: i32[] = [];
  for (let i = 0; i + 1 < cmd.units.length; i += 2) units.push(<i32>cmd.units[i] | (<i32>cmd.units[i + 1] << 8));
  const value = String.fromCharCodes(units);
  const text = Text.of(value);
  TextMade.emit({
    valid: text.isValid, length: text.length, same: text.toString() == value, text: text.isValid ? text : Text.EMPTY,
  });
}

export function compare(cmd: Compare): void {
  const c: u8[] = [];
  for (let i = 0; i < cmd.c.length; i++) c.push(cmd.c[i]);
  const copy = Bytes.of(c);
  Compared.emit({
    texts: Text.of(cmd.a.toString()) == cmd.b, differ: cmd.a != cmd.b, bytes: copy == cmd.d, bytesDiffer: cmd.c != cmd.d,
  });
}

export function ask(cmd: Ask): void {
  const source = tx.source;
  if (!source) return Asked.emit({ seq: tx.seq, at: tx.timeNs, client: 0, stream: 0, sourceSeq: 0 });
  Asked.emit({ seq: tx.seq, at: tx.timeNs, client: source.client, stream: source.stream, sourceSeq: source.seq });
}

class Box {
  value: u64;
  next: Box | null;
}

export function allocate(cmd: Allocate): void {
  const values: u64[] = [];
  let last: Box | null = null;
  for (let i: u32 = 0; i < cmd.count; i++) {
    values.push(i);
    const box: Box = { value: values[i], next: last };
    last = box;
  }
  let sum: u64 = 0;
  while (last) {
    sum += last.value;
    last = last.next;
  }
  const map = new Map<u64, u32>();
  for (let i = 0; i < values.length; i++) map.set(values[i] % 7, <u32>i);
  const words = "a,b".split(",");
  Sum.emit({ sum, text: Text.of(words[1] + cmd.count.toString()), signed: -1, small: <u16>map.size });
}

function calculate<T>(operator: u8, a: T, b: T): T {
  if (operator == 0) return checkedAdd<T>(a, b);
  return operator == 1 ? checkedSub<T>(a, b) : checkedMul<T>(a, b);
}

export function add(cmd: Add): void {
  let value: u64 = 0;
  switch (cmd.type) {
    case 0: value = calculate<u8>(cmd.operator, <u8>cmd.a, <u8>cmd.b); break;
    case 1: value = calculate<u16>(cmd.operator, <u16>cmd.a, <u16>cmd.b); break;
    case 2: value = calculate<u32>(cmd.operator, <u32>cmd.a, <u32>cmd.b); break;
    case 3: value = calculate<u64>(cmd.operator, cmd.a, cmd.b); break;
    case 4: value = <u64><i64>calculate<i8>(cmd.operator, <i8>cmd.a, <i8>cmd.b); break;
    case 5: value = <u64><i64>calculate<i16>(cmd.operator, <i16>cmd.a, <i16>cmd.b); break;
    case 6: value = <u64><i64>calculate<i32>(cmd.operator, <i32>cmd.a, <i32>cmd.b); break;
    case 7: value = <u64>calculate<i64>(cmd.operator, <i64>cmd.a, <i64>cmd.b); break;
  }
  Number.emit({ value });
}

export function lose(cmd: Lose): void {
  const cursor = Item.byGroup.list();
  if (cmd.how == 1) {
    cursor.next();
    cursor.close();
    cursor.close();
    cursor.next();
  }
  Number.emit({ value: cursor.record.id });
}
`;

const binding = bindSchema(schema);
const item = binding.kinds[0]!;
let core: MockCore;

beforeAll(async () => {
  const generated = [...(await generateDomain(schema, ""))].map(
    ([name, one]) => [`build/${name}`, one] as const,
  );
  const { wasm, messages } = await assemble(new Map([...generated, ["assembly/index.ts", handlers]]));
  expect(messages).toBe("");
  core = new MockCore(wasm, binding, "Item");
});

function run(name: string, values: Values): readonly Call[] {
  const { number, codec } = binding.commands.get(name)!;
  const payload = new Uint8Array(codec.sizeMax);
  return core.command(number, payload.slice(0, codec.encode(values, payload, 0)));
}

/** The values of the event that a call emits. */
function emitted(call: Call | undefined): Values {
  const event = binding.eventsByNumber.get(call?.args[0] as number)!;
  return event.codec.decodeExact(call!.message, 0, call!.message.length);
}

const callsOf = (calls: readonly Call[]) => calls.map(({ name, args }) => [name, ...args]);
const BAD_ARGUMENT = ["opFaultAfter", abi.WORK_LOOKUP, abi.CODE_MISUSE, abi.MISUSE_BAD_ARGUMENT];
const CURSOR = 0;

describe("a cursor", () => {
  const nat = fc.nat({ max: 5 });

  test("takes no step beyond its limit, but closes; without one it ends where the core says so", () => {
    const property = fc.property(nat, nat, fc.boolean(), fc.boolean(), (there, limit, limited, reverse) => {
      core.stepsLeft = there;
      const [list, ...rest] = callsOf(run("List", { limit, limited, reverse }));
      expect(list).toEqual(["opList", 0, 0, 0, 0, 0, reverse ? 1 : 0]);
      const reaches = limited && limit <= there;
      const steps = Array.from({ length: reaches ? limit : there + 1 }, () => ["opStep", CURSOR]);
      expect(rest.slice(0, -1)).toEqual(reaches ? [...steps, ["opClose", CURSOR]] : steps);
      expect(rest.at(-1)![0]).toBe("opEmit");
    });
    fc.assert(property);
  });

  test("is closed once, and takes no step behind that", () => {
    core.stepsLeft = 9;
    const names = run("Lose", { how: 1 }).map((call) => call.name);
    expect(names).toEqual(["opList", "opStep", "opClose", "opFault", "opEmit"]);
  });

  test("has no record before its first step: MISUSE, and a record of zeros", () => {
    const [, fault, emit] = run("Lose", { how: 0 });
    expect(fault).toMatchObject({ name: "opFault", args: [abi.CODE_MISUSE, abi.MISUSE_STALE_HANDLE] });
    expect(emitted(emit)).toEqual({ value: 0n });
  });
});

describe("a prefix", () => {
  /** What stands in a slot for a field, as a number. */
  const field = (slot: Uint8Array, name: string) => {
    const { offset, width } = item.byName.get(name)!;
    const view = new DataView(slot.buffer, slot.byteOffset);
    return width === 8 ? view.getBigUint64(offset, true) : view.getUint32(offset, true);
  };
  const { BOUND_NONE, BOUND_INCLUSIVE, BOUND_EXCLUSIVE } = abi;

  test("keeps its values, whatever is looked up in between and however often it is extended", () => {
    const { offset } = item.byName.get("id")!;
    new DataView(core.memory.buffer).setBigUint64(ROW_AT + offset, 1234n, true);
    const calls = run("Prefixes", { how: 0 });
    expect(callsOf(calls)).toEqual([
      ["opGetUnique", 0, 0],
      ["opFirst", 0, 0, 2, BOUND_NONE, BOUND_NONE, 0],
      ["opFirst", 0, 0, 1, BOUND_INCLUSIVE, BOUND_NONE, 0],
      ["opFirst", 0, 0, 1, BOUND_NONE, BOUND_INCLUSIVE, 1],
      ["opCount", 0, 0, 1, BOUND_INCLUSIVE, BOUND_EXCLUSIVE, 2],
      ["opList", 0, 0, 1, BOUND_NONE, BOUND_NONE, 0],
      ["opGet", 0, 3n],
      ["opFirst", 0, 0, 2, BOUND_NONE, BOUND_NONE, 0],
    ]);
    const [, , from, to, both, whole, , last] = calls;
    for (const call of [from, to, both, whole, last]) {
      expect([field(call!.a, "group"), field(call!.b, "group")]).toEqual([1, 1]);
    }
    expect(field(from!.a, "id")).toBe(1234n);
    expect(field(to!.b, "id")).toBe(6n);
    expect([field(both!.a, "id"), field(both!.b, "id")]).toEqual([1234n, 4n]);
    expect([field(last!.a, "id"), field(last!.b, "id")]).toEqual([1234n, 1234n]);
  });

  test("with two lower or two upper bounds, or a value behind a bound, is a bad argument", () => {
    expect(callsOf(run("Prefixes", { how: 1 }))).toEqual([BAD_ARGUMENT]);
    expect(callsOf(run("Prefixes", { how: 2 }))).toEqual([BAD_ARGUMENT]);
    const [refusal, emit] = run("Prefixes", { how: 3 });
    expect(callsOf([refusal!])).toEqual([BAD_ARGUMENT]);
    expect(emitted(emit)).toEqual({ value: 0n });
  });

  test("of no segment has neighbours of a record", () => {
    const [, ...calls] = callsOf(run("Prefixes", { how: 4 }));
    expect(calls).toEqual([
      ["opNeighbour", ROW_AT, 0, 0],
      ["opNeighbour", ROW_AT, 0, 1],
    ]);
  });
});

describe("texts and bytes", () => {
  test("a string's text is its UTF-8, or none if a surrogate stands alone", () => {
    const unit = fc.oneof(
      fc.nat({ max: 0xffff }),
      fc.constantFrom(0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0xffff),
    );
    const property = fc.property(fc.array(unit, { maxLength: TEXT_BYTES / 2 }), (units) => {
      const value = String.fromCharCode(...units);
      const payload = new Uint8Array(units.flatMap((one) => [one & 0xff, one >> 8]));
      const made = emitted(run("MakeText", { units: payload })[0]);
      const size = utf8Size(value);
      const none = { valid: false, length: 0, same: value === "", text: "" };
      expect(made).toEqual(size < 0 ? none : { valid: true, length: size, same: true, text: value });
      if (size < 0) return;
      const target = new Uint8Array(size);
      expect(writeText(target, 0, size, value)).toBe(size);
      expect(new TextDecoder("utf-8", { ignoreBOM: true }).decode(target)).toBe(made.text);
    });
    fc.assert(property, { numRuns: 300 });
  });

  test("compare by their bytes", () => {
    const some = fc.constantFrom("", "a", "b", "a\0", "ab", "é");
    const property = fc.property(some, some, (a, b) => {
      const [c, d] = [new TextEncoder().encode(a), new TextEncoder().encode(b)];
      expect(emitted(run("Compare", { a, b, c, d })[0])).toEqual({
        texts: a === b,
        differ: a !== b,
        bytes: a === b,
        bytesDiffer: a !== b,
      });
    });
    fc.assert(property);
  });
});

test("the running command says its seq, time and source", () => {
  core.answers = { opSeq: 7n, opTimeNs: 8n, opHasSource: 0 };
  expect(emitted(run("Ask", {}).at(-1))).toEqual({ seq: 7n, at: 8n, client: 0n, stream: 0, sourceSeq: 0n });
  core.answers = { opSeq: 7n, opTimeNs: 8n, opHasSource: 1, opClient: 1n, opStream: 2, opSourceSeq: 3n };
  expect(emitted(run("Ask", {}).at(-1))).toEqual({ seq: 7n, at: 8n, client: 1n, stream: 2, sourceSeq: 3n });
});

test("objects, arrays that grow, maps and strings live in the arena", () => {
  for (const count of [0, 1, 7, 1000]) {
    const sum = BigInt((count * (count - 1)) / 2);
    const made = emitted(run("Allocate", { count })[0]);
    expect(made).toEqual({ sum, text: `b${count}`, signed: -1n, small: Math.min(count, 7) });
  }
});

test("checked arithmetic is exact, or faults OVERFLOW and traps", () => {
  const widths = [8n, 16n, 32n, 64n];
  const property = fc.property(
    fc.nat({ max: 7 }),
    fc.nat({ max: 2 }),
    fc.array(fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constantFrom(0n, 1n, 2n, -1n, -2n)), {
      minLength: 2,
      maxLength: 2,
    }),
    fc.nat({ max: 64 }),
    (type, operator, [first, second], shift) => {
      const width = widths[type % 4]!;
      const wrap = type < 4 ? BigInt.asUintN : BigInt.asIntN;
      // Small operands, too, so that products are met on both sides of the limit.
      const a = wrap(Number(width), first! >> BigInt(shift));
      const b = wrap(Number(width), second!);
      const result = operator === 0 ? a + b : operator === 1 ? a - b : a * b;
      const word = (value: bigint) => BigInt.asUintN(64, value);
      const act = () => run("Add", { type, operator, a: word(a), b: word(b) });
      if (wrap(Number(width), result) === result) {
        expect(emitted(act()[0])).toEqual({ value: word(result) });
        return;
      }
      expect(act).toThrow("unreachable");
      expect(callsOf(core.calls)).toEqual([["opFault", abi.CODE_OVERFLOW, 0]]);
    },
  );
  fc.assert(property, { numRuns: 3_000 });
});
