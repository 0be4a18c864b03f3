/**
 * Records, their unique keys and canonical indexes.
 *
 * Responsible for: `record()`, the types a handler derives from it, and the specs it leaves for `defineSchema`.
 * Not responsible for: checking (validate-paths.ts), key bytes and slots (layout.ts).
 *
 * Invariants: I1 `record()` never throws; I2 each unique key and index is a property of the definition and knows
 * its record, so either serves as the key of a Map.
 *
 * Definitions carry value types and key unions, never field types: hovers and errors then print what a handler sees.
 * `V` below is such a value type: a defaulted type parameter used as a local name, since an alias would be printed.
 */
import { define, type Spec, specOf } from "./definition.ts";
import type { Access, Field, Fields, Presence, SysId } from "./fields.ts";
import type { KEY, PATCH, PREFIX, TAKES, VALUE, VIEW } from "./phantom.ts";

// ---- from fields to values -------------------------------------------------------------------------------

type MutableKeys<F> = keyof {
  [K in keyof F as F[K] extends Field<any, "immutable", Presence> ? never : K]: 1;
};
export type OptionalKeys<F> = keyof {
  [K in keyof F as F[K] extends Field<any, Access, "optional"> ? K : never]: 1;
};
type UniqueKeys<F> = keyof {
  [K in keyof F as F[K] extends Field<any, "immutable", "required"> ? K : never]: 1;
} &
  string;

/** What `tx.create`, `tx.emit` and `submit` take: nullable fields may be left out. */
export interface Takes<V, Optional extends keyof V> {
  readonly [TAKES]: { readonly [K in keyof V as K extends Optional ? never : K]: V[K] } & {
    readonly [K in Optional]?: V[K];
  };
}

// ---- types -----------------------------------------------------------------------------------------------

export interface RecordHeader<Name extends string, V, Mutable extends keyof V> {
  readonly sysId: SysId<Name>;
  /** 1 at creation, +1 for each frame that changes the record. */
  readonly revision: number;
  readonly [PATCH]: { readonly [K in Mutable]?: V[K] };
}

/** A record as a handler reads it: live, so it shows the handler's own updates. */
export type RecordView<Name extends string, V, Mutable extends keyof V> = V & RecordHeader<Name, V, Mutable>;

/** One step of an index: a field in ascending order, or an object that says otherwise. */
export type Segment<F extends Fields> =
  | (keyof F & string)
  | { readonly desc: keyof F & string; readonly when?: Condition<F> }
  | { readonly asc: keyof F & string; readonly when?: Condition<F> };

/** `{ side: "Bid" }`: the direction holds for records with this value, the opposite one for all others. */
export type Condition<F extends Fields> = { readonly [K in keyof F]?: F[K][typeof VALUE] };

/** `{ status: ["Open"] }`: only records with one of these values are in the index. */
export type Membership<F extends Fields> = { readonly [K in keyof F]?: readonly F[K][typeof VALUE][] };

export type IndexSpec<F extends Fields> =
  | readonly Segment<F>[]
  | { readonly on: readonly Segment<F>[]; readonly where: Membership<F> };

type FieldOf<S> = S extends { readonly desc: infer K } ? K : S extends { readonly asc: infer K } ? K : S;
type SegmentsOf<I> = I extends { readonly on: infer S } ? S : I;
type KeyOf<V, S> = { readonly [I in keyof S]: V[FieldOf<S[I]> & keyof V] };

/** A way to at most one record: its kind (by SysId) or one of its unique keys. */
export interface Lookup<View, Key> {
  readonly name: string;
  readonly [VIEW]: View;
  readonly [KEY]: Key;
}
export interface UniqueKey<View, Key> extends Lookup<View, Key> {
  readonly unique: true;
}
export interface CanonicalIndex<View, Key> {
  readonly name: string;
  readonly [VIEW]: View;
  readonly [KEY]: Key;
  readonly [PREFIX]: Partial<Key>;
}
export interface RecordKind<Name extends string, V, Mutable extends keyof V, Optional extends keyof V>
  extends Lookup<RecordView<Name, V, Mutable>, readonly [sysId: SysId<Name>]>,
    Takes<V, Optional> {
  readonly name: Name;
  readonly kind: number;
}
export type AnyRecord = RecordKind<string, any, any, any>;

// ---- specs -----------------------------------------------------------------------------------------------

/** What a record was declared with, unchecked. */
export interface RecordSpec extends Spec {
  readonly role: "record";
  readonly name: unknown;
  readonly kind: unknown;
  readonly fields: unknown;
  readonly unique: unknown;
  readonly indexes: unknown;
}

/** What stands behind `Order.byOrderId` and `Order.book`. */
export interface PathSpec extends Spec {
  readonly role: "path";
  readonly record: object;
  readonly unique: boolean;
}

/** @returns the spec of a record definition; nothing for any other value */
export function recordSpecOf(value: unknown): RecordSpec | undefined {
  return specOf<RecordSpec>(value, "record");
}

/** @returns the record, and whether it is a unique key, behind a unique key or canonical index definition */
export function pathSpecOf(value: unknown): PathSpec | undefined {
  return specOf<PathSpec>(value, "path");
}

/** Properties that a path can not take away from its record. */
const OWN = ["name", "kind"];

// ---- the function ----------------------------------------------------------------------------------------

/**
 * Declares a record kind.
 * @param name the name it has in `defineSchema`
 * @param kind 1..18999, stable, never reused
 * @param fields at most 64, each numbered 1..18999
 * @param paths its unique keys (immutable, required fields) and canonical indexes; each becomes a property of the
 *   definition: `Order.byOrderId`, `Order.book`
 */
export function record<
  const Name extends string,
  F extends Fields,
  // biome-ignore lint/complexity/noBannedTypes: a record without paths has exactly the empty type of them
  const U extends Readonly<Record<string, readonly UniqueKeys<F>[]>> = {},
  // biome-ignore lint/complexity/noBannedTypes: as above
  const I extends Readonly<Record<string, IndexSpec<F>>> = {},
  V = { readonly [K in keyof F]: F[K][typeof VALUE] },
  Mutable extends keyof V = MutableKeys<F> & keyof V,
  Optional extends keyof V = OptionalKeys<F> & keyof V,
>(
  name: Name,
  kind: number,
  fields: F,
  paths?: { readonly unique?: U; readonly indexes?: I },
): RecordKind<Name, V, Mutable, Optional> & {
  readonly [K in keyof U]: UniqueKey<RecordView<Name, V, Mutable>, KeyOf<V, U[K]>>;
} & { readonly [K in keyof I]: CanonicalIndex<RecordView<Name, V, Mutable>, KeyOf<V, SegmentsOf<I[K]>>> } {
  const definition: Record<string, unknown> = { name, kind };
  for (const path of Object.keys(paths?.unique ?? {})) {
    if (OWN.includes(path)) continue;
    definition[path] = define({ name: path, unique: true }, pathSpec(definition, true));
  }
  for (const path of Object.keys(paths?.indexes ?? {})) {
    if (OWN.includes(path)) continue;
    definition[path] = define({ name: path }, pathSpec(definition, false));
  }
  const spec: RecordSpec = {
    role: "record",
    name,
    kind,
    fields,
    unique: paths?.unique,
    indexes: paths?.indexes,
  };
  // The declared type adds phantom members, which no value has.
  return define(definition, spec) as never;
}

function pathSpec(record: object, unique: boolean): PathSpec {
  return { role: "path", record, unique };
}
