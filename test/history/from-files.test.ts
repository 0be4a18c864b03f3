/**
 * A history from the bytes of its files. That it says the same as the directory, whatever is broken, is checked by
 * damage.test.ts; here is what it does besides.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32c } from "@node-rs/crc32";
import crc32 from "crc-32/crc32c.js";
import { type HistoryFile, historyFromFiles } from "statevec/browser";
import { fileHistory } from "statevec/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openLab, put } from "../engine/lab.ts";
import { joined, randomNumbers, readAll } from "./synthetic-frames.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "statevec-files-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const filesIn = (place: string): HistoryFile[] =>
  readdirSync(place).map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(place, name))) }));

/** A history of several segments and two claims. */
async function makeHistory(): Promise<void> {
  const options = { segmentSizeMin: 4096, segmentSizeMax: 4096 };
  for (const round of [0n, 1n]) {
    const engine = await openLab(undefined, { history: fileHistory(directory, options) });
    for (let n = 0n; n < 40n; n += 1n) await engine.submit("Put", put(n, n + round).payload);
    await engine.close();
  }
}

test("frames of any range, and everything that can be said of it, are those of the directory", async () => {
  await makeHistory();
  const files = filesIn(directory);
  const before = files.map(({ bytes }) => bytes.slice());
  const [there, here] = [fileHistory(directory), historyFromFiles(files)];
  expect(await here.inspect({ superseded: true })).toEqual(await there.inspect({ superseded: true }));
  const { frontier } = await here.inspect();
  expect(frontier.seq).toBe(81n);
  for (const from of [1n, 2n, 30n, 81n, 82n]) {
    for (const to of [undefined, 0n, 1n, 50n, 81n, 200n]) {
      const range = { from, to };
      expect(joined(await readAll(here.read(range)))).toEqual(joined(await readAll(there.read(range))));
    }
  }
  expect(files.map(({ bytes }) => bytes)).toEqual(before);
});

test("the order of the files does not matter, nor do other files beside them", async () => {
  await makeHistory();
  const expected = await historyFromFiles(filesIn(directory)).inspect();
  const more = [...filesIn(directory).reverse(), { name: "domain.wasm", bytes: Uint8Array.of(1, 2, 3) }];
  expect(await historyFromFiles(new Set(more)).inspect()).toEqual(expected);
});

test("bytes that are a part of a larger buffer are read in their place", async () => {
  await makeHistory();
  const files = filesIn(directory).map(({ name, bytes }) => {
    const larger = new Uint8Array(bytes.length + 7).fill(0xee);
    larger.set(bytes, 3);
    return { name, bytes: larger.subarray(3, 3 + bytes.length) };
  });
  expect(await historyFromFiles(files).inspect()).toEqual(await fileHistory(directory).inspect());
});

test("an owner in the files is told, and never lives", async () => {
  const engine = await openLab(undefined, { history: fileHistory(directory) });
  const files = filesIn(directory);
  await engine.close();
  const { owner, lastBatch } = await historyFromFiles(files).inspect();
  expect(owner).toMatchObject({ pid: process.pid, term: 1n, live: false });
  expect(lastBatch).toMatchObject({ mayBeUnacknowledged: true });
});

test("no engine opens it", async () => {
  await makeHistory();
  const refused = openLab(undefined, { history: historyFromFiles(filesIn(directory)) });
  await expect(refused).rejects.toMatchObject({
    name: "UsageError",
    argument: "history",
    message: expect.stringMatching(/can only be read.*auditHistory/),
  });
});

describe("what is no history is refused", () => {
  const segment = "00000000000000000001-0000000001.seg";
  const bytes = new Uint8Array(0);

  test.each([
    ["nothing", [], "found nothing"],
    [
      "other files",
      [
        { name: "term-1", bytes },
        { name: "letter.txt", bytes },
      ],
      "found term-1, letter.txt",
    ],
  ])("%s", (_, files, found) => {
    expect(() => historyFromFiles(files)).toThrow(
      expect.objectContaining({ code: "NOT_A_HISTORY", message: expect.stringContaining(found) }),
    );
  });

  test.each<[string, unknown, string]>([
    ["no list", undefined, "files"],
    ["no file", [null], "files[0].name"],
    ["no name", [{ name: segment, bytes }, { bytes }], "files[1].name"],
    ["a path", [{ name: `bank/${segment}`, bytes }], "files[0].name"],
    ["a path of Windows", [{ name: `bank\\${segment}`, bytes }], "files[0].name"],
    ["no bytes", [{ name: segment }], "files[0].bytes"],
    ["a buffer", [{ name: segment, bytes: new ArrayBuffer(8) }], "files[0].bytes"],
    [
      "a name twice",
      [
        { name: segment, bytes },
        { name: segment, bytes },
      ],
      "files[1].name",
    ],
  ])("%s", (_, files, argument) => {
    expect(() => historyFromFiles(files as HistoryFile[])).toThrow(
      expect.objectContaining({ name: "UsageError", argument }),
    );
  });

  test("an empty segment", async () => {
    const history = historyFromFiles([{ name: segment, bytes }]);
    const damaged = { code: "DAMAGED", segment, actual: "0 bytes" };
    await expect(history.inspect()).rejects.toMatchObject(damaged);
    await expect(readAll(history.read())).rejects.toMatchObject(damaged);
  });
});

test("the checksum is that of Node, at every length and alignment", () => {
  const random = randomNumbers(5);
  const bytes = Uint8Array.from({ length: 4200 }, () => random() * 256);
  for (let length = 0; length < 4100; length += length < 100 ? 1 : 37) {
    const part = bytes.subarray(length % 16, (length % 16) + length);
    expect(crc32.buf(part) >>> 0).toBe(crc32c(part));
  }
});
