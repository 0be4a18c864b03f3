/** Values whose getters come back: into the tx while it takes them, and into the engine while it takes a payload. */
import { defineDomain, memoryHistory, open, type Tx, UsageError } from "statevec";
import {
  command,
  defineSchema,
  enumeration,
  enumOf,
  event,
  record,
  reject,
  text,
  u64,
} from "statevec/schema";
import { describe, expect, test } from "vitest";
import { openLab } from "./lab.ts";

const Side = enumeration("Side", { Bid: 1, Ask: 2 });
const Order = record(
  "Order",
  1,
  { key: text(1, { maxBytes: 8 }).immutable(), side: enumOf(2, Side), value: u64(3) },
  { unique: { byKey: ["key"] }, indexes: { byValue: ["value"] } },
);
const Wide = record(
  "Wide",
  2,
  { key: text(1, { maxBytes: 60 }).immutable(), x: u64(2), y: u64(3) },
  {
    unique: { byKey: ["key"] },
  },
);
const Go = command("Go", 1, {});
const Make = command("Make", 2, {});
const Said = event("Said", 1, { first: text(1, { maxBytes: 8 }), second: u64(2) });
const Refusal = { NO: reject(1, "Always.", { first: text(1, { maxBytes: 8 }), second: u64(2) }) };
const schema = defineSchema("getters", {
  records: { Order, Wide },
  commands: { Go, Make },
  events: { Said },
  rejects: Refusal,
});
const KEY = "a key that is longer than an order";

/** What of the tx a getter may try. */
const uses: [string, (tx: Tx) => unknown][] = [
  ["get", (tx) => tx.get(Wide.byKey, KEY)],
  ["exists", (tx) => tx.exists(Wide.byKey, KEY)],
  ["create", (tx) => tx.create(Wide, { key: "another", x: 1n, y: 2n })],
  ["emit", (tx) => tx.emit(Said, { first: "inner", second: 7n })],
  ["first", (tx) => tx.first(Order.byValue, [1n])],
];

/** Operations with such a getter among their values. */
const operations: [string, (tx: Tx, use: (tx: Tx) => unknown) => unknown][] = [
  [
    "create",
    (tx, use) =>
      tx.create(Order, {
        key: "new",
        side: "Bid",
        get value() {
          use(tx);
          return 8n;
        },
      }),
  ],
  [
    "update",
    (tx, use) =>
      tx.update(tx.get(Order.byKey, "old"), {
        side: "Ask",
        get value() {
          use(tx);
          return 8n;
        },
      }),
  ],
  [
    "emit",
    (tx, use) =>
      tx.emit(Said, {
        first: "outer",
        get second() {
          use(tx);
          return 8n;
        },
      }),
  ],
  [
    "reject",
    (tx, use) =>
      tx.reject(Refusal.NO, {
        first: "outer",
        get second() {
          use(tx);
          return 8n;
        },
      }),
  ],
  [
    "list",
    (tx, use) =>
      tx.list(Order.byValue, [], {
        get from() {
          use(tx);
          return 8n;
        },
      }),
  ],
];

async function openGetters(go: (tx: Tx) => unknown, history = memoryHistory()) {
  const domain = defineDomain(schema, {
    revision: 1,
    handlers: {
      Go: (tx) => void go(tx),
      Make(tx) {
        tx.create(Wide, { key: KEY, x: 7n, y: 9n });
        tx.create(Order, { key: "old", side: "Bid", value: 1n });
      },
    },
  });
  const engine = await open({ domain, history, clock: { nowNs: () => 1n } });
  return { engine, history, domain };
}

describe.each(operations)("a getter among the values of %s", (_name, operate) => {
  const unchanged = { key: "old", side: "Bid", value: 1n };

  test.each(uses)("that uses %s is misuse, caught or not", async (_use, use) => {
    for (const caught of [false, true]) {
      const { engine, history, domain } = await openGetters((tx) =>
        operate(tx, (inner) => {
          if (!caught) return use(inner);
          try {
            return use(inner);
          } catch {
            return undefined;
          }
        }),
      );
      await engine.submit("Make", {});
      const receipt = await engine.submit("Go", {});
      expect(receipt).toMatchObject({ outcome: "faulted", code: "MISUSE", events: [] });
      const state = await engine.read((view) => [
        view.count(Order.byValue, [], { limit: 9 }),
        view.get(Order.byKey, "old"),
      ]);
      expect(state).toMatchObject([1, unchanged]);
      expect((await engine.audit()).identical).toBe(true);
      await engine.close();
      const again = await open({ domain, history, clock: { nowNs: () => 1n } });
      expect(again.frontier).toEqual({ seq: receipt.seq, digest: receipt.digest });
      await again.close();
    }
  });

  test("that uses nothing is as good as a value", async () => {
    const { engine } = await openGetters((tx) => operate(tx, () => undefined));
    await engine.submit("Make", {});
    expect((await engine.submit("Go", {})).outcome).not.toBe("faulted");
    await engine.close();
  });
});

test("after a getter has thrown, the handler goes on with a tx that works", async () => {
  const { engine } = await openGetters((tx) => {
    try {
      tx.create(Order, {
        key: "new",
        side: "Bid",
        get value(): bigint {
          throw new Error("not today");
        },
      });
    } catch {}
    tx.create(Order, { key: "next", side: "Ask", value: 2n });
  });
  expect(await engine.submit("Go", {})).toMatchObject({ outcome: "committed" });
  expect(
    await engine.read((view) => [view.exists(Order.byKey, "new"), view.get(Order.byKey, "next").side]),
  ).toEqual([false, "Ask"]);
  await engine.close();
});

describe("a getter in a payload that uses the engine", () => {
  test("a submit in it is turned away, and both say what they are", async () => {
    const engine = await openLab();
    let inner: Promise<unknown> | undefined;
    const outer = await engine.submit("Put", {
      id: 1n,
      get value() {
        inner = engine.submit("Put", { id: 100n, value: 200n }).catch((error: unknown) => error);
        return 2n;
      },
    });
    expect(await inner).toBeInstanceOf(UsageError);
    expect(outer).toMatchObject({ outcome: "committed", seq: 2n });
    const payloads: unknown[] = [];
    for await (const frame of engine.frames({ from: 2n }))
      if (frame.type === "command") payloads.push(frame.payload);
    expect(payloads).toEqual([{ id: 1n, value: 2n }]);
    await engine.close();
  });

  test("so is a read of what is executed; the engine works on", async () => {
    const engine = await openLab();
    const outer = engine.submit("Put", {
      id: 1n,
      get value() {
        engine.readExecuted(() => 1);
        return 2n;
      },
    });
    expect(await outer.catch((error: unknown) => error)).toBeInstanceOf(UsageError);
    expect(await engine.submit("Put", { id: 1n, value: 2n })).toMatchObject({ seq: 2n });
    await engine.close();
  });
});
