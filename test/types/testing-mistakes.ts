/**
 * Mistakes in scenarios of the test kit: each line under a `@ts-expect-error` must be a type error, and no line around one
 * may be. `tsc` is the test.
 */
import { sysId, testDomain } from "statevec/testing";
import { bank } from "../../examples/quickstart/bank.ts";
import { shop } from "../testing/shop.ts";

export async function scenarios(): Promise<void> {
  const deposit = { name: "Deposit", payload: { owner: "ada", amount: 1n } } as const;
  const given = testDomain(bank).given(deposit, { kind: "Account", values: { owner: "bob", balance: 0n } });
  const trial = given.when(deposit, { at: 1n, source: { client: 1n, stream: 0, seq: 1n } });
  const { receipt, frame } = await trial.then({ outcome: "committed", changes: [], events: [] });
  void [receipt.digest, frame.deltas];

  // @ts-expect-error no such command
  given.when({ name: "Close", payload: {} });
  // @ts-expect-error a field is missing
  given.when({ name: "Deposit", payload: { owner: "ada" } });
  // @ts-expect-error the payload of another type
  given.given({ name: "Deposit", payload: { owner: "ada", amount: 1 } });
  // @ts-expect-error no such record
  given.given({ kind: "Customer", values: {} });
  // @ts-expect-error a field of the record is missing
  given.given({ kind: "Account", values: { owner: "ada" } });
  // @ts-expect-error a time is a bigint
  given.when(deposit, { at: 1 });
  // @ts-expect-error what is expected must be said
  await trial;

  // @ts-expect-error no such outcome
  trial.then({ outcome: "failed" });
  // @ts-expect-error no such code
  trial.then({ outcome: "rejected", code: "NO_MONEY" });
  // @ts-expect-error not a detail of this code
  trial.then({ outcome: "rejected", code: "NO_FUNDS", detail: { amount: 1n } });
  // @ts-expect-error a reject has no events
  trial.then({ outcome: "rejected", events: [] });
  // @ts-expect-error no such fault
  trial.then({ outcome: "faulted", code: "NO_FUNDS" });
  trial.then({ outcome: "rejected", code: "UNIQUE_KEY_TAKEN", detail: { uk: "Account.byOwner" } });
  // @ts-expect-error an immutable field does not change
  trial.then({ outcome: "committed", changes: [{ op: "update", kind: "Account", after: { owner: "b" } }] });
  // @ts-expect-error an insert has no values before
  trial.then({ outcome: "committed", changes: [{ op: "insert", kind: "Account", before: {} }] });

  const invoice = { number: 1n, amount: 1n, state: "Open", mark: new Uint8Array() } as const;
  testDomain(shop).given({ kind: "Invoice", values: { ...invoice, customer: sysId(1n) } });
  // @ts-expect-error a SysId is not any bigint
  testDomain(shop).given({ kind: "Invoice", values: { ...invoice, customer: 1n } });
  const pay = testDomain(shop).when({ name: "Pay", payload: { number: 1n } });
  pay.then({ outcome: "committed", events: [{ name: "Issued", values: { amount: 1n } }] });
  // @ts-expect-error no such event
  pay.then({ outcome: "committed", events: [{ name: "Paid" }] });
  // @ts-expect-error a field of another event
  pay.then({ outcome: "committed", events: [{ name: "Dropped", values: { amount: 1n } }] });
}
