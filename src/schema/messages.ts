/**
 * Commands, events and reject codes.
 *
 * Responsible for: `command()`, `event()`, `reject()`, their types, and the specs they leave for `defineSchema`.
 * Not responsible for: checking (validate.ts) or bytes (codec.ts).
 *
 * Invariant: I1 no function here throws, whatever it is given.
 */
import { define, type Spec, specOf } from "./definition.ts";
import type { Fields, MessageFields } from "./fields.ts";
import type { DETAIL, VALUE } from "./phantom.ts";
import type { OptionalKeys, Takes } from "./records.ts";

export interface Message<Name extends string, V, Optional extends keyof V> extends Takes<V, Optional> {
  readonly name: Name;
  readonly number: number;
  readonly [VALUE]: V;
}
export interface CommandKind<Name extends string, V, Optional extends keyof V>
  extends Message<Name, V, Optional> {
  readonly role: "command";
}
export interface EventKind<Name extends string, V, Optional extends keyof V>
  extends Message<Name, V, Optional> {
  readonly role: "event";
}
export interface RejectCode<V> {
  readonly number: number;
  readonly text: string;
  readonly [VALUE]: V;
  /** Arguments after the code: none, or the detail object. */
  readonly [DETAIL]: [keyof V] extends [never] ? readonly [] : readonly [detail: V];
}

/** What a command or event was declared with, unchecked. */
export interface MessageSpec extends Spec {
  readonly role: "command" | "event";
  readonly name: unknown;
  readonly number: unknown;
  readonly fields: unknown;
}

/** What a reject code was declared with, unchecked. */
export interface RejectSpec extends Spec {
  readonly role: "reject";
  readonly number: unknown;
  readonly text: unknown;
  readonly fields: unknown;
}

/** @returns the spec of a command or event definition; nothing for any other value */
export function messageSpecOf(value: unknown, role: "command" | "event"): MessageSpec | undefined {
  return specOf<MessageSpec>(value, role);
}

/** @returns the spec of a reject code; nothing for any other value */
export function rejectSpecOf(value: unknown): RejectSpec | undefined {
  return specOf<RejectSpec>(value, "reject");
}

/**
 * Declares a typed request.
 * @param name the name it has in `defineSchema`
 * @param number 1..18999 among commands, stable, never reused
 */
export function command<
  const Name extends string,
  F extends MessageFields,
  V = { readonly [K in keyof F]: F[K][typeof VALUE] },
  Optional extends keyof V = OptionalKeys<F> & keyof V,
>(name: Name, number: number, fields: F): CommandKind<Name, V, Optional> {
  return message("command", name, number, fields) as never;
}

/**
 * Declares a domain fact that handlers emit for readers.
 * @param name the name it has in `defineSchema`
 * @param number 1..18999 among events, stable, never reused
 */
export function event<
  const Name extends string,
  F extends MessageFields,
  V = { readonly [K in keyof F]: F[K][typeof VALUE] },
  Optional extends keyof V = OptionalKeys<F> & keyof V,
>(name: Name, number: number, fields: F): EventKind<Name, V, Optional> {
  return message("event", name, number, fields) as never;
}

/**
 * Declares a reason for which handlers say no.
 * @param number 1..59999, in order of precedence, never renumbered
 * @param text what it means, for people; not part of the fingerprint
 * @param detail at most 4 fields
 */
// biome-ignore lint/complexity/noBannedTypes: a code without detail has exactly the empty type of fields
export function reject<F extends Fields = {}, V = { readonly [K in keyof F]: F[K][typeof VALUE] }>(
  number: number,
  text: string,
  detail?: F,
): RejectCode<V> {
  const spec: RejectSpec = { role: "reject", number, text, fields: detail ?? {} };
  return define({ number, text }, spec) as never;
}

function message(role: "command" | "event", name: unknown, number: unknown, fields: unknown): object {
  const spec: MessageSpec = { role, name, number, fields };
  return define({ role, name, number }, spec);
}
