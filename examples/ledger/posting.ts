/**
 * How money moves in the ledger: entries, what is held, what may be spent, amounts of a currency.
 *
 * Responsible for: the three writes that touch a balance (`book`, `keep`, `giveBack`). Each leaves posted, available, entries and
 * holds in step, and answers no question whether it should.
 * Not responsible for: guards (ledger.handlers.ts).
 */
import { num, type Tx } from "statevec";
import {
  type Account,
  AMOUNT_SCALE,
  type Amount,
  Entry,
  EntryBooked,
  type Hold,
  HoldChanged,
  type HoldState,
  type Purpose,
  RATE_SCALE,
  type Rate,
  Transfer,
} from "./ledger.schema.ts";

export const ZERO = 0n as Amount;

export function plus(a: Amount, b: Amount): Amount {
  return num.i128.add(a, b) as Amount;
}

export function minus(a: Amount, b: Amount): Amount {
  return num.i128.sub(a, b) as Amount;
}

/** Whether an amount has no more decimal places than its currency. */
export function isExact(amount: Amount, places: number): boolean {
  const units = num.i128.rescale(amount, AMOUNT_SCALE, places);
  return num.i128.rescale(units, places, AMOUNT_SCALE) === amount;
}

/** What an amount is worth at a rate, rounded once, half to even, to the places of the other currency. */
export function converted(amount: Amount, rate: Rate, places: number): Amount {
  const divisor = num.i128.rescale(1n, 0, RATE_SCALE + AMOUNT_SCALE - places);
  const units = num.i128.mulDiv(amount, rate, divisor, "halfEven");
  return num.i128.rescale(units, places, AMOUNT_SCALE) as Amount;
}

/** What an account with a floor can give. */
export function spendable(account: Account): Amount {
  return minus(account.available, account.floor ?? ZERO);
}

export function covers(account: Account, amount: Amount): boolean {
  return account.floor === null || spendable(account) >= amount;
}

export function beginTransfer(tx: Tx, transferId: bigint, purpose: Purpose): Transfer {
  return tx.create(Transfer, { transferId, purpose, seq: tx.seq });
}

/** Books one entry: above zero the account gets it, below zero it gives it. */
export function book(tx: Tx, transfer: Transfer, account: Account, amount: Amount): void {
  const posted = plus(account.posted, amount);
  const available = plus(account.available, amount);
  tx.update(account, { posted, available });
  tx.create(Entry, {
    transfer: transfer.sysId,
    account: account.sysId,
    currency: account.currency,
    amount,
    balance: posted,
    bookedNs: tx.timeNs,
  });
  tx.emit(EntryBooked, {
    transferId: transfer.transferId,
    accountId: account.accountId,
    amount,
    balance: posted,
  });
}

/** Books an amount from one account to another. */
export function move(tx: Tx, transfer: Transfer, from: Account, to: Account, amount: Amount): void {
  book(tx, transfer, from, minus(ZERO, amount));
  book(tx, transfer, to, amount);
}

/** Keeps an amount of an account for a hold that was made over it. */
export function keep(tx: Tx, hold: Hold, from: Account): void {
  tx.update(from, { available: minus(from.available, hold.amount) });
  tx.emit(HoldChanged, { holdId: hold.holdId, state: hold.state, amount: hold.amount });
}

/** Makes an amount of a hold available to its account again; `captured` of it is about to be booked. */
export function giveBack(
  tx: Tx,
  hold: Hold,
  from: Account,
  state: HoldState,
  amount: Amount,
  captured: Amount,
): void {
  tx.update(from, { available: plus(from.available, amount) });
  tx.update(hold, { state, amount: minus(hold.amount, amount), captured: plus(hold.captured, captured) });
  tx.emit(HoldChanged, { holdId: hold.holdId, state, amount: hold.amount });
}
