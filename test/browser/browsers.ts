/**
 * Browsers without a window, to send to an address.
 *
 * Responsible for: starting and ending them, each with a profile of its own.
 * Not responsible for: what the page finds; it sends that to the server itself, so that a browser needs no driver.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

export interface TestBrowser {
  /** Uncaught exceptions of the pages; only where the browser tells. */
  readonly problems: readonly string[];
  visit(url: string): Promise<void>;
  /** Writes a picture of the page into a file; only where the browser can. */
  picture?(path: string): Promise<void>;
  close(): Promise<void>;
}

/** Nothing that is not asked for: no sandbox for root, no graphics card, no talk with its maker. */
const CHROMIUM_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function openChromium(executablePath: string): Promise<TestBrowser> {
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS });
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  return {
    problems,
    visit: async (url) => void (await page.goto(url)),
    picture: async (path) => void (await page.screenshot({ path })),
    close: () => browser.close(),
  };
}

const FIREFOX_SETTINGS = [
  'user_pref("browser.shell.checkDefaultBrowser", false);',
  'user_pref("browser.startup.homepage_override.mstone", "ignore");',
  'user_pref("datareporting.policy.dataSubmissionEnabled", false);',
  'user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);',
  'user_pref("app.update.auto", false);',
];

/** A process for each visit: without a driver there is no other way to send it on. */
export function openFirefox(executablePath: string): TestBrowser {
  const home = mkdtempSync(join(tmpdir(), "statevec-firefox-"));
  writeFileSync(join(home, "user.js"), FIREFOX_SETTINGS.join("\n"));
  let running: ReturnType<typeof spawn> | undefined;
  const end = async () => {
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, "exit");
    running.kill("SIGTERM");
    await ended;
  };
  return {
    problems: [],
    async visit(url) {
      await end();
      const env = { ...process.env, HOME: home, MOZ_CRASHREPORTER_DISABLE: "1" };
      const args = ["--headless", "--no-remote", "--profile", home, url];
      running = spawn(executablePath, args, { env, stdio: "ignore" });
      await once(running, "spawn");
    },
    async close() {
      await end();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
