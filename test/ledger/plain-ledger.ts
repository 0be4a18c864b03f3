/**
 * The ledger once more: slow, obvious, without a line in common with the example.
 *
 * Responsible for: what each command comes to (outcome, code, details, events) and what every account, hold and statement holds
 * then. It works on copies, sums a balance from its entries whenever it is asked, and what is held from the holds.
 * Not responsible for: frames and bytes.
 */
const PLACES = 8;
const LIMIT = 10n ** 34n;
const I128_LIMIT = 2n ** 127n;

interface PlainAccount {
  readonly currency: string;
  readonly role: string;
  readonly overdraft: bigint | null;
  state: string;
}
interface PlainEntry {
  readonly transferId: bigint;
  readonly accountId: bigint;
  readonly amount: bigint;
  readonly timeNs: bigint;
}
interface PlainHold {
  readonly from: bigint;
  readonly to: bigint;
  readonly expiresNs: bigint;
  readonly seq: bigint;
  readonly placed: bigint;
  readonly captures: bigint[];
  state: string;
}
interface State {
  currencies: Record<string, number>;
  accounts: Map<bigint, PlainAccount>;
  entries: PlainEntry[];
  holds: Map<bigint, PlainHold>;
  /** Frames by transfer id. */
  transfers: Map<bigint, bigint>;
  /** Frames by currency and day. */
  settled: Map<string, bigint>;
}

export interface Answer {
  readonly outcome: string;
  readonly code: string | null;
  readonly detail: unknown;
  readonly events: readonly { readonly name: string; readonly values: unknown }[];
}

class Stop {
  readonly outcome: "rejected" | "faulted";
  readonly code: string;
  readonly detail: Record<string, unknown>;

  constructor(outcome: "rejected" | "faulted", code: string, detail: Record<string, unknown>) {
    [this.outcome, this.code, this.detail] = [outcome, code, detail];
  }
}

function no(code: string, detail: Record<string, unknown> = {}): never {
  for (const value of Object.values(detail)) if (typeof value === "bigint") within(value, 1);
  throw new Stop("rejected", code, detail);
}

/** Decimals that leave their precision. Ids and times are as wide as u64 and never do. */
function within(value: bigint, field: number): void {
  if (value >= LIMIT || value <= -LIMIT) throw new Stop("faulted", "OVERFLOW", { field });
}

function halfEven(numerator: bigint, denominator: bigint): bigint {
  const doubled = (2n * numerator + denominator) / (2n * denominator);
  const isTie = (2n * numerator + denominator) % (2n * denominator) === 0n;
  return isTie && doubled % 2n === 1n ? doubled - 1n : doubled;
}

export class PlainLedger {
  #state: State = {
    currencies: {},
    accounts: new Map(),
    entries: [],
    holds: new Map(),
    transfers: new Map(),
    settled: new Map(),
  };
  #events: { name: string; values: unknown }[] = [];
  #timeNs = 0n;
  #seq = 0n;

  execute(name: string, payload: any, seq: bigint, timeNs: bigint): Answer {
    const before = structuredClone(this.#state);
    [this.#seq, this.#timeNs, this.#events] = [seq, timeNs, []];
    try {
      (this as any)[name](payload);
      return { outcome: "committed", code: null, detail: null, events: this.#events };
    } catch (stop) {
      if (!(stop instanceof Stop)) throw stop;
      this.#state = before;
      return { outcome: stop.outcome, code: stop.code, detail: stop.detail, events: [] };
    }
  }

  // ---- what it holds -----------------------------------------------------------------------------------

  posted(accountId: bigint): bigint {
    return this.statement(accountId).reduce<bigint>((sum, amount) => sum + amount, 0n);
  }

  statement(accountId: bigint): bigint[] {
    return this.#state.entries.filter((entry) => entry.accountId === accountId).map(({ amount }) => amount);
  }

  held(accountId: bigint): bigint {
    const own = [...this.#state.holds.values()].filter(({ from }) => from === accountId);
    return own.reduce<bigint>((sum, hold) => sum + this.#left(hold), 0n);
  }

  available(accountId: bigint): bigint {
    return this.posted(accountId) - this.held(accountId);
  }

  accounts() {
    return [...this.#state.accounts].map(([accountId, { state }]) => ({
      accountId,
      state,
      posted: this.posted(accountId),
      available: this.available(accountId),
      statement: this.statement(accountId),
    }));
  }

  holds() {
    return [...this.#state.holds].map(([holdId, hold]) => ({
      holdId,
      state: hold.state,
      amount: this.#left(hold),
      captured: hold.captures.reduce<bigint>((sum, amount) => sum + amount, 0n),
    }));
  }

  #left(hold: PlainHold): bigint {
    return hold.state === "Open"
      ? hold.captures.reduce<bigint>((left, amount) => left - amount, hold.placed)
      : 0n;
  }

  // ---- commands ----------------------------------------------------------------------------------------

  AddCurrency({ currency, places }: { currency: string; places: number }): void {
    if (currency === "") no("PAYLOAD_CHECK", { field: "currency" });
    if (places > PLACES) no("PAYLOAD_CHECK", { field: "places" });
    if (currency in this.#state.currencies) no("UNIQUE_KEY_TAKEN", { uk: "Currency.byCurrency" });
    this.#state.currencies[currency] = places;
  }

  OpenAccount({ accountId, currency, role, overdraft }: any): void {
    const places = this.#state.currencies[currency] ?? no("UNKNOWN_CURRENCY", { currency });
    const most: Record<string, number> = { Position: 1, Clearing: 100 };
    const same = [...this.#state.accounts.values()].filter(
      (one) => one.currency === currency && one.role === role && one.state !== "Closed",
    );
    if (same.length === most[role]) no("ROLE_FULL", { atMost: most[role] });
    if (overdraft !== null && (overdraft < 0n || role !== "Customer")) no("BAD_OVERDRAFT");
    if (overdraft !== null) this.#precise(overdraft, places);
    if (this.#state.accounts.has(accountId)) no("UNIQUE_KEY_TAKEN", { uk: "Account.byAccountId" });
    const limit = role === "Customer" ? (overdraft ?? 0n) : null;
    this.#state.accounts.set(accountId, { currency, role, overdraft: limit, state: "Open" });
  }

  SetAccountState({ accountId, state }: any): void {
    const account = this.#account(accountId);
    if (account.state === "Closed") no("ACCOUNT_CLOSED", { accountId });
    const [posted, available] = [this.posted(accountId), this.available(accountId)];
    if (state === "Closed" && (posted !== 0n || available !== 0n)) no("NOT_EMPTY", { posted, available });
    account.state = state;
  }

  PostTransfer({ transferId, from, to, amount }: any): void {
    this.#isNewTransfer(transferId);
    this.#canGive(from, to, amount);
    this.#canAfford(from, amount);
    this.#book(transferId, from, 0n - amount);
    this.#book(transferId, to, amount);
  }

  PlaceHold({ holdId, from, to, amount, expiresNs }: any): void {
    const twin = this.#state.holds.get(holdId);
    if (twin) no("ALREADY_HELD", { seq: twin.seq });
    this.#canGive(from, to, amount);
    if (this.#timeNs >= expiresNs) no("BAD_EXPIRY");
    this.#canAfford(from, amount);
    const hold = { from, to, expiresNs, seq: this.#seq, placed: amount, captures: [], state: "Open" };
    this.#state.holds.set(holdId, hold);
    within(this.available(from), 7);
    this.#holdChanged(holdId, hold);
  }

  CaptureHold({ transferId, holdId, amount: asked, releaseRest }: any): void {
    this.#isNewTransfer(transferId);
    const hold = this.#openHold(holdId);
    if (this.#timeNs >= hold.expiresNs) no("HOLD_EXPIRED", { expiresNs: hold.expiresNs });
    const { from, to } = hold;
    const left = this.#left(hold);
    const amount = asked === null ? left : asked;
    if (this.#account(to).state === "Closed") no("ACCOUNT_CLOSED", { accountId: to });
    if (amount <= 0n) no("BAD_AMOUNT");
    this.#precise(amount, this.#state.currencies[this.#account(from).currency]!);
    if (amount > left) no("ABOVE_HOLD", { held: left });
    hold.captures.push(amount);
    if (releaseRest || amount === left) hold.state = "Captured";
    within(this.available(from), 7);
    this.#holdChanged(holdId, hold);
    this.#book(transferId, from, 0n - amount);
    this.#book(transferId, to, amount);
  }

  ReleaseHold({ holdId }: any): void {
    this.#endHold(holdId, this.#openHold(holdId), "Released");
  }

  ExpireHolds({ atMost }: any): void {
    if (atMost < 1 || atMost > 1000) no("PAYLOAD_CHECK", { field: "atMost" });
    const over = [...this.#state.holds].filter(
      ([, hold]) => hold.state === "Open" && hold.expiresNs <= this.#timeNs,
    );
    // Of one time, the older first: the order of the map.
    over.sort(([, a], [, b]) => Number(a.expiresNs - b.expiresNs));
    for (const [holdId, hold] of over.slice(0, atMost)) this.#endHold(holdId, hold, "Expired");
  }

  Exchange({ transferId, from, to, amount, rate }: any): void {
    this.#isNewTransfer(transferId);
    const [giver, taker] = [this.#account(from), this.#account(to)];
    if (giver.currency === taker.currency) no("SAME_CURRENCY");
    for (const [accountId, { role }] of [[from, giver] as const, [to, taker] as const]) {
      if (role === "Position") no("WRONG_ROLE", { accountId });
    }
    const positionOf = (currency: string): bigint => {
      const found = [...this.#state.accounts].find(
        ([, one]) => one.currency === currency && one.role === "Position" && one.state === "Open",
      );
      return found?.[0] ?? no("NO_POSITION", { currency });
    };
    const [sold, bought] = [positionOf(giver.currency), positionOf(taker.currency)];
    this.#states(from, to);
    if (amount <= 0n || rate <= 0n) no("BAD_AMOUNT");
    this.#precise(amount, this.#state.currencies[giver.currency]!);
    this.#canAfford(from, amount);
    const unit = 10n ** BigInt(PLACES - this.#state.currencies[taker.currency]!);
    const units = halfEven(BigInt(amount) * BigInt(rate), 10n ** 12n * unit);
    if (units * unit >= I128_LIMIT) throw new Stop("faulted", "OVERFLOW", { field: 0 });
    if (units === 0n) no("NOTHING_RECEIVED");
    this.#book(transferId, from, 0n - amount);
    this.#book(transferId, sold, amount);
    this.#book(transferId, bought, -units * unit);
    this.#book(transferId, to, units * unit);
  }

  SettleDay({ transferId, currency, day, to }: any): void {
    if (day < 1970_01_01 || day > 9999_12_31) no("PAYLOAD_CHECK", { field: "day" });
    this.#isNewTransfer(transferId);
    if (!(currency in this.#state.currencies)) no("UNKNOWN_CURRENCY", { currency });
    const settled = this.#state.settled.get(`${currency} ${day}`);
    if (settled !== undefined) no("ALREADY_SETTLED", { seq: settled });
    const outside = this.#account(to);
    if (outside.currency !== currency) no("OTHER_CURRENCY", { accountId: to });
    if (outside.role !== "External") no("WRONG_ROLE", { accountId: to });
    if (outside.state === "Closed") no("ACCOUNT_CLOSED", { accountId: to });
    if (outside.state === "Frozen") no("ACCOUNT_FROZEN", { accountId: to });
    const due = [...this.#state.accounts]
      .filter(([, one]) => one.currency === currency && one.role === "Clearing" && one.state === "Open")
      .map(([accountId]) => [accountId, this.available(accountId)] as const)
      .filter(([, amount]) => amount !== 0n);
    for (const [accountId, amount] of due) this.#book(transferId, accountId, -amount);
    const net = due.reduce<bigint>((sum, [, amount]) => sum + amount, 0n);
    if (net !== 0n) this.#book(transferId, to, net);
    this.#state.settled.set(`${currency} ${day}`, this.#seq);
    this.#events.push({ name: "DaySettled", values: { currency, day, accounts: due.length, net } });
  }

  // ---- rules that several commands have ----------------------------------------------------------------

  #account(accountId: bigint): PlainAccount {
    return this.#state.accounts.get(accountId) ?? no("UNKNOWN_ACCOUNT", { accountId });
  }

  #isNewTransfer(transferId: bigint): void {
    const seq = this.#state.transfers.get(transferId);
    if (seq !== undefined) no("ALREADY_POSTED", { seq });
    this.#state.transfers.set(transferId, this.#seq);
  }

  #openHold(holdId: bigint): PlainHold {
    const hold = this.#state.holds.get(holdId) ?? no("UNKNOWN_HOLD", { holdId });
    if (hold.state !== "Open") no("HOLD_ENDED", { state: hold.state });
    return hold;
  }

  #endHold(holdId: bigint, hold: PlainHold, state: string): void {
    hold.state = state;
    this.#holdChanged(holdId, hold);
  }

  #holdChanged(holdId: bigint, hold: PlainHold): void {
    const values = { holdId, state: hold.state, amount: this.#left(hold) };
    this.#events.push({ name: "HoldChanged", values });
  }

  #states(from: bigint, to: bigint): void {
    for (const accountId of [from, to]) {
      if (this.#account(accountId).state === "Closed") no("ACCOUNT_CLOSED", { accountId });
    }
    if (this.#account(from).state === "Frozen") no("ACCOUNT_FROZEN", { accountId: from });
  }

  #precise(amount: bigint, places: number): void {
    if (amount % 10n ** BigInt(PLACES - places) !== 0n) no("TOO_PRECISE", { places });
  }

  #canGive(from: bigint, to: bigint, amount: bigint): void {
    const [giver, taker] = [this.#account(from), this.#account(to)];
    if (from === to) no("SAME_ACCOUNT");
    if (giver.currency !== taker.currency) no("OTHER_CURRENCY", { accountId: to });
    this.#states(from, to);
    if (amount <= 0n) no("BAD_AMOUNT");
    this.#precise(amount, this.#state.currencies[giver.currency]!);
  }

  #canAfford(accountId: bigint, amount: bigint): void {
    const { overdraft } = this.#account(accountId);
    if (overdraft === null) return;
    const spendable = this.available(accountId) + overdraft;
    if (spendable < amount) no("INSUFFICIENT_FUNDS", { spendable });
  }

  #book(transferId: bigint, accountId: bigint, amount: bigint): void {
    this.#state.entries.push({ transferId, accountId, amount, timeNs: this.#timeNs });
    const balance = this.posted(accountId);
    within(balance, 6);
    within(this.available(accountId), 7);
    this.#events.push({ name: "EntryBooked", values: { transferId, accountId, amount, balance } });
  }
}
