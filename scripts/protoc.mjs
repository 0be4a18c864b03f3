/**
 * protoc, the compiler of Google: the judge of what a `.proto` file is.
 *
 * Responsible for: finding it, and installing Debian's package. Not responsible for: running it.
 */
import { existsSync } from "node:fs";
import { installPackages } from "./debian.mjs";

const PATH = "/usr/bin/protoc";

/**
 * The executable, or why there is none. `STATEVEC_PROTOC` names another place.
 * @returns {{ path: string } | { missing: string }}
 */
export function findProtoc() {
  const path = process.env.STATEVEC_PROTOC ?? PATH;
  if (existsSync(path)) return { path };
  return {
    missing: `${path} is not there: apt-get install protobuf-compiler as root, or set STATEVEC_PROTOC`,
  };
}

/** Installs it where it is missing. Says so when it can not; nothing fails here. */
export function installProtoc() {
  if ("missing" in findProtoc()) installPackages(["protobuf-compiler"]);
}
