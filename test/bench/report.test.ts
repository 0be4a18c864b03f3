/** How rows of the benchmark are judged and printed. */
import { expect, test } from "vitest";
import { jsonLine, tableLine } from "../../bench/report.ts";
import { GROUPS, isMet, type Result, type Row } from "../../bench/rows.ts";

const MORE: Row = { name: "memory-1", unit: "commands/s", bar: 3, reachFor: 6, better: "more" };
const LESS: Row = { name: "frame-bytes", unit: "bytes/command", bar: 300, reachFor: 240, better: "less" };

const COMPARED: Result = {
  ...MORE,
  value: 600_123.4,
  peer: "peer 1.0",
  peerValue: 100_000.4,
  ratio: 6.001,
  met: true,
};
const ALONE: Result = { ...LESS, value: 280.04, peer: null, peerValue: null, ratio: null, met: true };

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
  });
});

test("the table says whether the bar is met, and whether what it reaches for is", () => {
  expect(tableLine(COMPARED)).toMatch(/600,123 commands\/s .* 6\.00x +3x +6x +reached$/);
  expect(tableLine(ALONE)).toMatch(/280 bytes\/command .* 300 +240 +yes$/);
  expect(tableLine({ ...COMPARED, ratio: 2, met: false })).toMatch(/ no$/);
  expect(tableLine({ ...COMPARED, bar: null, reachFor: null, met: null })).toMatch(/ - +- +-$/);
});

test("every row has a name of its own", () => {
  const names = GROUPS.flatMap(({ rows }) => rows.map(({ name }) => name));
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain("unique-get-1e6");
});
