/**
 * Loading the peers. They are installed in bench/, apart from the project, and are looked up from there.
 */
import { createRequire } from "node:module";

/** The project's root, seen from build/bench/sides/. */
const fromBench = createRequire(new URL("../../../bench/package.json", import.meta.url));

/** What a package of bench/package.json exports, as the part of it that is used here. */
export function loadPeer<Package>(name: string): Package {
  return fromBench(name) as Package;
}

/** `name version`. */
export function peerName(name: string): string {
  const { version } = fromBench(`${name}/package.json`) as { readonly version: string };
  return `${name} ${version}`;
}
