/**
 * Custom sections of a WebAssembly module, read without compiling it.
 *
 *   | \0asm | version 1 | section id u8 | size leb128 | contents ... |     a custom section (id 0) begins with its name
 *
 * Source: WebAssembly Core Specification, "Binary Format, Modules". The bytes are not trusted.
 */

const MAGIC = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const CUSTOM = 0;

/** Reads a u32 in LEB128. @returns the value and the offset behind it, or `undefined` if the bytes are none */
function readLeb(
  bytes: Uint8Array,
  at: number,
  end: number,
): readonly [value: number, at: number] | undefined {
  let value = 0;
  for (let shift = 0; shift < 35 && at < end; shift += 7) {
    const byte = bytes[at++]!;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value <= 0xffff_ffff ? [value, at] : undefined;
  }
  return undefined;
}

/** The contents of the first custom section with a name, or `undefined` if there is none or the bytes are no module. */
export function customSection(bytes: Uint8Array, name: string): Uint8Array | undefined {
  if (MAGIC.some((byte, index) => bytes[index] !== byte)) return undefined;
  const wanted = new TextEncoder().encode(name);
  let at = MAGIC.length;
  while (at < bytes.length) {
    const id = bytes[at];
    const size = readLeb(bytes, at + 1, bytes.length);
    if (size === undefined || size[1] + size[0] > bytes.length) return undefined;
    const end = size[1] + size[0];
    if (id === CUSTOM) {
      const length = readLeb(bytes, size[1], end);
      if (length === undefined || length[1] + length[0] > end) return undefined;
      const found = bytes.subarray(length[1], length[1] + length[0]);
      if (found.length === wanted.length && found.every((byte, index) => byte === wanted[index])) {
        return bytes.subarray(length[1] + length[0], end);
      }
    }
    at = end;
  }
  return undefined;
}
