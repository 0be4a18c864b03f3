/** Batches: the same frames as one command at a time, receipts when they are asked for, an end at the first refusal. */
import { AdmissionError, DeterminismError, UsageError } from "statevec";
import { describe, expect, test } from "vitest";
import { deed, diagnosed, executorOf, type LabEngine, largeDeed, openLab, put, TestHistory } from "./lab.ts";

const source = (seq: bigint, client = 1n) => ({ client, stream: 0, seq });

async function collect<T>(all: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of all) found.push(one);
  return found;
}

/** A handler that commits, rejects, throws and reads what the command before it left. */
const various = (tx: any, { n }: any) => {
  if (n % 5n === 2n) throw new Error("as it happens");
  if (n % 5n === 3n) tx.count(undefined as never, [], { limit: 1 });
};

async function digestAfter(run: (engine: LabEngine) => Promise<unknown>): Promise<string> {
  const engine = await openLab(various);
  await run(engine);
  const { digest } = engine.frontier;
  expect((await engine.audit()).identical).toBe(true);
  await engine.close();
  return digest;
}

const commands = Array.from({ length: 9_000 }, (_, index) => {
  const n = BigInt(index % 700);
  return index % 3 === 0
    ? ({ name: "Do", payload: deed(n), source: source(BigInt(index / 3 + 1)) } as const)
    : put(n, BigInt(index));
});

describe("a batch", () => {
  test("makes the frames of its commands one by one, and their receipts", { timeout: 120_000 }, async () => {
    const single = await digestAfter(async (engine) => {
      for (const { name, payload, ...options } of commands)
        await engine.submit(name, payload as any, options);
    });
    const many = await digestAfter((engine) => engine.submitMany(commands));
    const batched = await digestAfter(async (engine) => {
      const batch = engine.newBatch();
      for (const { name, payload, ...options } of commands) batch.add(name, payload as any, options);
      expect(batch.length).toBe(commands.length);
      const receipts = await engine.submitBatch(batch);
      expect(receipts.length).toBe(commands.length);
      const all = [...receipts];
      expect(all.map(({ seq }) => seq)).toEqual(commands.map((_, index) => BigInt(index + 2)));
      expect(receipts.committed).toBe(all.filter(({ outcome }) => outcome === "committed").length);
      expect(receipts.at(4_321)).toEqual(all[4_321]);
      expect(receipts.at(commands.length)).toBeUndefined();
      const [frame] = await collect(engine.frames({ from: 5_000n, to: 5_000n }));
      expect(all[4_998]).toMatchObject({
        seq: 5_000n,
        digest: frame!.digest,
        outcome: (frame as any).outcome,
      });
    });
    expect([many, batched]).toEqual([single, single]);
  });

  test("ends at the first command that is refused; those before it are done and durable", async () => {
    const engine = await openLab();
    const batch = engine.newBatch();
    batch.add("Put", { id: 1n, value: 1n }, { source: source(1n) });
    batch.add("Put", { id: 2n, value: 1n }, { source: source(3n) });
    batch.add("Put", { id: 3n, value: 1n });
    await expect(engine.submitBatch(batch)).rejects.toMatchObject({ code: "GAP", index: 1, expected: 2n });
    expect(engine.frontier.seq).toBe(2n);
    await engine.close();
  });

  test("answers duplicates with the original receipt, in their places", async () => {
    const engine = await openLab();
    const first = await engine.submit("Put", { id: 1n, value: 1n }, { source: source(1n) });
    const batch = engine.newBatch();
    batch.add("Put", { id: 7n, value: 1n });
    batch.add("Put", { id: 1n, value: 1n }, { source: source(1n) });
    batch.add("Put", { id: 8n, value: 1n }, { source: source(2n) });
    const receipts = await engine.submitBatch(batch);
    expect([...receipts].map(({ seq, duplicate }) => [seq, duplicate])).toEqual([
      [3n, false],
      [2n, true],
      [4n, false],
    ]);
    expect(receipts.at(1)).toEqual({ ...first, duplicate: true });
    expect(receipts.committed).toBe(3);
    await engine.close();
  });

  test("waits where the output and the history are full", { timeout: 120_000 }, async () => {
    const history = new TestHistory();
    const engine = await openLab(undefined, { history });
    history.hold();
    const batch = engine.newBatch();
    for (let index = 0; index < 2_000; index++) batch.add("Do", largeDeed());
    const submitted = engine.submitBatch(batch);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(executorOf(engine).executed).toBeLessThan(2_001n);
    history.release();
    const receipts = await submitted;
    expect([receipts.length, receipts.committed]).toEqual([2_000, 2_000]);
    expect(receipts.at(1_999)!.seq).toBe(2_001n);
    await engine.close();
  });

  test("a handler that can not be repeated leaves nothing of its command, and those before it stay", async () => {
    const engine = await openLab((_tx, { n }) => {
      if (n === 2n) Date.now();
    });
    const batch = engine.newBatch();
    for (const n of [1n, 2n, 3n]) batch.add("Do", deed(n));
    await expect(engine.submitBatch(batch)).rejects.toBeInstanceOf(DeterminismError);
    expect(engine.frontier.seq).toBe(2n);
    expect(await engine.submit("Do", deed(5n))).toMatchObject({ seq: 3n, outcome: "committed" });
    await engine.close();
  });

  test("a payload that is none leaves the batch as it was", async () => {
    const engine = await openLab();
    const batch = engine.newBatch();
    batch.add("Put", { id: 1n, value: 1n });
    expect(() => batch.add("Put", { id: 1n } as never)).toThrow(AdmissionError);
    expect(() => batch.add("Nothing" as never, {} as never)).toThrow(UsageError);
    expect(() => batch.add("Put", { id: 1n, value: 1n }, { source: source(0n) })).toThrow(UsageError);
    expect(batch.length).toBe(1);
    expect((await engine.submitBatch(batch)).length).toBe(1);
    await engine.close();
  });

  test("can be filled again once it has settled, not before, and belongs to its engine", async () => {
    const [engine, other] = [await openLab(), await openLab()];
    const batch = engine.newBatch();
    batch.add("Put", { id: 1n, value: 1n });
    await expect(other.submitBatch(batch)).rejects.toThrow(UsageError);
    const submitted = engine.submitBatch(batch);
    expect(() => batch.add("Put", { id: 2n, value: 1n })).toThrow(UsageError);
    expect(() => batch.clear()).toThrow(UsageError);
    await submitted;
    batch.clear();
    batch.add("Do", deed(1n));
    expect((await engine.submitBatch(batch)).at(0)).toMatchObject({ seq: 3n });
    await engine.close();
    await other.close();
  });

  test("tells the log what handlers threw, with the seq of their frames", async () => {
    const { list, onDiagnostic } = diagnosed();
    const engine = await openLab(various, { onDiagnostic });
    const batch = engine.newBatch();
    for (const n of [1n, 2n, 7n]) batch.add("Do", deed(n));
    await engine.submitBatch(batch);
    expect(list.map(({ seq, command }) => [seq, command])).toEqual([
      [3n, "Do"],
      [4n, "Do"],
    ]);
    await engine.close();
  });

  test("an empty batch resolves with no receipts", async () => {
    const engine = await openLab();
    const receipts = await engine.submitBatch(engine.newBatch());
    expect([...receipts]).toEqual([]);
    await engine.close();
  });
});
