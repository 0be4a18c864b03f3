/**
 * The ledger: currencies, accounts, double-entry transfers, holds, settlements.
 *
 * Responsible for: every layout, key, index, reject code and rule of the domain. What makes it a ledger stands here: the
 * entries of each transfer sum to zero in each currency, and so do all accounts.
 * Not responsible for: what a command does (ledger.handlers.ts), how money moves (posting.ts).
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
  u8,
  u16,
  u32,
  u64,
} from "statevec/schema";

/** Decimal places of every amount; a currency may have fewer. */
export const AMOUNT_SCALE = 8;
/** Decimal places of an exchange rate. */
export const RATE_SCALE = 12;
const AMOUNT = { precision: 34, scale: AMOUNT_SCALE } as const;
const RATE = { precision: 24, scale: RATE_SCALE } as const;
const CURRENCY = { maxBytes: 8 } as const;
export type Amount = Decimal<typeof AMOUNT_SCALE>;
export type Rate = Decimal<typeof RATE_SCALE>;
const ZERO = 0n as Amount;

/**
 * Customer: owes or is owed, never below its overdraft. Clearing: what is due to or from a partner until the day is settled.
 * External: the world outside; money enters and leaves here alone. Position: what exchanges took in and gave out.
 */
export const Role = enumeration("Role", { Customer: 1, Clearing: 2, External: 3, Position: 4 });
/** Frozen: takes money in and gives none out. Closed: for good, and empty. */
export const AccountState = enumeration("AccountState", { Open: 1, Frozen: 2, Closed: 3 });
export const HoldState = enumeration("HoldState", { Open: 1, Captured: 2, Released: 3, Expired: 4 });
export const Purpose = enumeration("Purpose", { Payment: 1, Capture: 2, Exchange: 3, Settlement: 4 });

// ---- records ---------------------------------------------------------------------------------------------

export const Currency = record(
  "Currency",
  1,
  {
    currency: text(1, CURRENCY).immutable(),
    /** Decimal places that its amounts may have. */
    places: u8(2).immutable(),
  },
  { unique: { byCurrency: ["currency"] } },
);

export const Account = record(
  "Account",
  2,
  {
    accountId: u64(1).immutable(),
    owner: u64(2).immutable(),
    currency: ref(3, Currency).immutable(),
    role: enumOf(4, Role).immutable(),
    state: enumOf(5, AccountState),
    /** The sum of its entries. */
    posted: decimal(6, AMOUNT),
    /** What is posted, less what is held. */
    available: decimal(7, AMOUNT),
    /** The least that may be available: zero, or below with an overdraft. Absent: no limit. */
    floor: decimal(8, AMOUNT).nullable().immutable(),
  },
  {
    unique: { byAccountId: ["accountId"] },
    indexes: {
      ofOwner: ["owner"],
      ofCurrency: { on: ["currency", "role"], where: { state: ["Open", "Frozen"] } },
    },
  },
);

/** One booking. Its entries are what it moved. */
export const Transfer = record(
  "Transfer",
  3,
  {
    transferId: u64(1).immutable(),
    purpose: enumOf(2, Purpose).immutable(),
    /** The frame that made it. */
    seq: u64(3).immutable(),
  },
  { unique: { byTransferId: ["transferId"] } },
);

/** One line of an account's statement. */
export const Entry = record(
  "Entry",
  4,
  {
    transfer: ref(1, Transfer).immutable(),
    account: ref(2, Account).immutable(),
    currency: ref(3, Currency).immutable(),
    /** Above zero: the account got it. */
    amount: decimal(4, AMOUNT).immutable(),
    /** What is posted to the account with this entry. */
    balance: decimal(5, AMOUNT).immutable(),
    bookedNs: timestamp(6).immutable(),
  },
  { indexes: { statement: ["account", "bookedNs"], ofTransfer: ["transfer"] } },
);

/** Money of an account that is promised to another. It stays, with nothing left, when it has ended: its id is used. */
export const Hold = record(
  "Hold",
  5,
  {
    holdId: u64(1).immutable(),
    from: ref(2, Account).immutable(),
    to: ref(3, Account).immutable(),
    currency: ref(4, Currency).immutable(),
    state: enumOf(5, HoldState),
    /** What is still held. */
    amount: decimal(6, AMOUNT),
    captured: decimal(7, AMOUNT),
    /** From this time on it can not be captured. */
    expiresNs: timestamp(8).immutable(),
    /** The frame that made it. */
    seq: u64(9).immutable(),
  },
  {
    unique: { byHoldId: ["holdId"] },
    indexes: {
      expiring: { on: ["expiresNs"], where: { state: ["Open"] } },
      ofAccount: { on: ["from", "expiresNs"], where: { state: ["Open"] } },
    },
  },
);

/** The end of a business day in one currency: what the clearing accounts had, netted into one entry outside. */
export const Settlement = record(
  "Settlement",
  6,
  {
    currency: ref(1, Currency).immutable(),
    day: u32(2).immutable(),
    transfer: ref(3, Transfer).immutable(),
    /** How many clearing accounts were not at zero. */
    accounts: u32(4).immutable(),
    /** Above zero: paid to the outside. */
    net: decimal(5, AMOUNT).immutable(),
  },
  { unique: { byDay: ["currency", "day"] } },
);

// ---- commands --------------------------------------------------------------------------------------------

export const AddCurrency = command("AddCurrency", 1, {
  currency: text(1, { ...CURRENCY, notEmpty: true }),
  places: u8(2, { max: AMOUNT_SCALE }),
});
export const OpenAccount = command("OpenAccount", 2, {
  accountId: u64(1),
  owner: u64(2),
  currency: text(3, CURRENCY),
  role: enumOf(4, Role),
  /** How far below zero a customer's account may go. Absent: not at all. */
  overdraft: decimal(5, AMOUNT).nullable(),
});
export const SetAccountState = command("SetAccountState", 3, {
  accountId: u64(1),
  state: enumOf(2, AccountState),
});
export const PostTransfer = command("PostTransfer", 4, {
  transferId: u64(1),
  from: u64(2),
  to: u64(3),
  amount: decimal(4, AMOUNT),
});
export const PlaceHold = command("PlaceHold", 5, {
  holdId: u64(1),
  from: u64(2),
  to: u64(3),
  amount: decimal(4, AMOUNT),
  expiresNs: timestamp(5),
});
export const CaptureHold = command("CaptureHold", 6, {
  transferId: u64(1),
  holdId: u64(2),
  /** Absent: all that is still held. */
  amount: decimal(3, AMOUNT).nullable(),
  /** Whether what is not captured goes back; else it stays held. */
  releaseRest: bool(4),
});
export const ReleaseHold = command("ReleaseHold", 7, { holdId: u64(1) });
/** Ends holds whose time is over, oldest first, so that a timer need not know them. */
export const ExpireHolds = command("ExpireHolds", 8, { atMost: u16(1, { min: 1, max: 1_000 }) });
/** Gives `amount` of one currency for `amount` x `rate` of another, rounded half to even to its places. */
export const Exchange = command("Exchange", 9, {
  transferId: u64(1),
  from: u64(2),
  to: u64(3),
  amount: decimal(4, AMOUNT),
  rate: decimal(5, RATE),
});
/** Brings every open clearing account of a currency to zero, and books the net of them to an external one. */
export const SettleDay = command("SettleDay", 10, {
  transferId: u64(1),
  currency: text(2, CURRENCY),
  /** As in 20260131. */
  day: u32(3, { min: 1970_01_01, max: 9999_12_31 }),
  /** An external account. */
  to: u64(4),
});

// ---- events ----------------------------------------------------------------------------------------------

export const EntryBooked = event("EntryBooked", 1, {
  transferId: u64(1),
  accountId: u64(2),
  amount: decimal(3, AMOUNT),
  balance: decimal(4, AMOUNT),
});
export const HoldChanged = event("HoldChanged", 2, {
  holdId: u64(1),
  state: enumOf(2, HoldState),
  /** What is still held. */
  amount: decimal(3, AMOUNT),
});
export const DaySettled = event("DaySettled", 3, {
  currency: text(1, CURRENCY),
  day: u32(2),
  accounts: u32(3),
  net: decimal(4, AMOUNT),
});

/** In order of precedence. */
export const Reject = {
  ALREADY_POSTED: reject(1, "A transfer has this id.", { seq: u64(1) }),
  ALREADY_HELD: reject(2, "A hold has this id.", { seq: u64(1) }),
  UNKNOWN_CURRENCY: reject(3, "No currency has this name.", { currency: text(1, CURRENCY) }),
  ALREADY_SETTLED: reject(4, "The day is settled in this currency.", { seq: u64(1) }),
  UNKNOWN_ACCOUNT: reject(5, "No account has this id.", { accountId: u64(1) }),
  UNKNOWN_HOLD: reject(6, "No hold has this id.", { holdId: u64(1) }),
  HOLD_ENDED: reject(7, "The hold has ended.", { state: enumOf(1, HoldState) }),
  HOLD_EXPIRED: reject(8, "The time of the hold is over.", { expiresNs: timestamp(1) }),
  SAME_ACCOUNT: reject(9, "Both accounts are the same one."),
  OTHER_CURRENCY: reject(10, "The account has another currency.", { accountId: u64(1) }),
  SAME_CURRENCY: reject(11, "An exchange is between two currencies."),
  WRONG_ROLE: reject(12, "The account has a role that does not do this.", { accountId: u64(1) }),
  NO_POSITION: reject(13, "The currency has no open position account.", { currency: text(1, CURRENCY) }),
  ROLE_FULL: reject(14, "The currency has as many accounts of this role as it may.", { atMost: u32(1) }),
  ACCOUNT_CLOSED: reject(15, "The account is closed.", { accountId: u64(1) }),
  ACCOUNT_FROZEN: reject(16, "The account is frozen, so it gives nothing out.", { accountId: u64(1) }),
  NOT_EMPTY: reject(17, "An account with money or holds can not be closed.", {
    posted: decimal(1, AMOUNT),
    available: decimal(2, AMOUNT),
  }),
  BAD_OVERDRAFT: reject(18, "The overdraft is below zero, or the account is no customer's."),
  BAD_AMOUNT: reject(19, "The amount or the rate is not above zero."),
  TOO_PRECISE: reject(20, "The amount has more decimal places than its currency.", { places: u8(1) }),
  BAD_EXPIRY: reject(21, "The time of the hold would be over already."),
  ABOVE_HOLD: reject(22, "Less is held than the amount.", { held: decimal(1, AMOUNT) }),
  INSUFFICIENT_FUNDS: reject(23, "The account can not give as much.", { spendable: decimal(1, AMOUNT) }),
  NOTHING_RECEIVED: reject(24, "The amount is worth nothing in the other currency."),
};

export const schema = defineSchema("ledger", {
  records: { Currency, Account, Transfer, Entry, Hold, Settlement },
  commands: {
    AddCurrency,
    OpenAccount,
    SetAccountState,
    PostTransfer,
    PlaceHold,
    CaptureHold,
    ReleaseHold,
    ExpireHolds,
    Exchange,
    SettleDay,
  },
  events: { EntryBooked, HoldChanged, DaySettled },
  rejects: Reject,
  invariants: {
    HELD: invariant(1, Account, "What is held is never below zero.", {
      available: { lte: { field: "posted" } },
    }),
    FLOOR: invariant(2, Account, "No account falls below its floor.", {
      available: { gte: { field: "floor" } },
    }),
    HOLD: invariant(3, Hold, "A hold and its captures are never below zero.", {
      amount: { gte: ZERO },
      captured: { gte: ZERO },
    }),
    ENTRY: invariant(4, Entry, "An entry moves something.", { amount: { ne: ZERO } }),
    BALANCED: conserve(5, "The entries of a transfer sum to zero in each currency.", [
      { of: Entry, field: "amount", by: ["transfer", "currency"] },
    ]),
    MONEY: conserve(6, "Money moves between accounts; it is never made or lost.", [
      { of: Account, field: "posted", by: ["currency"] },
    ]),
    RESERVED: conserve(7, "What accounts have less available is what their holds keep.", [
      { of: Account, field: "available", by: ["currency"] },
      { of: Hold, field: "amount", by: ["currency"] },
    ]),
  },
});

export type Role = Infer<typeof Role>;
export type HoldState = Infer<typeof HoldState>;
export type Purpose = Infer<typeof Purpose>;
export type Currency = Infer<typeof Currency>;
export type Account = Infer<typeof Account>;
export type Transfer = Infer<typeof Transfer>;
export type Hold = Infer<typeof Hold>;
export type AddCurrency = Infer<typeof AddCurrency>;
export type OpenAccount = Infer<typeof OpenAccount>;
export type SetAccountState = Infer<typeof SetAccountState>;
export type PostTransfer = Infer<typeof PostTransfer>;
export type PlaceHold = Infer<typeof PlaceHold>;
export type CaptureHold = Infer<typeof CaptureHold>;
export type ReleaseHold = Infer<typeof ReleaseHold>;
export type ExpireHolds = Infer<typeof ExpireHolds>;
export type Exchange = Infer<typeof Exchange>;
export type SettleDay = Infer<typeof SettleDay>;
