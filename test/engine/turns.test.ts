/** Who awaits receipts in a row never waits for anything: timers and input get their turns all the same, and nothing is lost. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryHistory as plainMemory } from "statevec";
import { fileHistory, memoryHistory } from "statevec/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LabEngine, openLab, put } from "./lab.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "statevec-turns-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** How often a timer of 5 ms rings meanwhile. */
async function ringsDuring(work: () => Promise<unknown>): Promise<number> {
  let rings = 0;
  const timer = setInterval(() => {
    rings += 1;
  }, 5);
  await work();
  clearInterval(timer);
  return rings;
}

const WORK_MILLISECONDS = 300;

async function singles(engine: LabEngine): Promise<void> {
  let seq = engine.frontier.seq;
  for (const end = Date.now() + WORK_MILLISECONDS; Date.now() < end; ) {
    seq += 1n;
    expect((await engine.submit("Put", { id: seq % 50n, value: seq })).seq).toBe(seq);
  }
}

/** Four batches on their way, each large enough to be sealed beside while the next one runs. */
async function batches(engine: LabEngine): Promise<void> {
  const onTheirWay: Promise<void>[] = [];
  let next = engine.frontier.seq + 1n;
  for (const end = Date.now() + WORK_MILLISECONDS; Date.now() < end; ) {
    const batch = engine.newBatch();
    for (let index = 0; index < 1_500; index++)
      batch.add("Put", { id: BigInt(index % 50), value: BigInt(index) });
    const first = next;
    next += 1_500n;
    onTheirWay.push(
      engine.submitBatch(batch).then((receipts) => {
        expect([receipts.at(0)!.seq, receipts.at(1_499)!.seq]).toEqual([first, first + 1_499n]);
      }),
    );
    if (onTheirWay.length === 4) await onTheirWay.shift();
  }
  await Promise.all(onTheirWay);
}

/** Windows of commands, each with a promise of its own. */
async function windows(engine: LabEngine): Promise<void> {
  const receipts: { seq: bigint; digest: string }[] = [];
  const from = engine.frontier.seq + 1n;
  let onTheirWay: Promise<unknown>[] = [];
  for (const end = Date.now() + WORK_MILLISECONDS; Date.now() < end; ) {
    const window: Promise<unknown>[] = [];
    for (let id = 0n; id < 200n; id++) {
      window.push(engine.submit("Put", { id, value: id }).then((receipt) => receipts.push(receipt)));
    }
    await Promise.all(onTheirWay);
    onTheirWay = window;
  }
  await Promise.all(onTheirWay);
  const frames: { seq: bigint; digest: string }[] = [];
  for await (const { seq, digest } of engine.frames({ from })) frames.push({ seq, digest });
  expect(receipts.map(({ seq, digest }) => ({ seq, digest }))).toEqual(frames);
}

describe.each([
  ["memory, sealed in place", () => plainMemory()],
  ["memory, sealed beside", () => memoryHistory()],
  ["file", () => fileHistory(join(directory, "history"))],
  ["file, blocking", () => fileHistory(join(directory, "history"), { blocking: true })],
])("%s", (_, makeHistory) => {
  test.each([
    ["singles", singles],
    ["windows", windows],
    ["batches", batches],
  ])("%s", async (_, work) => {
    const engine = await openLab(undefined, { history: makeHistory() });
    await engine.submitMany(Array.from({ length: 50 }, (_, id) => put(BigInt(id), 0n)));
    expect(await ringsDuring(() => work(engine))).toBeGreaterThan(5);
    const before = engine.frontier;
    expect(await engine.audit()).toMatchObject({ identical: true });
    expect(engine.frontier).toEqual(before);
    await engine.close();
  });

  test("a window that moves by one command at a time is written in groups", async () => {
    const history = makeHistory();
    const engine = await openLab(undefined, { history });
    await engine.submitMany([put(0n, 0n)]);
    const window: Promise<unknown>[] = [];
    let largest = 0;
    for (let index = 0; index < 4_000; index++) {
      await window[index % 256];
      window[index % 256] = engine.submit("Put", { id: BigInt(index % 50), value: 1n });
      if (index % 100 === 99) largest = Math.max(largest, (await history.inspect()).lastBatch?.count ?? 0);
    }
    await Promise.all(window);
    expect(largest).toBeGreaterThan(4);
    await engine.close();
  });

  test("receipts stay as they are while more is made durable", async () => {
    const engine = await openLab(undefined, { history: makeHistory() });
    const first = engine.newBatch();
    for (let id = 0n; id < 1_200n; id++) first.add("Put", { id, value: id });
    const receipts = await engine.submitBatch(first);
    const before = [...receipts];
    await batches(engine);
    expect([...receipts]).toEqual(before);
    const digests: string[] = [];
    for await (const frame of engine.frames({ from: 2n, to: 1_201n })) digests.push(frame.digest);
    expect(before.map(({ digest }) => digest)).toEqual(digests);
    await engine.close();
  });
});
