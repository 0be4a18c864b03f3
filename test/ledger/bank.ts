/**
 * A small bank to test the ledger in, in either lane: euro, yen and bitcoin, a handful of accounts, short commands.
 *
 * Not responsible for: any expectation; tests say what they expect.
 */
import { type History, memoryHistory, open, type Receipt, sealedDomain } from "statevec";
import type { Ledger } from "../../examples/ledger/generate.ts";
import { ledger } from "../../examples/ledger/ledger.handlers.ts";
import {
  Account,
  type Amount,
  Entry,
  Hold,
  type Rate,
  type Role,
  schema,
} from "../../examples/ledger/ledger.schema.ts";
import { exampleModule } from "../sealed/examples.ts";

export const openLedger = ledger;

export function sealedLedger(): typeof ledger {
  return sealedDomain(exampleModule("ledger"), { schema });
}

export const LANES = ["open", "sealed"] as const;
export type Lane = (typeof LANES)[number];
export type Answer = Receipt<Ledger>;

function mantissa(text: string, scale: number): bigint {
  const [, sign, whole, fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)!;
  return BigInt(`${sign}${whole}${fraction.padEnd(scale, "0")}`);
}
/** `money("12.5")` */
export const money = (text: string) => mantissa(text, 8) as Amount;
export const rateOf = (text: string) => mantissa(text, 12) as Rate;

export type Bank = Awaited<ReturnType<typeof openBank>>;

/** The time at which a bank begins. */
export const START_NS = 1_000n;

/**
 * Accounts in euro: 1 external, 2 position, 3 and 4 clearing, 10 to 12 of customers, 12 with an overdraft of 50; in yen: 21
 * external, 22 position, 20 of a customer; in bitcoin, without a position: 30 of a customer. 100 euro are on 10, 9,000 yen on
 * 20.
 */
export async function openBank(domain: typeof ledger, history: History = memoryHistory()) {
  const clock = { timeNs: START_NS, nowNs: () => clock.timeNs };
  const engine = await open({ domain, history, clock, historyId: new Uint8Array(16) });
  let nextTransfer = 1_000n;

  const openAccount = (accountId: bigint, currency: string, role: Role, overdraft: Amount | null = null) =>
    engine.submit("OpenAccount", { accountId, owner: accountId, currency, role, overdraft });
  const transfer = (from: bigint, to: bigint, amount: string, transferId = nextTransfer++) =>
    engine.submit("PostTransfer", { transferId, from, to, amount: money(amount) });

  const bank = {
    engine,
    clock,
    openAccount,
    transfer,
    setState: (accountId: bigint, state: "Open" | "Frozen" | "Closed") =>
      engine.submit("SetAccountState", { accountId, state }),
    hold: (holdId: bigint, from: bigint, to: bigint, amount: string, expiresNs = 2_000n) =>
      engine.submit("PlaceHold", { holdId, from, to, amount: money(amount), expiresNs }),
    capture: (holdId: bigint, amount: string | null, releaseRest = true, transferId = nextTransfer++) =>
      engine.submit("CaptureHold", {
        transferId,
        holdId,
        amount: amount === null ? null : money(amount),
        releaseRest,
      }),
    release: (holdId: bigint) => engine.submit("ReleaseHold", { holdId }),
    expire: (atMost: number) => engine.submit("ExpireHolds", { atMost }),
    exchange: (from: bigint, to: bigint, amount: string, rate: string, transferId = nextTransfer++) =>
      engine.submit("Exchange", { transferId, from, to, amount: money(amount), rate: rateOf(rate) }),
    settle: (currency: string, day: number, to: bigint, transferId = nextTransfer++) =>
      engine.submit("SettleDay", { transferId, currency, day, to }),
    /** What is posted and available of accounts. */
    balances: (...accountIds: bigint[]) =>
      engine.read((view) =>
        accountIds.map((accountId) => {
          const { posted, available } = view.get(Account.byAccountId, accountId);
          return [posted, available];
        }),
      ),
    /** The entries of an account in order: amount and balance. */
    statement: (accountId: bigint) =>
      engine.read((view) => {
        const { sysId } = view.get(Account.byAccountId, accountId);
        return Array.from(view.list(Entry.statement, [sysId]), ({ amount, balance }) => [amount, balance]);
      }),
    openHolds: () => engine.read((view) => Array.from(view.list(Hold.expiring, []), ({ holdId }) => holdId)),
    /** Runs everything again and closes. */
    async finish(): Promise<boolean> {
      const { identical } = await engine.audit();
      await engine.close();
      return identical;
    },
  };
  const setUp = [
    engine.submit("AddCurrency", { currency: "EUR", places: 2 }),
    engine.submit("AddCurrency", { currency: "JPY", places: 0 }),
    engine.submit("AddCurrency", { currency: "BTC", places: 8 }),
    openAccount(1n, "EUR", "External"),
    openAccount(2n, "EUR", "Position"),
    openAccount(3n, "EUR", "Clearing"),
    openAccount(4n, "EUR", "Clearing"),
    openAccount(10n, "EUR", "Customer"),
    openAccount(11n, "EUR", "Customer"),
    openAccount(12n, "EUR", "Customer", money("50")),
    openAccount(20n, "JPY", "Customer"),
    openAccount(21n, "JPY", "External"),
    openAccount(22n, "JPY", "Position"),
    openAccount(30n, "BTC", "Customer"),
    transfer(1n, 10n, "100"),
    transfer(21n, 20n, "9000"),
  ];
  for (const { outcome, seq } of await Promise.all(setUp)) {
    if (outcome !== "committed") throw new Error(`set-up frame ${seq} is ${outcome}`);
  }
  return bank;
}

/** A receipt in a line or a few: what it says no with, or its events. */
export function story(receipt: Answer): string[] {
  if (receipt.outcome === "rejected") return [`${receipt.code} ${text(receipt.detail ?? {})}`.trim()];
  if (receipt.outcome === "faulted") return [`faulted ${receipt.code} ${text(receipt.detail ?? {})}`.trim()];
  return receipt.events.map(({ name, values }) => `${name} ${text(values)}`);
}

const AMOUNTS = new Set(["amount", "balance", "posted", "available", "held", "spendable", "net"]);

function text(values: object): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${AMOUNTS.has(name) ? amountText(value) : value}`)
    .join(" ");
}

/** Without needless zeros. */
function amountText(amount: bigint): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(9, "0");
  const all = `${amount < 0n ? "-" : ""}${digits.slice(0, -8)}.${digits.slice(-8)}`;
  return all.replace(/\.?0+$/, "");
}
