/**
 * The records that frames add up to, and what they come to: an independent fold over deltas.
 *
 * Responsible for: following inserts, updates and deletes as decoded frames tell them; sums and statements of the ledger.
 * Not responsible for: whether they are right; tests say that.
 */
import type { DecodedFrame } from "../../src/history/frame.ts";

type Values = Record<string, any>;

export class Folded {
  readonly records = new Map<string, Map<bigint, Values>>();

  add(frame: DecodedFrame): this {
    if (frame.type !== "command") return this;
    for (const delta of frame.deltas) {
      const kind = this.records.get(delta.kind) ?? new Map<bigint, Values>();
      this.records.set(delta.kind, kind);
      if (delta.op === "delete") kind.delete(delta.sysId);
      else kind.set(delta.sysId, { ...kind.get(delta.sysId), ...delta.after });
    }
    return this;
  }

  of(kind: string): Values[] {
    return [...(this.records.get(kind)?.values() ?? [])];
  }

  /** Sums of a field by what `by` says of a record. */
  sums(kind: string, field: string, by: (record: Values) => string): Record<string, bigint> {
    const sums: Record<string, bigint> = {};
    for (const record of this.of(kind)) sums[by(record)] = (sums[by(record)] ?? 0n) + record[field];
    return sums;
  }

  /** Everything that has to be so after each frame; what is not, in words. */
  wrongs(): string[] {
    const wrong: string[] = [];
    const zero = (sums: Record<string, bigint>, what: string) => {
      for (const [group, sum] of Object.entries(sums)) if (sum !== 0n) wrong.push(`${what} ${group}: ${sum}`);
    };
    zero(
      this.sums("Account", "posted", ({ currency }) => String(currency)),
      "posted in currency",
    );
    zero(
      this.sums("Entry", "amount", ({ transfer, currency }) => `${transfer} in ${currency}`),
      "entries of transfer",
    );
    const held = this.sums("Hold", "amount", ({ from }) => String(from));
    const entries = this.sums("Entry", "amount", ({ account }) => String(account));
    for (const [sysId, { accountId, posted, available, floor }] of this.records.get("Account") ?? []) {
      if (posted !== (entries[String(sysId)] ?? 0n))
        wrong.push(`account ${accountId}: posted is not its entries`);
      if (available !== posted - (held[String(sysId)] ?? 0n)) wrong.push(`account ${accountId}: available`);
      if (floor !== null && available < floor) wrong.push(`account ${accountId}: below its floor`);
    }
    return wrong;
  }

  /** As PlainLedger.accounts tells them. */
  accounts() {
    const bySysId = this.records.get("Account") ?? new Map<bigint, Values>();
    return [...bySysId].map(([sysId, { accountId, state, posted, available }]) => ({
      accountId,
      state,
      posted,
      available,
      statement: this.of("Entry")
        .filter(({ account }) => account === sysId)
        .map(({ amount }) => amount),
    }));
  }

  /** As PlainLedger.holds tells them. */
  holds() {
    return this.of("Hold").map(({ holdId, state, amount, captured }) => ({
      holdId,
      state,
      amount,
      captured,
    }));
  }
}
