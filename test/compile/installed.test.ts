/**
 * The package as a user installs it: its published files in node_modules of a project, its tools beside it or not.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compile, temporaryDirectory, tillIn } from "./folders.ts";

/** A build takes seconds, on a busy machine more. */
const SLOW = 400_000;
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const { files, dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const TOOLS = ["assemblyscript", "esbuild", "typescript"];

let directory: string;
beforeAll(() => {
  directory = temporaryDirectory();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A project with the package and these others installed. The package is a copy: a link would find what stands beside it. */
function projectWith(name: string, packages: readonly string[]): string {
  const modules = join(directory, name, "node_modules");
  for (const file of ["package.json", ...(files as string[])])
    cpSync(join(ROOT, file), join(modules, "statevec", file), { recursive: true });
  for (const one of [...Object.keys(dependencies), ...packages]) {
    mkdirSync(dirname(join(modules, one)), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", one), join(modules, one), "dir");
  }
  tillIn(join(directory, name, "till"));
  return join(directory, name);
}

function build(project: string) {
  const binary = join(project, "node_modules/statevec/build/src/cli/main.js");
  const args = [binary, "build", "till", "--no-optimize"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("without one of its tools a build says what to install", () => {
  test.each(TOOLS)(
    "%s",
    (missing) => {
      const others = TOOLS.filter((name) => name !== missing);
      expect(build(projectWith(`without-${missing}`, others))).toEqual({
        status: 2,
        stdout: "",
        stderr: `${missing}: the package ${missing} is not installed; a build needs it: npm install --save-dev ${missing}\n`,
      });
    },
    SLOW,
  );
});

test(
  "installed, it makes the same bytes as in its own repository",
  async () => {
    const project = projectWith("with-all", TOOLS);
    expect(build(project)).toMatchObject({ status: 0, stderr: "" });
    const own = await compile.buildDomain(tillIn(join(directory, "own")), { optimize: false });
    const name = "till/build/till.wasm";
    expect(own.built && Buffer.from(own.bytes).equals(readFileSync(join(project, name)))).toBe(true);
  },
  SLOW,
);
