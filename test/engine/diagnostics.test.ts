/** What the author of a handler is told of a fault, beside the frame: a sentence that names what was found. */
import { type Diagnostic, defineDomain, memoryHistory, open, type Tx, UsageError } from "statevec";
import { command, defineSchema, record, u8, u64 } from "statevec/schema";
import { expect, test } from "vitest";

const Plain = record(
  "Plain",
  1,
  { id: u64(1).immutable(), small: u8(2) },
  { unique: { byId: ["id"] }, indexes: { bySmall: ["small"] } },
);
const Go = command("Go", 1, {});
const schema = defineSchema("diagnostics", { records: { Plain }, commands: { Go } });

/** Runs one handler; the fault code and what was said of it. */
async function faultOf(handler: (tx: Tx) => void): Promise<readonly [string, string | undefined]> {
  const said: Diagnostic[] = [];
  const domain = defineDomain(schema, { revision: 1, handlers: { Go: (tx) => void handler(tx) } });
  const engine = await open({ domain, history: memoryHistory(), onDiagnostic: (one) => said.push(one) });
  const receipt = await engine.submit("Go", {});
  await engine.close();
  expect(said.length).toBeLessThanOrEqual(1);
  expect(said.every((one) => one.seq === receipt.seq && one.error instanceof UsageError)).toBe(true);
  const code =
    receipt.outcome === "committed" ? "committed" : `${receipt.code} ${JSON.stringify(receipt.detail)}`;
  return [code, (said[0]?.error as Error | undefined)?.message];
}

const any = (value: unknown) => value as never;

test("an unknown field is refused, also where the kind has no nullable field", async () => {
  expect(await faultOf((tx) => tx.create(Plain, any({ id: 1n, small: 1, smal: 2 })))).toEqual([
    'MISUSE {"reason":"BAD_ARGUMENT"}',
    "tx: Plain.smal: no such field",
  ]);
  expect(await faultOf((tx) => tx.create(Plain, any({ id: 1n, smal: 2 })))).toEqual([
    'MISUSE {"reason":"BAD_VALUE"}',
    "tx: small: type: found undefined",
  ]);
});

test("bad values and arguments are named", async () => {
  expect(await faultOf((tx) => tx.create(Plain, { id: 1n, small: 256 }))).toEqual([
    'OVERFLOW {"field":2}',
    "tx: small: range: found 256",
  ]);
  expect((await faultOf((tx) => tx.find(Plain.byId, any("x"))))[1]).toBe(
    'tx: Plain.byId: id: found "x", expected a value of u64',
  );
  expect((await faultOf((tx) => tx.first(Plain.bySmall, any([1, 2]))))[1]).toBe(
    "tx: Plain.bySmall: prefix: found 2 parts, expected 1 at most",
  );
});

test("nothing is said of a command that goes well, or is rejected by a taken key", async () => {
  expect(await faultOf((tx) => tx.create(Plain, { id: 1n, small: 1 }))).toEqual(["committed", undefined]);
});
