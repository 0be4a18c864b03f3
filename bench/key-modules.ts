/**
 * The modules whose index and unique-key costs are measured: the core's structures, and the prototype's where its sources are.
 *
 * Responsible for: compiling bench/assembly/key-costs.ts over either, with the options of the core.
 * Not responsible for: measuring (sides/key-costs.ts).
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./places.ts";

const ENTRY = "bench/assembly/key-costs.ts";
const STRUCTURES = "bench/assembly/structures.ts";
const PROTOTYPE_STRUCTURES = "bench/assembly/prototype-structures.ts";
const PROTOTYPE_FOLDER = "bench/assembly/prototype/";

/** The folder with the prototype's sources: STATEVEC_SHARED names the one above it; beside the checkout it is found too. */
const PROTOTYPE_SOURCES = join(
  process.env.STATEVEC_SHARED ?? join(root, "..", "shared"),
  "prototypes",
  "core",
);

/** Added to the prototype's core, whose own unique keys encode the key of a record at every comparison. */
const KEY_TABLE = `
export function keyTableFind(x: usize, key: usize): usize {
  const h = hashN(key, 4), tab = load<u32>(x, X_TABLE) as usize, mask = load<u32>(x, X_MASK);
  let i = h & mask;
  while (true) {
    const e = load<u64>(tab + ((i as usize) << 3));
    if (!(e >> 32)) return 0;
    if ((e as u32) == h) { const r = (e >> 32) as usize; if (keyEq(r, key, 4)) return r; }
    i = (i + 1) & mask;
  }
  return 0;
}
export function keyTableAdd(x: usize, key: usize): bool {
  if (keyTableFind(x, key)) return false;
  const c = load<u32>(x, X_COUNT) + 1; store<u32>(x, c, X_COUNT);
  let mask = load<u32>(x, X_MASK);
  if (c * 2 > mask) { store<u32>(x, htGrow(load<u32>(x, X_TABLE), mask) as u32, X_TABLE); mask = mask * 2 + 1; store<u32>(x, mask, X_MASK); }
  htPut(load<u32>(x, X_TABLE), mask, hashN(key, 4), key as u32);
  return true;
}
export function keyTableRemove(x: usize, key: usize): bool {
  store<u32>(x, load<u32>(x, X_COUNT) - 1, X_COUNT);
  htDel(load<u32>(x, X_TABLE), load<u32>(x, X_MASK), hashN(key, 4), key as u32);
  return true;
}
`;

const OPTIONS = [
  "-O3",
  "--runtime",
  "stub",
  "--use",
  "abort=",
  "--enable",
  "simd",
  "--enable",
  "bulk-memory",
];

/** Whether the prototype can be compiled here. */
export function hasPrototype(): boolean {
  return existsSync(join(PROTOTYPE_SOURCES, "core.ts"));
}

function readSource(name: string): string | null {
  const path = join(root, name);
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}

/** The sources with the prototype's structures in the place of the core's. */
function readPrototypeSource(name: string): string | null {
  if (name === STRUCTURES) return readSource(PROTOTYPE_STRUCTURES);
  if (!name.startsWith(PROTOTYPE_FOLDER)) return readSource(name);
  const path = join(PROTOTYPE_SOURCES, name.slice(PROTOTYPE_FOLDER.length));
  if (!existsSync(path)) return null;
  const text = readFileSync(path, "utf8");
  return name.endsWith("/core.ts") ? text + KEY_TABLE : text;
}

/** What is used of the compiler. */
interface Compiler {
  main(
    parameters: readonly string[],
    files: {
      readFile(name: string): string | null;
      writeFile(name: string, contents: string | Uint8Array): void;
      listFiles(): string[];
    },
  ): Promise<{ readonly error: Error | null; readonly stderr: { toString(): string } }>;
}

/** Not imported by its name: its typings declare globals of AssemblyScript for every file of the program. */
const COMPILER: string = "assemblyscript/asc";

async function compile(readFile: (name: string) => string | null): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined;
  const output = "key-costs.wasm";
  const { default: compiler } = (await import(COMPILER)) as { readonly default: Compiler };
  const { error, stderr } = await compiler.main([ENTRY, "--outFile", output, "--noColors", ...OPTIONS], {
    readFile,
    writeFile(name: string, contents: string | Uint8Array) {
      if (name === output) bytes = contents as Uint8Array;
    },
    listFiles: () => [],
  });
  if (error !== null || bytes === undefined) throw new Error(`key-costs.ts did not compile:\n${stderr}`);
  return bytes;
}

/** Compiles the costs of the core's structures into a file. */
export async function compileCoreCosts(file: string): Promise<void> {
  writeFileSync(file, await compile(readSource));
}

/** Compiles the costs of the prototype's structures into a file. */
export async function compilePrototypeCosts(file: string): Promise<void> {
  writeFileSync(file, await compile(readPrototypeSource));
}
