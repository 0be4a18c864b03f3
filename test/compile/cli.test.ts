/** `statevec build`: arguments, exit codes, what is printed where, watching. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { BINARY, runStatevec, temporaryDirectory, tillIn } from "./folders.ts";

/** A build takes seconds, on a busy machine more. */
const SLOW = 400_000;

let directory: string;
const watching: ChildProcess[] = [];
beforeAll(() => {
  directory = temporaryDirectory();
  const empty = join(directory, "empty");
  mkdirSync(empty);
  tillIn(join(directory, "two"), { "other.schema.ts": "" });
  rmSync(join(tillIn(join(directory, "bare")), "assembly/index.ts"));
  writeFileSync(join(directory, "file"), "");
});
afterEach(() => {
  for (const child of watching.splice(0)) child.kill();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("wrong arguments: one line, exit code 2, nothing on stdout", () => {
  test.each([
    [["build"], /^error: missing required argument 'dir'$/],
    [["build", "DIR", "extra"], /^error: too many arguments/],
    [["build", "DIR", "--fast"], /^error: unknown option '--fast'$/],
    [["build", "missing"], /^directory: missing: there is no such directory$/],
    [["build", "file"], /^directory: file: is a file, expected the folder of a sealed domain$/],
    [["build", "empty"], /^directory: empty: expected one file NAME\.schema\.ts, found none$/],
    [["build", "two"], /expected one file NAME\.schema\.ts, found other\.schema\.ts, till\.schema\.ts$/],
    [["build", "bare"], /^directory: bare: there is no assembly\/index\.ts, which exports a function for/],
  ])("%j", (args, message) => {
    const { status, stdout, stderr } = runStatevec(args, directory);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr.trimEnd()).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});

test(
  "a good build prints the file and its digest, and ends with 0",
  () => {
    const folder = tillIn(join(directory, "good"));
    const { status, stdout, stderr } = runStatevec(["build", folder, "--no-optimize", "--timings"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const [digest] = readFileSync(join(folder, "build/till.wasm.sha256"), "utf8").split(" ");
    const [first, second, ...steps] = stdout.trimEnd().split("\n");
    expect(first).toMatch(new RegExp(`^build/till\\.wasm  [0-9,]+ bytes  sha256 ${digest}$`));
    expect(second).toMatch(/^built in \d+\.\d s$/);
    expect(steps.map((line) => line.trim().split(" ")[0])).toEqual([
      "schema",
      "generate",
      "types",
      "compile",
      "gate",
      "fuel",
      "merge",
      "write",
    ]);
  },
  SLOW,
);

describe("problems end with 1", () => {
  let folder: string;
  beforeAll(() => {
    folder = tillIn(join(directory, "bad"), {
      "assembly/index.ts": (text) => text.replace("Reject.NO_ACCOUNT()", "Reject.NO_ACCOUNTS()"),
    });
  });

  test(
    "for people: place, line and mark on stderr",
    () => {
      const { status, stdout, stderr } = runStatevec(["build", folder]);
      expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
      expect(stderr.trimEnd().split("\n")).toEqual([
        expect.stringMatching(/^assembly\/index\.ts:13:31 TS2551: Property 'NO_ACCOUNTS' does not exist/),
        "    13 |   if (!account) return Reject.NO_ACCOUNTS();",
        "       |                               ^^^^^^^^^^^",
        "till is not built: 1 problem",
      ]);
    },
    SLOW,
  );

  test(
    "for programs: JSON on stdout",
    () => {
      const { status, stdout, stderr } = runStatevec(["build", folder, "--json"]);
      expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
      const result = JSON.parse(stdout);
      expect(result).toMatchObject({ built: false, name: "till", step: "types" });
      expect(result.problems[0].at).toMatchObject({ file: "assembly/index.ts", line: 13, column: 31 });
    },
    SLOW,
  );
});

test(
  "--watch builds again after each change, good or bad",
  async () => {
    const folder = tillIn(join(directory, "watched"));
    const child = spawn(process.execPath, [BINARY, "build", folder, "--watch", "--no-optimize"]);
    watching.push(child);
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (printed += data));
    const said = (pattern: RegExp) =>
      expect.poll(() => printed, { timeout: 300_000, interval: 50 }).toMatch(pattern);

    await said(/watching for changes[\s\S]*build\/till\.wasm/);
    printed = "";
    tillIn(folder, { "assembly/index.ts": (text) => text.replace("NO_ACCOUNT()", "NO_ACCOUNTS()") });
    await said(/NO_ACCOUNTS[\s\S]*till is not built: 1 problem/);
    printed = "";
    tillIn(folder);
    await said(/build\/till\.wasm/);
    printed = "";
    tillIn(folder, { "till.schema.ts": (text) => text.replace("maxBytes: 32", "maxBytes: 31") });
    await said(/till is not built|build\/till\.wasm/);

    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGINT");
    expect(await ended).toBe(0);
  },
  SLOW,
);
