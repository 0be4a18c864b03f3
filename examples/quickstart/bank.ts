/** A bank of two commands: the smallest domain that says no. */
import { defineDomain } from "statevec";
import { command, defineSchema, record, reject, text, u64 } from "statevec/schema";

export const Account = record(
  "Account",
  1,
  {
    owner: text(1, { maxBytes: 32 }).immutable(),
    balance: u64(2),
  },
  { unique: { byOwner: ["owner"] } },
);
const Deposit = command("Deposit", 1, { owner: text(1, { maxBytes: 32 }), amount: u64(2) });
const Withdraw = command("Withdraw", 2, { owner: text(1, { maxBytes: 32 }), amount: u64(2) });
const Reject = {
  NO_ACCOUNT: reject(1, "The owner has no account."),
  NO_FUNDS: reject(2, "The balance is smaller than the amount.", { balance: u64(1) }),
};

export const bank = defineDomain(
  defineSchema("bank", {
    records: { Account },
    commands: { Deposit, Withdraw },
    rejects: Reject,
  }),
  {
    revision: 1,
    handlers: {
      Deposit(tx, { owner, amount }) {
        const account = tx.find(Account.byOwner, owner) ?? tx.create(Account, { owner, balance: 0n });
        tx.update(account, { balance: account.balance + amount });
      },
      Withdraw(tx, { owner, amount }) {
        const account = tx.find(Account.byOwner, owner) ?? tx.reject(Reject.NO_ACCOUNT);
        const { balance } = account;
        if (balance < amount) return tx.reject(Reject.NO_FUNDS, { balance });
        tx.update(account, { balance: balance - amount });
      },
    },
  },
);
