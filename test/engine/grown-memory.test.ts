/**
 * Memory that grows in the middle of a command: every call of the core may detach what JavaScript sees of it, whether
 * the call finds something, decides the command, or traps.
 */
import { defineDomain, type EngineFault, memoryHistory, open, type Tx } from "statevec";
import { bool, command, defineSchema, record, text, u32, u64 } from "statevec/schema";
import { describe, expect, test } from "vitest";
import {
  Done,
  deed,
  executorOf,
  Item,
  injectCore,
  type LabEngine,
  openLab,
  put,
  Reject,
  trap,
} from "./lab.ts";

/** Grows memory by a page, which detaches every view. */
function grow(engine: LabEngine): void {
  (executorOf(engine).core.exports as unknown as { memory: { grow(pages: number): number } }).memory.grow(1);
}

/** Lets memory grow at the end of every call of one export. @returns how often it did so far */
function growIn(engine: LabEngine, name: string): () => number {
  const { exports } = executorOf(engine).core as unknown as {
    exports: Record<string, (...parameters: never[]) => unknown>;
  };
  const original = exports[name]!;
  let calls = 0;
  injectCore(engine, name, (...parameters) => {
    const answer = original(...parameters);
    calls++;
    grow(engine);
    return answer;
  });
  return () => calls;
}

/** Every operation, with what it finds and with nothing to find; what it saw. */
function everything(tx: Tx): unknown[] {
  const seen: unknown[] = [];
  const item = tx.get(Item.byId, 2n);
  seen.push(
    item.value,
    tx.find(Item, item.sysId)?.value,
    tx.find(Item, 99n as never),
    tx.find(Item.byId, 99n),
  );
  seen.push(tx.exists(Item.byId, 1n), tx.exists(Item.byId, 99n), item.small);
  for (const one of tx.list(Item.byValue, [])) seen.push(one.id, one.value);
  for (const one of tx.list(Item.byValue, [], { limit: 1 })) seen.push(one.id);
  for (const one of tx.list(Item.byValue, [77n])) seen.push(one.id);
  seen.push(tx.first(Item.byValue, [])?.id, tx.first(Item.byValue, [77n])?.id, tx.last(Item.byValue, [])?.id);
  seen.push(tx.count(Item.byValue, [], { limit: 9 }), item.note);
  seen.push(tx.next(Item.byValue, item)?.id, tx.prev(Item.byValue, item)?.id, item.value);
  const fresh = tx.create(Item, { id: 9n, value: 9n, note: "nine", small: 9 });
  seen.push(fresh.id, fresh.note, item.value);
  tx.update(fresh, { value: 10n });
  seen.push(fresh.value, item.value);
  tx.delete(tx.get(Item.byId, 1n));
  seen.push(fresh.value, item.value);
  tx.emit(Done, { n: fresh.value, small: 1, note: "done" });
  seen.push(fresh.value, tx.get(Item.byId, 3n).value);
  return seen;
}

describe("memory that grows within a call", () => {
  const OPERATIONS = ["lookupUnique", "lookupSysId", "list", "step", "closeCursor", "first", "count"].concat(
    ["neighbour", "create", "update", "remove", "emit", "reject", "fault"],
    ["lookAhead", "admitAt", "begin", "finishAt"],
  );

  /** Runs everything; what it saw and the digest at the end. */
  async function outcomeOf(growing: string | undefined) {
    const seen: unknown[][] = [];
    const engine = await openLab((tx, { n }) => {
      seen.push(everything(tx));
      if (n === 2n) tx.reject(Reject.NO, { n, small: 7 });
      if (n === 3n) throw new Error("as it happens");
    });
    await engine.submitMany([put(1n, 10n), put(2n, 20n), put(3n, 30n)]);
    const calls = growing === undefined ? () => 1 : growIn(engine, growing);
    const receipts = [
      await engine.submit("Do", deed(3n)),
      await engine.submit("Do", deed(2n)),
      await engine.submit("Do", deed(1n)),
    ];
    const answers = receipts.map(({ outcome, events, digest }) => [outcome, events, digest]);
    const structure = executorOf(engine).core.exports.checkStructure();
    const { identical } = await engine.audit();
    await engine.close();
    expect(calls()).toBeGreaterThan(0);
    return { seen, answers, structure, identical };
  }

  test.each(OPERATIONS)("%s: what is read, decided and recorded is the same", async (operation) => {
    const plain = await outcomeOf(undefined);
    expect(plain.answers.map(([outcome]) => outcome)).toEqual(["faulted", "rejected", "committed"]);
    expect(plain).toMatchObject({ structure: 0, identical: true });
    expect(await outcomeOf(operation)).toEqual(plain);
  });
});

test("a partial index that grows while its members are looked up by another key", async () => {
  const COUNT = 16_000;
  const STEP = 500;
  const Thing = record(
    "Thing",
    1,
    { id: u64(1).immutable(), on: bool(2), label: text(3, { maxBytes: 100 }) },
    { unique: { byId: ["id"] }, indexes: { active: { on: ["label"], where: { on: [true] } } } },
  );
  const Make = command("Make", 1, { from: u64(1), count: u32(2) });
  const Activate = command("Activate", 2, { from: u64(1), count: u32(2) });
  const wrong: unknown[] = [];
  const domain = defineDomain(defineSchema("growth", { records: { Thing }, commands: { Make, Activate } }), {
    revision: 1,
    handlers: {
      Make(tx, { from, count }) {
        for (let id = from; id < from + BigInt(count); id++) {
          tx.create(Thing, { id, on: false, label: `label ${id}` });
        }
      },
      Activate(tx, { from, count }) {
        for (let id = from; id < from + BigInt(count); id++) {
          const thing = tx.get(Thing.byId, id);
          if (thing.id !== id) wrong.push([id, thing.id]);
          tx.update(thing, { on: true });
        }
      },
    },
  });
  const engine = await open({ domain, history: memoryHistory(), clock: { nowNs: () => 1n } });
  for (const name of ["Make", "Activate"] as const) {
    for (let from = 0; from < COUNT; from += STEP) {
      const { outcome } = await engine.submit(name, { from: BigInt(from), count: STEP });
      expect(outcome).toBe("committed");
    }
  }
  expect(wrong).toEqual([]);
  expect(await engine.read((view) => view.count(Thing.active, [], { limit: COUNT + 1 }))).toBe(COUNT);
  expect((await engine.audit()).identical).toBe(true);
  await engine.close();
});

describe("a trap in a call that grew memory", () => {
  /** Settles within the test, or says that it did not. */
  function settled(promise: Promise<unknown>): Promise<unknown> {
    const late = new Promise((resolve) => setTimeout(resolve, 300, "never settled"));
    return Promise.race([promise.catch((error: unknown) => error), late]);
  }

  test.each(["begin", "create", "finishAt"])(
    "%s: callers before are answered, the rest hears of it",
    async (name) => {
      const unhandled: unknown[] = [];
      const note = (reason: unknown) => unhandled.push(reason);
      process.on("unhandledRejection", note);
      const history = memoryHistory();
      const act = (tx: Tx) => void tx.create(Item, { id: 5n, value: 1n, small: 1 });
      const engine = await openLab(act, { history });
      const before = [engine.submit("Put", put(1n, 1n).payload), engine.submit("Put", put(2n, 1n).payload)];
      // Runs them: they are executed when it returns.
      engine.readExecuted(() => 0);
      injectCore(engine, name, () => {
        grow(engine);
        throw trap();
      });
      const broken = settled(engine.submit("Do", deed()));
      expect(await Promise.all(before.map(settled))).toMatchObject([{ seq: 2n }, { seq: 3n }]);
      const fault = (await broken) as EngineFault;
      expect(fault).toMatchObject({
        code: "CORE_TRAP",
        report: { command: { payload: "01000000000000000000" } },
      });
      expect(await settled(engine.submit("Do", deed()))).toBe(fault);
      expect(await settled(engine.close())).toBe(undefined);
      await new Promise((resolve) => setTimeout(resolve, 5));
      process.off("unhandledRejection", note);
      expect(unhandled).toEqual([]);
      const again = await openLab(act, { history });
      expect(await again.submit("Do", deed())).toMatchObject({ seq: 4n, outcome: "committed" });
      await again.close();
    },
  );
});
