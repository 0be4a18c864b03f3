/** What the processes of the example tell each other, and what a load comes to. */
import type { Frontier } from "statevec";

/** What a load generator is to do. */
export interface Load {
  readonly url: string;
  /** Clients at once. Each is a stream of its own, an account, and one request at a time. */
  readonly clients: number;
  /** Commands of a request, at most. */
  readonly batch: number;
  /** It ends after so many seconds, or so many commands in all. */
  readonly until: { readonly seconds: number } | { readonly commands: number };
}

export interface LoadResult {
  /** Commands that were submitted, and answered. */
  readonly submitted: number;
  /** From the first submission to the last receipt. */
  readonly seconds: number;
  readonly outcomes: { readonly committed: number; readonly rejected: number; readonly faulted: number };
  /** Rejects and faults by code. */
  readonly codes: ReadonlyMap<string, number>;
  readonly trades: number;
  /** From `submit` to the receipt. */
  readonly latencyUs: { readonly p50: number; readonly p99: number };
  /** Requests that were sent again. */
  readonly retries: number;
  readonly proof: Proof;
}

/** What the frames say about the submissions. */
export interface Proof {
  /** Submissions with exactly one frame, whose digest is the one of the receipt. */
  readonly matched: number;
  /** The first submission of which that is not true, in words. */
  readonly problem: string | undefined;
  readonly seconds: number;
}

export type FromServer = { readonly url: string } | { readonly frontier: Frontier };
