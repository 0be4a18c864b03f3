/**
 * A caller's payload to its one byte form, or MALFORMED.
 */
import { AdmissionError } from "../errors.ts";
import { ValueError } from "../schema/value-error.ts";
import { show } from "./arguments.ts";
import type { BoundMessage } from "./binding.ts";

/**
 * Encodes a payload at an offset.
 * @returns the offset behind it
 * @throws {AdmissionError} MALFORMED, naming the field
 */
export function encodePayload(
  command: BoundMessage,
  payload: unknown,
  bytes: Uint8Array,
  at: number,
): number {
  try {
    return command.codec.encode(payload, bytes, at);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw malformed(command.name, error.field, `${error.reason}: found ${show(error.found)}`);
  }
}

/** MALFORMED, naming the field. */
export function malformed(command: string, field: string, found: string): AdmissionError {
  const place = field === "" ? command : `${command}.${field}`;
  return new AdmissionError("MALFORMED", `${place}: ${found}; expected a payload of the schema`, {
    field: field === "" ? undefined : field,
  });
}
