/**
 * The reading operations: get, find, exists by SysId and unique key; first, last, list, count, next, prev in an index.
 * Inside a command they are charged and see its own writes; outside they are free (views of `read`).
 *
 * Keys and bounds arrive as fields of scratch slots, so that they are encoded by the code that encodes records.
 */
import {
  BOUND_EXCLUSIVE,
  BOUND_NONE,
  CODE_RECORD_MISSING,
  KIND_NUMBER,
  LIMIT_CURSORS,
  WORK_ENTRY,
  WORK_LOOKUP,
} from "../abi";
import { encodeKey } from "../key/encode";
import { fieldsOf, indexEntry, kindEntry, wordOf } from "../schema/table";
import { foundSlot, seek, seekLast, treeWords } from "../state/canonical-index";
import {
  CURSORS,
  cursorNext,
  cursorsOpen,
  firstBetween,
  nextHigh,
  nextLow,
  stepWithin,
  takeCursor,
} from "../state/cursor";
import { findSlot } from "../state/directory";
import { encodeEntryKey, treeOf } from "../state/membership";
import { kindOfSlot } from "../state/record-store";
import { findByUniqueKey } from "../state/unique-key";
import { charge, fault, faultLimit, isRunning } from "./command";
import { limitOf } from "./limits";
import { settle } from "./write";

const ONES: u64 = 0xffffffffffffffff;
/** What `list` answers when no cursor is to be had. */
export const NO_CURSOR: u32 = 0xffffffff;

/** The live record of a kind with a SysId, or 0. `required`: a missing one is a fault. */
export function lookupSysId(kind: u32, sysId: u64, required: bool): usize {
  if (!charge(WORK_LOOKUP) || !settle()) return 0;
  const slot = findSlot(sysId);
  if (slot != 0 && kindOfSlot(slot) == kind) return slot;
  if (required) fault(CODE_RECORD_MISSING, wordOf(kindEntry(kind), KIND_NUMBER));
  return 0;
}

/** The live record under the unique key in a scratch slot, or 0. */
export function lookupUnique(kind: u32, position: u32, key: usize, required: bool): usize {
  if (!charge(WORK_LOOKUP) || !settle()) return 0;
  const slot = findByUniqueKey(kind, position, key);
  if (slot == 0 && required) fault(CODE_RECORD_MISSING, wordOf(kindEntry(kind), KIND_NUMBER));
  return slot;
}

/**
 * Writes the bounds of a range into the places of the next cursor: everything under the first `prefix` segments of the
 * slot `from`; a bound takes one segment more, of `from` or of `to`. Keys end with a SysId, which is neither 0 nor all
 * ones, so filling with either makes every bound strict or not as it should be.
 */
function writeBounds(
  kind: u32,
  position: u32,
  prefix: u32,
  from: usize,
  fromBound: u32,
  to: usize,
  toBound: u32,
): void {
  const entry = kindEntry(kind);
  const path = indexEntry(entry, position);
  const fields = fieldsOf(entry);
  const words = treeWords(treeOf(kind, position));
  const low = prefix + (fromBound != <u32>BOUND_NONE ? 1 : 0);
  const high = prefix + (toBound != <u32>BOUND_NONE ? 1 : 0);
  encodeKey(path, fields, from, low, nextLow(), words, fromBound == <u32>BOUND_EXCLUSIVE ? ONES : 0);
  encodeKey(path, fields, to, high, nextHigh(), words, toBound == <u32>BOUND_EXCLUSIVE ? 0 : ONES);
}

/** The first (reverse: last) record of a range, or 0. */
export function firstOf(
  kind: u32,
  position: u32,
  prefix: u32,
  from: usize,
  fromBound: u32,
  to: usize,
  toBound: u32,
  reverse: bool,
): usize {
  if (!charge(WORK_LOOKUP) || !settle()) return 0;
  writeBounds(kind, position, prefix, from, fromBound, to, toBound);
  return firstBetween(treeOf(kind, position), nextLow(), nextHigh(), reverse);
}

/** Opens a cursor over a range. */
export function listOf(
  kind: u32,
  position: u32,
  prefix: u32,
  from: usize,
  fromBound: u32,
  to: usize,
  toBound: u32,
  reverse: bool,
): u32 {
  if (!charge(WORK_LOOKUP) || !settle()) return NO_CURSOR;
  const limit = isRunning() ? limitOf(LIMIT_CURSORS) : CURSORS;
  if (cursorsOpen() >= limit) {
    faultLimit(LIMIT_CURSORS);
    return NO_CURSOR;
  }
  writeBounds(kind, position, prefix, from, fromBound, to, toBound);
  return takeCursor(treeOf(kind, position), reverse);
}

/** The next record of a cursor, or 0 at its end. */
export function stepCursor(cursor: u32): usize {
  if (!charge(WORK_ENTRY) || !settle()) return 0;
  return cursorNext(cursor);
}

/** How many records a range holds, counted up to `limit`. */
export function countOf(
  kind: u32,
  position: u32,
  prefix: u32,
  from: usize,
  fromBound: u32,
  to: usize,
  toBound: u32,
  limit: u32,
): u32 {
  if (!charge(WORK_LOOKUP) || !settle()) return 0;
  writeBounds(kind, position, prefix, from, fromBound, to, toBound);
  return countBetween(treeOf(kind, position), limit);
}

/** The neighbour of a record in an index: the entry after (reverse: before) the key of its present values, or 0. */
export function neighbour(slot: usize, position: u32, reverse: bool): usize {
  if (!charge(WORK_LOOKUP) || !settle()) return 0;
  const kind = kindOfSlot(slot);
  const entry = kindEntry(kind);
  const tree = treeOf(kind, position);
  encodeEntryKey(indexEntry(entry, position), fieldsOf(entry), tree, slot, nextLow());
  const found = reverse ? seekLast(tree, nextLow(), true) : seek(tree, nextLow(), true);
  return found ? foundSlot(tree) : 0;
}

function countBetween(tree: usize, limit: u32): u32 {
  let count: u32 = 0;
  let there = limit > 0 && firstBetween(tree, nextLow(), nextHigh(), false) != 0;
  while (count < limit) {
    if (!charge(WORK_ENTRY)) return 0;
    if (!there) return count;
    count++;
    if (count < limit) there = stepWithin(tree, nextHigh());
  }
  return count;
}
