/**
 * From order-flow messages to commands of the exchange, and the market that the messages trade in.
 *
 * Responsible for: which command a message becomes, the ids it carries, the clock that follows the messages.
 * Not responsible for: the order of sending and waiting (run.ts).
 *
 * I1. The order id that an execution names is compared after the fact only; it is never part of a command.
 * I2. A command depends on its message alone, so the same file makes the same history.
 */
import type { Domain, Engine, Receipt, Source } from "statevec";
import type { exchange } from "./exchange.handlers.ts";
import type { Message } from "./lobster.ts";

export type Exchange = typeof exchange extends Domain<infer Parts> ? Parts : never;
export type ExchangeEngine = Engine<Exchange>;
export type ExchangeReceipt = Receipt<Exchange>;

/** Symbol of the one instrument. */
export const SYMBOL = "STOCK";
const INSTRUMENT_ID = 1;
/** Its orders rest in the book. */
const RESTING_ACCOUNT = 1;
/** Its orders take what rests. */
const TAKING_ACCOUNT = 2;
/** Orders made from executions are numbered from here by line, above every id that a file uses. */
const TAKING_ORDER_IDS = 1n << 63n;
/** Everything is sent as one stream of one client, so a run that broke off could be sent again from its start. */
const CLIENT = 1n;
const STREAM = 1;

/** A clock that stands still until it is told the time: the reference times are those of the messages. */
export class MessageClock {
  #timeNs = 0n;

  nowNs(): bigint {
    return this.#timeNs;
  }

  set(timeNs: bigint): void {
    this.#timeNs = timeNs;
  }
}

/** Sends commands as one stream. */
export class Feed {
  readonly #engine: ExchangeEngine;
  #sent = 0n;

  constructor(engine: ExchangeEngine) {
    this.#engine = engine;
  }

  /** Opens the market: one instrument with tick and lot 1, the account that rests and the one that takes. */
  async openMarket(): Promise<void> {
    const receipts = await Promise.all([
      this.#engine.submit(
        "AddInstrument",
        { instrumentId: INSTRUMENT_ID, symbol: SYMBOL, tickSize: 1n, lotSize: 1n },
        { source: this.#nextSource() },
      ),
      this.#engine.submit("OpenAccount", { accountId: RESTING_ACCOUNT }, { source: this.#nextSource() }),
      this.#engine.submit("OpenAccount", { accountId: TAKING_ACCOUNT }, { source: this.#nextSource() }),
    ]);
    const failed = receipts.find(({ outcome }) => outcome !== "committed");
    if (failed) throw new Error(`the market could not be opened: frame ${failed.seq} is ${failed.outcome}`);
  }

  /** @returns undefined for a message that changes no visible order: hidden executions, crosses, halts */
  send(message: Message): Promise<ExchangeReceipt> | undefined {
    const { orderId, size } = message;
    switch (message.type) {
      case "add":
      case "execute": {
        const payload = message.type === "add" ? restingOrder(message) : takingOrder(message);
        return this.#engine.submit("PlaceOrder", payload, { source: this.#nextSource() });
      }
      case "reduce":
        return this.#engine.submit("ReduceOrder", { orderId, by: size }, { source: this.#nextSource() });
      case "delete":
        return this.#engine.submit("CancelOrder", { orderId }, { source: this.#nextSource() });
      default:
        return undefined;
    }
  }

  #nextSource(): Source {
    this.#sent += 1n;
    return { client: CLIENT, stream: STREAM, seq: this.#sent };
  }
}

/** A new order: it rests until the file reduces, deletes or executes it. */
export function restingOrder({ orderId, side, price, size }: Message) {
  return {
    orderId,
    accountId: RESTING_ACCOUNT,
    clientOrderId: orderId,
    instrumentId: INSTRUMENT_ID,
    side,
    price,
    quantity: size,
    timeInForce: "Gtc",
    postOnly: false,
    selfTrade: "Allow",
  } as const;
}

/** An execution: an immediate-or-cancel order from the other side. Which order it hits is up to the exchange. */
export function takingOrder({ line, side, price, size }: Message) {
  const orderId = TAKING_ORDER_IDS + BigInt(line);
  return {
    orderId,
    accountId: TAKING_ACCOUNT,
    clientOrderId: orderId,
    instrumentId: INSTRUMENT_ID,
    side: side === "Bid" ? "Ask" : "Bid",
    price,
    quantity: size,
    timeInForce: "Ioc",
    postOnly: false,
    selfTrade: "Allow",
  } as const;
}
