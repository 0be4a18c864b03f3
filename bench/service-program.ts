/**
 * The server of the HTTP rows: the sealed ledger in a file history behind HTTP, in a process of its own.
 *
 * Responsible for: opening it with every customer funded, serving until it is told to end, the balances at the end, a whole audit of
 * what it has written.
 * Not responsible for: any measurement (sides/service.ts).
 */
import { auditHistory, type Domain, type Engine, fileHistory, open } from "statevec/node";
import { createService, listen } from "statevec/service";
import { ledgerIn } from "../examples/ledger/lane.ts";
import { Account, type Amount } from "../examples/ledger/ledger.schema.ts";
import {
  type Balances,
  CURRENCY,
  CUSTOMERS,
  EXTERNAL,
  FUNDS_CENTS,
  PLACES,
  startBalances,
} from "./ledger-stream.ts";

const domain = ledgerIn("sealed");
type Ledger = typeof domain extends Domain<infer Parts> ? Parts : never;

/** What the parent says. */
export type ServiceRequest =
  | { readonly say: "start"; readonly directory: string }
  /** Drains, closes, audits. */
  | { readonly say: "finish" };

/** What the process answers. */
export type ServiceReply =
  | { readonly port: number /** Frames that were there before the first request. */; readonly frames: number }
  | { readonly balances: Balances; readonly frames: number }
  | { readonly failure: string };

const AT_ONCE = 1_000;
/** Ids of the transfers that fund accounts: above those of the stream. */
const FUNDING_IDS = 1n << 40n;
/** Of a cent, in the eight places of an amount. */
const CENT = 1_000_000n;

let finish: (() => Promise<ServiceReply>) | undefined;

async function fund(engine: Engine<Ledger>): Promise<void> {
  let batch = engine.newBatch();
  const send = async () => {
    for (const { outcome, seq } of await engine.submitBatch(batch))
      if (outcome !== "committed") throw new Error(`frame ${seq} is ${outcome}, expected committed`);
    batch = engine.newBatch();
  };
  batch.add("AddCurrency", { currency: CURRENCY, places: PLACES });
  for (let account = 1; account <= EXTERNAL; account++) {
    const accountId = BigInt(account);
    const role = account === EXTERNAL ? "External" : "Customer";
    batch.add("OpenAccount", { accountId, owner: accountId, currency: CURRENCY, role });
    if (batch.length >= AT_ONCE) await send();
  }
  const amount = (BigInt(FUNDS_CENTS) * CENT) as Amount;
  const from = BigInt(EXTERNAL);
  for (let account = 1; account <= CUSTOMERS; account++) {
    const to = BigInt(account);
    batch.add("PostTransfer", { transferId: FUNDING_IDS + to, from, to, amount });
    if (batch.length >= AT_ONCE) await send();
  }
  await send();
}

async function start(directory: string): Promise<ServiceReply> {
  const engine = await open({ domain, history: fileHistory(directory) });
  await fund(engine);
  const listener = await listen(createService(engine), { port: 0 });
  finish = async () => {
    await listener.close();
    const balances = await balancesIn(engine);
    const frames = Number(engine.frontier.seq);
    await engine.close();
    const report = await auditHistory({ domain, history: fileHistory(directory) });
    if (!report.identical) throw new Error("the replay is not identical");
    return { balances, frames };
  };
  return { port: Number(new URL(listener.url).port), frames: Number(engine.frontier.seq) };
}

async function balancesIn(engine: Engine<Ledger>): Promise<Balances> {
  const balances = startBalances();
  await engine.read((view) => {
    for (let account = 1; account <= EXTERNAL; account++) {
      const { posted, available } = view.get(Account.byAccountId, BigInt(account));
      balances.posted[account] = Number(posted / CENT);
      balances.available[account] = Number(available / CENT);
    }
  });
  return balances;
}

async function answer(request: ServiceRequest): Promise<ServiceReply> {
  if (request.say === "start") return start(request.directory);
  if (finish === undefined) throw new Error('"finish" before "start"');
  return finish();
}

process.on("message", (request: ServiceRequest) => {
  answer(request)
    .catch((error: unknown): ServiceReply => {
      return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    })
    .then((reply) => process.send!(reply));
});
process.once("disconnect", () => process.exit(0));
