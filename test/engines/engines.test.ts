/**
 * The same programs on every JavaScript engine: the same frames, the same digests.
 *
 * The measure is this process, which runs them from the sources; all others run one bundle.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sealedModuleFile } from "../../examples/exchange/lane.ts";
import { ENGINES, whyMissing } from "../../scripts/engines.mjs";
import { bundleForBrowser } from "../browser/bundle.ts";
import { type Made, runPrograms } from "./programs.ts";

const LIMIT_MILLISECONDS = 50_000;
const run = promisify(execFile);

let directory: string;
let bundle: string;
let here: Made[];
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "statevec-engines-"));
  bundle = join(directory, "bundle.mjs");
  writeFileSync(bundle, (await bundleForBrowser("test/engines/runner.ts")).text);
  here = await runPrograms(readFileSync(sealedModuleFile()!));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Engines keep caches in the home directory, and deno looks for a newer self. */
async function runOn(binary: string, args: readonly string[]): Promise<Made[]> {
  const env = { PATH: process.env.PATH, HOME: directory, DENO_NO_UPDATE_CHECK: "1" };
  const options = { cwd: directory, env, timeout: LIMIT_MILLISECONDS, maxBuffer: 1 << 20 };
  const { stdout } = await run(binary, [...args, bundle], options);
  return JSON.parse(stdout) as Made[];
}

test("the programs make what they are to make: every kind of outcome, and audit agrees", () => {
  expect(here.map(({ program, identical }) => [program, identical])).toEqual([
    ["exchange", true],
    ["sealed exchange", true],
    ["warehouse", true],
  ]);
  const [open, sealed, warehouse] = here;
  expect({ ...sealed, program: "", digest: "" }).toEqual({ ...open, program: "", digest: "" });
  const outcomes = Object.keys(warehouse!.outcomes).sort();
  expect(outcomes).toEqual([
    "committed",
    "faulted HANDLER_FAILED",
    "faulted INVARIANT",
    "faulted OVERFLOW",
    "faulted RECORD_MISSING",
    "rejected CLOSED",
    "rejected UNIQUE_KEY_TAKEN",
    "rejected UNKNOWN",
  ]);
});

test("this Node, from the bundle", async () => {
  expect(await runOn(process.execPath, [])).toEqual(here);
});

for (const engine of ENGINES) {
  test(engine.name, async (context) => {
    const missing = whyMissing(engine);
    context.skip(missing !== undefined, missing);
    expect(await runOn(engine.binary, engine.args)).toEqual(here);
  });
}
