/**
 * Events of the running command, encoded as they go into the frame.
 */
import { EVENT_HEADER } from "../abi";
import { allocate, release } from "../base/memory";
import { copyBytes } from "../base/words";

let base: usize = 0;
let capacity: u32 = 0;

export let eventCount: u32 = 0;
export let eventBytes: u32 = 0;

export function openEvents(): void {
  capacity = 65536;
  base = allocate(capacity);
}

export function clearEvents(): void {
  eventCount = 0;
  eventBytes = 0;
}

export function eventsAt(): usize {
  return base;
}

/** Appends an event; the caller has checked the limits. */
export function addEvent(number: u32, values: usize, bytes: u32): void {
  const need = eventBytes + EVENT_HEADER + bytes;
  if (need > capacity) {
    let bigger = capacity;
    while (bigger < need) bigger <<= 1;
    const moved = allocate(bigger);
    memory.copy(moved, base, eventBytes);
    release(base, capacity);
    base = moved;
    capacity = bigger;
  }
  const at = base + eventBytes;
  store<u16>(at, <u16>number);
  store<u16>(at, <u16>bytes, 2);
  copyBytes(at + EVENT_HEADER, values, bytes);
  eventBytes = need;
  eventCount++;
}
