/** What the author of a handler is told of a fault, beside the frame: a sentence that names what was found. */
import {
  AdmissionError,
  type Diagnostic,
  defineDomain,
  memoryHistory,
  open,
  type Tx,
  UsageError,
} from "statevec";
import { command, defineSchema, record, u8, u64 } from "statevec/schema";
import { describe, expect, test } from "vitest";
import { deed, Item, type LabEngine, openLab } from "./lab.ts";

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

describe("a host that uses the engine when it is told", () => {
  const source = (seq: bigint) => ({ source: { client: 1n, stream: 0, seq } });

  /** A command fails; the host does something about it. What its frames are. */
  async function framesAfter(told: (engine: LabEngine) => unknown) {
    const answers: unknown[] = [];
    const engine: LabEngine = await openLab(
      (tx, { n }) => {
        tx.create(Item, { id: n, value: n, small: 1 });
        if (n === 77n) throw new Error("as it happens");
      },
      { onDiagnostic: () => answers.push(told(engine)) },
    );
    const outer = await engine.submit("Do", deed(77n), source(1n));
    expect(outer).toMatchObject({ seq: 2n, outcome: "faulted", code: "HANDLER_FAILED" });
    expect(answers).toHaveLength(1);
    const inner = await Promise.resolve(answers[0]).catch((error: unknown) => error);
    const frames: unknown[] = [];
    for await (const frame of engine.frames({ from: 2n })) {
      if (frame.type === "command")
        frames.push([frame.command, frame.payload, frame.source?.seq, frame.outcome]);
    }
    expect((await engine.audit()).identical).toBe(true);
    await engine.close();
    return { inner, frames };
  }
  const failed = ["Do", { n: 77n, words: [] }, 1n, "faulted"];

  test("a read finds the frontier behind the command, and nothing of what it did", async () => {
    const told = (engine: LabEngine) =>
      engine.readExecuted((view) => [view.seq, view.exists(Item.byId, 77n)] as const);
    expect(await framesAfter(told)).toEqual({
      inner: { seq: 2n, speculative: true, value: [2n, false] },
      frames: [failed],
    });
  });

  test("a submit that is turned away leaves the frame alone", async () => {
    const told = (engine: LabEngine) => engine.submit("Put", { id: 4369n, value: "no" as never });
    const { inner, frames } = await framesAfter(told);
    expect(inner).toBeInstanceOf(AdmissionError);
    expect(frames).toEqual([failed]);
  });

  test("a submit of its own gets a frame of its own", async () => {
    const told = (engine: LabEngine) => engine.submit("Put", { id: 4369n, value: 1n }, source(2n));
    const { inner, frames } = await framesAfter(told);
    expect(inner).toMatchObject({ seq: 3n, outcome: "committed" });
    expect(frames).toEqual([failed, ["Put", { id: 4369n, value: 1n }, 2n, "committed"]]);
  });
});
