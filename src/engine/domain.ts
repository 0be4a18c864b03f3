/**
 * A domain: a schema and the handlers that answer its commands.
 *
 * Responsible for: `defineDomain` and reaching the program behind a domain. Not responsible for: running it.
 */
import { UsageError } from "../errors.ts";
import { defaultLimits, type Program as EpochProgram, type LimitValues } from "../history/epoch-payload.ts";
import { modelOf } from "../schema/define-schema.ts";
import { type HandlerLimitName, type LimitName, limitsOfLane } from "../schema/framework-codes.ts";
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

/** Limits of a sealed domain: those of handler code too. */
export type SealedLimits = Partial<Record<LimitName | HandlerLimitName, number>>;

/** What `defineDomain` was given, checked. */
export interface OpenProgram {
  readonly lane: "open";
  readonly revision: number;
  readonly handlers: Readonly<Record<string, Handler<never>>>;
  readonly limits: LimitValues;
}

/** What `sealedDomain` was given, checked. */
export interface SealedProgram {
  readonly lane: "sealed";
  /** The module: core, handlers and schema in one. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Its SHA-256, hex. */
  readonly module: string;
  /** Where the static data of its handlers ends. */
  readonly dataEnd: number;
  readonly limits: LimitValues;
}

export type Program = OpenProgram | SealedProgram;

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
  const limits = limitsOf(parts.limits, "open");
  return domainOf(schema, { lane: "open", revision, handlers: { ...handlers } as never, limits });
}

/** A schema with its program. */
export function domainOf<P extends SchemaParts>(schema: Schema<P>, program: Program): Domain<P> {
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
export function limitsOf(limits: SealedLimits = {}, lane: Program["lane"]): LimitValues {
  const known = new Map(limitsOfLane(lane).map((limit) => [limit.name as string, limit]));
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
  return { ...defaultLimits(lane), ...limits };
}

/** The program behind a domain. @throws {UsageError} it is none */
export function programOf(domain: Domain): Program {
  const program = (domain as { [PROGRAM]?: Program } | undefined)?.[PROGRAM];
  if (program === undefined) {
    throw new UsageError(
      "domain",
      "found something else, expected what defineDomain or sealedDomain returned",
    );
  }
  return program;
}

/** The program as an epoch frame records it. */
export function programOfEpoch(program: Program): EpochProgram {
  if (program.lane === "open") return { lane: "open", revision: BigInt(program.revision) };
  return { lane: "sealed", module: program.module };
}

/** Whether an epoch was opened with just this program and these limits. */
export function isProgramOf(
  program: Program,
  epoch: { readonly program: EpochProgram; readonly limits: LimitValues },
): boolean {
  const recorded = epoch.program;
  const own = programOfEpoch(program);
  const same =
    own.lane === "open"
      ? recorded.lane === "open" && recorded.revision === own.revision
      : recorded.lane === "sealed" && recorded.module === own.module;
  return same && limitsOfLane(program.lane).every(({ name }) => program.limits[name] === epoch.limits[name]);
}
