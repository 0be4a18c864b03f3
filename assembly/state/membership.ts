/**
 * Which records are in which canonical index, and entering and leaving it.
 *
 * I1: outside of settling, an index holds exactly the records that satisfy its `where`, under the key of their present
 * values (settle.ts says what holds in between).
 */
import {
  FIELD_WIDTH,
  KIND_INDEXES,
  PATH_SEGMENTS,
  PATH_STATE_BYTES,
  PATH_WHERES,
  PATH_WHERES_AT,
  SLOT_SYS_ID,
  WHERE_FIELD,
  WHERE_VALUES,
  WHERE_VALUES_AT,
  WHERE_WORDS,
} from "../abi";
import { reserve } from "../base/memory";
import { encodeKey } from "../key/encode";
import { loadNarrow, valueAt } from "../schema/field";
import { addressOf, fieldEntry, fieldsOf, indexEntry, kindCount, kindEntry, wordOf } from "../schema/table";
import { insertKey, openTree, removeKey, TREE_BYTES, treeWords } from "./canonical-index";
import { kindOfSlot } from "./record-store";
import { addStateBytes } from "./state-bytes";

/** 16 words of key, one of SysId. */
const key: usize = memory.data(136, 16);

/** One word a kind: the address of its first tree. */
let trees: usize = 0;

export function openIndexes(): void {
  trees = reserve((<u64>kindCount() + 1) << 2);
  for (let kind: u32 = 0; kind < kindCount(); kind++) {
    const entry = kindEntry(kind);
    const count = wordOf(entry, KIND_INDEXES);
    const first = reserve(<u64>count * TREE_BYTES + 8);
    store<u32>(trees + ((<usize>kind) << 2), <u32>first);
    for (let i: u32 = 0; i < count; i++) openTree(first + <usize>i * TREE_BYTES, indexEntry(entry, i));
  }
}

/** The tree of the index at a position. */
export function treeOf(kind: u32, position: u32): usize {
  return <usize>load<u32>(trees + ((<usize>kind) << 2)) + <usize>position * TREE_BYTES;
}

/** Whether the values in `slot` satisfy every condition of the index. */
export function isMember(path: usize, fields: usize, slot: usize): bool {
  const count = wordOf(path, PATH_WHERES);
  let where = addressOf(wordOf(path, PATH_WHERES_AT));
  for (let i: u32 = 0; i < count; i++) {
    const field = fieldEntry(fields, wordOf(where, WHERE_FIELD));
    const value = <u32>loadNarrow(valueAt(slot, field), wordOf(field, FIELD_WIDTH));
    const values = addressOf(wordOf(where, WHERE_VALUES_AT));
    let found = false;
    for (let v: u32 = 0, n = wordOf(where, WHERE_VALUES); v < n; v++) {
      if (wordOf(values, v) == value) {
        found = true;
        break;
      }
    }
    if (!found) return false;
    where += WHERE_WORDS << 2;
  }
  return true;
}

/** The whole key of an index entry: the encoded segments, then the SysId. */
export function encodeEntryKey(path: usize, fields: usize, tree: usize, slot: usize, out: usize): void {
  const words = treeWords(tree) - 1;
  encodeKey(path, fields, slot, wordOf(path, PATH_SEGMENTS), out, words, 0);
  store<u64>(out + ((<usize>words) << 3), load<u64>(slot + SLOT_SYS_ID));
}

export function enterIndexes(slot: usize): void {
  const kind = kindOfSlot(slot);
  const entry = kindEntry(kind);
  const fields = fieldsOf(entry);
  for (let i: u32 = 0, n = wordOf(entry, KIND_INDEXES); i < n; i++) {
    const path = indexEntry(entry, i);
    if (!isMember(path, fields, slot)) continue;
    const tree = treeOf(kind, i);
    encodeEntryKey(path, fields, tree, slot, key);
    insertKey(tree, key, slot);
    addStateBytes(<i64>wordOf(path, PATH_STATE_BYTES));
  }
}

export function leaveIndexes(slot: usize): void {
  const kind = kindOfSlot(slot);
  const entry = kindEntry(kind);
  const fields = fieldsOf(entry);
  for (let i: u32 = 0, n = wordOf(entry, KIND_INDEXES); i < n; i++) {
    const path = indexEntry(entry, i);
    if (!isMember(path, fields, slot)) continue;
    const tree = treeOf(kind, i);
    encodeEntryKey(path, fields, tree, slot, key);
    removeKey(tree, key);
    addStateBytes(-(<i64>wordOf(path, PATH_STATE_BYTES)));
  }
}
