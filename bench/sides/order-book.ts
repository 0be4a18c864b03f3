/**
 * The peer in memory: nodejs-order-book. It matches; it keeps no frames, no history and no client order ids.
 */
import {
  generateStream,
  KIND_CANCEL,
  KIND_IMMEDIATE,
  KIND_LIMIT,
  type OrderStream,
  SEED_ORDERS,
  SIDE_SELL,
} from "../stream.ts";
import { loadPeer } from "./peer-packages.ts";
import { perSecond, requireSame, type Side, type SideOptions } from "./side.ts";

interface Answer {
  readonly done: readonly { readonly id: string }[];
  readonly partial: { readonly id: string } | null;
  readonly err: Error | null;
}

interface LimitOrder {
  readonly id: string;
  readonly side: "buy" | "sell";
  readonly size: number;
  readonly price: number;
  readonly timeInForce?: "IOC";
}

interface OrderBook {
  limit(order: LimitOrder): Answer;
  cancel(id: string): { readonly err?: Error | null } | undefined;
  modify(id: string, change: { readonly size: number }): { readonly err?: Error | null };
  readonly orders: Readonly<Record<string, unknown>>;
}

interface OrderBookPackage {
  readonly OrderBook: new () => OrderBook;
}

class OrderBooks {
  trades = 0;
  private readonly stream: OrderStream;
  private readonly books: readonly OrderBook[];

  constructor(stream: OrderStream) {
    const { OrderBook } = loadPeer<OrderBookPackage>("nodejs-order-book");
    this.stream = stream;
    this.books = Array.from({ length: stream.instruments }, () => new OrderBook());
  }

  send(from: number, to: number): void {
    for (let position = from; position < to; position++) this.sendOne(position);
  }

  get live(): number {
    return this.books.reduce((sum, book) => sum + Object.keys(book.orders).length, 0);
  }

  private sendOne(position: number): void {
    const { stream } = this;
    const book = this.books[stream.instrument[position]!]!;
    const kind = stream.kinds[position]!;
    const id = `o${stream.orderIds[position]}`;
    const size = stream.quantities[position]!;
    if (kind === KIND_LIMIT || kind === KIND_IMMEDIATE) {
      const side = stream.sides[position] === SIDE_SELL ? "sell" : "buy";
      const order = { id, side, size, price: stream.prices[position]! } as const;
      this.count(id, book.limit(kind === KIND_LIMIT ? order : { ...order, timeInForce: "IOC" }));
      return;
    }
    const answer = kind === KIND_CANCEL ? book.cancel(id) : book.modify(id, { size });
    if (answer?.err) throw answer.err;
  }

  /** Trades are the makers that are done, and one that is left with a part. */
  private count(id: string, { done, partial, err }: Answer): void {
    if (err !== null) throw err;
    for (const order of done) if (order.id !== id) this.trades++;
    if (partial !== null && partial.id !== id) this.trades++;
  }
}

export async function startOrderBook({ instruments, turns, perTurn }: SideOptions): Promise<Side> {
  const stream = generateStream(instruments, turns * perTurn);
  const books = new OrderBooks(stream);
  books.send(0, SEED_ORDERS);
  return {
    turn(turn) {
      const from = SEED_ORDERS + turn * perTurn;
      const start = performance.now();
      books.send(from, from + perTurn);
      return { perSecond: perSecond(perTurn, performance.now() - start) };
    },
    finish() {
      const { trades, live } = stream.expected;
      requireSame("nodejs-order-book", { trades: books.trades, live: books.live }, { trades, live });
      return {};
    },
  };
}
