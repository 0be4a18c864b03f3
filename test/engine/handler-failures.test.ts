/** Handlers that fail: HANDLER_FAILED for what repeats, EngineFault for what does not, and that reopening recovers. */

import { EngineFault, memoryHistory, num } from "statevec";
import { describe, expect, test } from "vitest";
import {
  type Deed,
  Done,
  deed,
  diagnosed,
  executorOf,
  Item,
  injectCore,
  openLab,
  put,
  Reject,
  trap,
} from "./lab.ts";

const source = { client: 1n, stream: 0, seq: 1n };

describe("HANDLER_FAILED", () => {
  const zero = 0n;
  const thrown: [string, () => unknown][] = [
    [
      "an Error",
      () => {
        throw new Error("as it happens");
      },
    ],
    [
      "something that is no Error",
      () => {
        throw "text";
      },
    ],
    [
      "undefined",
      () => {
        throw undefined;
      },
    ],
    ["a division by zero", () => 1n / zero],
    ["a remainder by zero", () => 1n % zero],
    ["a division by zero in num", () => num.u64.div(1n, zero)],
    ["a RangeError of the language", () => "x".repeat(-1)],
    ["a TypeError", () => (undefined as unknown as { a: number }).a],
    [
      "a RangeError that only sounds like the stack's",
      () => {
        throw new RangeError("call stack size");
      },
    ],
  ];
  test.each(thrown)(
    "%s: one frame, nothing of the command remains, the cause goes to the log",
    async (_name, fail) => {
      const log = diagnosed();
      const engine = await openLab(
        (tx) => {
          tx.create(Item, { id: 1n, value: 1n, small: 1 });
          fail();
        },
        { onDiagnostic: log.onDiagnostic },
      );
      const receipt = await engine.submit("Do", deed(), { source });
      expect(receipt).toMatchObject({ outcome: "faulted", code: "HANDLER_FAILED", detail: {}, events: [] });
      expect(log.list).toHaveLength(1);
      expect(log.list[0]).toMatchObject({ seq: 2n, command: "Do" });
      expect(await engine.read((view) => view.exists(Item.byId, 1n))).toBe(false);
      expect(await engine.submit("Do", deed(), { source })).toEqual({ ...receipt, duplicate: true });
      await engine.submit("Put", { id: 5n, value: 1n });
      expect(await engine.read((view) => view.get(Item.byId, 5n).sysId)).toBe(1n);
      expect(await engine.audit()).toMatchObject({ identical: true });
      await engine.close();
    },
  );

  test("the first cause wins: a throw after a reject or fault changes nothing and is no news", async () => {
    const log = diagnosed();
    const engine = await openLab(
      (tx, { n }) => {
        try {
          if (n === 1n) tx.reject(Reject.NEVER);
          tx.get(Item.byId, 404n);
        } catch {
          throw new Error("covering it up");
        }
      },
      { onDiagnostic: log.onDiagnostic },
    );
    expect(await engine.submit("Do", deed(1n))).toMatchObject({ outcome: "rejected", code: "NEVER" });
    expect(await engine.submit("Do", deed(2n))).toMatchObject({
      code: "RECORD_MISSING",
      detail: { kind: "Item" },
    });
    expect(log.list).toEqual([]);
    await engine.close();
  });

  test("operations after the first cause do nothing, however often the handler catches", async () => {
    const unwound: boolean[] = [];
    const engine = await openLab((tx) => {
      const swallow = (operation: () => unknown) => {
        try {
          operation();
          unwound.push(false);
        } catch {
          unwound.push(true);
        }
      };
      swallow(() => tx.reject(Reject.NO, { n: 7n, small: 1 }));
      swallow(() => tx.create(Item, { id: 1n, value: 1n, small: 1 }));
      swallow(() => tx.reject(Reject.NEVER));
      swallow(() => num.u64.add(1n, -1n));
      swallow(() => tx.find(Item.byId, 1n));
      swallow(() => tx.count(Item.byValue, [], { limit: 1 }));
    });
    expect(await engine.submit("Do", deed())).toMatchObject({
      outcome: "rejected",
      code: "NO",
      detail: { n: 7n, small: 1 },
    });
    // Each unwinds the handler again, so that no loop goes on with answers that mean nothing.
    expect(unwound).toEqual([true, true, true, true, true, true]);
    expect(await engine.read((view) => view.count(Item.byValue, [], { limit: 9 }))).toBe(0);
    await engine.close();
  });

  test("what unwound one command, kept and thrown in another, is a throw like any other", async () => {
    const log = diagnosed();
    let kept: unknown;
    const engine = await openLab(
      (tx, { n }) => {
        if (n === 2n) {
          tx.create(Item, { id: 1n, value: 1n, small: 1 });
          throw kept;
        }
        try {
          tx.get(Item.byId, 404n);
        } catch (error) {
          kept = error;
        }
      },
      { onDiagnostic: log.onDiagnostic },
    );
    expect(await engine.submit("Do", deed(1n))).toMatchObject({ code: "RECORD_MISSING" });
    expect(await engine.submit("Do", deed(2n))).toMatchObject({ outcome: "faulted", code: "HANDLER_FAILED" });
    expect(log.list).toMatchObject([{ seq: 3n, error: kept }]);
    expect(await engine.read((view) => view.exists(Item.byId, 1n))).toBe(false);
    expect((await engine.audit()).identical).toBe(true);
    await engine.close();
  });

  test("a diagnostic that throws does not reach the command", async () => {
    const engine = await openLab(
      () => {
        throw new Error("one");
      },
      {
        onDiagnostic: () => {
          throw new Error("two");
        },
      },
    );
    expect(await engine.submit("Do", deed())).toMatchObject({ code: "HANDLER_FAILED" });
    expect(await engine.submit("Do", deed())).toMatchObject({ seq: 3n });
    await engine.close();
  });
});

describe("EngineFault", () => {
  const overflow = (): never => overflow();

  async function faultOf(promise: Promise<unknown>): Promise<EngineFault> {
    const error = await promise.then(
      () => new Error("it resolved"),
      (reason: unknown) => reason,
    );
    if (!(error instanceof EngineFault)) throw error;
    return error;
  }

  test("a stack overflow: no frame, poisoned, a report; reopening recovers and the source seq is free", async () => {
    const history = memoryHistory();
    let overflows = true;
    const act = () => {
      if (overflows) overflow();
    };
    const engine = await openLab(act, { history });
    await engine.submit("Put", { id: 1n, value: 1n });
    const fault = await faultOf(engine.submit("Do", deed(), { source }));
    expect(fault.code).toBe("STACK_OVERFLOW");
    expect(fault.report).toMatchObject({
      semantics: 1,
      frontier: { seq: 2n },
      command: { name: "Do", payload: "01000000000000000000" },
    });
    expect(fault.cause).toBeInstanceOf(RangeError);
    expect(await faultOf(engine.submit("Put", { id: 2n, value: 1n }))).toBe(fault);
    expect(await faultOf(engine.submitMany([put(2n, 1n)]))).toBe(fault);
    expect(await faultOf(engine.read(() => 1))).toBe(fault);
    expect(() => engine.readExecuted(() => 1)).toThrow(fault);
    expect(await faultOf(engine.retire(1n, 0))).toBe(fault);
    expect(await faultOf(engine.receipt(source))).toBe(fault);
    expect(await faultOf(engine.audit())).toBe(fault);
    expect(await faultOf(engine.replay())).toBe(fault);
    expect(() => engine.frames()).toThrow(fault);
    await engine.close();

    overflows = false;
    const again = await openLab(act, { history });
    expect(again.frontier.seq).toBe(2n);
    expect(await again.submit("Do", deed(), { source })).toMatchObject({ seq: 3n, duplicate: false });
    expect(executorOf(again).core.exports.checkStructure()).toBe(0);
    await again.close();
  });

  test("what was executed before it becomes durable and is answered", async () => {
    const engine = await openLab(() => overflow());
    const before = engine.submit("Put", { id: 1n, value: 1n });
    const fault = faultOf(engine.submit("Do", deed()));
    expect(await before).toMatchObject({ seq: 2n, outcome: "committed" });
    await fault;
    await engine.close();
  });

  test("a trap inside an operation of the core", async () => {
    const history = memoryHistory();
    const engine = await openLab((tx) => tx.find(Item.byId, 1n), { history });
    injectCore(engine, "lookupUnique", () => {
      throw trap();
    });
    const fault = await faultOf(engine.submit("Do", deed()));
    expect(fault.code).toBe("CORE_TRAP");
    expect(fault.message).toContain("reopening recovers from the history");
    await engine.close();
    const again = await openLab((tx) => tx.find(Item.byId, 1n), { history });
    expect(await again.submit("Do", deed())).toMatchObject({ seq: 2n });
    await again.close();
  });

  test("a trap that the handler catches is a trap", async () => {
    const engine = await openLab((tx) => {
      try {
        tx.find(Item.byId, 1n);
      } catch {}
    });
    injectCore(engine, "lookupUnique", () => {
      throw trap();
    });
    expect((await faultOf(engine.submit("Do", deed()))).code).toBe("CORE_TRAP");
    await engine.close();
  });

  test("so is the end of the stack inside an operation: what is left of the core is not trusted", async () => {
    const engine = await openLab((tx) => {
      try {
        tx.create(Item, { id: 1n, value: 1n, small: 1 });
      } catch {}
    });
    injectCore(engine, "create", () => overflow());
    expect((await faultOf(engine.submit("Do", deed()))).code).toBe("CORE_TRAP");
    await engine.close();
  });

  test.each([
    ["create", "a trap", trap],
    ["create", "the end of the stack", () => new RangeError("Maximum call stack size exceeded")],
    ["lookupUnique", "a trap", trap],
    ["list", "a trap", trap],
    ["emit", "a trap", trap],
    ["update", "a trap", trap],
    ["remove", "a trap", trap],
  ] as const)("%s cut off by %s: nothing after it makes up for it", async (name, _cause, cause) => {
    const history = memoryHistory();
    let ran = 0;
    const act: Deed = (tx) => {
      const operations: Record<typeof name, () => unknown> = {
        create: () => tx.create(Item, { id: 9n, value: 1n, small: 1 }),
        lookupUnique: () => tx.exists(Item.byId, 1n),
        list: () => tx.list(Item.byValue, []),
        emit: () => tx.emit(Done, { n: 1n, small: 1 }),
        update: () => tx.update(tx.get(Item.byId, 1n), { value: 5n }),
        remove: () => tx.delete(tx.get(Item.byId, 1n)),
      };
      try {
        operations[name]();
      } catch {}
      for (const again of [
        () => tx.count(Item.byValue, [], { limit: 1 }),
        () => tx.reject(Reject.NEVER),
        () => num.u64.add(1n, 1n),
      ]) {
        try {
          again();
          ran++;
        } catch {}
      }
    };
    const engine = await openLab(act, { history });
    await engine.submit("Put", { id: 1n, value: 1n });
    ran = 0;
    injectCore(engine, name, () => {
      throw cause();
    });
    expect((await faultOf(engine.submit("Do", deed(), { source }))).code).toBe("CORE_TRAP");
    // Only what does without the core.
    expect(ran).toBe(1);
    await engine.close();
    const again = await openLab(() => {}, { history });
    expect(await again.submit("Do", deed(), { source })).toMatchObject({ seq: 3n, duplicate: false });
    await again.close();
  });

  test.each(["lookAhead", "admitAt", "begin", "finishAt"])("a trap in %s", async (name) => {
    const engine = await openLab();
    injectCore(engine, name, () => {
      throw trap();
    });
    expect((await faultOf(engine.submit("Do", deed()))).code).toBe("CORE_TRAP");
    expect((await faultOf(engine.submit("Do", deed()))).code).toBe("CORE_TRAP");
    await engine.close();
  });

  test("a trap in a read", async () => {
    const engine = await openLab();
    const restore = injectCore(engine, "lookupUnique", () => {
      throw trap();
    });
    const reading = engine.read((view) => view.find(Item.byId, 1n));
    expect((await faultOf(reading)).code).toBe("CORE_TRAP");
    restore();
    await faultOf(engine.submit("Do", deed()));
    await engine.close();
  });

  test("an assert of the core has its number in the report", async () => {
    const engine = await openLab();
    const { core } = executorOf(engine);
    const original = core.resultWord.bind(core);
    injectCore(engine, "finishAt", () => {
      (core as { resultWord: unknown }).resultWord = (offset: number) =>
        offset === 48 ? 77 : original(offset);
      throw trap();
    });
    const fault = await faultOf(engine.submit("Do", deed()));
    expect(fault).toMatchObject({ code: "CORE_ASSERT", report: { assert: 77 } });
    await engine.close();
  });

  test("memory at its end", async () => {
    const engine = await openLab((tx) => tx.find(Item.byId, 1n));
    injectCore(engine, "lookupUnique", () => {
      throw new RangeError("WebAssembly.Memory.grow(): allocation failed");
    });
    expect((await faultOf(engine.submit("Do", deed()))).code).toBe("OUT_OF_MEMORY");
    await engine.close();
  });

  test("one engine's fault leaves the others alone", async () => {
    const broken = await openLab(() => overflow());
    const sound = await openLab();
    await faultOf(broken.submit("Do", deed()));
    expect(await sound.submit("Do", deed())).toMatchObject({ seq: 2n });
    await broken.close();
    await sound.close();
  });
});
