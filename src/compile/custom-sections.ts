/**
 * Custom sections of a sealed domain: what the file says about itself.
 *
 * Responsible for: appending sections to a finished module.
 * Not responsible for: their names and contents, and reading them (src/engine/sealed-domain.ts).
 */

const CUSTOM = 0;

/** @param sections contents by name, appended in this order */
export function appendCustomSections(
  module: Uint8Array,
  sections: readonly (readonly [name: string, contents: Uint8Array])[],
): Uint8Array {
  const parts = [module, ...sections.map(([name, contents]) => customSection(name, contents))];
  return concatenate(parts);
}

//   | 0 (custom) | size | name length | name | contents |       sizes and lengths are LEB128
function customSection(name: string, contents: Uint8Array): Uint8Array {
  const nameBytes = new TextEncoder().encode(name);
  const body = concatenate([unsignedLeb128(nameBytes.length), nameBytes, contents]);
  return concatenate([Uint8Array.of(CUSTOM), unsignedLeb128(body.length), body]);
}

function unsignedLeb128(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return Uint8Array.from(bytes);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
