/**
 * Large states: thousands of records, so that trees split and merge and tables grow and shrink, against the model.
 *
 * The other laws run on few records; here a command touches many, and what it reads is bounded so that the model, which
 * sorts whenever it is asked, keeps up.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineSchema, type Schema } from "../../src/schema/define-schema.ts";
import * as dsl from "../../src/schema/fields.ts";
import { command, event } from "../../src/schema/messages.ts";
import { record } from "../../src/schema/records.ts";
import { makeExecutor, type TestExecutor } from "./executor.ts";
import { modelFrameOf } from "./frames.ts";
import { startModel } from "./harness.ts";
import { physics } from "./replica.ts";

const SEED = Number(process.env.STATEVEC_SEED ?? Math.floor(Math.random() * 2 ** 31));
const Side = dsl.enumeration("Side", { Bid: 1, Ask: 2 });
const Entry: any = record(
  "Entry",
  1,
  {
    id: dsl.u32(1).immutable(),
    label: dsl.text(2, { maxBytes: 40 }).immutable(),
    side: dsl.enumOf(3, Side),
    price: dsl.i64(4),
    note: dsl.bytes(5, { maxBytes: 60 }).nullable(),
  },
  {
    unique: { byId: ["id"], byName: ["label", "id"] },
    indexes: {
      book: ["side", { desc: "price", when: { side: "Bid" } }],
      notes: [{ desc: "note" }, "price"],
      bids: { on: ["price"], where: { side: ["Bid"] } },
    },
  },
);
const Seen: any = event("Seen", 1, { ids: dsl.repeated(dsl.u32(1), { maxItems: 64 }) });
const Work = command("Work", 1, {
  seed: dsl.u32(1),
  creates: dsl.u16(2),
  deletes: dsl.u16(3),
  moves: dsl.u16(4),
  fails: dsl.bool(5),
});
const schema = defineSchema("grown", {
  records: { Entry },
  commands: { Work },
  events: { Seen },
}) as unknown as Schema;
const IDS = 4000;

/** A stream of numbers that a seed repeats. */
function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
}

function work(tx: any, { seed, creates, deletes, moves, fails }: any): void {
  const draw = numbers(seed);
  const change = () => {
    const note = draw(3) === 0 ? null : new Uint8Array(draw(61)).fill(draw(4));
    return { side: draw(2) === 0 ? "Bid" : "Ask", price: BigInt(draw(40)) - 20n, note };
  };
  const anyOne = () => tx.find(Entry.byId, draw(IDS));
  const seen: number[] = [];
  for (let made = 0; made < creates; made += 1) {
    const id = draw(IDS);
    if (!tx.exists(Entry.byId, id)) tx.create(Entry, { id, label: "n".repeat(id % 41), ...change() });
  }
  for (let gone = 0; gone < deletes; gone += 1) {
    const found = anyOne();
    if (found !== undefined) tx.delete(found);
  }
  for (let moved = 0; moved < moves; moved += 1) {
    const found = anyOne();
    if (found !== undefined) tx.update(found, change());
  }
  for (const record of tx.list(Entry.book, ["Bid"], { reverse: draw(2) === 0, limit: 3 })) {
    seen.push(record.id);
    if (draw(2) === 0) tx.delete(record);
    else tx.update(record, change());
  }
  for (const record of tx.list(Entry.bids, [], { from: BigInt(draw(40)) - 20n, limit: 3 })) {
    seen.push(record.id);
    const id = IDS + record.id + draw(1_000_000);
    if (!tx.exists(Entry.byId, id)) tx.create(Entry, { id, label: "", ...change() });
  }
  const record = anyOne();
  if (record !== undefined) {
    seen.push(tx.next(Entry.book, record)?.id ?? 0, tx.prev(Entry.notes, record)?.id ?? 0);
  }
  seen.push(tx.count(Entry.notes, [null], { limit: 500 }));
  tx.emit(Seen, { ids: seen });
  if (fails) throw new Error("asked to fail");
}

const size = fc.integer({ min: 0, max: 90 });
const step = fc.record({
  seed: fc.integer({ min: 0 }),
  creates: size,
  deletes: size,
  moves: size,
  fails: fc.nat(4),
});
const growing = { seed: 1, creates: 250, deletes: 0, moves: 20, fails: 1 };
const shrinking = { seed: 2, creates: 0, deletes: 2500, moves: 0, fails: 1 };

describe(`large states, seed ${SEED}`, () => {
  test("the engine makes the frames of the model while structures grow and shrink", {
    timeout: 240_000,
  }, () => {
    let turn = 0;
    const law = fc.property(fc.array(step, { minLength: 3, maxLength: 3 }), (steps) => {
      turn += 1;
      const model = startModel(schema, () => ({ Work: work }));
      const make = (shift: number) =>
        makeExecutor({ schema, handlers: { Work: work }, limits: {}, timeNs: 0n, ...physics(turn + shift) });
      const [engine, twin] = [make(0), make(7)];
      twin.apply(engine.openEpoch());
      const grow = Array.from({ length: 6 }, (_, at) => ({ ...growing, seed: at * 7919 + turn }));
      const all = [
        ...grow,
        ...steps,
        shrinking,
        ...steps,
        { ...shrinking, seed: 3 },
        { ...shrinking, seed: 4 },
        ...grow.slice(5),
      ];
      all.forEach((one, at) => {
        const payload = { ...one, fails: one.fails === 0 };
        const answer = model.execute({ name: "Work", payload, timeNs: 0n });
        if ("refused" in answer) throw new Error("no command of this test is refused");
        expect(answer.frame.outcome).toBe(payload.fails ? "faulted" : "committed");
        const body = engine.execute("Work", payload, { timeNs: 0n });
        expect(modelFrameOf(body, schema), `command ${at}`).toEqual(answer.frame);
        expect(engine.lastWork(), `work of command ${at}`).toBe(answer.work);
        twin.apply(body);
        agree(engine, twin, at);
      });
      const loaded = make(9);
      loaded.loadSnapshot(engine.snapshot());
      agree(engine, loaded, all.length);
    });
    fc.assert(law, { numRuns: 3, seed: SEED });
  });
});

/** Both engines are in the same state, and every structure of both is sound. */
function agree(engine: TestExecutor, other: TestExecutor, at: number): void {
  expect([engine.check(), other.check()], `structure after command ${at}`).toEqual([0, 0]);
  expect(engine.fingerprint(), `fingerprint after command ${at}`).toBe(other.fingerprint());
}
