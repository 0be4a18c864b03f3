/**
 * The name section: what functions and globals are called.
 *
 * Responsible for: reading those names out of bytes that nobody has checked, and writing them again when indices
 * have moved.
 * Not responsible for: names of locals, labels, types: they are left out of what is written again.
 * Source: WebAssembly Core Specification 2.0, appendix A.4 (custom section "name").
 *
 * I1. Nothing is trusted: counts and lengths are held to the bytes that are there, and what does not fit ends the
 * reading. Names only label findings and stacks, so a broken name section is no finding itself.
 */
import { ByteWriter } from "./byte-writer.ts";

/** Kinds of names: subsections. */
const NAMES_OF_MODULE = 0;
const NAMES_OF_FUNCTIONS = 1;
const NAMES_OF_GLOBALS = 7;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export interface Names {
  readonly module: string | undefined;
  /** By function index, imported ones first. */
  readonly functions: Map<number, string>;
  readonly globals: Map<number, string>;
}

/** Reads forward; `failed` is set when the bytes end too early. */
class Cursor {
  readonly #bytes: Uint8Array;
  #at = 0;
  failed = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.failed || this.#at >= this.#bytes.length;
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  number(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) break;
      this.#at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    this.failed = true;
    return 0;
  }

  text(): string {
    return decoder.decode(this.take(this.number()));
  }

  take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) {
      this.failed = true;
      return new Uint8Array();
    }
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

/** @returns the names, as far as the section can be read */
export function readNames(section: Uint8Array): Names {
  let module: string | undefined;
  const maps = new Map([
    [NAMES_OF_FUNCTIONS, new Map<number, string>()],
    [NAMES_OF_GLOBALS, new Map<number, string>()],
  ]);
  const cursor = new Cursor(section);
  while (!cursor.isAtEnd) {
    const kind = cursor.number();
    const content = new Cursor(cursor.take(cursor.number()));
    if (kind === NAMES_OF_MODULE) module = content.text();
    const names = maps.get(kind);
    if (names === undefined) continue;
    for (let left = content.number(); left > 0 && !content.isAtEnd; left -= 1) {
      const index = content.number();
      const name = content.text();
      if (!content.failed) names.set(index, name);
    }
  }
  return { module, functions: maps.get(NAMES_OF_FUNCTIONS)!, globals: maps.get(NAMES_OF_GLOBALS)! };
}

/** @returns the content of a name section, behind its own name */
export function writeNames({ module, functions, globals }: Names): Uint8Array {
  const out = new ByteWriter();
  const encoder = new TextEncoder();
  if (module !== undefined) {
    out.byte(NAMES_OF_MODULE).sized(new ByteWriter().sized(encoder.encode(module)).take());
  }
  for (const [kind, names] of [
    [NAMES_OF_FUNCTIONS, functions] as const,
    [NAMES_OF_GLOBALS, globals] as const,
  ]) {
    const map = new ByteWriter().unsigned(names.size);
    for (const [index, name] of [...names].sort(([left], [right]) => left - right)) {
      map.unsigned(index).sized(encoder.encode(name));
    }
    out.byte(kind).sized(map.take());
  }
  return out.take();
}
