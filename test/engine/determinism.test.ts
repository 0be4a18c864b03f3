/** What a handler can not repeat: each guarded function, caught or not, async handlers, other engines; and no trace of it. */

import { DeterminismError, memoryHistory, open, type DeterminismError as Violation } from "statevec";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deed, Item, makeLab, openLab, put } from "./lab.ts";

const source = { client: 1n, stream: 0, seq: 1n };

async function violationOf(promise: Promise<unknown>): Promise<Violation> {
  const error = await promise.then(
    () => new Error("it resolved"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof DeterminismError)) throw error;
  return error;
}

/** A rejected promise that nobody looks at ends a process of Node: none may be left behind. */
const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);
beforeEach(() => {
  unhandled.length = 0;
  process.on("unhandledRejection", note);
});
afterEach(async () => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

const guarded: [string, string, () => unknown][] = [
  ["Date.now", "CLOCK", () => Date.now()],
  ["new Date()", "CLOCK", () => new Date()],
  ["Date()", "CLOCK", () => Date()],
  ["performance.now", "CLOCK", () => performance.now()],
  ["process.hrtime", "CLOCK", () => process.hrtime()],
  ["process.hrtime.bigint", "CLOCK", () => process.hrtime.bigint()],
  ["process.uptime", "CLOCK", () => process.uptime()],
  ["Math.random", "ENTROPY", () => Math.random()],
  ["crypto.getRandomValues", "ENTROPY", () => crypto.getRandomValues(new Uint8Array(1))],
  ["crypto.randomUUID", "ENTROPY", () => crypto.randomUUID()],
  ["fetch", "IO", () => fetch("http://localhost")],
  ["setTimeout", "IO", () => setTimeout(() => {}, 0)],
  ["setInterval", "IO", () => setInterval(() => {}, 1)],
  ["setImmediate", "IO", () => setImmediate(() => {})],
  ["queueMicrotask", "IO", () => queueMicrotask(() => {})],
  ["process.nextTick", "IO", () => process.nextTick(() => {})],
];

describe("a guarded function", () => {
  test.each(guarded)(
    "%s is %s: no frame, no source seq used, nothing changed",
    async (called, code, call) => {
      let violates = true;
      const engine = await openLab((tx) => {
        tx.create(Item, { id: 1n, value: 1n, small: 1 });
        if (violates) call();
      });
      const error = await violationOf(engine.submit("Do", deed(), { source }));
      expect(error).toMatchObject({ code, called });
      expect(await engine.read((view) => view.exists(Item.byId, 1n))).toBe(false);
      violates = false;
      expect(await engine.submit("Do", deed(), { source })).toMatchObject({ seq: 2n, duplicate: false });
      expect(await engine.read((view) => view.get(Item.byId, 1n).sysId)).toBe(1n);
      expect(await engine.audit()).toMatchObject({ identical: true });
      await engine.close();
    },
  );

  test.each(guarded)("%s is noticed when the handler catches it", async (called, code, call) => {
    const engine = await openLab((tx) => {
      try {
        call();
      } catch {
        tx.create(Item, { id: 1n, value: 1n, small: 1 });
      }
    });
    expect(await violationOf(engine.submit("Do", deed()))).toMatchObject({ code, called });
    expect(engine.frontier.seq).toBe(1n);
    await engine.close();
  });

  test.each(guarded)("%s works outside of handlers", async (_called, _code, call) => {
    const engine = await openLab(() => call());
    await violationOf(engine.submit("Do", deed()));
    const answer = call();
    if (answer instanceof Promise) await answer.catch(() => {});
    clearInterval(answer as ReturnType<typeof setInterval>);
    await engine.close();
  });

  test("of several the first is named, and a reject or fault before it does not hide it", async () => {
    const engine = await openLab((tx) => {
      try {
        tx.get(Item.byId, 404n);
      } catch {}
      try {
        Math.random();
      } catch {}
      Date.now();
    });
    expect(await violationOf(engine.submit("Do", deed()))).toMatchObject({ code: "ENTROPY" });
    await engine.close();
  });

  test("new Date(value) reads no clock", async () => {
    const engine = await openLab((tx) => {
      tx.create(Item, { id: BigInt(new Date(5).getTime()), value: BigInt(Date.UTC(1970)), small: 1 });
    });
    expect(await engine.submit("Do", deed())).toMatchObject({ outcome: "committed" });
    expect(new Date(7)).toBeInstanceOf(Date);
    await engine.close();
  });
});

describe("an async handler", () => {
  test("is ASYNC, and what it does later does nothing", async () => {
    let later: unknown;
    const engine = await openLab(async (tx) => {
      tx.create(Item, { id: 1n, value: 1n, small: 1 });
      await Promise.resolve();
      try {
        tx.create(Item, { id: 2n, value: 1n, small: 1 });
      } catch (error) {
        later = error;
      }
    });
    const error = await violationOf(engine.submit("Do", deed(), { source }));
    expect(error).toMatchObject({ code: "ASYNC", called: "Do" });
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(later).toMatchObject({ name: "UsageError", code: "STALE_HANDLE" });
    await engine.submit(...(["Put", { id: 9n, value: 1n }] as const));
    expect(await engine.read((view) => [...view.list(Item.byValue, [])].map((one) => one.id))).toEqual([9n]);
    await engine.close();
  });

  test.each([
    ["one that rejects", async () => Promise.reject(new Error("later"))],
    [
      "one that throws",
      async () => {
        throw new Error("at once");
      },
    ],
    // biome-ignore lint/suspicious/noThenProperty: a thenable that is no promise
    ["any thenable", () => ({ then() {} })],
  ])("%s is ASYNC, and leaves no rejection behind", async (_name, answer) => {
    const engine = await openLab(answer);
    expect(await violationOf(engine.submit("Do", deed()))).toMatchObject({ code: "ASYNC" });
    expect(engine.frontier.seq).toBe(1n);
    await engine.close();
  });

  test("a reject inside one leaves no rejection behind", async () => {
    const engine = await openLab(async (tx) => {
      tx.get(Item.byId, 404n);
    });
    expect(await violationOf(engine.submit("Do", deed()))).toMatchObject({ code: "ASYNC" });
    await engine.close();
  });

  test("other answers are ignored", async () => {
    const engine = await openLab(() => ({ answer: 1 }));
    expect(await engine.submit("Do", deed())).toMatchObject({ outcome: "committed" });
    await engine.close();
  });
});

describe("a handler that uses an engine", () => {
  const calls: [string, (engine: Awaited<ReturnType<typeof openLab>>) => unknown][] = [
    ["submit", (engine) => engine.submit("Put", { id: 1n, value: 1n })],
    ["submitMany", (engine) => engine.submitMany([put(1n, 1n)])],
    ["read", (engine) => engine.read(() => 1)],
    ["readExecuted", (engine) => engine.readExecuted(() => 1)],
    ["receipt", (engine) => engine.receipt(source)],
    ["retire", (engine) => engine.retire(1n, 1)],
    ["frames", (engine) => engine.frames()],
    ["replay", (engine) => engine.replay()],
    ["audit", (engine) => engine.audit()],
    ["close", (engine) => engine.close()],
    ["open", () => open({ domain: makeLab(), history: memoryHistory() })],
  ];

  test.each(calls)("%s of another one is refused", async (_name, call) => {
    const other = await openLab();
    const engine = await openLab(() => {
      call(other);
    });
    expect(await violationOf(engine.submit("Do", deed()))).toMatchObject({ code: "IO" });
    expect(other.frontier.seq).toBe(1n);
    expect(await other.submit("Put", { id: 1n, value: 1n })).toMatchObject({ seq: 2n });
    await engine.close();
    await other.close();
  });

  test.each(calls.slice(0, -1))("%s of its own is refused", async (_name, call) => {
    const engine = await openLab(() => {
      call(engine);
    });
    expect(await violationOf(engine.submit("Do", deed()))).toMatchObject({ code: "IO" });
    expect(await engine.submit("Put", { id: 1n, value: 1n })).toMatchObject({ seq: 2n });
    await engine.close();
  });
});

test("a violation in submitMany stops it; what came before is durable", async () => {
  const engine = await openLab(() => {
    Date.now();
  });
  const answer = engine.submitMany([put(1n, 1n), { name: "Do", payload: deed() }, put(2n, 2n)]);
  expect(await violationOf(answer)).toMatchObject({ code: "CLOCK" });
  expect(engine.frontier.seq).toBe(2n);
  await engine.close();
});

test("hidden state of a handler shows in an audit: frame, part, field, both values", async () => {
  let calls = 0n;
  const engine = await openLab((tx, { n }) => {
    calls++;
    tx.create(Item, { id: n, value: calls, small: 1 });
  });
  await engine.submit("Do", deed(1n));
  await engine.submit("Do", deed(2n));
  expect(await engine.audit()).toMatchObject({
    identical: false,
    difference: {
      seq: 2n,
      command: "Do",
      part: "delta 1",
      record: { kind: "Item", sysId: 1n },
      field: "after.value",
      recorded: "1",
      replayed: "3",
    },
  });
  await engine.close();
});
