/**
 * The server of the HTTP rows: a sealed domain in a file history behind HTTP, in a process of its own.
 *
 * Responsible for: opening it with its first state, serving until it is told to end, what the state is then, a whole audit of what it
 * has written.
 * Not responsible for: any measurement (sides/service.ts).
 */
import {
  auditHistory,
  type Domain,
  type Engine,
  fileHistory,
  open,
  type Receipt,
  type Submission,
} from "statevec/node";
import type { SchemaParts } from "statevec/schema";
import { createService, listen } from "statevec/service";
import { exchangeIn } from "../examples/exchange/lane.ts";
import { ledgerIn } from "../examples/ledger/lane.ts";
import { Account, type Amount } from "../examples/ledger/ledger.schema.ts";
import {
  commandAt,
  type ExchangeCommand,
  type ExchangeEngine,
  marketCommands,
  restingOrders,
  TradeTally,
} from "./commands.ts";
import {
  type Balances,
  CURRENCY,
  CUSTOMERS,
  EXTERNAL,
  FUNDS_CENTS,
  PLACES,
  startBalances,
} from "./ledger-stream.ts";
import { generateStream, SEED_ORDERS } from "./stream.ts";
import { SENDERS } from "./traffic.ts";

export interface WhatToServe {
  readonly what: "ledger" | "exchange";
  readonly directory: string;
  /** Commands that will come. */
  readonly length: number;
}

/** What the parent says. `finish`: drain, close, audit. */
export type ServiceRequest = ({ readonly say: "start" } & WhatToServe) | { readonly say: "finish" };

export interface ServiceStart {
  readonly port: number;
  /** That are there before the first request. */
  readonly frames: number;
}

export interface ServiceEnd {
  readonly frames: number;
  /** Of the ledger. */
  readonly balances?: Balances;
  /** Of the exchange: resting orders, and trades before the first request. */
  readonly live?: number;
  readonly seeded?: { readonly trades: number; readonly volume: number };
}

export type ServiceReply = ServiceStart | ServiceEnd | { readonly failure: string };

const AT_ONCE = 1_000;
/** Ids of the transfers that fund accounts: above those of the stream. */
const FUNDING_IDS = 1n << 40n;
/** Of a cent, in the eight places of an amount. */
const CENT = 1_000_000n;

let finish: (() => Promise<ServiceEnd>) | undefined;

/** Says at the end what is in the engine. */
type Describe = () => Promise<Omit<ServiceEnd, "frames">>;

async function serve<P extends SchemaParts>(
  domain: Domain<P>,
  directory: string,
  prepare: (engine: Engine<P>) => Promise<Describe>,
): Promise<ServiceStart> {
  const engine = await open({ domain, history: fileHistory(directory) });
  const describe = await prepare(engine);
  const listener = await listen(createService(engine), { port: 0 });
  // Connections are idle while another side has its turn, and before the first one.
  listener.server.keepAliveTimeout = 0;
  listener.server.headersTimeout = 0;
  finish = async () => {
    await listener.close();
    const end = await describe();
    const frames = Number(engine.frontier.seq);
    await engine.close();
    const report = await auditHistory({ domain, history: fileHistory(directory) });
    if (!report.identical) throw new Error("the replay is not identical");
    return { ...end, frames };
  };
  return { port: Number(new URL(listener.url).port), frames: Number(engine.frontier.seq) };
}

/** Submits commands, many at once; each must be committed. */
async function submitAll<P extends SchemaParts>(
  engine: Engine<P>,
  commands: Iterable<Submission<P>>,
  onReceipt: (receipt: Receipt<P>) => void = () => {},
): Promise<void> {
  const send = async (some: Submission<P>[]) => {
    for (const receipt of await engine.submitMany(some)) {
      if (receipt.outcome !== "committed")
        throw new Error(`frame ${receipt.seq} is ${receipt.outcome}, expected committed`);
      onReceipt(receipt);
    }
  };
  const some: Submission<P>[] = [];
  for (const command of commands) {
    some.push(command);
    if (some.length === AT_ONCE) await send(some.splice(0));
  }
  await send(some);
}

// ---- ledger ----------------------------------------------------------------------------------------------

const ledger = ledgerIn("sealed");
type Ledger = typeof ledger extends Domain<infer Parts> ? Parts : never;

function* fundingCommands(): Generator<Submission<Ledger>> {
  yield { name: "AddCurrency", payload: { currency: CURRENCY, places: PLACES } };
  for (let account = 1; account <= EXTERNAL; account++) {
    const accountId = BigInt(account);
    const role = account === EXTERNAL ? "External" : "Customer";
    yield { name: "OpenAccount", payload: { accountId, owner: accountId, currency: CURRENCY, role } };
  }
  const amount = (BigInt(FUNDS_CENTS) * CENT) as Amount;
  for (let account = 1; account <= CUSTOMERS; account++) {
    const to = BigInt(account);
    const transferId = FUNDING_IDS + to;
    yield { name: "PostTransfer", payload: { transferId, from: BigInt(EXTERNAL), to, amount } };
  }
}

async function prepareLedger(engine: Engine<Ledger>): Promise<Describe> {
  await submitAll(engine, fundingCommands());
  return async () => ({ balances: await balancesIn(engine) });
}

function balancesIn(engine: Engine<Ledger>): Promise<Balances> {
  return engine.read((view) => {
    const balances = startBalances();
    for (let account = 1; account <= EXTERNAL; account++) {
      const { posted, available } = view.get(Account.byAccountId, BigInt(account));
      balances.posted[account] = Number(posted / CENT);
      balances.available[account] = Number(available / CENT);
    }
    return balances;
  });
}

// ---- exchange --------------------------------------------------------------------------------------------

function* seedCommands(length: number): Generator<ExchangeCommand> {
  yield* marketCommands(SENDERS);
  const stream = generateStream(SENDERS, length);
  for (let position = 0; position < SEED_ORDERS; position++) yield commandAt(stream, position);
}

/** @param length of the stream behind the seed orders */
async function prepareExchange(engine: ExchangeEngine, length: number): Promise<Describe> {
  const tally = new TradeTally();
  await submitAll(engine, seedCommands(length), (receipt) => tally.add(receipt));
  const { trades, volume } = tally;
  return async () => ({
    live: await engine.read((view) => restingOrders(view, SENDERS)),
    seeded: { trades, volume },
  });
}

// ---- messages --------------------------------------------------------------------------------------------

async function answer(request: ServiceRequest): Promise<ServiceReply> {
  if (request.say === "finish") {
    if (finish === undefined) throw new Error('"finish" before "start"');
    return finish();
  }
  const { what, directory, length } = request;
  if (what === "ledger") return serve(ledger, directory, prepareLedger);
  const { domain } = exchangeIn("sealed");
  return serve(domain, directory, (engine) => prepareExchange(engine, length));
}

process.on("message", (request: ServiceRequest) => {
  answer(request)
    .catch((error: unknown): ServiceReply => {
      return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    })
    .then((reply) => process.send!(reply));
});
process.once("disconnect", () => process.exit(0));
