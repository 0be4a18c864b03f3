/**
 * The sealed executor with a fixed number of resting orders: what a command costs when nothing but their number differs.
 *
 * Responsible for: a mix of commands that is the same for each number and keeps it. Of ten commands, four times a random
 * resting order is cancelled and one is placed in its stead, anywhere off the middle price; then one is placed at the middle
 * price, and an immediate-or-cancel order of the other side takes it.
 *
 * I1. After each ten commands as many orders rest as at the start, and none of them at the middle price.
 */
import type { CommandBatch } from "statevec/node";
import { BatchMarket } from "../batch-market.ts";
import { type Exchange, type ExchangeCommand, marketCommands, sourceOf } from "../commands.ts";
import { MIDDLE, placeOrder, QUANTITY_MAX, restingOrder } from "../orders.ts";
import { randomSource } from "../stream.ts";
import { requireSame, type Side, type SideOptions } from "./side.ts";

/** Commands of one batch. */
const AT_ONCE = 1_000;
const EXCHANGES_A_ROUND = 4;
/** Commands before the first turn, so that it begins with optimised code whatever the number of orders. */
const WARM_UP = 50_000;

class SteadyCommands {
  /** How many orders rested so far, if only until the next command. */
  rested = 0;
  /** The order at each place; an order that is cancelled leaves its place to another one. */
  private readonly resting: Uint32Array;
  private readonly random = randomSource();
  private lastOrder = 0;
  private sent = marketCommands(1).length;

  constructor(orders: number) {
    this.resting = new Uint32Array(orders);
  }

  /** Commands that place the orders of places `from` to `to`. */
  seed(from: number, to: number): ExchangeCommand[] {
    return Array.from({ length: to - from }, (_, at) => this.placeAt(from + at));
  }

  /** So many commands, a multiple of ten. */
  rounds(count: number): ExchangeCommand[] {
    const commands: ExchangeCommand[] = [];
    while (commands.length < count) this.addRound(commands);
    return commands;
  }

  private addRound(commands: ExchangeCommand[]): void {
    for (let exchanged = 0; exchanged < EXCHANGES_A_ROUND; exchanged++) {
      const place = this.random(this.resting.length);
      const payload = { orderId: BigInt(this.resting[place]!) };
      commands.push(this.withSource({ name: "CancelOrder", payload }), this.placeAt(place));
    }
    const isBuy = this.random(2) === 0;
    const quantity = 1 + this.random(QUANTITY_MAX);
    this.rested++;
    commands.push(this.atMiddle(isBuy, quantity, "Gtc"), this.atMiddle(!isBuy, quantity, "Ioc"));
  }

  private placeAt(place: number): ExchangeCommand {
    this.resting[place] = ++this.lastOrder;
    this.rested++;
    return this.withSource(restingOrder(this.lastOrder, 1, this.random));
  }

  private atMiddle(isBuy: boolean, quantity: number, timeInForce: "Gtc" | "Ioc"): ExchangeCommand {
    const number = ++this.lastOrder;
    const side = isBuy ? "Bid" : "Ask";
    return this.withSource(
      placeOrder({ number, instrumentId: 0, side, price: MIDDLE, quantity, timeInForce }),
    );
  }

  private withSource(command: ExchangeCommand): ExchangeCommand {
    return { ...command, source: sourceOf(++this.sent) };
  }
}

/** Milliseconds that so many commands take; they are encoded before the clock runs. */
function runSteady(market: BatchMarket, commands: SteadyCommands, count: number): number {
  const batches: CommandBatch<Exchange>[] = [];
  for (let made = 0; made < count; made += AT_ONCE) batches.push(market.batchOf(commands.rounds(AT_ONCE)));
  const start = performance.now();
  for (const batch of batches) market.run(batch);
  return performance.now() - start;
}

/** @throws {Error} commands of a turn are no whole batches */
export async function startGrowth({ perTurn, entries }: SideOptions): Promise<Side> {
  const orders = entries[0]!;
  requireSame("commands of a turn", { over: perTurn % AT_ONCE }, { over: 0 });
  const market = await BatchMarket.open(1);
  const before = market.created;
  const commands = new SteadyCommands(orders);
  for (let from = 0; from < orders; from += AT_ONCE)
    market.run(market.batchOf(commands.seed(from, Math.min(from + AT_ONCE, orders))));
  runSteady(market, commands, WARM_UP);
  return {
    turn: () => ({ microseconds: (runSteady(market, commands, perTurn) * 1000) / perTurn }),
    finish() {
      const found = { resting: market.resting, created: market.created - before };
      requireSame("orders", found, { resting: orders, created: commands.rested });
      return {};
    },
  };
}
