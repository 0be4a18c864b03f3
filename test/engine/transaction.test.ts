/** `tx` where the reference model does not reach: wrong arguments of every operation, handles outside of their command. */

import type { Tx } from "statevec";
import { record, u64 } from "statevec/schema";
import { describe, expect, test } from "vitest";
import { Done, deed, Item, openLab, put, Reject, Tag } from "./lab.ts";

type Operation = (tx: Tx) => unknown;

async function outcomeOf(operation: Operation, before: (tx: Tx) => void = () => {}) {
  const engine = await openLab((tx, { n }) => (n === 0n ? before(tx) : operation(tx)));
  await engine.submit("Put", { id: 1n, value: 10n });
  await engine.submit("Do", deed(0n));
  const receipt = await engine.submit("Do", deed(1n));
  const audit = await engine.audit();
  await engine.close();
  expect(audit.identical).toBe(true);
  return receipt;
}

const misuse = (reason: string) => ({ outcome: "faulted", code: "MISUSE", detail: { reason } });
const item = (tx: Tx) => tx.get(Item.byId, 1n);
const wrong = (value: unknown) => value as any;
const Foreign = record(
  "Foreign",
  7,
  { id: u64(1).immutable() },
  { unique: { byId: ["id"] }, indexes: { all: ["id"] } },
);

describe("arguments of another kind than the operation takes are MISUSE BAD_ARGUMENT", () => {
  const cases: [string, Operation][] = [
    ["find by an index", (tx) => tx.find(wrong(Item.byValue), 1n)],
    ["find by a definition of another schema", (tx) => tx.find(Foreign.byId, 1n)],
    ["find by a kind of another schema", (tx) => tx.find(wrong(Foreign), 1n)],
    ["find by an event", (tx) => tx.find(wrong(Done), 1n)],
    ["find by nothing", (tx) => tx.find(wrong(undefined), 1n)],
    ["get by nothing", (tx) => tx.get(wrong(null), 1n)],
    ["exists by a name", (tx) => tx.exists(wrong("Item"), 1n)],
    ["find with no key", (tx) => wrong(tx).find(Item.byId)],
    ["find with a key too many", (tx) => wrong(tx).find(Item.byId, 1n, 2n)],
    ["find with a number", (tx) => tx.find(Item.byId, wrong(1))],
    ["find with a hole", (tx) => tx.find(Item.byId, wrong(undefined))],
    ["find by SysId with no key", (tx) => wrong(tx).find(Item)],
    ["find by SysId with a number", (tx) => tx.find(Item, wrong(1))],
    ["find by SysId below zero", (tx) => tx.find(Item, wrong(-1n))],
    ["list by a unique key", (tx) => tx.list(wrong(Item.byId), [])],
    ["list by an index of another schema", (tx) => tx.list(Foreign.all, [])],
    ["list without a prefix", (tx) => wrong(tx).list(Item.byValue)],
    ["list with a prefix that is no array", (tx) => tx.list(Item.byValue, wrong("a"))],
    ["list with too long a prefix", (tx) => tx.list(Item.byValue, wrong([1n, 2n]))],
    ["list with a hole", (tx) => tx.list(Item.bySmall, wrong([undefined]))],
    ["list with from beside after", (tx) => tx.list(Item.byValue, [], { from: 1n, after: 1n })],
    ["list with to beside before", (tx) => tx.list(Item.byValue, [], { to: 1n, before: 1n })],
    ["list with a bound of another type", (tx) => tx.list(Item.byValue, [], { from: wrong("1") })],
    ["list with a bound after a whole key", (tx) => tx.list(Item.byValue, [1n], wrong({ from: 1n }))],
    ["list with a negative limit", (tx) => tx.list(Item.byValue, [], { limit: -1 })],
    ["list with a fraction as limit", (tx) => tx.list(Item.byValue, [], { limit: 0.5 })],
    ["list with a bigint as limit", (tx) => tx.list(Item.byValue, [], { limit: wrong(1n) })],
    ["count without a limit", (tx) => tx.count(Item.byValue, [], wrong({}))],
    ["count without options", (tx) => wrong(tx).count(Item.byValue, [])],
    ["first by nothing", (tx) => tx.first(wrong(undefined), wrong([]))],
    ["next of no record", (tx) => tx.next(Item.byValue, wrong({ sysId: 1n }))],
    ["next of nothing", (tx) => tx.next(Item.byValue, wrong(null))],
    ["next in an index of another kind", (tx) => tx.next(Foreign.all, wrong(item(tx)))],
    ["create of no kind", (tx) => tx.create(wrong(Item.byId), {})],
    ["create of a kind of another schema", (tx) => tx.create(Foreign, { id: 1n })],
    ["create without values", (tx) => wrong(tx).create(Item)],
    ["create with values that are none", (tx) => tx.create(Item, wrong(7))],
    [
      "create with an unknown field",
      (tx) => tx.create(Item, wrong({ id: 2n, value: 1n, small: 1, nte: "" })),
    ],
    ["create from a spread record", (tx) => tx.create(Item, wrong({ ...item(tx) }))],
    [
      "create with an unknown field of a kind without nullable ones",
      (tx) => tx.create(Tag, wrong({ item: item(tx).sysId, word: "a", more: 1 })),
    ],
    ["update of no record", (tx) => tx.update(wrong({}), {})],
    ["update of nothing", (tx) => tx.update(wrong(undefined), {})],
    ["update without a patch", (tx) => wrong(tx).update(item(tx))],
    ["update with a patch that is none", (tx) => tx.update(item(tx), wrong("x"))],
    ["update of an unknown field", (tx) => tx.update(item(tx), wrong({ valu: 1n }))],
    ["update of the SysId", (tx) => tx.update(item(tx), wrong({ sysId: 5n }))],
    ["delete of no record", (tx) => tx.delete(wrong({ sysId: 1n }))],
    ["delete of a SysId", (tx) => tx.delete(wrong(1n))],
    ["emit of no event", (tx) => tx.emit(wrong(Item), wrong({}))],
    ["emit without values", (tx) => wrong(tx).emit(Done)],
    ["emit with an unknown field", (tx) => tx.emit(Done, wrong({ n: 1n, small: 1, nte: "" }))],
    ["reject with no code", (tx) => wrong(tx).reject()],
    ["reject with a name", (tx) => tx.reject(wrong("NO"))],
  ];
  test.each(cases)("%s", async (_name, operation) => {
    expect(await outcomeOf(operation)).toMatchObject(misuse("BAD_ARGUMENT"));
  });
});

describe("values that are none are MISUSE BAD_VALUE, those out of range OVERFLOW of their field", () => {
  const bad: [string, Operation][] = [
    ["create with a field missing", (tx) => tx.create(Item, wrong({ id: 2n, small: 1 }))],
    ["create with a number for a u64", (tx) => tx.create(Item, wrong({ id: 2, value: 1n, small: 1 }))],
    ["create with a fraction", (tx) => tx.create(Item, { id: 2n, value: 1n, small: 0.5 })],
    [
      "create with a lone surrogate",
      (tx) => tx.create(Item, { id: 2n, value: 1n, small: 1, note: "\ud800" }),
    ],
    ["update with a string", (tx) => tx.update(item(tx), wrong({ value: "1" }))],
    ["update with null for a required field", (tx) => tx.update(item(tx), wrong({ value: null }))],
    ["emit with a field missing", (tx) => tx.emit(Done, wrong({ n: 1n }))],
    ["reject without its detail", (tx) => wrong(tx).reject(Reject.NO)],
    ["reject with an unknown detail", (tx) => wrong(tx).reject(Reject.NO, { n: 1n, small: 1, more: 1 })],
    ["reject with detail where there is none", (tx) => wrong(tx).reject(Reject.NEVER, { n: 1n })],
  ];
  test.each(bad)("%s", async (_name, operation) => {
    expect(await outcomeOf(operation)).toMatchObject(misuse("BAD_VALUE"));
  });

  const beyond: [string, number, Operation][] = [
    ["create", 2, (tx) => tx.create(Item, { id: 2n, value: -1n, small: 1 })],
    [
      "create with a long text",
      3,
      (tx) => tx.create(Item, { id: 2n, value: 1n, small: 1, note: "x".repeat(65) }),
    ],
    ["update", 4, (tx) => tx.update(item(tx), { small: 256 })],
    ["emit", 2, (tx) => tx.emit(Done, { n: 1n, small: -1 })],
    ["reject", 1, (tx) => tx.reject(Reject.NO, { n: 1n << 64n, small: 1 })],
  ];
  test.each(beyond)("%s", async (_name, field, operation) => {
    expect(await outcomeOf(operation)).toMatchObject({
      outcome: "faulted",
      code: "OVERFLOW",
      detail: { field },
    });
  });
});

describe("nothing of the patch or values object is trusted", () => {
  test("a getter that throws is HANDLER_FAILED, and leaves no trace", async () => {
    const receipt = await outcomeOf((tx) => {
      const patch = {
        get value(): bigint {
          throw new Error("read");
        },
      };
      tx.update(item(tx), patch);
    });
    expect(receipt).toMatchObject({ code: "HANDLER_FAILED" });
  });

  test("a command's payload is frozen", async () => {
    const engine = await openLab((_tx, command) => {
      wrong(command).n = 5n;
    });
    expect(await engine.submit("Do", deed())).toMatchObject({ code: "HANDLER_FAILED" });
    await engine.close();
  });
});

describe("handles", () => {
  test("are live: they show the command's own writes", async () => {
    const seen: unknown[] = [];
    await outcomeOf((tx) => {
      const one = item(tx);
      tx.update(one, { value: 11n, note: "a" });
      seen.push(one.value, one.note, tx.get(Item.byId, 1n).value, one.revision);
      tx.delete(one);
      seen.push(one.value, tx.exists(Item.byId, 1n));
    });
    expect(seen.slice(0, 6)).toEqual([11n, "a", 11n, 1, 11n, false]);
  });

  const kept: { item?: ReturnType<typeof item>; tx?: Tx; list?: Iterable<unknown> } = {};
  const keep = (tx: Tx) => {
    kept.tx = tx;
    kept.item = item(tx);
    kept.list = tx.list(Item.byValue, []);
  };
  const staleInside: [string, Operation][] = [
    ["reading a field", () => kept.item!.value],
    ["reading the SysId", () => kept.item!.sysId],
    ["update", (tx) => tx.update(kept.item!, { value: 1n })],
    ["delete", (tx) => tx.delete(kept.item!)],
    ["next", (tx) => tx.next(Item.byValue, kept.item!)],
    ["prev", (tx) => tx.prev(Item.byValue, kept.item!)],
    ["walking a list", () => [...kept.list!]],
  ];
  test.each(staleInside)(
    "a handle of an earlier command is MISUSE STALE_HANDLE: %s",
    async (_name, operation) => {
      expect(await outcomeOf(operation, keep)).toMatchObject(misuse("STALE_HANDLE"));
    },
  );

  test("outside of handlers they are a UsageError", async () => {
    const engine = await openLab(keep);
    await engine.submit("Put", { id: 1n, value: 10n });
    await engine.submit("Do", deed());
    const stale = { name: "UsageError", code: "STALE_HANDLE" };
    const attempts = [
      () => kept.item!.value,
      () => kept.item!.revision,
      () => [...kept.list!],
      () => kept.tx!.find(Item.byId, 1n),
      () => kept.tx!.create(Item, { id: 9n, value: 1n, small: 1 }),
      () => kept.tx!.update(kept.item!, { value: 1n }),
      () => kept.tx!.delete(kept.item!),
      () => kept.tx!.emit(Done, { n: 1n, small: 1 }),
      () => kept.tx!.reject(Reject.NEVER),
    ];
    for (const attempt of attempts) expect(attempt).toThrow(expect.objectContaining(stale));
    expect(await engine.submit("Put", { id: 2n, value: 1n })).toMatchObject({ seq: 4n });
    expect(await engine.read((view) => view.get(Item.byId, 1n).value)).toBe(10n);
    await engine.close();
  });

  test("of another engine are no records of this one", async () => {
    let foreign: unknown;
    const other = await openLab((tx) => {
      foreign = item(tx);
    });
    await other.submit("Put", { id: 1n, value: 1n });
    await other.submit("Do", deed());
    const receipt = await outcomeOf((tx) => tx.update(wrong(foreign), { value: 5n }));
    expect(receipt).toMatchObject(misuse("BAD_ARGUMENT"));
    await other.close();
  });

  test("can not be written to", async () => {
    expect(await outcomeOf((tx) => (wrong(item(tx)).value = 5n))).toMatchObject({ code: "HANDLER_FAILED" });
  });
});

describe("what a tx knows of its command", () => {
  test("seq, timeNs and source", async () => {
    const seen: unknown[] = [];
    const engine = await openLab((tx) => seen.push([tx.seq, tx.timeNs, tx.source]));
    const source = { client: 3n, stream: 4, seq: 1n };
    await engine.submit("Do", deed(), { source });
    await engine.submitMany([put(1n, 1n), { name: "Do", payload: deed() }]);
    expect(seen).toEqual([
      [2n, 1_000n, source],
      [4n, 1_000n, undefined],
    ]);
    await engine.close();
  });

  test("replay gives the handler the same", async () => {
    const seen: unknown[] = [];
    const engine = await openLab((tx) => seen.push([tx.seq, tx.timeNs, tx.source]));
    await engine.submit("Do", deed(), { source: { client: 3n, stream: 4, seq: 1n } });
    await engine.replay();
    expect(seen[1]).toEqual(seen[0]);
    await engine.close();
  });
});
