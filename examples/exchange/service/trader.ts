/**
 * A trader: an account with one client, and orders made up from a seed.
 *
 * Responsible for: what is submitted, and the digest that each submission was answered with.
 * Not responsible for: when (load.ts). Traders meet in one book, so what comes of an order depends on who was first; each
 * learns it from the receipt.
 */
import type { Client } from "statevec/client";
import { Random } from "../../random.ts";
import type { Exchange, ExchangeReceipt } from "../feed.ts";

export const INSTRUMENT_ID = 1;
const MIDDLE_PRICE = 1_000_000n;
const TICK = 100n;
/** Ticks on each side within which orders rest. */
const DEPTH = 200;
/** The latest orders that a trader may cancel. Some have traded meanwhile, and the cancel is rejected. */
const REMEMBERED = 64;
/** Order ids of a trader begin here, times the account: 2^40 orders each. */
const ORDER_IDS = 1n << 40n;

export class Trader {
  readonly accountId: number;
  readonly client: Client<Exchange>;
  /** Digests of the receipts, in the order of submission: the one with source seq 1 is the first. */
  readonly answers: (string | undefined)[] = [];
  readonly #random: Random;
  /** Order ids, the latest at the end. */
  readonly #rested: bigint[] = [];
  #placed = 0n;

  constructor(accountId: number, client: Client<Exchange>) {
    this.accountId = accountId;
    this.client = client;
    this.#random = new Random(accountId);
  }

  openMarket(): Promise<ExchangeReceipt> {
    const market = { instrumentId: INSTRUMENT_ID, symbol: "STOCK", tickSize: TICK, lotSize: 1n };
    return this.#keep(this.client.submit("AddInstrument", market));
  }

  openAccount(): Promise<ExchangeReceipt> {
    return this.#keep(this.client.submit("OpenAccount", { accountId: this.accountId }));
  }

  /** Rests an order, takes what rests, or cancels. */
  trade(): Promise<ExchangeReceipt> {
    const draw = this.#random.below(100);
    if (draw < 50 || this.#rested.length === 0) return this.#keep(this.#rest());
    return this.#keep(draw < 75 ? this.#take() : this.#cancel());
  }

  #rest(): Promise<ExchangeReceipt> {
    const side = this.#side();
    const distance = TICK * BigInt(1 + this.#random.below(DEPTH));
    const answer = this.#place(
      side,
      side === "Bid" ? MIDDLE_PRICE - distance : MIDDLE_PRICE + distance,
      "Gtc",
    );
    this.#rested.push(this.#lastOrderId());
    if (this.#rested.length > REMEMBERED) this.#rested.shift();
    return answer;
  }

  /** From whoever is first on the other side, at any price at which orders rest. */
  #take(): Promise<ExchangeReceipt> {
    const side = this.#side();
    const reach = TICK * BigInt(DEPTH);
    return this.#place(side, side === "Bid" ? MIDDLE_PRICE + reach : MIDDLE_PRICE - reach, "Ioc");
  }

  #cancel(): Promise<ExchangeReceipt> {
    const [orderId = 0n] = this.#rested.splice(this.#random.below(this.#rested.length), 1);
    return this.client.submit("CancelOrder", { orderId });
  }

  #place(side: "Bid" | "Ask", price: bigint, timeInForce: "Gtc" | "Ioc"): Promise<ExchangeReceipt> {
    this.#placed++;
    const orderId = this.#lastOrderId();
    return this.client.submit("PlaceOrder", {
      orderId,
      accountId: this.accountId,
      clientOrderId: orderId,
      instrumentId: INSTRUMENT_ID,
      side,
      price,
      quantity: BigInt(1 + this.#random.below(500)),
      timeInForce,
      postOnly: false,
      selfTrade: "Allow",
    });
  }

  #side(): "Bid" | "Ask" {
    return this.#random.below(2) === 0 ? "Bid" : "Ask";
  }

  #lastOrderId(): bigint {
    return BigInt(this.accountId) * ORDER_IDS + this.#placed;
  }

  async #keep(answer: Promise<ExchangeReceipt>): Promise<ExchangeReceipt> {
    const at = this.answers.push(undefined) - 1;
    const receipt = await answer;
    this.answers[at] = receipt.digest;
    return receipt;
  }
}
