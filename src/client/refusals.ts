/**
 * The error that a refusal of a service stands for: the class and code that the engine itself would have thrown.
 */
import {
  AdmissionError,
  type AdmissionErrorCode,
  DeterminismError,
  type DeterminismErrorCode,
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
const OPERATIONAL: ReadonlySet<string> = new Set<OperationalErrorCode>([
  "CLOCK",
  "FENCED",
  "OUTCOME_UNKNOWN",
  "POISONED",
  "IO",
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
  "UNAVAILABLE",
  "BAD_REQUEST",
]);

/** The message of a DeterminismError. */
const DETERMINISM = /^(CLOCK|ENTROPY|IO|ASYNC): ([^:]+): (.*)$/s;

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
  if (OPERATIONAL.has(code)) return new OperationalError(code as OperationalErrorCode, message);
  const [, kind, called, said] = DETERMINISM.exec(message) ?? [];
  if (code === "DETERMINISM" && kind !== undefined)
    return new DeterminismError(kind as DeterminismErrorCode, called!, said!);
  if (SERVICE.has(code))
    return new ServiceError(code as ServiceErrorCode, message, { retryAfterMilliseconds });
  return new ServiceError(
    "PROTOCOL",
    `the service refused with ${code}, which this release does not know: ${message}`,
  );
}
