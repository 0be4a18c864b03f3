/** One suite over every adapter and every way of writing. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { firstDigest, verifyFrames } from "../../src/history/chain.ts";
import { cutFrames } from "../../src/history/contract.ts";
import type { ClaimedHistory, FrameBatch, FrameSealer, History } from "../../src/history/history.ts";
import { memoryHistory } from "../../src/history/memory.ts";
import { fileHistory, memoryHistory as memoryHistoryBeside } from "../../src/history/node/index.ts";
import { joined, makeFrames, portableSealer, readAll, slowSealer } from "./synthetic-frames.ts";

interface Adapter {
  readonly name: string;
  readonly sealer: FrameSealer;
  make(directory: string): History;
}

const SMALL = { segmentSizeMin: 4096, segmentSizeMax: 16_384 };

const adapters: Adapter[] = [
  { name: "memory", sealer: slowSealer(), make: () => memoryHistory() },
  { name: "memory, digests beside", sealer: portableSealer(), make: () => memoryHistoryBeside() },
  {
    name: "file, blocking",
    sealer: slowSealer(),
    make: (directory) => fileHistory(directory, { blocking: true }),
  },
  { name: "file, threads", sealer: portableSealer(), make: (directory) => fileHistory(directory) },
  {
    name: "file, small segments",
    sealer: portableSealer(),
    make: (directory) => fileHistory(directory, SMALL),
  },
];

const HISTORY_ID = Uint8Array.from({ length: 16 }, (_, index) => index + 1);

describe.each(adapters)("$name", ({ make, sealer }) => {
  let directory: string;
  let history: History;
  const open: ClaimedHistory[] = [];

  beforeEach(() => {
    directory = join(mkdtempSync(join(tmpdir(), "statevec-history-")), "deep", "history");
    history = make(directory);
  });
  afterEach(async () => {
    for (const claimed of open.splice(0)) await claimed.close();
    rmSync(join(directory, "..", ".."), { recursive: true });
  });

  async function claim(
    options: { historyId?: Uint8Array; takeover?: boolean } = {},
  ): Promise<ClaimedHistory> {
    const claimed = await history.claim({ sealer, ...options });
    open.push(claimed);
    return claimed;
  }

  /** Appends batches of the given sizes and answers all frames, sealed. */
  async function fill(claimed: ClaimedHistory, counts: readonly number[]): Promise<Uint8Array> {
    const batches: FrameBatch[] = [];
    for (const count of counts) {
      const batch = makeFrames(claimed.frontier.seq + 1n, count, { bodyBytes: 72 + ((count * 37) % 500) });
      await claimed.append(batch);
      batches.push(batch);
    }
    return joined(batches);
  }

  test("a module is kept under its hash, whole, beyond the claim", async () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 31) % 251);
    const hash = createHash("sha256").update(bytes).digest("hex");
    const claimed = await claim();
    expect(await history.module(hash)).toBeUndefined();
    await claimed.keepModule(hash, bytes);
    await claimed.keepModule(hash, bytes);
    expect(await history.module(hash)).toEqual(bytes);
    await claimed.close();
    expect(await history.module(hash)).toEqual(bytes);
    await claim();
    expect(await history.module(hash)).toEqual(bytes);
  });

  test("a new history starts at digest(0) of its id", async () => {
    const claimed = await claim({ historyId: HISTORY_ID });
    expect(claimed.historyId).toEqual(HISTORY_ID);
    expect(claimed.term).toBe(1n);
    expect(claimed.frontier).toEqual({ seq: 0n, digest: firstDigest(HISTORY_ID) });
    expect(claimed.tear).toBeUndefined();
    expect(await readAll(claimed.read())).toEqual([]);
  });

  test("an id is drawn when none is given", async () => {
    const claimed = await claim();
    expect(claimed.historyId).toHaveLength(16);
    expect((await make(`${directory}-2`).claim({ sealer })).historyId).not.toEqual(claimed.historyId);
  });

  test("append seals in place, moves the frontier, and what is read is what was appended", async () => {
    const claimed = await claim({ historyId: HISTORY_ID });
    const written = await fill(claimed, [1, 3, 1, 40, 2, 1, 1, 100]);
    expect(claimed.frontier.seq).toBe(149n);
    const chunks = await readAll(claimed.read());
    expect(joined(chunks)).toEqual(written);
    let digest = firstDigest(HISTORY_ID);
    let next = 1n;
    for (const chunk of chunks) {
      expect(chunk.firstSeq).toBe(next);
      digest = verifyFrames(slowSealer(), chunk, digest);
      next += BigInt(chunk.count);
    }
    expect(claimed.frontier).toEqual({ seq: next - 1n, digest });
  });

  test("read hands over any range, also beside the claim", async () => {
    const claimed = await claim();
    await fill(claimed, [5, 1, 60, 3]);
    const all = joined(await readAll(claimed.read()));
    for (const [from, to] of [
      [1n, 69n],
      [2n, 5n],
      [5n, 6n],
      [6n, 6n],
      [30n, 40n],
      [69n, 69n],
      [69n, 99n],
    ] as const) {
      const chunks = await readAll(history.read({ from, to }));
      expect(chunks[0]?.firstSeq).toBe(from);
      const end = to > 69n ? 69n : to;
      expect(chunks.reduce((sum, chunk) => sum + chunk.count, 0)).toBe(Number(end - from) + 1);
      expect(Buffer.from(all).includes(Buffer.from(joined(chunks)))).toBe(true);
    }
    expect(await readAll(history.read({ from: 70n }))).toEqual([]);
    expect(await readAll(history.read({ to: 0n }))).toEqual([]);
    await expect(readAll(history.read({ from: 0n }))).rejects.toMatchObject({ argument: "options.from" });
  });

  test("any single frame is found, again and again", async () => {
    const claimed = await claim();
    await fill(claimed, [1, 90, 300, 2, 1, 1, 400, 60, 500, 1, 1, 300]);
    const whole = await readAll(claimed.read());
    const digests = new Map<bigint, string>();
    for (const chunk of whole) {
      for (let seq = chunk.firstSeq; seq < chunk.firstSeq + BigInt(chunk.count); seq += 1n) {
        digests.set(seq, Buffer.from(cutFrames(chunk, { from: seq, to: seq })!.bytes).toString("hex"));
      }
    }
    const reader = make(directory);
    for (const from of [claimed, history, reader]) {
      if (from === reader && reader.name === "memory") continue;
      for (let seq = 1n; seq <= claimed.frontier.seq; seq += 41n) {
        const [frame] = await readAll(from.read({ from: seq, to: seq }));
        expect(frame).toMatchObject({ firstSeq: seq, count: 1 });
        expect(Buffer.from(frame!.bytes).toString("hex")).toBe(digests.get(seq));
      }
    }
  });

  test("what is not the next batch is refused and changes nothing", async () => {
    const claimed = await claim();
    await fill(claimed, [4]);
    const { frontier } = claimed;
    const wrongSeq = makeFrames(5n, 3);
    new DataView(wrongSeq.bytes.buffer).setBigUint64(2 * 132 + 8, 8n, true);
    const wrongLength = makeFrames(5n, 2);
    new DataView(wrongLength.bytes.buffer).setUint32(0, 99, true);
    const wrong: [FrameBatch, string][] = [
      [makeFrames(4n, 1), "batch.firstSeq"],
      [makeFrames(6n, 1), "batch.firstSeq"],
      [{ ...makeFrames(5n, 1), count: 0 }, "batch.count"],
      [{ ...makeFrames(5n, 1), count: 2 }, "batch.bytes"],
      [{ ...makeFrames(6n, 1), firstSeq: 5n }, "batch"],
      [wrongSeq, "batch"],
      [wrongLength, "batch"],
    ];
    for (const [batch, argument] of wrong) {
      await expect(claimed.append(batch)).rejects.toMatchObject({ name: "UsageError", argument });
      expect(claimed.frontier).toEqual(frontier);
    }
    await fill(claimed, [2]);
    expect(claimed.frontier.seq).toBe(6n);
  });

  test("closed and opened again it goes on where it was, under the next term", async () => {
    const first = await claim({ historyId: HISTORY_ID });
    const before = await fill(first, [7, 20, 1]);
    await first.close();
    await first.close();
    await expect(first.append(makeFrames(29n, 1))).rejects.toMatchObject({ code: "CLOSED" });
    const second = await claim({ historyId: HISTORY_ID });
    expect(second.term).toBe(2n);
    expect(second.frontier).toEqual(first.frontier);
    expect(second.tear).toBeUndefined();
    const after = await fill(second, [1, 9]);
    expect(joined(await readAll(second.read()))).toEqual(
      joined([{ bytes: before }, { bytes: after }] as FrameBatch[]),
    );
    expect((await history.inspect()).frontier).toEqual(second.frontier);
  });

  test("a history of another id is refused", async () => {
    await (await claim({ historyId: HISTORY_ID })).close();
    const refused = claim({ historyId: new Uint8Array(16) });
    await expect(refused).rejects.toMatchObject({ name: "HistoryError", code: "WRONG_HISTORY_ID" });
    expect((await claim()).historyId).toEqual(HISTORY_ID);
  });

  test("a live owner is left alone, unless it is taken over: then it is fenced", async () => {
    const first = await claim();
    await fill(first, [3]);
    await expect(claim()).rejects.toMatchObject({ name: "OperationalError", code: "OWNED" });
    await fill(first, [1]);
    const second = await claim({ takeover: true });
    expect(second.frontier).toEqual(first.frontier);
    await expect(first.append(makeFrames(5n, 1))).rejects.toMatchObject({ code: "FENCED" });
    await expect(first.append(makeFrames(5n, 1))).rejects.toMatchObject({ code: "POISONED" });
    await fill(second, [2]);
    await first.close();
    await expect(claim()).rejects.toMatchObject({ code: "OWNED" });
    expect((await history.inspect()).frontier.seq).toBe(6n);
  });

  test("one append at a time", async () => {
    const claimed = await claim();
    for (let round = 0; round < 30; round += 1) {
      const first = claimed.append(makeFrames(claimed.frontier.seq + 1n, 50));
      if (claimed.frontier.seq % 50n === 0n && claimed.frontier.seq === BigInt(round) * 50n) {
        const second = claimed.append(makeFrames(claimed.frontier.seq + 1n, 1));
        await expect(second).rejects.toMatchObject({ argument: "batch" });
      }
      await first;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(claimed.frontier.seq).toBe(1500n);
  });

  test("close waits for the append under way", async () => {
    const claimed = await claim();
    await fill(claimed, [50]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    let isDone = false;
    const append = claimed.append(makeFrames(51n, 500)).then(() => {
      isDone = true;
    });
    await claimed.close();
    expect(isDone).toBe(true);
    await append;
    expect((await history.inspect()).frontier.seq).toBe(550n);
  });

  test("before anything was written there is nothing to read", async () => {
    await expect(readAll(history.read())).rejects.toMatchObject({ name: "HistoryError", code: "NOT_FOUND" });
    await expect(history.inspect()).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("a large frame and a batch larger than a segment", async () => {
    const claimed = await claim();
    await claimed.append(makeFrames(1n, 1, { bodyBytes: 100_000 }));
    await claimed.append(makeFrames(2n, 1, { bodyBytes: 72 }));
    await claimed.append(makeFrames(3n, 12_000, { bodyBytes: 400 }));
    await claimed.append(makeFrames(12_003n, 1, { bodyBytes: 5_000_000 }));
    await claimed.append(makeFrames(12_004n, 1));
    const chunks = await readAll(claimed.read());
    expect(chunks.reduce((sum, chunk) => sum + chunk.count, 0)).toBe(12_004);
    let digest = firstDigest(claimed.historyId);
    for (const chunk of chunks) digest = verifyFrames(portableSealer(), chunk, digest);
    expect(digest).toEqual(claimed.frontier.digest);
    await claimed.close();
    expect((await claim()).frontier).toEqual(claimed.frontier);
  });
});
