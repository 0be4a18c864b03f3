/**
 * Compiles handler modules in memory, with the flags of the sealed lane.
 *
 * Imports of `statevec/assembly` lead to this repository's SDK.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ASSEMBLY = fileURLToPath(new URL("../../assembly", import.meta.url));
const SDK_FILE = /(?:^|\/)(?:node_modules\/|~lib\/)statevec\/assembly(\/.*)?\.ts$/;
/** A stack of -1 bytes: a runtime of its own has asc reserve one for a collector, in a mutable global, unless told so. */
const CONFIG = JSON.stringify({ options: { stackSize: -1 } });

const FLAGS = [
  ["--runtime", "~lib/statevec/assembly/sdk/runtime"],
  ["--importMemory", "--noExportMemory", "--memoryBase", "1024", "--initialMemory", "16"],
  ["--disable", "bulk-memory", "--use", "abort="],
  ["--outFile", "out.wasm", "--textFile", "out.wat"],
].flat();

/** The part of the compiler that is used. Its own typings declare globals of other platforms, so they stay out. */
interface Compiler {
  main(
    argv: readonly string[],
    host: {
      readFile(name: string): string | null;
      writeFile(name: string, contents: string | Uint8Array): void;
      listFiles(): readonly string[];
    },
  ): Promise<{ readonly error: Error | null; readonly stderr: { toString(): string } }>;
}

const COMPILER = "assemblyscript/asc";

/** A compiled module, and what the compiler had to say. */
export interface Assembled {
  readonly wasm: Uint8Array;
  readonly text: string;
  readonly messages: string;
}

function sourceOf(files: ReadonlyMap<string, string>, name: string): string | null {
  const path = name.replaceAll("\\", "/");
  if (path.endsWith("asconfig.json")) return CONFIG;
  const found = SDK_FILE.exec(path);
  if (found === null) return files.get(path) ?? null;
  if (found[1] === undefined) return 'export * from "./assembly/sdk/index";\n';
  const file = `${ASSEMBLY}${found[1]}.ts`;
  return existsSync(file) ? readFileSync(file, "utf8") : null;
}

/** @param files sources by path; `entry` is the one to start from */
export async function assemble(
  files: ReadonlyMap<string, string>,
  entry: string,
  optimizeLevel = 3,
): Promise<Assembled> {
  const written = new Map<string, string | Uint8Array>();
  const asc: Compiler = (await import(COMPILER)).default;
  const { error, stderr } = await asc.main([entry, ...FLAGS, "--optimizeLevel", String(optimizeLevel)], {
    readFile: (name) => sourceOf(files, name),
    writeFile: (name, contents) => void written.set(name, contents),
    listFiles: () => [],
  });
  const messages = stderr.toString();
  if (error !== null) throw new Error(`${error.message}\n${messages}`);
  return { wasm: written.get("out.wasm") as Uint8Array, text: String(written.get("out.wat")), messages };
}
