/**
 * The record store: slots of one fixed size a kind, given out of slabs, freed slots first.
 *
 * Responsible for: slot memory and how many records of each kind live. Not responsible for: finding records.
 * I1: a slot given out is zero but for its kind. I2: a live record never moves.
 */
import { KIND_SLOT_BYTES, SLOT_KIND } from "../abi";
import { allocate, reserve } from "../base/memory";
import { clearWords } from "../base/words";
import { kindCount, kindEntry, wordOf } from "../schema/table";

const SLAB_BYTES: u32 = 131072;

//   0      4      8     12
//   | free | next | end | live |     one for each kind
const STORE_FREE: usize = 0;
const STORE_NEXT: usize = 4;
const STORE_END: usize = 8;
const STORE_LIVE: usize = 12;
const STORE_BYTES: usize = 16;

let stores: usize = 0;

export function openRecordStore(): void {
  stores = reserve((<u64>kindCount() + 1) * STORE_BYTES);
}

function storeOf(kind: u32): usize {
  return stores + <usize>kind * STORE_BYTES;
}

export function slotBytes(kind: u32): usize {
  return <usize>wordOf(kindEntry(kind), KIND_SLOT_BYTES);
}

/** Position of a slot's kind. */
export function kindOfSlot(slot: usize): u32 {
  return <u32>load<u16>(slot + SLOT_KIND);
}

export function takeSlot(kind: u32): usize {
  const at = storeOf(kind);
  const bytes = slotBytes(kind);
  const free = <usize>load<u32>(at + STORE_FREE);
  if (free != 0) {
    store<u32>(at + STORE_FREE, load<u32>(free));
    clearWords(free, bytes);
    store<u16>(free + SLOT_KIND, <u16>kind);
    return free;
  }
  let next = <usize>load<u32>(at + STORE_NEXT);
  if (next == 0 || <u64>next + bytes > <u64>load<u32>(at + STORE_END)) {
    const slots = max<usize>(1, <usize>SLAB_BYTES / bytes);
    next = allocate(<u64>slots * bytes);
    store<u32>(at + STORE_END, <u32>(next + slots * bytes));
  }
  store<u32>(at + STORE_NEXT, <u32>(next + bytes));
  store<u16>(next + SLOT_KIND, <u16>kind);
  return next;
}

export function giveSlot(slot: usize): void {
  const at = storeOf(kindOfSlot(slot));
  store<u32>(slot, load<u32>(at + STORE_FREE));
  store<u32>(at + STORE_FREE, <u32>slot);
}

export function liveRecords(kind: u32): u32 {
  return load<u32>(storeOf(kind) + STORE_LIVE);
}

export function countLive(kind: u32, change: i32): void {
  const at = storeOf(kind);
  store<u32>(at + STORE_LIVE, load<u32>(at + STORE_LIVE) + change);
}
