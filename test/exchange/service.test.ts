/** `npm run service` as it is: server and load generator in processes of their own, the proof, the audit, wrong arguments. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LANES } from "../../examples/exchange/lane.ts";

const MAIN = fileURLToPath(new URL("../../build/examples/exchange/service/main.js", import.meta.url));

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "statevec-service-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function service(...args: string[]) {
  const options = { cwd: directory, encoding: "utf8" } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], options);
  return { status, stdout, stderr };
}

test.each(LANES)("%s: every submission of three clients has its one receipt", (lane) => {
  const args = ["--commands", "900", "--clients", "3", "--batch", "16", "--lane", lane, "--out", "out"];
  const { status, stdout, stderr } = service(...args, "--json");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const report = JSON.parse(stdout);
  // 900 commands, the instrument, three accounts; the epoch frame comes before them.
  expect(report).toMatchObject({
    lane,
    clients: 3,
    batch: 16,
    submitted: 900,
    outcomes: { faulted: 0 },
    proof: { matched: 904, problem: null },
    frontier: { seq: 905, digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
    audit: { identical: true, frames: 905 },
  });
  expect(report.outcomes.committed + report.outcomes.rejected).toBe(900);
  expect(report.trades).toBeGreaterThan(0);
});

test("by time, as text, in the next free directory", () => {
  mkdirSync(join(directory, "data/exchange-service-1"), { recursive: true });
  const { status, stdout } = service("--seconds", "1", "--clients", "1");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^clients {5}1, up to 256 commands a request$/m);
  expect(stdout).toMatch(/^receipts {4}[\d,]+ submissions, .*: each has one frame, and its digest$/m);
  expect(stdout).toMatch(/^audit {7}.*: the replay is identical$/m);
  expect(stdout).toMatch(/^history {5}data\/exchange-service-2$/m);
});

describe("refused", () => {
  test.each([
    ["an unknown option", ["--speed"], "unknown option '--speed'"],
    ["no client", ["--clients", "0"], "Expected a whole number from 1 to 256."],
    ["a batch above the service's limit", ["--batch", "4097"], "Expected a whole number from 1 to 4096."],
    ["time and count at once", ["--seconds", "1", "--commands", "1"], "cannot be used with option"],
    ["an unknown lane", ["--lane", "fast"], "Allowed choices are open, sealed."],
  ])("%s", (_, args, message) => {
    const { status, stdout, stderr } = service(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(readdirSync(directory)).toEqual([]);
  });

  test("a directory that is not empty", () => {
    writeFileSync(join(directory, "kept.txt"), "kept");
    const { status, stderr } = service("--out", ".");
    expect(status).toBe(1);
    expect(stderr).toContain("--out . is not empty");
  });
});
