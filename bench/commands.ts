/**
 * The order stream as commands of the exchange, and what its receipts say about it.
 *
 * Responsible for: which command a position of the stream becomes; counting trades from events.
 * Not responsible for: the stream (stream.ts), sending (the sides).
 */
import type { Domain, Engine, Receipt, Source, Submission, View } from "statevec";
import type { exchange } from "../examples/exchange/exchange.handlers.ts";
import { Instrument, Order } from "../examples/exchange/exchange.schema.ts";
import {
  ACCOUNTS,
  DIGEST_START,
  foldTrade,
  KIND_CANCEL,
  KIND_LIMIT,
  KIND_REPLACE,
  type OrderStream,
  SIDE_BUY,
} from "./stream.ts";

export type Exchange = typeof exchange extends Domain<infer Parts> ? Parts : never;
export type ExchangeEngine = Engine<Exchange>;
export type ExchangeCommand = Submission<Exchange>;

/** Everything is one stream of one client. */
const CLIENT = 1n;
const STREAM = 1;

/** Where the command with this number in the stream of its client comes from; the first one has number 1. */
export function sourceOf(seq: number): Source {
  return { client: CLIENT, stream: STREAM, seq: BigInt(seq) };
}

/** What must be there before the first order: instruments with tick and lot 1, and the accounts. */
export function marketCommands(instruments: number): ExchangeCommand[] {
  const commands: ExchangeCommand[] = [];
  for (let instrumentId = 0; instrumentId < instruments; instrumentId++) {
    const payload = { instrumentId, symbol: `S${instrumentId}`, tickSize: 1n, lotSize: 1n };
    commands.push({ name: "AddInstrument", payload, source: sourceOf(commands.length + 1) });
  }
  for (let accountId = 0; accountId < ACCOUNTS; accountId++) {
    commands.push({ name: "OpenAccount", payload: { accountId }, source: sourceOf(commands.length + 1) });
  }
  return commands;
}

/** The command at a position of the stream, to be sent after the market commands. */
export function commandAt(stream: OrderStream, position: number): ExchangeCommand {
  const kind = stream.kinds[position]!;
  const orderId = BigInt(stream.orderIds[position]!);
  const sent = sourceOf(stream.instruments + ACCOUNTS + position + 1);
  if (kind === KIND_CANCEL) return { name: "CancelOrder", payload: { orderId }, source: sent };
  const price = BigInt(stream.prices[position]!);
  const quantity = BigInt(stream.quantities[position]!);
  if (kind === KIND_REPLACE) {
    const payload = { orderId, price, quantity, selfTrade: "Allow", losePriority: true } as const;
    return { name: "ReplaceOrder", payload, source: sent };
  }
  return {
    name: "PlaceOrder",
    payload: {
      orderId,
      accountId: stream.accounts[position]!,
      clientOrderId: BigInt(stream.clientOrderIds[position]!),
      instrumentId: stream.instrument[position]!,
      side: stream.sides[position] === SIDE_BUY ? "Bid" : "Ask",
      price,
      quantity,
      timeInForce: kind === KIND_LIMIT ? "Gtc" : "Ioc",
      postOnly: false,
      selfTrade: "Allow",
    },
    source: sent,
  };
}

/** The commands of a part of the stream. */
export function commandsOf(stream: OrderStream, from: number, to: number): ExchangeCommand[] {
  const commands: ExchangeCommand[] = new Array(to - from);
  for (let position = from; position < to; position++)
    commands[position - from] = commandAt(stream, position);
  return commands;
}

/** Counts and folds the trades that receipts tell of. Every command of the stream must be committed. */
export class TradeTally {
  trades = 0;
  volume = 0;
  #digest = DIGEST_START | 0;

  get digest(): number {
    return this.#digest >>> 0;
  }

  add(receipt: Receipt<Exchange>): void {
    if (receipt.outcome !== "committed") {
      throw new Error(`frame ${receipt.seq} is ${receipt.outcome}(${receipt.code}), expected committed`);
    }
    for (const event of receipt.events) {
      if (event.name !== "Trade") continue;
      const { makerOrderId, takerOrderId, price, quantity } = event.values;
      const traded = Number(quantity);
      this.#digest = foldTrade(
        this.#digest,
        Number(makerOrderId),
        Number(takerOrderId),
        Number(price),
        traded,
      );
      this.trades++;
      this.volume += traded;
    }
  }
}

/** How many orders rest in all books. */
export function restingOrders(view: View, instruments: number): number {
  let count = 0;
  for (let instrumentId = 0; instrumentId < instruments; instrumentId++) {
    const instrument = view.get(Instrument.byInstrumentId, instrumentId).sysId;
    count += view.count(Order.book, [instrument], { limit: 0xffff_ffff });
  }
  return count;
}
