/**
 * The ledger, sealed lane: what each command does. Line for line the handlers of ledger.handlers.ts.
 *
 * A handler is a column of guards in the order of the reject codes, then the writes. What was done under an id is said
 * first, so that a command sent twice is answered alike whatever has happened since.
 * Not responsible for: how money moves (posting.ts).
 */
import { tx } from "statevec/assembly";
import {
  Account,
  AccountState,
  AddCurrency,
  CaptureHold,
  Currency,
  DaySettled,
  Exchange,
  ExpireHolds,
  Hold,
  HoldState,
  OpenAccount,
  PlaceHold,
  PostTransfer,
  Purpose,
  Reject,
  ReleaseHold,
  Role,
  SetAccountState,
  SettleDay,
  Settlement,
  Transfer,
} from "../build/ledger.schema";
import {
  beginTransfer,
  book,
  converted,
  covers,
  giveBack,
  isExact,
  keep,
  minus,
  move,
  plus,
  spendable,
  zero,
} from "./posting";

/** Clearing accounts of a currency. */
const CLEARING_MAX: u32 = 100;

// ---- currencies and accounts -----------------------------------------------------------------------------

export function addCurrency(cmd: AddCurrency): void {
  Currency.create({ currency: cmd.currency, places: cmd.places });
}

export function openAccount(cmd: OpenAccount): void {
  const role = cmd.role;
  const currency = Currency.byCurrency.find(cmd.currency);
  if (!currency) return Reject.UNKNOWN_CURRENCY({ currency: cmd.currency });
  const atMost = accountsMax(role);
  if (atMost > 0 && Account.ofCurrency.currency(currency.sysId).role(role).count(atMost) == atMost)
    return Reject.ROLE_FULL({ atMost });
  const overdraft = cmd.overdraft;
  if (overdraft < zero() || (cmd.hasOverdraft && role != Role.Customer)) return Reject.BAD_OVERDRAFT();
  if (!isExact(overdraft, currency.places)) return Reject.TOO_PRECISE({ places: currency.places });
  Account.create({
    accountId: cmd.accountId,
    owner: cmd.owner,
    currency: currency.sysId,
    role,
    state: AccountState.Open,
    posted: zero(),
    available: zero(),
    hasFloor: role == Role.Customer,
    floor: minus(zero(), overdraft),
  });
}

export function setAccountState(cmd: SetAccountState): void {
  const account = Account.byAccountId.find(cmd.accountId);
  if (!account) return Reject.UNKNOWN_ACCOUNT({ accountId: cmd.accountId });
  if (account.state == AccountState.Closed) return Reject.ACCOUNT_CLOSED({ accountId: cmd.accountId });
  const posted = account.posted;
  const available = account.available;
  const isEmpty = posted == zero() && available == zero();
  if (cmd.state == AccountState.Closed && !isEmpty) return Reject.NOT_EMPTY({ posted, available });
  account.state = cmd.state;
}

// ---- transfers -------------------------------------------------------------------------------------------

export function postTransfer(cmd: PostTransfer): void {
  const amount = cmd.amount;
  const twin = Transfer.byTransferId.find(cmd.transferId);
  if (twin) return Reject.ALREADY_POSTED({ seq: twin.seq });
  const from = Account.byAccountId.find(cmd.from);
  if (!from) return Reject.UNKNOWN_ACCOUNT({ accountId: cmd.from });
  const to = Account.byAccountId.find(cmd.to);
  if (!to) return Reject.UNKNOWN_ACCOUNT({ accountId: cmd.to });
  if (from.sysId == to.sysId) return Reject.SAME_ACCOUNT();
  if (from.currency != to.currency) return Reject.OTHER_CURRENCY({ accountId: cmd.to });
  if (from.state == AccountState.Closed) return Reject.ACCOUNT_CLOSED({ accountId: cmd.from });
  if (to.state == AccountState.Closed) return Reject.ACCOUNT_CLOSED({ accountId: cmd.to });
  if (from.state == AccountState.Frozen) return Reject.ACCOUNT_FROZEN({ accountId: cmd.from });
  if (amount <= zero()) return Reject.BAD_AMOUNT();
  const places = Currency.get(from.currency).places;
  if (!isExact(amount, places)) return Reject.TOO_PRECISE({ places });
  if (!covers(from, amount)) return Reject.INSUFFICIENT_FUNDS({ spendable: spendable(from) });
  move(beginTransfer(cmd.transferId, Purpose.Payment), from, to, amount);
}

/** Each currency moves through its own position account, so each sums to zero on its own. */
export function exchange(cmd: Exchange): void {
  const amount = cmd.amount;
  const rate = cmd.rate;
  const twin = Transfer.byTransferId.find(cmd.transferId);
  if (twin) return Reject.ALREADY_POSTED({ seq: twin.seq });
  const from = Account.byAccountId.find(cmd.from);
  if (!from) return Reject.UNKNOWN_ACCOUNT({ accountId: cmd.from });
  const to = Account.byAccountId.find(cmd.to);
  if (!to) return Reject.UNKNOWN_ACCOUNT({ accountId: cmd.to });
  if (from.currency == to.currency) return Reject.SAME_CURRENCY();
  if (from.role == Role.Position) return Reject.WRONG_ROLE({ accountId: cmd.from });
  if (to.role == Role.Position) return Reject.WRONG_ROLE({ accountId: cmd.to });
  const sold = Currency.get(from.currency);
  const soldTo = openPositionOf(sold);
  if (!soldTo) return Reject.NO_POSITION({ currency: sold.currency });
  const bought = Currency.get(to.currency);
  const boughtFrom = openPositionOf(bought);
  if (!boughtFrom) return Reject.NO_POSITION({ currency: bought.currency });
  if (from.state == AccountState.Closed) return Reject.ACCOUNT_CLOSED({ accountId: cmd.from });
  if (to.state == AccountState.Closed) return Reject.ACCOUNT_CLOSED({ accountId: cmd.to });
  if (from.state == AccountState.Frozen) return Reject.ACCOUNT_FROZEN({ accountId: cmd.from });
  if (amount <= zero() || rate <= zero()) return Reject.BAD_AMOUNT();
  if (!isExact(amount, sold.places)) return Reject.TOO_PRECISE({ places: sold.places });
  if (!covers(from, amount)) return Reject.INSUFFICIENT_FUNDS({ spendable: spendable(from) });
  const received = converted(amount, rate, bought.places);
  if (received == zero()) return Reject.NOTHING_RECEIVED();
  const transfer = beginTransfer(cmd.transferId, Purpose.Exchange);
  move(transfer, from, soldTo, amount);
  move(transfer, boughtFrom, to, received);
}

// ---- holds -----------------------------------------------------------------------------------------------

export function placeHold(cmd: PlaceHold): void {
  const amount = cmd.amount;
  const twin = Hold.byHoldId.find(cmd.holdId);
  if (twin) return Reject.ALREADY_HELD({ seq: twin.seq });
  const from = Account.byAccountId.find(cmd.from);
  if (!from) return Reject.UNKNOWN_ACCOUNT({ accountId: cmd.from });
  const to = Account.byAccountId.find(cmd.to);
  if (!to) return Reject.UNKNOWN_ACCOUNT({ accountId: cmd.to });
  if (from.sysId == to.sysId) return Reject.SAME_ACCOUNT();
  if (from.currency != to.currency) return Reject.OTHER_CURRENCY({ accountId: cmd.to });
  if (from.state == AccountState.Closed) return Reject.ACCOUNT_CLOSED({ accountId: cmd.from });
  if (to.state == AccountState.Closed) return Reject.ACCOUNT_CLOSED({ accountId: cmd.to });
  if (from.state == AccountState.Frozen) return Reject.ACCOUNT_FROZEN({ accountId: cmd.from });
  if (amount <= zero()) return Reject.BAD_AMOUNT();
  const places = Currency.get(from.currency).places;
  if (!isExact(amount, places)) return Reject.TOO_PRECISE({ places });
  if (cmd.expiresNs <= tx.timeNs) return Reject.BAD_EXPIRY();
  if (!covers(from, amount)) return Reject.INSUFFICIENT_FUNDS({ spendable: spendable(from) });
  const hold = Hold.create({
    holdId: cmd.holdId,
    from: from.sysId,
    to: to.sysId,
    currency: from.currency,
    state: HoldState.Open,
    amount,
    captured: zero(),
    expiresNs: cmd.expiresNs,
    seq: tx.seq,
  });
  keep(hold, from);
}

/** A frozen account pays what it has promised before. */
export function captureHold(cmd: CaptureHold): void {
  const twin = Transfer.byTransferId.find(cmd.transferId);
  if (twin) return Reject.ALREADY_POSTED({ seq: twin.seq });
  const hold = Hold.byHoldId.find(cmd.holdId);
  if (!hold) return Reject.UNKNOWN_HOLD({ holdId: cmd.holdId });
  const held = hold.amount;
  if (hold.state != HoldState.Open) return Reject.HOLD_ENDED({ state: hold.state });
  if (hold.expiresNs <= tx.timeNs) return Reject.HOLD_EXPIRED({ expiresNs: hold.expiresNs });
  const from = Account.get(hold.from);
  const to = Account.get(hold.to);
  if (to.state == AccountState.Closed) return Reject.ACCOUNT_CLOSED({ accountId: to.accountId });
  const amount = cmd.hasAmount ? cmd.amount : held;
  if (amount <= zero()) return Reject.BAD_AMOUNT();
  const places = Currency.get(from.currency).places;
  if (!isExact(amount, places)) return Reject.TOO_PRECISE({ places });
  if (amount > held) return Reject.ABOVE_HOLD({ held });
  const isLast = cmd.releaseRest || amount == held;
  giveBack(hold, from, isLast ? HoldState.Captured : HoldState.Open, isLast ? held : amount, amount);
  move(beginTransfer(cmd.transferId, Purpose.Capture), from, to, amount);
}

export function releaseHold(cmd: ReleaseHold): void {
  const hold = Hold.byHoldId.find(cmd.holdId);
  if (!hold) return Reject.UNKNOWN_HOLD({ holdId: cmd.holdId });
  if (hold.state != HoldState.Open) return Reject.HOLD_ENDED({ state: hold.state });
  giveBack(hold, Account.get(hold.from), HoldState.Released, hold.amount, zero());
}

export function expireHolds(cmd: ExpireHolds): void {
  const holds = Hold.expiring.expiresNsTo(tx.timeNs).list(cmd.atMost);
  while (holds.next()) {
    const hold = holds.record;
    giveBack(hold, Account.get(hold.from), HoldState.Expired, hold.amount, zero());
  }
}

// ---- settlement ------------------------------------------------------------------------------------------

/** What clearing accounts hold for others stays; frozen ones wait for a later day. */
export function settleDay(cmd: SettleDay): void {
  const twin = Transfer.byTransferId.find(cmd.transferId);
  if (twin) return Reject.ALREADY_POSTED({ seq: twin.seq });
  const currency = Currency.byCurrency.find(cmd.currency);
  if (!currency) return Reject.UNKNOWN_CURRENCY({ currency: cmd.currency });
  const settled = Settlement.byDay.find(currency.sysId, cmd.day);
  if (settled) return Reject.ALREADY_SETTLED({ seq: Transfer.get(settled.transfer).seq });
  const to = Account.byAccountId.find(cmd.to);
  if (!to) return Reject.UNKNOWN_ACCOUNT({ accountId: cmd.to });
  if (to.currency != currency.sysId) return Reject.OTHER_CURRENCY({ accountId: cmd.to });
  if (to.role != Role.External) return Reject.WRONG_ROLE({ accountId: cmd.to });
  if (to.state == AccountState.Closed) return Reject.ACCOUNT_CLOSED({ accountId: cmd.to });
  if (to.state == AccountState.Frozen) return Reject.ACCOUNT_FROZEN({ accountId: cmd.to });
  const transfer = beginTransfer(cmd.transferId, Purpose.Settlement);
  let accounts: u32 = 0;
  let net = zero();
  const clearings = Account.ofCurrency.currency(currency.sysId).role(Role.Clearing).list();
  while (clearings.next()) {
    const clearing = clearings.record;
    const due = clearing.available;
    if (clearing.state != AccountState.Open || due == zero()) continue;
    book(transfer, clearing, minus(zero(), due));
    net = plus(net, due);
    accounts++;
  }
  if (net != zero()) book(transfer, to, net);
  Settlement.create({ currency: currency.sysId, day: cmd.day, transfer: transfer.sysId, accounts, net });
  DaySettled.emit({ currency: cmd.currency, day: cmd.day, accounts, net });
}

// ---- roles -----------------------------------------------------------------------------------------------

/** How many accounts of a role a currency may have; 0: any number. A settlement is one command, so what it meets is bounded. */
function accountsMax(role: Role): u32 {
  return role == Role.Position ? 1 : role == Role.Clearing ? CLEARING_MAX : 0;
}

function openPositionOf(currency: Currency): Account | null {
  const position = Account.ofCurrency.currency(currency.sysId).role(Role.Position).first();
  return position && position.state == AccountState.Open ? position : null;
}
