/**
 * Handler code without a domain around it: compiled as a build does, run against operations that only take notes.
 *
 * Responsible for: a folder of sources, the compiler over it, and an instance of the module.
 * Not responsible for: schema, gate, merge; a whole build is tested through its command.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ARENA_START, CODE_OVERFLOW } from "../../assembly/abi.ts";
import { type CompiledHandlers, compileHandlers } from "../../src/compile/compile-handlers.ts";
import { SealedSources } from "../../src/compile/sealed-sources.ts";
import { loadTool } from "../../src/compile/tools.ts";

const ASSEMBLY = fileURLToPath(new URL("../../assembly", import.meta.url));

/** Exports `run` as the generated entry does: the payload of a case is its number. */
const ENTRY = `
import { runCase } from "../assembly/index";
export function run(kind: u32, payload: usize): void {
  store<u64>(payload, runCase(kind));
}
`;

/** Compiles files given by their paths from the domain's folder; assembly/index.ts must export \`runCase\`. */
export async function compileCases(
  files: Readonly<Record<string, string>>,
  { optimize = false, entry = ENTRY } = {},
): Promise<CompiledHandlers> {
  const directory = mkdtempSync(join(tmpdir(), "statevec-compile-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), text);
    }
    const command = await loadTool("assemblyscript/asc");
    const { libraryFiles } = command;
    const syntax = await loadTool("assemblyscript");
    const sources = new SealedSources({
      directory,
      generated: new Map([["build/entry.ts", entry]]),
      assembly: ASSEMBLY,
      standard: libraryFiles,
    });
    return await compileHandlers({ command, syntax }, sources, { optimize });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Where the answer of a case is written: memory that nothing else uses. */
const ANSWER_AT = 64;
const PAGES = 32;

interface Memory {
  readonly buffer: ArrayBuffer;
}
interface WebAssemblyApi {
  readonly Memory: new (size: { initial: number }) => Memory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: { run(kind: number, payload: number): void } };
}
const { Memory, Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

/** Runs cases of a module. */
export function instantiate(bytes: Uint8Array) {
  const memory = new Memory({ initial: PAGES });
  let allocatedTo = ARENA_START;
  let fault: number | undefined;
  const operations = {
    memory,
    opAllocate(size: number) {
      const at = allocatedTo;
      allocatedTo += (size + 15) & ~15;
      return at;
    },
    opFault(code: number) {
      fault = code;
    },
  };
  const { exports } = new Instance(new Module(bytes), { env: operations });
  return {
    /** @returns the answer, or "OVERFLOW" if the case recorded it and trapped */
    run(number: number): bigint | "OVERFLOW" {
      allocatedTo = ARENA_START;
      fault = undefined;
      new Uint8Array(memory.buffer).fill(0, ARENA_START);
      try {
        exports.run(number, ANSWER_AT);
      } catch (error) {
        if (fault === CODE_OVERFLOW) return "OVERFLOW";
        throw error;
      }
      if (fault !== undefined) throw new Error(`fault ${fault} was recorded, and the handler went on`);
      return new DataView(memory.buffer).getBigUint64(ANSWER_AT, true);
    },
  };
}
