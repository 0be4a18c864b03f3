/**
 * Lazy settling: a write marks the indexes that depend on the field; before the next lookup, index operation, create,
 * delete or commit each marked entry moves from its old key to that of the present values.
 *
 *   mark   | slot u32 | index u32 | was a member u32 | 0 | old key, 136 bytes |
 *
 * I1: between a mark and its settling the tree still holds the old key; SLOT_MARKS has the bit of the index.
 * I2: marks settle in the order in which they were made. The record of a mark lives: delete settles first.
 */
import { FIELD_INDEXES, PATH_STATE_BYTES, SLOT_MARKS } from "../abi";
import { allocate, release } from "../base/memory";
import { copyUp, wordsEqual } from "../base/words";
import { fieldsOf, indexEntry, kindEntry, wordOf } from "../schema/table";
import { insertKey, removeKey, treeWords } from "./canonical-index";
import { encodeEntryKey, isMember, treeOf } from "./membership";
import { kindOfSlot } from "./record-store";
import { addStateBytes } from "./state-bytes";

const MARK_SLOT: usize = 0;
const MARK_INDEX: usize = 4;
const MARK_MEMBER: usize = 8;
const MARK_KEY: usize = 16;
const MARK_BYTES: usize = 152;

const present: usize = memory.data(136, 16);

let marks: usize = 0;
let capacity: u32 = 0;
let count: u32 = 0;

export function openMarks(): void {
  capacity = 256;
  marks = allocate(<u64>capacity * MARK_BYTES);
}

function grow(): void {
  const bigger = allocate(<u64>capacity * 2 * MARK_BYTES);
  copyUp(bigger, marks, <usize>count * MARK_BYTES);
  release(marks, <u64>capacity * MARK_BYTES);
  marks = bigger;
  capacity <<= 1;
}

/** Marks the indexes that depend on a field which is about to be written. */
export function markIndexes(slot: usize, field: usize): void {
  const all = wordOf(field, FIELD_INDEXES);
  const had = load<u32>(slot + SLOT_MARKS);
  let fresh = all & ~had;
  if (fresh == 0) return;
  store<u32>(slot + SLOT_MARKS, had | fresh);
  const kind = kindOfSlot(slot);
  const entry = kindEntry(kind);
  const fields = fieldsOf(entry);
  while (fresh != 0) {
    const position = ctz(fresh);
    fresh &= fresh - 1;
    if (count == capacity) grow();
    const mark = marks + <usize>count * MARK_BYTES;
    count++;
    const path = indexEntry(entry, position);
    const member = isMember(path, fields, slot);
    store<u32>(mark + MARK_SLOT, <u32>slot);
    store<u32>(mark + MARK_INDEX, position);
    store<u32>(mark + MARK_MEMBER, member ? 1 : 0);
    if (member) encodeEntryKey(path, fields, treeOf(kind, position), slot, mark + MARK_KEY);
  }
}

export function hasMarks(): bool {
  return count != 0;
}

/** Moves every marked entry to where the present values say. */
export function settleMarks(): void {
  for (let i: u32 = 0; i < count; i++) settleOne(marks + <usize>i * MARK_BYTES);
  count = 0;
}

function settleOne(mark: usize): void {
  const slot = <usize>load<u32>(mark + MARK_SLOT);
  const position = load<u32>(mark + MARK_INDEX);
  store<u32>(slot + SLOT_MARKS, 0);
  const kind = kindOfSlot(slot);
  const entry = kindEntry(kind);
  const fields = fieldsOf(entry);
  const path = indexEntry(entry, position);
  const tree = treeOf(kind, position);
  const was = load<u32>(mark + MARK_MEMBER) != 0;
  const is = isMember(path, fields, slot);
  if (is) encodeEntryKey(path, fields, tree, slot, present);
  if (was && is && wordsEqual(present, mark + MARK_KEY, treeWords(tree))) return;
  if (was) {
    removeKey(tree, mark + MARK_KEY);
    addStateBytes(-(<i64>wordOf(path, PATH_STATE_BYTES)));
  }
  if (is) {
    insertKey(tree, present, slot);
    addStateBytes(<i64>wordOf(path, PATH_STATE_BYTES));
  }
}
