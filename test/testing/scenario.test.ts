/** Scenarios that hold: what can be given, submitted and expected, and that a scenario is the same everywhere. */

import { AdmissionError, DeterminismError, defineDomain, type Tx, UsageError } from "statevec";
import { command, defineSchema, record, u64 } from "statevec/schema";
import { sysId, testDomain } from "statevec/testing";
import { describe, expect, test } from "vitest";
import { bank } from "../../examples/quickstart/bank.ts";
import { shop } from "./shop.ts";

const ada = { kind: "Customer", values: { customer: "ada", credit: 0n } } as const;
const START_NS = 1_767_225_600_000_000_000n;

const invoice = (amount: bigint) =>
  ({
    kind: "Invoice",
    values: {
      number: 7n,
      customer: sysId<"Customer">(1n),
      amount,
      state: "Open",
      mark: new Uint8Array([1, 2]),
    },
  }) as const;

describe("given", () => {
  test("commands run before, in order, each a frame of its own", async () => {
    const { frame } = await testDomain(bank)
      .given(
        { name: "Deposit", payload: { owner: "ada", amount: 60n } },
        { name: "Deposit", payload: { owner: "ada", amount: 40n } },
      )
      .when({ name: "Withdraw", payload: { owner: "ada", amount: 25n } })
      .then({
        outcome: "committed",
        changes: [
          {
            op: "update",
            kind: "Account",
            sysId: 1n,
            revision: 3,
            before: { balance: 100n },
            after: { balance: 75n },
          },
        ],
        events: [],
      });
    expect(frame.seq).toBe(4n);
  });

  test("records are there with SysIds from 1, and may refer to each other", async () => {
    await testDomain(shop)
      .given(ada, invoice(0n))
      .when({ name: "Drop", payload: { number: 7n } })
      .then({
        outcome: "committed",
        changes: [{ op: "delete", kind: "Invoice", sysId: 2n, before: { number: 7n, customer: sysId(1n) } }],
        events: [{ name: "Dropped", values: { number: 7n } }],
      });
  });

  test("records and commands mix in any order", async () => {
    await testDomain(shop)
      .given(
        ada,
        { name: "Issue", payload: { customer: "ada", number: 1n, amount: 5n }, outcome: "rejected" },
        { kind: "Customer", values: { customer: "bob", credit: 0n, note: "late" } },
      )
      .when({ name: "Issue", payload: { customer: "bob", number: 2n, amount: 5n } })
      .then({ outcome: "rejected", code: "NO_CREDIT", detail: { credit: 0n } });
  });

  test("the engine checks given records like all others: an invariant holds for them too", async () => {
    const scenario = testDomain(shop).given({ kind: "Customer", values: { customer: "ada", credit: 1n } });
    const failing = scenario.when({ name: "Pay", payload: { number: 1n } }).then({ outcome: "committed" });
    await expect(failing).rejects.toThrow(/record Customer .* is not committed[\s\S]*faulted INVARIANT/);
  });

  test("records can be given to a domain that uses the names and numbers of the commands that give them", async () => {
    const Thing = record("Thing", 1, { id: u64(1).immutable() }, { unique: { byId: ["id"] } });
    const GivenThing = command("GivenThing", 18_999, { id: u64(1) });
    const schema = defineSchema("things", { records: { Thing }, commands: { GivenThing } });
    const handlers = { GivenThing: (tx: Tx, { id }: { id: bigint }) => tx.delete(tx.get(Thing.byId, id)) };
    await testDomain(defineDomain(schema, { revision: 1, handlers }))
      .given({ kind: "Thing", values: { id: 5n } })
      .when({ name: "GivenThing", payload: { id: 5n } })
      .then({ outcome: "committed", changes: [{ op: "delete", kind: "Thing", before: { id: 5n } }] });
  });

  test("a scenario is a value: going on from it twice does not change it", async () => {
    const funded = testDomain(bank).given({ name: "Deposit", payload: { owner: "ada", amount: 10n } });
    const withdraw = { name: "Withdraw", payload: { owner: "ada", amount: 10n } } as const;
    await funded.given(withdraw).when(withdraw).then({ outcome: "rejected", code: "NO_FUNDS" });
    await funded.when(withdraw).then({ outcome: "committed" });
  });
});

describe("when", () => {
  test("at is the reference time; without it time stands still", async () => {
    const deposit = { name: "Deposit", payload: { owner: "ada", amount: 1n } } as const;
    const scenario = testDomain(bank).given({ ...deposit, at: START_NS + 5n });
    expect((await scenario.when(deposit).run()).frame.timeNs).toBe(START_NS + 5n);
    expect((await scenario.when(deposit, { at: START_NS + 9n }).run()).frame.timeNs).toBe(START_NS + 9n);
    expect((await testDomain(bank, { at: 3n }).when(deposit).run()).frame.timeNs).toBe(3n);
  });

  test("time does not go back", async () => {
    const deposit = { name: "Deposit", payload: { owner: "ada", amount: 1n } } as const;
    const scenario = testDomain(bank, { at: 100n }).given({ ...deposit, at: 200n });
    await expect(scenario.when(deposit, { at: 199n }).then({ outcome: "committed" })).rejects.toThrow(
      new UsageError(
        "when.at",
        "found 199n, expected a bigint, 200n at least: reference times never decrease",
      ),
    );
  });

  test("source is who sends it; a duplicate has the frame of the original", async () => {
    const source = { client: 9n, stream: 1, seq: 1n };
    const deposit = { name: "Deposit", payload: { owner: "ada", amount: 1n } } as const;
    const first = await testDomain(bank).when(deposit, { source }).run();
    expect(first.frame.source).toEqual({ ...source, previous: 0n });
    const again = await testDomain(bank)
      .given({ ...deposit, source })
      .when(deposit, { source })
      .run();
    expect(again.receipt.duplicate).toBe(true);
    expect(again.frame.seq).toBe(2n);
  });

  test("a command that is turned away rejects with the engine's own error", async () => {
    const source = { client: 9n, stream: 1, seq: 2n };
    const trial = testDomain(bank).when(
      { name: "Deposit", payload: { owner: "ada", amount: 1n } },
      { source },
    );
    await expect(trial.then({ outcome: "committed" })).rejects.toMatchObject({ code: "GAP", expected: 1n });
    await expect(trial.then({ outcome: "committed" })).rejects.toBeInstanceOf(AdmissionError);
  });

  test("what can not be repeated rejects with DeterminismError", async () => {
    const trial = testDomain(shop).when({ name: "Break", payload: { how: "clock" } });
    await expect(trial.then({ outcome: "committed" })).rejects.toBeInstanceOf(DeterminismError);
  });

  test("run gives receipt, frame and text without an expectation", async () => {
    const { receipt, frame, text } = await testDomain(bank)
      .when({
        name: "Deposit",
        payload: { owner: "ada", amount: 1n },
      })
      .run();
    expect(receipt).toMatchObject({ outcome: "committed", seq: 2n, digest: frame.digest });
    expect(frame.deltas).toHaveLength(1);
    expect(text).toContain('command       Deposit { owner: "ada", amount: 1n }');
  });
});

describe("then", () => {
  test("inserts, updates and events are compared as far as they are named", async () => {
    await testDomain(shop)
      .given({ name: "Fund", payload: { customer: "ada", credit: 10n } })
      .when({ name: "Issue", payload: { customer: "ada", number: 7n, amount: 4n } })
      .then({
        outcome: "committed",
        changes: [
          { op: "update", kind: "Customer", before: { credit: 10n }, after: { credit: 6n } },
          {
            op: "insert",
            kind: "Invoice",
            sysId: 3n,
            after: { customer: sysId(2n), state: "Open", mark: new Uint8Array([1, 2]) },
          },
        ],
        events: [{ name: "Issued", values: { number: 7n, lines: [1n, 2n] } }],
      });
  });

  test("a broken payload check is a reject with the field", async () => {
    await testDomain(shop)
      .given(ada)
      .when({ name: "Issue", payload: { customer: "ada", number: 7n, amount: 0n } })
      .then({ outcome: "rejected", code: "PAYLOAD_CHECK", detail: { field: "amount" } });
  });

  test("a fault with its code and detail", async () => {
    const pay = { name: "Pay", payload: { number: 1n } } as const;
    await testDomain(shop)
      .when(pay)
      .then({ outcome: "faulted", code: "RECORD_MISSING", detail: { kind: "Invoice" } });
    await testDomain(shop)
      .when({ name: "Break", payload: { how: "hand" } })
      .then({ outcome: "faulted", code: "HANDLER_FAILED" });
  });

  test("a trial that is awaited without an expectation says so", async () => {
    const trial: unknown = testDomain(bank).when({ name: "Deposit", payload: { owner: "ada", amount: 1n } });
    await expect((async () => await trial)()).rejects.toThrow("the trial was awaited");
  });

  test("the same scenario has the same digest wherever and whenever it runs", async () => {
    const trial = testDomain(bank).when({ name: "Deposit", payload: { owner: "ada", amount: 1n } });
    const { receipt } = await trial.run();
    expect(receipt.digest).toBe((await trial.run()).receipt.digest);
    expect(receipt.digest).toMatchInlineSnapshot(
      `"979f89b898a5afd2200eccd98bb3b32e139a9ab0b775c231b09f749c2d2a3604"`,
    );
  });
});
