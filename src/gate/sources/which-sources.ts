/**
 * Which of the sources of a compilation are the user's.
 *
 * Responsible for: telling them from the SDK, from generated files and from the compiler's library.
 *
 * I1. A source is the user's unless it is known to be somebody else's: packages in node_modules are the user's.
 */
import type { Source } from "./syntax.ts";

export interface SourceOptions {
  /** Paths of the generated files, as the compiler names them (`normalizedPath`): `build/exchange.schema.ts`. */
  readonly generated: ReadonlySet<string>;
  /** Names of the compiler's library files: `Object.keys(libraryFiles)` of `assemblyscript/asc`. */
  readonly standard: readonly string[];
  /** Where the compiler sees the SDK. @default "~lib/statevec/assembly" */
  readonly sdk?: string;
}

const LIBRARY = "~lib/";
const SDK = "~lib/statevec/assembly";

/** Where a path leads, without extension and `/index`. */
export type Owner = "user" | "sdk" | "sdk-inside" | "generated" | "standard";

export class SourceOwners {
  readonly #generated: ReadonlySet<string>;
  readonly #standard: ReadonlySet<string>;
  readonly #sdk: string;

  constructor({ generated, standard, sdk = SDK }: SourceOptions) {
    this.#generated = new Set([...generated].map(plain));
    this.#standard = new Set(standard.map((name) => plain(LIBRARY + name)));
    this.#sdk = plain(sdk);
  }

  isUsers(source: Source): boolean {
    return this.ownerOf(source.normalizedPath) === "user";
  }

  /** @param path as the compiler resolved it, with or without extension */
  ownerOf(path: string): Owner {
    const name = plain(path);
    if (name === this.#sdk) return "sdk";
    if (name.startsWith(`${this.#sdk}/`)) return "sdk-inside";
    if (this.#generated.has(name)) return "generated";
    return this.#standard.has(name) ? "standard" : "user";
  }
}

function plain(path: string): string {
  return path.replace(/\.ts$/, "").replace(/\/index$/, "");
}
