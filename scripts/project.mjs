/**
 * What every project script needs: the root folder, running a tool, installing what is missing.
 *
 * Not responsible for: building (build.mjs). Writes to stderr only, so that stdout stays the program's own.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

const NODE_OLDEST = [20, 19];

/** Entry files of the tools, run with this Node, so that no shell and no PATH is involved. */
const TOOLS = {
  asc: "node_modules/assemblyscript/bin/asc.js",
  biome: "node_modules/@biomejs/biome/bin/biome",
  tsc: "node_modules/typescript/bin/tsc",
  vitest: "node_modules/vitest/vitest.mjs",
};

/** Says on stderr what a script is doing. */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Ends the script with one clear line. */
export function fail(text) {
  say(text);
  process.exit(1);
}

export function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const [oldestMajor, oldestMinor] = NODE_OLDEST;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  fail(
    `Node ${process.versions.node} found, ${NODE_OLDEST.join(".")} or newer expected: install a newer Node.`,
  );
}

/**
 * Runs a tool of node_modules to its end.
 * @param {keyof typeof TOOLS} tool
 * @param {readonly string[]} args
 * @param {{ stdout?: "inherit" | "stderr" }} [options] where its output goes; "stderr" keeps our stdout clean
 * @returns {boolean} whether it ended well
 */
export function runTool(tool, args, options = {}) {
  const out = options.stdout === "inherit" ? "inherit" : 2;
  const { status } = spawnSync(process.execPath, [join(root, TOOLS[tool]), ...args], {
    cwd: root,
    stdio: ["ignore", out, 2],
  });
  return status === 0;
}

/**
 * Whether node_modules holds exactly what package-lock.json asks for. Packages of other platforms may be absent.
 * @param {string} folder of a package.json
 */
export function isInstalled(folder) {
  const installedFile = join(folder, "node_modules/.package-lock.json");
  if (!existsSync(installedFile)) return false;
  const wanted = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")).packages;
  const installed = JSON.parse(readFileSync(installedFile, "utf8")).packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "") continue;
    const found = installed[path];
    if (found === undefined && !entry.optional && !entry.devOptional) return false;
    if (found !== undefined && (found.version !== entry.version || found.integrity !== entry.integrity))
      return false;
  }
  return Object.keys(installed).every((path) => wanted[path] !== undefined);
}

/**
 * Installs exactly what the lock file of a folder says.
 * @param {string} folder
 * @param {readonly string[]} npmArgs more arguments
 * @param {number} [milliseconds] at most
 * @returns {boolean} whether it ended well
 */
export function npmCi(folder, npmArgs, milliseconds) {
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error", ...npmArgs], {
    cwd: folder,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
    timeout: milliseconds,
  });
  return status === 0;
}

/**
 * Installs the packages of a folder if they are missing or not those of its lock file.
 * @param {string} [folder] the project itself if left out
 * @param {readonly string[]} [npmArgs] more arguments of `npm ci`
 * @returns {boolean} whether something was installed
 */
export function install(folder = root, npmArgs = ["--ignore-scripts"]) {
  checkNode();
  if (isInstalled(folder)) return false;
  say(`Installing packages (npm ci) in ${folder}`);
  if (!npmCi(folder, npmArgs)) fail(`npm ci failed in ${folder}: its message stands above.`);
  return true;
}
