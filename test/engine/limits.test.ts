/** Limits are part of the program: a history keeps those it was begun with until the revision rises. */
import { defineDomain, type Limits, memoryHistory, open } from "statevec";
import { command, defineSchema, record, u64 } from "statevec/schema";
import { expect, test } from "vitest";

const A = record("A", 1, { v: u64(1) });
const Make = command("Make", 1, { v: u64(1) });
const schema = defineSchema("limits", { records: { A }, commands: { Make } });
let kept: unknown;

function domain(revision: number, limits: Limits) {
  return defineDomain(schema, {
    revision,
    limits,
    handlers: {
      Make(tx, { v }) {
        tx.create(A, { v });
      },
    },
  });
}

test("other limits want a higher revision", async () => {
  const history = memoryHistory();
  await (await open({ domain: domain(1, { work: 5000 }), history })).close();
  await expect(open({ domain: domain(1, { work: 100 }), history })).rejects.toMatchObject({
    code: "SCHEMA_CHANGED",
    expected: "5000",
    actual: "100",
  });
  const engine = await open({ domain: domain(2, { work: 100 }), history });
  expect(await engine.submit("Make", { v: 1n })).toMatchObject({
    outcome: "faulted",
    code: "WORK_EXHAUSTED",
  });
  expect(engine.frontier.seq).toBe(3n);
  await engine.close();
});

test("the signal that unwinds a handler, kept and thrown in a later command, is a throw like any other", async () => {
  const keeping = defineDomain(schema, {
    revision: 1,
    handlers: {
      Make(tx, { v }) {
        if (v === 1n) {
          try {
            tx.get(A, 999n as never);
          } catch (signal) {
            kept = signal;
          }
          return;
        }
        tx.create(A, { v });
        throw kept;
      },
    },
  });
  const engine = await open({ domain: keeping, history: memoryHistory() });
  expect(await engine.submit("Make", { v: 1n })).toMatchObject({ code: "RECORD_MISSING" });
  expect(await engine.submit("Make", { v: 2n })).toMatchObject({
    outcome: "faulted",
    code: "HANDLER_FAILED",
  });
  await engine.close();
});
