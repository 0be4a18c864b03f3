/**
 * Days of a payments business made up from a seed, as commands of the ledger.
 *
 * Responsible for: the same commands on every machine (integers and its own random numbers only), and a mix that a ledger
 * meets: money in and out, payments, card holds with captures, releases and expiry, exchanges, settlements at midnight; one
 * command in fifty is a mistake or is sent again.
 * Not responsible for: knowing every balance. It takes a guess from what it sent, so some commands are refused for funds.
 */
import type { Domain, Submission } from "statevec";
import { Random } from "../random.ts";
import type { ledger } from "./ledger.handlers.ts";
import { AMOUNT_SCALE, type Amount, type Rate } from "./ledger.schema.ts";

export type Ledger = typeof ledger extends Domain<infer Parts> ? Parts : never;
/** A command, and the reference time that it is to have. */
export type TimedCommand = Submission<Ledger> & { readonly timeNs: bigint };

interface Money {
  readonly currency: string;
  readonly places: number;
  /** What one is worth, in millionths of a euro. */
  readonly worth: bigint;
  readonly external: bigint;
  readonly position: bigint;
  readonly clearings: readonly bigint[];
}

interface Purse {
  readonly accountId: bigint;
  readonly money: Money;
  /** What it can give, as far as the generator knows. */
  guess: bigint;
}

interface OpenHold {
  readonly holdId: bigint;
  readonly purse: Purse;
  readonly expiresNs: bigint;
  readonly amount: bigint;
}

const SECOND_NS = 1_000_000_000n;
const DAY_NS = 86_400n * SECOND_NS;
/** 2026-03-02, a Monday, at midnight. */
const START_NS = 1_772_409_600n * SECOND_NS;
const EXPIRE_EVERY_NS = 600n * SECOND_NS;
const CUSTOMERS = 200;
const ACCOUNTS_BY_CURRENCY = 1_000n;

const MONIES: readonly Money[] = [
  { currency: "EUR", places: 2, worth: 1_000_000n },
  { currency: "USD", places: 2, worth: 920_000n },
  { currency: "JPY", places: 0, worth: 6_100n },
  { currency: "BTC", places: 8, worth: 58_000_000_000n },
].map((money, at) => {
  const first = BigInt(at + 1) * ACCOUNTS_BY_CURRENCY;
  return { ...money, external: first + 1n, position: first + 2n, clearings: [first + 3n, first + 4n] };
});
/** Every customer has euros; of the others, every so manieth. */
const EVERY = [1, 2, 5, 10];

/** What comes with which weight of a thousand. */
const MIX = [
  ["payIn", 170],
  ["payOut", 60],
  ["pay", 300],
  ["hold", 210],
  ["capture", 160],
  ["release", 20],
  ["exchange", 40],
  ["refund", 20],
  ["mistake", 20],
] as const;

/**
 * @param count commands to make, those that open currencies and accounts included
 * @param seed of the random numbers: the same seed gives the same commands
 */
export function* generateCommands(count: number, seed: number): Generator<TimedCommand, void> {
  const days = new Days(seed);
  let made = 0;
  for (const command of days.run()) {
    if (made++ === count) return;
    yield command;
  }
}

class Days {
  readonly #random: Random;
  readonly #purses: Purse[] = [];
  readonly #holds: OpenHold[] = [];
  #timeNs = START_NS;
  #nextId = 1n;
  /** The transfer that is sent again, now and then. */
  #last: Submission<Ledger> | undefined;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  *run(): Generator<TimedCommand, never> {
    for (const command of this.#opening()) yield { ...command, timeNs: this.#timeNs };
    let day = START_NS;
    let expired = START_NS;
    while (true) {
      this.#timeNs += SECOND_NS * BigInt(1 + this.#random.below(30)) + BigInt(this.#random.below(1_000_000));
      if (this.#timeNs >= day + DAY_NS) {
        for (const money of MONIES) yield { ...this.#settle(money, day), timeNs: this.#timeNs };
        day += DAY_NS;
      }
      if (this.#timeNs >= expired + EXPIRE_EVERY_NS) {
        expired = this.#timeNs;
        yield { name: "ExpireHolds", payload: { atMost: 100 }, timeNs: this.#timeNs };
      }
      yield { ...this.#draw(), timeNs: this.#timeNs };
    }
  }

  *#opening(): Generator<Submission<Ledger>> {
    for (const { currency, places, external, position, clearings } of MONIES) {
      const open = (accountId: bigint, role: "External" | "Position" | "Clearing"): Submission<Ledger> => ({
        name: "OpenAccount",
        payload: { accountId, owner: 0n, currency, role },
      });
      yield { name: "AddCurrency", payload: { currency, places } };
      yield open(external, "External");
      yield open(position, "Position");
      for (const clearing of clearings) yield open(clearing, "Clearing");
    }
    for (let customer = 1; customer <= CUSTOMERS; customer++) {
      for (const [at, money] of MONIES.entries()) {
        if (customer % EVERY[at]! !== 0) continue;
        const owner = BigInt(customer);
        const accountId = BigInt(at + 1) * 1_000_000n + owner;
        const overdraft = customer % 7 === 0 ? this.#amount(money, 200) : null;
        const { currency } = money;
        this.#purses.push({ accountId, money, guess: 0n });
        yield { name: "OpenAccount", payload: { accountId, owner, currency, role: "Customer", overdraft } };
      }
    }
  }

  #draw(): Submission<Ledger> {
    let draw = this.#random.below(1_000);
    for (const [what, weight] of MIX) {
      if (draw < weight) return this.#make(what);
      draw -= weight;
    }
    throw new Error("the mix comes to less than a thousand");
  }

  #make(what: (typeof MIX)[number][0]): Submission<Ledger> {
    const purse = this.#random.pick(this.#purses);
    const { money } = purse;
    switch (what) {
      case "payIn":
        return this.#transfer(money.external, purse, this.#amount(money, 2_000));
      case "payOut":
        return this.#transfer(purse, money.external, this.#part(purse, 2));
      case "pay": {
        const payees = this.#purses.filter((other) => other.money === money && other !== purse);
        return this.#transfer(purse, this.#random.pick(payees), this.#part(purse, 4));
      }
      case "refund":
        return this.#transfer(this.#random.pick(money.clearings), purse, this.#amount(money, 30));
      case "hold":
        return this.#hold(purse);
      case "capture":
        return this.#capture() ?? this.#hold(purse);
      case "release":
        return this.#release() ?? this.#hold(purse);
      case "exchange":
        return this.#exchange(purse);
      case "mistake":
        return this.#mistake(purse);
    }
  }

  // ---- what is sent ------------------------------------------------------------------------------------

  #transfer(from: Purse | bigint, to: Purse | bigint, amount: Amount): Submission<Ledger> {
    const transferId = this.#nextId++;
    if (typeof from !== "bigint") from.guess -= amount;
    if (typeof to !== "bigint") to.guess += amount;
    const [fromId, toId] = [from, to].map((side) => (typeof side === "bigint" ? side : side.accountId));
    this.#last = { name: "PostTransfer", payload: { transferId, from: fromId!, to: toId!, amount } };
    return this.#last;
  }

  #hold(purse: Purse): Submission<Ledger> {
    const holdId = this.#nextId++;
    const amount = this.#part(purse, 5);
    const expiresNs = this.#timeNs + SECOND_NS * BigInt(3_600 + this.#random.below(7_200));
    const to = this.#random.pick(purse.money.clearings);
    purse.guess -= amount;
    this.#holds.push({ holdId, purse, amount, expiresNs });
    return { name: "PlaceHold", payload: { holdId, from: purse.accountId, to, amount, expiresNs } };
  }

  #capture(): Submission<Ledger> | undefined {
    const hold = this.#takeHold();
    if (hold === undefined) return undefined;
    const { holdId, purse } = hold;
    const draw = this.#random.below(10);
    const part = draw < 6 ? null : exact(hold.amount / 2n, purse.money);
    const amount = part === 0n ? null : part;
    const releaseRest = draw < 9;
    const left = amount === null ? 0n : hold.amount - amount;
    if (releaseRest) purse.guess += left;
    else if (left > 0n) this.#holds.push({ ...hold, amount: left });
    return { name: "CaptureHold", payload: { transferId: this.#nextId++, holdId, amount, releaseRest } };
  }

  #release(): Submission<Ledger> | undefined {
    const hold = this.#takeHold();
    if (hold === undefined) return undefined;
    hold.purse.guess += hold.amount;
    return { name: "ReleaseHold", payload: { holdId: hold.holdId } };
  }

  /** One of the holds, mostly one whose time is not over; one in thirty comes too late. */
  #takeHold(): OpenHold | undefined {
    while (this.#holds.length > 0) {
      const [hold] = this.#holds.splice(this.#random.below(this.#holds.length), 1);
      if (hold!.expiresNs > this.#timeNs || this.#random.below(30) === 0) return hold;
      hold!.purse.guess += hold!.amount;
    }
    return undefined;
  }

  #exchange(purse: Purse): Submission<Ledger> {
    const other = this.#random.pick(this.#purses.filter(({ money }) => money !== purse.money));
    const amount = this.#part(purse, 3);
    purse.guess -= amount;
    // A rate moves by up to one in a hundred, to twelve places.
    const rate = ((purse.money.worth * 10n ** 12n) / other.money.worth) as Rate;
    const moved = ((rate * BigInt(9_950 + this.#random.below(101))) / 10_000n) as Rate;
    const [from, to] = [purse.accountId, other.accountId];
    return { name: "Exchange", payload: { transferId: this.#nextId++, from, to, amount, rate: moved } };
  }

  #settle({ currency, external }: Money, startNs: bigint): Submission<Ledger> {
    const day = Number(new Date(Number(startNs / 1_000_000n)).toISOString().slice(0, 10).replaceAll("-", ""));
    return { name: "SettleDay", payload: { transferId: this.#nextId++, currency, day, to: external } };
  }

  #mistake(purse: Purse): Submission<Ledger> {
    const { money, accountId } = purse;
    const transferId = this.#nextId++;
    const to = money.external;
    const payload = { transferId, from: accountId, to, amount: this.#amount(money, 50) };
    switch (this.#random.below(4)) {
      case 0:
        return this.#last ?? { name: "PostTransfer", payload };
      case 1:
        return { name: "PostTransfer", payload: { ...payload, to: 999n } };
      case 2:
        return { name: "PostTransfer", payload: { ...payload, amount: this.#amount(money, 10_000_000) } };
      default:
        return { name: "PostTransfer", payload: { ...payload, amount: (payload.amount + 1n) as Amount } };
    }
  }

  // ---- amounts -----------------------------------------------------------------------------------------

  /** Something above zero, worth up to so many euros. */
  #amount(money: Money, euros: number): Amount {
    const cents = BigInt(1 + this.#random.below(euros * 100));
    return exact((cents * 10_000n * 10n ** BigInt(AMOUNT_SCALE)) / money.worth, money) || unit(money);
  }

  /** Up to a fraction of what a purse can give; something small where it seems to have nothing. */
  #part(purse: Purse, fraction: number): Amount {
    const percent = BigInt(1 + this.#random.below(100));
    const part = exact((purse.guess * percent) / BigInt(100 * fraction), purse.money);
    return part > 0n ? part : this.#amount(purse.money, 20);
  }
}

/** The smallest amount of a currency. */
function unit({ places }: Money): Amount {
  return (10n ** BigInt(AMOUNT_SCALE - places)) as Amount;
}

/** Rounded down to the places of a currency. */
function exact(amount: bigint, money: Money): Amount {
  return (amount - (amount % unit(money))) as Amount;
}
