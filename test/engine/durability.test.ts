/** What is answered is durable: nothing resolves before its append, and what callers hear when the history fails. */

import { OperationalError } from "statevec";
import { describe, expect, test } from "vitest";
import {
  deed,
  fixedClock,
  HISTORY_ID,
  hasSettled,
  Item,
  largeDeed,
  openLab,
  put,
  TestHistory,
  turn,
} from "./lab.ts";

const at = (seq: bigint) => ({ source: { client: 7n, stream: 0, seq } });

describe("nothing resolves before its append has", () => {
  test("submit, submitMany, retire, read, audit, replay and the frontier", async () => {
    const history = new TestHistory();
    const engine = await openLab(undefined, { history });
    await engine.submit("Do", deed(), at(1n));
    history.hold();
    const waiting = [
      engine.submit("Put", { id: 1n, value: 1n }),
      engine.submitMany([put(2n, 2n)]),
      engine.retire(7n, 0),
      engine.read((view) => view.get(Item.byId, 1n).value),
      engine.audit(),
      engine.replay(),
    ];
    await turn();
    for (const promise of waiting) expect(await hasSettled(promise)).toBe(false);
    expect(engine.frontier.seq).toBe(2n);
    history.release();
    const answers = await Promise.all(waiting);
    expect(answers[3]).toBe(1n);
    expect(engine.frontier.seq).toBe(5n);
    await engine.close();
  });

  test("receipts resolve in seq order, batch by batch; what waits goes in one append", async () => {
    const history = new TestHistory();
    const engine = await openLab(undefined, { history });
    history.hold();
    const resolved: bigint[] = [];
    const submit = () => engine.submit("Do", deed()).then(({ seq }) => resolved.push(seq));
    const first = [submit(), submit()];
    await turn();
    const second = [submit(), submit(), submit()];
    await turn();
    expect(history.batches).toEqual([1, 2]);
    history.release();
    await Promise.all([...first, ...second]);
    expect(resolved).toEqual([2n, 3n, 4n, 5n, 6n]);
    expect(history.batches).toEqual([1, 2, 3]);
    await engine.close();
  });

  test("readExecuted answers at once and says whether its state can still be lost", async () => {
    const history = new TestHistory();
    const engine = await openLab(undefined, { history });
    history.hold();
    const receipt = engine.submit("Put", { id: 1n, value: 9n });
    const read = () => engine.readExecuted((view) => [view.seq, view.get(Item.byId, 1n).value]);
    expect(read()).toEqual({ value: [2n, 9n], seq: 2n, speculative: true });
    history.release();
    await receipt;
    expect(read()).toEqual({ value: [2n, 9n], seq: 2n, speculative: false });
    await engine.close();
  });

  test("close resolves after the last append", async () => {
    const history = new TestHistory();
    const engine = await openLab(undefined, { history });
    history.hold();
    const receipt = engine.submit("Do", deed());
    const closed = engine.close();
    const again = engine.close();
    expect(await hasSettled(closed)).toBe(false);
    expect(await hasSettled(again)).toBe(false);
    history.release();
    await closed;
    await again;
    expect(await hasSettled(receipt)).toBe(true);
  });

  test("the epoch frame is durable before open resolves", async () => {
    const history = new TestHistory();
    history.hold();
    const opening = openLab(undefined, { history });
    expect(await hasSettled(opening)).toBe(false);
    history.release();
    const engine = await opening;
    expect(engine.frontier.seq).toBe(1n);
    await engine.close();
  });
});

describe("an append that fails", () => {
  async function failed(keeps: boolean) {
    const history = new TestHistory();
    const engine = await openLab(undefined, { history });
    await engine.submit("Do", deed(1n), at(1n));
    history.hold();
    history.failNext(keeps);
    const waiting = [
      engine.submit("Put", { id: 5n, value: 50n }, at(2n)),
      engine.submit("Put", { id: 6n, value: 60n }),
      engine.submitMany([put(7n, 70n)]),
      engine.submit("Put", { id: 5n, value: 50n }, at(2n)),
    ];
    const read = engine.read((view) => view.exists(Item.byId, 5n));
    await turn();
    history.release();
    const settled = await Promise.allSettled([...waiting, read]);
    const errors = settled.map((one) => (one.status === "rejected" ? one.reason : one.value));
    return { history, engine, errors, read };
  }

  test("waiting callers hear OUTCOME_UNKNOWN with their source and the cause, readers that the engine is poisoned", async () => {
    const { engine, errors } = await failed(false);
    for (const error of errors) expect(error).toBeInstanceOf(OperationalError);
    expect(errors.map((one) => one.code)).toEqual([
      "OUTCOME_UNKNOWN",
      "OUTCOME_UNKNOWN",
      "OUTCOME_UNKNOWN",
      "OUTCOME_UNKNOWN",
      "POISONED",
    ]);
    expect(errors.map((one) => one.source)).toEqual([
      at(2n).source,
      undefined,
      undefined,
      at(2n).source,
      undefined,
    ]);
    expect(errors[0].cause).toEqual(new Error("the disk is gone"));
    expect(engine.frontier.seq).toBe(2n);
  });

  test("everything after it is POISONED, and close still works", async () => {
    const { engine } = await failed(false);
    const poisoned = { name: "OperationalError", code: "POISONED" };
    await expect(engine.submit("Do", deed())).rejects.toMatchObject(poisoned);
    await expect(engine.submitMany([put(1n, 1n)])).rejects.toMatchObject(poisoned);
    await expect(engine.read(() => 1)).rejects.toMatchObject(poisoned);
    await expect(engine.retire(7n, 0)).rejects.toMatchObject(poisoned);
    await expect(engine.receipt(at(1n).source)).rejects.toMatchObject(poisoned);
    await expect(engine.audit()).rejects.toMatchObject(poisoned);
    expect(() => engine.readExecuted(() => 1)).toThrow(/POISONED/);
    expect(() => engine.frames()).toThrow(/POISONED/);
    await engine.close();
  });

  test("reopening settles it when the batch was lost: the same source seq runs", async () => {
    const { history, engine } = await failed(false);
    await engine.close();
    const again = await openLab(undefined, { history });
    expect(again.frontier.seq).toBe(2n);
    expect(await again.receipt(at(2n).source)).toBeUndefined();
    expect(await again.submit("Put", { id: 5n, value: 50n }, at(2n))).toMatchObject({
      duplicate: false,
      seq: 3n,
    });
    await again.close();
  });

  test("reopening settles it when the batch was kept: the same source seq is a duplicate", async () => {
    const { history, engine } = await failed(true);
    await engine.close();
    const again = await openLab(undefined, { history });
    expect(again.frontier.seq).toBe(5n);
    expect(await again.receipt(at(2n).source)).toMatchObject({ seq: 3n, outcome: "committed" });
    expect(await again.submit("Put", { id: 5n, value: 50n }, at(2n))).toMatchObject({
      duplicate: true,
      seq: 3n,
    });
    expect(await again.audit()).toMatchObject({ identical: true });
    await again.close();
  });

  test("submitMany over several batches: OUTCOME_UNKNOWN though it was waiting for room", async () => {
    const history = new TestHistory();
    const engine = await openLab(undefined, { history });
    history.hold();
    history.failNext(false);
    const commands = Array.from({ length: 2_000 }, () => ({ name: "Do", payload: largeDeed() }) as const);
    const answer = engine.submitMany(commands);
    answer.catch(() => {});
    await turn();
    history.release();
    await expect(answer).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
    await engine.close();
  });

  test("a rejected append of the first epoch frame fails open, and opening again works", async () => {
    const history = new TestHistory();
    history.failNext(false);
    await expect(openLab(undefined, { history })).rejects.toBeInstanceOf(OperationalError);
    const engine = await openLab(undefined, { history });
    expect(await engine.submit("Do", deed())).toMatchObject({ seq: 2n });
    await engine.close();
  });
});

describe("another writer", () => {
  test("fences this one off: FENCED for what waits and for all that follows", async () => {
    const history = new TestHistory();
    const engine = await openLab(undefined, { history });
    await expect(openLab(undefined, { history })).rejects.toMatchObject({ code: "OWNED" });
    const other = await openLab(undefined, { history, takeover: true });
    await expect(engine.submit("Do", deed(), at(1n))).rejects.toMatchObject({
      name: "OperationalError",
      code: "FENCED",
      source: at(1n).source,
    });
    await expect(engine.submit("Do", deed())).rejects.toMatchObject({
      code: "POISONED",
      cause: { code: "FENCED" },
    });
    expect(await other.submit("Do", deed(), at(1n))).toMatchObject({ seq: 2n, duplicate: false });
    await other.close();
    await engine.close();
  });
});

test("the same commands make the same digests, however they were batched", async () => {
  const commands = Array.from({ length: 50 }, (_, index) => put(BigInt(index % 7), BigInt(index)));
  const one = await openLab();
  for (const { name, payload } of commands) await one.submit(name, payload);
  const many = await openLab(undefined, {
    history: new TestHistory(),
    clock: fixedClock,
    historyId: HISTORY_ID,
  });
  await many.submitMany(commands);
  expect(many.frontier).toEqual(one.frontier);
  await one.close();
  await many.close();
});
