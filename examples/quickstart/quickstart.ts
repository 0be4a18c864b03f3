/**
 * From nothing to a durable, audited history in `data/bank`: `npx tsx quickstart.ts` in a project of your own.
 */
import { fileHistory, open } from "statevec/node";
import { Account, bank } from "./bank.ts";

const engine = await open({ domain: bank, history: fileHistory("data/bank") });

await engine.submit("Deposit", { owner: "ada", amount: 100n });
const receipt = await engine.submit("Withdraw", { owner: "ada", amount: 250n });
switch (
  receipt.outcome // an outcome is a value, never an exception
) {
  case "committed":
    console.log("done at frame", receipt.seq);
    break;
  case "rejected":
    console.log(receipt.code, receipt.detail);
    break; // NO_FUNDS { balance: 100n }
  case "faulted":
    console.log("bug:", receipt.code);
    break;
}

const balance = await engine.read((view) => view.get(Account.byOwner, "ada").balance);
const report = await engine.audit(); // runs every command again, compares every byte
console.log(balance, report.identical, report.frontier.digest);
await engine.close();
