/**
 * Requests in JSON.
 *
 * Responsible for: taking bodies apart, with errors that name place, found and expected.
 * Not responsible for: payloads (src/engine/payload.ts).
 *
 * Invariant: I1 nothing but a Refused, an AdmissionError or a UsageError leaves this file, whatever the body.
 */
import { isUtf8 } from "node:buffer";
import type { Binding } from "../engine/binding.ts";
import type { EncodedCommands } from "../engine/command-batch.ts";
import { payloadFromJson } from "../engine/payload.ts";
import type { Source } from "../engine/view.ts";
import type { SubmitRequest } from "./format.ts";
import { checkCount, malformed, Refused } from "./refusal.ts";
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
  private readonly commands: Binding["commands"];

  constructor({ commands }: Binding) {
    this.commands = commands;
  }

  submitRequest(body: Buffer, max: number): SubmitRequest {
    const { schema, submissions } = objectAt("body", parse(body), REQUEST_MEMBERS);
    if (schema !== undefined && (typeof schema !== "string" || !/^[0-9a-fA-F]{64}$/.test(schema)))
      malformed("schema", schema, "64 hex digits: the SHA-256 of the canonical schema");
    if (!Array.isArray(submissions)) return malformed("submissions", submissions, "an array");
    checkCount(submissions.length, max);
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
    batch.add(command.name, payloadFromJson(command, payload ?? {}), { source: own });
  }

  addCommand(batch: EncodedCommands, name: string, body: Buffer, source: Source | undefined): void {
    const command = this.commands.get(name)!;
    batch.add(name, payloadFromJson(command, body.length === 0 ? {} : parse(body)), { source });
  }
}
