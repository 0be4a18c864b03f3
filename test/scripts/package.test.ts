/**
 * The package as it is packed, installed by npm in a project that has none of this checkout's settings: it brings no compiler
 * along, and stands in the way of no other package.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Installing takes seconds, on a busy machine more. */
const SLOW = 240_000;
let project = "";
let tarball = "";

/** npm as a user has it: the settings of the npm that runs these tests would hide the defaults. */
function run(command: string, args: readonly string[], cwd: string): string {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
  return stdout;
}

function install(...packages: string[]): void {
  run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", ...packages], project);
}

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "statevec-package-"));
  const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", project];
  tarball = join(project, JSON.parse(run("npm", args, root))[0].filename);
  writeFileSync(
    join(project, "package.json"),
    '{ "name": "project", "version": "1.0.0", "type": "module" }\n',
  );
  install(tarball);
}, SLOW);

afterAll(() => rmSync(project, { recursive: true, force: true }));

test("no compiler comes along", () => {
  const names = readdirSync(join(project, "node_modules"));
  expect(names).toContain("statevec");
  for (const name of ["as-bind", "assemblyscript", "typescript", "esbuild"])
    expect(names).not.toContain(name);
  expect(existsSync(join(project, "node_modules/statevec/node_modules"))).toBe(false);
});

test("a program of the project inspects a module", () => {
  const program = `
    import { readFileSync } from "node:fs";
    import { describeModule, openInspector } from "statevec/node";
    const bytes = readFileSync("node_modules/statevec/build/statevec.wasm");
    console.log((await describeModule(bytes)).split("\\n")[1], typeof (await openInspector()).frameText);`;
  const output = run(process.execPath, ["--input-type=module", "--eval", program], project);
  expect(output).toBe("imports nothing function\n");
});

test(
  "other packages can be added, the compiler of sealed domains too, and the package again",
  () => {
    install("--save-dev", "assemblyscript@0.28.20");
    install(tarball);
    expect(readdirSync(join(project, "node_modules"))).toContain("assemblyscript");
  },
  SLOW,
);

test("the messages of statevec.v1 are inside, and the command line prints them", () => {
  const file = join(project, "node_modules/statevec/src/proto/statevec-v1.proto");
  expect(run("npx", ["--no", "statevec", "proto", "--statevec"], project)).toBe(readFileSync(file, "utf8"));
});
