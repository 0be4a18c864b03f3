/**
 * The JavaScript engines that tests compare: packages of test/engines, which hold nothing but their binaries.
 *
 * Responsible for: which there are, installing them, where the binaries are.
 * Not responsible for: running them. What can not be installed is skipped by the test, with the reason.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isInstalled, npmCi, root, say } from "./project.mjs";

const folder = join(root, "test/engines");
const MINUTES = 5;

/** The architecture as each package spells it. */
const ARM = process.arch === "arm64";
const BUN = ARM ? "@oven/bun-linux-aarch64" : "@oven/bun-linux-x64-baseline";
const DENO = ARM ? "@deno/linux-arm64-glibc" : "@deno/linux-x64-glibc";

/**
 * @typedef {{ name: string, binary: string, args: readonly string[] }} EngineBinary
 * `args` stand before the program.
 * @type {readonly EngineBinary[]}
 */
export const ENGINES = [
  { name: "Node 22 (V8)", binary: `node-22-linux-${process.arch}/bin/node`, args: [] },
  { name: "Node 24 (V8)", binary: `node-24-linux-${process.arch}/bin/node`, args: [] },
  { name: "bun (JavaScriptCore)", binary: `${BUN}/bin/bun`, args: ["run", "--no-install"] },
  { name: "deno (V8)", binary: `${DENO}/deno`, args: ["run", "--no-prompt", "--no-remote", "--no-config"] },
].map((engine) => ({ ...engine, binary: join(folder, "node_modules", engine.binary) }));

/** Installs what is missing. Says so when it can not; nothing fails here. */
export function installEngines() {
  if (process.platform !== "linux") return;
  // npm takes an optional package that it can not fetch for none at all.
  if (isInstalled(folder) && ENGINES.every(({ binary }) => existsSync(binary))) return;
  say(`Installing JavaScript engines (npm ci) in ${folder}`);
  if (!npmCi(folder, ["--ignore-scripts", "--fetch-retries=1"], MINUTES * 60_000)) {
    say("npm ci failed: its message stands above. The tests that need these engines are skipped.");
  }
}

/**
 * Why an engine can not be run; undefined when it can.
 * @param {EngineBinary} engine
 */
export function whyMissing({ binary }) {
  if (existsSync(binary)) return undefined;
  if (process.platform !== "linux") return `there is a binary for Linux only, this is ${process.platform}`;
  return `${binary} is not installed: run npm test with a connection to the npm registry`;
}
