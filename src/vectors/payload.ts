/**
 * Payloads of vector files against the schema.
 *
 * Responsible for: JSON into the values that `submit` takes, and the one full form that is recorded.
 * Not responsible for: lengths of text and bytes: the engine judges them, and its MALFORMED can be recorded.
 */
import type { MessageModel } from "../schema/model.ts";
import {
  type FieldValues,
  JsonError,
  jsonText,
  valuesForJson,
  valuesFromJson,
} from "../schema/values-json.ts";
import { refuse } from "./parse.ts";
import type { JsonObject } from "./vectors.ts";

/**
 * The values of a payload; nullable fields that are left out are null.
 * @throws {UsageError} naming the field
 */
export function payloadValues(
  path: string,
  { name, fields }: MessageModel,
  payload: JsonObject,
): FieldValues {
  try {
    return valuesFromJson(name, fields, payload);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const { field, found, expected } = error;
    return refuse(field === "" ? path : `${path}.${field}`, found, expected);
  }
}

/** The payload as it is recorded: every field, in number order. */
export function recordedPayload({ fields }: MessageModel, values: FieldValues): JsonObject {
  return plain(valuesForJson(fields, values));
}

/** What a reader of the JSON text gets. */
export function plain(value: object): JsonObject {
  return JSON.parse(jsonText(value));
}
