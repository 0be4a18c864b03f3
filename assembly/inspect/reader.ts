/**
 * Reading bytes that come from outside, within their bounds.
 *
 * Responsible for: little-endian integers, names, and refusing what goes beyond the end.
 * Not responsible for: meaning. There is one reader: a call reads one run of bytes, and what stands in it is read in its
 * place.
 * I1: no address at or beyond the end is ever loaded. I2: after a refusal every read gives zero, and nothing moves.
 */

import { hexText, numeral } from "./numerals";
import { DAMAGED, isRefused, refuse } from "./refusal";
import { asciiText } from "./text";

/** What a refused read stands on: zeros, as many as the longest fixed read takes. */
const nothing: usize = memory.data(64, 8);

/** Where offset 0 is. */
let origin: usize = 0;
let at: usize = 0;
let end: usize = 0;

/** Reads `bytes` bytes at `from`, whose first one has an offset for refusals. */
export function openReader(from: usize, bytes: usize, offset: usize = 0): void {
  origin = from - offset;
  at = from;
  end = from + bytes;
}

/** Address of the next byte. */
export function place(): usize {
  return at;
}

/** Address behind the last byte. */
export function lastPlace(): usize {
  return end;
}

export function bytesLeft(): usize {
  return end - at;
}

/** Goes on at an address up to the end, which has been checked. */
export function goOn(address: usize): void {
  if (!isRefused()) at = address;
}

/** Refuses the bytes at an address. */
export function damaged(what: string, address: usize, actual: string, expected: string): void {
  refuse(DAMAGED, what + " is not canonical", address - origin, actual, expected);
}

/** The same in another family or other words. */
export function refuseAt(
  family: string,
  what: string,
  address: usize,
  actual: string,
  expected: string,
): void {
  refuse(family, what, address - origin, actual, expected);
}

/** The address of the next `count` bytes, behind which it goes on. Of more than 64 ask `isRefused` before the bytes. */
export function take(count: usize, what: string): usize {
  if (isRefused()) return nothing;
  if (count > end - at) {
    damaged(what, at, numeral(end - at) + " bytes left", numeral(count) + " bytes");
    return nothing;
  }
  const taken = at;
  at += count;
  return taken;
}

export function readU8(what: string): u32 {
  return load<u8>(take(1, what));
}

export function readU16(what: string): u32 {
  return load<u16>(take(2, what));
}

export function readU32(what: string): u32 {
  return load<u32>(take(4, what));
}

export function readU64(what: string): u64 {
  return load<u64>(take(8, what));
}

/** A number read just now, in its last `width` bytes, must be in its range. */
export function within(what: string, value: u64, least: u64, most: u64, width: usize): void {
  if (isRefused() || (value >= least && value <= most)) return;
  damaged(what, at - width, numeral(value), numeral(least) + ".." + numeral(most));
}

/** Nothing may be left. */
export function finish(what: string): void {
  if (!isRefused() && at != end) damaged(what, at, numeral(end - at) + " bytes more", "its end");
}

/** Bytes that must be zero. */
export function requireZeros(count: usize, what: string): void {
  const from = take(count, what);
  if (isRefused()) return;
  for (let i: usize = 0; i < count; i++) {
    if (load<u8>(from + i) != 0) return damaged(what, from, hexText(from, <u32>count), "zeros");
  }
}

function isLetter(unit: u32): bool {
  return (unit | 0x20) - 0x61 < 26;
}

/** A name: length u8, then so many ASCII letters, digits and _, a letter first. Its address (that of its length). */
export function readName(what: string): usize {
  const name = at;
  const length = readU8(what);
  const text = take(length, what);
  if (isRefused()) return nothing;
  let good = length > 0 && length <= 63 && isLetter(load<u8>(text));
  for (let i: u32 = 1; i < length; i++) {
    const unit = <u32>load<u8>(text + i);
    good = good && (isLetter(unit) || unit - 0x30 < 10 || unit == 0x5f);
  }
  if (!good) damaged(what, name, '"' + asciiText(text, length) + '"', "an identifier");
  return name;
}
