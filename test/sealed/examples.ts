/**
 * The sealed modules of the examples, as the build leaves them beside their sources.
 *
 * Responsible for: finding them, and modules that are others by their bytes alone.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { appendCustomSections } from "../../src/compile/custom-sections.ts";

/** @param name `transfers` @throws {Error} it is not built */
export function exampleModule(name: string): Uint8Array {
  const file = fileURLToPath(new URL(`../../examples/${name}/build/${name}.wasm`, import.meta.url));
  if (!existsSync(file)) throw new Error(`${file} is not there: run npm run build`);
  return new Uint8Array(readFileSync(file));
}

/** A module of another hash that does the same: a section more, which nobody reads. */
export function otherModule(bytes: Uint8Array, note = "another"): Uint8Array {
  return appendCustomSections(bytes, [["test.note", new TextEncoder().encode(note)]]);
}
