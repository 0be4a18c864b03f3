/** Histories of the sealed lane: epochs by module and limits, the module beside them, audit with nothing else at hand. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HistoryError, sealedDomain, UsageError } from "statevec";
import { auditHistory, fileHistory, open } from "statevec/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { transfers } from "../../examples/transfers/transfers.handlers.ts";
import { schema } from "../../examples/transfers/transfers.schema.ts";
import type { SealedLimits } from "../../src/engine/domain.ts";
import { statevec } from "../cli/run-cli.ts";
import { temporaryDirectory } from "./building.ts";
import { exampleModule, otherModule } from "./examples.ts";

const module = exampleModule("transfers");
let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const sealed = (bytes = module, limits?: SealedLimits) => sealedDomain(bytes, { schema, limits });
type Domain = typeof transfers;

/** Opens, opens an account, closes; the frontier. */
async function work(domain: Domain, accountId: bigint): Promise<bigint> {
  const engine = await open({ domain, history: fileHistory(directory), clock: { nowNs: () => 1_000n } });
  const receipt = await engine.submit("OpenAccount", { accountId, currency: "Eur", mayOverdraw: true });
  expect(receipt.outcome).toBe("committed");
  await engine.close();
  return engine.frontier.seq;
}

describe("epochs", () => {
  test("the same module and limits go on, others open another epoch, and audit runs all but the open lane", async () => {
    expect(await work(sealed(), 1n)).toBe(2n);
    expect(await work(sealed(), 2n)).toBe(3n);
    expect(await work(sealed(module, { fuel: 5_000 }), 3n)).toBe(5n);
    expect(await work(sealed(otherModule(module)), 4n)).toBe(7n);
    expect(await work(transfers, 5n)).toBe(9n);
    expect(await work(sealed(), 6n)).toBe(11n);
    const report = await auditHistory({ domain: sealed(), history: fileHistory(directory) });
    expect(report).toMatchObject({ identical: true, frames: 11n, applied: 1n });
    expect(readdirSync(join(directory, "modules")).length).toBe(2);
  });

  test("an open domain goes on at its revision or a later one, whatever came between", async () => {
    await work(transfers, 1n);
    await work(sealed(), 2n);
    expect(await work(transfers, 3n)).toBe(6n);
  });
});

describe("the module beside the history", () => {
  const kept = () => join(directory, "modules", readdirSync(join(directory, "modules"))[0]!);

  test("is the one that ran, and all that audit needs", async () => {
    await work(sealed(), 1n);
    expect(new Uint8Array(readFileSync(kept()))).toEqual(module);
    const alone = statevec("audit", directory);
    expect(alone).toMatchObject({ status: 0, stderr: "" });
    expect(alone.stdout).toMatch(/^2 frames run again and compared: the replay is identical\n/);
    expect(statevec("audit", directory, "--domain", kept())).toMatchObject({ status: 0, stderr: "" });
  });

  test("is run under the limits of its epoch", async () => {
    await work(sealed(module, { fuel: 50_000 }), 1n);
    const { status, stdout } = statevec("audit", directory, "--json");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ identical: true, frames: "2", applied: "0" });
  });

  test("that was changed is damage; that is gone is said", async () => {
    await work(sealed(), 1n);
    const file = kept();
    writeFileSync(file, readFileSync(file).fill(7, 100, 101));
    expect(statevec("audit", directory)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("DAMAGED"),
    });
    await expect(open({ domain: sealed(), history: fileHistory(directory) })).resolves.toBeDefined();
    rmSync(file);
    const gone = statevec("audit", directory);
    expect(gone).toMatchObject({ status: 2, stderr: expect.stringContaining("is not beside the history") });
  });

  test("is not there for the open lane: --domain is asked for", async () => {
    await work(transfers, 1n);
    expect(existsSync(join(directory, "modules"))).toBe(false);
    const { status, stderr } = statevec("audit", directory);
    expect([status, stderr]).toEqual([2, expect.stringContaining("--domain")]);
  });
});

describe("sealedDomain refuses", () => {
  const refusal = (bytes: unknown) => {
    try {
      sealedDomain(bytes as Uint8Array);
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      return (error as Error).message;
    }
    throw new Error("it was taken");
  };

  test("what is no module of a build, by name", () => {
    expect(refusal("text")).toContain("found string");
    expect(refusal(new Uint8Array(0))).toContain("statevec.schema");
    expect(refusal(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))).toContain("statevec.schema");
    expect(refusal(module.subarray(0, module.length - 40))).toMatch(/statevec\./);
  });

  test("any byte changed in the schema's section, or takes it for what it then is", () => {
    const at = Buffer.from(module).indexOf("statevec.schema") + "statevec.schema".length;
    for (let offset = at; offset < at + 200; offset += 1) {
      const bytes = module.slice();
      bytes[offset]! ^= 0x55;
      expect(() => sealedDomain(bytes, { schema })).toThrow(UsageError);
    }
  });

  test("a limit out of range", () => {
    expect(() => sealed(module, { fuel: 0 })).toThrow(/fuel/);
    expect(() => sealed(module, { arenaBytes: 10_000_000 })).toThrow(/arenaBytes/);
  });
});

test("a module of another schema does not open the history", async () => {
  await work(sealed(), 1n);
  const other = sealedDomain(exampleModule("exchange"));
  await expect(open({ domain: other, history: fileHistory(directory) })).rejects.toThrow(HistoryError);
});
