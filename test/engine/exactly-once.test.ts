/** Exactly-once: a source seq is answered once and the same for ever, over crashes, reopening and failures. */

import { AdmissionError, memoryHistory, UsageError } from "statevec";
import { describe, expect, test } from "vitest";
import { deed, hasSettled, Item, openLab, Reject, TestHistory } from "./lab.ts";

const at = (seq: bigint, stream = 0) => ({ source: { client: 7n, stream, seq } });

describe("duplicates", () => {
  test("every outcome is answered again as it was, and nothing runs twice", async () => {
    let runs = 0;
    const engine = await openLab((tx, { n }) => {
      runs++;
      if (n === 2n) return tx.reject(Reject.NO, { n, small: 3 });
      if (n === 3n) throw new Error("as it happens");
      tx.create(Item, { id: n, value: 0n, small: 0 });
      return undefined;
    });
    for (const n of [1n, 2n, 3n]) {
      const first = await engine.submit("Do", deed(n), at(n));
      expect(first.duplicate).toBe(false);
      expect(await engine.submit("Do", deed(n), at(n))).toEqual({ ...first, duplicate: true });
    }
    expect(await engine.submit("Do", deed(1n), at(1n))).toMatchObject({ seq: 2n, duplicate: true });
    expect(runs).toBe(3);
    expect((await engine.audit()).frames).toBe(4n);
    await engine.close();
  });

  test("a payload check uses its seq too", async () => {
    const engine = await openLab();
    const first = await engine.submit("Do", deed(1001n), at(1n));
    expect(first).toMatchObject({ outcome: "rejected", code: "PAYLOAD_CHECK", detail: { field: "n" } });
    expect(await engine.submit("Do", deed(1001n), at(1n))).toEqual({ ...first, duplicate: true });
    await engine.close();
  });

  test("one that is not durable yet waits for the first", async () => {
    const history = new TestHistory();
    const engine = await openLab(undefined, { history });
    history.hold();
    const first = engine.submit("Do", deed(), at(1n));
    const second = engine.submit("Do", deed(), at(1n));
    expect(await hasSettled(second)).toBe(false);
    history.release();
    expect(await second).toEqual({ ...(await first), duplicate: true });
    await engine.close();
  });

  test("of a whole batch that is sent again are found without walking back for each", async () => {
    const history = new TestHistory();
    const engine = await openLab(undefined, { history });
    const seqs = Array.from({ length: 60 }, (_, n) => BigInt(n + 1));
    const submissions = seqs.map((n) => ({ name: "Do" as const, payload: deed(n), ...at(n) }));
    const firsts = await engine.submitMany(submissions);
    const before = history.readCount;
    const [again, once] = await Promise.all([
      engine.submitMany(submissions),
      engine.submit("Do", deed(30n), at(30n)),
    ]);
    expect(again).toEqual(firsts.map((first) => ({ ...first, duplicate: true })));
    expect(once).toEqual(again[29]);
    expect(history.readCount - before).toBeLessThan(4 * seqs.length);
    await engine.close();
  });

  test("are found 4,096 commands of their source back, and not beyond", { timeout: 60_000 }, async () => {
    const engine = await openLab();
    const submissions = Array.from({ length: 4_097 }, (_, n) => {
      return { name: "Put" as const, payload: { id: 1n, value: BigInt(n) }, ...at(BigInt(n + 1)) };
    });
    const firsts = await engine.submitMany(submissions);
    const again = (n: number) => engine.submit("Put", submissions[n]!.payload, at(BigInt(n + 1)));
    expect(await again(1)).toEqual({ ...firsts[1], duplicate: true });
    await expect(again(0)).rejects.toMatchObject({ code: "DUPLICATE", lastSeq: 4_097n });
    expect(await again(4_096)).toEqual({ ...firsts[4_096], duplicate: true });
    await engine.close();
  });

  test("hold after reopening, once, twice", async () => {
    const history = memoryHistory();
    let engine = await openLab(undefined, { history });
    const first = await engine.submit("Do", deed(1n), at(1n));
    await engine.submit("Do", deed(2n), at(2n));
    for (let round = 0; round < 2; round++) {
      await engine.close();
      engine = await openLab(undefined, { history });
      expect(await engine.submit("Do", deed(1n), at(1n))).toEqual({ ...first, duplicate: true });
      await expect(engine.submit("Do", deed(9n), at(4n))).rejects.toMatchObject({
        code: "GAP",
        expected: 3n,
      });
    }
    expect(await engine.submit("Do", deed(3n), at(3n))).toMatchObject({ duplicate: false, seq: 4n });
    await engine.close();
  });
});

describe("receipt(source)", () => {
  test("gives what was answered, and undefined for what was not used", async () => {
    const history = memoryHistory();
    let engine = await openLab(undefined, { history });
    const first = await engine.submit("Do", deed(1n), at(1n));
    await engine.submit("Do", deed(2n), at(2n));
    await engine.close();
    engine = await openLab(undefined, { history });
    expect(await engine.receipt(at(1n).source)).toEqual({ ...first, duplicate: true });
    expect(await engine.receipt(at(3n).source)).toBeUndefined();
    expect(await engine.receipt(at(1n, 5).source)).toBeUndefined();
    await expect(engine.receipt({ client: 7n, stream: 0, seq: 0n })).rejects.toThrow(UsageError);
    await engine.close();
  });
});

describe("retire", () => {
  test("forgets a source in a frame of its own, and over reopening: its seqs start at 1 again", async () => {
    const history = memoryHistory();
    let engine = await openLab(undefined, { history });
    await engine.submit("Do", deed(1n), at(1n));
    const { seq, digest } = await engine.retire(7n, 0);
    expect(engine.frontier).toEqual({ seq, digest });
    expect(await engine.receipt(at(1n).source)).toBeUndefined();
    await engine.close();

    engine = await openLab(undefined, { history });
    await expect(engine.submit("Do", deed(2n), at(2n))).rejects.toMatchObject({ code: "GAP", expected: 1n });
    expect(await engine.submit("Do", deed(2n), at(1n))).toMatchObject({ duplicate: false, seq: 4n });
    expect(await engine.audit()).toMatchObject({ identical: true, frames: 4n });
    const kinds = [];
    for await (const frame of engine.frames()) kinds.push(frame.type);
    expect(kinds).toEqual(["epoch", "command", "retire", "command"]);
    await engine.close();
  });

  test("of a source that is not known is a UsageError and makes no frame", async () => {
    const engine = await openLab();
    await expect(engine.retire(7n, 0)).rejects.toThrow(UsageError);
    await engine.submit("Do", deed());
    expect(engine.frontier.seq).toBe(2n);
    await engine.close();
  });
});

describe("submitMany", () => {
  const many = (...ns: bigint[]) => ns.map((n) => ({ name: "Do", payload: deed(n) }) as const);

  test("answers in order, each command its own frame, whatever the outcomes", async () => {
    const engine = await openLab((tx, { n }) => {
      if (n === 2n) tx.reject(Reject.NEVER);
    });
    const receipts = await engine.submitMany(many(1n, 2n, 3n));
    expect(receipts.map((one) => [one.seq, one.outcome])).toEqual([
      [2n, "committed"],
      [3n, "rejected"],
      [4n, "committed"],
    ]);
    expect(await engine.submitMany([])).toEqual([]);
    await engine.close();
  });

  test("the first that is turned away stops it and is named; those before it are durable, none after it runs", async () => {
    const history = new TestHistory();
    const ran: bigint[] = [];
    const engine = await openLab((_tx, { n }) => ran.push(n), { history });
    const commands = [...many(1n, 2n), { name: "Do", payload: { n: 3n } }, ...many(4n)];
    const error = await engine.submitMany(commands as never).catch((reason) => reason);
    expect(error).toBeInstanceOf(AdmissionError);
    expect(error).toMatchObject({ code: "MALFORMED", index: 2, field: "words" });
    expect(ran).toEqual([1n, 2n]);
    expect(engine.frontier.seq).toBe(3n);
    await engine.close();
  });

  test("those before it are durable before it is thrown", async () => {
    const history = new TestHistory();
    const engine = await openLab(undefined, { history });
    history.hold();
    const answer = engine.submitMany([...many(1n), { name: "Do", payload: {} }] as never);
    answer.catch(() => {});
    expect(await hasSettled(answer)).toBe(false);
    history.release();
    await expect(answer).rejects.toMatchObject({ index: 1 });
    expect(engine.frontier.seq).toBe(2n);
    await engine.close();
  });

  test("duplicates are answered among the others", async () => {
    const engine = await openLab();
    const commands = [1n, 2n, 3n].map((n) => ({ name: "Do", payload: deed(n), ...at(n) }) as const);
    const first = await engine.submitMany(commands);
    const again = await engine.submitMany([...commands, { name: "Do", payload: deed(4n), ...at(4n) }]);
    expect(again.slice(0, 3)).toEqual(first.map((one) => ({ ...one, duplicate: true })));
    expect(again[3]).toMatchObject({ duplicate: false, seq: 5n });
    await engine.close();
  });

  test("a CONFLICT stops it like every AdmissionError: nothing after it runs", async () => {
    const ran: bigint[] = [];
    const engine = await openLab((_tx, { n }) => ran.push(n));
    await engine.submit("Do", deed(1n), at(1n));
    const commands = [
      { name: "Do", payload: deed(2n) },
      { name: "Do", payload: deed(9n), ...at(1n) },
      { name: "Do", payload: deed(3n) },
    ] as const;
    await expect(engine.submitMany(commands)).rejects.toMatchObject({ code: "CONFLICT", index: 1 });
    expect(ran).toEqual([1n, 2n]);
    await engine.close();
  });

  test("is no transaction, and its argument is checked", async () => {
    const engine = await openLab();
    await expect(engine.submitMany("Do" as never)).rejects.toThrow(UsageError);
    await expect(engine.submitMany([null] as never)).rejects.toThrow(UsageError);
    await engine.close();
  });
});
