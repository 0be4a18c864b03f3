/** Each rule of docs/reference/execution.md by example: expectations written by hand, for the model and the engine. */
import { describe, expect, test } from "vitest";
import * as example from "./examples.ts";
import {
  Account,
  Happened,
  ITEM_BYTES,
  Item,
  item,
  LIMIT,
  MISUSE,
  No,
  OVERFLOW,
  Script,
} from "./examples.ts";

const BASE = 100;
/** Work for one created item whose values start the first unit of 64 bytes. */
const CREATE = 20 + 1;
const add = (more: object) => (tx: any) => tx.create(Item, { ...item, ...more });
const ids = (list: Iterable<any>) => [...list].map((record) => record.id);

describe.each(example.sides)("$name", ({ start }) => {
  const script = (limits: Record<number, number> = {}, timeNs = 0n) => new Script(start, { limits, timeNs });

  describe("the order of a command", () => {
    test("frame 1 opens the epoch with all limits", () => {
      const limits = [500, 65_536, 1_048_576, 10_000, 524_288, 10_000, 64, 65_536, 3_072];
      expect(script({ 1: 500 }, 7n).first).toMatchObject({
        seq: 1n,
        timeNs: 7n,
        epoch: 1,
        kind: 0xf000,
        outcome: "committed",
        payload: { lane: 1, semantics: 1, revision: 1, limits },
      });
    });

    test("an empty command commits frame 2 and costs 100", () => {
      expect(script().run(() => undefined)).toEqual({
        seq: 2n,
        timeNs: 0n,
        epoch: 1,
        kind: 9,
        outcome: "committed",
        code: 0,
        detail: {},
        source: undefined,
        previous: 0n,
        sysIdsUsed: 0,
        payload: { step: 1, list: [], nick: null },
        deltas: [],
        events: [],
        work: BASE,
      });
    });

    test("work is charged before the payload is checked", () => {
      const broken = { payload: { step: 100 } };
      expect(script({ 1: 99 }).run(() => undefined, broken)).toMatchObject(example.OUT_OF_WORK);
      expect(script({ 1: 100 }).run(() => undefined, broken)).toMatchObject({
        code: 60000,
        detail: { field: 1 },
      });
    });

    test("payload checks go by field number, element by element, past absent fields", () => {
      const run = (payload: object) => script().run(() => undefined, { payload: { ...payload } });
      const broken = (field: number) => ({ outcome: "rejected", code: 60000, detail: { field } });
      expect(run({ step: 99, list: [-1, 127], nick: null })).toMatchObject({ outcome: "committed" });
      expect(run({ step: 99, list: [-1, -2], nick: "" })).toMatchObject(broken(2));
      expect(run({ list: [-1, -2] })).toMatchObject(broken(4));
    });

    test("an ordinary throw is HANDLER_FAILED and leaves nothing", () => {
      const { run, do: commit } = bound(script());
      const failed = run((tx) => {
        tx.create(Item, item);
        tx.emit(Happened, { n: 1, list: [] });
        throw new RangeError("no");
      });
      expect(failed).toMatchObject({ ...example.FAILED, deltas: [], events: [], sysIdsUsed: 0 });
      expect(run(() => 1n / BigInt(0))).toMatchObject(example.FAILED);
      expect(commit(add({})).deltas[0]).toMatchObject({ sysId: 1n });
    });

    test("the first cause wins over whatever a catch does next", () => {
      const { run } = bound(script());
      const refused = run((tx) => {
        try {
          tx.reject(No, { n: 1 });
        } catch {}
        try {
          tx.create(Item, item);
        } catch {}
        try {
          tx.get(Item, 9n);
        } catch {}
        throw new Error("late");
      });
      expect(refused).toMatchObject({ ...example.rejected(1), work: BASE, deltas: [] });
      const faulted = run((tx) => {
        try {
          tx.get(Item, 9n);
        } catch {}
        tx.reject(No, { n: 1 });
      });
      expect(faulted).toMatchObject({ ...example.MISSING(5), work: BASE + 10 });
    });
  });

  describe("work", () => {
    test("values written are counted over the whole command, in started units of 64 bytes", () => {
      const { do: commit } = bound(script());
      // 34 bytes and a label of 1 byte each: 35, 70, 105, 140.
      const four = commit((tx) => {
        for (const id of [1, 2, 3, 4]) tx.create(Item, { ...item, id });
      });
      expect(four.work).toBe(BASE + 4 * 20 + Math.ceil((4 * (ITEM_BYTES + 1)) / 64));
      const one = commit((tx) => tx.update(tx.find(Item.byId, 1), { amount: 11n, note: "abcd" }));
      expect(one.work).toBe(BASE + 10 + 2 + 1);
    });

    test("a unit is charged when its first byte is written", () => {
      const { do: commit } = bound(script());
      const emit = (text: string) => commit((tx) => tx.emit(Happened, { n: 1, text, list: [1] })).work;
      // n 4, text 2 + length, list 2 + 1
      expect(emit("x".repeat(64 - 9))).toBe(BASE + 10 + 1);
      expect(emit("x".repeat(64 - 8))).toBe(BASE + 10 + 2);
    });

    test("every operation has its charge", () => {
      const { do: commit } = bound(script());
      for (const id of [1, 2, 3]) commit(add({ id }));
      const cost = (step: example.Step) => commit(step).work - BASE;
      expect(cost((tx) => tx.find(Item, 1n))).toBe(10);
      expect(cost((tx) => tx.get(Item.byId, 1))).toBe(10);
      expect(cost((tx) => tx.exists(Item.byLabel, "a", 9))).toBe(10);
      expect(cost((tx) => tx.first(Item.book, []))).toBe(10);
      expect(cost((tx) => tx.last(Item.book, ["Buy"]))).toBe(10);
      expect(cost((tx) => tx.next(Item.book, tx.find(Item, 1n)))).toBe(20);
      expect(cost((tx) => tx.count(Item.book, [], { limit: 2 }))).toBe(10 + 4);
      expect(cost((tx) => tx.count(Item.book, [], { limit: 3 }))).toBe(10 + 6);
      expect(cost((tx) => tx.count(Item.book, [], { limit: 4 }))).toBe(10 + 8);
      expect(cost((tx) => tx.list(Item.book, []))).toBe(10);
      expect(cost((tx) => ids(tx.list(Item.book, [])))).toBe(10 + 8);
      expect(cost((tx) => ids(tx.list(Item.book, [], { limit: 3 })))).toBe(10 + 6);
      expect(cost((tx) => ids(tx.list(Item.book, [], { limit: 0 })))).toBe(10);
      expect(cost((tx) => tx.delete(tx.find(Item, 3n)))).toBe(30);
      expect(cost((tx) => [tx.seq, tx.timeNs, tx.source, tx.update(tx.find(Item, 1n), {})])).toBe(10);
    });

    test("the budget holds to the last unit", () => {
      const create = (limit: number) => bound(script({ 1: limit })).run(add({}));
      expect(create(BASE + CREATE)).toMatchObject({ outcome: "committed", work: BASE + CREATE });
      expect(create(BASE + CREATE - 1)).toMatchObject(example.OUT_OF_WORK);
      expect(create(BASE + 19)).toMatchObject({ ...example.OUT_OF_WORK, work: BASE });
    });
  });

  describe("create", () => {
    test("makes an insert of all fields, revision 1, the next SysId", () => {
      const { do: commit } = bound(script());
      const frame = commit((tx) => {
        const record = tx.create(Item, { ...item, note: "n" });
        expect([record.sysId, record.revision, record.amount, record.note, record.owner]).toEqual([
          1n,
          1,
          10n,
          "n",
          null,
        ]);
      });
      const after = { ...item, note: "n", owner: null };
      expect(frame.deltas).toEqual([
        { op: "insert", kind: 5, sysId: 1n, revision: 1, previous: 0n, before: null, after },
      ]);
      expect(frame.sysIdsUsed).toBe(1);
    });

    test("a taken unique key rejects, naming the first in name order", () => {
      const { do: commit, run } = bound(script());
      commit(add({ id: 1, label: "a" }));
      const taken = (position: number) => ({
        outcome: "rejected",
        code: 60001,
        detail: { kind: 5, position },
      });
      expect(run(add({ id: 1, label: "a" }))).toMatchObject(taken(0));
      expect(run(add({ id: 1, label: "b" }))).toMatchObject(taken(0));
      expect(run(add({ id: 2, label: "a" }))).toMatchObject({ outcome: "committed" });
    });

    test("values are judged in number order, before keys and limits", () => {
      const { do: commit, run } = bound(script({ 6: 1 }));
      commit(add({}));
      expect(run(add({ amount: -1n, id: "1" }))).toMatchObject(MISUSE(4));
      expect(run(add({ amount: -1n, small: 256 }))).toMatchObject(OVERFLOW(3));
      expect(run(add({ small: 256 }))).toMatchObject(OVERFLOW(4));
      expect(run(add({ price: 10_000n }))).toMatchObject(OVERFLOW(8));
      expect(run(add({ note: "12345" }))).toMatchObject(OVERFLOW(6));
      expect(run(add({ label: "\ud800" }))).toMatchObject(MISUSE(4));
      expect(run(add({ way: "Hold" }))).toMatchObject(MISUSE(4));
      expect(run(add({ amount: null }))).toMatchObject(MISUSE(4));
      expect(run(add({ amount: undefined }))).toMatchObject(MISUSE(4));
      expect(run(add({ small: 0.5 }))).toMatchObject(MISUSE(4));
      const second = run((tx) => [tx.create(Item, { ...item, id: 8 }), tx.create(Item, { ...item, id: 8 })]);
      expect(second).toMatchObject(LIMIT(6));
    });

    test("a bad reference is MISUSE 1, a dead one is accepted and finds nothing", () => {
      const { do: commit, run } = bound(script());
      commit(add({}));
      commit((tx) => tx.create(Account, { currency: 1, balance: 0n, credit: 0n }));
      for (const owner of [0n, 3n, 2n]) expect(run(add({ id: 9, owner }))).toMatchObject(MISUSE(1));
      expect(run(add({ id: 9, owner: -1n }))).toMatchObject(OVERFLOW(7));
      commit((tx) => {
        tx.create(Item, { ...item, id: 2, owner: 1n });
        tx.delete(tx.get(Item, 1n));
        const heir = tx.create(Item, { ...item, id: 3, owner: 1n });
        expect(tx.find(Item, heir.owner)).toBeUndefined();
      });
    });
  });

  describe("update", () => {
    test("makes one entry of the changed fields, raises the revision, links the frames", () => {
      const { do: commit } = bound(script());
      commit(add({}));
      const frame = commit((tx) => {
        const record = tx.get(Item, 1n);
        tx.update(record, { amount: 11n, small: 1, note: "x", price: undefined });
        tx.update(record, { amount: 12n });
        expect([record.amount, record.note, record.revision]).toEqual([12n, "x", 1]);
      });
      expect(frame.deltas).toEqual([
        {
          op: "update",
          kind: 5,
          sysId: 1n,
          revision: 2,
          previous: 2n,
          before: { amount: 10n, note: null },
          after: { amount: 12n, note: "x" },
        },
      ]);
      const next = commit((tx) => tx.update(tx.get(Item, 1n), { note: null }));
      expect(next.deltas[0]).toMatchObject({
        revision: 3,
        previous: 3n,
        before: { note: "x" },
        after: { note: null },
      });
    });

    test("one that changes no byte leaves no entry, no revision, no link", () => {
      const { do: commit } = bound(script());
      commit(add({}));
      const same = commit((tx) => tx.update(tx.get(Item, 1n), { amount: 10n }));
      const back = commit((tx) => {
        tx.update(tx.get(Item, 1n), { amount: 11n });
        tx.update(tx.get(Item, 1n), { amount: 10n });
      });
      expect([same.deltas, same.work, back.deltas]).toEqual([[], BASE + 10 + 1 + 1, []]);
      const real = commit((tx) => tx.update(tx.get(Item, 1n), { amount: 11n }));
      expect(real.deltas[0]).toMatchObject({ revision: 2, previous: 2n });
    });

    test("judges each field in number order, charging 1 before", () => {
      const { do: commit, run } = bound(script());
      commit(add({}));
      const update = (patch: object) => run((tx) => tx.update(tx.get(Item, 1n), patch));
      expect(update({ price: -10_000n, amount: 1n })).toMatchObject({
        ...OVERFLOW(8),
        work: BASE + 10 + 2 + 1,
      });
      expect(update({ id: 1 })).toMatchObject({ ...MISUSE(5), work: BASE + 10 + 1 });
      expect(update({ id: "no value" })).toMatchObject(MISUSE(5));
      expect(update({ amount: 2n ** 64n })).toMatchObject(OVERFLOW(3));
      expect(update({ amount: 1 })).toMatchObject(MISUSE(4));
      expect(update({ owner: 2n })).toMatchObject(MISUSE(1));
      expect(update({ owner: 1n })).toMatchObject({ outcome: "committed" });
      expect(update({ way: null })).toMatchObject(MISUSE(4));
    });
  });

  describe("delete", () => {
    test("makes an entry with the values and revision that the record had before the command", () => {
      const { do: commit } = bound(script());
      commit(add({}));
      const frame = commit((tx) => {
        const record = tx.get(Item, 1n);
        tx.update(record, { amount: 99n });
        tx.delete(record);
        expect([record.amount, record.sysId]).toEqual([99n, 1n]);
        expect(tx.find(Item, 1n)).toBeUndefined();
        expect(tx.exists(Item.byId, 1)).toBe(false);
      });
      const before = { ...item, note: null, owner: null };
      expect(frame.deltas).toEqual([
        { op: "delete", kind: 5, sysId: 1n, revision: 1, previous: 2n, before, after: null },
      ]);
    });

    test("a record created and deleted leaves no entry; its SysId is used", () => {
      const { do: commit } = bound(script());
      const frame = commit((tx) => tx.delete(tx.create(Item, item)));
      expect([frame.deltas, frame.sysIdsUsed]).toEqual([[], 1]);
      expect(commit(add({})).deltas[0]).toMatchObject({ sysId: 2n });
    });

    test("a deleted record can be read, not written; an empty patch looks at nothing", () => {
      const { do: commit, run } = bound(script());
      commit(add({}));
      const gone = (step: (tx: any, record: any) => unknown) =>
        run((tx) => {
          const record = tx.get(Item, 1n);
          tx.delete(record);
          return step(tx, record);
        });
      expect(gone((tx, record) => tx.update(record, { amount: 1n }))).toMatchObject(MISUSE(2));
      expect(gone((tx, record) => tx.delete(record))).toMatchObject({
        ...MISUSE(2),
        work: BASE + 10 + 20 + 20,
      });
      expect(gone((tx, record) => tx.update(record, { amount: undefined }))).toMatchObject({
        outcome: "committed",
      });
    });

    test("frees its keys at once", () => {
      const { do: commit } = bound(script());
      commit(add({}));
      const frame = commit((tx) => {
        tx.delete(tx.get(Item, 1n));
        tx.create(Item, item);
      });
      expect(frame.deltas.map(({ op, sysId }) => [op, sysId])).toEqual([
        ["delete", 1n],
        ["insert", 2n],
      ]);
    });
  });

  describe("lookups and arguments", () => {
    test("get of a missing record faults with its kind, after the charge", () => {
      const { run } = bound(script());
      expect(run((tx) => tx.get(Item, 1n))).toMatchObject({ ...example.MISSING(5), work: BASE + 10 });
      expect(run((tx) => tx.get(Account, 1n))).toMatchObject(example.MISSING(2));
      expect(run((tx) => tx.get(Item.byId, 1))).toMatchObject(example.MISSING(5));
    });

    test("a SysId finds only records of its kind, and nothing if it is none", () => {
      const { do: commit } = bound(script());
      commit(add({}));
      commit((tx) => {
        expect(tx.find(Account, 1n)).toBeUndefined();
        expect(tx.find(Item, 0n)).toBeUndefined();
        expect(tx.exists(Item, 2n ** 64n - 1n)).toBe(false);
        expect(tx.find(Item, 1n).id).toBe(1);
      });
    });

    test("what is no value of a key or bound is MISUSE 6, after the charge", () => {
      const { run } = bound(script());
      const bad = (step: example.Step) => expect(run(step)).toMatchObject({ ...MISUSE(6), work: BASE + 10 });
      bad((tx) => tx.find(Item, 1));
      bad((tx) => tx.find(Item, -1n));
      bad((tx) => tx.find(Item, 2n ** 64n));
      bad((tx) => tx.find(Item.byId, "1"));
      bad((tx) => tx.find(Item.byId, 2 ** 32));
      bad((tx) => tx.find(Item.byLabel, "a"));
      bad((tx) => tx.find(Item.byLabel, null, 1));
      bad((tx) => tx.find(Item.byLabel, "123456789", 1));
      bad((tx) => tx.first(Item.book, ["Hold"]));
      bad((tx) => tx.first(Item.book, ["Buy", 1n, 2n]));
      bad((tx) => tx.first(Item.book, [undefined, 1n]));
      bad((tx) => tx.first(Item.book, ["Buy"], { from: null }));
      bad((tx) => tx.first(Item.book, ["Buy", 1n], { from: 1n }));
      bad((tx) => tx.last(Item.book, ["Buy"], { from: 1n, after: 1n }));
      bad((tx) => tx.list(Item.book, ["Buy"], { to: 1n, before: 1n }));
      bad((tx) => tx.list(Item.book, [], { limit: -1 }));
      bad((tx) => tx.count(Item.book, [], {}));
      bad((tx) => tx.count(Item.book, [], { limit: 0.5 }));
    });

    test("a neighbour is sought for a record of the index's kind", () => {
      const { do: commit, run } = bound(script());
      commit((tx) => tx.create(Account, { currency: 1, balance: 0n, credit: 0n }));
      const wrong = run((tx) => tx.next(Item.book, tx.get(Account, 1n)));
      expect(wrong).toMatchObject({ ...MISUSE(6), work: BASE + 20 });
    });
  });

  describe("events and rejects", () => {
    test("an event holds its values, absent ones included", () => {
      const { do: commit } = bound(script());
      const list = [1, 2];
      const frame = commit((tx) => {
        tx.emit(Happened, { n: 1, list });
        list.push(3);
        tx.emit(Happened, { n: 2, text: "é", list: [] });
      });
      expect(frame.events).toEqual([
        { number: 1, values: { n: 1, text: null, list: [1, 2] } },
        { number: 1, values: { n: 2, text: "é", list: [] } },
      ]);
    });

    test("values of events and details are judged in number order", () => {
      const { run } = bound(script());
      const emit = (values: object) => run((tx) => tx.emit(Happened, { n: 1, list: [], ...values }));
      expect(emit({ n: -1 })).toMatchObject({ ...OVERFLOW(1), work: BASE + 10 });
      expect(emit({ list: [1, 256] })).toMatchObject(OVERFLOW(3));
      expect(emit({ list: [1, "2"] })).toMatchObject(MISUSE(4));
      expect(emit({ list: [1, 2, 3, 4] })).toMatchObject(OVERFLOW(3));
      expect(emit({ list: undefined })).toMatchObject(MISUSE(4));
      expect(run((tx) => tx.reject(No, { n: 3, why: "so" }))).toMatchObject(example.rejected(3, "so"));
      expect(run((tx) => tx.reject(No, { n: 256, why: 1 }))).toMatchObject(OVERFLOW(1));
      expect(run((tx) => tx.reject(No, { n: 1, why: 1 }))).toMatchObject(MISUSE(4));
    });

    test("limits 4 and 5 hold to the last event and byte", () => {
      const emit = (limits: Record<number, number>, text: string) =>
        bound(script(limits)).run((tx) => {
          tx.emit(Happened, { n: 1, list: [] });
          tx.emit(Happened, { n: 1, text, list: [] });
        });
      // 4 of the header, 1 of presence, n 4, text 2, list 2
      expect(emit({ 4: 2, 5: 13 + 13 + 5 }, "12345")).toMatchObject({ outcome: "committed" });
      expect(emit({ 4: 1 }, "")).toMatchObject({ ...LIMIT(4), work: BASE + 20 + 1 });
      expect(emit({ 5: 13 + 13 + 4 }, "12345")).toMatchObject({ ...LIMIT(5), work: BASE + 20 + 1 });
    });
  });
});

/** Methods of a script, to be called without it. */
function bound(script: Script) {
  return { run: script.run.bind(script), do: script.do.bind(script), answer: script.answer.bind(script) };
}
