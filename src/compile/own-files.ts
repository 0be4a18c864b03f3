/**
 * What a build takes from this package: the released core and driver, and the SDK's sources.
 *
 * Responsible for: finding them, whichever way the package is installed.
 * Not responsible for: making them (scripts/build.mjs).
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export interface OwnFiles {
  readonly core: Uint8Array;
  readonly driver: Uint8Array;
  /** The folder assembly/, absolute. */
  readonly assembly: string;
}

export function ownFiles(): OwnFiles {
  const root = packageRoot();
  const read = (name: string) => new Uint8Array(readFileSync(join(root, "build", name)));
  return {
    core: read("statevec.wasm"),
    driver: read("statevec-driver.wasm"),
    assembly: join(root, "assembly"),
  };
}

/** This file stands in src/compile of the package, or in build/src/compile. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error("the package statevec has no package.json; install it again");
    folder = parent;
  }
  return folder;
}
