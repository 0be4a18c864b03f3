/**
 * The browsers that tests run pages in.
 *
 * Responsible for: finding them, and installing the packages of Debian where that is possible.
 * Not responsible for: running them.
 */
import { existsSync } from "node:fs";
import { installPackages } from "./debian.mjs";

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

/**
 * Installs the browsers that are missing. Says so when it can not; nothing fails here.
 * @param {readonly BrowserName[]} names
 */
export function installBrowsers(names) {
  const missing = names.filter((name) => "missing" in findBrowser(name));
  if (missing.length === 0) return;
  installPackages(missing.map((name) => BROWSERS[name].package));
}
