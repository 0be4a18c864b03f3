/**
 * What the accounts of each currency come to, told from frames alone: no handler, no engine state.
 *
 * Responsible for: following every account through the deltas, and the sum of each currency after each frame.
 * Not responsible for: what the sum should be.
 */
import type { Frame } from "statevec";

interface FollowedAccount {
  readonly currency: bigint;
  readonly role: string;
  posted: bigint;
}

export class Sums {
  /** By SysId. */
  readonly accounts = new Map<bigint, FollowedAccount>();
  /** Names by SysId. */
  readonly currencies = new Map<bigint, { readonly name: string; readonly places: number }>();
  readonly #sums = new Map<bigint, bigint>();

  /** Follows one frame. @returns the currencies whose accounts do not sum to zero after it, by name */
  add(frame: Frame): string[] {
    if (frame.type !== "command") return [];
    const touched = new Set<bigint>();
    for (const delta of frame.deltas) {
      if (delta.op === "delete") continue;
      const { kind, sysId, after } = delta;
      if (kind === "Currency") this.#addCurrency(sysId, after);
      if (kind === "Account") touched.add(this.#follow(sysId, after));
    }
    return [...touched]
      .filter((currency) => this.sumOf(currency) !== 0n)
      .map((currency) => this.nameOf(currency));
  }

  sumOf(currency: bigint): bigint {
    return this.#sums.get(currency) ?? 0n;
  }

  nameOf(currency: bigint): string {
    return this.currencies.get(currency)?.name ?? String(currency);
  }

  #addCurrency(sysId: bigint, { currency, places }: Readonly<Record<string, unknown>>): void {
    this.currencies.set(sysId, { name: currency as string, places: places as number });
  }

  /** An insert has every field, an update those that changed. */
  #follow(sysId: bigint, after: Readonly<Record<string, unknown>>): bigint {
    const { currency, role, posted } = after as Partial<FollowedAccount>;
    const account = this.accounts.get(sysId) ?? { currency: currency!, role: role!, posted: 0n };
    const now = posted ?? account.posted;
    this.#sums.set(account.currency, this.sumOf(account.currency) + now - account.posted);
    account.posted = now;
    this.accounts.set(sysId, account);
    return account.currency;
  }
}
