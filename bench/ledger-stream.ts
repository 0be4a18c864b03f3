/**
 * The payment stream of the benchmark, and what a correct ledger makes of it.
 *
 * Responsible for: generating the stream, the same for everyone; a reference book that says what becomes of each command and
 * what every account has at the end.
 * Not responsible for: any system's commands (ledger-wire.ts, sides/), the rules of the ledger (examples/ledger).
 *
 * One currency with two places, one external account, 50,000 customers that have got 1,000,000.00 each (loaded, not timed). The
 * commands come from 64 senders by turns: position p is the command number p / 64 of sender p % 64. Every
 * choice is one draw from an xorshift32 generator, so the order of the draws is part of the definition:
 * - kind, of a hundred: 72 transfers, 11 holds, 8 captures, 3 releases, 6 mistakes. A capture or release without an open hold of
 *   its sender is a hold instead.
 * - a transfer or hold: from one of the sender's own customers to any other, 0.01 to 100.00. Of captures half take all, a quarter
 *   part and give back the rest, a quarter part and leave the rest held.
 * - mistakes: more than all money there is (half), an account that is not there, a transfer once more, a hold that has ended.
 *
 * I1. What becomes of a command depends on earlier ones of its own sender alone, so senders may overtake each other: only its
 * sender takes from an account, no account can run dry, and a mistake is one whatever others do.
 * I2. A stream with fewer commands is the beginning of one with more.
 */
import { randomSource } from "./stream.ts";
import { SENDERS } from "./traffic.ts";

export const CUSTOMERS = 50_000;
/** Customers are 1 .. CUSTOMERS; money comes from here. */
export const EXTERNAL = CUSTOMERS + 1;
export const CURRENCY = "EUR";
export const PLACES = 2;
/** What each customer starts with, in cents. */
export const FUNDS_CENTS = 100_000_000;
/** When holds expire: the end of the year 2099. */
export const EXPIRES_NS = 4_102_444_800n * 1_000_000_000n;

/** Numbers of the commands in the schema of the ledger. */
export const POST_TRANSFER = 4;
export const PLACE_HOLD = 5;
export const CAPTURE_HOLD = 6;
export const RELEASE_HOLD = 7;

/** Reject codes of the ledger; committed is 0. */
const COMMITTED = 0;
const ALREADY_POSTED = 1;
const UNKNOWN_ACCOUNT = 5;
const HOLD_ENDED = 7;
const INSUFFICIENT_FUNDS = 23;
const OUTCOMES = 25;

/** More than there is. */
const TOO_MUCH_CENTS = 2 * CUSTOMERS * FUNDS_CENTS;
const CENTS_MAX = 10_000;

/** One command a position, column by column. */
export interface LedgerStream {
  readonly length: number;
  readonly kinds: Uint8Array;
  /** Of a transfer or a capture the transfer's id, else the hold's. */
  readonly ids: Uint32Array;
  /** Of a capture. */
  readonly holdIds: Uint32Array;
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  /** 0 of a capture: all that is held. */
  readonly cents: Float64Array;
  /** Of a capture: 1 if the rest goes back. */
  readonly releases: Uint8Array;
  /** What becomes of it: 0 or a reject code. */
  readonly outcomes: Uint8Array;
  /** Balances at the end by account id, in cents. */
  readonly balances: Balances;
}

export interface Balances {
  readonly posted: Float64Array;
  readonly available: Float64Array;
}

/** Balances of all accounts before the first command of the stream. */
export function startBalances(): Balances {
  const funded = new Float64Array(CUSTOMERS + 2).fill(FUNDS_CENTS);
  funded[0] = 0;
  funded[EXTERNAL] = -CUSTOMERS * FUNDS_CENTS;
  return { posted: funded, available: funded.slice() };
}

/** How often each outcome came: committed first, then by reject code. */
export function tallyOf(outcomes: Iterable<number>): number[] {
  const tally = new Array<number>(OUTCOMES).fill(0);
  for (const outcome of outcomes) tally[outcome] = (tally[outcome] ?? 0) + 1;
  return tally;
}

/** @throws {Error} naming the first account that has not what it must have */
export function requireBalances(what: string, found: Balances, expected: Balances): void {
  for (let account = 1; account <= EXTERNAL; account++) {
    for (const name of ["posted", "available"] as const) {
      const [has, must] = [found[name][account], expected[name][account]];
      if (has !== must) throw new Error(`${what}: account ${account} has ${name} ${has}, expected ${must}`);
    }
  }
}

interface OpenHold {
  readonly holdId: number;
  readonly from: number;
  readonly to: number;
  left: number;
}

/** What a sender knows of its own commands. */
interface Sender {
  readonly number: number;
  readonly open: OpenHold[];
  lastTransfer: number;
  lastEnded: number;
}

class Generator {
  readonly stream: LedgerStream;
  readonly #random = randomSource();
  readonly #senders: readonly Sender[];
  #nextId = 1;

  constructor(length: number) {
    this.stream = {
      length,
      kinds: new Uint8Array(length),
      ids: new Uint32Array(length),
      holdIds: new Uint32Array(length),
      from: new Uint32Array(length),
      to: new Uint32Array(length),
      cents: new Float64Array(length),
      releases: new Uint8Array(length),
      outcomes: new Uint8Array(length),
      balances: startBalances(),
    };
    this.#senders = Array.from({ length: SENDERS }, (_, number) => ({
      number,
      open: [],
      lastTransfer: 0,
      lastEnded: 0,
    }));
  }

  make(position: number): void {
    const sender = this.#senders[position % SENDERS]!;
    const draw = this.#random(100);
    if (draw < 72) this.#transfer(position, sender);
    else if (draw < 83) this.#hold(position, sender);
    else if (draw < 91) this.#capture(position, sender);
    else if (draw < 94) this.#release(position, sender);
    else this.#mistake(position, sender);
  }

  /** Two accounts, the first of them the sender's own. */
  #accounts(position: number, { number }: Sender): { from: number; to: number } {
    const own = Math.floor((CUSTOMERS - number - 1) / SENDERS) + 1;
    const from = 1 + number + SENDERS * this.#random(own);
    // A step of 1 .. CUSTOMERS - 1 from there: never the same account.
    const to = 1 + ((from - 1 + 1 + this.#random(CUSTOMERS - 1)) % CUSTOMERS);
    this.stream.from[position] = from;
    this.stream.to[position] = to;
    return { from, to };
  }

  #move(from: number, to: number, cents: number): void {
    const { posted, available } = this.stream.balances;
    posted[from]! -= cents;
    available[from]! -= cents;
    posted[to]! += cents;
    available[to]! += cents;
  }

  #transfer(position: number, sender: Sender): void {
    const { from, to } = this.#accounts(position, sender);
    const cents = 1 + this.#random(CENTS_MAX);
    const id = this.#nextId++;
    this.#move(from, to, cents);
    this.#put(position, POST_TRANSFER, id, cents, COMMITTED);
    sender.lastTransfer = id;
  }

  #hold(position: number, sender: Sender): void {
    const { from, to } = this.#accounts(position, sender);
    const left = 1 + this.#random(CENTS_MAX);
    const holdId = this.#nextId++;
    this.stream.balances.available[from]! -= left;
    this.#put(position, PLACE_HOLD, holdId, left, COMMITTED);
    sender.open.push({ holdId, from, to, left });
  }

  #capture(position: number, sender: Sender): void {
    const at = this.#drawHold(sender);
    if (at < 0) return this.#hold(position, sender);
    const hold = sender.open[at]!;
    const way = this.#random(4);
    const isPart = way >= 2 && hold.left > 1;
    const cents = isPart ? 1 + this.#random(hold.left - 1) : hold.left;
    const isLast = !isPart || way === 2;
    this.stream.balances.available[hold.from]! += isLast ? hold.left : cents;
    this.#move(hold.from, hold.to, cents);
    this.#put(position, CAPTURE_HOLD, this.#nextId++, isPart ? cents : 0, COMMITTED);
    this.stream.holdIds[position] = hold.holdId;
    this.stream.releases[position] = way === 2 ? 1 : 0;
    hold.left -= cents;
    if (isLast) this.#end(sender, at);
  }

  #release(position: number, sender: Sender): void {
    const at = this.#drawHold(sender);
    if (at < 0) return this.#hold(position, sender);
    const { holdId, from, left } = sender.open[at]!;
    this.stream.balances.available[from]! += left;
    this.#put(position, RELEASE_HOLD, holdId, 0, COMMITTED);
    this.#end(sender, at);
  }

  #mistake(position: number, sender: Sender): void {
    const which = this.#random(6);
    if (which === 4 && sender.lastTransfer > 0) {
      this.#accounts(position, sender);
      return this.#put(position, POST_TRANSFER, sender.lastTransfer, 1, ALREADY_POSTED);
    }
    if (which === 5 && sender.lastEnded > 0) {
      return this.#put(position, RELEASE_HOLD, sender.lastEnded, 0, HOLD_ENDED);
    }
    this.#accounts(position, sender);
    const id = this.#nextId++;
    if (which < 3) return this.#put(position, POST_TRANSFER, id, TOO_MUCH_CENTS, INSUFFICIENT_FUNDS);
    this.stream.to[position] = EXTERNAL + 1 + this.#random(CUSTOMERS);
    this.#put(position, POST_TRANSFER, id, 1, UNKNOWN_ACCOUNT);
  }

  #drawHold({ open }: Sender): number {
    return open.length === 0 ? -1 : this.#random(open.length);
  }

  #end(sender: Sender, at: number): void {
    sender.lastEnded = sender.open[at]!.holdId;
    const last = sender.open.pop()!;
    if (at < sender.open.length) sender.open[at] = last;
  }

  #put(position: number, kind: number, id: number, cents: number, outcome: number): void {
    const { kinds, ids, cents: all, outcomes } = this.stream;
    kinds[position] = kind;
    ids[position] = id;
    all[position] = cents;
    outcomes[position] = outcome;
  }
}

/** @param length commands of all senders together */
export function generateLedgerStream(length: number): LedgerStream {
  const generator = new Generator(length);
  for (let position = 0; position < length; position++) generator.make(position);
  return generator.stream;
}
