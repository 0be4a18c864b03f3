/**
 * Sealed handlers that end badly: their own traps are faults of their command, everybody else's poison the engine.
 */
import { EngineFault, memoryHistory, sealedDomain } from "statevec";
import { beforeAll, describe, expect, test } from "vitest";
import { CORE_MEMORY_BASE, RESULT_IN_HANDLER } from "../../assembly/abi.ts";
import type { Domain, SealedLimits } from "../../src/engine/domain.ts";
import type { Diagnostic, Executor } from "../../src/engine/executor.ts";
import type { DecodedFrame } from "../../src/history/frame.ts";
import { frameDecoder } from "../../src/history/frame.ts";
import type { Schema } from "../../src/schema/define-schema.ts";
import { buildFolder, buildUnchecked, folderOf } from "./building.ts";
import { deepChain } from "./deep-chain.ts";
import { Bench, type Command } from "./executing.ts";
import { Failure, Item, schema } from "./lab/lab.schema.ts";
import { bodiesFrom, engineBodies, openFixed } from "./lanes.ts";

let module: Uint8Array;
beforeAll(async () => {
  module = await buildFolder(folderOf("lab"), { "assembly/deep.ts": deepChain() });
}, 240_000);

const lab = (limits: SealedLimits = {}) => sealedDomain(module, { schema, limits });
const untyped = (limits?: SealedLimits) => lab(limits) as unknown as Domain;

const put = (id: bigint, value: bigint): Command => ({ name: "Put", payload: { id, value } });
const BEFORE = [put(1n, 10n), put(2n, 20n)];
const failures = Object.keys(Failure.values) as (keyof typeof Failure.values)[];
const fail = (how: string): Command => ({ name: "Fail", payload: { how, zero: 0n } });

function decoded(bench: Bench, body: Uint8Array): Extract<DecodedFrame, { type: "command" }> {
  const frame = frameDecoder(bench.executor.binding.model).decode(body);
  if (frame.type !== "command") throw new Error(`found a frame of ${frame.type}`);
  return frame;
}

/** Lets everything run that waits for nothing outside. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

describe("a trap of a handler is HANDLER_FAILED", () => {
  test.each(failures)("%s: full rollback, the cause goes to the log, the engine goes on", async (how) => {
    const told: Diagnostic[] = [];
    const bench = await Bench.open(untyped(), { onDiagnostic: (one) => told.push(one) });
    for (const command of BEFORE) bench.run(command);
    const before = bench.fingerprint();
    const frame = decoded(bench, bench.run(fail(how)));
    const failed = {
      outcome: "faulted",
      code: "HANDLER_FAILED",
      detail: {},
      deltas: [],
      events: [],
      sysIds: 0,
    };
    expect(frame).toMatchObject({ seq: 4n, ...failed });
    expect(bench.check()).toBe(0);
    await turn();
    expect(told).toMatchObject([{ seq: 4n, command: "Fail", error: { name: "RuntimeError" } }]);

    // The state is that of a twin whose command did nothing but make a frame.
    const twin = await Bench.open(untyped());
    for (const command of BEFORE) twin.run(command);
    expect(twin.fingerprint()).toBe(before);
    twin.run({ name: "Put", payload: { id: 1n, value: 10n } });
    expect(bench.fingerprint()).toBe(twin.fingerprint());
    const next = decoded(bench, bench.run(put(3n, 30n)));
    expect(next).toMatchObject({ outcome: "committed", deltas: [{ op: "insert", sysId: 3n }] });
  });

  test("submit, submitMany and submitBatch make the same frames, the commands behind a trap included", async () => {
    const commands = [...BEFORE, ...failures.flatMap((how, at) => [fail(how), put(3n, BigInt(at))])];
    const bodies = await engineBodies(untyped(), commands, "submit");
    expect(bodies).toHaveLength(commands.length);
    for (const how of ["submitMany", "submitBatch"] as const) {
      expect(await engineBodies(untyped(), commands, how)).toEqual(bodies);
    }
  });

  test("receipts say so, diagnostics come once for each, audit finds the same", async () => {
    const told: Diagnostic[] = [];
    const history = memoryHistory();
    const { open } = await import("statevec");
    const clock = { nowNs: () => 1n };
    const engine = await open({ domain: lab(), history, clock, onDiagnostic: (one) => told.push(one) });
    const receipts = await engine.submitMany([
      { name: "Put", payload: { id: 1n, value: 1n } },
      { name: "Fail", payload: { how: "Null", zero: 0n } },
      { name: "Late", payload: { id: 1n } },
      { name: "Late", payload: { id: 5n } },
      { name: "Put", payload: { id: 2n, value: 2n } },
    ]);
    expect(receipts.map((receipt) => ("code" in receipt ? receipt.code : receipt.outcome))).toEqual([
      "committed",
      "HANDLER_FAILED",
      "UNIQUE_KEY_TAKEN", // the first cause wins: the trap behind it is no news
      "HANDLER_FAILED",
      "committed",
    ]);
    await turn();
    expect(told.map(({ seq, command }) => [seq, command])).toEqual([
      [3n, "Fail"],
      [5n, "Late"],
    ]);
    expect(await engine.read((view) => view.exists(Item.byId, 5n))).toBe(false);
    expect(await engine.audit()).toMatchObject({ identical: true, applied: 0n });
    await engine.close();
  });
});

describe("budgets of handler code", () => {
  test("allocating beyond the arena is LIMIT(arenaBytes), and the next command has all of it again", async () => {
    const bench = await Bench.open(untyped());
    for (const command of BEFORE) bench.run(command);
    const allocate = (times: number, bytes: number) =>
      decoded(bench, bench.run({ name: "Allocate", payload: { times, bytes } }));
    for (const [times, bytes] of [
      [1_000, 1_000],
      [1, 0x7fff_0000],
      [1, 0xffff_ffff],
    ] as const) {
      const frame = allocate(times, bytes);
      expect(frame).toMatchObject({ outcome: "faulted", deltas: [], events: [] });
      // A length that is no length of an array is refused by the language itself.
      const isLength = bytes < 0x4000_0000;
      expect(frame).toMatchObject(
        isLength
          ? { code: "LIMIT", detail: { limit: "arenaBytes" } }
          : { code: /LIMIT|HANDLER_FAILED/ as never },
      );
      expect(allocate(200, 1_000)).toMatchObject({
        outcome: "committed",
        events: [{ values: { value: 99n } }, { values: { value: 200_000n } }],
      });
      bench.run({ name: "Put", payload: { id: 2n, value: 20n } });
      bench.run(put(1n, 10n));
      expect(bench.check()).toBe(0);
    }
  });

  test("an endless loop is FUEL_EXHAUSTED within 50 ms of this process, and the engine goes on", async () => {
    const bench = await Bench.open(untyped());
    for (const command of BEFORE) bench.run(command);
    const before = bench.fingerprint();
    let best = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 4 && best > 10; attempt += 1) {
      const start = process.cpuUsage();
      const body = bench.run({ name: "Burn", payload: { turns: 0xffff_ffff } });
      const { user, system } = process.cpuUsage(start);
      best = Math.min(best, (user + system) / 1_000);
      const expected = { outcome: "faulted", code: "FUEL_EXHAUSTED", detail: {}, deltas: [], events: [] };
      expect(decoded(bench, body)).toMatchObject(expected);
    }
    expect(best).toBeLessThan(50);
    expect(bench.fingerprint()).not.toBe(before); // seq
    expect(decoded(bench, bench.run({ name: "Burn", payload: { turns: 10 } }))).toMatchObject({
      outcome: "committed",
    });
    expect(bench.check()).toBe(0);
  });

  test("fuel and arena in a batch: the same frames, whatever stands before and behind", async () => {
    const commands: Command[] = [
      ...BEFORE,
      { name: "Burn", payload: { turns: 0xffff_ffff } },
      { name: "Allocate", payload: { times: 400, bytes: 1_000 } },
      put(3n, 3n),
      { name: "Burn", payload: { turns: 5 } },
    ];
    const bench = await Bench.open(untyped());
    const one = commands.map((command) => bench.run(command, 1n));
    const many = (await Bench.open(untyped())).runBatch(commands, 1n);
    expect(many).toEqual(one);
    expect(one.map((body) => decoded(bench, body).code)).toEqual([
      null,
      null,
      "FUEL_EXHAUSTED",
      "LIMIT",
      null,
      null,
    ]);
  });
});

/** So many calls of the host return before the core is called again. */
const LEVELS_GIVEN_BACK = 20;

describe("what no handler can answer for poisons the engine", () => {
  const executorOf = (engine: unknown) => (engine as { readonly executor: Executor }).executor;

  /** Overwrites the state of the core: whatever walks over it next leaves memory, or fails an assert. */
  function corrupt({ core }: Executor): void {
    core.refresh();
    const from = core.exports.envelopeFor(64) >>> 0;
    core.refresh();
    core.bytes.fill(0xff, Math.max(from + 4_096, CORE_MEMORY_BASE + (1 << 20)));
  }

  test("a trap in core code that a handler called: EngineFault, no frame, nothing is answered any more", async () => {
    const history = memoryHistory();
    const engine = await openFixed(untyped(), history);
    await engine.submitMany(BEFORE as never);
    const executor = executorOf(engine);
    corrupt(executor);
    const failed = engine.submit("Fail", { how: "Assert", zero: 1n } as never);
    await expect(failed).rejects.toBeInstanceOf(EngineFault);
    await expect(failed).rejects.toMatchObject({
      code: /^CORE_(TRAP|ASSERT)$/,
      report: { frontier: { seq: 3n } },
    });
    expect(executor.core.resultWord(RESULT_IN_HANDLER)).toBe(0);
    await expect(engine.submit("Put", { id: 5n, value: 5n } as never)).rejects.toBeInstanceOf(EngineFault);
    await expect(engine.submitMany([put(5n, 5n)] as never)).rejects.toBeInstanceOf(EngineFault);
    expect(() => engine.readExecuted((view) => view.seq)).toThrow(EngineFault);
    await engine.close();

    expect(await bodiesFrom(history, 2n)).toHaveLength(2);
    const again = await openFixed(untyped(), history);
    const receipt = await again.submit("Put", { id: 5n, value: 5n } as never);
    expect(receipt).toMatchObject({ outcome: "committed", seq: 4n });
    await again.close();
  });

  test("in a batch the frames before it are made and durable", async () => {
    const history = memoryHistory();
    const engine = await openFixed(untyped(), history);
    await engine.submitMany(BEFORE as never);
    corrupt(executorOf(engine));
    const failed = engine.submitMany([{ name: "Burn", payload: { turns: 1 } }] as never);
    await expect(failed).rejects.toBeInstanceOf(EngineFault);
    await engine.close();
    expect(await bodiesFrom(history, 2n)).toHaveLength(2);
  });

  test("the end of the host's stack while a handler runs is an EngineFault, never a frame", async () => {
    const bench = await Bench.open(untyped());
    for (const command of BEFORE) bench.run(command);
    const { executor } = bench;
    const { core } = executor;
    const prepare = () => {
      executor.prepare(executor.command("Deep"), { value: 8n }, executor.timeNs, undefined);
      expect(executor.admit()).toBe(0);
    };
    let entered = false;
    let wasInHandler = 0;
    const exports = core.exports as unknown as { runAdmitted(at: number): void };
    const { runAdmitted } = exports;
    exports.runAdmitted = (at) => {
      entered = true;
      try {
        runAdmitted(at);
      } finally {
        wasInHandler = core.resultWord(RESULT_IN_HANDLER);
      }
    };
    let outcome: unknown = "no end of the stack";
    const attempt = () => {
      try {
        executor.run(executor.command("Deep"));
        outcome = "a frame";
      } catch (error) {
        outcome = error;
      }
    };
    // With room enough it commits. Besides, all of the host's code is compiled now: that takes stack, too.
    prepare();
    attempt();
    expect([entered, outcome]).toEqual([true, "a frame"]);
    core.takeOutput();
    prepare();
    entered = false;
    let level = 0;
    /** Goes down to the end of the stack, and comes up until there is room to call the core, but not for such a handler. */
    const dive = (): void => {
      try {
        dive();
      } catch (error) {
        level += 1;
        if (!entered && level % LEVELS_GIVEN_BACK === 0) attempt();
        if (!entered) throw error;
      }
    };
    dive();
    expect(entered).toBe(true);
    expect(wasInHandler).toBe(1);
    // With little room left the report is made at the next use; the broken command is not gone on with.
    expect((outcome as Error).name).toMatch(/^(EngineFault|RangeError)$/);
    expect(() => bench.run(put(3n, 3n))).toThrow(EngineFault);
    expect(() => bench.runBatch([put(3n, 3n)])).toThrow(
      expect.objectContaining({
        code: "STACK_OVERFLOW",
        report: expect.objectContaining({ frontier: { seq: 4n } }),
      }),
    );
    expect(core.exports.outputFrames()).toBe(0);
    // Not even a core that is used on, against all rules, takes what comes then for a trap of the handler.
    expect(() => core.exports.begin()).toThrow("unreachable");
    expect(core.exports.finishTrapped()).toBe(0);
    expect(core.exports.outputFrames()).toBe(0);
  });
});

describe("static data of handlers", () => {
  const CHANGING = `
import { Allocate, Burn, Deep, Done, Fail, Item, Late, Put } from "../build/lab.schema";
const COUNTER: usize = memory.data<u64>([3, 0]);
export function put(cmd: Put): void {
  Item.create({ id: cmd.id, value: load<u64>(COUNTER) });
  store<u64>(COUNTER, load<u64>(COUNTER) + 1);
}
export function fail(cmd: Fail): void {}
export function allocate(cmd: Allocate): void {}
export function burn(cmd: Burn): void {}
export function deep(cmd: Deep): void {}
export function late(cmd: Late): void {}
`;

  test("that a module changes is found in audit and in tests, in the command that changed it", async () => {
    const bytes = await buildUnchecked(schema as unknown as Schema, CHANGING);
    const domain = sealedDomain(bytes, { schema }) as unknown as Domain;
    const careless = await Bench.open(domain);
    careless.run(put(1n, 0n));
    const watched = await Bench.open(domain, { watchesHandlerData: true });
    watched.run({ name: "Burn", payload: { turns: 1 } });
    expect(() => watched.run(put(1n, 0n))).toThrow(EngineFault);
    const engine = await openFixed(domain);
    await engine.submit("Put", { id: 1n, value: 0n } as never);
    await expect(engine.audit()).rejects.toMatchObject({ name: "EngineFault", code: "CORE_ASSERT" });
    await engine.close();
  }, 120_000);

  test("that nobody changes passes", async () => {
    const watched = await Bench.open(untyped(), { watchesHandlerData: true });
    for (const command of [...BEFORE, ...failures.map(fail), put(4n, 4n)]) watched.run(command);
    expect(watched.check()).toBe(0);
  });
});
