/**
 * The commands that clients of the kill test send: the n-th of a client is always the same, so that a client that was killed
 * goes on without a memory of its own, and the history can be judged without one.
 */

/** One command of the ledger example. */
export interface LedgerCommand {
  readonly name: "AddCurrency" | "OpenAccount" | "PostTransfer";
  readonly payload: Readonly<Record<string, unknown>>;
}

/** The client that opens the accounts. */
export const OPENING_CLIENT = 1n;
const OUTSIDE = 1n;
const FIRST_ACCOUNT = 10n;
const ACCOUNTS = 20;
/** One cent, in the ledger's amounts of 8 places. */
const CENT = 1_000_000n;

/** What is sent once, in this order. */
export const OPENING: readonly LedgerCommand[] = [
  { name: "AddCurrency", payload: { currency: "EUR", places: 2 } },
  { name: "OpenAccount", payload: { accountId: OUTSIDE, owner: 0n, currency: "EUR", role: "External" } },
  ...Array.from({ length: ACCOUNTS }, (_, at): LedgerCommand => {
    const accountId = FIRST_ACCOUNT + BigInt(at);
    return {
      name: "OpenAccount",
      payload: { accountId, owner: accountId, currency: "EUR", role: "Customer" },
    };
  }),
];

/** The n-th command of a client, from 1: money from outside, payments, and some that are refused. */
export function transferAt(client: bigint, n: bigint): LedgerCommand {
  const account = (factor: bigint): bigint => FIRST_ACCOUNT + ((n * factor + client) % BigInt(ACCOUNTS));
  return {
    name: "PostTransfer",
    payload: {
      transferId: (client << 32n) + n,
      from: n % 4n === 0n ? OUTSIDE : account(7n),
      to: account(13n),
      amount: ((n % 90n) + 1n) * CENT,
    },
  };
}
