/**
 * Guards: while an open handler runs, what can not be repeated throws (clock, entropy, input and output, timers).
 *
 * Responsible for: wrapping the listed functions once in this process, and knowing which handler runs. This is the one
 * place with module state: the functions it wraps are the process's own, and arithmetic (num.ts) has no `tx` at hand.
 * Not responsible for: what a handler reads through captured references or module state; `docs/internals/determinism.md`
 * says what stays open.
 *
 * Invariants: I1 outside of handlers every wrapped function behaves as before; I2 a violation is remembered even if the
 * handler catches it.
 */
import { DeterminismError, type DeterminismErrorCode } from "../errors.ts";

/** The handler that runs, as arithmetic needs it. */
export interface Running {
  /** Faults the command with OVERFLOW and unwinds the handler. */
  overflow(): never;
}

let running: Running | undefined;
let violation: DeterminismError | undefined;
let installed = false;

/** The running handler's command, or `undefined` outside of handlers. */
export function runningCommand(): Running | undefined {
  return running;
}

/** A handler starts. */
export function enterHandler(command: Running): void {
  running = command;
  violation = undefined;
}

/** The handler is done; what it did that can not be repeated, if anything. */
export function leaveHandler(): DeterminismError | undefined {
  running = undefined;
  return violation;
}

/** Notes and throws what a handler must not do. */
export function refuse(code: DeterminismErrorCode, called: string, instead: string): never {
  const error = new DeterminismError(code, called, `no replay can repeat this; ${instead}`);
  violation ??= error;
  throw error;
}

/**
 * Refuses an engine to a handler. To be called before an operation makes a promise: the handler may never look at that.
 */
export function refuseInHandler(): void {
  if (running !== undefined) refuse("IO", "an engine", "answer from the tx; use an engine after the command");
}

type Callable = (...parameters: never[]) => unknown;

const CLOCK = "use tx.timeNs";
const ENTROPY = "pass the random value in the command";
const IO = "do it outside of the handler, from the command's events";

/** The functions that throw while a handler runs. Names that a platform does not have are skipped. */
const GUARDED: readonly (readonly [
  owner: string,
  name: string,
  code: DeterminismErrorCode,
  instead: string,
])[] = [
  ["Date", "now", "CLOCK", CLOCK],
  ["performance", "now", "CLOCK", CLOCK],
  ["process", "hrtime", "CLOCK", CLOCK],
  ["process", "uptime", "CLOCK", CLOCK],
  ["process", "nextTick", "IO", IO],
  ["Math", "random", "ENTROPY", ENTROPY],
  ["crypto", "getRandomValues", "ENTROPY", ENTROPY],
  ["crypto", "randomUUID", "ENTROPY", ENTROPY],
  ["globalThis", "fetch", "IO", IO],
  ["globalThis", "setTimeout", "IO", IO],
  ["globalThis", "setInterval", "IO", IO],
  ["globalThis", "setImmediate", "IO", IO],
  ["globalThis", "queueMicrotask", "IO", IO],
  ["globalThis", "requestAnimationFrame", "IO", IO],
];

/** Wraps the functions, the first time it is called in this process. */
export function installGuards(): void {
  if (installed) return;
  installed = true;
  const scope = globalThis as unknown as Record<string, Record<string, unknown> | undefined>;
  for (const [ownerName, name, code, instead] of GUARDED) {
    const owner = ownerName === "globalThis" ? (scope as Record<string, unknown>) : scope[ownerName];
    const original = owner?.[name];
    if (owner !== undefined && typeof original === "function") {
      guardFunction(owner, ownerName, name, original as Callable, code, instead);
    }
  }
  guardDate(scope as unknown as { Date: DateConstructor });
}

function guardFunction(
  owner: Record<string, unknown>,
  ownerName: string,
  name: string,
  original: Callable,
  code: DeterminismErrorCode,
  instead: string,
): void {
  const called = ownerName === "globalThis" ? name : `${ownerName}.${name}`;
  const guarded = function (this: unknown, ...parameters: never[]): unknown {
    if (running !== undefined) refuse(code, called, instead);
    return original.apply(this, parameters);
  };
  // What hangs on the function (process.hrtime.bigint, setTimeout[util.promisify.custom]) stays reachable, guarded too.
  for (const key of Reflect.ownKeys(original)) {
    if (key === "length" || key === "name" || key === "prototype") continue;
    const member = (original as unknown as Record<PropertyKey, unknown>)[key];
    if (typeof member === "function" && typeof key === "string") {
      const wrapped: Record<string, unknown> = {};
      guardFunction(wrapped, called, key, member as Callable, code, instead);
      Object.defineProperty(guarded, key, { value: wrapped[key], configurable: true, writable: true });
    } else {
      Object.defineProperty(guarded, key, Object.getOwnPropertyDescriptor(original, key)!);
    }
  }
  Object.defineProperty(guarded, "name", { value: name });
  const before = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, {
    value: guarded,
    configurable: true,
    writable: true,
    enumerable: before?.enumerable ?? false,
  });
}

/** `new Date()` and `Date()` read the clock; `new Date(value)` does not. */
function guardDate(scope: { Date: DateConstructor }): void {
  scope.Date = new Proxy(scope.Date, {
    construct(target, parameters, newTarget) {
      if (running !== undefined && parameters.length === 0) refuse("CLOCK", "new Date()", CLOCK);
      return Reflect.construct(target, parameters, newTarget) as object;
    },
    apply(target, self, parameters) {
      if (running !== undefined) refuse("CLOCK", "Date()", CLOCK);
      return Reflect.apply(target, self, parameters) as string;
    },
  });
}
