/** Admission: every command that is turned away, with its code and details, and that nothing has changed then. */

import { AdmissionError, type Engine, memoryHistory, UsageError } from "statevec";
import { describe, expect, test } from "vitest";
import { deed, type Lab, largeDeed, openLab, TestHistory } from "./lab.ts";

async function refusal(promise: Promise<unknown>): Promise<AdmissionError> {
  const error = await promise.then(
    (value) => new Error(`resolved with ${String(value)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof AdmissionError)) throw error;
  return error;
}

/** The frontier once everything on its way is durable. */
async function frontierOf(engine: Engine<Lab>) {
  await engine.read(() => undefined);
  return engine.frontier;
}

const at = (seq: bigint, stream = 0) => ({ source: { client: 7n, stream, seq } });

describe("MALFORMED names the field and makes no frame", () => {
  const cases: [string, string, unknown, string | undefined][] = [
    ["a missing field", "Put", { id: 1n }, "value"],
    ["an unknown field", "Put", { id: 1n, value: 2n, extra: 1 }, "extra"],
    ["another type", "Put", { id: 1, value: 2n }, "id"],
    ["out of range above", "Put", { id: 1n << 64n, value: 2n }, "id"],
    ["out of range below", "Put", { id: 1n, value: -1n }, "value"],
    ["null for a required field", "Put", { id: null, value: 1n }, "id"],
    ["undefined for a required field", "Put", { id: 1n, value: undefined }, "value"],
    ["too many elements", "Other", { n: 1n, words: [1, 2, 3, 4, 5] }, "words"],
    ["a bad element", "Other", { n: 1n, words: [1, 256] }, "words"],
    ["no array", "Other", { n: 1n, words: "ab" }, "words"],
    ["a text that is too long", "Do", { n: 1n, words: ["x".repeat(4_001)] }, "words"],
    ["a lone surrogate", "Do", { n: 1n, words: ["\ud800"] }, "words"],
    ["no object", "Put", 5, undefined],
    ["null", "Put", null, undefined],
    ["nothing", "Put", undefined, undefined],
  ];
  test.each(cases)("%s", async (_name, name, payload, field) => {
    const engine = await openLab();
    const before = engine.frontier;
    const error = await refusal(engine.submit(name as "Put", payload as never));
    expect(error.code).toBe("MALFORMED");
    expect(error.field).toBe(field);
    expect(await frontierOf(engine)).toEqual(before);
    await engine.close();
  });

  test("a command that the schema does not have is a UsageError", async () => {
    const engine = await openLab();
    const submitted = engine.submit("Nothing" as "Put", { id: 1n, value: 1n });
    await expect(submitted).rejects.toThrow(UsageError);
    await expect(submitted).rejects.toThrow(
      'found "Nothing", expected a command of the schema: Put, Do, Other, Twin',
    );
    await engine.close();
  });
});

describe("TOO_LARGE", () => {
  test("a payload above the limit of the epoch; one at the limit runs", async () => {
    const engine = await openLab(undefined, { limits: { payloadBytes: 30 } });
    // n 8, count 2, length 2, text
    expect(await engine.submit("Do", { n: 1n, words: ["x".repeat(18)] })).toMatchObject({ seq: 2n });
    const error = await refusal(engine.submit("Do", { n: 1n, words: ["x".repeat(19)] }, at(1n)));
    expect(error).toMatchObject({ code: "TOO_LARGE" });
    expect(error.message).toContain("30 bytes");
    expect(await engine.submit("Do", deed(), at(1n))).toMatchObject({ seq: 3n, duplicate: false });
    await engine.close();
  });
});

describe("sources", () => {
  test("GAP names the seq that would have been taken; the first is 1", async () => {
    const engine = await openLab();
    expect(await refusal(engine.submit("Do", deed(), at(2n)))).toMatchObject({ code: "GAP", expected: 1n });
    await engine.submit("Do", deed(), at(1n));
    expect(await refusal(engine.submit("Do", deed(), at(3n)))).toMatchObject({ code: "GAP", expected: 2n });
    expect(await engine.submit("Do", deed(), at(2n))).toMatchObject({ duplicate: false, seq: 3n });
    await engine.close();
  });

  test("streams of a client, and clients, count apart", async () => {
    const engine = await openLab();
    expect(await engine.submit("Do", deed(), at(1n, 0))).toMatchObject({ seq: 2n });
    expect(await engine.submit("Do", deed(), at(1n, 1))).toMatchObject({ seq: 3n });
    const other = { source: { client: 8n, stream: 0, seq: 1n } };
    expect(await engine.submit("Do", deed(), other)).toMatchObject({ seq: 4n, duplicate: false });
    await engine.close();
  });

  test("CONFLICT: the same seq with another payload, or another command; the original answers still", async () => {
    const engine = await openLab();
    const first = await engine.submit("Do", deed(1n), at(1n));
    expect(await refusal(engine.submit("Do", deed(2n), at(1n)))).toMatchObject({ code: "CONFLICT" });
    expect(await refusal(engine.submit("Other", { n: 1n, words: [] }, at(1n)))).toMatchObject({
      code: "CONFLICT",
    });
    expect(await engine.submit("Do", deed(1n), at(1n))).toEqual({ ...first, duplicate: true });
    expect((await frontierOf(engine)).seq).toBe(2n);
    await engine.close();
  });

  test("CONFLICT: another command with the same payload bytes", async () => {
    const engine = await openLab();
    await engine.submit("Put", { id: 1n, value: 2n }, at(1n));
    expect(await refusal(engine.submit("Twin", { id: 1n, value: 2n }, at(1n)))).toMatchObject({
      code: "CONFLICT",
      lastSeq: 1n,
    });
    await engine.close();
  });

  test("a malformed command uses no source seq", async () => {
    const engine = await openLab();
    await refusal(engine.submit("Put", { id: 1n } as never, at(1n)));
    expect(await engine.submit("Do", deed(), at(1n))).toMatchObject({ duplicate: false });
    await engine.close();
  });

  test("SOURCES_FULL turns away a new source, not a known one; retire makes room", async () => {
    const engine = await openLab(undefined, { limits: { sources: 2 } });
    await engine.submit("Do", deed(), at(1n, 0));
    await engine.submit("Do", deed(), at(1n, 1));
    expect(await refusal(engine.submit("Do", deed(), at(1n, 2)))).toMatchObject({ code: "SOURCES_FULL" });
    expect(await engine.submit("Do", deed(), at(2n, 1))).toMatchObject({ duplicate: false });
    expect(await engine.submit("Do", deed())).toMatchObject({ outcome: "committed" });
    const { seq } = await engine.retire(7n, 0);
    expect(await engine.submit("Do", deed(), at(1n, 2))).toMatchObject({ seq: seq + 1n });
    await engine.close();
  });

  test.each([
    ["source.client", { client: -1n, stream: 0, seq: 1n }],
    ["source.client", { client: 1, stream: 0, seq: 1n }],
    ["source.client", { client: 1n << 64n, stream: 0, seq: 1n }],
    ["source.stream", { client: 1n, stream: -1, seq: 1n }],
    ["source.stream", { client: 1n, stream: 2 ** 32, seq: 1n }],
    ["source.stream", { client: 1n, stream: 0.5, seq: 1n }],
    ["source.seq", { client: 1n, stream: 0, seq: 0n }],
    ["source.seq", { client: 1n, stream: 0, seq: 1 }],
  ])("a bad %s is a UsageError that names it: %o", async (argument, source) => {
    const engine = await openLab();
    const error = await engine.submit("Do", deed(), { source: source as never }).catch((reason) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect(error.argument).toBe(argument);
    await engine.close();
  });
});

describe("DUPLICATE: the walk over the links of a source has an end", () => {
  test("4,096 frames back are answered, one more is not", async () => {
    const engine = await openLab();
    const commands = Array.from({ length: 4_097 }, (_, index) => {
      return { name: "Do", payload: deed(), ...at(BigInt(index + 1)) } as const;
    });
    await engine.submitMany(commands);
    expect(await engine.submit("Do", deed(), at(2n))).toMatchObject({ duplicate: true, seq: 3n });
    expect(await refusal(engine.submit("Do", deed(), at(1n)))).toMatchObject({
      code: "DUPLICATE",
      lastSeq: 4_097n,
    });
    await engine.close();
  });
});

describe("BUSY and CLOSED", () => {
  test("BUSY when too much waits for the history; nothing is lost, and there is room again later", async () => {
    const history = new TestHistory();
    const engine = await openLab(undefined, { history });
    history.hold();
    const answers: Promise<unknown>[] = [];
    let busy: unknown;
    for (let index = 0; index < 5_000 && busy === undefined; index++) {
      const answer = engine.submit("Do", largeDeed());
      answers.push(answer);
      answer.catch((error) => {
        busy = error;
      });
      await Promise.resolve();
    }
    expect(busy).toMatchObject({ name: "AdmissionError", code: "BUSY" });
    history.release();
    const admitted = (await Promise.allSettled(answers)).filter((one) => one.status === "fulfilled").length;
    expect(engine.frontier.seq).toBe(BigInt(admitted + 1));
    expect(admitted * 40_000).toBeGreaterThan(64 << 20);
    expect(await engine.submit("Do", deed())).toMatchObject({ outcome: "committed" });
    for (let round = 0; round < 4; round++) {
      const half = Array.from({ length: admitted >> 1 }, () => engine.submit("Do", largeDeed()));
      await expect(Promise.all(half)).resolves.toHaveLength(half.length);
    }
    await engine.close();
  });

  test("submitMany waits where submit is BUSY", async () => {
    const history = new TestHistory();
    const engine = await openLab(undefined, { history });
    const payload = largeDeed();
    const commands = Array.from({ length: 2_000 }, () => ({ name: "Do", payload }) as const);
    const receipts = await engine.submitMany(commands);
    expect(receipts.map((one) => one.seq)).toEqual(commands.map((_, index) => BigInt(index + 2)));
    await engine.close();
  });

  test("CLOSED, for every operation, from the moment close is called", async () => {
    const engine = await openLab();
    const closing = engine.close();
    expect(await refusal(engine.submit("Do", deed()))).toMatchObject({ code: "CLOSED" });
    expect(await refusal(engine.submitMany([{ name: "Do", payload: deed() }]))).toMatchObject({
      code: "CLOSED",
    });
    expect(await refusal(engine.read(() => 1))).toMatchObject({ code: "CLOSED" });
    expect(await refusal(engine.retire(1n, 1))).toMatchObject({ code: "CLOSED" });
    expect(await refusal(engine.receipt(at(1n).source))).toMatchObject({ code: "CLOSED" });
    expect(await refusal(engine.audit())).toMatchObject({ code: "CLOSED" });
    expect(() => engine.readExecuted(() => 1)).toThrow(AdmissionError);
    expect(() => engine.frames()).toThrow(AdmissionError);
    await closing;
    await engine.close();
  });

  test("close waits for what is on its way", async () => {
    const history = memoryHistory();
    const engine = await openLab(undefined, { history });
    const answer = engine.submit("Do", deed());
    await engine.close();
    expect(await answer).toMatchObject({ seq: 2n });
    const again = await openLab(undefined, { history });
    expect(again.frontier.seq).toBe(2n);
    await again.close();
  });
});
