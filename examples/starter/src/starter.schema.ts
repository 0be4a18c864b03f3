/**
 * A small bank: accounts, deposits, transfers.
 *
 * Responsible for: every layout, key, index, reject code and rule of the domain.
 * Not responsible for: what a command does (starter.handlers.ts).
 */
import {
  command,
  conserve,
  defineSchema,
  event,
  type Infer,
  i64,
  record,
  reject,
  text,
  u32,
  u64,
} from "statevec/schema";

/** The first argument of a field is its number: it stands in every frame, and is never used again for anything else. */
const OWNER = { maxBytes: 32, notEmpty: true } as const;
/** Amounts are cents. */
const AMOUNT = { min: 1n, max: 1_000_000_000_000n } as const;

export const Account = record(
  "Account",
  1,
  { owner: text(1, { maxBytes: 32 }).immutable(), balance: u64(2) },
  { unique: { byOwner: ["owner"] }, indexes: { richest: [{ desc: "balance" }] } },
);

/** Where deposits come from. Its balance is what was paid in, below zero: with it, all balances add up to nothing. */
export const Outside = record(
  "Outside",
  2,
  { number: u32(1).immutable(), balance: i64(2) },
  { unique: { byNumber: ["number"] } },
);

export const OpenAccount = command("OpenAccount", 1, { owner: text(1, OWNER) });
export const Deposit = command("Deposit", 2, { owner: text(1, OWNER), amount: u64(2, AMOUNT) });
export const Transfer = command("Transfer", 3, {
  from: text(1, OWNER),
  to: text(2, OWNER),
  amount: u64(3, AMOUNT),
});
export type OpenAccount = Infer<typeof OpenAccount>;
export type Deposit = Infer<typeof Deposit>;
export type Transfer = Infer<typeof Transfer>;

export const Moved = event("Moved", 1, {
  /** Absent: from outside. */
  from: text(1, { maxBytes: 32 }).nullable(),
  to: text(2, { maxBytes: 32 }),
  amount: u64(3),
});

/** In order of precedence. */
export const Reject = {
  UNKNOWN_ACCOUNT: reject(1, "Nobody of this name has an account.", { owner: text(1, { maxBytes: 32 }) }),
  SAME_ACCOUNT: reject(2, "Both accounts are the same one."),
  INSUFFICIENT_FUNDS: reject(3, "The balance is smaller than the amount.", { balance: u64(1) }),
};

export const schema = defineSchema("starter", {
  records: { Account, Outside },
  commands: { OpenAccount, Deposit, Transfer },
  events: { Moved },
  rejects: Reject,
  invariants: {
    MONEY: conserve(1, "Money moves; none is made or lost.", [
      { of: Account, field: "balance" },
      { of: Outside, field: "balance" },
    ]),
  },
});
