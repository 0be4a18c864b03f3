/** A source is what it was when the command came in: three values, read once, apart from the caller's object. */
import { UsageError } from "statevec";
import { describe, expect, test } from "vitest";
import { deed, openLab, TestHistory } from "./lab.ts";

/** A source whose seq is another each time it is read. */
function shifting(...seqs: bigint[]) {
  let reads = 0;
  return {
    client: 7n,
    stream: 1,
    get seq() {
      return seqs[Math.min(reads++, seqs.length - 1)]!;
    },
  };
}

describe("submit and submitMany", () => {
  test("a handler sees client, stream and seq, frozen, and nothing else", async () => {
    const seen: unknown[] = [];
    const engine = await openLab((tx) => void seen.push(tx.source));
    const source = { client: 7n, stream: 1, seq: 1n, extra: 5n };
    await engine.submit("Do", deed(), { source });
    await engine.submitMany([{ name: "Do", payload: deed(), source: { ...source, seq: 2n } }]);
    expect(seen).toEqual([
      { client: 7n, stream: 1, seq: 1n },
      { client: 7n, stream: 1, seq: 2n },
    ]);
    for (const one of seen) {
      expect(one).not.toBe(source);
      expect(Object.isFrozen(one)).toBe(true);
    }
    await engine.close();
  });

  test("an object that the caller changes afterwards changes nothing", async () => {
    const engine = await openLab();
    const source = { client: 7n, stream: 1, seq: 1n };
    const answer = engine.submit("Do", deed(), { source });
    source.seq = 9n;
    source.client = 8n;
    const receipt = await answer;
    expect(await engine.receipt({ client: 7n, stream: 1, seq: 1n })).toEqual({ ...receipt, duplicate: true });
    await engine.close();
  });

  test("what is checked is what is recorded, though a getter says something else later", async () => {
    const engine = await openLab();
    const receipt = await engine.submit("Do", deed(), { source: shifting(1n, (1n << 64n) + 5n) });
    const [second] = await engine.submitMany([{ name: "Do", payload: deed(), source: shifting(2n, 5n) }]);
    expect([receipt.outcome, second?.outcome]).toEqual(["committed", "committed"]);
    const sources: unknown[] = [];
    for await (const frame of engine.frames({ from: 2n }))
      if (frame.type === "command") sources.push(frame.source);
    expect(sources).toEqual([
      { client: 7n, stream: 1, seq: 1n, previous: 0n },
      { client: 7n, stream: 1, seq: 2n, previous: 2n },
    ]);
    const beyond = engine.submit("Do", deed(), { source: shifting(1n << 64n, 3n) });
    expect(await beyond.catch((error: unknown) => error)).toBeInstanceOf(UsageError);
    await engine.close();
  });
});

test("where a source stands is asked for without using a seq, and does not wait for the history", async () => {
  const history = new TestHistory();
  const engine = await openLab(undefined, { history });
  expect(engine.sourcePosition(1n, 0)).toBeUndefined();
  await engine.submit("Put", { id: 1n, value: 1n }, { source: { client: 1n, stream: 0, seq: 1n } });
  expect(engine.sourcePosition(1n, 0)).toEqual({ seq: 1n, frame: 2n });
  history.hold();
  const rejected = engine.submit(
    "Put",
    { id: 2n, value: 1n },
    { source: { client: 1n, stream: 0, seq: 2n } },
  );
  expect(engine.sourcePosition(1n, 0)).toEqual({ seq: 2n, frame: 3n });
  expect(engine.sourcePosition(1n, 1)).toBeUndefined();
  expect(engine.frontier.seq).toBe(2n);
  history.release();
  await rejected;
  await engine.retire(1n, 0);
  expect(engine.sourcePosition(1n, 0)).toBeUndefined();
  expect(() => engine.sourcePosition(-1n, 0)).toThrow("source.client: found -1");
  expect(() => engine.sourcePosition(1n, 0.5)).toThrow("source.stream: found 0.5");
  await engine.close();
  expect(() => engine.sourcePosition(1n, 0)).toThrow("CLOSED");
});
