/**
 * What each command does. A handler is a column of guards in the order of the reject codes, then the writes.
 *
 * Whoever changes what a handler does raises `revision`: a history knows which frames which handlers made.
 */
import { defineDomain, num, type Tx } from "statevec";
import {
  Account,
  type Deposit,
  Moved,
  type OpenAccount,
  Outside,
  Reject,
  schema,
  type Transfer,
} from "./starter.schema.ts";

export const domain = defineDomain(schema, {
  revision: 1,
  handlers: { OpenAccount: openAccount, Deposit: deposit, Transfer: transfer },
});

/** A second account of the same owner is rejected by the unique key: UNIQUE_KEY_TAKEN. */
function openAccount(tx: Tx, { owner }: OpenAccount): void {
  tx.create(Account, { owner, balance: 0n });
}

function deposit(tx: Tx, { owner, amount }: Deposit): void {
  const account = tx.find(Account.byOwner, owner) ?? tx.reject(Reject.UNKNOWN_ACCOUNT, { owner });

  const outside = tx.find(Outside.byNumber, 1) ?? tx.create(Outside, { number: 1, balance: 0n });
  tx.update(outside, { balance: num.i64.sub(outside.balance, amount) });
  tx.update(account, { balance: num.u64.add(account.balance, amount) });
  tx.emit(Moved, { from: null, to: owner, amount });
}

function transfer(tx: Tx, cmd: Transfer): void {
  const { amount } = cmd;
  const from = tx.find(Account.byOwner, cmd.from) ?? tx.reject(Reject.UNKNOWN_ACCOUNT, { owner: cmd.from });
  const to = tx.find(Account.byOwner, cmd.to) ?? tx.reject(Reject.UNKNOWN_ACCOUNT, { owner: cmd.to });
  if (from.sysId === to.sysId) return tx.reject(Reject.SAME_ACCOUNT);
  const { balance } = from;
  if (balance < amount) return tx.reject(Reject.INSUFFICIENT_FUNDS, { balance });

  tx.update(from, { balance: num.u64.sub(balance, amount) });
  tx.update(to, { balance: num.u64.add(to.balance, amount) });
  tx.emit(Moved, { from: cmd.from, to: cmd.to, amount });
}
