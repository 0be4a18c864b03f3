/**
 * Receipts in JSON, and back.
 *
 * Responsible for: the one JSON form of a receipt (docs/reference/protobuf.md), values as docs/reference/cli.md says.
 * Not responsible for: the text (`jsonText` of src/schema/values-json.ts), frames (src/history/frame-json.ts).
 *
 * Invariant: I1 what `receiptForJson` and `jsonText` write, `receiptFromJson` reads back to an equal receipt.
 */
import { eventForJson, fieldsOf } from "../history/frame-json.ts";
import { FRAMEWORK_CODES } from "../schema/framework-codes.ts";
import type { MessageModel, SchemaModel } from "../schema/model.ts";
import { type FieldValues, JsonError, valuesForJson, valuesFromJson } from "../schema/values-json.ts";
import type { AnyReceipt } from "./receipt.ts";

/** For `jsonText`: `{ seq, digest, duplicate, outcome, code?, detail?, events }`. */
export function receiptForJson(receipt: AnyReceipt, model: SchemaModel): object {
  const { seq, digest, duplicate, outcome } = receipt;
  const events = receipt.events.map((event) => eventForJson(event as never, model));
  if (receipt.outcome === "committed") return { seq, digest, duplicate, outcome, events };
  const { code, detail } = receipt as { readonly code: string; readonly detail: FieldValues };
  const fields = fieldsOf(model.rejects, code);
  const shown = fields.length === 0 ? detail : valuesForJson(fields, detail);
  return { seq, digest, duplicate, outcome, code, detail: shown, events };
}

/**
 * A receipt from what `JSON.parse` made.
 * @throws JsonError naming the member
 */
export function receiptFromJson(json: unknown, model: SchemaModel): AnyReceipt {
  const { seq, digest, duplicate, outcome, code, detail, events } = objectAt("", json);
  if (typeof seq !== "string" || !/^[1-9]\d{0,19}$/.test(seq))
    throw new JsonError("seq", seq, "a seq as a string");
  if (typeof digest !== "string" || !/^[0-9a-f]{64}$/.test(digest))
    throw new JsonError("digest", digest, "64 lower-case hex digits");
  if (typeof duplicate !== "boolean") throw new JsonError("duplicate", duplicate, "true or false");
  if (!Array.isArray(events)) throw new JsonError("events", events, "an array of events");
  const head = {
    seq: BigInt(seq),
    digest,
    duplicate,
    outcome,
    events: events.map((one) => eventAt(one, model)),
  };
  if (outcome === "committed") return head as unknown as AnyReceipt;
  if (outcome !== "rejected" && outcome !== "faulted")
    throw new JsonError("outcome", outcome, "committed, rejected or faulted");
  return { ...head, code, detail: detailAt(code, detail, model) } as unknown as AnyReceipt;
}

function objectAt(path: string, json: unknown): FieldValues {
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw new JsonError(path, json, "an object");
  return json as FieldValues;
}

function eventAt(json: unknown, model: SchemaModel): object {
  const { name, values } = objectAt("events", json);
  return { name, values: valuesOf("events", model.events, name, values) };
}

function detailAt(code: unknown, detail: unknown, model: SchemaModel): FieldValues {
  // The details of the engine's own codes are names, and one small number: the same in JSON.
  if (FRAMEWORK_CODES.has(code as string)) return objectAt("detail", detail);
  return valuesOf("code", model.rejects, code, detail);
}

function valuesOf(
  path: string,
  messages: readonly MessageModel[],
  name: unknown,
  json: unknown,
): FieldValues {
  const message = messages.find((one) => one.name === name);
  if (message === undefined) throw new JsonError(path, name, "a name of the schema");
  return valuesFromJson(message.name, message.fields, json);
}
