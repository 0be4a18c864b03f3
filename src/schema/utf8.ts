/**
 * UTF-8 (RFC 3629), strictly.
 *
 * Responsible for: texts to bytes and back, refusing lone surrogates and malformed bytes. TextEncoder would replace
 * a lone surrogate silently; a short loop is also faster than its call for the short texts of payloads.
 * Not responsible for: lengths in front (value-codec.ts).
 */

/** Texts of up to this many ASCII bytes are put together one by one; beyond, TextDecoder wins. */
const SHORT = 32;

// ignoreBOM: a leading U+FEFF is part of the text, not a mark to drop.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @returns UTF-8 bytes of `text`, or -1 if it has a lone surrogate */
export function utf8Size(text: string): number {
  let size = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) size += 1;
    else if (unit < 0x800) size += 2;
    else if (unit < 0xd800 || unit > 0xdfff) size += 3;
    else if (unit < 0xdc00 && isLow(text.charCodeAt(index + 1))) {
      size += 4;
      index++;
    } else return -1;
  }
  return size;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/**
 * Writes `text` at `at`, never at or beyond `limit`.
 * @returns the offset behind it, or -1 if it does not fit or has a lone surrogate
 */
export function writeText(bytes: Uint8Array, at: number, limit: number, text: string): number {
  const { length } = text;
  if (length > limit - at) return -1;
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 0x80) return writeBeyondAscii(bytes, at, limit, text, index);
    bytes[at++] = unit;
  }
  return at;
}

function writeBeyondAscii(bytes: Uint8Array, at: number, limit: number, text: string, from: number): number {
  for (let index = from; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) {
      if (at + 1 > limit) return -1;
      bytes[at++] = unit;
    } else if (unit < 0x800) {
      if (at + 2 > limit) return -1;
      bytes[at++] = 0xc0 | (unit >> 6);
      bytes[at++] = 0x80 | (unit & 0x3f);
    } else if (unit < 0xd800 || unit > 0xdfff) {
      if (at + 3 > limit) return -1;
      bytes[at++] = 0xe0 | (unit >> 12);
      bytes[at++] = 0x80 | ((unit >> 6) & 0x3f);
      bytes[at++] = 0x80 | (unit & 0x3f);
    } else {
      const low = text.charCodeAt(++index);
      if (unit >= 0xdc00 || !isLow(low) || at + 4 > limit) return -1;
      const point = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
      bytes[at++] = 0xf0 | (point >> 18);
      bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[at++] = 0x80 | (point & 0x3f);
    }
  }
  return at;
}

/** @returns the text of the bytes from `at` to `end`, or nothing if they are not UTF-8 */
export function readText(bytes: Uint8Array, at: number, end: number): string | undefined {
  if (end - at <= SHORT) {
    let text = "";
    let index = at;
    for (; index < end && bytes[index]! < 0x80; index++) text += String.fromCharCode(bytes[index]!);
    if (index === end) return text;
  }
  try {
    return decoder.decode(bytes.subarray(at, end));
  } catch {
    return undefined;
  }
}

/** Whether the bytes from `at` to `end` are UTF-8. Makes no text, so it is cheap where none is needed. */
export function isUtf8(bytes: Uint8Array, at: number, end: number): boolean {
  while (at < end) {
    const first = bytes[at++]!;
    if (first < 0x80) continue;
    const more = first < 0xc2 ? -1 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : -1;
    if (more < 0 || more > end - at) return false;
    const second = bytes[at]!;
    // The shortest form, no surrogate, nothing above U+10FFFF: RFC 3629, section 4.
    const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    if (second < least || second > most) return false;
    for (let index = 1; index < more; index++) if ((bytes[at + index]! & 0xc0) !== 0x80) return false;
    at += more;
  }
  return true;
}
