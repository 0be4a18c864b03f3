/** The drawings of segment and batch, in the source and in the docs, against real bytes. */
import { readFileSync } from "node:fs";
import { crc32c } from "@node-rs/crc32";
import { describe, expect, test } from "vitest";
import { firstDigest } from "../../src/history/chain.ts";
import {
  countingSegments,
  highestTerm,
  parseNames,
  segmentName,
} from "../../src/history/segments/directory.ts";
import { countZeroSectors, firstNonZero } from "../../src/history/segments/segment-format.ts";
import { SimulatedDisk } from "./simulated-file-system.ts";
import { appendAll, claimOn, HISTORY_ID, onlySegment } from "./simulation.ts";
import { randomNumbers } from "./synthetic-frames.ts";

interface Field {
  readonly name: string;
  readonly start: number;
  /** Undefined where the drawing has a name in place of a number. */
  readonly end: number | undefined;
  readonly type: string;
}

/** Reads a drawing: a line of offsets, a line of names, a line of types. */
function readDrawing(lines: readonly string[]): Field[] {
  const [offsets, names, types] = lines as [string, string, string];
  const numbers = offsets.trim().split(/\s+/);
  const cells = (line: string) =>
    line
      .trim()
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
  const typeCells = cells(types);
  return cells(names).map((name, position) => ({
    name,
    start: Number(numbers[position]),
    end: Number.isNaN(Number(numbers[position + 1])) ? undefined : Number(numbers[position + 1]),
    type: typeCells[position] ?? "",
  }));
}

/** The drawings in a text, without what stands in front of their lines. */
function drawingsIn(path: string, prefix: RegExp): string[][] {
  const text = readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
  const lines = text.split("\n").map((line) => line.replace(prefix, ""));
  const drawings: string[][] = [];
  lines.forEach((line, at) => {
    if (!line.startsWith("| ") || !/^0 +\d/.test(lines[at - 1] ?? "")) return;
    const drawing = [lines[at - 1]!, line];
    if (lines[at + 1]?.startsWith("|")) drawing.push(lines[at + 1]!);
    drawings.push(drawing.map((one) => one.trimEnd()));
  });
  return drawings;
}

const inDocs = drawingsIn("docs/reference/history-file.md", /^ {2}/);
const inSource = drawingsIn("src/history/segments/segment-format.ts", /^ \* {3}/);
const WIDTHS: Record<string, number> = { u32: 4, u64: 8, "8 bytes": 8, "16 bytes": 16, "32 bytes": 32 };

async function smallSegment(): Promise<Uint8Array> {
  const disk = new SimulatedDisk();
  const claimed = await claimOn(disk, "writer", { segmentSizeMin: 8192 });
  await appendAll(claimed, [
    { count: 2, bodyBytes: 105 },
    { count: 1, bodyBytes: 3000, fill: 0 },
  ]);
  return onlySegment(disk).bytes;
}

function readField(bytes: Uint8Array, field: Field): bigint | Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (field.type === "u32") return BigInt(view.getUint32(field.start, true));
  if (field.type === "u64") return view.getBigUint64(field.start, true);
  return bytes.slice(field.start, field.end);
}

describe("the drawings", () => {
  test("are the same in the source and in the docs", () => {
    expect(inDocs).toHaveLength(3);
    expect(inSource).toEqual(inDocs);
  });

  test("have fields as wide as their types", () => {
    for (const drawing of inDocs.slice(1)) {
      for (const { start, end, type, name } of readDrawing(drawing)) {
        if (type !== "" && end !== undefined) expect(end - start, name).toBe(WIDTHS[type]);
      }
    }
  });

  test("say where each field of a segment header is", async () => {
    const bytes = await smallSegment();
    const fields = new Map(readDrawing(inDocs[1]!).map((field) => [field.name, field]));
    const value = (name: string) => readField(bytes, fields.get(name)!);
    expect(Buffer.from(value("magic") as Uint8Array).toString()).toBe("statevec");
    expect(value("format")).toBe(1n);
    expect(value("history id")).toEqual(HISTORY_ID);
    expect(value("term")).toBe(1n);
    expect(value("first seq")).toBe(1n);
    expect(value("digest before")).toEqual(firstDigest(HISTORY_ID));
    expect(value("size")).toBe(8192n);
    expect(value("batchSizeMax")).toBe(4n * 1024n * 1024n);
    expect(value("check")).toBe(BigInt(crc32c(bytes.subarray(0, 508))));
    for (const name of ["0", "zeros"])
      expect(
        (value(name) as Uint8Array).every((byte) => byte === 0),
        name,
      ).toBe(true);
    const drawn = readDrawing(inDocs[1]!);
    expect(drawn.at(-1)!.end).toBe(512);
    expect(drawn.every((field, position) => position === 0 || field.start === drawn[position - 1]!.end)).toBe(
      true,
    );
  });

  test("say where each field of a batch is", async () => {
    const segment = await smallSegment();
    const first = {
      position: 512,
      count: 2n,
      firstSeq: 1n,
      length: 32 + 2 * (105 + 32) + 4,
      zeroSectors: 0n,
    };
    const second = { position: 832, count: 1n, firstSeq: 3n, length: 32 + 3032 + 4, zeroSectors: 5n };
    for (const { position, count, firstSeq, length, zeroSectors } of [first, second]) {
      const bytes = segment.subarray(position, position + length);
      const fields = new Map(readDrawing(inDocs[2]!).map((field) => [field.name, field]));
      const value = (name: string) => readField(bytes, fields.get(name)!);
      expect(value("length")).toBe(BigInt(length));
      expect(value("count")).toBe(count);
      expect(value("first seq")).toBe(firstSeq);
      expect(value("zero sectors")).toBe(zeroSectors);
      expect(value("check of rest")).toBe(BigInt(crc32c(bytes.subarray(32))));
      expect(value("check of header")).toBe(BigInt(crc32c(bytes.subarray(0, 28))));
      expect(value("0")).toEqual(new Uint8Array(4));
      expect(fields.get("frames")!.start).toBe(32);
      expect(Buffer.from(bytes.subarray(length - 4)).toString()).toBe("END!");
      // The first frame stands right behind the header: its length, then its seq at 8.
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      expect(view.getBigUint64(32 + 8, true)).toBe(firstSeq);
    }
    expect(segment.subarray(512 + first.length, 832).every((byte) => byte === 0)).toBe(true);
    expect(segment.subarray(832 + second.length).every((byte) => byte === 0)).toBe(true);
  });
});

describe("zeros", () => {
  test("the first byte that is not zero is found at any alignment", () => {
    const random = randomNumbers(3);
    for (let round = 0; round < 2000; round += 1) {
      const start = Math.floor(random() * 8);
      const bytes = new Uint8Array(64).subarray(start, start + 1 + Math.floor(random() ** 2 * 55));
      expect(firstNonZero(bytes)).toBe(-1);
      const at = Math.floor(random() * bytes.length);
      bytes.fill(255, at);
      bytes[at] = 1;
      expect(firstNonZero(bytes)).toBe(at);
    }
    expect(firstNonZero(new Uint8Array(0))).toBe(-1);
  });

  test("sectors are counted as they lie in the file", () => {
    const bytes = new Uint8Array(512 * 3);
    expect(countZeroSectors(bytes, 512)).toBe(3);
    expect(countZeroSectors(bytes, 544)).toBe(4);
    bytes[0] = 1;
    bytes[bytes.length - 1] = 1;
    expect(countZeroSectors(bytes, 512)).toBe(1);
    expect(countZeroSectors(bytes, 544)).toBe(2);
    bytes[480] = 1;
    expect(countZeroSectors(bytes, 544)).toBe(1);
  });
});

describe("names", () => {
  const names = (list: readonly (readonly [bigint, bigint])[]) =>
    list.map(([seq, term]) => segmentName(seq, term));

  test("are what the docs list", () => {
    expect(segmentName(1n, 1n).file).toBe("00000000000000000001-0000000001.seg");
    const listing = parseNames([
      "00000000000000000001-0000000002.new",
      "next-0000000002.new",
      "owner-0000000003.new",
      "term-1",
      "term-12",
      "owner",
      "term-01",
      "x.seg",
    ]);
    expect(listing.unfinished.map(({ term }) => term)).toEqual([2n, 2n, 3n]);
    expect(listing.terms).toEqual([1n, 12n]);
    expect(listing.foreign).toEqual(["term-01", "x.seg"]);
    expect(highestTerm(listing)).toBe(12n);
    expect(highestTerm(parseNames([segmentName(9n, 77n).file, "term-3"]))).toBe(77n);
  });

  test("from the first seq of a segment on, nothing of a lower term counts", () => {
    const all = names([
      [1n, 1n],
      [500n, 1n],
      [900n, 1n],
      [500n, 2n],
      [700n, 2n],
      [700n, 4n],
      [800n, 3n],
      [650n, 1n],
    ]);
    for (const order of [all, [...all].reverse()]) {
      expect(countingSegments(order)).toEqual(
        names([
          [1n, 1n],
          [500n, 2n],
          [700n, 4n],
        ]),
      );
    }
    expect(
      countingSegments(
        names([
          [1n, 3n],
          [5n, 2n],
          [9n, 3n],
        ]),
      ),
    ).toEqual(
      names([
        [1n, 3n],
        [9n, 3n],
      ]),
    );
  });
});
