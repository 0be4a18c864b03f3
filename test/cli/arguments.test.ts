/** Wrong arguments and wrong places: one clear line each, exit code 2, nothing on stdout. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BINARY, makeShop, statevec, temporaryDirectory } from "./run-cli.ts";

let directory: string;
beforeAll(async () => {
  directory = temporaryDirectory();
  mkdirSync(join(directory, "empty"));
  mkdirSync(join(directory, "foreign"));
  writeFileSync(join(directory, "foreign/notes.txt"), "not a history\n");
  await makeShop(join(directory, "shop"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const place = (name: string) => join(directory, name);

describe.each(["log", "verify"])("%s of a wrong place", (command) => {
  test.each([
    ["missing", /missing: there is no such directory$/],
    ["foreign/notes.txt", /notes\.txt is a file, expected the directory of a history$/],
    ["empty", /^(NOT_FOUND|NOT_A_HISTORY): /],
    ["foreign", /^(NOT_FOUND|NOT_A_HISTORY): /],
  ])("%s", (name, message) => {
    const { status, stdout, stderr } = statevec(command, place(name));
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr.trimEnd()).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});

test("looking changes nothing", () => {
  const before = readdirSync(place("foreign"));
  statevec("verify", place("foreign"));
  statevec("log", place("empty"));
  expect(readdirSync(place("foreign"))).toEqual(before);
  expect(readdirSync(place("empty"))).toEqual([]);
});

describe("wrong arguments", () => {
  test.each([
    [["lgo", "DIR"], /^error: unknown command 'lgo'/],
    [["log"], /^error: missing required argument 'dir'/],
    [["log", "DIR", "--speed"], /^error: unknown option '--speed'/],
    [["log", "DIR", "extra"], /^error: too many arguments/],
    [
      ["log", "DIR", "--outcome", "fine"],
      /^error: option '--outcome <name>' argument 'fine' is invalid\. Allowed choices/,
    ],
    [["log", "DIR", "--from", "0"], /^--from: found "0", expected a whole number, 1 or more$/],
    [["log", "DIR", "--kind", "Sell"], /^--kind: found "Sell", expected one of Join, Buy, Pay, Epoch/],
    [["show", "DIR"], /^error: required option '--seq <n>' not specified/],
    [["show", "DIR", "--seq", "x"], /^--seq: found "x"/],
    [
      ["state", "DIR", "--kind", "Order", "--uk", "a=1", "--index", "b"],
      /^error: option '--uk .* cannot be used with option '--index/,
    ],
    [["receipt", "DIR", "1", "2"], /^error: missing required argument 'seq'/],
    [["receipt", "DIR", "1", "x", "1"], /^stream: found "x"/],
    [["verify", "DIR", "--expect", "7"], /^--expect: found "7", expected SEQ:DIGEST/],
  ])("%o", (args, message) => {
    const { status, stdout, stderr } = statevec(...args.map((arg) => (arg === "DIR" ? place("shop") : arg)));
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr.trimEnd()).toMatch(message);
    expect(stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(2);
  });
});

test("help and version go to stdout and are good", () => {
  expect(statevec("--help")).toMatchObject({
    status: 0,
    stderr: "",
    stdout: expect.stringContaining("Exit codes: "),
  });
  expect(statevec("log", "--help")).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("--outcome <name>"),
  });
  expect(statevec("--version").stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test("a reader that goes away ends it quietly", () => {
  const command = `"${process.execPath}" "${BINARY}" log "${place("shop")}" --json | head -n 1`;
  const { stdout, stderr } = spawnSync("sh", ["-c", command], { encoding: "utf8" });
  expect(JSON.parse(stdout)).toMatchObject({ seq: "1", type: "epoch" });
  expect(stderr).toBe("");
});
