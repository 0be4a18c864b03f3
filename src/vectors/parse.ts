/**
 * Vector files from untrusted text.
 *
 * Responsible for: the shape of everything that steers a run, with errors that name path, found and expected.
 * Not responsible for: payloads against a schema (payload.ts); what a result says: it is only ever compared, so whatever
 * is wrong there shows as a difference.
 *
 * Invariant: I1 nothing but a UsageError leaves this file, whatever the text.
 */
import { UsageError } from "../errors.ts";
import {
  type JsonObject,
  type ScriptStep,
  VECTORS_FORMAT,
  type VectorResult,
  type VectorScript,
  type VectorSource,
  type Vectors,
} from "./vectors.ts";

const ROOT = "vectors";
const U32_MAX = 0xffff_ffff;
const U64_MAX = (1n << 64n) - 1n;
const SHOWN_MAX = 80;

/** Says what is wrong at a path of a vector file. @throws {UsageError} always */
export function refuse(path: string, found: unknown, expected: string): never {
  const text = found === undefined ? "nothing" : JSON.stringify(found);
  const shown = text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}...` : text;
  throw new UsageError(path, `found ${shown}, expected ${expected}`);
}

// ---- members ---------------------------------------------------------------------------------------------

/** An object; with `names`, one that has no other members. */
export function objectAt(path: string, json: unknown, names?: readonly string[]): JsonObject {
  if (typeof json !== "object" || json === null || Array.isArray(json)) refuse(path, json, "an object");
  const unknown = names === undefined ? undefined : Object.keys(json).find((name) => !names.includes(name));
  if (unknown !== undefined) refuse(path, unknown, `no other members than ${names!.join(", ")}`);
  return json as JsonObject;
}

function stringAt(path: string, json: unknown): string {
  return typeof json === "string" ? json : refuse(path, json, "a string");
}

function integerAt(path: string, json: unknown, max: number, min = 0): number {
  if (typeof json === "number" && Number.isInteger(json) && json >= min && json <= max) return json;
  return refuse(path, json, `a whole number from ${min} to ${max}`);
}

/** A whole number of 64 bits, as a string. */
function longAt(path: string, json: unknown, min = 0n): string {
  const expected = `a whole number of 64 bits from ${min}, as a string`;
  if (typeof json !== "string" || !/^(0|[1-9]\d{0,19})$/.test(json)) return refuse(path, json, expected);
  const value = BigInt(json);
  return value < min || value > U64_MAX ? refuse(path, json, expected) : json;
}

/** `{ [name]: value }` where the member is there. */
function optional<N extends string, T>(
  path: string,
  json: JsonObject,
  name: N,
  read: (path: string, json: unknown) => T,
): { readonly [K in N]?: T } {
  if (json[name] === undefined) return {};
  return { [name]: read(`${path}.${name}`, json[name]) } as { readonly [K in N]?: T };
}

// ---- head ------------------------------------------------------------------------------------------------

function engineAt(path: string, json: unknown): Vectors["engine"] {
  const engine = objectAt(path, json, ["frameFormat", "coreSemantics"]);
  return {
    frameFormat: integerAt(`${path}.frameFormat`, engine.frameFormat, U32_MAX, 1),
    coreSemantics: integerAt(`${path}.coreSemantics`, engine.coreSemantics, U32_MAX, 1),
  };
}

function schemaAt(path: string, json: unknown): Vectors["schema"] {
  const { name, fingerprint } = objectAt(path, json, ["name", "fingerprint"]);
  const isDigest = typeof fingerprint === "string" && /^[0-9a-f]{64}$/.test(fingerprint);
  if (!isDigest) refuse(`${path}.fingerprint`, fingerprint, "64 lower-case hex digits");
  return { name: stringAt(`${path}.name`, name), fingerprint: fingerprint as string };
}

function limitsAt(path: string, json: unknown): Vectors["limits"] {
  const entries = Object.entries(objectAt(path, json));
  return Object.fromEntries(
    entries.map(([name, value]) => [name, integerAt(`${path}.${name}`, value, Number.MAX_SAFE_INTEGER, 1)]),
  );
}

function laneAt(path: string, json: unknown): "open" | "sealed" {
  return json === "open" || json === "sealed" ? json : refuse(path, json, '"open" or "sealed"');
}

// ---- steps -----------------------------------------------------------------------------------------------

function sourceAt(path: string, json: unknown): VectorSource {
  const { client, stream, seq } = objectAt(path, json, ["client", "stream", "seq"]);
  return {
    client: longAt(`${path}.client`, client),
    stream: integerAt(`${path}.stream`, stream, U32_MAX),
    seq: longAt(`${path}.seq`, seq, 1n),
  };
}

function retiredAt(path: string, json: unknown): { readonly client: string; readonly stream: number } {
  const { client, stream } = objectAt(path, json, ["client", "stream"]);
  return {
    client: longAt(`${path}.client`, client),
    stream: integerAt(`${path}.stream`, stream, U32_MAX),
  };
}

function resultAt(path: string, json: unknown): VectorResult {
  const result = objectAt(path, json);
  const isResult = "frame" in result || "refused" in result || "duplicateOf" in result;
  return isResult ? (result as unknown as VectorResult) : refuse(path, json, "frame, refused or duplicateOf");
}

const COMMAND_MEMBERS = ["about", "timeNs", "command", "payload", "source", "result"];
const RETIRE_MEMBERS = ["about", "timeNs", "retire", "result"];

function stepAt(path: string, json: unknown): ScriptStep & { readonly result?: VectorResult } {
  const retires = "retire" in objectAt(path, json);
  const step = objectAt(path, json, retires ? RETIRE_MEMBERS : COMMAND_MEMBERS);
  const head = optional(path, step, "about", stringAt);
  const tail = {
    ...optional(path, step, "timeNs", longAt),
    ...optional(path, step, "result", resultAt),
  };
  if (retires) return { ...head, retire: retiredAt(`${path}.retire`, step.retire), ...tail };
  return {
    ...head,
    command: stringAt(`${path}.command`, step.command),
    payload: objectAt(`${path}.payload`, step.payload ?? {}),
    ...optional(path, step, "source", sourceAt),
    ...tail,
  };
}

// ---- files -----------------------------------------------------------------------------------------------

function jsonOf(input: unknown): unknown {
  if (typeof input !== "string") return input;
  try {
    return JSON.parse(input);
  } catch (error) {
    // Some engines quote the text, line breaks and all.
    const problem = (error as Error).message.replaceAll(/\s+/g, " ");
    throw new UsageError(ROOT, `found text that is no JSON (${problem}), expected vectors`);
  }
}

const MEMBERS = ["vectors", "about", "lane", "engine", "schema", "limits", "steps"];

/**
 * Reads commands whose results may be missing: what `runVectors` takes.
 *
 * @param input text of a file, or what `JSON.parse` made of it
 * @throws {UsageError} naming the path of the first mistake, what was found and what was expected
 */
export function parseScript(input: unknown): VectorScript {
  const file = objectAt(ROOT, jsonOf(input), MEMBERS);
  if (file.vectors !== VECTORS_FORMAT) {
    refuse(`${ROOT}.vectors`, file.vectors, `${VECTORS_FORMAT}, the format that this release reads`);
  }
  if (!Array.isArray(file.steps)) refuse(`${ROOT}.steps`, file.steps, "an array of steps");
  return {
    ...optional(ROOT, file, "about", stringAt),
    ...optional(ROOT, file, "lane", laneAt),
    ...optional(ROOT, file, "engine", engineAt),
    ...optional(ROOT, file, "schema", schemaAt),
    ...optional(ROOT, file, "limits", limitsAt),
    steps: file.steps.map((step, index) => stepAt(`${ROOT}.steps[${index}]`, step)),
  };
}

/**
 * Reads recorded vectors.
 *
 * @param input text of a file, or what `JSON.parse` made of it
 * @throws {UsageError} naming the path of the first mistake, what was found and what was expected
 * @example const vectors = parseVectors(readFileSync("test/bank.vectors.json", "utf8"));
 */
export function parseVectors(input: unknown): Vectors {
  const script = parseScript(input);
  for (const name of ["engine", "schema", "limits"] as const) {
    if (script[name] === undefined) refuse(`${ROOT}.${name}`, undefined, "what recording writes there");
  }
  const open = script.steps.findIndex(({ result }) => result === undefined);
  if (open >= 0) refuse(`${ROOT}.steps[${open}].result`, undefined, "a result; record the file first");
  return script as Vectors;
}
