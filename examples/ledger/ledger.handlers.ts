/**
 * The ledger, open lane: what each command does.
 *
 * A handler is a column of guards in the order of the reject codes, then the writes. What was done under an id is said
 * first, so that a command sent twice is answered alike whatever has happened since.
 * Not responsible for: how money moves (posting.ts).
 */
import { defineDomain, type Tx } from "statevec";
import {
  Account,
  type AddCurrency,
  type CaptureHold,
  Currency,
  DaySettled,
  type Exchange,
  type ExpireHolds,
  Hold,
  type OpenAccount,
  type PlaceHold,
  type PostTransfer,
  Reject,
  type ReleaseHold,
  type Role,
  type SetAccountState,
  type SettleDay,
  Settlement,
  schema,
  Transfer,
} from "./ledger.schema.ts";
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
  ZERO,
} from "./posting.ts";

/** Clearing accounts of a currency. */
const CLEARING_MAX = 100;

export const ledger = defineDomain(schema, {
  revision: 1,
  handlers: {
    AddCurrency: addCurrency,
    OpenAccount: openAccount,
    SetAccountState: setAccountState,
    PostTransfer: postTransfer,
    PlaceHold: placeHold,
    CaptureHold: captureHold,
    ReleaseHold: releaseHold,
    ExpireHolds: expireHolds,
    Exchange: exchange,
    SettleDay: settleDay,
  },
});

// ---- currencies and accounts -----------------------------------------------------------------------------

function addCurrency(tx: Tx, cmd: AddCurrency): void {
  tx.create(Currency, cmd);
}

function openAccount(tx: Tx, cmd: OpenAccount): void {
  const { accountId, owner, role } = cmd;
  const currency = tx.find(Currency.byCurrency, cmd.currency);
  if (!currency) return tx.reject(Reject.UNKNOWN_CURRENCY, { currency: cmd.currency });
  const atMost = accountsMax(role);
  if (atMost > 0 && tx.count(Account.ofCurrency, [currency.sysId, role], { limit: atMost }) === atMost)
    return tx.reject(Reject.ROLE_FULL, { atMost });
  const overdraft = cmd.overdraft ?? ZERO;
  if (overdraft < 0n || (cmd.overdraft !== null && role !== "Customer"))
    return tx.reject(Reject.BAD_OVERDRAFT);
  if (!isExact(overdraft, currency.places)) return tx.reject(Reject.TOO_PRECISE, { places: currency.places });
  tx.create(Account, {
    accountId,
    owner,
    currency: currency.sysId,
    role,
    state: "Open",
    posted: ZERO,
    available: ZERO,
    floor: role === "Customer" ? minus(ZERO, overdraft) : null,
  });
}

function setAccountState(tx: Tx, { accountId, state }: SetAccountState): void {
  const account = tx.find(Account.byAccountId, accountId);
  if (!account) return tx.reject(Reject.UNKNOWN_ACCOUNT, { accountId });
  if (account.state === "Closed") return tx.reject(Reject.ACCOUNT_CLOSED, { accountId });
  const { posted, available } = account;
  const isEmpty = posted === 0n && available === 0n;
  if (state === "Closed" && !isEmpty) return tx.reject(Reject.NOT_EMPTY, { posted, available });
  tx.update(account, { state });
}

// ---- transfers -------------------------------------------------------------------------------------------

function postTransfer(tx: Tx, cmd: PostTransfer): void {
  const { transferId, amount } = cmd;
  const twin = tx.find(Transfer.byTransferId, transferId);
  if (twin) return tx.reject(Reject.ALREADY_POSTED, { seq: twin.seq });
  const from = tx.find(Account.byAccountId, cmd.from);
  if (!from) return tx.reject(Reject.UNKNOWN_ACCOUNT, { accountId: cmd.from });
  const to = tx.find(Account.byAccountId, cmd.to);
  if (!to) return tx.reject(Reject.UNKNOWN_ACCOUNT, { accountId: cmd.to });
  if (from.sysId === to.sysId) return tx.reject(Reject.SAME_ACCOUNT);
  if (from.currency !== to.currency) return tx.reject(Reject.OTHER_CURRENCY, { accountId: cmd.to });
  if (from.state === "Closed") return tx.reject(Reject.ACCOUNT_CLOSED, { accountId: cmd.from });
  if (to.state === "Closed") return tx.reject(Reject.ACCOUNT_CLOSED, { accountId: cmd.to });
  if (from.state === "Frozen") return tx.reject(Reject.ACCOUNT_FROZEN, { accountId: cmd.from });
  if (amount <= 0n) return tx.reject(Reject.BAD_AMOUNT);
  const { places } = tx.get(Currency, from.currency);
  if (!isExact(amount, places)) return tx.reject(Reject.TOO_PRECISE, { places });
  if (!covers(from, amount)) return tx.reject(Reject.INSUFFICIENT_FUNDS, { spendable: spendable(from) });
  move(tx, beginTransfer(tx, transferId, "Payment"), from, to, amount);
}

/** Each currency moves through its own position account, so each sums to zero on its own. */
function exchange(tx: Tx, cmd: Exchange): void {
  const { transferId, amount, rate } = cmd;
  const twin = tx.find(Transfer.byTransferId, transferId);
  if (twin) return tx.reject(Reject.ALREADY_POSTED, { seq: twin.seq });
  const from = tx.find(Account.byAccountId, cmd.from);
  if (!from) return tx.reject(Reject.UNKNOWN_ACCOUNT, { accountId: cmd.from });
  const to = tx.find(Account.byAccountId, cmd.to);
  if (!to) return tx.reject(Reject.UNKNOWN_ACCOUNT, { accountId: cmd.to });
  if (from.currency === to.currency) return tx.reject(Reject.SAME_CURRENCY);
  if (from.role === "Position") return tx.reject(Reject.WRONG_ROLE, { accountId: cmd.from });
  if (to.role === "Position") return tx.reject(Reject.WRONG_ROLE, { accountId: cmd.to });
  const sold = tx.get(Currency, from.currency);
  const soldTo = openPositionOf(tx, sold);
  if (!soldTo) return tx.reject(Reject.NO_POSITION, { currency: sold.currency });
  const bought = tx.get(Currency, to.currency);
  const boughtFrom = openPositionOf(tx, bought);
  if (!boughtFrom) return tx.reject(Reject.NO_POSITION, { currency: bought.currency });
  if (from.state === "Closed") return tx.reject(Reject.ACCOUNT_CLOSED, { accountId: cmd.from });
  if (to.state === "Closed") return tx.reject(Reject.ACCOUNT_CLOSED, { accountId: cmd.to });
  if (from.state === "Frozen") return tx.reject(Reject.ACCOUNT_FROZEN, { accountId: cmd.from });
  if (amount <= 0n || rate <= 0n) return tx.reject(Reject.BAD_AMOUNT);
  if (!isExact(amount, sold.places)) return tx.reject(Reject.TOO_PRECISE, { places: sold.places });
  if (!covers(from, amount)) return tx.reject(Reject.INSUFFICIENT_FUNDS, { spendable: spendable(from) });
  const received = converted(amount, rate, bought.places);
  if (received === 0n) return tx.reject(Reject.NOTHING_RECEIVED);
  const transfer = beginTransfer(tx, transferId, "Exchange");
  move(tx, transfer, from, soldTo, amount);
  move(tx, transfer, boughtFrom, to, received);
}

// ---- holds -----------------------------------------------------------------------------------------------

function placeHold(tx: Tx, cmd: PlaceHold): void {
  const { holdId, amount, expiresNs } = cmd;
  const twin = tx.find(Hold.byHoldId, holdId);
  if (twin) return tx.reject(Reject.ALREADY_HELD, { seq: twin.seq });
  const from = tx.find(Account.byAccountId, cmd.from);
  if (!from) return tx.reject(Reject.UNKNOWN_ACCOUNT, { accountId: cmd.from });
  const to = tx.find(Account.byAccountId, cmd.to);
  if (!to) return tx.reject(Reject.UNKNOWN_ACCOUNT, { accountId: cmd.to });
  if (from.sysId === to.sysId) return tx.reject(Reject.SAME_ACCOUNT);
  if (from.currency !== to.currency) return tx.reject(Reject.OTHER_CURRENCY, { accountId: cmd.to });
  if (from.state === "Closed") return tx.reject(Reject.ACCOUNT_CLOSED, { accountId: cmd.from });
  if (to.state === "Closed") return tx.reject(Reject.ACCOUNT_CLOSED, { accountId: cmd.to });
  if (from.state === "Frozen") return tx.reject(Reject.ACCOUNT_FROZEN, { accountId: cmd.from });
  if (amount <= 0n) return tx.reject(Reject.BAD_AMOUNT);
  const { places } = tx.get(Currency, from.currency);
  if (!isExact(amount, places)) return tx.reject(Reject.TOO_PRECISE, { places });
  if (expiresNs <= tx.timeNs) return tx.reject(Reject.BAD_EXPIRY);
  if (!covers(from, amount)) return tx.reject(Reject.INSUFFICIENT_FUNDS, { spendable: spendable(from) });
  const hold = tx.create(Hold, {
    holdId,
    from: from.sysId,
    to: to.sysId,
    currency: from.currency,
    state: "Open",
    amount,
    captured: ZERO,
    expiresNs,
    seq: tx.seq,
  });
  keep(tx, hold, from);
}

/** A frozen account pays what it has promised before. */
function captureHold(tx: Tx, cmd: CaptureHold): void {
  const { transferId, holdId } = cmd;
  const twin = tx.find(Transfer.byTransferId, transferId);
  if (twin) return tx.reject(Reject.ALREADY_POSTED, { seq: twin.seq });
  const hold = tx.find(Hold.byHoldId, holdId);
  if (!hold) return tx.reject(Reject.UNKNOWN_HOLD, { holdId });
  const { expiresNs, amount: held } = hold;
  if (hold.state !== "Open") return tx.reject(Reject.HOLD_ENDED, { state: hold.state });
  if (expiresNs <= tx.timeNs) return tx.reject(Reject.HOLD_EXPIRED, { expiresNs });
  const from = tx.get(Account, hold.from);
  const to = tx.get(Account, hold.to);
  if (to.state === "Closed") return tx.reject(Reject.ACCOUNT_CLOSED, { accountId: to.accountId });
  const amount = cmd.amount ?? held;
  if (amount <= 0n) return tx.reject(Reject.BAD_AMOUNT);
  const { places } = tx.get(Currency, from.currency);
  if (!isExact(amount, places)) return tx.reject(Reject.TOO_PRECISE, { places });
  if (amount > held) return tx.reject(Reject.ABOVE_HOLD, { held });
  const isLast = cmd.releaseRest || amount === held;
  giveBack(tx, hold, from, isLast ? "Captured" : "Open", isLast ? held : amount, amount);
  move(tx, beginTransfer(tx, transferId, "Capture"), from, to, amount);
}

function releaseHold(tx: Tx, { holdId }: ReleaseHold): void {
  const hold = tx.find(Hold.byHoldId, holdId);
  if (!hold) return tx.reject(Reject.UNKNOWN_HOLD, { holdId });
  if (hold.state !== "Open") return tx.reject(Reject.HOLD_ENDED, { state: hold.state });
  giveBack(tx, hold, tx.get(Account, hold.from), "Released", hold.amount, ZERO);
}

function expireHolds(tx: Tx, { atMost }: ExpireHolds): void {
  for (const hold of tx.list(Hold.expiring, [], { to: tx.timeNs, limit: atMost })) {
    giveBack(tx, hold, tx.get(Account, hold.from), "Expired", hold.amount, ZERO);
  }
}

// ---- settlement ------------------------------------------------------------------------------------------

/** What clearing accounts hold for others stays; frozen ones wait for a later day. */
function settleDay(tx: Tx, cmd: SettleDay): void {
  const { transferId, day } = cmd;
  const twin = tx.find(Transfer.byTransferId, transferId);
  if (twin) return tx.reject(Reject.ALREADY_POSTED, { seq: twin.seq });
  const currency = tx.find(Currency.byCurrency, cmd.currency);
  if (!currency) return tx.reject(Reject.UNKNOWN_CURRENCY, { currency: cmd.currency });
  const settled = tx.find(Settlement.byDay, currency.sysId, day);
  if (settled) return tx.reject(Reject.ALREADY_SETTLED, { seq: tx.get(Transfer, settled.transfer).seq });
  const to = tx.find(Account.byAccountId, cmd.to);
  if (!to) return tx.reject(Reject.UNKNOWN_ACCOUNT, { accountId: cmd.to });
  if (to.currency !== currency.sysId) return tx.reject(Reject.OTHER_CURRENCY, { accountId: cmd.to });
  if (to.role !== "External") return tx.reject(Reject.WRONG_ROLE, { accountId: cmd.to });
  if (to.state === "Closed") return tx.reject(Reject.ACCOUNT_CLOSED, { accountId: cmd.to });
  if (to.state === "Frozen") return tx.reject(Reject.ACCOUNT_FROZEN, { accountId: cmd.to });
  const transfer = beginTransfer(tx, transferId, "Settlement");
  let accounts = 0;
  let net = ZERO;
  for (const clearing of tx.list(Account.ofCurrency, [currency.sysId, "Clearing"])) {
    const due = clearing.available;
    if (clearing.state !== "Open" || due === 0n) continue;
    book(tx, transfer, clearing, minus(ZERO, due));
    net = plus(net, due);
    accounts++;
  }
  if (net !== 0n) book(tx, transfer, to, net);
  tx.create(Settlement, { currency: currency.sysId, day, transfer: transfer.sysId, accounts, net });
  tx.emit(DaySettled, { currency: cmd.currency, day, accounts, net });
}

// ---- roles -----------------------------------------------------------------------------------------------

/** How many accounts of a role a currency may have; 0: any number. A settlement is one command, so what it meets is bounded. */
function accountsMax(role: Role): number {
  return role === "Position" ? 1 : role === "Clearing" ? CLEARING_MAX : 0;
}

function openPositionOf(tx: Tx, currency: Currency): Account | undefined {
  const position = tx.first(Account.ofCurrency, [currency.sysId, "Position"]);
  return position?.state === "Open" ? position : undefined;
}
