/** `npm run ledger` itself: what it prints, the history it leaves. Runs the built example in a directory of its own. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { auditHistory, fileHistory } from "statevec/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openLedger } from "./bank.ts";

const MAIN = fileURLToPath(new URL("../../build/examples/ledger/main.js", import.meta.url));

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "statevec-ledger-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function start(...args: string[]) {
  const options = { cwd: directory, encoding: "utf8" } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], options);
  return { status, stdout, stderr };
}

test("prints balances that sum to zero, and leaves a history that proves it again", async () => {
  const [first, second] = [1, 2].map(() => start("--commands", "1500", "--lane", "open"));
  expect(first).toMatchObject({ status: 0, stderr: "" });
  expect(first!.stdout).toMatch(/^EUR +[\d,]+\.\d\d +-?[\d,]+\.\d\d +-[\d,]+\.\d\d +-?[\d,]+\.\d\d +0\.00$/m);
  expect(first!.stdout).toMatch(/^JPY .* 0$/m);
  expect(first!.stdout).toMatch(/^BTC .* 0\.00000000$/m);
  expect(first!.stdout).toMatch(/^conserved +1,501 of 1,501 frames leave every currency at zero$/m);
  expect(first!.stdout).toMatch(/^audit +the replay is identical$/m);
  const digest = (text: string) => /^digest +([0-9a-f]{64})$/m.exec(text)![1];
  expect(digest(second!.stdout)).toBe(digest(first!.stdout));

  const [name] = readdirSync(join(directory, "data"));
  const history = fileHistory(join(directory, "data", name!));
  const report = await auditHistory({ domain: openLedger, history });
  expect(report).toMatchObject({
    identical: true,
    frames: 1_501n,
    frontier: { digest: digest(first!.stdout) },
  });
});

test("runs sealed when nobody says otherwise", () => {
  const { status, stdout } = start("--commands", "700", "--seed", "5");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^lane +sealed$/m);
  expect(stdout).toMatch(/^conserved +701 of 701 /m);
});

test("says the same of a ledger that is reached over HTTP", () => {
  const { status, stdout, stderr } = start("--commands", "1500", "--service");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(/^lane +sealed, over HTTP$/m);
  expect(stdout).toMatch(/^conserved +1,501 of 1,501 frames leave every currency at zero$/m);
  expect(stdout).toMatch(/^audit +the replay is identical$/m);
});

test.each([
  ["--commands", "many"],
  ["--lane", "fast"],
  ["--speed", "1"],
])("refuses %s %s", (...args) => {
  const { status, stdout, stderr } = start(...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(/^error: /);
});
