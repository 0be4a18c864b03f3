/**
 * The small domain of the worked example in docs/reference/frame.md, which shows everything below this comment.
 */
import { defineDomain } from "statevec";
import { command, defineSchema, event, record, text, u64 } from "statevec/schema";

const Account = record(
  "Account",
  1,
  {
    owner: text(1, { maxBytes: 8 }).immutable(),
    balance: u64(2),
    lastPayee: text(3, { maxBytes: 8 }).nullable(),
  },
  { unique: { byOwner: ["owner"] } },
);
const Deposit = command("Deposit", 1, { owner: text(1, { maxBytes: 8 }), amount: u64(2) });
const Pay = command("Pay", 2, {
  from: text(1, { maxBytes: 8 }),
  to: text(2, { maxBytes: 8 }),
  amount: u64(3),
});
const Paid = event("Paid", 1, { from: u64(1), to: u64(2), amount: u64(3) });

const schema = defineSchema("purse", {
  records: { Account },
  commands: { Deposit, Pay },
  events: { Paid },
});

export const purse = defineDomain(schema, {
  revision: 1,
  handlers: {
    Deposit(tx, { owner, amount }) {
      tx.create(Account, { owner, balance: amount });
    },
    Pay(tx, { from, to, amount }) {
      const payer = tx.get(Account.byOwner, from);
      tx.update(payer, { balance: payer.balance - amount, lastPayee: to });
      const payee = tx.find(Account.byOwner, to) ?? tx.create(Account, { owner: to, balance: 0n });
      tx.update(payee, { balance: payee.balance + amount });
      tx.emit(Paid, { from: payer.sysId, to: payee.sysId, amount });
    },
  },
});
