/**
 * Where the sources of a sealed domain stand, by the names that the compiler has for them.
 *
 *     build/entry.ts, build/NAME.schema.ts      generated, in memory
 *     assembly/index.ts ...                     the user's, below the domain's folder
 *     ~lib/statevec/assembly/tx.ts              the SDK: assembly/sdk/tx.ts of this package
 *     ~lib/statevec/abi.ts                      what the SDK takes from the rest of assembly/
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
const LIBRARY_NAME = /^(?:~lib\/)?statevec\/(.*)$/;

export class SealedSources {
  readonly directory: string;
  readonly #generated: ReadonlyMap<string, string>;
  readonly #assembly: string;
  readonly #texts = new Map<string, string>();

  /**
   * @param directory the domain's folder
   * @param generated text by name, `build/entry.ts`
   * @param assembly the folder assembly/ of this package
   */
  constructor(directory: string, generated: ReadonlyMap<string, string>, assembly: string) {
    this.directory = resolve(directory);
    this.#generated = generated;
    this.#assembly = assembly;
  }

  /** @param base the directory that the compiler looks in @returns nothing if there is no such file */
  read(name: string, base: string): string | null {
    // A configuration of whoever stands in this folder has no say in the module.
    if (name === "asconfig.json") return null;
    const isLibrary = base === LIBRARY_DIRECTORY || name.startsWith("~lib/");
    const text = isLibrary ? this.#readLibrary(name) : this.#readUser(name, base);
    if (text !== null) this.#texts.set(isLibrary ? `~lib/${name.replace(/^~lib\//, "")}` : name, text);
    return text;
  }

  /** The text of a source that was read, by the name the compiler has for it. */
  textOf(name: string): string | undefined {
    return this.#texts.get(name);
  }

  /** Whether a source was written for this domain or a package it uses, not by us. */
  isForeign(name: string): boolean {
    return !this.#generated.has(name) && !LIBRARY_NAME.test(name) && !isStandardLibrary(name);
  }

  #readLibrary(name: string): string | null {
    const [, inside] = LIBRARY_NAME.exec(name) ?? [];
    if (inside === undefined) return null;
    const path = /^assembly(\/|\.ts$)/.test(inside) ? inside.replace(/^assembly/, "sdk") : inside;
    return readText(join(this.#assembly, path));
  }

  #readUser(name: string, base: string): string | null {
    return this.#generated.get(name) ?? readText(resolve(base, name));
  }
}
