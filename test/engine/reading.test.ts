/** Reads, frames, replay and audit: one frontier, plain frozen objects, frames as they are asked for. */

import { auditHistory, defineDomain, memoryHistory, open, type View } from "statevec";
import { command, defineSchema, record, text, u8, u64 } from "statevec/schema";
import { describe, expect, test } from "vitest";
import type { Executor } from "../../src/engine/executor.ts";
import {
  Done,
  deed,
  fixedClock,
  HISTORY_ID,
  Item,
  largeDeed,
  makeLab,
  openLab,
  put,
  Reject,
  Tag,
  TestHistory,
} from "./lab.ts";

async function filled() {
  const engine = await openLab();
  await engine.submitMany([put(1n, 30n), put(2n, 10n), put(3n, 20n), put(4n, 20n)]);
  return engine;
}
const ids = (records: Iterable<{ readonly id: bigint }>) => Array.from(records, (one) => one.id);

describe("a view", () => {
  test("has every read of a tx", async () => {
    const engine = await filled();
    const answers = await engine.read((view) => ({
      seq: view.seq,
      bySysId: view.find(Item, view.get(Item.byId, 3n).sysId)?.id,
      exists: [view.exists(Item.byId, 4n), view.exists(Item.byId, 5n)],
      missing: view.find(Item.byId, 5n),
      list: ids(view.list(Item.byValue, [])),
      reverse: ids(view.list(Item.byValue, [], { reverse: true, limit: 2 })),
      range: ids(view.list(Item.byValue, [], { from: 20n, before: 30n })),
      first: view.first(Item.byValue, [], { after: 10n })?.id,
      last: view.last(Item.byValue, [])?.id,
      count: view.count(Item.byValue, [20n], { limit: 9 }),
      next: view.next(Item.byValue, view.get(Item.byId, 3n))?.id,
      prev: view.prev(Item.byValue, view.get(Item.byId, 3n))?.id,
      end: view.next(Item.byValue, view.get(Item.byId, 1n)),
    }));
    expect(answers).toEqual({
      seq: 5n,
      bySysId: 3n,
      exists: [true, false],
      missing: undefined,
      list: [2n, 3n, 4n, 1n],
      reverse: [1n, 4n],
      range: [3n, 4n],
      first: 3n,
      last: 1n,
      count: 2,
      next: 4n,
      prev: 2n,
      end: undefined,
    });
    await engine.close();
  });

  test("hands out plain frozen objects that stay as they were", async () => {
    const engine = await filled();
    const before = await engine.read((view) => view.get(Item.byId, 1n));
    await engine.submit("Put", { id: 1n, value: 99n });
    expect(before).toEqual({ id: 1n, value: 30n, note: null, small: 1, sysId: 1n, revision: 1 });
    expect(Object.isFrozen(before)).toBe(true);
    expect(Object.getPrototypeOf(before)).toBe(Object.prototype);
    expect(await engine.read((view) => view.get(Item.byId, 1n))).toMatchObject({ value: 99n, revision: 2 });
    await engine.close();
  });

  test("a missing record and bad arguments are UsageErrors that name what was wrong", async () => {
    const engine = await filled();
    const usage = (argument: string) => ({ name: "UsageError", argument });
    const cases: [string, (view: any) => unknown][] = [
      ["Item.byId", (view) => view.get(Item.byId, 404n)],
      ["Item", (view) => view.get(Item, 404n)],
      ["Item.byId", (view) => view.find(Item.byId, 1)],
      ["Item.byId", (view) => view.exists(Item.byId)],
      ["by", (view) => view.find(Item.byValue, 1n)],
      ["index", (view) => view.first(Item.byId, [])],
      ["Item.byValue", (view) => view.first(Item.byValue, [1n, 2n])],
      ["Item.byValue", (view) => view.list(Item.byValue, [], { limit: -1 })],
      ["limit", (view) => view.count(Item.byValue, [], {})],
      ["record", (view) => view.next(Item.byValue, { id: 1n })],
    ];
    for (const [argument, reader] of cases) {
      await expect(engine.read(reader), String(reader)).rejects.toMatchObject(usage(argument));
      expect(() => engine.readExecuted(reader)).toThrow(expect.objectContaining(usage(argument)));
    }
    expect(ids(await engine.read((view) => [...view.list(Item.byValue, [])]))).toHaveLength(4);
    await engine.close();
  });

  test("is stale after its reader, and so are its lists", async () => {
    const engine = await filled();
    let kept: View | undefined;
    const list = await engine.read((view) => {
      kept = view;
      return view.list(Item.byValue, []);
    });
    const stale = expect.objectContaining({ name: "UsageError", code: "STALE_HANDLE" });
    expect(() => kept!.find(Item.byId, 1n)).toThrow(stale);
    expect(() => [...list]).toThrow(stale);
    await engine.close();
  });

  test("lists that are left unfinished take no place from others", async () => {
    const engine = await filled();
    for (let round = 0; round < 200; round++) {
      engine.readExecuted((view) => view.list(Item.byValue, [])[Symbol.iterator]().next());
    }
    const nested = (view: View, depth: number): number => {
      for (const _ of view.list(Item.byValue, [])) return depth === 0 ? 0 : 1 + nested(view, depth - 1);
      return 0;
    };
    expect(engine.readExecuted((view) => nested(view, 63)).value).toBe(63);
    expect(() => engine.readExecuted((view) => nested(view, 64))).toThrow(/64 lists/);
    await engine.close();
  });

  test("reads leave no trace in frames: cursors of readers are not those of commands", async () => {
    const walk = (tx: View): number => {
      let open = 0;
      const walks = Array.from({ length: 64 }, () => tx.list(Item.byValue, [])[Symbol.iterator]());
      for (const one of walks) if (one.next().done !== true) open++;
      return open;
    };
    const engine = await openLab((tx) => walk(tx));
    await engine.submit("Put", { id: 1n, value: 1n });
    engine.readExecuted((view) => walk(view));
    expect(await engine.submit("Do", deed())).toMatchObject({ outcome: "committed" });
    await engine.close();
  });

  test("readers may nest; the outer view stays good", async () => {
    const engine = await filled();
    const answer = engine.readExecuted((view) => {
      const inner = engine.readExecuted((other) => other.get(Item.byId, 2n).value).value;
      return [inner, view.get(Item.byId, 1n).value];
    });
    expect(answer.value).toEqual([10n, 30n]);
    await engine.close();
  });

  test("a reader that submits is refused: all its answers are of one frontier", async () => {
    const engine = await filled();
    const submitted: Promise<unknown>[] = [];
    const seqs = engine.readExecuted((view) => {
      submitted.push(engine.submit("Put", { id: 9n, value: 1n }), engine.retire(1n, 1));
      return [view.seq, view.exists(Item.byId, 9n)];
    });
    for (const one of submitted) await expect(one).rejects.toMatchObject({ name: "UsageError" });
    expect(seqs.value).toEqual([5n, false]);
    expect(await engine.submit("Put", { id: 9n, value: 1n })).toMatchObject({ seq: 6n });
    await engine.close();
  });

  test("what a reader throws reaches its caller, and the engine goes on", async () => {
    const engine = await filled();
    const reading = engine.read(() => {
      throw new Error("mine");
    });
    await expect(reading).rejects.toThrow("mine");
    expect(await engine.submit("Put", { id: 1n, value: 1n })).toMatchObject({ seq: 6n });
    await engine.close();
  });
});

describe("frames", () => {
  test("have command, source, outcome, deltas and events, decoded, in order", async () => {
    const engine = await openLab((tx, { n }) => {
      if (n === 2n) return tx.reject(Reject.NO, { n, small: 3 });
      const one = tx.create(Item, { id: n, value: 1n, small: 1, note: "a" });
      tx.create(Tag, { item: one.sysId, word: "w" });
      tx.emit(Done, { n, small: 9, note: "x" });
      return undefined;
    });
    await engine.submit("Do", deed(1n), { source: { client: 5n, stream: 6, seq: 1n } });
    await engine.submit("Do", deed(2n), { source: { client: 5n, stream: 6, seq: 2n } });
    await engine.submit("Put", { id: 1n, value: 7n });
    const frames = [];
    for await (const frame of engine.frames({ from: 2n })) frames.push(frame);
    expect(frames).toMatchObject([
      {
        type: "command",
        seq: 2n,
        command: "Do",
        payload: { n: 1n, words: [] },
        source: { client: 5n, stream: 6, seq: 1n, previous: 0n },
        outcome: "committed",
        code: null,
        sysIds: 2,
        deltas: [
          { op: "insert", kind: "Item", sysId: 1n, revision: 1, after: { id: 1n, value: 1n, note: "a" } },
          { op: "insert", kind: "Tag", sysId: 2n, after: { item: 1n, word: "w" } },
        ],
        events: [{ name: "Done", values: { n: 1n, small: 9, note: "x" } }],
      },
      {
        seq: 3n,
        source: { seq: 2n, previous: 2n },
        outcome: "rejected",
        code: "NO",
        detail: { n: 2n, small: 3 },
        deltas: [],
        events: [],
      },
      {
        seq: 4n,
        source: null,
        deltas: [{ op: "update", previous: 2n, revision: 2, before: { value: 1n }, after: { value: 7n } }],
      },
    ]);
    expect(frames.at(-1)!.digest).toBe(engine.frontier.digest);
    await engine.close();
  });

  test("from and to bound them; beyond the end there is nothing", async () => {
    const engine = await filled();
    const seqs = async (options?: { from?: bigint; to?: bigint }) => {
      const list: bigint[] = [];
      for await (const { seq } of engine.frames(options)) list.push(seq);
      return list;
    };
    expect(await seqs()).toEqual([1n, 2n, 3n, 4n, 5n]);
    expect(await seqs({ from: 3n })).toEqual([3n, 4n, 5n]);
    expect(await seqs({ from: 2n, to: 3n })).toEqual([2n, 3n]);
    expect(await seqs({ to: 99n })).toHaveLength(5);
    expect(await seqs({ from: 6n })).toEqual([]);
    expect(await seqs({ from: 4n, to: 3n })).toEqual([]);
    await engine.close();
  });

  test.each([
    ["options.from", { from: 0n }],
    ["options.from", { from: 1 }],
    ["options.to", { to: 5 }],
  ])("a bad %s is a UsageError: %o", async (argument, options) => {
    const engine = await filled();
    expect(() => engine.frames(options as never)).toThrow(
      expect.objectContaining({ name: "UsageError", argument }),
    );
    await engine.close();
  });

  test("are read as the consumer asks for them", async () => {
    const history = new TestHistory();
    const engine = await openLab(undefined, { history });
    for (let round = 0; round < 8; round++) {
      await engine.submitMany(
        Array.from({ length: 30 }, () => ({ name: "Do", payload: largeDeed() }) as const),
      );
    }
    history.readCount = 0;
    const frames = engine.frames({ from: 2n })[Symbol.asyncIterator]();
    for (let count = 0; count < 5; count++) await frames.next();
    expect(history.readCount).toBeLessThanOrEqual(2);
    await frames.return?.();
    await engine.close();
  });

  test("of commands that come while they are walked are not among them", async () => {
    const engine = await filled();
    const seqs: bigint[] = [];
    for await (const { seq } of engine.frames()) {
      seqs.push(seq);
      if (seq === 2n) await engine.submit("Put", { id: 1n, value: 5n });
    }
    expect(seqs).toEqual([1n, 2n, 3n, 4n, 5n]);
    await engine.close();
  });
});

describe("replay and audit", () => {
  test("report frames, frontier and progress", async () => {
    const engine = await filled();
    const told: [bigint, bigint][] = [];
    const report = { frames: 5n, applied: 0n, modules: [], frontier: engine.frontier };
    expect(await engine.replay()).toEqual(report);
    const onProgress = (done: bigint, total: bigint) => told.push([done, total]);
    expect(await engine.audit({ onProgress })).toEqual({ ...report, identical: true });
    expect(told.at(-1)).toEqual([5n, 5n]);
    await engine.close();
  });

  test("frames of other revisions are applied and counted apart", async () => {
    const history = memoryHistory();
    const first = await openLab(undefined, { history });
    await first.submitMany([put(1n, 1n), put(2n, 2n)]);
    await first.close();
    const second = await openLab(undefined, { history, revision: 2 });
    await second.submit("Put", { id: 1n, value: 3n });
    expect(await second.audit()).toMatchObject({ identical: true, frames: 5n, applied: 2n });
    await second.close();
  });

  test("another handler is found: frame, record, field and both values", async () => {
    const history = memoryHistory();
    const engine = await openLab((tx) => void tx.create(Item, { id: 5n, value: 1n, small: 1 }), { history });
    await engine.submit("Put", { id: 1n, value: 1n });
    await engine.submit("Do", deed());
    await engine.close();
    const other = makeLab((tx) => void tx.create(Item, { id: 5n, value: 2n, small: 1 }));
    expect(await auditHistory({ domain: other, history })).toMatchObject({
      identical: false,
      frames: 3n,
      difference: {
        seq: 3n,
        command: "Do",
        part: "delta 1",
        record: { kind: "Item", sysId: 2n },
        field: "after.value",
        recorded: "1",
        replayed: "2",
      },
    });
  });

  test.each([
    ["outcome", () => undefined, { part: "outcome", recorded: '"rejected"', replayed: '"committed"' }],
    [
      "detail",
      (
        tx: Parameters<typeof makeLab>[0] extends infer D
          ? D extends (tx: infer T, ...rest: never[]) => unknown
            ? T
            : never
          : never,
      ) => tx.reject(Reject.NO, { n: 1n, small: 2 }),
      { part: "detail", field: "small", recorded: "1", replayed: "2" },
    ],
  ])("a difference in the %s is named", async (_name, deviant, difference) => {
    const history = memoryHistory();
    const engine = await openLab((tx) => tx.reject(Reject.NO, { n: 1n, small: 1 }), { history });
    await engine.submit("Do", deed());
    await engine.close();
    const report = await auditHistory({ domain: makeLab(deviant as never), history });
    expect(report.difference).toMatchObject({ seq: 2n, ...difference });
  });

  test("work beside commands that come meanwhile", async () => {
    const engine = await filled();
    const auditing = engine.audit();
    await engine.submit("Put", { id: 9n, value: 9n });
    expect(await auditing).toMatchObject({ identical: true });
    await engine.close();
  });
});

test("several engines in one process know nothing of each other", async () => {
  const engines = await Promise.all(
    Array.from({ length: 5 }, (_, index) =>
      openLab((tx) => void tx.create(Item, { id: BigInt(index), value: 1n, small: index })),
    ),
  );
  for (let round = 0; round < 3; round++) {
    await Promise.all(engines.map((engine) => engine.submit(round === 1 ? "Do" : "Put", payload(round))));
  }
  for (const [index, engine] of engines.entries()) {
    const own = await engine.read((view) => view.get(Item.byId, BigInt(index)).small);
    expect(own).toBe(index);
    expect(engine.historyId).toBe(HISTORY_ID);
    expect(await engine.audit()).toMatchObject({ identical: true, frames: 4n });
    await engine.close();
  }
});

function payload(round: number): never {
  return (round === 1 ? deed() : { id: BigInt(100 + round), value: 1n }) as never;
}

test("a read leaves no trace in the state: its fingerprint is that without the read", async () => {
  const Small = record("Small", 1, { value: u64(1), flag: u8(2) });
  const Wide = record(
    "Wide",
    2,
    { key: text(1, { maxBytes: 60 }).immutable() },
    { unique: { byKey: ["key"] } },
  );
  const Make = command("Make", 1, { value: u64(1) });
  const domain = defineDomain(defineSchema("trace", { records: { Small, Wide }, commands: { Make } }), {
    revision: 1,
    handlers: { Make: (tx, { value }) => void tx.create(Small, { value, flag: 1 }) },
  });
  async function fingerprintWith(read: (view: View) => unknown): Promise<unknown> {
    const engine = await open({ domain, history: memoryHistory(), clock: fixedClock, historyId: HISTORY_ID });
    await engine.submit("Make", { value: 1n });
    await engine.read(read);
    await engine.submit("Make", { value: 2n });
    const { executor } = engine as unknown as { readonly executor: Executor };
    const fingerprint = executor.core.exports.fingerprint();
    await engine.close();
    return fingerprint;
  }
  const nothing = await fingerprintWith(() => undefined);
  expect(await fingerprintWith((view) => view.exists(Wide.byKey, "x".repeat(60)))).toBe(nothing);
});
