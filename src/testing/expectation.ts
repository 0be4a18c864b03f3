/**
 * What a test expects of a frame: the types.
 *
 * Responsible for: expectations typed by the schema. Not responsible for: comparing (comparison.ts).
 * I1: what an expectation leaves out is not compared, except that lists are whole and an update names every field that
 * it changes.
 */
import type { EventOf, FaultCode, RejectOf } from "../engine/receipt.ts";
import type { AnyRecord, SchemaParts } from "../schema/index.ts";
import type { PATCH, TAKES, VIEW } from "../schema/phantom.ts";

type TakenBy<D extends AnyRecord> = D[typeof TAKES];
type PatchOf<D extends AnyRecord> = D[typeof VIEW] extends { readonly [PATCH]: infer Patch } ? Patch : never;

interface ChangedRecord<K> {
  /** Name of the record kind. */
  readonly kind: K;
  readonly sysId?: bigint;
  /** After the frame; of a delete the one that the record had. */
  readonly revision?: number;
}

/** One changed record, in the order in which the command first touched them. */
export type ChangeOf<P extends SchemaParts> = {
  readonly [K in keyof P["records"] & string]:
    | (ChangedRecord<K> & {
        readonly op: "insert";
        /** Fields to compare; absent values are `null`. */
        readonly after?: Partial<TakenBy<P["records"][K]>>;
      })
    | (ChangedRecord<K> & {
        readonly op: "update";
        /** Of the changed fields, those to compare. */
        readonly before?: PatchOf<P["records"][K]>;
        /** Every field that changes. */
        readonly after?: PatchOf<P["records"][K]>;
      })
    | (ChangedRecord<K> & {
        readonly op: "delete";
        /** Fields to compare. */
        readonly before?: Partial<TakenBy<P["records"][K]>>;
      });
}[keyof P["records"] & string];

/** One event, in the order of emission. Fields that are left out are not compared. */
export type EventExpectation<P extends SchemaParts> =
  EventOf<P> extends infer E
    ? E extends { readonly name: infer Name; readonly values: infer Values }
      ? { readonly name: Name; readonly values?: Partial<Values> }
      : never
    : never;

export interface CommittedExpectation<P extends SchemaParts> {
  readonly outcome: "committed";
  /** All changed records; `[]`: none. */
  readonly changes?: readonly ChangeOf<P>[];
  /** All events; `[]`: none. */
  readonly events?: readonly EventExpectation<P>[];
}

/** A reject has no changes and no events. */
export type RejectedExpectation<P extends SchemaParts> = {
  readonly outcome: "rejected";
} & (
  | { readonly code?: never; readonly detail?: never }
  | (RejectOf<P> extends infer R
      ? R extends { readonly code: infer Code; readonly detail: infer Detail }
        ? { readonly code: Code; readonly detail?: Partial<Detail> }
        : never
      : never)
);

/** A fault has no changes and no events. */
export interface FaultedExpectation {
  readonly outcome: "faulted";
  readonly code?: FaultCode;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** What a test expects of the frame that a command makes. */
export type Expectation<P extends SchemaParts> =
  | CommittedExpectation<P>
  | RejectedExpectation<P>
  | FaultedExpectation;

/** An expectation of any schema, as it is compared. */
export interface AnyExpectation {
  readonly outcome: "committed" | "rejected" | "faulted";
  readonly code?: string | undefined;
  readonly detail?: AnyValues | undefined;
  readonly changes?: readonly AnyChange[] | undefined;
  readonly events?: readonly { readonly name: string; readonly values?: AnyValues | undefined }[] | undefined;
}

export type AnyValues = Readonly<Record<string, unknown>>;

export interface AnyChange {
  readonly op: "insert" | "update" | "delete";
  readonly kind: string;
  readonly sysId?: bigint | undefined;
  readonly revision?: number | undefined;
  readonly before?: AnyValues | undefined;
  readonly after?: AnyValues | undefined;
}
