/**
 * The full structure check and the fingerprint: what tests and simulations ask after every step. O(n).
 *
 * The fingerprint covers records, unique keys, index entries in order, source positions and the next SysId, and nothing
 * physical: two engines with equal state have equal fingerprints whatever their history of growth.
 */
import { KIND_INDEXES, KIND_UNIQUE, SLOT_MARKS, SLOT_SYS_ID, SLOT_UNDO } from "../abi";
import { allocate, release } from "../base/memory";
import { copyUp, wordsCompare, wordsEqual } from "../base/words";
import { fieldsOf, indexEntry, kindCount, kindEntry, wordOf } from "../schema/table";
import {
  checkTree,
  foundAt,
  foundKey,
  foundLeaf,
  foundSlot,
  seekStart,
  stepFrom,
  treeCount,
  treeWords,
} from "../state/canonical-index";
import { collectRecords, directoryCount, findSlot } from "../state/directory";
import { encodeEntryKey, isMember, treeOf } from "../state/membership";
import { kindOfSlot, liveRecords, slotBytes } from "../state/record-store";
import {
  SOURCE_CLIENT,
  SOURCE_FRAME,
  SOURCE_SEQ,
  SOURCE_STREAM,
  sortSources,
  sourceAt,
  sourceCount,
} from "../state/sources";
import { stateBytes } from "../state/state-bytes";
import { findByUniqueKey, uniqueKeyCount } from "../state/unique-key";
import { executedSeq, nextSysId } from "./frontier";

const expected: usize = memory.data(136, 16);
const previous: usize = memory.data(136, 16);

/** 0, or kind position * 100 + the number of the broken promise. */
export function checkStructure(): u32 {
  let live: u32 = 0;
  for (let kind: u32 = 0; kind < kindCount(); kind++) {
    live += liveRecords(kind);
    const broken = checkKind(kind);
    if (broken != 0) return kind * 100 + broken;
  }
  return live == directoryCount() ? 0 : 99;
}

function checkKind(kind: u32): u32 {
  const count = liveRecords(kind);
  const bytes = <u64>count * 16 + 16;
  const list = allocate(bytes);
  collectRecords(kind, list, count);
  let broken: u32 = 0;
  for (let i: u32 = 0; i < count && broken == 0; i++) {
    broken = checkRecord(kind, <usize>load<u64>(list + ((<usize>i) << 4), 8));
  }
  const entry = kindEntry(kind);
  for (let i: u32 = 0, n = wordOf(entry, KIND_UNIQUE); i < n && broken == 0; i++) {
    if (uniqueKeyCount(kind, i) != count) broken = 5;
  }
  for (let i: u32 = 0, n = wordOf(entry, KIND_INDEXES); i < n && broken == 0; i++) {
    broken = checkIndex(kind, i, list, count);
  }
  release(list, bytes);
  return broken;
}

function checkRecord(kind: u32, slot: usize): u32 {
  if (load<u32>(slot + SLOT_UNDO) != 0 || load<u32>(slot + SLOT_MARKS) != 0) return 1;
  const sysId = load<u64>(slot + SLOT_SYS_ID);
  if (sysId == 0 || sysId >= nextSysId) return 2;
  if (findSlot(sysId) != slot) return 3;
  for (let i: u32 = 0, n = wordOf(kindEntry(kind), KIND_UNIQUE); i < n; i++) {
    if (findByUniqueKey(kind, i, slot) != slot) return 4;
  }
  return 0;
}

function checkIndex(kind: u32, position: u32, list: usize, count: u32): u32 {
  const entry = kindEntry(kind);
  const path = indexEntry(entry, position);
  const fields = fieldsOf(entry);
  const tree = treeOf(kind, position);
  const words = treeWords(tree);
  if (checkTree(tree) != 0) return 10;
  let members: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    if (isMember(path, fields, <usize>load<u64>(list + ((<usize>i) << 4), 8))) members++;
  }
  if (members != treeCount(tree)) return 11;
  let seen: u32 = 0;
  let there = seekStart(tree);
  while (there) {
    const key = foundKey(tree);
    const slot = foundSlot(tree);
    if (kindOfSlot(slot) != kind || !isMember(path, fields, slot)) return 12;
    encodeEntryKey(path, fields, tree, slot, expected);
    if (!wordsEqual(key, expected, words)) return 13;
    if (seen != 0 && wordsCompare(previous, key, words) >= 0) return 14;
    copyUp(previous, key, (<usize>words) << 3);
    seen++;
    there = stepFrom(foundLeaf, foundAt, false);
  }
  return seen == members ? 0 : 15;
}

let sum: u64 = 0;

function mix(word: u64): void {
  sum = (sum ^ word) * 0x9e3779b97f4a7c15;
  sum ^= sum >> 29;
}

/** A hash of the whole engine state. */
export function fingerprint(): u64 {
  sum = 0x5356;
  mix(executedSeq);
  mix(nextSysId);
  mix(stateBytes());
  sortSources();
  for (let i: u32 = 0; i < sourceCount(); i++) {
    const source = sourceAt(i);
    mix(load<u64>(source + SOURCE_CLIENT));
    mix(load<u64>(source + SOURCE_STREAM));
    mix(load<u64>(source + SOURCE_SEQ));
    mix(load<u64>(source + SOURCE_FRAME));
  }
  for (let kind: u32 = 0; kind < kindCount(); kind++) mixKind(kind);
  return sum;
}

function mixKind(kind: u32): void {
  const count = liveRecords(kind);
  const bytes = <u64>count * 16 + 16;
  const list = allocate(bytes);
  collectRecords(kind, list, count);
  mix(count);
  for (let i: u32 = 0; i < count; i++) {
    const slot = <usize>load<u64>(list + ((<usize>i) << 4), 8);
    for (let at: usize = 0, end = slotBytes(kind); at < end; at += 8) mix(load<u64>(slot + at));
  }
  release(list, bytes);
  const entry = kindEntry(kind);
  for (let i: u32 = 0, n = wordOf(entry, KIND_UNIQUE); i < n; i++) {
    mix(uniqueKeyCount(kind, i));
  }
  for (let i: u32 = 0, n = wordOf(entry, KIND_INDEXES); i < n; i++) {
    const tree = treeOf(kind, i);
    let there = seekStart(tree);
    while (there) {
      mix(load<u64>(foundSlot(tree) + SLOT_SYS_ID));
      there = stepFrom(foundLeaf, foundAt, false);
    }
  }
}
