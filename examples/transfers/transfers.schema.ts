/**
 * Transfers between accounts, with holds: money that is set aside and later captured or released.
 *
 * Amounts are decimals of four places. Every command leaves the sum of balances and holds of each currency as it was:
 * the schema says so, and the core proves it at every commit. Money enters through accounts that may go negative.
 */
import {
  bool,
  command,
  conserve,
  type Decimal,
  decimal,
  defineSchema,
  enumeration,
  enumOf,
  event,
  type Infer,
  invariant,
  record,
  ref,
  reject,
  text,
  timestamp,
  u16,
  u64,
} from "statevec/schema";

export const Currency = enumeration("Currency", { Eur: 1, Usd: 2, Jpy: 3 });
export const ReleaseReason = enumeration("ReleaseReason", { Captured: 1, Released: 2, Expired: 3 });
export type ReleaseReason = Infer<typeof ReleaseReason>;

const AMOUNT = { precision: 30, scale: 4 } as const;

export const Account = record(
  "Account",
  1,
  {
    accountId: u64(1).immutable(),
    currency: enumOf(2, Currency).immutable(),
    /** An issuer's account: its balance may be below zero. */
    mayOverdraw: bool(3).immutable(),
    balance: decimal(4, AMOUNT),
  },
  { unique: { byAccountId: ["accountId"] }, indexes: { richest: ["currency", { desc: "balance" }] } },
);

/** Money that has left an account's balance and is not yet anyone else's. */
export const Hold = record(
  "Hold",
  2,
  {
    holdId: u64(1).immutable(),
    account: ref(2, Account).immutable(),
    currency: enumOf(3, Currency).immutable(),
    amount: decimal(4, AMOUNT),
    expiresNs: timestamp(5).immutable(),
    memo: text(6, { maxBytes: 64 }).nullable().immutable(),
  },
  { unique: { byHoldId: ["holdId"] }, indexes: { expiring: ["expiresNs"] } },
);

export const OpenAccount = command("OpenAccount", 1, {
  accountId: u64(1),
  currency: enumOf(2, Currency),
  mayOverdraw: bool(3),
});
export const Transfer = command("Transfer", 2, {
  from: u64(1),
  to: u64(2),
  amount: decimal(3, AMOUNT),
});
export const PlaceHold = command("PlaceHold", 3, {
  holdId: u64(1),
  accountId: u64(2),
  amount: decimal(3, AMOUNT),
  expiresNs: timestamp(4),
  memo: text(5, { maxBytes: 64 }).nullable(),
});
export const CaptureHold = command("CaptureHold", 4, {
  holdId: u64(1),
  to: u64(2),
  /** Absent: all of it. What is not captured goes back. */
  amount: decimal(3, AMOUNT).nullable(),
});
export const ReleaseHold = command("ReleaseHold", 5, { holdId: u64(1) });
/** Releases holds whose time is over, oldest first, so that a timer need not know them. */
export const ReleaseExpired = command("ReleaseExpired", 6, { atMost: u16(1) });
/** Takes a fee in basis points of an amount, rounded half to even, from one account to another. */
export const ChargeFee = command("ChargeFee", 7, {
  from: u64(1),
  to: u64(2),
  amount: decimal(3, AMOUNT),
  basisPoints: u16(4),
});
export type OpenAccount = Infer<typeof OpenAccount>;
export type Transfer = Infer<typeof Transfer>;
export type PlaceHold = Infer<typeof PlaceHold>;
export type CaptureHold = Infer<typeof CaptureHold>;
export type ReleaseHold = Infer<typeof ReleaseHold>;
export type ReleaseExpired = Infer<typeof ReleaseExpired>;
export type ChargeFee = Infer<typeof ChargeFee>;

export const Moved = event("Moved", 1, {
  from: u64(1),
  to: u64(2),
  currency: enumOf(3, Currency),
  amount: decimal(4, AMOUNT),
});
export const HoldPlaced = event("HoldPlaced", 2, { holdId: u64(1), amount: decimal(2, AMOUNT) });
export const HoldEnded = event("HoldEnded", 3, {
  holdId: u64(1),
  reason: enumOf(2, ReleaseReason),
  captured: decimal(3, AMOUNT),
  returned: decimal(4, AMOUNT),
});

/** In order of precedence. */
export const Reject = {
  UNKNOWN_ACCOUNT: reject(1, "No account has this id.", { accountId: u64(1) }),
  UNKNOWN_HOLD: reject(2, "No hold has this id.", { holdId: u64(1) }),
  BAD_AMOUNT: reject(3, "The amount is not above zero."),
  SAME_ACCOUNT: reject(4, "Both accounts are the same one."),
  OTHER_CURRENCY: reject(5, "The accounts have different currencies."),
  INSUFFICIENT_FUNDS: reject(6, "The balance is smaller than the amount.", { balance: decimal(1, AMOUNT) }),
  ABOVE_HOLD: reject(7, "The hold is smaller than the amount.", { held: decimal(1, AMOUNT) }),
  EXPIRED: reject(8, "The time is over already."),
};

export const schema = defineSchema("transfers", {
  records: { Account, Hold },
  commands: { OpenAccount, Transfer, PlaceHold, CaptureHold, ReleaseHold, ReleaseExpired, ChargeFee },
  events: { Moved, HoldPlaced, HoldEnded },
  rejects: Reject,
  invariants: {
    HOLD_HAS_AMOUNT: invariant(1, Hold, "A hold has something left.", { amount: { gt: 0n as Decimal<4> } }),
    MONEY: conserve(2, "Money moves between accounts and holds; it is never made or lost.", [
      { of: Account, field: "balance", by: ["currency"] },
      { of: Hold, field: "amount", by: ["currency"] },
    ]),
  },
});

export type Account = Infer<typeof Account>;
export type Hold = Infer<typeof Hold>;
