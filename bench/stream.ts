/**
 * The order stream of the benchmark, and what a correct exchange makes of it.
 *
 * Responsible for: generating the stream, the same for everyone; a flat-array reference book that says how many trades,
 * which trades and how many resting orders the right answer has.
 * Not responsible for: any system's commands (commands.ts).
 *
 * The stream is 100,000 passive orders (loaded, not timed), then mixed commands. Every choice is one draw from an xorshift32
 * generator, so the order of the draws is part of the definition:
 * - instrument: uniform. The kind of a mixed command: 60 % limit orders, 30 % cancels, 5 % quantity replaces, 5 %
 *   immediate-or-cancel orders.
 * - an order: side, account of 10,000, quantity 1..100. Aggressive ones (every immediate-or-cancel; of limit orders 30 % while
 *   100,000 or more rest, else 12 %) go 20 ticks through the middle price; passive ones stand 1 + floor(1000 u^2) ticks away.
 * - cancels and replaces take a uniform random live order. A replace changes the quantity and loses priority.
 * - after each mixed command the middle price of its instrument moves by a tick, one time in 16 each way.
 *
 * I1. A stream with fewer commands is the beginning of one with more.
 */

export const SEED_ORDERS = 100_000;
export const MIXED_COMMANDS = 1_000_000;
export const ACCOUNTS = 10_000;

export const KIND_LIMIT = 0;
export const KIND_CANCEL = 1;
export const KIND_REPLACE = 2;
export const KIND_IMMEDIATE = 3;
export const SIDE_BUY = 0;
export const SIDE_SELL = 1;

const RANDOM_START = 0x9e3779b9;
const MIDDLE_START = 10_000;
const MIDDLE_MIN = 4_000;
const MIDDLE_MAX = 16_000;
/** Prices are 1 .. PRICES - 1. */
const PRICES = 20_001;
const THROUGH_TICKS = 20;
const CROWDED = 100_000;

/** What the right answer to a stream is. The digest folds every trade in order, so it fixes price-time priority. */
export interface Expected {
  readonly trades: number;
  readonly volume: number;
  readonly live: number;
  readonly digest: number;
}

/** One command a position, column by column. */
export interface OrderStream {
  readonly instruments: number;
  readonly length: number;
  readonly kinds: Uint8Array;
  readonly sides: Uint8Array;
  readonly instrument: Uint16Array;
  readonly accounts: Uint32Array;
  /** Rising from 1 over limit and immediate orders; of cancels and replaces the order they are about. */
  readonly orderIds: Uint32Array;
  /** Of a replace: the price that the order has and keeps. */
  readonly prices: Uint32Array;
  readonly quantities: Uint32Array;
  /** Rising from 1 for each account. */
  readonly clientOrderIds: Uint32Array;
  readonly expected: Expected;
}

export const DIGEST_START = 0x811c9dc5;
const DIGEST_PRIME = 16_777_619;

/** Folds one trade into a digest; start with DIGEST_START, end with `>>> 0`. */
export function foldTrade(
  digest: number,
  maker: number,
  taker: number,
  price: number,
  quantity: number,
): number {
  let folded = Math.imul(digest ^ maker, DIGEST_PRIME);
  folded = Math.imul(folded ^ taker, DIGEST_PRIME);
  folded = Math.imul(folded ^ price, DIGEST_PRIME);
  return Math.imul(folded ^ quantity, DIGEST_PRIME);
}

/** Price-time priority the obvious way: a list of orders for each instrument, side and price. */
class ReferenceBook {
  trades = 0;
  volume = 0;
  live = 0;
  digest = DIGEST_START | 0;
  readonly instrument: Uint16Array;
  readonly price: Uint32Array;
  private readonly first: Int32Array;
  private readonly last: Int32Array;
  private readonly best: readonly [Int32Array, Int32Array];
  private readonly next: Int32Array;
  private readonly previous: Int32Array;
  private readonly quantity: Int32Array;
  private readonly side: Uint8Array;
  private readonly onDone: (orderId: number) => void;

  constructor(instruments: number, orderIds: number, onDone: (orderId: number) => void) {
    const levels = instruments * 2 * PRICES;
    this.first = new Int32Array(levels);
    this.last = new Int32Array(levels);
    this.best = [new Int32Array(instruments), new Int32Array(instruments).fill(PRICES)];
    this.next = new Int32Array(orderIds);
    this.previous = new Int32Array(orderIds);
    this.quantity = new Int32Array(orderIds);
    this.price = new Uint32Array(orderIds);
    this.side = new Uint8Array(orderIds);
    this.instrument = new Uint16Array(orderIds);
    this.onDone = onDone;
  }

  /** Matches, and lets the rest stand unless it is immediate-or-cancel; whether something rests. */
  place(
    orderId: number,
    instrument: number,
    side: number,
    price: number,
    quantity: number,
    rests: boolean,
  ): boolean {
    let left = quantity;
    while (left > 0) {
      const best = this.bestPrice(instrument, 1 - side);
      if (best < 0 || (side === SIDE_BUY ? best > price : best < price)) break;
      const maker = this.first[level(instrument, 1 - side, best)]!;
      const traded = Math.min(left, this.quantity[maker]!);
      left -= traded;
      this.trades++;
      this.volume += traded;
      this.digest = foldTrade(this.digest, maker, orderId, best, traded);
      if (this.quantity[maker] === traded) {
        this.cancel(maker);
        this.onDone(maker);
      } else this.quantity[maker]! -= traded;
    }
    if (left === 0 || !rests) return false;
    this.instrument[orderId] = instrument;
    this.side[orderId] = side;
    this.price[orderId] = price;
    this.rest(orderId, left);
    return true;
  }

  /** Takes a live order out. */
  cancel(orderId: number): void {
    const at = level(this.instrument[orderId]!, this.side[orderId]!, this.price[orderId]!);
    const next = this.next[orderId]!;
    const previous = this.previous[orderId]!;
    if (previous === 0) this.first[at] = next;
    else this.next[previous] = next;
    if (next === 0) this.last[at] = previous;
    else this.previous[next] = previous;
    this.live--;
  }

  /** Gives a live order another quantity and the last place at its price. */
  replace(orderId: number, quantity: number): void {
    this.cancel(orderId);
    this.rest(orderId, quantity);
  }

  private rest(orderId: number, quantity: number): void {
    const instrument = this.instrument[orderId]!;
    const side = this.side[orderId]!;
    const price = this.price[orderId]!;
    const at = level(instrument, side, price);
    const previous = this.last[at]!;
    this.quantity[orderId] = quantity;
    this.previous[orderId] = previous;
    this.next[orderId] = 0;
    if (previous === 0) this.first[at] = orderId;
    else this.next[previous] = orderId;
    this.last[at] = orderId;
    const best = this.best[side]!;
    const isBetter = side === SIDE_BUY ? price > best[instrument]! : price < best[instrument]!;
    if (isBetter) best[instrument] = price;
    this.live++;
  }

  /** The best price at which something rests, or -1. Levels that became empty are skipped when they are met. */
  private bestPrice(instrument: number, side: number): number {
    const best = this.best[side]!;
    const away = side === SIDE_BUY ? -1 : 1;
    const end = side === SIDE_BUY ? 0 : PRICES;
    let price = best[instrument]!;
    while (price !== end && this.first[level(instrument, side, price)] === 0) price += away;
    best[instrument] = price;
    return price === end ? -1 : price;
  }
}

function level(instrument: number, side: number, price: number): number {
  return (instrument * 2 + side) * PRICES + price;
}

/** Draws whole numbers below a bound (xorshift32, Marsaglia 2003). */
export function randomSource(): (bound: number) => number {
  let state = RANDOM_START | 0;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

/** The live orders, so that a random one can be taken. */
class LiveOrders {
  count = 0;
  private readonly orderIds: Int32Array;
  private readonly positions: Int32Array;

  constructor(orderIds: number) {
    this.orderIds = new Int32Array(orderIds);
    this.positions = new Int32Array(orderIds);
  }

  at(position: number): number {
    return this.orderIds[position]!;
  }

  add(orderId: number): void {
    this.positions[orderId] = this.count;
    this.orderIds[this.count++] = orderId;
  }

  remove(orderId: number): void {
    const position = this.positions[orderId]!;
    const last = this.orderIds[--this.count]!;
    this.orderIds[position] = last;
    this.positions[last] = position;
  }
}

/**
 * Generates a stream and its right answer.
 *
 * @param instruments 1 or 100
 * @param mixedCommands how many follow the seed orders; the stream proper has MIXED_COMMANDS
 */
export function generateStream(instruments: number, mixedCommands: number = MIXED_COMMANDS): OrderStream {
  const length = SEED_ORDERS + mixedCommands;
  const stream = {
    instruments,
    length,
    kinds: new Uint8Array(length),
    sides: new Uint8Array(length),
    instrument: new Uint16Array(length),
    accounts: new Uint32Array(length),
    orderIds: new Uint32Array(length),
    prices: new Uint32Array(length),
    quantities: new Uint32Array(length),
    clientOrderIds: new Uint32Array(length),
  };
  const random = randomSource();
  const live = new LiveOrders(length + 2);
  const book = new ReferenceBook(instruments, length + 2, (orderId) => live.remove(orderId));
  const middles = new Int32Array(instruments).fill(MIDDLE_START);
  const clientOrders = new Uint32Array(ACCOUNTS);
  let orders = 0;

  const addOrder = (position: number, instrument: number, kind: number): void => {
    const isSeed = position < SEED_ORDERS;
    const orderId = ++orders;
    const side = random(2);
    const account = random(ACCOUNTS);
    const quantity = 1 + random(100);
    const isAggressive =
      kind === KIND_IMMEDIATE || (!isSeed && random(100) < (live.count >= CROWDED ? 30 : 12));
    const uniform = isAggressive ? 0 : random(1 << 20) / (1 << 20);
    const ticks = isAggressive ? -THROUGH_TICKS : 1 + Math.floor(1000 * uniform * uniform);
    const price = middles[instrument]! + (side === SIDE_BUY ? -ticks : ticks);
    const rests = book.place(orderId, instrument, side, price, quantity, kind === KIND_LIMIT);
    if (rests) live.add(orderId);
    stream.sides[position] = side;
    stream.instrument[position] = instrument;
    stream.accounts[position] = account;
    stream.orderIds[position] = orderId;
    stream.prices[position] = price;
    stream.quantities[position] = quantity;
    stream.clientOrderIds[position] = ++clientOrders[account]!;
  };

  const changeOrder = (position: number, kind: number): void => {
    const orderId = live.at(random(live.count));
    stream.orderIds[position] = orderId;
    stream.instrument[position] = book.instrument[orderId]!;
    if (kind === KIND_CANCEL) {
      book.cancel(orderId);
      live.remove(orderId);
      return;
    }
    const quantity = 1 + random(100);
    book.replace(orderId, quantity);
    stream.prices[position] = book.price[orderId]!;
    stream.quantities[position] = quantity;
  };

  const moveMiddle = (instrument: number): void => {
    const move = random(16);
    if (move === 0 && middles[instrument]! > MIDDLE_MIN) middles[instrument]!--;
    else if (move === 1 && middles[instrument]! < MIDDLE_MAX) middles[instrument]!++;
  };

  for (let position = 0; position < length; position++) {
    const instrument = random(instruments);
    const kind = position < SEED_ORDERS ? KIND_LIMIT : kindOf(random(100));
    stream.kinds[position] = kind;
    if (kind === KIND_LIMIT || kind === KIND_IMMEDIATE) addOrder(position, instrument, kind);
    else changeOrder(position, kind);
    if (position >= SEED_ORDERS) moveMiddle(instrument);
  }
  const { trades, volume, digest } = book;
  return { ...stream, expected: { trades, volume, live: book.live, digest: digest >>> 0 } };
}

function kindOf(draw: number): number {
  if (draw < 60) return KIND_LIMIT;
  if (draw < 90) return KIND_CANCEL;
  return draw < 95 ? KIND_REPLACE : KIND_IMMEDIATE;
}
