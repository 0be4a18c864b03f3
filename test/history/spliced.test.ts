/** Intact pieces in the wrong place: every check by itself is good, and the whole is not. */
import { crc32c } from "@node-rs/crc32";
import { describe, expect, test } from "vitest";
import { decodeSegmentHeader, encodeSegmentHeader } from "../../src/history/segments/segment-format.ts";
import { type Operation, SimulatedDisk } from "./simulated-file-system.ts";
import { appendAll, claimOn, DIRECTORY, historyOn, Scheduler, sealer } from "./simulation.ts";
import { readAll } from "./synthetic-frames.ts";

const SIZES = { segmentSizeMin: 2048 };
const FIRST = `${DIRECTORY}/00000000000000000001-0000000001.seg`;
const SECOND = `${DIRECTORY}/00000000000000000005-0000000001.seg`;
const STRIDE = 32 + 332 + 4 + 16;

/** Four batches of one frame in the first segment, one in the second. */
async function twoSegments(fill = 7): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk();
  const claimed = await claimOn(disk, "writer", SIZES);
  await appendAll(
    claimed,
    Array.from({ length: 4 }, () => ({ count: 1, bodyBytes: 300, fill })),
  );
  await appendAll(claimed, [{ count: 1, bodyBytes: 300, fill }]);
  await claimed.close();
  expect([...disk.files().keys()].filter((path) => path.endsWith(".seg"))).toEqual([FIRST, SECOND]);
  return disk;
}

function change(disk: SimulatedDisk, path: string, edit: (bytes: Uint8Array) => void): void {
  const bytes = disk.files().get(path)!.slice();
  edit(bytes);
  disk.put(path, bytes);
}

const read = (disk: SimulatedDisk) => readAll(historyOn(disk, "reader", SIZES).read());

test("the pieces in their places are a history", async () => {
  const chunks = await read(await twoSegments());
  expect(chunks.reduce((sum, chunk) => sum + chunk.count, 0)).toBe(5);
});

test("a batch in the place of another", async () => {
  const disk = await twoSegments();
  change(disk, FIRST, (bytes) => bytes.copyWithin(512 + STRIDE, 512, 512 + STRIDE));
  const damage = { code: "DAMAGED", offset: 512 + STRIDE, expected: "seq 2", actual: "seq 1" };
  await expect(read(disk)).rejects.toMatchObject(damage);
});

test("a batch with good checks whose frames do not follow on each other", async () => {
  const disk = await twoSegments();
  change(disk, FIRST, (bytes) => {
    const view = new DataView(bytes.buffer, 512 + STRIDE);
    view.setBigUint64(32 + 8, 9n, true);
    view.setUint32(20, crc32c(bytes.subarray(512 + STRIDE + 32, 512 + STRIDE + 368)), true);
    view.setUint32(28, crc32c(bytes.subarray(512 + STRIDE, 512 + STRIDE + 28)), true);
  });
  const damage = { code: "DAMAGED", offset: 512 + STRIDE + 32, expected: "seq 2", actual: "seq 9" };
  await expect(read(disk)).rejects.toMatchObject(damage);
});

test("the last batch of an inner segment gone", async () => {
  const disk = await twoSegments();
  change(disk, FIRST, (bytes) => bytes.fill(0, 512 + 3 * STRIDE));
  const damage = {
    code: "DAMAGED",
    offset: 512 + 3 * STRIDE,
    seq: 4n,
    message: expect.stringContaining("missing"),
  };
  await expect(read(disk)).rejects.toMatchObject(damage);
});

test("an inner segment gone", async () => {
  const disk = await twoSegments();
  const claimed = await claimOn(disk, "more", SIZES);
  await appendAll(
    claimed,
    Array.from({ length: 6 }, () => ({ count: 1, bodyBytes: 300 })),
  );
  await claimed.close();
  for (const path of disk.files().keys()) if (path.includes("00000000000000000005-")) disk.take(path);
  await expect(read(disk)).rejects.toMatchObject({ code: "DAMAGED", seq: 5n });
});

test("a segment of a history with the same id and other frames", async () => {
  const disk = await twoSegments();
  const other = await twoSegments(8);
  disk.put(SECOND, other.files().get(SECOND)!);
  await expect(read(disk)).rejects.toMatchObject({ code: "DAMAGED", segment: SECOND.slice(9), seq: 4n });
});

test("a segment that says it is of another history", async () => {
  const disk = await twoSegments();
  change(disk, SECOND, (bytes) => {
    const decoded = decodeSegmentHeader(bytes.subarray(0, 512), crc32c);
    if (!("header" in decoded)) throw new Error("the header is good");
    bytes.set(encodeSegmentHeader({ ...decoded.header, historyId: new Uint8Array(16) }, crc32c));
  });
  await expect(read(disk)).rejects.toMatchObject({ code: "WRONG_HISTORY_ID", segment: SECOND.slice(9) });
});

test("a first segment whose chain does not start at its id", async () => {
  const disk = await twoSegments();
  change(disk, FIRST, (bytes) => {
    const decoded = decodeSegmentHeader(bytes.subarray(0, 512), crc32c);
    if (!("header" in decoded)) throw new Error("the header is good");
    bytes.set(encodeSegmentHeader({ ...decoded.header, digestBefore: new Uint8Array(32) }, crc32c));
  });
  await expect(read(disk)).rejects.toMatchObject({ code: "DAMAGED", segment: FIRST.slice(9), seq: 0n });
});

test("bytes farther away than the largest batch", async () => {
  const disk = await twoSegments();
  change(disk, SECOND, (bytes) => {
    const decoded = decodeSegmentHeader(bytes.subarray(0, 512), crc32c);
    if (!("header" in decoded)) throw new Error("the header is good");
    bytes.set(encodeSegmentHeader({ ...decoded.header, batchSizeMax: 1024 }, crc32c));
  });
  const end = 512 + STRIDE;
  change(disk, SECOND, (bytes) => bytes.fill(9, end + 900, end + 901));
  expect((await historyOn(disk, "reader").inspect()).tear).toMatchObject({
    offset: end,
    firstSeq: undefined,
  });
  change(disk, SECOND, (bytes) => bytes.fill(9, end + 1024, end + 1025));
  const damage = { code: "DAMAGED", segment: SECOND.slice(9), offset: end + 1024 };
  await expect(historyOn(disk, "reader").inspect()).rejects.toMatchObject(damage);
});

test("frames whose digests do not follow on each other are not copied by a claim", async () => {
  const disk = await twoSegments();
  const lying = { ...sealer, seal: (bytes: Uint8Array) => sealer.seal(bytes, new Uint8Array(32)) };
  const claimed = await historyOn(disk, "lying", SIZES).claim({ sealer: lying, takeover: true });
  await appendAll(claimed, [{ count: 1, bodyBytes: 80 }]);
  await claimed.close();
  await expect(claimOn(disk, "next", SIZES)).rejects.toMatchObject({ code: "DAMAGED", seq: 6n });
});

describe("a claim that another one overtakes", () => {
  test("answers nothing", async () => {
    const scheduler = new Scheduler();
    const disk = new SimulatedDisk({ turn: (operation) => scheduler.turn(operation) });
    await (await claimOn(disk, "first")).close();
    scheduler.isRunning = true;
    const overtaken = expect(claimOn(disk, "slow")).rejects.toMatchObject({ code: "FENCED" });
    const isLast = (one: Operation | undefined) => one?.name === "exists" && one.path.endsWith("term-3");
    await scheduler.run((waiting) => (isLast(waiting[0]) ? -1 : 0));
    const quick = claimOn(disk, "quick");
    await scheduler.run((waiting) => waiting.findIndex((one) => one.actor === "quick"));
    expect((await quick).term).toBe(3n);
    await scheduler.run(() => 0);
    await overtaken;
  });
});
