/**
 * Counts what came of a run: outcomes, trades, executions that hit the order the file names, latencies.
 *
 * Not responsible for: printing (report.ts).
 */
import type { ExchangeReceipt } from "./feed.ts";
import type { Message } from "./lobster.ts";

export class Tally {
  messages = 0;
  skipped = 0;
  trades = 0;
  executions = 0;
  executionsHit = 0;
  readonly outcomes = { committed: 0, rejected: 0, faulted: 0 };
  /** Rejects and faults by code. */
  readonly codes = new Map<string, number>();
  readonly #latencies: Float64Array;
  #latencyCount = 0;

  /** @param messages how many messages there are at most */
  constructor(messages: number) {
    this.#latencies = new Float64Array(messages);
  }

  countMessage(isSkipped: boolean): void {
    this.messages++;
    if (isSkipped) this.skipped++;
  }

  /** @param latencyMs from sending the command to its durable receipt */
  add(message: Message, receipt: ExchangeReceipt, latencyMs: number): void {
    this.#latencies[this.#latencyCount++] = latencyMs;
    this.outcomes[receipt.outcome]++;
    const makers: bigint[] = [];
    if (receipt.outcome === "committed") {
      for (const event of receipt.events) if (event.name === "Trade") makers.push(event.values.makerOrderId);
    } else {
      this.codes.set(receipt.code, (this.codes.get(receipt.code) ?? 0) + 1);
    }
    this.trades += makers.length;
    if (message.type !== "execute") return;
    this.executions++;
    if (makers.length > 0 && makers.every((maker) => maker === message.orderId)) this.executionsHit++;
  }

  /** @returns latencies in microseconds that half, and 99 of 100, of the commands stayed below */
  latencyUs(): { p50: number; p99: number } {
    const sorted = this.#latencies.slice(0, this.#latencyCount).sort();
    const at = (share: number): number => {
      const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
      return Math.round(value * 1000);
    };
    return { p50: at(0.5), p99: at(0.99) };
  }
}
