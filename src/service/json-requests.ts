/**
 * Requests in JSON.
 *
 * Responsible for: taking bodies apart, with errors that name place, found and expected; payloads as values that a batch
 * encodes. Not responsible for: the JSON form of a value (src/schema/values-json.ts), what may be in a field (the engine).
 *
 * Invariant: I1 nothing but a Refused leaves this file, whatever the body.
 */
import { isUtf8 } from "node:buffer";
import type { EncodedCommands } from "../engine/command-batch.ts";
import type { Source } from "../engine/view.ts";
import type { MessageModel, SchemaModel } from "../schema/model.ts";
import { describeJson, type FieldValues, valueFromJson } from "../schema/values-json.ts";
import type { SubmitRequest } from "./format.ts";
import { foundText, malformed, Refused } from "./refusal.ts";
import { parseLong } from "./sources.ts";

type JsonObject = Readonly<Record<string, unknown>>;

const U32_MAX = 0xffff_ffff;

function parse(body: Buffer): unknown {
  if (!isUtf8(body))
    throw new Refused({
      code: "MALFORMED",
      message: "body: found bytes that are no UTF-8, expected JSON in UTF-8",
    });
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    // Some engines quote the text, line breaks and all.
    const problem = (error as Error).message.replaceAll(/\s+/g, " ").slice(0, 120);
    throw new Refused({
      code: "MALFORMED",
      message: `body: found text that is no JSON (${problem}), expected JSON`,
    });
  }
}

function objectAt(place: string, json: unknown, names: readonly string[]): JsonObject {
  if (typeof json !== "object" || json === null || Array.isArray(json))
    return malformed(place, json, "an object");
  for (const name of Object.keys(json)) {
    if (!names.includes(name))
      malformed(`${place}.${name}`, name, `no other members than ${names.join(", ")}`);
  }
  return json as JsonObject;
}

const SOURCE_MEMBERS = ["client", "stream", "seq"];

function sourceAt(place: string, json: unknown): Source {
  const { client, stream, seq } = objectAt(place, json, SOURCE_MEMBERS);
  const isStream = Number.isInteger(stream) && (stream as number) >= 0 && (stream as number) <= U32_MAX;
  if (!isStream) malformed(`${place}.stream`, stream, "a whole number from 0 to 2^32 - 1");
  return {
    client:
      parseLong(client) ?? malformed(`${place}.client`, client, "a whole number of 64 bits, as a string"),
    stream: stream as number,
    seq:
      parseLong(seq, 1n) ?? malformed(`${place}.seq`, seq, "a whole number of 64 bits from 1, as a string"),
  };
}

const REQUEST_MEMBERS = ["schema", "submissions"];
const SUBMISSION_MEMBERS = ["name", "payload", "source"];

export class JsonRequests {
  private readonly commands: ReadonlyMap<string, MessageModel>;

  constructor(model: SchemaModel) {
    this.commands = new Map(model.commands.map((command) => [command.name, command]));
  }

  submitRequest(body: Buffer): SubmitRequest {
    const { schema, submissions } = objectAt("body", parse(body), REQUEST_MEMBERS);
    if (schema !== undefined && (typeof schema !== "string" || !/^[0-9a-fA-F]{64}$/.test(schema)))
      malformed("schema", schema, "64 hex digits: the SHA-256 of the canonical schema");
    if (!Array.isArray(submissions)) return malformed("submissions", submissions, "an array");
    return {
      schema: schema as string | undefined,
      count: submissions.length,
      add: (batch, index) => this.addSubmission(batch, `submissions[${index}]`, submissions[index]),
    };
  }

  private addSubmission(batch: EncodedCommands, place: string, json: unknown): void {
    const { name, payload, source } = objectAt(place, json, SUBMISSION_MEMBERS);
    const command = typeof name === "string" ? this.commands.get(name) : undefined;
    if (command === undefined) {
      return malformed(
        `${place}.name`,
        name,
        `a command of the schema: ${[...this.commands.keys()].join(", ")}`,
      );
    }
    const own = source === undefined ? undefined : sourceAt(`${place}.source`, source);
    batch.add(command.name, payloadFrom(command, payload ?? {}), { source: own });
  }

  addCommand(batch: EncodedCommands, name: string, body: Buffer, source: Source | undefined): void {
    const command = this.commands.get(name)!;
    batch.add(name, payloadFrom(command, body.length === 0 ? {} : parse(body)), { source });
  }
}

/** The values of a payload; nullable fields that are left out are null. */
function payloadFrom({ name, fields }: MessageModel, json: unknown): FieldValues {
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw new Refused({ code: "MALFORMED", message: foundText(name, json, "an object: its fields by name") });
  const given = json as JsonObject;
  const values: Record<string, unknown> = {};
  let taken = 0;
  for (const field of fields) {
    const isGiven = Object.hasOwn(given, field.name);
    if (isGiven) taken++;
    const value = isGiven ? valueFromJson(field, given[field.name]) : field.nullable ? null : undefined;
    if (value === undefined) {
      const found = isGiven ? given[field.name] : undefined;
      const message = foundText(`${name}.${field.name}`, found, describeJson(field));
      throw new Refused({ code: "MALFORMED", message, field: field.name });
    }
    values[field.name] = value;
  }
  if (taken !== Object.keys(given).length) refuseUnknown(name, fields, given);
  return values;
}

function refuseUnknown(name: string, fields: MessageModel["fields"], given: JsonObject): never {
  const known = fields.map((field) => field.name);
  const unknown = Object.keys(given).find((member) => !known.includes(member))!;
  const expected = `no other fields than ${known.length === 0 ? "none" : known.join(", ")}`;
  throw new Refused({ code: "MALFORMED", message: foundText(name, unknown, expected), field: unknown });
}
