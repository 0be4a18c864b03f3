/**
 * The types that handlers and readers work through.
 *
 * Responsible for: `View`, `Tx` and their options, as types. Not responsible for: what they do (transaction.ts inside a
 * command, state-view.ts outside).
 */
import type { AnyRecord, CanonicalIndex, Lookup, RecordHeader } from "../schema/index.ts";
import type { DETAIL, KEY, PATCH, PREFIX, TAKES, VIEW } from "../schema/phantom.ts";

/** Who sent a command, for exactly-once: the seq of a (client, stream) rises by one from 1. */
export interface Source {
  /** u64 */
  readonly client: bigint;
  /** u32 */
  readonly stream: number;
  /** u64, from 1 */
  readonly seq: bigint;
}

/** Bounds on the segment after the prefix, in index order. A bound left `undefined` is open. */
export interface Range<Value> {
  readonly from?: Value | undefined;
  readonly to?: Value | undefined;
  /** Like `from`, without the bound itself. */
  readonly after?: Value | undefined;
  /** Like `to`, without the bound itself. */
  readonly before?: Value | undefined;
}

export interface ListOptions<Value> extends Range<Value> {
  readonly reverse?: boolean;
  /** At most this many records, 0..2^32-1. */
  readonly limit?: number;
}

export type AnyLookup = Lookup<unknown, readonly any[]>;
export type AnyIndex = CanonicalIndex<unknown, readonly any[]>;
export type AnyView = RecordHeader<string, any, any>;
type NextSegment<I extends AnyIndex, P extends readonly unknown[]> = I[typeof KEY][P["length"]];

/** Typed reads of one state. Inside a handler they see the running command's own writes. */
export interface View {
  /**
   * The record under a SysId or unique key.
   * In a handler a missing one faults the command with `RECORD_MISSING`; elsewhere it is a `UsageError`.
   */
  get<L extends AnyLookup>(by: L, ...key: L[typeof KEY]): L[typeof VIEW];
  /** The record under a SysId or unique key, or `undefined`. */
  find<L extends AnyLookup>(by: L, ...key: L[typeof KEY]): L[typeof VIEW] | undefined;
  exists<L extends AnyLookup>(by: L, ...key: L[typeof KEY]): boolean;

  /** Every record under a prefix, in index order. The cursor stays correct while the handler writes. */
  list<I extends AnyIndex, const P extends I[typeof PREFIX]>(
    index: I,
    prefix: readonly [...P],
    options?: ListOptions<NextSegment<I, P>>,
  ): Iterable<I[typeof VIEW]>;
  first<I extends AnyIndex, const P extends I[typeof PREFIX]>(
    index: I,
    prefix: readonly [...P],
    range?: Range<NextSegment<I, P>>,
  ): I[typeof VIEW] | undefined;
  last<I extends AnyIndex, const P extends I[typeof PREFIX]>(
    index: I,
    prefix: readonly [...P],
    range?: Range<NextSegment<I, P>>,
  ): I[typeof VIEW] | undefined;
  /** Counts up to `limit` records, so that its cost is bounded. */
  count<I extends AnyIndex, const P extends I[typeof PREFIX]>(
    index: I,
    prefix: readonly [...P],
    options: Range<NextSegment<I, P>> & { readonly limit: number },
  ): number;
  /** The neighbours of a record in an index: those after and before the key of its present values. */
  next<I extends AnyIndex>(index: I, record: I[typeof VIEW]): I[typeof VIEW] | undefined;
  prev<I extends AnyIndex>(index: I, record: I[typeof VIEW]): I[typeof VIEW] | undefined;
}

/** What a handler works through. Valid until the handler returns. */
export interface Tx extends View {
  /** Number of the frame that this command makes: rising and gapless. */
  readonly seq: bigint;
  /** Recorded reference time, ns since the Unix epoch; never decreases. */
  readonly timeNs: bigint;
  readonly source: Source | undefined;

  /** Adds a record. A taken unique key rejects the command with `UNIQUE_KEY_TAKEN`. */
  create<D extends AnyRecord>(kind: D, values: D[typeof TAKES]): D[typeof VIEW];
  /** Assigns fields; those left out stay. */
  update<R extends AnyView>(record: R, patch: R[typeof PATCH]): void;
  delete(record: AnyView): void;
  emit<E extends { readonly role: "event"; readonly [TAKES]: unknown }>(
    event: E,
    values: E[typeof TAKES],
  ): void;
  /**
   * Ends the command: nothing it did remains, and its frame says `rejected(code)`. Never returns; write
   * `return tx.reject(...)`.
   */
  reject<C extends { readonly [DETAIL]: readonly any[] }>(code: C, ...detail: C[typeof DETAIL]): never;
}
