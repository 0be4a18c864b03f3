/**
 * `npm test`: everything CI runs. Installs and builds what is missing, checks, runs the tests, counts.
 *
 * The last line is `N passed, N failed` (`, N skipped`): each check counts as one test. Arguments filter test files
 * (`npm test -- test/history`); the checks of the whole project are left out then.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { installBrowsers } from "./browsers.mjs";
import { buildAll } from "./build.mjs";
import { installEngines } from "./engines.mjs";
import { install, root, runTool } from "./project.mjs";
import { installProtoc } from "./protoc.mjs";

const reportFile = join(root, "build/test-report.json");
const counts = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

function print(text) {
  process.stdout.write(`${text}\n`);
}

/** Runs one check, counts it as a test, prints how long it took. */
async function step(name, run) {
  const start = performance.now();
  print(`\n> ${name}`);
  let ok = false;
  try {
    ok = await run();
  } catch (error) {
    print(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  print(`${ok ? "ok" : "FAILED"}: ${name} (${seconds} s)`);
  if (ok) counts.passed++;
  else {
    counts.failed++;
    failures.push(name);
  }
}

/** Text by path of every file that git knows or would add: what a commit would hold. */
function projectFiles() {
  const { stdout, status } = spawnSync(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    {
      cwd: root,
      encoding: "utf8",
    },
  );
  if (status !== 0) throw new Error("git ls-files failed: run npm test in a git checkout.");
  const files = new Map();
  for (const path of stdout.split("\0").sort()) {
    const isText = /\.(ts|mjs|json|md|yml|sh)$/.test(path) || path === ".ci/run";
    if (!isText || path.endsWith("package-lock.json") || !existsSync(join(root, path))) continue;
    files.set(path, readFileSync(join(root, path), "utf8"));
  }
  return files;
}

function printProblems(problems) {
  for (const problem of problems) print(`  ${problem}`);
  return problems.length === 0;
}

/** Loaded late: before the first install there is no TypeScript to parse with. */
async function importDirections() {
  const { checkImports } = await import("./check-imports.mjs");
  const files = [...projectFiles()].filter(([path]) => /^(src|assembly)\/.*\.ts$/.test(path));
  return printProblems(checkImports(new Map(files)));
}

async function style() {
  const { checkStyle } = await import("./check-style.mjs");
  return printProblems(checkStyle(projectFiles()));
}

/** Runs vitest and adds its counts to ours. */
function tests(filters) {
  const start = performance.now();
  print("\n> tests (vitest)");
  rmSync(reportFile, { force: true });
  process.env.STATEVEC_TEST_REPORT = reportFile;
  const args = ["run", "--reporter=default", "--reporter=./scripts/test-reporter.mjs", ...filters];
  const ok = runTool("vitest", args, { stdout: "inherit" });
  print(`vitest took ${((performance.now() - start) / 1000).toFixed(1)} s`);
  if (!existsSync(reportFile)) {
    counts.failed++;
    failures.push("vitest ended without a report");
    return;
  }
  const report = JSON.parse(readFileSync(reportFile, "utf8"));
  // Vitest can fail with no failed test: an error outside of tests, or a filter that matches no file.
  const unseen = !ok && report.failed === 0 ? 1 : 0;
  counts.passed += report.passed;
  counts.failed += report.failed + unseen;
  counts.skipped += report.skipped.length;
  if (report.failed + unseen > 0) failures.push("tests (vitest)");
  for (const { name, file, reason } of report.skipped) {
    print(`skipped: ${file} > ${name}${reason ? `: ${reason}` : ""}`);
  }
}

const filters = process.argv.slice(2);
/** Whether tests of a folder are to run: vitest takes a filter as a part of the path. */
const runs = (folder) =>
  filters.length === 0 || filters.some((filter) => filter.includes(folder) || folder.includes(filter));
mkdirSync(join(root, "build"), { recursive: true });
await step("install", () => {
  install();
  if (runs("test/browser/")) installBrowsers(["chromium", "firefox"]);
  if (runs("test/engines/")) installEngines();
  if (runs("test/proto/")) installProtoc();
  return true;
});
await step("build", () => buildAll());
if (filters.length === 0) {
  const biomeArgs = ["ci", "--error-on-warnings", ...(process.stdout.isTTY ? [] : ["--colors=off"])];
  await step("format and lint (biome)", () => runTool("biome", biomeArgs, { stdout: "inherit" }));
  const typeArgs = ["--noEmit", "-p", "tsconfig.json"];
  await step("types (tsc)", () => runTool("tsc", typeArgs, { stdout: "inherit" }));
  await step("import directions", importDirections);
  await step("style", style);
}
tests(filters);

if (failures.length > 0) print(`\nFailed: ${failures.join(", ")}`);
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
print(`\n${counts.passed} passed, ${counts.failed} failed${skipped}`);
process.exitCode = counts.failed > 0 ? 1 : 0;
