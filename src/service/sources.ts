/**
 * Sources and SysIds as text: in paths, queries and headers.
 */
import type { Source } from "../engine/view.ts";
import { malformed } from "./refusal.ts";

const U32_MAX = 0xffff_ffffn;
const U64_MAX = (1n << 64n) - 1n;

/** A whole number of 64 bits in decimal digits, without leading zeros; undefined if the text is none. */
export function parseLong(text: unknown, min = 0n): bigint | undefined {
  if (typeof text !== "string" || !/^(0|[1-9]\d{0,19})$/.test(text)) return undefined;
  const value = BigInt(text);
  return value < min || value > U64_MAX ? undefined : value;
}

/** Client and stream. @throws {Refused} naming the place and what is wrong there */
export function streamOf(place: string, clientText: string, streamText: string) {
  const client =
    parseLong(clientText) ?? malformed(`${place} client`, clientText, "a whole number of 64 bits");
  const stream = parseLong(streamText);
  if (stream === undefined || stream > U32_MAX)
    return malformed(`${place} stream`, streamText, "a whole number of 32 bits");
  return { client, stream: Number(stream) };
}

/** Client, stream and seq. @throws {Refused} naming the place and what is wrong there */
export function sourceOf(place: string, client: string, stream: string, seqText: string): Source {
  const seq =
    parseLong(seqText, 1n) ?? malformed(`${place} seq`, seqText, "a whole number of 64 bits, from 1");
  return { ...streamOf(place, client, stream), seq };
}
