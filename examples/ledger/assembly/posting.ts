/**
 * How money moves in the ledger, sealed lane: line for line posting.ts of the open lane.
 *
 * Responsible for: the three writes that touch a balance (`book`, `keep`, `giveBack`). Each leaves posted, available, entries and
 * holds in step, and answers no question whether it should.
 * Not responsible for: guards (index.ts).
 */
import { I128, num, Rounding, tx } from "statevec/assembly";
import {
  Account,
  Entry,
  EntryBooked,
  Hold,
  HoldChanged,
  HoldState,
  Purpose,
  Transfer,
} from "../build/ledger.schema";

const AMOUNT_SCALE: i32 = 8;
const RATE_SCALE: i32 = 12;

export function zero(): I128 {
  return I128.from<u64>(0);
}

export function plus(a: I128, b: I128): I128 {
  return num.i128.add(a, b);
}

export function minus(a: I128, b: I128): I128 {
  return num.i128.sub(a, b);
}

/** Whether an amount has no more decimal places than its currency. */
export function isExact(amount: I128, places: i32): bool {
  const units = num.i128.rescale(amount, AMOUNT_SCALE, places);
  return num.i128.rescale(units, places, AMOUNT_SCALE) == amount;
}

/** What an amount is worth at a rate, rounded once, half to even, to the places of the other currency. */
export function converted(amount: I128, rate: I128, places: i32): I128 {
  const divisor = num.i128.rescale(I128.from<u64>(1), 0, RATE_SCALE + AMOUNT_SCALE - places);
  const units = num.i128.mulDiv(amount, rate, divisor, Rounding.HalfEven);
  return num.i128.rescale(units, places, AMOUNT_SCALE);
}

/** What an account with a floor can give. */
export function spendable(account: Account): I128 {
  return minus(account.available, account.floor);
}

export function covers(account: Account, amount: I128): bool {
  return !account.hasFloor || spendable(account) >= amount;
}

export function beginTransfer(transferId: u64, purpose: Purpose): Transfer {
  return Transfer.create({ transferId, purpose, seq: tx.seq });
}

/** Books one entry: above zero the account gets it, below zero it gives it. */
export function book(transfer: Transfer, account: Account, amount: I128): void {
  const posted = plus(account.posted, amount);
  const available = plus(account.available, amount);
  account.posted = posted;
  account.available = available;
  Entry.create({
    transfer: transfer.sysId,
    account: account.sysId,
    currency: account.currency,
    amount,
    balance: posted,
    bookedNs: tx.timeNs,
  });
  EntryBooked.emit({
    transferId: transfer.transferId,
    accountId: account.accountId,
    amount,
    balance: posted,
  });
}

/** Books an amount from one account to another. */
export function move(transfer: Transfer, from: Account, to: Account, amount: I128): void {
  book(transfer, from, minus(zero(), amount));
  book(transfer, to, amount);
}

/** Keeps an amount of an account for a hold that was made over it. */
export function keep(hold: Hold, from: Account): void {
  from.available = minus(from.available, hold.amount);
  HoldChanged.emit({ holdId: hold.holdId, state: hold.state, amount: hold.amount });
}

/** Makes an amount of a hold available to its account again; `captured` of it is about to be booked. */
export function giveBack(hold: Hold, from: Account, state: HoldState, amount: I128, captured: I128): void {
  from.available = plus(from.available, amount);
  hold.state = state;
  hold.amount = minus(hold.amount, amount);
  hold.captured = plus(hold.captured, captured);
  HoldChanged.emit({ holdId: hold.holdId, state, amount: hold.amount });
}
