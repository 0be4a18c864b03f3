/**
 * Sealed domains for tests, built as a user builds them.
 *
 * Responsible for: a temporary folder, the shipped build over it, its module. Not responsible for: what is built.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileFunction, constants } from "node:vm";

type Compile = typeof import("../../src/compile/index.ts");

/**
 * The import of Node itself. The test runner's would make a copy of these modules, and the schema that a build loads would
 * have another `statevec` than the code that reads it.
 */
const load = compileFunction("return import(url)", ["url"], {
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
}) as (url: string) => Promise<unknown>;

const COMPILE = new URL("../../build/src/compile/index.js", import.meta.url).href;

export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), "statevec-sealed-"));
}

/** A folder of this directory of the repository: `lab`. */
export function folderOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/**
 * Builds a copy of a folder.
 *
 * @param folder with NAME.schema.ts and assembly/
 * @param files texts by path that replace its files or add to them
 * @throws {Error} the sources have problems; the message says all of them
 */
export async function buildFolder(
  folder: string,
  files: Readonly<Record<string, string>> = {},
  options: { readonly optimize?: boolean } = {},
): Promise<Uint8Array> {
  const { buildDomain, problemText } = (await load(COMPILE)) as Compile;
  const directory = temporaryDirectory();
  try {
    cpSync(folder, directory, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      const path = join(directory, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    const result = await buildDomain(directory, options);
    if (result.built) return result.bytes;
    throw new Error(`${result.step}: ${result.problems.map((problem) => problemText(problem)).join("\n")}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
