/**
 * A client: submits a few commands to the service and reads back what came of them.
 *
 *     URL    http://127.0.0.1:7411
 *     TOKEN  none: the one that the service was started with
 */
import { connect } from "statevec/client";
import { Account, schema } from "./starter.schema.ts";

const { URL: url = "http://127.0.0.1:7411", TOKEN: token } = process.env;

/** Who submits. A client that is started again takes the same number, and goes on behind its last command. */
const CLIENT = 1n;

const client = await connect({ url, schema, client: CLIENT, token });

// They go in one request, and are executed in this order. Each promise resolves when its frame is on the disk.
const receipts = await Promise.all([
  client.submit("OpenAccount", { owner: "ada" }),
  client.submit("OpenAccount", { owner: "bob" }),
  client.submit("Deposit", { owner: "ada", amount: 100_00n }),
  client.submit("Transfer", { from: "ada", to: "bob", amount: 30_00n }),
  client.submit("Transfer", { from: "bob", to: "ada", amount: 1_000_000_00n }),
]);
// An outcome is a value: run a second time, both accounts are there already.
for (const receipt of receipts) {
  const what = receipt.outcome === "committed" ? "" : `: ${receipt.code}`;
  console.log(`frame ${receipt.seq}  ${receipt.outcome}${what}`);
}

const ada = await client.find(Account.byOwner, "ada");
console.log("ada has", ada?.balance);

const { records, seq } = await client.list(Account.richest, [], { limit: 10 });
console.log(`richest first, at frame ${seq}:`);
for (const { owner, balance } of records) console.log(`  ${owner.padEnd(8)}${balance}`);

await client.close();
