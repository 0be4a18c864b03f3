/** Following the durable frontier: every frame once and in order, without polling, with the end that was asked for. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EngineFault, type Frame, OperationalError } from "statevec";
import { fileHistory } from "statevec/node";
import { afterAll, describe, expect, test } from "vitest";
import { deed, hasSettled, largeDeed, openLab, put, TestHistory } from "./lab.ts";

const directory = mkdtempSync(join(tmpdir(), "statevec-follow-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Takes frames until the iterator ends; what it threw, if it did. */
function collector(frames: AsyncIterable<Frame>) {
  const seqs: bigint[] = [];
  const run = async (): Promise<unknown> => {
    for await (const frame of frames) seqs.push(frame.seq);
    return undefined;
  };
  return { seqs, done: run().catch((error) => error) };
}
const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, n) => BigInt(first + n));

describe.each([
  ["memory", () => new TestHistory()],
  ["file", () => fileHistory(mkdtempSync(join(directory, "history-")))],
] as const)("following over a history in a %s", (_name, history) => {
  test("goes on with what becomes durable, and ends when the engine closes, with all that was on its way", async () => {
    const engine = await openLab(undefined, { history: history() });
    await engine.submitMany([put(1n, 1n), put(2n, 1n)]);
    const all = collector(engine.frames({ follow: true }));
    const late = collector(engine.frames({ from: 6n, follow: true }));
    const bounded = collector(engine.frames({ from: 2n, to: 5n, follow: true }));
    for (let n = 0; n < 5; n++) await engine.submit("Put", { id: 3n, value: BigInt(n) });
    expect(await bounded.done).toBeUndefined();
    const last = [engine.submit("Do", deed()), engine.submitMany([put(4n, 1n), put(5n, 1n)])];
    await engine.close();
    await Promise.all(last);
    expect(await all.done).toBeUndefined();
    expect(await late.done).toBeUndefined();
    expect(all.seqs).toEqual(upTo(11));
    expect(late.seqs).toEqual(upTo(11, 6));
    expect(bounded.seqs).toEqual(upTo(5, 2));
  });

  test("a follower that is slow, and then further behind than what is kept, misses nothing", async () => {
    const engine = await openLab(undefined, { history: history() });
    const abort = new AbortController();
    const seqs: bigint[] = [];
    const run = (async () => {
      for await (const { seq } of engine.frames({ follow: true, signal: abort.signal })) {
        seqs.push(seq);
        if (seq % 100n === 0n) await new Promise((resolve) => setTimeout(resolve, 2));
        if (seq === 401n) abort.abort();
      }
    })();
    for (let n = 0; n < 100; n++) {
      await engine.submitMany([1, 2, 3, 4].map(() => ({ name: "Do", payload: largeDeed() }) as const));
    }
    await run;
    expect(seqs).toEqual(upTo(401));
    await engine.close();
  });
});

describe("following", () => {
  test("hands out nothing before it is durable", async () => {
    const history = new TestHistory();
    const engine = await openLab(undefined, { history });
    const { seqs, done } = collector(engine.frames({ from: 2n, follow: true }));
    history.hold();
    const submitted = engine.submit("Put", { id: 1n, value: 1n });
    expect(await hasSettled(submitted)).toBe(false);
    expect(seqs).toEqual([]);
    history.release();
    await submitted;
    await hasSettled(submitted);
    expect(seqs).toEqual([2n]);
    expect(history.readCount).toBeLessThanOrEqual(2);
    await engine.close();
    expect(await done).toBeUndefined();
  });

  test("ends when the signal aborts: while it waits, between frames, and before it starts", async () => {
    const engine = await openLab();
    await engine.submitMany([put(1n, 1n), put(2n, 1n), put(3n, 1n)]);
    const abort = new AbortController();
    const waiting = collector(engine.frames({ follow: true, signal: abort.signal }));
    expect(await hasSettled(waiting.done)).toBe(false);
    abort.abort();
    expect(await waiting.done).toBeUndefined();
    expect(waiting.seqs).toEqual(upTo(4));
    expect(collector(engine.frames({ signal: abort.signal })).seqs).toEqual([]);

    const second = new AbortController();
    const taken: bigint[] = [];
    for await (const { seq } of engine.frames({ follow: true, signal: second.signal })) {
      taken.push(seq);
      if (seq === 2n) second.abort();
    }
    expect(taken).toEqual([1n, 2n]);
    await engine.close();
  });

  test("leaves no listener on the signal, however often it waited", async () => {
    const engine = await openLab();
    const abort = new AbortController();
    let listeners = 0;
    const { signal } = abort;
    const counting = new Proxy(signal, {
      get(target, name) {
        if (name === "addEventListener") listeners++;
        if (name === "removeEventListener") listeners--;
        const value = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const { done } = collector(engine.frames({ follow: true, signal: counting }));
    for (let n = 0; n < 20; n++) await engine.submit("Put", { id: 1n, value: BigInt(n) });
    abort.abort();
    await done;
    expect(listeners).toBe(0);
    await engine.close();
  });

  test("throws when the history fails, after all that is durable", async () => {
    const history = new TestHistory();
    const engine = await openLab(undefined, { history });
    const { seqs, done } = collector(engine.frames({ follow: true }));
    await engine.submit("Put", { id: 1n, value: 1n });
    history.failNext(false);
    await expect(engine.submit("Put", { id: 2n, value: 1n })).rejects.toMatchObject({
      code: "OUTCOME_UNKNOWN",
    });
    const error = await done;
    expect(error).toBeInstanceOf(OperationalError);
    expect(error).toMatchObject({ code: "POISONED" });
    expect(seqs).toEqual([1n, 2n]);
    await engine.close();
  });

  test("throws the fault of an engine that has met one, after all that is durable", async () => {
    const overflow = (): number => 1 + overflow();
    const engine = await openLab(() => void overflow());
    const { seqs, done } = collector(engine.frames({ follow: true }));
    const fault = await engine
      .submitMany([put(1n, 1n), { name: "Do", payload: deed() }])
      .catch((error) => error);
    expect(fault).toBeInstanceOf(EngineFault);
    expect(await done).toBeInstanceOf(EngineFault);
    expect(seqs).toEqual([1n, 2n]);
    await engine.close();
  });

  test("follow that is no boolean is named", async () => {
    const engine = await openLab();
    expect(() => engine.frames({ follow: 1 as never })).toThrow("options.follow: found 1");
    await engine.close();
  });
});
