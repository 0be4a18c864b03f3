/**
 * Folders of sealed domains for tests, and the build that is shipped.
 *
 * Responsible for: copies of the till with changed files, and the built code.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileFunction, constants } from "node:vm";

const BUILT = new URL("../../build/src/", import.meta.url);
const TILL = fileURLToPath(new URL("till", import.meta.url));

export const BINARY = fileURLToPath(new URL("cli/main.js", BUILT));

/**
 * The import of Node itself. The test runner's would make a copy of these modules, and a schema that is loaded would have
 * another `statevec` than the code that reads it.
 */
const load = compileFunction("return import(url)", ["url"], {
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
}) as (url: string) => Promise<any>;

type Compile = typeof import("../../src/compile/index.ts");
type StateVec = typeof import("../../src/index.ts");
/** The shipped `buildDomain` and its like. */
export const compile: Compile = await load(new URL("compile/index.js", BUILT).href);
/** The shipped engine. */
export const statevec: StateVec = await load(new URL("index.js", BUILT).href);

export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), "statevec-build-"));
}

/**
 * A copy of the till.
 * @param files texts by path that replace or add to it; a function changes the text that is there
 */
export function tillIn(
  directory: string,
  files: Readonly<Record<string, string | ((text: string) => string)>> = {},
): string {
  cpSync(TILL, directory, { recursive: true });
  for (const [name, change] of Object.entries(files)) {
    const file = join(directory, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof change === "string" ? change : change(readFileSync(file, "utf8")));
  }
  return directory;
}

/** Runs the shipped command line. */
export function runStatevec(args: readonly string[], cwd?: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BINARY, ...args], {
    encoding: "utf8",
    cwd,
    timeout: 400_000,
  });
  return { status, stdout, stderr };
}
