/**
 * The browsers that tests run pages in.
 *
 * Responsible for: finding them, and installing the packages of Debian where that is possible.
 * Not responsible for: running them.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { say } from "./project.mjs";

const MINUTES = 10;

/** `variable` of the environment names another place. */
const BROWSERS = {
  chromium: { package: "chromium", path: "/usr/bin/chromium", variable: "STATEVEC_CHROMIUM" },
  firefox: { package: "firefox-esr", path: "/usr/bin/firefox-esr", variable: "STATEVEC_FIREFOX" },
};

/** @typedef {keyof typeof BROWSERS} BrowserName */

/**
 * The executable of a browser, or why there is none.
 * @param {BrowserName} name
 * @returns {{ path: string } | { missing: string }}
 */
export function findBrowser(name) {
  const browser = BROWSERS[name];
  const path = process.env[browser.variable] ?? browser.path;
  if (existsSync(path)) return { path };
  const advice = `apt-get install ${browser.package} as root, or name its executable in ${browser.variable}`;
  return { missing: `${path} is not there: ${advice}` };
}

function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const options = { stdio: ["ignore", "ignore", 2], env, timeout: MINUTES * 60_000 };
  // Another apt-get may be at work: it is waited for.
  return spawnSync("apt-get", ["-q", "-o", "DPkg::Lock::Timeout=300", ...args], options).status === 0;
}

/**
 * Installs the browsers that are missing. Says so when it can not; nothing fails here.
 * @param {readonly BrowserName[]} names
 */
export function installBrowsers(names) {
  const missing = names.filter((name) => "missing" in findBrowser(name));
  if (missing.length === 0) return;
  const packages = missing.map((name) => BROWSERS[name].package);
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    say(`Not installed: ${packages.join(", ")}; that takes root and apt-get.`);
    return;
  }
  say(`Installing ${packages.join(", ")} (apt-get)`);
  aptGet("update");
  // One by one: a package that this release of Debian lacks must not keep out the other.
  for (const name of packages) {
    if (!aptGet("install", "-y", "--no-install-recommends", name))
      say(`apt-get install ${name} failed: its message stands above.`);
  }
}
