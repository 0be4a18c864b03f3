/**
 * Running the real binary on real directories.
 *
 * Responsible for: a directory with a history of known frames, and the built command line beside it.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fileHistory, open } from "statevec/node";
import { shop } from "./shop.ts";

export const BINARY = fileURLToPath(new URL("../../build/src/cli/main.js", import.meta.url));
export const DOMAIN = fileURLToPath(new URL("./shop.ts", import.meta.url));

export function statevec(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BINARY, ...args], { encoding: "utf8" });
  return { status, stdout, stderr };
}

/** What a command prints with `--json`, line by line. */
export function statevecJson(...args: string[]): any[] {
  const { status, stdout, stderr } = statevec(...args, "--json");
  if (status !== 0) throw new Error(`statevec ${args.join(" ")} ended with ${status}: ${stderr}`);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), "statevec-cli-"));
}

const HISTORY_ID = new Uint8Array(16).fill(7);
/** 2012-06-21, 9:30:00 and some nanoseconds, UTC. */
const START_NS = 1_340_271_000_000_000_001n;

export function openShop(directory: string) {
  let timeNs = START_NS - 1n;
  const clock = {
    nowNs() {
      timeNs += 1n;
      return timeNs;
    },
  };
  return open({ domain: shop, history: fileHistory(directory), clock, historyId: HISTORY_ID });
}

/**
 * Makes a history: frame 1 opens the epoch, then
 *
 *     2 Join ada   3 Join bob   4 Buy ada 1   5 Buy ada 2   6 Buy bob 1   7 Pay ada 1
 *     8 Buy of a stranger (rejected)   9 Pay of what is not there (faulted)   10 Join ada again (rejected)
 *
 * The commands of ada come from client 5, stream 2.
 */
export async function makeShop(directory: string) {
  const engine = await openShop(directory);
  let seq = 0n;
  const fromAda = () => {
    seq += 1n;
    return { source: { client: 5n, stream: 2, seq } };
  };
  const money = (cents: bigint) => cents as never;
  const receipts = [
    await engine.submit("Join", { login: "ada", badge: new Uint8Array([0xca, 0xfe]) }, fromAda()),
    await engine.submit("Join", { login: "bob, the second" }),
    await engine.submit("Buy", { login: "ada", number: 1, amount: money(1_250n) }, fromAda()),
    await engine.submit("Buy", { login: "ada", number: 2, amount: money(99n) }, fromAda()),
    await engine.submit("Buy", { login: "bob, the second", number: 1, amount: money(500n) }),
    await engine.submit("Pay", { login: "ada", number: 1 }, fromAda()),
    await engine.submit("Buy", { login: "eve", number: 1, amount: money(1n) }),
    await engine.submit("Pay", { login: "ada", number: 9 }, fromAda()),
    await engine.submit("Join", { login: "ada" }, fromAda()),
  ];
  await engine.close();
  return receipts;
}
