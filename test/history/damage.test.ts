/** Every byte of a small history flipped in turn, every file cut at every length. */
import { crc32c } from "@node-rs/crc32";
import { describe, expect, test } from "vitest";
import { HistoryError } from "../../src/errors.ts";
import { firstDigest, verifyFrames } from "../../src/history/chain.ts";
import type { History, HistoryInfo } from "../../src/history/history.ts";
import type { HistoryFile } from "../../src/history/segments/files-in-memory.ts";
import { historyFromFiles } from "../../src/history/segments/history-from-files.ts";
import { decodeSegmentHeader, encodeSegmentHeader } from "../../src/history/segments/segment-format.ts";
import { SimulatedDisk } from "./simulated-file-system.ts";
import { appendAll, claimOn, DIRECTORY, historyOn, sealer } from "./simulation.ts";
import { joined, readAll } from "./synthetic-frames.ts";

const SIZES = { segmentSizeMin: 2048 };

/** Two segments that count, one of a claim before that does not any more, terms, and an owner who crashed. */
async function smallHistory(): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk();
  const first = await claimOn(disk, "first", SIZES);
  await appendAll(first, [
    { count: 1, bodyBytes: 100 },
    { count: 2, bodyBytes: 333 },
  ]);
  await first.close();
  const second = await claimOn(disk, "second", SIZES);
  await appendAll(second, [
    { count: 1, bodyBytes: 900 },
    { count: 3, bodyBytes: 80 },
    { count: 1, bodyBytes: 77 },
  ]);
  for (const path of disk.files().keys()) if (path.includes("next-")) disk.take(path);
  return disk;
}

function with1File(disk: SimulatedDisk, path: string, bytes: Uint8Array): SimulatedDisk {
  const copy = new SimulatedDisk();
  for (const [name, content] of disk.files()) copy.put(name, name === path ? bytes : content);
  return copy;
}

interface Verdict {
  readonly info: HistoryInfo | undefined;
  readonly error: HistoryError | undefined;
  readonly frames: Uint8Array;
}

/** What the directory says, which must be what its files say when they are handed over as bytes. */
async function verify(disk: SimulatedDisk): Promise<Verdict> {
  const verdict = await verifyHistory(() => historyOn(disk, "verify", SIZES));
  if (verdict.error?.code !== "NOT_FOUND") {
    const ofBytes = await verifyHistory(() => historyFromFiles(filesOn(disk)));
    expect(textOf(ofBytes)).toBe(textOf(verdict));
  }
  return verdict;
}

function textOf({ info, error, frames }: Verdict): string {
  const plain = (_: string, value: unknown) => (typeof value === "bigint" ? `${value}` : value);
  return `${error?.message} ${JSON.stringify(info, plain)} ${Buffer.from(frames).toString("latin1")}`;
}

function filesOn(disk: SimulatedDisk): HistoryFile[] {
  return [...disk.files()].map(([path, bytes]) => ({ name: path.slice(DIRECTORY.length + 1), bytes }));
}

/** Reads and inspects everything, as `verify` does. */
async function verifyHistory(make: () => History): Promise<Verdict> {
  try {
    const history = make();
    const info = await history.inspect({ superseded: true });
    const chunks = await readAll(history.read());
    let digest = firstDigest(info.historyId);
    for (const chunk of chunks) digest = verifyFrames(sealer, chunk, digest);
    expect(digest).toEqual(info.frontier.digest);
    return { info, error: undefined, frames: joined(chunks) };
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error;
    return { info: undefined, error, frames: new Uint8Array(0) };
  }
}

/** Whether the verdict objects to the file, with the place. */
function objectsTo(verdict: Verdict, path: string): boolean {
  const file = path.slice(DIRECTORY.length + 1);
  const { error, info } = verdict;
  if (error !== undefined) return error.segment === file && error.offset !== undefined;
  return info!.segments.some((segment) => segment.name === file && segment.damage?.includes(`offset`));
}

describe("a small history", () => {
  test("is clean as it is", async () => {
    const disk = await smallHistory();
    const { info, error } = await verify(disk);
    expect(error).toBeUndefined();
    expect(info).toMatchObject({ tear: undefined, owner: { term: 2n } });
    expect(info!.segments.map(({ superseded, damage }) => ({ superseded, damage }))).toEqual([
      { superseded: true, damage: undefined },
      { superseded: false, damage: undefined },
      { superseded: false, damage: undefined },
    ]);
    expect([...disk.files().values()].filter((bytes) => bytes.length > 0)).toHaveLength(4);
  });

  test("every byte flipped in turn: objected to with the place named, or a tear that is reported", async () => {
    const disk = await smallHistory();
    const whole = (await verify(disk)).frames;
    const counts = { objected: 0, tears: 0 };
    for (const [path, bytes] of disk.files()) {
      for (let at = 0; at < bytes.length; at += 1) {
        const flipped = bytes.slice();
        flipped[at]! ^= 1 << (at % 8);
        const broken = with1File(disk, path, flipped);
        const verdict = await verify(broken);
        if (objectsTo(verdict, path)) {
          counts.objected += 1;
          // What counts is not opened for writing either; what counts no longer does not stand in the way.
          if (verdict.error !== undefined && at % 7 === 0 && !path.endsWith("owner")) {
            const claim = claimOn(broken, "next", SIZES).then((claimed) => readAll(claimed.read()));
            await expect(claim, `${path} ${at}`).rejects.toMatchObject({ code: verdict.error.code });
          }
          continue;
        }
        const tears = [verdict.info?.tear, ...(verdict.info?.segments ?? []).map((segment) => segment.tear)];
        expect(
          tears.filter((tear) => tear !== undefined),
          `${path} ${at}`,
        ).toHaveLength(1);
        expect(Buffer.from(whole).indexOf(Buffer.from(verdict.frames))).toBe(0);
        // Only where nothing was written, in a sector of its own.
        expect(bytes.slice(at - (at % 512), at - (at % 512) + 512).every((byte) => byte === 0)).toBe(true);
        counts.tears += 1;
      }
    }
    expect(counts.tears).toBeGreaterThan(0);
    expect(counts.objected).toBeGreaterThan(5000);
  });

  test("every file cut at every length: objected to with the place named", async () => {
    const disk = await smallHistory();
    for (const [path, bytes] of disk.files()) {
      for (let length = 0; length < bytes.length; length += 1) {
        const verdict = await verify(with1File(disk, path, bytes.slice(0, length)));
        // An owner file of no bytes at all is nobody's.
        if (path.endsWith("owner") && length === 0) expect(verdict.info).toBeDefined();
        else expect(objectsTo(verdict, path), `${path} cut at ${length}`).toBe(true);
      }
    }
  });

  test("every segment gone or longer: objected to", async () => {
    const disk = await smallHistory();
    for (const [path, bytes] of disk.files()) {
      if (!path.endsWith(".seg")) continue;
      const longer = new Uint8Array(bytes.length + 512);
      longer.set(bytes);
      expect(objectsTo(await verify(with1File(disk, path, longer)), path), path).toBe(true);
    }
    const first = [...disk.files().keys()].filter((path) => path.includes("00000000000000000001-"));
    for (const path of first) disk.take(path);
    expect((await verify(disk)).error).toMatchObject({ code: "DAMAGED", seq: 1n });
  });

  test("segments of two histories mixed: objected to", async () => {
    const disk = await smallHistory();
    const other = new SimulatedDisk();
    const claimed = await historyOn(other, "other", SIZES).claim({ sealer, historyId: new Uint8Array(16) });
    await appendAll(claimed, [
      { count: 1, bodyBytes: 100 },
      { count: 2, bodyBytes: 333 },
    ]);
    const newest = [...disk.files().keys()].filter((path) => path.endsWith(".seg")).at(-1)!;
    const [path] = [...other.files().keys()].filter((name) => name.endsWith("0000000001.seg"));
    const swapped = with1File(disk, newest, other.files().get(path!)!);
    expect((await verify(swapped)).error).toMatchObject({ code: "DAMAGED" });
    const renamed = with1File(disk, "", new Uint8Array(0));
    renamed.put(`${DIRECTORY}/00000000000000000001-0000000009.seg`, other.files().get(path!)!);
    expect((await verify(renamed)).error).toMatchObject({ code: "DAMAGED" });
  });
});

describe("a directory that holds something else", () => {
  test("is not taken for a history, and is left alone", async () => {
    const disk = new SimulatedDisk();
    disk.put(`${DIRECTORY}/letter.txt`, Uint8Array.of(1));
    const refused = { name: "HistoryError", code: "NOT_A_HISTORY" };
    await expect(claimOn(disk, "any")).rejects.toMatchObject(refused);
    await expect(historyOn(disk, "any").inspect()).rejects.toMatchObject(refused);
    await expect(readAll(historyOn(disk, "any").read())).rejects.toMatchObject(refused);
    expect([...disk.files().keys()]).toEqual([`${DIRECTORY}/letter.txt`]);
  });

  test("a segment of a later format is not read", async () => {
    const disk = await smallHistory();
    const path = [...disk.files().keys()].filter((name) => name.endsWith(".seg")).at(-1)!;
    const bytes = disk.files().get(path)!.slice();
    const decoded = decodeSegmentHeader(bytes.subarray(0, 512), crc32c);
    if (!("header" in decoded)) throw new Error("the header is good");
    const header = encodeSegmentHeader(decoded.header, crc32c);
    expect(header).toEqual(bytes.slice(0, 512));
    header[8] = 2;
    new DataView(header.buffer).setUint32(508, crc32c(header.subarray(0, 508)), true);
    bytes.set(header);
    const { error } = await verify(with1File(disk, path, bytes));
    expect(error).toMatchObject({ code: "UNSUPPORTED_FORMAT", offset: 8, expected: "1", actual: "2" });
  });
});
