/** Admission and commit of docs/reference/execution.md by example, for the model and the engine. */
import { describe, expect, test } from "vitest";
import { defineSchema, type Schema } from "../../src/schema/define-schema.ts";
import { bool, text } from "../../src/schema/fields.ts";
import { command, reject } from "../../src/schema/messages.ts";
import { record } from "../../src/schema/records.ts";
import {
  Account,
  FAILED,
  Happened,
  INVARIANT,
  Item,
  item,
  LIMIT,
  No,
  OVERFLOW,
  rejected,
  Script,
  type Step,
  sides,
} from "./examples.ts";

const nothing: Step = () => undefined;

describe.each(sides)("$name", ({ start }) => {
  describe("admission", () => {
    const source = (seq: bigint, stream = 0, client = 1n) => ({ source: { client, stream, seq } });

    test("the seq of a stream rises by one from 1; refused commands make no frame", () => {
      const script = new Script(start);
      expect(script.answer(nothing, source(2n))).toEqual({ refused: "GAP", expected: 1n });
      expect(script.answer(nothing, source(0n))).toEqual({ refused: "GAP", expected: 1n });
      expect(script.run(nothing, source(1n))).toMatchObject({ seq: 2n, previous: 0n, source: { seq: 1n } });
      expect(script.answer(nothing, source(1n))).toEqual({ refused: "DUPLICATE", last: 1n });
      expect(script.answer(nothing, source(0n))).toEqual({ refused: "DUPLICATE", last: 1n });
      expect(script.answer(nothing, source(3n))).toEqual({ refused: "GAP", expected: 2n });
      expect(script.run(nothing)).toMatchObject({ seq: 3n, previous: 0n, source: undefined });
      expect(script.run(nothing, source(2n))).toMatchObject({ seq: 4n, previous: 2n });
    });

    test("streams and clients count apart; rejected and faulted commands use their seq", () => {
      const script = new Script(start);
      script.run((tx) => tx.reject(No, { n: 1 }), source(1n));
      script.run((tx) => tx.get(Item, 5n), source(2n));
      script.run(nothing, source(1n, 1));
      script.run(nothing, source(1n, 0, 2n ** 64n - 1n));
      expect(script.run(nothing, source(3n))).toMatchObject({ seq: 6n, previous: 3n });
      expect(script.run(nothing, source(2n, 1))).toMatchObject({ previous: 4n });
    });

    test("new streams are refused when limit 8 is reached, known ones go on", () => {
      const script = new Script(start, { limits: { 8: 2 } });
      script.run(nothing, source(1n, 1));
      script.run(nothing, source(1n, 2));
      expect(script.answer(nothing, source(1n, 3))).toEqual({ refused: "SOURCES_FULL" });
      expect(script.answer(nothing, source(7n, 3))).toEqual({ refused: "SOURCES_FULL" });
      expect(script.answer(nothing, source(3n, 2))).toEqual({ refused: "GAP", expected: 2n });
      expect(script.run(nothing, source(2n, 2))).toMatchObject({ seq: 4n });
    });

    test("time never goes back; the handler sees what is recorded", () => {
      const script = new Script(start, { timeNs: 50n });
      const seen: unknown[] = [];
      const look: Step = (tx) => seen.push(tx.seq, tx.timeNs, tx.source);
      expect(script.run(look, { timeNs: 40n }).timeNs).toBe(50n);
      expect(script.run(look, { timeNs: 60n, ...source(1n, 3) }).timeNs).toBe(60n);
      expect(script.run(look, { timeNs: 2n ** 64n - 1n }).timeNs).toBe(2n ** 64n - 1n);
      expect(seen.slice(0, 6)).toEqual([2n, 50n, undefined, 3n, 60n, { client: 1n, stream: 3, seq: 1n }]);
    });
  });

  describe("commit", () => {
    const account = (values: object) => ({ currency: 1, balance: 0n, credit: -99n, ...values });
    function bank(...balances: bigint[]) {
      const script = new Script(start);
      script.do((tx) => {
        for (const balance of balances) tx.create(Account, account({ balance }));
      });
      return script;
    }

    test("money moves, and is neither made nor lost", () => {
      const script = bank(30n, -30n);
      const move =
        (out: bigint, back: bigint): Step =>
        (tx) => {
          const [from, to] = [tx.get(Account, 1n), tx.get(Account, 2n)];
          tx.update(from, { balance: from.balance - out });
          tx.update(to, { balance: to.balance + back });
        };
      expect(script.run(move(10n, 10n))).toMatchObject({ outcome: "committed" });
      expect(script.run(move(10n, 9n))).toMatchObject({ ...INVARIANT(1), deltas: [] });
      expect(script.run((tx) => tx.create(Account, account({ balance: 1n })))).toMatchObject(INVARIANT(1));
      expect(script.run((tx) => tx.delete(tx.get(Account, 1n)))).toMatchObject(INVARIANT(1));
      expect(script.run((tx) => tx.delete(tx.create(Account, account({ balance: 1n }))))).toMatchObject({
        outcome: "committed",
      });
      const swap = script.run((tx) => {
        tx.delete(tx.get(Account, 1n));
        tx.create(Account, account({ balance: 20n }));
      });
      expect(swap).toMatchObject({ outcome: "committed" });
    });

    test("each value of the grouping fields balances on its own", () => {
      const script = bank(5n, -5n);
      const across = script.run((tx) => {
        tx.update(tx.get(Account, 1n), { balance: 4n });
        tx.create(Account, account({ currency: 2, balance: 1n }));
      });
      expect(across).toMatchObject(INVARIANT(1));
    });

    test("comparisons hold for every touched record; they come before sums, whatever their numbers", () => {
      const script = bank(0n);
      const set = (patch: object) => script.run((tx) => tx.update(tx.get(Account, 1n), patch));
      expect(set({ credit: 1n })).toMatchObject(INVARIANT(2));
      expect(set({ credit: 0n })).toMatchObject({ outcome: "committed" });
      expect(set({ balance: -51n, credit: -60n })).toMatchObject(INVARIANT(2));
      expect(set({ balance: -50n, credit: -60n })).toMatchObject(INVARIANT(1));
      const both = script.run((tx) => {
        tx.create(Item, { ...item, amount: 13n });
        tx.update(tx.get(Account, 1n), { credit: 1n });
      });
      expect(both).toMatchObject(INVARIANT(2));
      expect(script.run((tx) => tx.create(Item, { ...item, amount: 13n }))).toMatchObject(INVARIANT(3));
      const passing = script.run((tx) => {
        const record = tx.create(Item, { ...item, amount: 13n });
        tx.update(record, { amount: 14n });
        tx.delete(tx.create(Item, { ...item, id: 2, amount: 13n }));
      });
      expect(passing).toMatchObject({ outcome: "committed" });
    });

    test("entries stand in the order of the first touch", () => {
      const script = new Script(start);
      script.do((tx) => [1, 2, 3].map((id) => tx.create(Item, { ...item, id })));
      const frame = script.do((tx) => {
        tx.update(tx.get(Item, 3n), { amount: 1n });
        tx.create(Item, { ...item, id: 4 });
        tx.delete(tx.get(Item, 1n));
        tx.update(tx.get(Item, 2n), { amount: 10n });
        tx.update(tx.get(Item, 3n), { small: 9 });
      });
      expect(frame.deltas.map(({ op, sysId }) => [op, sysId])).toEqual([
        ["update", 3n],
        ["insert", 4n],
        ["delete", 1n],
      ]);
    });

    test("limit 6 counts records created, first assigned or deleted, once each", () => {
      const script = new Script(start, { limits: { 6: 2 } });
      script.do((tx) => [1, 2].map((id) => tx.create(Item, { ...item, id })));
      script.do((tx) => tx.create(Item, { ...item, id: 3 }));
      const touch = (step: Step) => script.run(step);
      const three = touch((tx) => [1n, 2n, 3n].map((id) => tx.update(tx.get(Item, id), { amount: 10n })));
      expect(three).toMatchObject({ ...LIMIT(6), work: 100 + 30 + 2 + 1 });
      const twice = touch((tx) => [1n, 2n, 1n].map((id) => tx.update(tx.get(Item, id), { amount: 10n })));
      expect(twice).toMatchObject({ outcome: "committed", deltas: [] });
      const gone = touch((tx) => {
        for (const id of [7, 8]) tx.delete(tx.create(Item, { ...item, id }));
        tx.delete(tx.get(Item, 1n));
      });
      expect(gone).toMatchObject({ ...LIMIT(6), work: 100 + 4 * 20 + 2 + 10 + 20 });
    });

    test("limit 3 holds to the last byte of the body", () => {
      // Header 72, payload 1 + 4 + 2 + 2; event 4 + 1 + 4 + 2 + 2; delta of an item 24 + 1 + its values.
      const body = 72 + 9 + 13 + (24 + 1 + 4 + 3 + 8 + 1 + 1 + 2 + 8 + 8);
      const fill: Step = (tx) => {
        tx.emit(Happened, { n: 1, list: [] });
        tx.create(Item, item);
      };
      expect(new Script(start, { limits: { 3: body } }).run(fill)).toMatchObject({ outcome: "committed" });
      expect(new Script(start, { limits: { 3: body - 1 } }).run(fill)).toMatchObject(LIMIT(3));
    });

    test("limit 3 counts both groups of an update, with presence bytes of changed nullable fields only", () => {
      const change = (limit: number) => {
        const script = new Script(start, { limits: { 3: limit } });
        script.do((tx) => tx.create(Item, item));
        const patch = { amount: 2n, small: 2, way: "Sell", note: "abcd", price: 2n };
        return script.run((tx) => tx.update(tx.get(Item, 1n), patch));
      };
      const body = 72 + 9 + 32 + (1 + 8 + 1 + 1 + 2 + 8) + (1 + 8 + 1 + 1 + 6 + 8);
      expect(change(body)).toMatchObject({ outcome: "committed" });
      expect(change(body - 1)).toMatchObject(LIMIT(3));
    });

    test("checked arithmetic faults with field 0, division by zero fails the handler", () => {
      const script = new Script(start);
      expect(script.run((_tx, num) => num.u64.add(2n ** 64n - 1n, 1n))).toMatchObject(OVERFLOW(0));
      expect(script.run((_tx, num) => num.u64.sub(1n, 2n))).toMatchObject(OVERFLOW(0));
      expect(script.run((_tx, num) => num.i64.mul(2n ** 32n, 2n ** 31n))).toMatchObject(OVERFLOW(0));
      expect(script.run((_tx, num) => num.i64.div(1n, 0n))).toMatchObject(FAILED);
      const caught = script.run((tx, num) => {
        try {
          num.u64.sub(1n, 2n);
        } catch {}
        tx.reject(No, { n: 1 });
      });
      expect(caught).toMatchObject(OVERFLOW(0));
      const fine = script.run((tx, num) => {
        expect(num.u64.add(2n ** 63n, 1n)).toBe(2n ** 63n + 1n);
        expect(num.i64.div(-7n, 2n)).toBe(-3n);
        expect(num.i128.mul(-(2n ** 63n), 2n ** 63n)).toBe(-(2n ** 126n));
        tx.reject(No, { n: 2 });
      });
      expect(fine).toMatchObject(rejected(2));
    });
  });

  describe("limit 9", () => {
    const Page: any = record("Page", 1, {
      a: text(1, { maxBytes: 4096 }),
      b: text(2, { maxBytes: 4096 }),
      c: text(3, { maxBytes: 4096 }),
    });
    const Wide: any = record("Wide", 2, { a: text(1, { maxBytes: 4090 }) });
    /** 64 + 1 + 102 bytes, and 32 + 2 x 102 more in the index: more than is left when no other fits. */
    const Flag: any = record(
      "Flag",
      3,
      { on: bool(1), key: text(2, { maxBytes: 100 }) },
      { indexes: { raised: { on: ["key"], where: { on: [true] } } } },
    );
    const Stop: any = reject(1, "Stop.");
    const Do = command("Do", 1, { n: text(1, { maxBytes: 1 }) });
    const parts = { records: { Page, Wide, Flag }, commands: { Do }, rejects: { Stop } };
    const schema = defineSchema("pages", parts) as unknown as Schema;
    const page = { a: "", b: "", c: "" };
    const PAGE = 64 + 3 * (2 + 4096);
    const count = Math.floor(2 ** 20 / PAGE);

    function full() {
      let step: Step = nothing;
      const side = start(schema, () => ({ Do: (tx: any) => step(tx, undefined) }), { limits: { 9: 1 } });
      const run = (next: Step) => {
        step = next;
        const answer = side.execute({ name: "Do", payload: { n: "" }, timeNs: 0n });
        if ("refused" in answer) throw new Error(answer.refused);
        return answer.frame;
      };
      for (let made = 0; made < count; made += 1) {
        expect(run((tx) => tx.create(Page, page))).toMatchObject({ outcome: "committed" });
      }
      const left = 2 ** 20 - count * PAGE;
      expect(left).toBeLessThan(PAGE);
      expect(run((tx) => tx.create(Page, page))).toMatchObject(LIMIT(9));
      for (let made = 0; made < Math.floor(left / (64 + 4092)); made += 1) {
        expect(run((tx) => tx.create(Wide, { a: "" }))).toMatchObject({ outcome: "committed" });
      }
      expect(run((tx) => tx.create(Wide, { a: "" }))).toMatchObject(LIMIT(9));
      return run;
    }

    test("the size of the state counts whole widths, and holds to the last record", () => {
      const run = full();
      const exchanged = run((tx) => {
        tx.delete(tx.get(Page, 1n));
        tx.create(Page, page);
      });
      expect(exchanged).toMatchObject({ outcome: "committed" });
    });

    test("an entry that an update makes counts when it settles, not before", () => {
      const run = full();
      let first = 0n;
      for (;;) {
        const frame = run((tx) => tx.create(Flag, { on: false, key: "" }));
        if (frame.outcome !== "committed") break;
        first ||= frame.deltas[0]!.sysId;
      }
      const raise = (tx: any) => {
        const flag = tx.get(Flag, first);
        tx.update(flag, { on: true });
        return flag;
      };
      expect(run(raise)).toMatchObject(LIMIT(9));
      expect(run((tx) => [raise(tx), tx.get(Page, 2n ** 60n)])).toMatchObject(LIMIT(9));
      expect(run((tx) => [raise(tx), tx.reject(Stop)])).toMatchObject({ outcome: "rejected", code: 1 });
      expect(run((tx) => tx.update(raise(tx), { on: false }))).toMatchObject({
        outcome: "committed",
        deltas: [],
      });
      expect(run((tx) => tx.delete(raise(tx)))).toMatchObject(LIMIT(9));
      const exchanged = run((tx) => {
        tx.delete(tx.get(Page, 1n));
        raise(tx);
      });
      expect(exchanged.deltas.map(({ op }) => op)).toEqual(["delete", "update"]);
    });
  });
});
