/**
 * Invariants: rules that the core checks at every commit.
 *
 * Responsible for: `invariant()`, `conserve()`, their types, and the specs they leave for `defineSchema`.
 * Not responsible for: checking the declarations (validate-invariants.ts) or the records (the core).
 *
 * Invariant: I1 no function here throws, whatever it is given.
 */
import { define, type Spec, specOf } from "./definition.ts";
import type { VIEW } from "./phantom.ts";
import type { AnyRecord } from "./records.ts";

/** A rule that the core checks at every commit; breaking it is the fault `INVARIANT`. */
export interface InvariantCode {
  readonly number: number;
  readonly text: string;
}

/** `{ remaining: { gt: 0n }, held: { lte: { field: "balance" } } }`: all of them hold for every record of the kind, always. */
export type Comparisons<V> = {
  readonly [K in keyof V]?: {
    readonly [Op in "eq" | "ne" | "gt" | "gte" | "lt" | "lte"]?: V[K] | { readonly field: keyof V & string };
  };
};

/** What a conserved sum adds up: an integer or decimal field of a kind, apart for each value of the fields in `by`. */
export interface SumTerm {
  readonly of: AnyRecord;
  readonly field: string;
  readonly by?: readonly string[];
}

/** What comparisons were declared with, unchecked. */
export interface ComparisonsSpec extends Spec {
  readonly role: "comparisons";
  readonly number: unknown;
  readonly text: unknown;
  readonly kind: unknown;
  readonly holds: unknown;
}

/** What a conserved sum was declared with, unchecked. */
export interface SumSpec extends Spec {
  readonly role: "sum";
  readonly number: unknown;
  readonly text: unknown;
  readonly terms: unknown;
}

/** @returns the spec of an invariant of either form; nothing for any other value */
export function invariantSpecOf(value: unknown): ComparisonsSpec | SumSpec | undefined {
  return specOf<ComparisonsSpec>(value, "comparisons") ?? specOf<SumSpec>(value, "sum");
}

/**
 * Declares comparisons that hold for every record of a kind. A comparison with an absent value holds.
 * @param number 1..59999, unique among invariants and conserved sums, never reused
 * @param text what it means, for people; not part of the fingerprint
 */
export function invariant<D extends AnyRecord>(
  number: number,
  kind: D,
  text: string,
  holds: Comparisons<D[typeof VIEW]>,
): InvariantCode {
  const spec: ComparisonsSpec = { role: "comparisons", number, text, kind, holds };
  return define({ number, text }, spec);
}

/**
 * Declares that no command changes the sum over all terms: money is neither made nor lost.
 * @param number 1..59999, unique among invariants and conserved sums, never reused
 * @param text what it means, for people; not part of the fingerprint
 * @param terms required integers, or required decimals of one scale
 */
export function conserve(number: number, text: string, terms: readonly SumTerm[]): InvariantCode {
  const spec: SumSpec = { role: "sum", number, text, terms };
  return define({ number, text }, spec);
}
