/** The test that goes with the bank: an engine in memory, the outcome as a value, the state, the audit. */
import { memoryHistory, open } from "statevec";
import { expect, test } from "vitest";
import { Account, bank } from "./bank.ts";

test("a withdrawal never takes more than the balance", async () => {
  const engine = await open({ domain: bank, history: memoryHistory() });

  expect(await engine.submit("Deposit", { owner: "ada", amount: 100n })).toMatchObject({
    outcome: "committed",
  });
  expect(await engine.submit("Withdraw", { owner: "ada", amount: 250n })).toMatchObject({
    outcome: "rejected",
    code: "NO_FUNDS",
    detail: { balance: 100n },
  });

  expect(await engine.read((view) => view.get(Account.byOwner, "ada").balance)).toBe(100n);
  expect(await engine.audit()).toMatchObject({ identical: true, frames: 3n });
  await engine.close();
});
