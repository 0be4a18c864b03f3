/**
 * Building the indexes of a kind at once: every member's key, sorted, packed into leaves from the left.
 */
import { KIND_INDEXES, PATH_STATE_BYTES } from "../abi";
import { allocate, release } from "../base/memory";
import { copyUp, wordsCompare } from "../base/words";
import { fieldsOf, indexEntry, kindEntry, wordOf } from "../schema/table";
import { buildTree, treeWords } from "./canonical-index";
import { encodeEntryKey, isMember, treeOf } from "./membership";
import { addStateBytes } from "./state-bytes";

/** Builds all indexes of a kind, whose trees are empty, from its records: `count` slots at `slots`, u32 each. */
export function buildIndexes(kind: u32, slots: usize, count: u32): void {
  if (count == 0) return;
  const indexes = wordOf(kindEntry(kind), KIND_INDEXES);
  for (let i: u32 = 0; i < indexes; i++) buildOne(kind, i, slots, count);
}

function buildOne(kind: u32, position: u32, slots: usize, count: u32): void {
  const entry = kindEntry(kind);
  const path = indexEntry(entry, position);
  const fields = fieldsOf(entry);
  const tree = treeOf(kind, position);
  const words = treeWords(tree);
  const stride = ((<usize>words) << 3) + 8;
  const bytes = <u64>count * stride + 64;
  let keys = allocate(bytes);
  let spare = allocate(bytes);
  let members: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const slot = <usize>load<u32>(slots + ((<usize>i) << 2));
    if (!isMember(path, fields, slot)) continue;
    const at = keys + <usize>members * stride;
    encodeEntryKey(path, fields, tree, slot, at);
    store<u64>(at + stride - 8, <u64>slot);
    members++;
  }
  for (let width: u32 = 1; width < members; width <<= 1) {
    for (let low: u32 = 0; low < members; low += width << 1) {
      merge(keys, spare, low, min(low + width, members), min(low + (width << 1), members), stride, words);
    }
    const swap = keys;
    keys = spare;
    spare = swap;
  }
  buildTree(tree, keys, members, spare);
  addStateBytes(<i64>members * wordOf(path, PATH_STATE_BYTES));
  release(keys, bytes);
  release(spare, bytes);
}

function merge(from: usize, to: usize, low: u32, middle: u32, high: u32, stride: usize, words: u32): void {
  let left = from + <usize>low * stride;
  let right = from + <usize>middle * stride;
  let out = to + <usize>low * stride;
  const leftEnd = right;
  const rightEnd = from + <usize>high * stride;
  while (left < leftEnd && right < rightEnd) {
    if (wordsCompare(left, right, words) <= 0) {
      copyUp(out, left, stride);
      left += stride;
    } else {
      copyUp(out, right, stride);
      right += stride;
    }
    out += stride;
  }
  memory.copy(out, left, leftEnd - left);
  memory.copy(out + (leftEnd - left), right, rightEnd - right);
}
