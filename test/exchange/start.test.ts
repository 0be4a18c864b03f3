/** The program itself: its arguments, what it prints, the history it leaves. Runs the built example in a directory of its own. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { generateLobster } from "../../examples/exchange/generate.ts";

const MAIN = fileURLToPath(new URL("../../build/examples/exchange/main.js", import.meta.url));

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "statevec-exchange-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function start(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd: directory,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

function writeFlow(...lines: string[]): void {
  writeFileSync(join(directory, "flow.csv"), lines.map((line) => `${line}\n`).join(""));
}

describe("a run", () => {
  test("prints one JSON object, with what the messages come to", () => {
    writeFlow(
      "34200.1,1,11,100,10000,1",
      "34200.2,1,12,50,10000,1",
      "34200.3,1,13,30,10100,-1",
      "34200.4,4,11,60,10000,1",
      "34200.5,4,12,40,10000,1",
      "34200.6,2,12,10,10000,1",
      "34200.7,3,99,1,10000,1",
      "34200.8,5,0,5,10050,1",
    );
    const { status, stdout, stderr } = start(
      "--input",
      "flow.csv",
      "--out",
      "out",
      "--book-out",
      "book.csv",
      "--json",
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^\{.*\}\n$/);
    // The second execution takes from order 11 what is left of it, not from order 12 that the file names.
    expect(JSON.parse(stdout)).toEqual({
      lane: "sealed",
      messages: 8,
      skipped: 1,
      outcomes: { committed: 6, rejected: 1, faulted: 0 },
      trades: 2,
      executions: 2,
      executionsHit: 1,
      executionsHitAtOnce: 1,
      best: { bid: [10_000, 40], ask: [10_100, 30] },
      throughput: expect.any(Number),
      latencyUs: { p50: expect.any(Number), p99: expect.any(Number) },
      frontier: { seq: 11, digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
      framesDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
      audit: { identical: true, frames: 11, framesPerSecond: expect.any(Number) },
    });
    expect(readFileSync(join(directory, "book.csv"), "utf8").split("\n")).toEqual([
      ",,10000,100",
      ",,10000,150",
      "10100,30,10000,150",
      "10100,30,10000,90",
      "10100,30,10000,50",
      "10100,30,10000,40",
      "10100,30,10000,40",
      "10100,30,10000,40",
      "",
    ]);
  });

  test("makes the same history again, in a fresh directory under data/ each time", () => {
    writeFileSync(join(directory, "flow.csv"), generateLobster(3_000, 5));
    const digests = ["first", "second"].map(() => {
      const { status, stdout } = start("--input", "flow.csv", "--json");
      expect(status).toBe(0);
      return JSON.parse(stdout).frontier.digest;
    });
    expect(digests[0]).toBe(digests[1]);
    expect(existsSync(join(directory, "data/exchange-1"))).toBe(true);
    expect(existsSync(join(directory, "data/exchange-2"))).toBe(true);
  });

  test("both lanes make the same frames", () => {
    writeFileSync(join(directory, "flow.csv"), generateLobster(3_000, 7));
    const [open, sealed] = ["open", "sealed"].map((lane) => {
      const { status, stdout } = start("--input", "flow.csv", "--json", "--lane", lane);
      expect(status).toBe(0);
      return JSON.parse(stdout);
    });
    expect([open.lane, sealed.lane]).toEqual(["open", "sealed"]);
    expect(sealed.framesDigest).toBe(open.framesDigest);
    expect(sealed.frontier.digest).not.toBe(open.frontier.digest);
  });

  test("every execution of a generated flow hits the order that the flow names", () => {
    writeFileSync(join(directory, "flow.csv"), generateLobster(5_000, 6));
    const { executions, executionsHit, outcomes } = JSON.parse(start("--input", "flow.csv", "--json").stdout);
    expect(executions).toBeGreaterThan(500);
    expect(executionsHit).toBe(executions);
    expect(outcomes.faulted).toBe(0);
  });

  test("says in words that the replay is identical", () => {
    writeFlow("34200.1,1,11,100,10000,1");
    const { status, stdout } = start("--input", "flow.csv", "--out", "out");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^best bid +1\.0000 x 100$/m);
    expect(stdout).toMatch(/^audit +5 frames run again and compared, .* the replay is identical$/m);
    expect(stdout).toMatch(/^history +out$/m);
    expect(stdout).not.toContain("expected");
  });
});

describe("what it refuses", () => {
  test.each([
    ["a missing file", ["--input", "nothing.csv"], 1, "--input nothing.csv: there is no such file\n"],
    ["a directory as input", ["--input", "."], 1, "--input . is not a file\n"],
    ["a directory that is not empty", ["--out", "."], 1, "--out . is not empty: "],
    ["a file as directory", ["--out", "flow.csv"], 1, "--out flow.csv is not a directory\n"],
    [
      "a line that is no message",
      ["--input", "flow.csv"],
      1,
      '--input flow.csv: line 2: type is "9", expected 1 to 7\n',
    ],
    ["an unknown lane", ["--lane", "fast"], 2, "error: option '--lane <name>' argument 'fast' is invalid"],
    ["an unknown option", ["--speed"], 2, "error: unknown option '--speed'\n"],
    ["an argument too many", ["flow.csv"], 2, "error: too many arguments"],
  ])("%s", (_, args, status, message) => {
    writeFlow("34200.1,1,11,100,10000,1", "34200.1,9,11,100,10000,1");
    const result = start(...args);
    expect(result.status).toBe(status);
    expect(result.stdout).toBe("");
    expect(result.stderr.startsWith(message), result.stderr).toBe(true);
    expect(result.stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});
