/**
 * Refusals: what a request hears instead of what it asked for.
 *
 * Responsible for: codes, their statuses, and the refusal of anything that was thrown. Not responsible for: its bytes
 * (json-format.ts, protobuf-format.ts).
 *
 * Invariants: I1 an outcome is never a refusal; I2 what is said of an error that is not ours is nothing but that there was
 * one: its text is for the log of the service.
 */
import {
  AdmissionError,
  DeterminismError,
  EngineFault,
  HistoryError,
  OperationalError,
  StateVecError,
  UsageError,
} from "../errors.ts";
import { shownJson } from "../schema/values-json.ts";

/** Status by code. */
export const STATUSES = Object.freeze({
  MALFORMED: 400,
  UNAUTHORIZED: 401,
  NOT_FOUND: 404,
  METHOD: 405,
  TIMEOUT: 408,
  CONFLICT: 409,
  GAP: 409,
  DUPLICATE: 409,
  SCHEMA_MISMATCH: 409,
  CURSOR_GONE: 409,
  TOO_LARGE: 413,
  REQUEST_TOO_LARGE: 413,
  UNSUPPORTED_TYPE: 415,
  DETERMINISM: 422,
  RATE: 429,
  OUTCOME_UNKNOWN: 500,
  ENGINE_FAULT: 500,
  HISTORY: 500,
  FAILED: 500,
  IO: 503,
  POISONED: 503,
  FENCED: 503,
  CLOCK: 503,
  BUSY: 503,
  SOURCES_FULL: 503,
  CLOSED: 503,
  DRAINING: 503,
});

export type RefusalCode = keyof typeof STATUSES;

/** `statevec.v1.Refusal`. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  /** Position of the submission in its request. */
  readonly index?: number | undefined;
  /** MALFORMED: the field. */
  readonly field?: string | undefined;
  /** GAP: the seq that the source must send next. */
  readonly expectedSeq?: bigint | undefined;
  /** DUPLICATE: the last seq that the source has used. */
  readonly lastSeq?: bigint | undefined;
}

/** Ends a request with a refusal. Never leaves the service. */
export class Refused extends Error {
  readonly refusal: Refusal;
  /** Seconds after which it may be sent again, where that is known. */
  readonly retryAfter: number | undefined;

  constructor(refusal: Refusal, retryAfter?: number) {
    super(`${refusal.code}: ${refusal.message}`);
    this.refusal = refusal;
    this.retryAfter = retryAfter;
  }
}

const WAITING_HELPS: ReadonlySet<RefusalCode> = new Set([
  "BUSY",
  "SOURCES_FULL",
  "CLOSED",
  "DRAINING",
  "CLOCK",
]);

/** Seconds for the header Retry-After; undefined where waiting does not help. */
export function retryAfter(error: unknown, code: RefusalCode): number | undefined {
  if (error instanceof Refused && error.retryAfter !== undefined) return Math.ceil(error.retryAfter);
  return WAITING_HELPS.has(code) ? 1 : undefined;
}

/** Says that a part of a request is none. @throws {Refused} always */
export function malformed(place: string, found: unknown, expected: string): never {
  const message = `${place}: found ${shownJson(found)}, expected ${expected}`;
  throw new Refused({ code: "MALFORMED", message, field: place });
}

/** @throws {Refused} REQUEST_TOO_LARGE: a request has more submissions than one may have */
export function checkCount(submissions: number, max: number): void {
  if (submissions <= max) return;
  const message = `submissions: found ${submissions}, expected at most ${max}; split them`;
  throw new Refused({ code: "REQUEST_TOO_LARGE", message });
}

/** The refusal of what was thrown. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refused) return error.refusal;
  if (!(error instanceof StateVecError))
    return { code: "FAILED", message: "the service failed; its log says why" };
  const message = error.message.slice(error.code.length + 2);
  if (error instanceof AdmissionError) {
    const { code, field, expected: expectedSeq, lastSeq } = error;
    return { code, message, field, expectedSeq, lastSeq };
  }
  if (error instanceof OperationalError)
    return { code: error.code === "OWNED" ? "FENCED" : error.code, message };
  if (error instanceof DeterminismError) {
    const text = `the handler did what can not be repeated (${error.called}): a bug of the domain; no frame was made`;
    return { code: "DETERMINISM", message: text };
  }
  if (error instanceof UsageError)
    return { code: "MALFORMED", message: error.message, field: error.argument };
  if (error instanceof EngineFault)
    return { code: "ENGINE_FAULT", message: "the engine met a fault; it must be opened again" };
  if (error instanceof HistoryError)
    return { code: "HISTORY", message: `${error.code}: the history can not be read as it is` };
  return { code: "FAILED", message: "the service failed; its log says why" };
}
