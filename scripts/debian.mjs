/**
 * Packages of Debian that tests use where they can.
 *
 * Responsible for: installing them as root. Not responsible for: what they are for; nothing fails here.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { say } from "./project.mjs";

const MINUTES = 10;

function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const options = { stdio: ["ignore", "ignore", 2], env, timeout: MINUTES * 60_000 };
  // Another apt-get may be at work: it is waited for.
  return spawnSync("apt-get", ["-q", "-o", "DPkg::Lock::Timeout=300", ...args], options).status === 0;
}

/**
 * Installs packages. Says so when it can not.
 * @param {readonly string[]} packages
 */
export function installPackages(packages) {
  if (packages.length === 0) return;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    say(`Not installed: ${packages.join(", ")}; that takes root and apt-get.`);
    return;
  }
  say(`Installing ${packages.join(", ")} (apt-get)`);
  aptGet("update");
  // One by one: a package that this release of Debian lacks must not keep out the others.
  for (const name of packages) {
    if (!aptGet("install", "-y", "--no-install-recommends", name))
      say(`apt-get install ${name} failed: its message stands above.`);
  }
}
