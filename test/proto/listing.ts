/**
 * Bytes of a message of `statevec.v1` as a readable listing: each tag and value on a line, with the name of its field.
 */
import type { PlainMessage } from "../../src/proto/plain-message.ts";

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
const BYTES_A_LINE = 32;

function varintAt(bytes: Uint8Array, at: number): readonly [value: bigint, next: number] {
  let value = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = bytes[at++]!;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return [value, at];
  }
}

/** @param indent of nested messages */
export function listing(message: PlainMessage<any>, bytes: Uint8Array, indent = ""): string {
  const lines: string[] = [];
  const put = (what: Uint8Array, comment: string) => lines.push(`${indent}${hex(what)} | ${comment}`);
  let at = 0;
  while (at < bytes.length) {
    const start = at;
    const [tag, behindTag] = varintAt(bytes, at);
    const [name, field] = Object.entries(message.fields).find(([, one]) => one.number === Number(tag >> 3n))!;
    if ((tag & 7n) === 0n) {
      const [value, next] = varintAt(bytes, behindTag);
      put(bytes.subarray(start, next), `${name} = ${value}`);
      at = next;
    } else if ((tag & 7n) === 1n) {
      at = behindTag + 8;
      const view = new DataView(bytes.buffer, bytes.byteOffset + behindTag, 8);
      put(bytes.subarray(start, at), `${name} = ${view.getBigUint64(0, true)}`);
    } else {
      const [length, from] = varintAt(bytes, behindTag);
      at = from + Number(length);
      const content = bytes.subarray(from, at);
      if (field.type === "string") {
        put(bytes.subarray(start, at), `${name} = ${JSON.stringify(new TextDecoder().decode(content))}`);
        continue;
      }
      put(bytes.subarray(start, from), `${name}: ${length} bytes`);
      if (typeof field.type !== "string") lines.push(listing(field.type, content, `${indent}  `));
      else {
        for (let line = 0; line < content.length; line += BYTES_A_LINE)
          lines.push(`${indent}  ${hex(content.subarray(line, line + BYTES_A_LINE))}`);
      }
    }
  }
  return lines.filter((line) => line !== "").join("\n");
}

/** The bytes of a listing. */
export function bytesOfListing(text: string): Uint8Array {
  const digits = text
    .split("\n")
    .map((line) => line.replace(/\|.*/, "").replace(/\s/g, ""))
    .join("");
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
