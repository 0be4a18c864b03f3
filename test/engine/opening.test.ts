/** Opening: what a history and a domain must agree on, what may be expected of a history, and the clock. */

import {
  defineDomain,
  type History,
  HistoryError,
  memoryHistory,
  OperationalError,
  open,
  UsageError,
} from "statevec";
import { command, defineSchema, u64 } from "statevec/schema";
import { afterEach, describe, expect, test, vi } from "vitest";
import { deed, executorOf, fixedClock, HISTORY_ID, makeLab, openLab, put } from "./lab.ts";

async function historyOf(frames: number): Promise<{ history: History; digests: string[] }> {
  const history = memoryHistory();
  const engine = await openLab(undefined, { history });
  for (let n = 1; n < frames; n++) await engine.submit("Put", { id: BigInt(n), value: 1n });
  const digests: string[] = [];
  for await (const frame of engine.frames()) digests.push(frame.digest);
  await engine.close();
  return { history, digests };
}

describe("schema and revision", () => {
  test("another schema is SCHEMA_CHANGED with both fingerprints", async () => {
    const { history } = await historyOf(2);
    const Put = command("Put", 1, { id: u64(1) });
    const other = defineDomain(defineSchema("lab", { records: {}, commands: { Put } }), {
      revision: 9,
      handlers: { Put() {} },
    });
    const error = await open({ domain: other, history }).catch((reason) => reason);
    expect(error).toBeInstanceOf(HistoryError);
    expect(error).toMatchObject({
      code: "SCHEMA_CHANGED",
      seq: 1n,
      expected: makeLab().fingerprint,
      actual: other.fingerprint,
    });
  });

  test("a failed open gives the history back", async () => {
    const { history } = await historyOf(2);
    await expect(
      openLab(undefined, { history, expect: { seq: 9n, digest: "00".repeat(32) } }),
    ).rejects.toThrow();
    const engine = await openLab(undefined, { history });
    await engine.close();
  });

  test("a higher revision writes an epoch frame, once; a lower one is refused", async () => {
    const { history } = await historyOf(2);
    let engine = await openLab(undefined, { history, revision: 3 });
    expect(engine.frontier.seq).toBe(3n);
    await engine.submit("Do", deed());
    await engine.close();
    engine = await openLab(undefined, { history, revision: 3 });
    expect(engine.frontier.seq).toBe(4n);
    const frames = [];
    for await (const frame of engine.frames()) frames.push(frame);
    expect(frames.map((one) => [one.type, one.epoch])).toEqual([
      ["epoch", 1],
      ["command", 1],
      ["epoch", 2],
      ["command", 2],
    ]);
    expect(frames[2]).toMatchObject({ program: { lane: "open", revision: 3n } });
    await engine.close();
    const refused = openLab(undefined, { history, revision: 2 });
    await expect(refused).rejects.toMatchObject({ name: "HistoryError", code: "SCHEMA_CHANGED", seq: 3n });
  });

  test("the new limits hold from the epoch frame on, the old ones in what came before", async () => {
    const { history } = await historyOf(2);
    let engine = await openLab(undefined, { history, revision: 2, limits: { payloadBytes: 20 } });
    await expect(engine.submit("Do", { n: 1n, words: ["0123456789"] })).rejects.toMatchObject({
      code: "TOO_LARGE",
    });
    await engine.close();
    engine = await openLab(undefined, { history, revision: 2, limits: { payloadBytes: 20 } });
    await expect(engine.submit("Do", { n: 1n, words: ["0123456789"] })).rejects.toMatchObject({
      code: "TOO_LARGE",
    });
    expect(await engine.audit()).toMatchObject({ identical: true, applied: 1n });
    await engine.close();
  });
});

describe("the history id", () => {
  test("is given as bytes or hex, or drawn, and is the engine's", async () => {
    const bytes = Uint8Array.from({ length: 16 }, (_, index) => index);
    const hex = "000102030405060708090a0b0c0d0e0f";
    for (const historyId of [bytes, hex, hex.toUpperCase()]) {
      const engine = await openLab(undefined, { historyId });
      expect(engine.historyId).toBe(hex);
      await engine.close();
    }
    const drawn = await openLab(undefined, { historyId: undefined });
    expect(drawn.historyId).toMatch(/^[0-9a-f]{32}$/);
    expect(drawn.historyId).not.toBe(HISTORY_ID);
    await drawn.close();
  });

  test("another one than the history has is WRONG_HISTORY_ID", async () => {
    const { history } = await historyOf(1);
    const opening = openLab(undefined, { history, historyId: "11".repeat(16) });
    await expect(opening).rejects.toMatchObject({ name: "HistoryError", code: "WRONG_HISTORY_ID" });
  });

  test.each([["00"], ["zz".repeat(16)], [new Uint8Array(15)], [7]])("%o is no id", async (historyId) => {
    await expect(openLab(undefined, { historyId: historyId as never })).rejects.toMatchObject({
      name: "UsageError",
      argument: "historyId",
    });
  });
});

describe("expect", () => {
  test("a frame that is there passes, whichever it is", async () => {
    const { history, digests } = await historyOf(5);
    for (const [index, digest] of digests.entries()) {
      const engine = await openLab(undefined, { history, expect: { seq: BigInt(index + 1), digest } });
      await engine.close();
    }
    const upper = { seq: 5n, digest: digests[4]!.toUpperCase() };
    await (await openLab(undefined, { history, expect: upper })).close();
  });

  test("another digest there is EXPECTATION_FAILED with both", async () => {
    const { history, digests } = await historyOf(5);
    const expected = digests[3]!;
    await expect(
      openLab(undefined, { history, expect: { seq: 3n, digest: expected } }),
    ).rejects.toMatchObject({
      name: "HistoryError",
      code: "EXPECTATION_FAILED",
      seq: 3n,
      expected,
      actual: digests[2],
    });
  });

  test("a history that ends before it is EXPECTATION_FAILED: a lost end shows", async () => {
    const { history, digests } = await historyOf(3);
    const missing = openLab(undefined, { history, expect: { seq: 4n, digest: digests[2]! } });
    await expect(missing).rejects.toMatchObject({ code: "EXPECTATION_FAILED", seq: 4n, actual: "3" });
    const empty = openLab(undefined, { expect: { seq: 1n, digest: digests[0]! } });
    await expect(empty).rejects.toMatchObject({ code: "EXPECTATION_FAILED", actual: "0" });
  });

  test.each([
    ["expect.seq", { seq: 1, digest: "00".repeat(32) }],
    ["expect.seq", { seq: 0n, digest: "00".repeat(32) }],
    ["expect.digest", { seq: 1n, digest: "00" }],
    ["expect.digest", { seq: 1n, digest: undefined }],
  ])("a bad %s is a UsageError, never silently true", async (argument, expected) => {
    const { history } = await historyOf(2);
    await expect(openLab(undefined, { history, expect: expected as never })).rejects.toMatchObject({
      name: "UsageError",
      argument,
    });
  });
});

describe("other options", () => {
  test("what is no domain and what is no history is named", async () => {
    const domain = { ...makeLab() };
    await expect(open({ domain: domain as never, history: memoryHistory() })).rejects.toMatchObject({
      name: "UsageError",
      argument: "domain",
    });
    await expect(openLab(undefined, { history: {} as never })).rejects.toMatchObject({ argument: "history" });
  });

  test("onProgress is told of recovery up to the last frame", async () => {
    const { history } = await historyOf(5);
    const told: [bigint, bigint][] = [];
    const engine = await openLab(undefined, {
      history,
      onProgress: (done, total) => told.push([done, total]),
    });
    expect(told.at(-1)).toEqual([5n, 5n]);
    await engine.close();
  });

  test("recovery runs no handler", async () => {
    const { history } = await historyOf(5);
    const engine = await openLab(
      () => {
        throw new Error("ran");
      },
      { history },
    );
    expect(executorOf(engine).core.exports.checkStructure()).toBe(0);
    await engine.close();
  });
});

describe("the clock", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test("a command has the time of the clock, and never an earlier one than the last", async () => {
    let now = 500n;
    const engine = await openLab(undefined, { clock: { nowNs: () => now } });
    const times: bigint[] = [];
    for (now of [700n, 600n, 701n]) await engine.submitMany([put(1n, now)]);
    for await (const frame of engine.frames()) times.push(frame.timeNs);
    expect(times).toEqual([500n, 700n, 700n, 701n]);
    expect(await engine.audit()).toMatchObject({ identical: true });
    await engine.close();
  });

  test("a handler sees the recorded time", async () => {
    let now = 9n;
    const seen: bigint[] = [];
    const engine = await openLab((tx) => seen.push(tx.timeNs), { clock: { nowNs: () => now } });
    await engine.submit("Do", deed());
    now = 4n;
    await engine.submit("Do", deed());
    expect(seen).toEqual([9n, 9n]);
    await engine.close();
  });

  test.each([5, -1n, 1n << 64n, undefined])(
    "a clock that says %o is refused; the engine stays usable",
    async (bad) => {
      let now: unknown = 9n;
      const engine = await openLab(undefined, { clock: { nowNs: () => now as bigint } });
      now = bad;
      await expect(engine.submit("Do", deed())).rejects.toMatchObject({
        name: "UsageError",
        argument: "clock",
      });
      now = 10n;
      expect(await engine.submit("Do", deed())).toMatchObject({ seq: 2n });
      await engine.close();
    },
  );

  async function systemTime(ms: number): Promise<void> {
    vi.spyOn(Date, "now").mockReturnValue(ms);
  }

  test("the host's clock far behind the last frame is CLOCK at open; a little behind is not", async () => {
    const history = memoryHistory();
    const lastMs = Date.now() + 60_000;
    const clock = { nowNs: () => BigInt(lastMs) * 1_000_000n };
    await (await openLab(undefined, { history, clock })).close();
    await expect(openLab(undefined, { history, clock: undefined })).rejects.toMatchObject({
      name: "OperationalError",
      code: "CLOCK",
    });
    systemTime(lastMs - 4_999);
    const engine = await openLab(undefined, { history, clock: undefined });
    expect(await engine.submit("Do", deed())).toMatchObject({ outcome: "committed" });
    await engine.close();
    systemTime(lastMs - 5_001);
    await expect(openLab(undefined, { history, clock: undefined })).rejects.toMatchObject({ code: "CLOCK" });
    await (await openLab(undefined, { history, clock: fixedClock })).close();
  });

  test("the host's clock moving back is CLOCK: no frame, no source seq, and the engine is not poisoned", async () => {
    const startMs = Date.now();
    const engine = await openLab(undefined, { clock: undefined });
    systemTime(startMs - 60_000);
    const source = { client: 1n, stream: 0, seq: 1n };
    await expect(engine.submit("Do", deed(), { source })).rejects.toBeInstanceOf(OperationalError);
    await expect(engine.submit("Do", deed(), { source })).rejects.toMatchObject({ code: "CLOCK" });
    await expect(engine.submitMany([put(1n, 1n)])).rejects.toMatchObject({ code: "CLOCK" });
    vi.restoreAllMocks();
    expect(await engine.submit("Do", deed(), { source })).toMatchObject({ seq: 2n, duplicate: false });
    await engine.close();
  });

  test("a UsageError of an option leaves the history alone", async () => {
    const history = memoryHistory();
    await expect(openLab(undefined, { history, historyId: "00" })).rejects.toBeInstanceOf(UsageError);
    await expect(history.inspect()).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
