/**
 * The best quotes of the book: price and summed size at the first price of each side, read from the canonical index.
 *
 * Not responsible for: how they are printed, except for the line of a `--book-out` file.
 */
import type { View } from "statevec";
import { Instrument, Order, type Side } from "./exchange.schema.ts";
import { SYMBOL } from "./feed.ts";

/** Price, and what rests at this price in all. */
export type Quote = readonly [price: bigint, size: bigint];

export interface Quotes {
  readonly bid: Quote | undefined;
  readonly ask: Quote | undefined;
}

export function readQuotes(view: View): Quotes {
  return { bid: bestOf(view, "Bid"), ask: bestOf(view, "Ask") };
}

function bestOf(view: View, side: Side): Quote | undefined {
  const instrument = view.get(Instrument.bySymbol, SYMBOL).sysId;
  const best = view.first(Order.book, [instrument, side]);
  if (best === undefined) return undefined;
  let size = 0n;
  for (const order of view.list(Order.book, [instrument, side, best.price])) size += order.remaining;
  return [best.price, size];
}

/** `ask price,ask size,bid price,bid size`; the fields of an empty side are empty. */
export function quotesLine({ ask, bid }: Quotes): string {
  return `${ask?.[0] ?? ""},${ask?.[1] ?? ""},${bid?.[0] ?? ""},${bid?.[1] ?? ""}\n`;
}
