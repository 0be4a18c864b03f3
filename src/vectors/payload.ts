/**
 * Payloads of vector files against the schema.
 *
 * Responsible for: JSON into the values that `submit` takes, and the one full form that is recorded.
 * Not responsible for: lengths of text and bytes: the engine judges them, and its MALFORMED can be recorded.
 */
import type { MessageModel } from "../schema/model.ts";
import {
  describeJson,
  type FieldValues,
  jsonText,
  valueFromJson,
  valuesForJson,
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
  for (const member of Object.keys(payload)) {
    if (fields.some((field) => field.name === member)) continue;
    const known = fields.map((field) => field.name).join(", ");
    refuse(path, member, `fields of ${name}: ${known === "" ? "none" : known}`);
  }
  const entries = fields.map((field) => {
    const given = Object.hasOwn(payload, field.name) ? payload[field.name] : undefined;
    const value = given === undefined && field.nullable ? null : valueFromJson(field, given);
    return [field.name, value ?? nullOf(value, `${path}.${field.name}`, given, describeJson(field))] as const;
  });
  return Object.fromEntries(entries);
}

function nullOf(value: unknown, path: string, found: unknown, expected: string): null {
  return value === null ? null : refuse(path, found, expected);
}

/** The payload as it is recorded: every field, in number order. */
export function recordedPayload({ fields }: MessageModel, values: FieldValues): JsonObject {
  return plain(valuesForJson(fields, values));
}

/** What a reader of the JSON text gets. */
export function plain(value: object): JsonObject {
  return JSON.parse(jsonText(value));
}
