/**
 * Sealed domains for tests, built as a user builds them.
 *
 * Responsible for: a temporary folder, the shipped build over it, its module; a build that nothing checks, for handlers
 * that no check lets through. Not responsible for: what is built.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileFunction, constants } from "node:vm";
import { CORE_SEMANTICS } from "../../assembly/abi.ts";
import { compileHandlers } from "../../src/compile/compile-handlers.ts";
import { appendCustomSections } from "../../src/compile/custom-sections.ts";
import { generateDomain } from "../../src/compile/generate/index.ts";
import { ownFiles } from "../../src/compile/own-files.ts";
import { SealedSources } from "../../src/compile/sealed-sources.ts";
import { loadTool } from "../../src/compile/tools.ts";
import { WasmMerge } from "../../src/compile/wasm-merge.ts";
import { MODULE_FORMAT, MODULE_SECTION, SCHEMA_SECTION } from "../../src/engine/sealed-domain.ts";
import { injectFuel, staticDataEnd } from "../../src/gate/index.ts";
import { modelOf, type Schema } from "../../src/schema/define-schema.ts";
import { encodeDescriptor } from "../../src/schema/descriptor.ts";

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

/** Builds handlers without looking at their sources: no types, no source check. */
export async function buildUnchecked(schema: Schema, handlers: string): Promise<Uint8Array> {
  const directory = temporaryDirectory();
  try {
    mkdirSync(join(directory, "assembly"));
    writeFileSync(join(directory, "assembly/index.ts"), handlers);
    const own = ownFiles();
    const command = await loadTool("assemblyscript/asc");
    const syntax = await loadTool("assemblyscript");
    const generated = new Map(
      [...(await generateDomain(schema, ""))].map(([file, text]) => [`build/${file}`, text] as const),
    );
    const { libraryFiles: standard } = command;
    const sources = new SealedSources({ directory, generated, assembly: own.assembly, standard });
    const compiled = await compileHandlers({ command, syntax }, sources, { optimize: false });
    if (!compiled.compiled) throw new Error(compiled.problems.map(({ message }) => message).join("\n"));
    const merged = await new WasmMerge().merge([
      { name: "env", bytes: own.core },
      { name: "handlers", bytes: injectFuel(compiled.bytes) },
      { name: "driver", bytes: own.driver },
    ]);
    const dataEnd = staticDataEnd(compiled.bytes);
    const about = { format: MODULE_FORMAT, semantics: CORE_SEMANTICS, dataEnd };
    return appendCustomSections(merged, [
      [SCHEMA_SECTION, encodeDescriptor(modelOf(schema))],
      [MODULE_SECTION, new TextEncoder().encode(JSON.stringify(about))],
    ]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
