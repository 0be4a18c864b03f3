/** A till: the smallest sealed domain that has a key, an event, a reject with details and arithmetic that overflows. */
import { command, defineSchema, event, record, reject, text, u64 } from "statevec/schema";

export const Account = record(
  "Account",
  1,
  { owner: text(1, { maxBytes: 32 }).immutable(), balance: u64(2) },
  { unique: { byOwner: ["owner"] } },
);
export const Deposit = command("Deposit", 1, { owner: text(1, { maxBytes: 32 }), amount: u64(2) });
export const Withdraw = command("Withdraw", 2, { owner: text(1, { maxBytes: 32 }), amount: u64(2) });
export const Moved = event("Moved", 1, { owner: text(1, { maxBytes: 32 }), balance: u64(2) });
export const Reject = {
  NO_ACCOUNT: reject(1, "The owner has no account."),
  NO_FUNDS: reject(2, "The balance is smaller than the amount.", { balance: u64(1) }),
};
export const schema = defineSchema("till", {
  records: { Account },
  commands: { Deposit, Withdraw },
  events: { Moved },
  rejects: Reject,
});
