/**
 * Where the sources of a sealed domain stand, by the names that the compiler has for them.
 *
 *     build/entry.ts, build/NAME.schema.ts      generated, in memory
 *     assembly/index.ts ...                     the user's, below the domain's folder
 *     ~lib/statevec/assembly/sdk/tx.ts          the SDK, and what it takes from the rest of assembly/ of this package
 *     ~lib/statevec/assembly/index.ts           what `statevec/assembly` leads to: the SDK, not the core's own index
 *     ~lib/money/cents.ts                       other packages, found in node_modules as the compiler does
 *
 * Responsible for: reading each; texts by name, for messages.
 * Not responsible for: compiling (compile-handlers.ts).
 *
 * I1. No name holds the path of this machine, so none reaches the module.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** The directory that stands for this package's assembly sources; it exists in the compiler's eyes alone. */
export const LIBRARY_DIRECTORY = "statevec-library";
/** The runtime of handler code, as an argument for the compiler. */
export const RUNTIME = "~lib/statevec/assembly/sdk/runtime";

/**
 * The compiler's configuration, in the place of whatever stands in the folder that the program runs in. With a runtime
 * of one's own the compiler keeps a stack of references for a collector, in a global that changes: below zero is none.
 */
const CONFIGURATION = JSON.stringify({ options: { stackSize: -1 } });

const LIBRARY_PREFIX = "~lib/";
const OURS = /^(?:~lib\/)?statevec\/assembly\/(.*)$/;
/** What `import ... from "statevec/assembly"` finds. */
const INDEX = "index.ts";
const INDEX_TEXT = 'export * from "./sdk/index";\n';

export interface SealedSourcesParts {
  /** The domain's folder. */
  readonly directory: string;
  /** Generated text by name: `build/entry.ts`. */
  readonly generated: ReadonlyMap<string, string>;
  /** The folder assembly/ of this package. */
  readonly assembly: string;
  /** Text of the compiler's standard library by name without ending: `array`. */
  readonly standard: Readonly<Record<string, string>>;
}

export class SealedSources {
  /** The domain's folder, absolute. */
  readonly directory: string;
  readonly #parts: SealedSourcesParts;
  /** By the compiler's name, for messages. */
  readonly #texts = new Map<string, string>();

  constructor(parts: SealedSourcesParts) {
    this.directory = resolve(parts.directory);
    this.#parts = parts;
  }

  /** @param base the directory that the compiler looks in @returns nothing if there is no such file */
  read(name: string, base: string): string | null {
    if (name === "asconfig.json") return CONFIGURATION;
    const isOurs = base === LIBRARY_DIRECTORY || name.startsWith(LIBRARY_PREFIX);
    const text = isOurs
      ? this.#readOurs(name)
      : (this.#parts.generated.get(name) ?? readText(resolve(base, name)));
    if (text !== null) this.#texts.set(compilerName(name, isOurs), text);
    return text;
  }

  /** The text of a source, by the name that the compiler has for it. */
  textOf(name: string): string | undefined {
    return this.#texts.get(name) ?? this.#parts.standard[standardName(name)];
  }

  /** Whether a source was written for this domain or a package that it uses: not generated, not the SDK, not standard. */
  isForeign(name: string): boolean {
    if (this.#parts.generated.has(name) || OURS.test(name)) return false;
    return !(name.startsWith(LIBRARY_PREFIX) && standardName(name) in this.#parts.standard);
  }

  #readOurs(name: string): string | null {
    const [, inside] = OURS.exec(name) ?? [];
    if (inside === undefined) return null;
    return inside === INDEX ? INDEX_TEXT : readText(join(this.#parts.assembly, inside));
  }
}

/** The compiler calls a package's file by the package, wherever node_modules stands. */
function compilerName(name: string, isOurs: boolean): string {
  if (isOurs) return name.startsWith(LIBRARY_PREFIX) ? name : LIBRARY_PREFIX + name;
  return name.replaceAll("\\", "/").replace(/^.*node_modules\//, LIBRARY_PREFIX);
}

function standardName(name: string): string {
  return name.replace(LIBRARY_PREFIX, "").replace(/\.ts$/, "");
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // The compiler tries names until one is there: a folder or nothing is "not this one".
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return null;
    throw error;
  }
}
