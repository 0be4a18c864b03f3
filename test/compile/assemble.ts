/**
 * Compiles generated code and handlers given as texts, as a build does, and keeps what the compiler says on the way.
 */
import { fileURLToPath } from "node:url";
import { compileHandlers } from "../../src/compile/compile-handlers.ts";
import { SealedSources } from "../../src/compile/sealed-sources.ts";
import { loadTool } from "../../src/compile/tools.ts";

const ASSEMBLY = fileURLToPath(new URL("../../assembly", import.meta.url));

/** A compiled module, and the compiler's messages: warnings, for with an error there is no module. */
export interface Assembled {
  readonly wasm: Uint8Array;
  readonly messages: string;
}

/**
 * @param files texts by path: `build/entry.ts`, `assembly/index.ts`
 * @throws Error with what the compiler objects to
 */
export async function assemble(files: ReadonlyMap<string, string>, optimize = false): Promise<Assembled> {
  const command = await loadTool("assemblyscript/asc");
  const syntax = await loadTool("assemblyscript");
  const { libraryFiles: standard } = command;
  let messages = "";
  const listening: typeof command = {
    ...command,
    async main(...args) {
      const answer = await command.main(...args);
      messages = answer.stderr.toString();
      return answer;
    },
  };
  // All of it passes for generated, so no file is looked for where there is none.
  const sources = new SealedSources({
    directory: "/nowhere",
    generated: files,
    assembly: ASSEMBLY,
    standard,
  });
  const compiled = await compileHandlers({ command: listening, syntax }, sources, { optimize });
  if (compiled.compiled) return { wasm: compiled.bytes, messages };
  const told = compiled.problems.map(({ message, at }) => `${at?.file}:${at?.line} ${message}`);
  throw new Error(told.join("\n"));
}
