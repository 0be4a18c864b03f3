/**
 * A client that is killed: sends its commands one behind the other for as long as it lives, and writes down each receipt.
 *
 * Arguments: address, client, file of receipts, `opening` or nothing. Ends in order on SIGTERM.
 */
import { appendFileSync } from "node:fs";
import { connect } from "statevec/client";
import { schema } from "../../examples/ledger/ledger.schema.ts";
import { OPENING, transferAt } from "./transfers.ts";

const WINDOW = 64;

let ends = false;
process.on("SIGTERM", () => {
  ends = true;
});

const [url, client, file, mode] = process.argv.slice(2) as [string, string, string, string | undefined];
const connection = await connect({
  url,
  schema,
  client: BigInt(client),
  batch: 16,
  timeoutMilliseconds: 2_000,
  pauseMilliseconds: 50,
});

const start = (await connection.lastSeq()) + 1n;
const last = mode === "opening" ? BigInt(OPENING.length) : undefined;
const underWay = new Set<Promise<void>>();
for (let n = start; !ends && (last === undefined || n <= last); n++) {
  const { name, payload } = last === undefined ? transferAt(BigInt(client), n) : OPENING[Number(n) - 1]!;
  const done = connection.submit(name, payload as never).then(({ seq, digest, outcome }) => {
    appendFileSync(file, `${n} ${seq} ${digest} ${outcome}\n`);
    underWay.delete(done);
  });
  underWay.add(done);
  if (underWay.size >= WINDOW) await Promise.race(underWay);
}
await connection.close();
