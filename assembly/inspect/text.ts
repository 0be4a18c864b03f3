/**
 * The text that an inspection call makes: UTF-16 units, put one behind the other into a block that grows.
 *
 * Responsible for: the units, and handing them over as a string.
 * Not responsible for: what they say (numerals.ts, value-text.ts and all that print).
 * I1: after `sealText` nothing is added until `openText`: a refusal is not followed by more text.
 */
import { allocate, release } from "../base/memory";

const BLOCK_BYTES: u64 = 65536;
export const LINE_FEED: u32 = 0x0a;

let block: usize = 0;
let room: u64 = 0;
let length: u64 = 0;
let isSealed = false;

/** Begins an empty text. */
export function openText(): void {
  length = 0;
  isSealed = false;
}

/** The text stays as it is until the next one is begun. */
export function sealText(): void {
  isSealed = true;
}

/** Bytes of the text so far. */
export function textBytes(): u32 {
  return <u32>length;
}

/** The place of `bytes` more bytes. */
function extend(bytes: u64): usize {
  const need = length + bytes;
  if (need > room) {
    const larger = max<u64>(max<u64>(need, room << 1), BLOCK_BYTES);
    const moved = allocate(larger);
    memory.copy(moved, block, <usize>length);
    if (room != 0) release(block, room);
    block = moved;
    room = larger;
  }
  const at = block + <usize>length;
  length = need;
  return at;
}

/** Adds one UTF-16 unit. */
export function putUnit(unit: u32): void {
  if (!isSealed) store<u16>(extend(2), unit);
}

export function putText(text: string): void {
  if (isSealed) return;
  const bytes = (<usize>text.length) << 1;
  memory.copy(extend(bytes), changetype<usize>(text), bytes);
}

/** Adds ASCII characters. */
export function putAscii(at: usize, bytes: u32): void {
  for (let i: u32 = 0; i < bytes; i++) putUnit(load<u8>(at + i));
}

export function putSpaces(count: u32): void {
  for (let i: u32 = 0; i < count; i++) putUnit(0x20);
}

/** Ends a line and begins the next one with a text. */
export function putLine(text: string): void {
  putUnit(LINE_FEED);
  putText(text);
}

/** The text from one place to another, as a string. */
export function textBetween(from: u32, to: u32): string {
  const object = __new(to - from, idof<string>());
  memory.copy(object, block + from, to - from);
  return changetype<string>(object);
}

/** All of the text. */
export function wholeText(): string {
  return textBetween(0, textBytes());
}

/** ASCII characters as a string of their own. */
export function asciiText(at: usize, bytes: u32): string {
  const object = __new((<usize>bytes) << 1, idof<string>());
  for (let i: usize = 0; i < <usize>bytes; i++) store<u16>(object + (i << 1), load<u8>(at + i));
  return changetype<string>(object);
}
