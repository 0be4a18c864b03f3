/** With the project's npm settings, what a script prints is all that npm leaves on stdout. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const SETTINGS = fileURLToPath(new URL("../../.npmrc", import.meta.url));

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "statevec-npm-"));
  const scripts = { start: "node answer.mjs" };
  writeFileSync(
    join(directory, "package.json"),
    JSON.stringify({ name: "answers", version: "1.0.0", scripts }),
  );
  writeFileSync(
    join(directory, "answer.mjs"),
    'console.log(JSON.stringify(process.argv.slice(2)));\nconsole.error("progress");\nprocess.exit(7);\n',
  );
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Settings of the npm that runs these tests would hide those of the project. */
function start(): { status: number | null; stdout: string; stderr: string } {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  const shell = process.platform === "win32";
  const options = { cwd: directory, encoding: "utf8", env, shell } as const;
  const { status, stdout, stderr } = spawnSync("npm", ["start", "--", "--json"], options);
  return { status, stdout, stderr };
}

test("stdout is the script's own; stderr and the exit code come through", () => {
  copyFileSync(SETTINGS, join(directory, ".npmrc"));
  const { status, stdout, stderr } = start();
  expect({ status, stdout }).toEqual({ status: 7, stdout: '["--json"]\n' });
  expect(stderr).toContain("progress\n");
});

test("without them npm prints a banner there", () => {
  expect(start().stdout).not.toBe('["--json"]\n');
});
