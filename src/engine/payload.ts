/**
 * A caller's payload to its one byte form, or MALFORMED.
 */
import { AdmissionError, UsageError } from "../errors.ts";
import type { UnknownFields } from "../proto/message-decoder.ts";
import { WireError } from "../proto/wire-error.ts";
import type { Values } from "../schema/codec.ts";
import { ValueError } from "../schema/value-error.ts";
import { JsonError, shownJson, valuesFromJson } from "../schema/values-json.ts";
import { show } from "./arguments.ts";
import type { BoundCommand, BoundMessage } from "./binding.ts";

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

/**
 * Decodes a payload from protobuf: from the command's message straight to the canonical bytes at an offset.
 * @param view of `target`
 * @returns the offset behind them
 * @throws {AdmissionError} MALFORMED, naming the field
 * @throws {UsageError} an argument is not what it must be
 */
export function decodePayload(
  command: BoundCommand,
  bytes: unknown,
  unknownFields: UnknownFields | undefined,
  target: Uint8Array,
  view: DataView,
  at: number,
): number {
  if (!(bytes instanceof Uint8Array))
    throw new UsageError("bytes", `found ${show(bytes)}, expected a Uint8Array`);
  checkUnknownFields(unknownFields);
  try {
    return command.decoder.decode(bytes, target, view, at, unknownFields);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    const { field, found, expected } = error;
    const place = field === "" ? command.name : `${command.name}.${field}`;
    const details = { field: field === "" ? undefined : field };
    throw new AdmissionError("MALFORMED", `${place}: found ${found}, expected ${expected}`, details);
  }
}

/**
 * A payload from what `JSON.parse` made of a caller's text, in the form of docs/reference/cli.md. It may be anything.
 * @returns values that `submit` and `batch.add` take; lengths of text and bytes are judged there
 * @throws {AdmissionError} MALFORMED, naming the field
 */
export function payloadFromJson(
  { name, codec }: Pick<BoundMessage, "name" | "codec">,
  json: unknown,
): Values {
  try {
    const fields = codec.fields.map((one) => one.field);
    return valuesFromJson(name, fields, json);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const { field, found, expected } = error;
    const place = field === "" ? name : `${name}.${field}`;
    const details = { field: field === "" ? undefined : field };
    throw new AdmissionError(
      "MALFORMED",
      `${place}: found ${shownJson(found)}, expected ${expected}`,
      details,
    );
  }
}

function checkUnknownFields(policy: unknown): void {
  if (policy === undefined || policy === "refuse" || policy === "ignore") return;
  throw new UsageError("options.unknownFields", `found ${show(policy)}, expected "refuse" or "ignore"`);
}

/** MALFORMED, naming the field. */
export function malformed(command: string, field: string, found: string): AdmissionError {
  const place = field === "" ? command : `${command}.${field}`;
  return new AdmissionError("MALFORMED", `${place}: ${found}; expected a payload of the schema`, {
    field: field === "" ? undefined : field,
  });
}
