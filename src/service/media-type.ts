/**
 * Types of bodies: which one a request has, and which one its answer is to have.
 *
 * Responsible for: Content-Type and Accept. Not responsible for: what is in a body.
 */
import type { IncomingHttpHeaders } from "node:http";
import { Refused } from "./refusal.ts";

export type MediaType = "json" | "protobuf";

const TYPES: ReadonlyMap<string, MediaType> = new Map([
  ["application/json", "json"],
  ["application/x-ndjson", "json"],
  ["application/x-protobuf", "protobuf"],
  ["application/protobuf", "protobuf"],
]);

/** Name and parameters of a type: `text/html; charset=utf-8`. */
function partsOf(text: string): readonly [name: string, parameters: string] {
  const semicolon = text.indexOf(";");
  const name = semicolon < 0 ? text : text.slice(0, semicolon);
  return [name.trim().toLowerCase(), semicolon < 0 ? "" : text.slice(semicolon + 1).toLowerCase()];
}

/** The type of a request's body. @throws {Refused} UNSUPPORTED_TYPE */
export function bodyType(headers: IncomingHttpHeaders): MediaType {
  const { "content-type": given, "content-encoding": encoding } = headers;
  if (encoding !== undefined && encoding !== "identity") {
    const message = `content-encoding: found ${JSON.stringify(encoding)}, expected a body as it is, without encoding`;
    throw new Refused({ code: "UNSUPPORTED_TYPE", message });
  }
  if (given === undefined) return "json";
  const known = TYPES.get(given);
  if (known !== undefined) return known;
  const [name, parameters] = partsOf(given);
  const type = TYPES.get(name);
  const charset = /charset\s*=\s*"?([^;"\s]+)/.exec(parameters)?.[1];
  if (type !== undefined && (charset === undefined || charset === "utf-8" || charset === "utf8")) return type;
  const message = `content-type: found ${JSON.stringify(given)}, expected application/json or application/x-protobuf`;
  throw new Refused({ code: "UNSUPPORTED_TYPE", message });
}

/** The type that the answer is to have: what is asked for, else that of the body, else JSON. */
export function answerType(headers: IncomingHttpHeaders): MediaType {
  const { accept } = headers;
  if (accept !== undefined && accept !== "*/*") {
    const known = TYPES.get(accept);
    if (known !== undefined) return known;
    for (const one of accept.split(",")) {
      const [name, parameters] = partsOf(one);
      const type = TYPES.get(name);
      if (type !== undefined && !/(^|;)\s*q\s*=\s*0(\.0*)?\s*($|;)/.test(parameters)) return type;
    }
  }
  const { "content-type": given } = headers;
  return given === undefined ? "json" : (TYPES.get(given) ?? TYPES.get(partsOf(given)[0]) ?? "json");
}
