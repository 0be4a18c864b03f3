/**
 * The error that a refusal of a service stands for: the class and code that the engine itself would have thrown.
 */
import {
  AdmissionError,
  type AdmissionErrorCode,
  OperationalError,
  type OperationalErrorCode,
  ServiceError,
  type ServiceErrorCode,
  type StateVecError,
} from "../errors.ts";
import type { RefusalMessage } from "../proto/statevec-v1.ts";

const ADMISSION: ReadonlySet<string> = new Set<AdmissionErrorCode>([
  "DUPLICATE",
  "CONFLICT",
  "GAP",
  "MALFORMED",
  "TOO_LARGE",
  "BUSY",
  "SOURCES_FULL",
  "CLOSED",
]);
const SERVICE: ReadonlySet<string> = new Set<ServiceErrorCode>([
  "UNAUTHORIZED",
  "SCHEMA_MISMATCH",
  "NOT_FOUND",
  "CURSOR_GONE",
  "TIMEOUT",
  "REQUEST_TOO_LARGE",
  "RATE",
  "DRAINING",
  "DETERMINISM",
]);
/** What a request is refused with that is none of this protocol's. */
const BAD_REQUEST: ReadonlySet<string> = new Set(["METHOD", "UNSUPPORTED_TYPE"]);
/** The engine, or what it stands on, has failed: what came of the commands is not known. */
const OPERATIONAL: ReadonlyMap<string, OperationalErrorCode> = new Map([
  ["CLOCK", "CLOCK"],
  ["FENCED", "FENCED"],
  ["OUTCOME_UNKNOWN", "OUTCOME_UNKNOWN"],
  ["POISONED", "POISONED"],
  ["ENGINE_FAULT", "POISONED"],
  ["IO", "IO"],
  ["HISTORY", "IO"],
  ["FAILED", "IO"],
]);

/** @param retryAfterMilliseconds when the service wants to be asked again, if it said */
export function errorOfRefusal(
  refusal: RefusalMessage,
  retryAfterMilliseconds: number | undefined,
): StateVecError {
  const { code, field, expectedSeq, lastSeq, index } = refusal;
  const prefix = `${code}: `;
  const message = refusal.message.startsWith(prefix) ? refusal.message.slice(prefix.length) : refusal.message;
  if (ADMISSION.has(code)) {
    return new AdmissionError(code as AdmissionErrorCode, message, {
      field: field === "" ? undefined : field,
      expected: code === "GAP" ? expectedSeq : undefined,
      lastSeq: code === "DUPLICATE" ? lastSeq : undefined,
      index,
    });
  }
  const operational = OPERATIONAL.get(code);
  if (operational !== undefined) return new OperationalError(operational, message);
  if (SERVICE.has(code))
    return new ServiceError(code as ServiceErrorCode, message, { retryAfterMilliseconds });
  if (BAD_REQUEST.has(code)) return new ServiceError("BAD_REQUEST", message);
  return new ServiceError(
    "PROTOCOL",
    `the service refused with ${code}, which is not known here: ${message}`,
  );
}
