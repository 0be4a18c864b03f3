/** What the commands of the till do. */
import { Account, Deposit, Moved, Reject, Withdraw } from "../build/till.schema";

export function deposit(cmd: Deposit): void {
  let account = Account.byOwner.find(cmd.owner);
  if (!account) account = Account.create({ owner: cmd.owner, balance: 0 });
  account.balance += cmd.amount;
  Moved.emit({ owner: cmd.owner, balance: account.balance });
}

export function withdraw(cmd: Withdraw): void {
  const account = Account.byOwner.find(cmd.owner);
  if (!account) return Reject.NO_ACCOUNT();
  const balance = account.balance;
  if (balance < cmd.amount) return Reject.NO_FUNDS({ balance });
  account.balance = balance - cmd.amount;
  Moved.emit({ owner: cmd.owner, balance: account.balance });
}
