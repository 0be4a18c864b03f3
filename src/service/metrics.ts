/**
 * What a service counts.
 *
 * Responsible for: the counters and their snapshot. Not responsible for: when something is counted.
 */
import { OUTCOME_COMMITTED, OUTCOME_REJECTED } from "../../assembly/abi.ts";
import type { RefusalCode } from "./refusal.ts";

/** Counters since the service was made, and how many of what there are now. For monitoring: nothing decides by them. */
export interface ServiceMetrics {
  readonly uptimeSeconds: number;
  readonly draining: boolean;
  /** Seq of the last durable frame. */
  readonly frontier: bigint;
  readonly requests: {
    readonly total: number;
    /** Received, and not answered yet. */
    readonly open: number;
    /** Of these, being executed: what the limit `requests` is about. */
    readonly executing: number;
    /** Ended by the client before it was answered. */
    readonly abandoned: number;
    /** Answers by status. */
    readonly statuses: Readonly<Record<string, number>>;
  };
  /** Receipts by outcome; `duplicates` counts those that were answers to a duplicate. */
  readonly commands: {
    readonly committed: number;
    readonly rejected: number;
    readonly faulted: number;
    readonly duplicates: number;
  };
  /** By code; those of requests that were executed in part count too. */
  readonly refusals: Readonly<Partial<Record<RefusalCode, number>>>;
  readonly streams: { readonly open: number; readonly total: number; readonly frames: number };
  readonly bytes: { readonly received: number; readonly sent: number; readonly held: number };
  /** From a request's head to its answer, frame streams left out: how many took at most so long. */
  readonly seconds: {
    readonly count: number;
    readonly sum: number;
    readonly buckets: readonly { readonly atMost: number; readonly count: number }[];
  };
}

const BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

export class Counters {
  private readonly startedAt = performance.now();
  total = 0;
  open = 0;
  executing = 0;
  abandoned = 0;
  streamsOpen = 0;
  streamsTotal = 0;
  framesSent = 0;
  bytesReceived = 0;
  bytesSent = 0;
  bytesHeld = 0;
  private readonly statuses = new Map<number, number>();
  private readonly refusals = new Map<RefusalCode, number>();
  private readonly outcomes = { committed: 0, rejected: 0, faulted: 0, duplicates: 0 };
  private readonly took = new Array<number>(BUCKETS.length).fill(0);
  private answers = 0;
  private secondsSum = 0;

  answered(status: number, milliseconds: number): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    const seconds = milliseconds / 1000;
    this.answers++;
    this.secondsSum += seconds;
    const bucket = BUCKETS.findIndex((atMost) => seconds <= atMost);
    if (bucket >= 0) this.took[bucket]!++;
  }

  streamed(status: number): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
  }

  refused(code: RefusalCode): void {
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  }

  /** @param outcome OUTCOME_... of the ABI */
  executed(outcome: number, isDuplicate: boolean): void {
    const { outcomes } = this;
    if (outcome === OUTCOME_COMMITTED) outcomes.committed++;
    else if (outcome === OUTCOME_REJECTED) outcomes.rejected++;
    else outcomes.faulted++;
    if (isDuplicate) outcomes.duplicates++;
  }

  snapshot(frontier: bigint, draining: boolean): ServiceMetrics {
    const { total, open, executing, abandoned } = this;
    let count = 0;
    const buckets = BUCKETS.map((atMost, index) => {
      count += this.took[index]!;
      return { atMost, count };
    });
    return {
      uptimeSeconds: (performance.now() - this.startedAt) / 1000,
      draining,
      frontier,
      requests: { total, open, executing, abandoned, statuses: Object.fromEntries(this.statuses) },
      commands: { ...this.outcomes },
      refusals: Object.fromEntries(this.refusals),
      streams: { open: this.streamsOpen, total: this.streamsTotal, frames: this.framesSent },
      bytes: { received: this.bytesReceived, sent: this.bytesSent, held: this.bytesHeld },
      seconds: { count: this.answers, sum: this.secondsSum, buckets },
    };
  }
}
