/** What the commands do: given what was there, when a command comes, then this is its frame. */
import { memoryHistory, open } from "statevec";
import { testDomain } from "statevec/testing";
import { expect, test } from "vitest";
import { domain } from "../src/starter.handlers.ts";
import { Account, Outside } from "../src/starter.schema.ts";

/** Ada has 100, Bob nothing. Money comes in by the command that brings it: the conserved sum allows no other way. */
const start = testDomain(domain)
  .given({ name: "OpenAccount", payload: { owner: "ada" } })
  .given({ name: "OpenAccount", payload: { owner: "bob" } })
  .given({ name: "Deposit", payload: { owner: "ada", amount: 100n } });

test("a transfer takes from one account and gives to the other", async () => {
  await start.when({ name: "Transfer", payload: { from: "ada", to: "bob", amount: 30n } }).then({
    outcome: "committed",
    changes: [
      { op: "update", kind: "Account", before: { balance: 100n }, after: { balance: 70n } },
      { op: "update", kind: "Account", before: { balance: 0n }, after: { balance: 30n } },
    ],
    events: [{ name: "Moved", values: { from: "ada", to: "bob", amount: 30n } }],
  });
});

test("nobody spends more than they have", async () => {
  await start
    .when({ name: "Transfer", payload: { from: "ada", to: "bob", amount: 101n } })
    .then({ outcome: "rejected", code: "INSUFFICIENT_FUNDS", detail: { balance: 100n } });
});

test("who is not there is named, before anything else is looked at", async () => {
  await start
    .when({ name: "Transfer", payload: { from: "eve", to: "eve", amount: 1n } })
    .then({ outcome: "rejected", code: "UNKNOWN_ACCOUNT", detail: { owner: "eve" } });
  await start
    .when({ name: "Transfer", payload: { from: "ada", to: "ada", amount: 1n } })
    .then({ outcome: "rejected", code: "SAME_ACCOUNT" });
});

test("a name is taken once", async () => {
  await start.when({ name: "OpenAccount", payload: { owner: "ada" } }).then({
    outcome: "rejected",
    code: "UNIQUE_KEY_TAKEN",
  });
});

test("nothing is made or lost, and every command runs again to the same bytes", async () => {
  const engine = await open({ domain, history: memoryHistory() });
  for (const owner of ["ada", "bob"]) await engine.submit("OpenAccount", { owner });
  await engine.submit("Deposit", { owner: "ada", amount: 500n });
  for (let amount = 1n; amount <= 40n; amount++) {
    await engine.submit("Transfer", { from: "ada", to: "bob", amount });
  }

  const balances = await engine.read((view) => [
    view.get(Account.byOwner, "ada").balance,
    view.get(Account.byOwner, "bob").balance,
    view.get(Outside.byNumber, 1).balance,
  ]);
  expect(balances.reduce((sum, balance) => sum + balance, 0n)).toBe(0n);
  expect(await engine.audit()).toMatchObject({ identical: true, frames: 44n });
  await engine.close();
});
