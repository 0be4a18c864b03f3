/** Counts what came of a load: outcomes, trades, latencies. */
import type { ExchangeReceipt } from "../feed.ts";

export class Tally {
  trades = 0;
  readonly outcomes = { committed: 0, rejected: 0, faulted: 0 };
  /** Rejects and faults by code. */
  readonly codes = new Map<string, number>();
  #latencies = new Float64Array(65_536);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** @param latencyMs from submitting the command to its receipt */
  add(receipt: ExchangeReceipt, latencyMs: number): void {
    if (this.#count === this.#latencies.length) {
      const larger = new Float64Array(2 * this.#count);
      larger.set(this.#latencies);
      this.#latencies = larger;
    }
    this.#latencies[this.#count++] = latencyMs;
    this.outcomes[receipt.outcome]++;
    if (receipt.outcome === "committed") {
      for (const { name } of receipt.events) if (name === "Trade") this.trades++;
    } else this.codes.set(receipt.code, (this.codes.get(receipt.code) ?? 0) + 1);
  }

  /** @returns latencies in microseconds that half, and 99 of 100, of the commands stayed below */
  latencyUs(): { p50: number; p99: number } {
    const sorted = this.#latencies.slice(0, this.#count).sort();
    const at = (share: number) => Math.round(1_000 * (sorted[Math.floor(sorted.length * share)] ?? 0));
    return { p50: at(0.5), p99: at(0.99) };
  }
}
