/**
 * The directory: SysId -> slot, over all kinds.
 *
 * Eight SysIds in a row share the hash of their group and stand side by side, so that records created together are found
 * in one cache line; groups are spread by the seeded hash, so that no pattern of deletions makes lookups slow.
 */
import { SLOT_SYS_ID } from "../abi";
import { ASSERT_POSITION, assertThat } from "../base/assert";
import { reserve } from "../base/memory";
import { sortPairs } from "../base/radix-sort";
import {
  HASH_TABLE_BYTES,
  hashAdd,
  hashAsk,
  hashCount,
  hashFirst,
  hashNext,
  hashRemove,
  hashWalk,
  hashWord,
  openTableOf,
} from "./hash-table";
import { kindOfSlot } from "./record-store";

let table: usize = 0;

export function openDirectory(): void {
  table = reserve(HASH_TABLE_BYTES);
  openTableOf(table);
}

function hashOf(sysId: u64): u32 {
  return (hashWord(sysId >> 3) & ~(<u32>7)) | <u32>(sysId & 7);
}

/** The slot of a live record, or 0. */
export function findSlot(sysId: u64): usize {
  let slot = hashFirst(table, hashOf(sysId));
  while (slot != 0 && load<u64>(slot + SLOT_SYS_ID) != sysId) slot = hashNext();
  return slot;
}

/** Asks for the place of a slot in the directory. */
export function askDirectory(slot: usize): void {
  hashAsk(table, hashOf(load<u64>(slot + SLOT_SYS_ID)));
}

export function addToDirectory(slot: usize): void {
  hashAdd(table, hashOf(load<u64>(slot + SLOT_SYS_ID)), slot);
}

export function removeFromDirectory(slot: usize): void {
  hashRemove(table, hashOf(load<u64>(slot + SLOT_SYS_ID)), slot);
}

export function directoryCount(): u32 {
  return hashCount(table);
}

/** Collects the live records of a kind into `out`, 16 bytes each (SysId u64, slot u64), by SysId. */
export function collectRecords(kind: u32, out: usize, count: u32): void {
  let found: u32 = 0;
  for (let slot = hashWalk(table, true); slot != 0; slot = hashWalk(table, false)) {
    if (kindOfSlot(slot) != kind) continue;
    assertThat(found < count, ASSERT_POSITION);
    store<u64>(out + ((<usize>found) << 4), load<u64>(slot + SLOT_SYS_ID));
    store<u64>(out + ((<usize>found) << 4), <u64>slot, 8);
    found++;
  }
  assertThat(found == count, ASSERT_POSITION);
  sortPairs(out, count);
}
