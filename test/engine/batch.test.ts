/** Batches: the same frames as one command at a time, receipts when they are asked for, an end at the first refusal. */
import { AdmissionError, DeterminismError, EngineFault, OperationalError, UsageError } from "statevec";
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

/** What a batch was refused with. */
async function refusal(submitted: Promise<unknown>): Promise<any> {
  return submitted.then(
    () => expect.unreachable("it was not refused"),
    (error) => error,
  );
}

/** The receipts that an error carries, as they are in the history. */
async function expectReceipts(engine: LabEngine, error: any, count: number): Promise<void> {
  expect(error).toMatchObject({ index: count, receipts: { length: count } });
  const frames = await collect(engine.frames({ from: 2n }));
  const all = [...error.receipts];
  expect(all.map(({ seq, digest }) => ({ seq, digest }))).toEqual(
    frames.slice(0, count).map(({ seq, digest }) => ({ seq, digest })),
  );
  if (count > 0) expect(error.receipts.at(count - 1)).toEqual(all[count - 1]);
  expect(error.receipts.at(count)).toBeUndefined();
}

describe("the error of a batch that ends in the middle carries the receipts of the commands before", () => {
  const bySubmit = {
    submitMany: (engine: LabEngine, many: any[]) => engine.submitMany(many),
    submitBatch(engine: LabEngine, many: any[]) {
      const batch = engine.newBatch();
      for (const { name, payload, ...options } of many) batch.add(name as never, payload as never, options);
      return engine.submitBatch(batch);
    },
  };
  describe.each(Object.entries(bySubmit))("%s", (_name, submit) => {
    test("turned away", async () => {
      const engine = await openLab();
      const many = [
        put(1n, 1n),
        { ...put(2n, 1n), source: source(1n) },
        { ...put(3n, 1n), source: source(3n) },
      ];
      const error = await refusal(submit(engine, [...many, put(4n, 1n)]));
      expect(error).toBeInstanceOf(AdmissionError);
      expect(error).toMatchObject({ code: "GAP", expected: 2n });
      expect(error.message).toMatch(/^GAP: command 2: found source seq 3, expected 2/);
      await expectReceipts(engine, error, 2);
      await engine.close();
    });

    test("a handler that can not be repeated", async () => {
      const engine = await openLab((_tx, { n }) => {
        if (n === 3n) Math.random();
      });
      const many = [1n, 2n, 3n, 4n].map((n) => ({ name: "Do", payload: deed(n) }));
      const error = await refusal(submit(engine, many));
      expect(error).toBeInstanceOf(DeterminismError);
      expect(error).toMatchObject({ code: "ENTROPY", called: "Math.random" });
      expect(error.message).toMatch(/^ENTROPY: Math\.random: no replay/);
      await expectReceipts(engine, error, 2);
      await engine.close();
    });

    test("a clock that fails between two parts of a batch", async () => {
      let reads = 0;
      const nowNs = () => {
        if (++reads === 3) throw new OperationalError("CLOCK", "set it right");
        return 1_000n;
      };
      const engine = await openLab(undefined, { clock: { nowNs } });
      const many = Array.from({ length: 5_000 }, (_, index) => put(BigInt(index), 1n));
      const error = await refusal(submit(engine, many));
      expect(error).toBeInstanceOf(OperationalError);
      expect(error).toMatchObject({ code: "CLOCK" });
      await expectReceipts(engine, error, 4_096);
      await engine.close();
    });

    test("a fault of the engine: those before it stay, and a later batch hears the fault itself", async () => {
      const overflow = (): number => 1 + overflow();
      const engine = await openLab((_tx, { n }) => {
        if (n === 3n) overflow();
      });
      const many = [1n, 2n, 3n, 4n].map((n) => ({ name: "Do", payload: deed(n) }));
      const error = await refusal(submit(engine, many));
      expect(error).toBeInstanceOf(EngineFault);
      expect(error).toMatchObject({ code: "STACK_OVERFLOW", index: 2, report: { command: { name: "Do" } } });
      expect([...error.receipts].map(({ seq }) => seq)).toEqual([2n, 3n]);
      expect(engine.frontier.seq).toBe(3n);
      const later = await refusal(submit(engine, many));
      expect(later).toMatchObject({ code: "STACK_OVERFLOW", report: error.report });
      expect(later.index).toBeUndefined();
      await engine.close();
    });

    test("a history that fails: those that are durable have receipts, of the others nothing is known", async () => {
      const history = new TestHistory();
      const engine = await openLab(undefined, { history });
      history.hold();
      const submitted = refusal(submit(engine, [put(1n, 1n), put(2n, 1n)]));
      history.failNext(false);
      history.release();
      const error = await submitted;
      expect(error).toMatchObject({ code: "OUTCOME_UNKNOWN", index: 0, receipts: { length: 0 } });
      await engine.close();
    });

    test("a history that fails: a duplicate behind what is not durable has no receipt either", async () => {
      const history = new TestHistory();
      const engine = await openLab(undefined, { history });
      await engine.submit("Put", { id: 1n, value: 1n }, { source: source(1n) });
      history.hold();
      const submitted = refusal(submit(engine, [put(2n, 1n), { ...put(1n, 1n), source: source(1n) }]));
      // The duplicate has its answer, the other waits.
      await new Promise((resolve) => setTimeout(resolve, 50));
      history.failNext(false);
      history.release();
      const error = await submitted;
      expect(error).toMatchObject({ code: "OUTCOME_UNKNOWN", index: 0, receipts: { length: 0 } });
      expect(error.receipts.at(1)).toBeUndefined();
      expect(error.receipts.committed ?? 0).toBe(0);
      await engine.close();
    });

    test("a history that fails at the second append of a batch", { timeout: 120_000 }, async () => {
      const history = new TestHistory();
      let calls = 0;
      const engine = await openLab(() => void (++calls === 200 && history.failNext(false)), { history });
      const many = Array.from({ length: 400 }, () => ({ name: "Do", payload: largeDeed() }));
      const error = await refusal(submit(engine, [put(1n, 1n), ...many]));
      expect(error).toMatchObject({ code: "OUTCOME_UNKNOWN" });
      const { length } = error.receipts;
      expect(length).toBeGreaterThan(0);
      expect(length).toBeLessThan(401);
      expect(error.receipts.at(length - 1).seq).toBe(engine.frontier.seq);
      expect(error).toMatchObject({ index: length });
      expect([...error.receipts]).toHaveLength(length);
      await engine.close();
    });
  });

  test("what has no byte form, and duplicates before it", async () => {
    const engine = await openLab();
    await engine.submit("Put", { id: 1n, value: 1n }, { source: source(1n) });
    const again = { ...put(1n, 1n), source: source(1n) };
    const error = await refusal(engine.submitMany([again, put(2n, 1n), put(-1n as never, 1n)]));
    expect(error).toMatchObject({ code: "MALFORMED", field: "id", index: 2 });
    expect(error.receipts.map(({ seq, duplicate }: any) => [seq, duplicate])).toEqual([
      [2n, true],
      [3n, false],
    ]);
    const unknown = await refusal(
      engine.submitMany([put(3n, 1n), { name: "Nothing", payload: {} } as never]),
    );
    expect(unknown).toBeInstanceOf(UsageError);
    expect(unknown).toMatchObject({ argument: "name", index: 1, receipts: { length: 1 } });
    await engine.close();
  });
});
