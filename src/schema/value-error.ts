/**
 * The error of the codec.
 *
 * Responsible for: saying which field is not a value, and why, cheaply: the engine makes a code of it for each bad
 * command, so it captures no stack.
 * Not responsible for: what callers see; the engine turns it into `AdmissionError`, a fault or `HistoryError`.
 */

/**
 * - `missing`: a required field is absent.
 * - `unknown`: a property that is no field.
 * - `type`: not a value of the field's type.
 * - `range`: of the type, but outside the range of the field, or too long.
 * - `form`: bytes that are not the one canonical form, or too few of them.
 */
export type ValueReason = "missing" | "unknown" | "type" | "range" | "form";

/** A value, or its bytes, that a field can not have. Never leaves the package. */
export class ValueError {
  /** Name of the field or unknown property; empty for the message as a whole. */
  readonly field: string;
  /** Number of the field; 0 for the message as a whole and for unknown properties. */
  readonly number: number;
  readonly reason: ValueReason;
  readonly found: unknown;

  constructor(field: string, number: number, reason: ValueReason, found: unknown) {
    this.field = field;
    this.number = number;
    this.reason = reason;
    this.found = found;
  }
}

/** Why one value can not be written or read; a field adds its name. */
export class ValueFault {
  readonly reason: ValueReason;
  readonly found: unknown;

  constructor(reason: ValueReason, found: unknown) {
    this.reason = reason;
    this.found = found;
  }
}
