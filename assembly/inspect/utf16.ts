/**
 * UTF-8 as UTF-16: as it is, or in double quotes and escaped, the same units as `JSON.stringify` of the text.
 *
 * It has a decoder of its own: what it decodes it checks on the way, and base/utf8.ts, which the hot path calls, stays
 * inlined there.
 * I1: text is made only of bytes that `isWellFormed` has found so.
 */
import { hexDigit } from "./numerals";
import { putText, putUnit } from "./text";

const QUOTE: u32 = 0x22;
const BACKSLASH: u32 = 0x5c;
const CONTROLS: u32 = 0x20;
const POINT_MAX: u32 = 0x10ffff;
const BAD_POINT: u32 = 0xffffffff;

function putControl(unit: u32): void {
  putUnit(BACKSLASH);
  switch (unit) {
    case 0x08:
      putUnit(0x62);
      return;
    case 0x09:
      putUnit(0x74);
      return;
    case 0x0a:
      putUnit(0x6e);
      return;
    case 0x0c:
      putUnit(0x66);
      return;
    case 0x0d:
      putUnit(0x72);
      return;
    default:
      putText("u00");
      putUnit(hexDigit(unit >> 4));
      putUnit(hexDigit(unit & 15));
  }
}

/** Adds a code point as one or two UTF-16 units. */
function putPoint(point: u32): void {
  if (point < 0x10000) {
    putUnit(point);
    return;
  }
  putUnit(0xd800 + ((point - 0x10000) >> 10));
  putUnit(0xdc00 + ((point - 0x10000) & 0x3ff));
}

/** Where the code point that `pointAt` has read ends. */
let pointEnd: usize = 0;

/** The code point at `at`, or BAD_POINT: no shortest form of a scalar value (Unicode 15, table 3-7). */
function pointAt(at: usize, end: usize): u32 {
  const lead = <u32>load<u8>(at);
  pointEnd = at + 1;
  if (lead < 0x80) return lead;
  const tails: u32 = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
  if (lead < 0xc0 || lead > 0xf7 || end - pointEnd < <usize>tails) return BAD_POINT;
  let point = lead & (0x3f >> tails);
  for (let i: u32 = 0; i < tails; i++) {
    const byte = <u32>load<u8>(pointEnd++);
    if ((byte & 0xc0) != 0x80) return BAD_POINT;
    point = (point << 6) | (byte & 0x3f);
  }
  const least: u32 = tails == 1 ? 0x80 : tails == 2 ? 0x800 : 0x10000;
  const isSurrogate = point >= 0xd800 && point < 0xe000;
  return point < least || point > POINT_MAX || isSurrogate ? BAD_POINT : point;
}

/** Whether `bytes` bytes at `at` are UTF-8 without any malformed form. */
export function isWellFormed(at: usize, bytes: u32): bool {
  const end = at + bytes;
  while (at < end) {
    if (pointAt(at, end) == BAD_POINT) return false;
    at = pointEnd;
  }
  return true;
}

/** Adds the text of `bytes` well-formed bytes at `at` in quotes. */
export function putQuoted(at: usize, bytes: u32): void {
  putUnit(QUOTE);
  const end = at + bytes;
  while (at < end) {
    const lead = <u32>load<u8>(at);
    if (lead < CONTROLS) {
      putControl(lead);
      at += 1;
      continue;
    }
    if (lead == QUOTE || lead == BACKSLASH) putUnit(BACKSLASH);
    putPoint(pointAt(at, end));
    at = pointEnd;
  }
  putUnit(QUOTE);
}

/** Adds the text of `bytes` well-formed bytes at `at` as it is. */
export function putPlain(at: usize, bytes: u32): void {
  const end = at + bytes;
  while (at < end) {
    putPoint(pointAt(at, end));
    at = pointEnd;
  }
}
