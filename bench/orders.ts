/**
 * Single orders of the exchange, for what is measured without the stream.
 *
 * Responsible for: orders that rest around a middle price that stands still, and orders at that price.
 * Not responsible for: the stream (stream.ts), when they are sent (the sides).
 */
import type { ExchangeCommand } from "./commands.ts";
import { ACCOUNTS } from "./stream.ts";

/** Resting orders stand on both sides of it, never at it. */
export const MIDDLE = 10_000;
const TICKS = 5_000;
export const QUANTITY_MAX = 100;

/** What differs from order to order. */
export interface Order {
  /** Order id and client order id; it chooses the account. */
  readonly number: number;
  readonly instrumentId: number;
  readonly side: "Bid" | "Ask";
  readonly price: number;
  readonly quantity: number;
  readonly timeInForce: "Gtc" | "Ioc";
}

export function placeOrder(order: Order): ExchangeCommand {
  const { number, instrumentId, side, price, quantity, timeInForce } = order;
  return {
    name: "PlaceOrder",
    payload: {
      orderId: BigInt(number),
      accountId: number % ACCOUNTS,
      clientOrderId: BigInt(number),
      instrumentId,
      side,
      price: BigInt(price),
      quantity: BigInt(quantity),
      timeInForce,
      postOnly: false,
      selfTrade: "Allow",
    },
  };
}

/** An order that rests: buys below the middle, sells above it, in no order. */
export function restingOrder(
  number: number,
  instruments: number,
  random: (bound: number) => number,
): ExchangeCommand {
  const isBuy = random(2) === 0;
  const ticks = 1 + random(TICKS);
  const instrumentId = random(instruments);
  return placeOrder({
    number,
    instrumentId,
    side: isBuy ? "Bid" : "Ask",
    price: isBuy ? MIDDLE - ticks : MIDDLE + ticks,
    quantity: 1 + random(QUANTITY_MAX),
    timeInForce: "Gtc",
  });
}
