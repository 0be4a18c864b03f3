/** Index order, ranges and cursors of docs/reference/execution.md by example, for the model and the engine. */
import { describe, expect, test } from "vitest";
import { Item, item, LIMIT, MISUSE, OUT_OF_WORK, Script, type Step, sides } from "./examples.ts";

describe.each(sides)("$name", ({ start }) => {
  /** Buys of 10, 20, 20, 30 (ids 1, 2, 3, 4) and sells of 10, 20 (ids 5, 6); Buy orders by amount, largest first. */
  function book(limits: Record<number, number> = {}) {
    const script = new Script(start, { limits });
    script.do((tx) => {
      const amounts = [10n, 20n, 20n, 30n, 10n, 20n];
      amounts.forEach((amount, at) => {
        tx.create(Item, { ...item, id: at + 1, amount, way: at < 4 ? "Buy" : "Sell" });
      });
    });
    return {
      ids: (step: (tx: any) => Iterable<any>) => {
        const ids: number[] = [];
        script.do((tx) => {
          for (const { id } of step(tx)) ids.push(id);
        });
        return ids;
      },
      do: (step: Step) => script.do(step),
      run: (step: Step) => script.run(step),
    };
  }

  test("a conditional segment turns with the other field; SysId breaks ties, rising", () => {
    const { ids } = book();
    expect(ids((tx) => tx.list(Item.book, ["Buy"]))).toEqual([4, 2, 3, 1]);
    expect(ids((tx) => tx.list(Item.book, ["Sell"]))).toEqual([5, 6]);
    expect(ids((tx) => tx.list(Item.book, []))).toEqual([4, 2, 3, 1, 5, 6]);
    expect(ids((tx) => tx.list(Item.book, [], { reverse: true }))).toEqual([6, 5, 1, 3, 2, 4]);
    expect(ids((tx) => tx.list(Item.book, ["Buy", 20n], { reverse: true }))).toEqual([3, 2]);
    expect(ids((tx) => tx.list(Item.book, ["Both"]))).toEqual([]);
  });

  test("bounds hold in index order on the segment behind the prefix", () => {
    const { ids } = book();
    const range = (options: object) => ids((tx) => tx.list(Item.book, ["Buy"], options));
    expect(range({ from: 20n })).toEqual([2, 3, 1]);
    expect(range({ after: 20n })).toEqual([1]);
    expect(range({ to: 20n })).toEqual([4, 2, 3]);
    expect(range({ before: 20n })).toEqual([4]);
    expect(range({ from: 30n, before: 10n, reverse: true })).toEqual([3, 2, 4]);
    expect(range({ from: 10n, to: 20n })).toEqual([]);
    expect(range({ from: undefined, to: 25n })).toEqual([4]);
    expect(ids((tx) => tx.list(Item.book, [], { from: "Sell" }))).toEqual([5, 6]);
    expect(ids((tx) => tx.list(Item.book, ["Buy"], { limit: 2, reverse: true }))).toEqual([1, 3]);
  });

  test("first, last and count take the same ranges", () => {
    const { do: commit } = book();
    commit((tx) => {
      expect(tx.first(Item.book, ["Buy"]).id).toBe(4);
      expect(tx.first(Item.book, ["Buy"], { after: 30n }).id).toBe(2);
      expect(tx.last(Item.book, ["Buy"], { before: 10n }).id).toBe(3);
      expect(tx.first(Item.book, ["Sell"], { after: 20n })).toBeUndefined();
      expect(tx.count(Item.book, ["Buy"], { from: 20n, limit: 9 })).toBe(3);
      expect(tx.count(Item.book, ["Buy"], { limit: 2 })).toBe(2);
      expect(tx.count(Item.book, ["Buy"], { limit: 0 })).toBe(0);
    });
  });

  test("absent comes first, in a descending segment last; null is a bound", () => {
    const { do: commit, ids } = book();
    commit((tx) => {
      for (const [id, note] of Object.entries({ 1: "b", 2: "a", 3: "a\0", 4: "" })) {
        tx.update(tx.get(Item.byId, Number(id)), { note });
      }
    });
    expect(ids((tx) => tx.list(Item.notes, []))).toEqual([1, 3, 2, 4, 5, 6]);
    expect(ids((tx) => tx.list(Item.notes, [], { from: null }))).toEqual([5, 6]);
    expect(ids((tx) => tx.list(Item.notes, [], { before: null, after: "a" }))).toEqual([4]);
    expect(ids((tx) => tx.list(Item.notes, [null]))).toEqual([5, 6]);
  });

  test("a partial index holds what its condition says, also while a command runs", () => {
    const { do: commit, ids } = book();
    expect(ids((tx) => tx.list(Item.open, []))).toEqual([1, 2, 3, 4]);
    commit((tx) => {
      tx.update(tx.get(Item.byId, 5), { way: "Both" });
      tx.update(tx.get(Item.byId, 2), { way: "Sell" });
      expect([...tx.list(Item.open, [])].map(({ id }) => id)).toEqual([1, 5, 3, 4]);
      // A record outside the index has neighbours all the same.
      expect(tx.next(Item.open, tx.get(Item.byId, 2)).id).toBe(3);
      expect(tx.prev(Item.open, tx.get(Item.byId, 2)).id).toBe(5);
    });
    expect(ids((tx) => tx.list(Item.open, []))).toEqual([1, 5, 3, 4]);
  });

  test("a cursor goes on strictly after what it returned, whatever happens to that record", () => {
    const { run } = book();
    const met: number[] = [];
    run((tx) => {
      for (const record of tx.list(Item.book, ["Buy"])) {
        met.push(record.id);
        if (record.id === 4) tx.delete(record);
        // Moved behind: met again. Moved to the front: the cursor is past it.
        if (record.id === 2 && met.filter((id) => id === 2).length === 1) tx.update(record, { amount: 5n });
        if (record.id === 3) tx.update(record, { amount: 99n });
        if (record.id === 3) tx.create(Item, { ...item, id: 7, amount: 7n });
      }
    });
    expect(met).toEqual([4, 2, 3, 1, 7, 2]);
  });

  test("next and prev walk the whole index from the values that the record has now", () => {
    const { do: commit } = book();
    commit((tx) => {
      const record = tx.get(Item.byId, 1);
      expect(tx.next(Item.book, record).id).toBe(5);
      tx.update(record, { amount: 25n });
      expect([tx.prev(Item.book, record).id, tx.next(Item.book, record).id]).toEqual([4, 2]);
      tx.delete(record);
      expect([tx.prev(Item.book, record).id, tx.next(Item.book, record).id]).toEqual([4, 2]);
      expect(tx.next(Item.book, tx.get(Item.byId, 6))).toBeUndefined();
      expect(tx.prev(Item.book, tx.get(Item.byId, 4))).toBeUndefined();
    });
  });

  test("a cursor is open until its end, its limit or the way out of the loop", () => {
    const { run } = book({ 7: 2 });
    const open = (tx: any, options?: object) => tx.list(Item.book, ["Sell"], options)[Symbol.iterator]();
    expect(run((tx) => [open(tx), open(tx), open(tx)])).toMatchObject({ ...LIMIT(7), work: 130 });
    const closing = (close: (cursor: Iterator<unknown>, tx: any) => void, options?: object) =>
      run((tx) => {
        open(tx);
        close(open(tx, options), tx);
        open(tx);
      }).outcome;
    expect(closing((cursor) => cursor.return?.())).toBe("committed");
    expect(closing((cursor) => [cursor.next(), cursor.next(), cursor.next()])).toBe("committed");
    expect(closing((cursor) => [cursor.next(), cursor.next()])).toBe("faulted");
    expect(closing((cursor) => [cursor.next(), cursor.next()], { limit: 1 })).toBe("committed");
    expect(closing((cursor) => [cursor.next()], { limit: 1 })).toBe("faulted");
    const nested = run((tx) => {
      for (const _ of tx.list(Item.book, [])) {
        for (const _inner of tx.list(Item.book, [])) break;
        for (const _inner of tx.list(Item.book, [], { limit: 1 }));
      }
    });
    expect(nested.outcome).toBe("committed");
  });

  test("steps after the end are free; each step before is charged 2", () => {
    const { run } = book();
    const work = run((tx) => {
      const cursor = tx.list(Item.book, ["Sell"])[Symbol.iterator]();
      const done = [1, 2, 3, 4, 5].map(() => cursor.next().done);
      expect(done).toEqual([false, false, true, true, true]);
    }).work;
    expect(work).toBe(100 + 10 + 6);
  });

  test("a scan that would never end runs out of work", () => {
    const { run } = book({ 1: 5000 });
    const endless = run((tx) => {
      for (const record of tx.list(Item.book, ["Sell"])) tx.update(record, { amount: record.amount + 100n });
    });
    expect(endless).toMatchObject({ ...OUT_OF_WORK, deltas: [] });
  });

  test("a handle of an earlier command is stale", () => {
    const { run } = book();
    let kept: any;
    run((tx) => {
      kept = tx.get(Item.byId, 1);
    });
    expect(run(() => kept.amount)).toMatchObject(MISUSE(3));
    expect(run(() => kept.sysId)).toMatchObject(MISUSE(3));
    expect(run((tx) => tx.update(kept, { amount: 1n }))).toMatchObject({ ...MISUSE(3), work: 100 });
    expect(run((tx) => tx.delete(kept))).toMatchObject({ ...MISUSE(3), work: 120 });
    expect(run((tx) => tx.next(Item.book, kept))).toMatchObject({ ...MISUSE(3), work: 110 });
    expect(run((tx) => tx.update(kept, {}))).toMatchObject({ outcome: "committed" });
    expect(run((tx) => tx.update({}, { amount: 1n }))).toMatchObject(MISUSE(6));
  });
});
