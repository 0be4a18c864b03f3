/** examples/quickstart as it is: its own test, and its program, twice, in an empty directory. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { format } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const home = process.cwd();
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "statevec-quickstart-"));
  process.chdir(directory);
});
afterEach(() => {
  process.chdir(home);
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

async function run(): Promise<string[]> {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((...values) => void lines.push(format(...values)));
  vi.resetModules();
  await import(fileURLToPath(new URL("../../examples/quickstart/quickstart.ts", import.meta.url)));
  return lines;
}

test("the quick start rejects, reads and audits; run again it goes on where it was", async () => {
  const [first, ...rest] = await run();
  expect(first).toBe("NO_FUNDS { balance: 100n }");
  expect(rest).toEqual([expect.stringMatching(/^100n true [0-9a-f]{64}$/)]);
  expect((await run()).at(-1)).toMatch(/^200n true [0-9a-f]{64}$/);
});

await import("../../examples/quickstart/bank.test.ts");
