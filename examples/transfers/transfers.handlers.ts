/**
 * Transfers, open lane: what each command does. A handler is a column of guards in the order of the reject codes, then the
 * writes.
 */
import { defineDomain, num, type Tx } from "statevec";
import type { Decimal } from "statevec/schema";
import {
  Account,
  type CaptureHold,
  type ChargeFee,
  Hold,
  HoldEnded,
  HoldPlaced,
  Moved,
  type OpenAccount,
  type PlaceHold,
  Reject,
  type ReleaseExpired,
  type ReleaseHold,
  type ReleaseReason,
  schema,
  type Transfer,
} from "./transfers.schema.ts";

type Amount = Decimal<4>;
const ZERO = 0n as Amount;

export const transfers = defineDomain(schema, {
  revision: 1,
  handlers: {
    OpenAccount: openAccount,
    Transfer: transfer,
    PlaceHold: placeHold,
    CaptureHold: captureHold,
    ReleaseHold: releaseHold,
    ReleaseExpired: releaseExpired,
    ChargeFee: chargeFee,
  },
});

function openAccount(tx: Tx, { accountId, currency, mayOverdraw }: OpenAccount): void {
  tx.create(Account, { accountId, currency, mayOverdraw, balance: ZERO });
}

function transfer(tx: Tx, cmd: Transfer): void {
  const from = tx.find(Account.byAccountId, cmd.from);
  if (!from) return tx.reject(Reject.UNKNOWN_ACCOUNT, { accountId: cmd.from });
  const to = tx.find(Account.byAccountId, cmd.to);
  if (!to) return tx.reject(Reject.UNKNOWN_ACCOUNT, { accountId: cmd.to });
  if (cmd.amount <= 0n) return tx.reject(Reject.BAD_AMOUNT);
  if (from.sysId === to.sysId) return tx.reject(Reject.SAME_ACCOUNT);
  if (from.currency !== to.currency) return tx.reject(Reject.OTHER_CURRENCY);
  if (!covers(from, cmd.amount)) return tx.reject(Reject.INSUFFICIENT_FUNDS, { balance: from.balance });
  move(tx, from, to, cmd.amount);
}

function placeHold(tx: Tx, cmd: PlaceHold): void {
  const account = tx.find(Account.byAccountId, cmd.accountId);
  if (!account) return tx.reject(Reject.UNKNOWN_ACCOUNT, { accountId: cmd.accountId });
  if (cmd.amount <= 0n) return tx.reject(Reject.BAD_AMOUNT);
  if (!covers(account, cmd.amount)) return tx.reject(Reject.INSUFFICIENT_FUNDS, { balance: account.balance });
  if (cmd.expiresNs <= tx.timeNs) return tx.reject(Reject.EXPIRED);
  tx.update(account, { balance: minus(account.balance, cmd.amount) });
  tx.create(Hold, {
    holdId: cmd.holdId,
    account: account.sysId,
    currency: account.currency,
    amount: cmd.amount,
    expiresNs: cmd.expiresNs,
    memo: cmd.memo,
  });
  tx.emit(HoldPlaced, { holdId: cmd.holdId, amount: cmd.amount });
}

function captureHold(tx: Tx, cmd: CaptureHold): void {
  const to = tx.find(Account.byAccountId, cmd.to);
  if (!to) return tx.reject(Reject.UNKNOWN_ACCOUNT, { accountId: cmd.to });
  const hold = tx.find(Hold.byHoldId, cmd.holdId);
  if (!hold) return tx.reject(Reject.UNKNOWN_HOLD, { holdId: cmd.holdId });
  const amount = cmd.amount === null ? hold.amount : cmd.amount;
  if (amount <= 0n) return tx.reject(Reject.BAD_AMOUNT);
  if (to.currency !== hold.currency) return tx.reject(Reject.OTHER_CURRENCY);
  if (amount > hold.amount) return tx.reject(Reject.ABOVE_HOLD, { held: hold.amount });
  tx.update(to, { balance: plus(to.balance, amount) });
  end(tx, hold, "Captured", amount);
}

function releaseHold(tx: Tx, { holdId }: ReleaseHold): void {
  const hold = tx.find(Hold.byHoldId, holdId);
  if (!hold) return tx.reject(Reject.UNKNOWN_HOLD, { holdId });
  end(tx, hold, "Released", ZERO);
}

function releaseExpired(tx: Tx, { atMost }: ReleaseExpired): void {
  for (const hold of tx.list(Hold.expiring, [], { to: tx.timeNs, limit: atMost })) {
    end(tx, hold, "Expired", ZERO);
  }
}

function chargeFee(tx: Tx, cmd: ChargeFee): void {
  const from = tx.find(Account.byAccountId, cmd.from);
  if (!from) return tx.reject(Reject.UNKNOWN_ACCOUNT, { accountId: cmd.from });
  const to = tx.find(Account.byAccountId, cmd.to);
  if (!to) return tx.reject(Reject.UNKNOWN_ACCOUNT, { accountId: cmd.to });
  const fee = num.i128.mulDiv(cmd.amount, BigInt(cmd.basisPoints), 10_000n, "halfEven") as Amount;
  if (fee <= 0n) return tx.reject(Reject.BAD_AMOUNT);
  if (from.sysId === to.sysId) return tx.reject(Reject.SAME_ACCOUNT);
  if (from.currency !== to.currency) return tx.reject(Reject.OTHER_CURRENCY);
  if (!covers(from, fee)) return tx.reject(Reject.INSUFFICIENT_FUNDS, { balance: from.balance });
  move(tx, from, to, fee);
}

// ---- moving money ----------------------------------------------------------------------------------------

function plus(a: Amount, b: Amount): Amount {
  return num.i128.add(a, b) as Amount;
}

function minus(a: Amount, b: Amount): Amount {
  return num.i128.sub(a, b) as Amount;
}

function covers(account: Account, amount: Amount): boolean {
  return account.mayOverdraw || account.balance >= amount;
}

function move(tx: Tx, from: Account, to: Account, amount: Amount): void {
  tx.update(from, { balance: minus(from.balance, amount) });
  tx.update(to, { balance: plus(to.balance, amount) });
  tx.emit(Moved, { from: from.accountId, to: to.accountId, currency: from.currency, amount });
}

/** Ends a hold: what was not captured goes back to its account. */
function end(tx: Tx, hold: Hold, reason: ReleaseReason, captured: Amount): void {
  const returned = minus(hold.amount, captured);
  const account = tx.get(Account, hold.account);
  tx.update(account, { balance: plus(account.balance, returned) });
  tx.emit(HoldEnded, { holdId: hold.holdId, reason, captured, returned });
  tx.delete(hold);
}
