/**
 * An order flow made up from a seed, as text in the LOBSTER message format.
 *
 * Responsible for: the same bytes on every machine (integers only, own random numbers), and a flow that a price-time
 * engine can follow: executions name the order that is first in the book, reductions and deletions name live orders.
 * One cancellation in 256 names an order that never was, so that a run shows rejects too.
 * Not responsible for: looking like any real market.
 */
import { Random } from "../random.ts";

/** 9:30 in the morning. */
const OPENING_NS = 34_200_000_000_000n;
const MIDDLE_PRICE = 1_000_000;
const TICK = 100;
/** Ticks on each side within which orders are placed. */
const DEPTH = 200;
/** The mix leans towards additions below this many live orders, away from them above. */
const LIVE_ORDERS = 4_000;

interface LiveOrder {
  readonly id: number;
  readonly level: Level;
  remaining: number;
  /** Position in the list of live orders. */
  at: number;
}

/** Orders of one price, oldest first; those that are done stay in the list with nothing remaining. */
interface Level {
  readonly price: number;
  readonly direction: 1 | -1;
  readonly orders: LiveOrder[];
  first: number;
}

/** The book as far as the generator needs it: which orders live, and who is first on each side. */
class Book {
  readonly live: LiveOrder[] = [];
  readonly #levels = { bids: levels(-1), asks: levels(1) };

  add(id: number, direction: 1 | -1, distance: number, size: number): LiveOrder {
    const side = direction === 1 ? this.#levels.bids : this.#levels.asks;
    const level = side[distance]!;
    const order = { id, level, remaining: size, at: this.live.length };
    level.orders.push(order);
    this.live.push(order);
    return order;
  }

  /** Takes away from an order; one with nothing remaining is gone. */
  take(order: LiveOrder, size: number): void {
    order.remaining -= size;
    if (order.remaining > 0) return;
    const last = this.live.pop()!;
    if (last === order) return;
    this.live[order.at] = last;
    last.at = order.at;
  }

  /** The order that is first on a side: best price, then oldest. */
  front(direction: 1 | -1): LiveOrder | undefined {
    for (const level of direction === 1 ? this.#levels.bids : this.#levels.asks) {
      while (level.first < level.orders.length && level.orders[level.first]!.remaining === 0) level.first++;
      if (level.first < level.orders.length) return level.orders[level.first];
      level.orders.length = 0;
      level.first = 0;
    }
    return undefined;
  }
}

/** The price levels of a side, best first. */
function levels(sign: 1 | -1): Level[] {
  return Array.from({ length: DEPTH }, (_, distance) => ({
    price: MIDDLE_PRICE + sign * (distance + 1) * TICK,
    direction: sign === -1 ? 1 : -1,
    orders: [],
    first: 0,
  }));
}

function formatTime(timeNs: bigint): string {
  const seconds = timeNs / 1_000_000_000n;
  return `${seconds}.${(timeNs % 1_000_000_000n).toString().padStart(9, "0")}`;
}

/**
 * @param count messages to make
 * @param seed of the random numbers: the same seed gives the same text
 * @returns lines in the LOBSTER message format, each ended by LF
 */
export function generateLobster(count: number, seed: number): string {
  const random = new Random(seed);
  const book = new Book();
  const lines: string[] = [];
  let timeNs = OPENING_NS;
  let nextId = 1;

  function add(): string {
    const direction = random.below(2) === 0 ? 1 : -1;
    // The smaller of two draws: most orders are placed near the best price.
    const distance = Math.min(random.below(DEPTH), random.below(DEPTH));
    const order = book.add(nextId++, direction, distance, 1 + random.below(500));
    return `1,${order.id},${order.remaining},${order.level.price},${direction}`;
  }

  function reduceOrDelete(isDelete: boolean): string {
    if (random.below(256) === 0) return `3,${9_000_000_000 + nextId},1,${MIDDLE_PRICE},1`;
    const order = book.live[random.below(book.live.length)]!;
    const isWhole = isDelete || order.remaining === 1;
    const size = isWhole ? order.remaining : 1 + random.below(order.remaining - 1);
    const { price, direction } = order.level;
    book.take(order, size);
    return `${isWhole ? 3 : 2},${order.id},${size},${price},${direction}`;
  }

  function execute(): string {
    const order = book.front(random.below(2) === 0 ? 1 : -1);
    if (order === undefined) return add();
    const size = random.below(2) === 0 ? order.remaining : 1 + random.below(order.remaining);
    book.take(order, size);
    return `4,${order.id},${size},${order.level.price},${order.level.direction}`;
  }

  for (let line = 0; line < count; line++) {
    timeNs += BigInt(1 + random.below(200_000));
    const draw = random.below(1_000);
    const adds = book.live.length < LIVE_ORDERS ? 600 : 420;
    let message: string;
    if (draw < 3) message = `5,0,${1 + random.below(100)},${MIDDLE_PRICE},1`;
    else if (draw === 3) message = "7,0,0,-1,-1";
    else if (draw < adds || book.live.length < 10) message = add();
    else if (draw < adds + 60) message = reduceOrDelete(false);
    else if (draw < 860) message = reduceOrDelete(true);
    else message = execute();
    lines.push(`${formatTime(timeNs)},${message}\n`);
  }
  return lines.join("");
}
