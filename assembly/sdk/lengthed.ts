/**
 * Values of varying length: a length u16, then as many bytes. What texts and bytes have in common.
 *
 * In a slot a value has room for its longest form, and what it does not use is zero; in a message the next field stands
 * right behind it.
 */
import { opAllocate } from "./operations";

function bytesOf(value: usize): usize {
  return 2 + <usize>load<u16>(value);
}

export function setLength(value: usize, length: i32): void {
  store<u16>(value, <u16>length);
}

export function isSame(a: usize, b: usize): bool {
  const bytes = bytesOf(a);
  return bytes == bytesOf(b) && memory.compare(a, b, bytes) == 0;
}

/** A copy in the arena: what a record holds may change, what was read may not. */
export function copyOf(value: usize): usize {
  const bytes = bytesOf(value);
  const copy = opAllocate(<u32>bytes);
  memory.copy(copy, value, bytes);
  return copy;
}

/** Writes a value into a slot. One that is too long has a flaw of which the core hears; nothing of it is written. */
export function putLengthed(at: usize, value: usize, maxBytes: u32): void {
  const bytes = bytesOf(value);
  const width = <usize>maxBytes + 2;
  if (bytes > width) return clearLengthed(at, maxBytes);
  memory.copy(at, value, bytes);
  memory.fill(at + bytes, 0, width - bytes);
}

/** Writes an absent value into a slot. */
export function clearLengthed(at: usize, maxBytes: u32): void {
  memory.fill(at, 0, <usize>maxBytes + 2);
}

/** Writes a value into a message; the address behind it. */
export function appendLengthed(at: usize, value: usize): usize {
  const bytes = bytesOf(value);
  memory.copy(at, value, bytes);
  return at + bytes;
}

/** Writes an absent value into a message; the address behind it. */
export function appendAbsent(at: usize): usize {
  store<u16>(at, 0);
  return at + 2;
}

/** The address behind a value in a payload. */
export function behind(value: usize): usize {
  return value + bytesOf(value);
}
