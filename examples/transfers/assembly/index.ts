/**
 * Transfers, sealed lane: what each command does. Line for line the handlers of transfers.handlers.ts.
 */
import { I128, num, Rounding, tx } from "statevec/assembly";
import {
  Account,
  CaptureHold,
  ChargeFee,
  Hold,
  HoldEnded,
  HoldPlaced,
  Moved,
  OpenAccount,
  PlaceHold,
  Reject,
  ReleaseExpired,
  ReleaseHold,
  ReleaseReason,
  Transfer,
} from "../build/transfers.schema";

export function openAccount(cmd: OpenAccount): void {
  Account.create({
    accountId: cmd.accountId,
    currency: cmd.currency,
    mayOverdraw: cmd.mayOverdraw,
    balance: zero(),
  });
}

export function transfer(cmd: Transfer): void {
  const from = Account.byAccountId.find(cmd.from);
  if (!from) return Reject.UNKNOWN_ACCOUNT({ accountId: cmd.from });
  const to = Account.byAccountId.find(cmd.to);
  if (!to) return Reject.UNKNOWN_ACCOUNT({ accountId: cmd.to });
  if (cmd.amount <= zero()) return Reject.BAD_AMOUNT();
  if (from.sysId == to.sysId) return Reject.SAME_ACCOUNT();
  if (from.currency != to.currency) return Reject.OTHER_CURRENCY();
  if (!covers(from, cmd.amount)) return Reject.INSUFFICIENT_FUNDS({ balance: from.balance });
  move(from, to, cmd.amount);
}

export function placeHold(cmd: PlaceHold): void {
  const account = Account.byAccountId.find(cmd.accountId);
  if (!account) return Reject.UNKNOWN_ACCOUNT({ accountId: cmd.accountId });
  if (cmd.amount <= zero()) return Reject.BAD_AMOUNT();
  if (!covers(account, cmd.amount)) return Reject.INSUFFICIENT_FUNDS({ balance: account.balance });
  if (cmd.expiresNs <= tx.timeNs) return Reject.EXPIRED();
  account.balance = minus(account.balance, cmd.amount);
  Hold.create({
    holdId: cmd.holdId,
    account: account.sysId,
    currency: account.currency,
    amount: cmd.amount,
    expiresNs: cmd.expiresNs,
    hasMemo: cmd.hasMemo,
    memo: cmd.memo,
  });
  HoldPlaced.emit({ holdId: cmd.holdId, amount: cmd.amount });
}

export function captureHold(cmd: CaptureHold): void {
  const to = Account.byAccountId.find(cmd.to);
  if (!to) return Reject.UNKNOWN_ACCOUNT({ accountId: cmd.to });
  const hold = Hold.byHoldId.find(cmd.holdId);
  if (!hold) return Reject.UNKNOWN_HOLD({ holdId: cmd.holdId });
  const amount = cmd.hasAmount ? cmd.amount : hold.amount;
  if (amount <= zero()) return Reject.BAD_AMOUNT();
  if (to.currency != hold.currency) return Reject.OTHER_CURRENCY();
  if (amount > hold.amount) return Reject.ABOVE_HOLD({ held: hold.amount });
  to.balance = plus(to.balance, amount);
  end(hold, ReleaseReason.Captured, amount);
}

export function releaseHold(cmd: ReleaseHold): void {
  const hold = Hold.byHoldId.find(cmd.holdId);
  if (!hold) return Reject.UNKNOWN_HOLD({ holdId: cmd.holdId });
  end(hold, ReleaseReason.Released, zero());
}

export function releaseExpired(cmd: ReleaseExpired): void {
  const holds = Hold.expiring.expiresNsTo(tx.timeNs).list(cmd.atMost);
  while (holds.next()) end(holds.record, ReleaseReason.Expired, zero());
}

export function chargeFee(cmd: ChargeFee): void {
  const from = Account.byAccountId.find(cmd.from);
  if (!from) return Reject.UNKNOWN_ACCOUNT({ accountId: cmd.from });
  const to = Account.byAccountId.find(cmd.to);
  if (!to) return Reject.UNKNOWN_ACCOUNT({ accountId: cmd.to });
  const basisPoints = I128.from<u16>(cmd.basisPoints);
  const fee = num.i128.mulDiv(cmd.amount, basisPoints, I128.from<u64>(10_000), Rounding.HalfEven);
  if (fee <= zero()) return Reject.BAD_AMOUNT();
  if (from.sysId == to.sysId) return Reject.SAME_ACCOUNT();
  if (from.currency != to.currency) return Reject.OTHER_CURRENCY();
  if (!covers(from, fee)) return Reject.INSUFFICIENT_FUNDS({ balance: from.balance });
  move(from, to, fee);
}

// ---- moving money ----------------------------------------------------------------------------------------

function zero(): I128 {
  return I128.from<u64>(0);
}

function plus(a: I128, b: I128): I128 {
  return num.i128.add(a, b);
}

function minus(a: I128, b: I128): I128 {
  return num.i128.sub(a, b);
}

function covers(account: Account, amount: I128): bool {
  return account.mayOverdraw || account.balance >= amount;
}

function move(from: Account, to: Account, amount: I128): void {
  from.balance = minus(from.balance, amount);
  to.balance = plus(to.balance, amount);
  Moved.emit({ from: from.accountId, to: to.accountId, currency: from.currency, amount });
}

/** Ends a hold: what was not captured goes back to its account. */
function end(hold: Hold, reason: ReleaseReason, captured: I128): void {
  const returned = minus(hold.amount, captured);
  const account = Account.get(hold.account);
  account.balance = plus(account.balance, returned);
  HoldEnded.emit({ holdId: hold.holdId, reason, captured, returned });
  hold.delete();
}
