/** How rows of the benchmark are judged and printed. */
import { expect, test } from "vitest";
import { compared, isMet, type Result, type Row } from "../../bench/group.ts";
import { growthLines, jsonLine, tableLine } from "../../bench/report.ts";
import { GROUPS } from "../../bench/rows.ts";
import { readCosts } from "../../bench/sides/absl-costs.ts";
import { OPERATIONS } from "../../bench/sides/key-costs.ts";

const MORE: Row = { name: "memory-1", unit: "commands/s", bar: 3, reachFor: 6, better: "more" };
const LESS: Row = { name: "frame-bytes", unit: "bytes/command", bar: 300, reachFor: 240, better: "less" };

const COMPARED: Result = {
  ...MORE,
  value: 600_123.4,
  peer: "peer 1.0",
  peerValue: 100_000.4,
  ratio: 6.001,
  met: true,
  reachPeer: null,
};
const ALONE: Result = {
  ...LESS,
  value: 280.04,
  peer: null,
  peerValue: null,
  ratio: null,
  met: true,
  reachPeer: null,
};
const KEY: Row = { name: "index-get-1e6", unit: "ns/op", bar: 1.1, reachFor: 1, better: "less" };

test("a bar is met at the bar itself, from the side that is better", () => {
  expect([2.99, 3, 3.01].map((ratio) => isMet(MORE, ratio, MORE.bar))).toEqual([false, true, true]);
  expect([299, 300, 301].map((value) => isMet(LESS, value, LESS.bar))).toEqual([true, true, false]);
  expect(isMet(MORE, 3, null)).toBe(null);
});

test("a row as JSON has these names, rounded figures and nulls where there is no peer", () => {
  expect(JSON.parse(jsonLine(COMPARED))).toEqual({
    row: "memory-1",
    value: 600_100,
    unit: "commands/s",
    peer: "peer 1.0",
    peerValue: 100_000,
    ratio: 6.001,
    bar: 3,
    reachFor: 6,
    met: true,
    reachPeer: null,
    reachPeerValue: null,
    reachRatio: null,
  });
  expect(JSON.parse(jsonLine(ALONE))).toEqual({
    row: "frame-bytes",
    value: 280,
    unit: "bytes/command",
    peer: null,
    peerValue: null,
    ratio: null,
    bar: 300,
    reachFor: 240,
    met: true,
    reachPeer: null,
    reachPeerValue: null,
    reachRatio: null,
  });
  const reachPeer = { name: "second 2", value: 800.04, ratio: 0.75 };
  expect(JSON.parse(jsonLine(compared(KEY, 600, "first", 500, reachPeer)))).toMatchObject({
    peer: "first",
    ratio: 1.2,
    met: false,
    reachPeer: "second 2",
    reachPeerValue: 800,
    reachRatio: 0.75,
  });
});

test("the table says whether the bar is met, and whether what it reaches for is", () => {
  expect(tableLine(COMPARED)).toMatch(/600,123 commands\/s .* 6\.00x +3x +6x +reached$/);
  expect(tableLine(ALONE)).toMatch(/280 bytes\/command .* 300 +240 +yes$/);
  expect(tableLine({ ...COMPARED, ratio: 2, met: false })).toMatch(/ no$/);
  expect(tableLine({ ...COMPARED, bar: null, reachFor: null, met: null })).toMatch(/ - +- +-$/);
});

test("a row that reaches for a peer of its own has a line for each of both", () => {
  const lines = (ratio: number) =>
    tableLine(compared(KEY, 600, "first", 500, { name: "second 2", value: 600 / ratio, ratio })).split("\n");
  expect(lines(0.75)[0]).toMatch(/^index-get-1e6 +600 ns\/op +first +500 +1\.20x +1\.1x +- +no$/);
  expect(lines(0.75)[1]).toMatch(/^index-get-1e6 +second 2 +800 +0\.75x +- +1x +reached$/);
  expect(lines(1.01)[1]).toMatch(/ 1\.01x +- +1x +no$/);
});

test("a peer that is not at hand leaves ratio and judgement open", () => {
  const missing = compared(KEY, 600, "first: not here", null, {
    name: "second: not here",
    value: null,
    ratio: null,
  });
  expect(missing).toMatchObject({ ratio: null, met: null });
  const [first, second] = tableLine(missing).split("\n");
  expect(first).toMatch(/ first: not here +- +- +1\.1x +- +-$/);
  expect(second).toMatch(/ second: not here +- +- +- +1x +-$/);
  expect(JSON.parse(jsonLine(missing))).toMatchObject({ peerValue: null, reachPeerValue: null, met: null });
});

test("growth is told by doubling, so that log n shows as equal rises", () => {
  const points = [
    { name: "growth-1e3", size: 1_024, value: 2 },
    { name: "growth-4e3", size: 4_096, value: 3 },
    { name: "growth-8e3", size: 8_192, value: 2.9 },
  ];
  expect(growthLines(points, "us")).toEqual([
    "growth-1e3            log2 n 10.0  1.00x growth-1e3",
    "growth-4e3            log2 n 12.0  1.50x growth-1e3  +0.500 us a doubling",
    "growth-8e3            log2 n 13.0  1.45x growth-1e3  -0.100 us a doubling",
  ]);
});

test("costs that a program prints are read, and must be all and nothing else", () => {
  const lines = [10, 1_000].flatMap((size) =>
    OPERATIONS.map((name, at) => `${name}-${size} ${size + at}.250`),
  );
  const figures = readCosts(`${lines.join("\n")}\n`, [10, 1_000]);
  expect(Object.keys(figures)).toHaveLength(2 * OPERATIONS.length);
  expect(figures).toMatchObject({ "index-insert-10": 10.25, "unique-delete-1000": 1_006.25 });
  expect(() => readCosts(lines.slice(1).join("\n"), [10, 1_000])).toThrow(/^costs: found/);
  expect(() => readCosts("index-insert-10 fast", [10])).toThrow('"index-insert-10 fast" is no cost');
});

test("every row has a name of its own", () => {
  const names = GROUPS.flatMap(({ rows }) => rows.map(({ name }) => name));
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(expect.arrayContaining(["unique-get-1e6", "index-scan-1e7", "growth-5e6"]));
});
