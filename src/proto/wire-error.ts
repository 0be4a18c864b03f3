/**
 * The errors of the protobuf decoders.
 *
 * Responsible for: saying which field is wrong, what was found and what was expected, cheaply: no stack is captured.
 * Not responsible for: what callers see; the engine turns it into `AdmissionError(MALFORMED)`.
 */

/** Bytes that are no message of its type. Never leaves the package. */
export class WireError {
  /** Name of the field; empty for the message as a whole. */
  readonly field: string;
  readonly found: string;
  readonly expected: string;

  constructor(field: string, found: string, expected: string) {
    this.field = field;
    this.found = found;
    this.expected = expected;
  }
}

/** What is wrong at the cursor; a message adds the name of the field. */
export class WireFault {
  readonly found: string;
  readonly expected: string;

  constructor(found: string, expected: string) {
    this.found = found;
    this.expected = expected;
  }
}

/** @throws WireFault always */
export function fault(found: string, expected: string): never {
  throw new WireFault(found, expected);
}
