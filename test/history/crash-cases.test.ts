/** The crash cases that the format was made for, one test each. */
import { describe, expect, test } from "vitest";
import { sealFrames } from "../../src/history/chain.ts";
import type { FrameBatch } from "../../src/history/history.ts";
import { BATCH_LENGTH, BATCH_ZERO_SECTORS, SECTOR_BYTES } from "../../src/history/segments/segment-format.ts";
import { type Operation, SimulatedDisk } from "./simulated-file-system.ts";
import {
  appendAll,
  claimOn,
  DIRECTORY,
  HISTORY_ID,
  historyOn,
  onlySegment,
  Scheduler,
  sealer,
} from "./simulation.ts";
import { joined, makeFrames, readAll } from "./synthetic-frames.ts";

const HEADER = SECTOR_BYTES;

/** A disk with one closed history, its segment and what was written. */
async function smallHistory(shapes: Parameters<typeof appendAll>[1]) {
  const disk = new SimulatedDisk();
  const claimed = await claimOn(disk, "writer");
  const batches = await appendAll(claimed, shapes);
  await claimed.close();
  return { disk, batches, segment: onlySegment(disk) };
}

/** The same disk with other bytes in the segment. */
function withBytes(path: string, bytes: Uint8Array): SimulatedDisk {
  const disk = new SimulatedDisk();
  disk.put(path, bytes);
  disk.put(`${DIRECTORY}/term-1`, new Uint8Array(0));
  return disk;
}

function changed(bytes: Uint8Array, change: (bytes: Uint8Array) => void): Uint8Array {
  const copy = bytes.slice();
  change(copy);
  return copy;
}

const damaged = (details: object) => ({ name: "HistoryError", code: "DAMAGED", ...details });

describe("a power cut in a batch", () => {
  /** Batch 1 ends in sector 2 of the file; batch 2 goes from there through sectors 3, 4 and 5. */
  async function cut(
    survives: (what: string) => boolean,
  ): Promise<{ disk: SimulatedDisk; batches: FrameBatch[] }> {
    const scheduler = new Scheduler();
    const disk = new SimulatedDisk({ turn: (operation) => scheduler.turn(operation) });
    const claimed = await claimOn(disk, "writer");
    const batches = await appendAll(claimed, [{ count: 4, bodyBytes: 150 }]);
    scheduler.isRunning = true;
    const lost = makeFrames(5n, 10, { bodyBytes: 120 });
    void claimed.append({ ...lost, bytes: lost.bytes.slice() });
    await scheduler.run((waiting) => (waiting[0]?.name === "syncData" ? -1 : 0));
    scheduler.isRunning = false;
    sealFrames(sealer, lost, claimed.frontier.digest);
    return { disk: disk.powerCut(survives), batches: [...batches, lost] };
  }

  test("whatever sectors survive: the whole batch, or the end before it, or a tear that is reported", async () => {
    const counts = { whole: 0, tear: 0, end: 0 };
    for (let subset = 0; subset < 16; subset += 1) {
      const { disk, batches } = await cut((what) => {
        const sector = /^sector \S+ (\d+)$/.exec(what);
        return sector !== null && (subset & (1 << (Number(sector[1]) - 2))) !== 0;
      });
      const before = await historyOn(disk, "reader").inspect();
      const claimed = await claimOn(disk, "next");
      expect(claimed.tear).toEqual(before.tear);
      const frames = joined(await readAll(claimed.read()));
      if (subset === 15) {
        expect(frames).toEqual(joined(batches));
        expect(claimed.tear).toBeUndefined();
        counts.whole += 1;
        continue;
      }
      expect(frames).toEqual(joined(batches.slice(0, 1)));
      expect(claimed.frontier.seq).toBe(4n);
      if (subset === 0) {
        expect(claimed.tear).toBeUndefined();
        counts.end += 1;
        continue;
      }
      const knowsSeqs = (subset & 1) === 1;
      const seqs = knowsSeqs ? { firstSeq: 5n, lastSeq: 14n } : { firstSeq: undefined, lastSeq: undefined };
      expect(claimed.tear).toMatchObject({
        segment: "00000000000000000001-0000000001.seg",
        offset: 1280,
        ...seqs,
      });
      counts.tear += 1;
    }
    expect(counts).toEqual({ whole: 1, tear: 14, end: 1 });
  });

  test("a tear is left behind: the next claim goes on in a file of its own, and it is gone from view", async () => {
    const { disk } = await cut((what) => what.endsWith(" 2"));
    const torn = [...disk.files()].find(([path]) => path.endsWith(".seg"))!;
    const claimed = await claimOn(disk, "next");
    expect(claimed.tear).toBeDefined();
    await appendAll(claimed, [{ count: 3, bodyBytes: 100 }]);
    await claimed.close();
    expect(disk.files().get(torn[0])).toEqual(torn[1]);
    const info = await historyOn(disk, "reader").inspect({ superseded: true });
    expect(info.tear).toBeUndefined();
    expect(info.segments).toMatchObject([{ superseded: true, damage: undefined }, { superseded: false }]);
    expect(info.frontier.seq).toBe(7n);
  });
});

test("a zero-filled field in the last batch, and a flipped bit: damage, not a tear", async () => {
  const shapes = [
    { count: 1, bodyBytes: 80 },
    { count: 1, bodyBytes: 2500, fill: 0 },
  ];
  const { segment } = await smallHistory(shapes);
  const second = HEADER + segmentOffsetOf(segment.bytes, 1);
  const zeroSectors = new DataView(segment.bytes.buffer).getUint32(second + BATCH_ZERO_SECTORS, true);
  expect(zeroSectors).toBe(4);
  const length = new DataView(segment.bytes.buffer).getUint32(second + BATCH_LENGTH, true);
  for (let at = second + 32; at < second + length; at += 13) {
    const disk = withBytes(
      segment.path,
      changed(segment.bytes, (bytes) => (bytes[at]! ^= 1)),
    );
    await expect(claimOn(disk, "next")).rejects.toMatchObject(damaged({ offset: second, seq: 2n }));
  }
  // One of the sectors with something in it is lost as well: then it looks like the tear it may be.
  const lost = withBytes(
    segment.path,
    changed(segment.bytes, (bytes) => bytes.fill(0, 3072, 3584)),
  );
  expect((await claimOn(lost, "next")).tear).toMatchObject({ offset: second, firstSeq: 2n, lastSeq: 2n });
});

test("a crash inside open's copy: nothing is lost, and the half of a copy is removed", async () => {
  const { disk: whole, batches } = await smallHistory([
    { count: 3, bodyBytes: 200 },
    { count: 2, bodyBytes: 900 },
  ]);
  const operations = await countOperations(whole);
  const seen = new Set<string>();
  for (let stop = 0; stop < operations; stop += 1) {
    for (const fate of [() => true, () => false, (what: string) => !what.startsWith("sector")]) {
      const scheduler = new Scheduler();
      const disk = cloneDisk(whole, { turn: (operation) => scheduler.turn(operation) });
      scheduler.isRunning = true;
      let left = stop;
      void claimOn(disk, "crashing").catch(() => {});
      await scheduler.run(() => (left-- > 0 ? 0 : -1));
      scheduler.isRunning = false;
      const after = disk.powerCut(fate);
      for (const path of after.files().keys()) if (path.endsWith(".new")) seen.add(path);
      const claimed = await claimOn(after, "next");
      expect(claimed.tear).toBeUndefined();
      expect(joined(await readAll(claimed.read()))).toEqual(joined(batches));
      expect([...after.files().keys()].filter((path) => path.endsWith(".new"))).toEqual([]);
    }
  }
  expect([...seen].some((path) => path.includes("00000000000000000001-"))).toBe(true);
});

test("a paused writer: it comes back after another one took over, and can not harm it", async () => {
  const scheduler = new Scheduler();
  const disk = new SimulatedDisk({ turn: (operation) => scheduler.turn(operation) });
  const old = await claimOn(disk, "old");
  await appendAll(old, [{ count: 2, bodyBytes: 100 }]);
  scheduler.isRunning = true;
  const refused = expect(old.append(makeFrames(3n, 2, { seed: 1 }))).rejects.toMatchObject({
    code: "FENCED",
  });
  await scheduler.run((waiting) => (waiting[0]?.name === "write" ? -1 : 0));
  scheduler.isRunning = false;
  const taken = await claimOn(disk, "new");
  expect(taken.frontier.seq).toBe(2n);
  const written = await appendAll(taken, [{ count: 2, bodyBytes: 300 }]);
  await scheduler.run(() => 0);
  await refused;
  const read = joined(await readAll(historyOn(disk, "reader").read({ from: 3n })));
  expect(read).toEqual(joined(written));
  const again = await claimOn(disk, "again");
  expect(again.frontier).toEqual(taken.frontier);
  expect(joined(await readAll(again.read({ from: 3n })))).toEqual(joined(written));
});

test("a lost term file: the next term is above every segment all the same", async () => {
  const { disk } = await smallHistory([{ count: 3, bodyBytes: 100 }]);
  const second = await claimOn(disk, "second");
  await appendAll(second, [{ count: 1, bodyBytes: 100 }]);
  await second.close();
  disk.take(`${DIRECTORY}/term-1`);
  disk.take(`${DIRECTORY}/term-2`);
  const third = await claimOn(disk, "third");
  expect(third.term).toBe(3n);
  expect(third.frontier.seq).toBe(4n);
});

test("a crash while zeroing: what was made of the next segment is removed, and the history is whole", async () => {
  const scheduler = new Scheduler();
  const disk = new SimulatedDisk({ turn: (operation) => scheduler.turn(operation) });
  const claimed = await claimOn(disk, "writer", { segmentSizeMin: 4096 });
  scheduler.isRunning = true;
  const written = makeFrames(1n, 15, { bodyBytes: 150 });
  const append = claimed.append(written);
  // The batch passes the middle of the segment: the zeros of the next one are begun, and never synced.
  await scheduler.run((waiting) => waiting.findIndex((one) => one.name !== "sync" && one.name !== "zero"));
  await append;
  expect(scheduler.waiting.map((one) => one.operation)).toMatchObject([{ name: "zero" }]);
  await scheduler.run((waiting) => waiting.findIndex((one) => one.name === "zero"));
  scheduler.isRunning = false;
  let sectors = 0;
  const after = disk.powerCut((what) => !what.startsWith("sector") || sectors++ < 3);
  expect([...after.files().keys()]).toContain(`${DIRECTORY}/next-0000000001.new`);
  const next = await claimOn(after, "next");
  expect(next.tear).toBeUndefined();
  expect(joined(await readAll(next.read()))).toEqual(joined([written]));
  expect([...after.files().keys()].some((path) => path.endsWith(".new"))).toBe(false);
});

test("a bit in skipped bytes: damage", async () => {
  // 512 + 36 + 105 + 32 = 685: the second batch starts at 704, and 19 bytes are skipped.
  const { segment } = await smallHistory([
    { count: 1, bodyBytes: 105 },
    { count: 1, bodyBytes: 100 },
  ]);
  for (let at = 685; at < 704; at += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const disk = withBytes(
        segment.path,
        changed(segment.bytes, (bytes) => (bytes[at]! ^= 1 << bit)),
      );
      await expect(claimOn(disk, "next")).rejects.toMatchObject(damaged({ offset: at, seq: 2n }));
    }
  }
  // Behind the last batch too.
  const end = 704 + 36 + 132;
  const disk = withBytes(
    segment.path,
    changed(segment.bytes, (bytes) => (bytes[end + 3]! ^= 1)),
  );
  await expect(claimOn(disk, "next")).rejects.toMatchObject(damaged({ offset: end + 3, seq: 3n }));
});

describe("a device-zeroed sector", () => {
  const shapes = [1, 2, 3, 4, 5].map((count) => ({ count, bodyBytes: 330 }));

  test("is damage anywhere but in the last batch, where it can not be told from a tear", async () => {
    const { segment, batches } = await smallHistory(shapes);
    const lastBatch = HEADER + segmentOffsetOf(segment.bytes, 4);
    let tears = 0;
    for (let at = 0; at < segment.bytes.length; at += SECTOR_BYTES) {
      const bytes = changed(segment.bytes, (copy) => copy.fill(0, at, at + SECTOR_BYTES));
      if (Buffer.compare(bytes, segment.bytes) === 0) continue;
      const disk = withBytes(segment.path, bytes);
      if (at + SECTOR_BYTES <= lastBatch || at < lastBatch) {
        await expect(claimOn(disk, "next"), `sector at ${at}`).rejects.toMatchObject(damaged({}));
        continue;
      }
      const claimed = await claimOn(disk, "next");
      expect(claimed.tear).toMatchObject({ offset: lastBatch, firstSeq: 11n, lastSeq: 15n });
      expect(joined(await readAll(claimed.read()))).toEqual(joined(batches.slice(0, 4)));
      tears += 1;
    }
    expect(tears).toBeGreaterThan(1);
  });

  test("with the header of an inner batch in it is damage, not the end of the history", async () => {
    // The second batch starts with a sector, so zeroing it leaves the first one whole; the third one is whole too.
    const { segment } = await smallHistory([
      { count: 1, bodyBytes: 444 },
      { count: 1, bodyBytes: 444 },
      { count: 1, bodyBytes: 300 },
    ]);
    expect(segmentOffsetOf(segment.bytes, 1)).toBe(512);
    const bytes = changed(segment.bytes, (copy) => copy.fill(0, 1024, 1536));
    await expect(claimOn(withBytes(segment.path, bytes), "next")).rejects.toMatchObject(
      damaged({ offset: 1024, seq: 2n, actual: "a whole batch from seq 3 on" }),
    );
  });
});

/** Offset, from the end of the segment header, of the batch at this position. */
function segmentOffsetOf(bytes: Uint8Array, batch: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = HEADER;
  for (let position = 0; position < batch; position += 1) {
    at = Math.ceil((at + view.getUint32(at + BATCH_LENGTH, true)) / 32) * 32;
  }
  return at - HEADER;
}

function cloneDisk(
  disk: SimulatedDisk,
  hooks: { turn?(operation: Operation): Promise<void> | undefined },
): SimulatedDisk {
  const clone = new SimulatedDisk(hooks);
  for (const [path, bytes] of disk.files()) clone.put(path, bytes);
  return clone;
}

async function countOperations(disk: SimulatedDisk): Promise<number> {
  const clone = cloneDisk(disk, {});
  const claimed = await claimOn(clone, "counting");
  expect(claimed.historyId).toEqual(HISTORY_ID);
  return clone.log.length;
}
