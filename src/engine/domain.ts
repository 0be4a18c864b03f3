/**
 * A domain: a schema and the handlers that answer its commands.
 *
 * Responsible for: `defineDomain` and reaching the program behind a domain. Not responsible for: running it.
 */
import { UsageError } from "../errors.ts";
import { defaultLimits } from "../history/epoch-payload.ts";
import { modelOf } from "../schema/define-schema.ts";
import { LIMITS, type LimitName } from "../schema/framework-codes.ts";
import type { Infer, Schema, SchemaParts } from "../schema/index.ts";
import type { Tx } from "./view.ts";

/** A handler answers at once: the `undefined` makes an async function a type error. */
// biome-ignore lint/suspicious/noConfusingVoidType: void lets a handler end without a return.
export type Handler<Command> = (tx: Tx, command: Command) => void | undefined;

export type Domain<P extends SchemaParts = SchemaParts> = Schema<P> & { readonly schema: Schema<P> };

/** Limits by name; those left out have their defaults (docs/reference/execution.md). */
export type Limits = Partial<Record<LimitName, number>>;

export interface DomainParts<P extends SchemaParts> {
  /** Rises with every change of the handlers; it is recorded in the history's epoch frame. 1..2^53-1 */
  readonly revision: number;
  readonly handlers: { readonly [K in keyof P["commands"]]: Handler<Infer<P["commands"][K]>> };
  /** Part of the program: they are in the epoch frame, and a change of them wants a higher revision. */
  readonly limits?: Limits;
}

/** What `defineDomain` was given, checked. */
export interface Program {
  readonly revision: number;
  readonly handlers: Readonly<Record<string, Handler<never>>>;
  readonly limits: Readonly<Record<LimitName, number>>;
}

const PROGRAM = Symbol("statevec.program");

/**
 * Puts a schema and its handlers together.
 *
 * @param schema from `defineSchema`
 * @throws {UsageError} a handler is missing or too many, the revision or a limit is out of range
 */
export function defineDomain<P extends SchemaParts>(schema: Schema<P>, parts: DomainParts<P>): Domain<P> {
  if (modelOf(schema as Schema) === undefined) {
    throw new UsageError("schema", "found something else, expected what defineSchema returned");
  }
  const { revision, handlers } = parts;
  if (!Number.isSafeInteger(revision) || revision < 1) {
    throw new UsageError("revision", `found ${String(revision)}, expected an integer from 1`);
  }
  checkHandlers(Object.keys(schema.commands), handlers);
  const program: Program = { revision, handlers: { ...handlers } as never, limits: limitsOf(parts.limits) };
  const domain = { ...schema, schema };
  Object.defineProperty(domain, PROGRAM, { value: program });
  return Object.freeze(domain) as Domain<P>;
}

function checkHandlers(commands: readonly string[], handlers: Readonly<Record<string, unknown>>): void {
  for (const name of commands) {
    if (typeof handlers[name] !== "function") {
      throw new UsageError(`handlers.${name}`, `found ${typeof handlers[name]}, expected a function`);
    }
  }
  for (const name of Object.keys(handlers)) {
    if (!commands.includes(name)) {
      throw new UsageError(
        `handlers.${name}`,
        `the schema has no such command; it has ${commands.join(", ")}`,
      );
    }
  }
}

/** All limits: those given, checked, and the defaults of the others. */
export function limitsOf(limits: Limits = {}): Readonly<Record<LimitName, number>> {
  const known = new Map(LIMITS.map((limit) => [limit.name as string, limit]));
  for (const [name, value] of Object.entries(limits)) {
    const limit = known.get(name);
    if (limit === undefined) {
      throw new UsageError(`limits.${name}`, `no such limit; there are ${[...known.keys()].join(", ")}`);
    }
    if (!Number.isSafeInteger(value) || value < 1 || value > limit.hard) {
      throw new UsageError(
        `limits.${name}`,
        `found ${String(value)}, expected an integer from 1 to ${limit.hard}`,
      );
    }
  }
  return { ...defaultLimits(), ...limits };
}

/** The program behind a domain. @throws {UsageError} it is none */
export function programOf(domain: Domain): Program {
  const program = (domain as { [PROGRAM]?: Program } | undefined)?.[PROGRAM];
  if (program === undefined) {
    throw new UsageError("domain", "found something else, expected what defineDomain returned");
  }
  return program;
}
