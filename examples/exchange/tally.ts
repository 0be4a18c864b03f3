/**
 * Counts what came of a run: outcomes, trades, executions that hit the order that the input names, latencies.
 *
 * An execution hits when, after it, the exchange has traded as much of the named order as the input says. So one
 * execution that comes a message too early or too late is one miss, not two. `executionsHitAtOnce` is the literal count:
 * those that traded with the named order and no other. docs/decisions.md says why both are told.
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
  executionsHitAtOnce = 0;
  readonly outcomes = { committed: 0, rejected: 0, faulted: 0 };
  /** Rejects and faults by code. */
  readonly codes = new Map<string, number>();
  /** Quantities by order id: what the exchange traded of it, what the input says was executed of it. */
  readonly #traded = new Map<bigint, bigint>();
  readonly #executed = new Map<bigint, bigint>();
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
    if (receipt.outcome !== "committed") {
      this.codes.set(receipt.code, (this.codes.get(receipt.code) ?? 0) + 1);
    }
    const makers = this.#addTrades(receipt);
    if (message.type === "execute") this.#addExecution(message, makers);
  }

  /** @returns the order ids that were traded with */
  #addTrades(receipt: ExchangeReceipt): bigint[] {
    const makers: bigint[] = [];
    if (receipt.outcome !== "committed") return makers;
    for (const event of receipt.events) {
      if (event.name !== "Trade") continue;
      const { makerOrderId, quantity } = event.values;
      makers.push(makerOrderId);
      this.trades++;
      this.#traded.set(makerOrderId, (this.#traded.get(makerOrderId) ?? 0n) + quantity);
    }
    return makers;
  }

  #addExecution({ orderId, size }: Message, makers: readonly bigint[]): void {
    const executed = (this.#executed.get(orderId) ?? 0n) + size;
    this.#executed.set(orderId, executed);
    this.executions++;
    if ((this.#traded.get(orderId) ?? 0n) >= executed) this.executionsHit++;
    if (makers.length > 0 && makers.every((maker) => maker === orderId)) this.executionsHitAtOnce++;
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
