/**
 * Canonical indexes: B+trees over encoded keys, the SysId as last word, so that the order is total.
 *
 *   node   | count u32 | level u32 | next u32 | previous u32 | first child u32 | 0 u32 | entries ...
 *   entry  | key words u64 x W (the last is the SysId) | leaf: slot u64, inner: child u64 |
 *
 * In an inner node the child of entry i holds the keys from entry i on; the first child holds what is below entry 0.
 *
 * Responsible for: insert, remove, seek, walk, bulk build over key words. Not responsible for: which records are in an
 * index and when they move (state/membership.ts, state/settle.ts).
 * Longer than most files: search, split, merge and bulk build share one node layout, which stands here only.
 * I1: keys rise strictly along the leaves. I2: all leaves have level 0 and one depth. I3: `version` changes with every
 * change of the tree, so a remembered position is good while the version is the same.
 * I4: a key is in the tree before it is removed, and not there before it is inserted.
 */
import { PATH_KEY_BYTES } from "../abi";
import { ASSERT_INDEX_ENTRY, ASSERT_TREE_DEPTH, assertThat } from "../base/assert";
import { allocate, keepLoads } from "../base/memory";
import { copyDown, copyUp, wordsEqual } from "../base/words";
import { wordOf } from "../schema/table";

//   0      4       8       12       16     20      24        28       32
//   | root | count | words | stride | free | nodes | version | hole leaf | hole at | hole version
const TREE_ROOT: usize = 0;
const TREE_COUNT: usize = 4;
const TREE_WORDS: usize = 8;
const TREE_STRIDE: usize = 12;
const TREE_FREE: usize = 16;
const TREE_NODES: usize = 20;
const TREE_VERSION: usize = 24;
const TREE_HOLE_LEAF: usize = 28;
const TREE_HOLE_AT: usize = 32;
const TREE_HOLE_VERSION: usize = 36;
export const TREE_BYTES: usize = 40;

const NODE_COUNT: usize = 0;
const NODE_LEVEL: usize = 4;
const NODE_NEXT: usize = 8;
const NODE_PREVIOUS: usize = 12;
const NODE_FIRST: usize = 16;
const NODE_HEADER: usize = 24;

/** Entries of a node. */
const CAPACITY: u32 = 64;
/** A node below this looks for a sibling to merge with. */
const SPARSE: u32 = CAPACITY >> 2;
/** Merging fills a node up to here only, so that the next insertions do not split it again. */
const MERGED_MAX: u32 = (CAPACITY * 3) >> 2;
/** Bulk build fills a node up to here. */
const BULK_FILL: u32 = (CAPACITY * 7) >> 3;
const DEPTH_MAX: u32 = 16;

/** Nodes are cut from chunks of this size. */
const CHUNK_BYTES: usize = 131072;
let chunkNext: usize = 0;
let chunkEnd: usize = 0;

const pathNodes: usize = memory.data(64, 16);
const pathPositions: usize = memory.data(64, 16);
let depth: u32 = 0;
const separator: usize = memory.data(136, 16);
const raised: usize = memory.data(136, 16);

/** The position that `seek` and `seekLast` found: valid while the version of the tree is the same. */
export let foundLeaf: usize = 0;
export let foundAt: u32 = 0;

export function openTree(tree: usize, path: usize): void {
  const words = ((wordOf(path, PATH_KEY_BYTES) + 7) >> 3) + 1;
  store<u32>(tree + TREE_WORDS, words);
  store<u32>(tree + TREE_STRIDE, (words << 3) + 8);
  store<u32>(tree + TREE_ROOT, <u32>takeNode(tree, 0));
}

/** Words of a key of this tree, SysId included. */
export function treeWords(tree: usize): u32 {
  return load<u32>(tree + TREE_WORDS);
}

export function treeCount(tree: usize): u32 {
  return load<u32>(tree + TREE_COUNT);
}

export function treeVersion(tree: usize): u32 {
  return load<u32>(tree + TREE_VERSION);
}

export function treeBytes(tree: usize): u64 {
  return <u64>load<u32>(tree + TREE_NODES) * (NODE_HEADER + <u64>CAPACITY * load<u32>(tree + TREE_STRIDE));
}

function takeNode(tree: usize, level: u32): usize {
  let node = <usize>load<u32>(tree + TREE_FREE);
  if (node != 0) {
    store<u32>(tree + TREE_FREE, load<u32>(node));
  } else {
    node = cutNode(NODE_HEADER + <usize>CAPACITY * load<u32>(tree + TREE_STRIDE));
    store<u32>(tree + TREE_NODES, load<u32>(tree + TREE_NODES) + 1);
  }
  store<u32>(node + NODE_COUNT, 0);
  store<u32>(node + NODE_LEVEL, level);
  store<u64>(node + NODE_NEXT, 0);
  store<u64>(node + NODE_FIRST, 0);
  return node;
}

/** Cuts a node off the chunk that all trees share. */
function cutNode(bytes: usize): usize {
  if (chunkNext + bytes > chunkEnd) {
    chunkNext = allocate(<u64>CHUNK_BYTES);
    chunkEnd = chunkNext + CHUNK_BYTES;
  }
  const node = chunkNext;
  chunkNext += bytes;
  return node;
}

function giveNode(tree: usize, node: usize): void {
  store<u32>(node, load<u32>(tree + TREE_FREE));
  store<u32>(tree + TREE_FREE, <u32>node);
}

function touchVersion(tree: usize): void {
  store<u32>(tree + TREE_VERSION, load<u32>(tree + TREE_VERSION) + 1);
}

function entryAt(node: usize, index: u32, stride: usize): usize {
  return node + NODE_HEADER + <usize>index * stride;
}

/** The child before entry `index` (0 = the first child). */
function childAt(node: usize, index: u32, stride: usize): usize {
  if (index == 0) return <usize>load<u32>(node + NODE_FIRST);
  return <usize>load<u32>(entryAt(node, index, stride) - 8);
}

class Search {
  /**
   * Number of keys in a run below the key (orEqual: not above it). `words` is a literal in every caller, so the
   * comparison unrolls. Plain branches: a branch-free search measured a quarter slower.
   */
  @inline static bound(first: usize, count: u32, stride: usize, key: usize, words: u32, orEqual: bool): u32 {
    const k0 = load<u64>(key);
    const k1: u64 = words > 1 ? load<u64>(key, 8) : 0;
    const k2: u64 = words > 2 ? load<u64>(key, 16) : 0;
    const k3: u64 = words > 3 ? load<u64>(key, 24) : 0;
    const k4: u64 = words > 4 ? load<u64>(key, 32) : 0;
    let low: u32 = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >> 1;
      const at = first + <usize>middle * stride;
      let less: bool;
      const a0 = load<u64>(at);
      if (words == 1) less = orEqual ? a0 <= k0 : a0 < k0;
      else if (a0 != k0) less = a0 < k0;
      else {
        const a1 = load<u64>(at, 8);
        if (words == 2) less = orEqual ? a1 <= k1 : a1 < k1;
        else if (a1 != k1) less = a1 < k1;
        else {
          const a2 = load<u64>(at, 16);
          if (words == 3) less = orEqual ? a2 <= k2 : a2 < k2;
          else if (a2 != k2) less = a2 < k2;
          else {
            const a3 = load<u64>(at, 24);
            if (words == 4) less = orEqual ? a3 <= k3 : a3 < k3;
            else if (a3 != k3) less = a3 < k3;
            else {
              const a4 = load<u64>(at, 32);
              less = orEqual ? a4 <= k4 : a4 < k4;
            }
          }
        }
      }
      if (less) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function boundAny(first: usize, count: u32, stride: usize, key: usize, words: u32, orEqual: bool): u32 {
  let low: u32 = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    let a = first + <usize>middle * stride;
    let b = key;
    const end = a + ((<usize>words) << 3);
    let less = orEqual;
    while (a < end) {
      const x = load<u64>(a);
      const y = load<u64>(b);
      if (x != y) {
        less = x < y;
        break;
      }
      a += 8;
      b += 8;
    }
    if (less) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Keys of a run that are below the key. */
function lower(first: usize, count: u32, stride: usize, key: usize, words: u32): u32 {
  if (words == 5) return Search.bound(first, count, stride, key, 5, false);
  if (words == 4) return Search.bound(first, count, stride, key, 4, false);
  if (words == 3) return Search.bound(first, count, stride, key, 3, false);
  if (words == 2) return Search.bound(first, count, stride, key, 2, false);
  return boundAny(first, count, stride, key, words, false);
}

/** Keys of a run that are not above the key. */
function upper(first: usize, count: u32, stride: usize, key: usize, words: u32): u32 {
  if (words == 5) return Search.bound(first, count, stride, key, 5, true);
  if (words == 4) return Search.bound(first, count, stride, key, 4, true);
  if (words == 3) return Search.bound(first, count, stride, key, 3, true);
  if (words == 2) return Search.bound(first, count, stride, key, 2, true);
  return boundAny(first, count, stride, key, words, true);
}

// The entries of a leaf are rarely in a cache, and a binary search would wait for each that it looks at. So a leaf is
// searched in two steps, each of which brings all that it may look at: the first entries of its blocks, then one block.

/** Entries of a block. */
const BLOCK: u32 = 8;

/** Brings the first entries of all blocks, and the head of the leaf. */
function fetchLeaf(leaf: usize, stride: usize): void {
  const block = stride << 3;
  let at = leaf + NODE_HEADER;
  let sum = load<u64>(leaf);
  sum ^= load<u64>((at += block));
  sum ^= load<u64>((at += block));
  sum ^= load<u64>((at += block));
  sum ^= load<u64>((at += block));
  sum ^= load<u64>((at += block));
  sum ^= load<u64>((at += block));
  sum ^= load<u64>((at += block));
  keepLoads(sum);
}

/** Brings the lines of a block. */
function fetchBlock(at: usize, stride: usize): void {
  let sum: u64 = 0;
  for (let end = at + (stride << 3); at < end; at += 64) sum ^= load<u64>(at);
  keepLoads(sum);
}

/** Keys of a leaf below the key (orEqual: not above it). */
function boundInLeaf(leaf: usize, stride: usize, key: usize, words: u32, orEqual: bool): u32 {
  const count = load<u32>(leaf + NODE_COUNT);
  if (count == 0) return 0;
  const first = leaf + NODE_HEADER;
  const blocks = (count - 1) >> 3;
  const heads = first + (stride << 3);
  const block = orEqual
    ? upper(heads, blocks, stride << 3, key, words)
    : lower(heads, blocks, stride << 3, key, words);
  const start = block << 3;
  const at = first + <usize>start * stride;
  fetchBlock(at, stride);
  const size = min(BLOCK, count - start);
  return start + (orEqual ? upper(at, size, stride, key, words) : lower(at, size, stride, key, words));
}

/** The position of the child of an inner node that holds or would hold the key. */
function childFor(node: usize, stride: usize, key: usize, words: u32): u32 {
  return upper(node + NODE_HEADER, load<u32>(node + NODE_COUNT), stride, key, words);
}

/** The leaf that holds or would hold the key. */
export function leafOf(tree: usize, key: usize): usize {
  const words = load<u32>(tree + TREE_WORDS);
  const stride = <usize>load<u32>(tree + TREE_STRIDE);
  let node = <usize>load<u32>(tree + TREE_ROOT);
  // Levels are counted, so that nothing of the leaf is looked at before its lines are asked for.
  for (let level = load<u32>(node + NODE_LEVEL); level > 0; level--) {
    node = childAt(node, childFor(node, stride, key, words), stride);
  }
  fetchLeaf(node, stride);
  return node;
}

/** The leaf that holds or would hold the key; notes the way down. */
function descend(tree: usize, key: usize, stride: usize, words: u32): usize {
  let node = <usize>load<u32>(tree + TREE_ROOT);
  depth = load<u32>(node + NODE_LEVEL);
  assertThat(depth < DEPTH_MAX, ASSERT_TREE_DEPTH);
  for (let level: u32 = 0; level < depth; level++) {
    const index = childFor(node, stride, key, words);
    store<u32>(pathNodes + ((<usize>level) << 2), <u32>node);
    store<u32>(pathPositions + ((<usize>level) << 2), index);
    node = childAt(node, index, stride);
  }
  fetchLeaf(node, stride);
  return node;
}

function openGap(node: usize, index: u32, stride: usize): usize {
  const count = load<u32>(node + NODE_COUNT);
  const at = entryAt(node, index, stride);
  copyDown(at + stride, at, <usize>(count - index) * stride);
  store<u32>(node + NODE_COUNT, count + 1);
  return at;
}

function closeGap(node: usize, index: u32, stride: usize): void {
  const count = load<u32>(node + NODE_COUNT) - 1;
  const at = entryAt(node, index, stride);
  copyUp(at, at + stride, <usize>(count - index) * stride);
  store<u32>(node + NODE_COUNT, count);
}

function writeEntry(at: usize, key: usize, keyBytes: usize, value: usize): void {
  copyUp(at, key, keyBytes);
  store<u64>(at + keyBytes, <u64>value);
}

/** Enters a key that is not there (I4). */
export function insertKey(tree: usize, key: usize, slot: usize): void {
  const words = load<u32>(tree + TREE_WORDS);
  const stride = <usize>load<u32>(tree + TREE_STRIDE);
  const keyBytes = stride - 8;
  const leaf = descend(tree, key, stride, words);
  const count = load<u32>(leaf + NODE_COUNT);
  const index = boundInLeaf(leaf, stride, key, words, false);
  assertThat(index == count || !wordsEqual(entryAt(leaf, index, stride), key, words), ASSERT_INDEX_ENTRY);
  store<u32>(tree + TREE_COUNT, load<u32>(tree + TREE_COUNT) + 1);
  touchVersion(tree);
  if (count < CAPACITY) {
    writeEntry(openGap(leaf, index, stride), key, keyBytes, slot);
    return;
  }
  splitLeaf(tree, leaf, index, key, slot, stride);
}

function splitLeaf(tree: usize, leaf: usize, index: u32, key: usize, slot: usize, stride: usize): void {
  const keyBytes = stride - 8;
  const right = takeNode(tree, 0);
  const next = <usize>load<u32>(leaf + NODE_NEXT);
  // Rising keys fill the last leaf whole: split off just its end.
  const keep: u32 = index == CAPACITY && next == 0 ? CAPACITY - 1 : CAPACITY >> 1;
  copyUp(entryAt(right, 0, stride), entryAt(leaf, keep, stride), <usize>(CAPACITY - keep) * stride);
  store<u32>(right + NODE_COUNT, CAPACITY - keep);
  store<u32>(leaf + NODE_COUNT, keep);
  store<u32>(right + NODE_NEXT, <u32>next);
  store<u32>(right + NODE_PREVIOUS, <u32>leaf);
  store<u32>(leaf + NODE_NEXT, <u32>right);
  if (next != 0) store<u32>(next + NODE_PREVIOUS, <u32>right);
  if (index > keep) writeEntry(openGap(right, index - keep, stride), key, keyBytes, slot);
  else writeEntry(openGap(leaf, index, stride), key, keyBytes, slot);
  copyUp(separator, entryAt(right, 0, stride), keyBytes);
  enterChild(tree, right, stride);
}

/** Hangs a new node, whose first key is in `separator`, into the parents noted by `descend`, splitting those that are full. */
function enterChild(tree: usize, child: usize, stride: usize): void {
  const keyBytes = stride - 8;
  while (depth > 0) {
    depth--;
    let node = <usize>load<u32>(pathNodes + ((<usize>depth) << 2));
    let index = load<u32>(pathPositions + ((<usize>depth) << 2));
    if (load<u32>(node + NODE_COUNT) < CAPACITY) {
      writeEntry(openGap(node, index, stride), separator, keyBytes, child);
      return;
    }
    // The middle entry moves up; its child becomes the first child of the new node.
    const keep: u32 = CAPACITY >> 1;
    const right = takeNode(tree, load<u32>(node + NODE_LEVEL));
    const middle = entryAt(node, keep, stride);
    copyUp(raised, middle, keyBytes);
    store<u32>(right + NODE_FIRST, load<u32>(middle + keyBytes));
    copyUp(entryAt(right, 0, stride), middle + stride, <usize>(CAPACITY - keep - 1) * stride);
    store<u32>(right + NODE_COUNT, CAPACITY - keep - 1);
    store<u32>(node + NODE_COUNT, keep);
    if (index > keep) {
      node = right;
      index -= keep + 1;
    }
    writeEntry(openGap(node, index, stride), separator, keyBytes, child);
    copyUp(separator, raised, keyBytes);
    child = right;
  }
  const old = <usize>load<u32>(tree + TREE_ROOT);
  const root = takeNode(tree, load<u32>(old + NODE_LEVEL) + 1);
  store<u32>(root + NODE_FIRST, <u32>old);
  writeEntry(openGap(root, 0, stride), separator, keyBytes, child);
  store<u32>(tree + TREE_ROOT, <u32>root);
}

/** Takes out a key that is there (I4). */
export function removeKey(tree: usize, key: usize): void {
  const words = load<u32>(tree + TREE_WORDS);
  const stride = <usize>load<u32>(tree + TREE_STRIDE);
  const leaf = descend(tree, key, stride, words);
  const index = boundInLeaf(leaf, stride, key, words, false);
  assertThat(index < load<u32>(leaf + NODE_COUNT), ASSERT_INDEX_ENTRY);
  assertThat(wordsEqual(entryAt(leaf, index, stride), key, words), ASSERT_INDEX_ENTRY);
  store<u32>(tree + TREE_COUNT, load<u32>(tree + TREE_COUNT) - 1);
  touchVersion(tree);
  closeGap(leaf, index, stride);
  // A walk that stood on this entry goes on here (see `resume`), unless nodes are merged below.
  store<u32>(tree + TREE_HOLE_LEAF, <u32>leaf);
  store<u32>(tree + TREE_HOLE_AT, index);
  store<u32>(tree + TREE_HOLE_VERSION, load<u32>(tree + TREE_VERSION));
  if (load<u32>(leaf + NODE_COUNT) < SPARSE && depth > 0) mergeUp(tree, leaf, stride);
}

function mergeUp(tree: usize, node: usize, stride: usize): void {
  const keyBytes = stride - 8;
  while (depth > 0 && load<u32>(node + NODE_COUNT) < SPARSE) {
    depth--;
    const parent = <usize>load<u32>(pathNodes + ((<usize>depth) << 2));
    const position = load<u32>(pathPositions + ((<usize>depth) << 2));
    const parentCount = load<u32>(parent + NODE_COUNT);
    if (parentCount == 0) return;
    const index = position < parentCount ? position : position - 1;
    const left = childAt(parent, index, stride);
    const right = childAt(parent, index + 1, stride);
    const leftCount = load<u32>(left + NODE_COUNT);
    const rightCount = load<u32>(right + NODE_COUNT);
    const isLeaf = load<u32>(left + NODE_LEVEL) == 0;
    const sum = leftCount + rightCount + (isLeaf ? 0 : 1);
    // An empty node must go: its neighbour may be up to full then.
    if (sum > (load<u32>(node + NODE_COUNT) == 0 ? CAPACITY : MERGED_MAX)) return;
    store<u32>(tree + TREE_HOLE_LEAF, 0);
    if (isLeaf) {
      copyUp(entryAt(left, leftCount, stride), entryAt(right, 0, stride), <usize>rightCount * stride);
      const next = <usize>load<u32>(right + NODE_NEXT);
      store<u32>(left + NODE_NEXT, <u32>next);
      if (next != 0) store<u32>(next + NODE_PREVIOUS, <u32>left);
    } else {
      const middle = entryAt(left, leftCount, stride);
      copyUp(middle, entryAt(parent, index, stride), keyBytes);
      store<u64>(middle + keyBytes, <u64>load<u32>(right + NODE_FIRST));
      copyUp(middle + stride, entryAt(right, 0, stride), <usize>rightCount * stride);
    }
    store<u32>(left + NODE_COUNT, sum);
    giveNode(tree, right);
    closeGap(parent, index, stride);
    if (depth == 0 && load<u32>(parent + NODE_COUNT) == 0) {
      store<u32>(tree + TREE_ROOT, <u32>left);
      giveNode(tree, parent);
      return;
    }
    node = parent;
  }
}

/** Finds the first entry not below the key (above: strictly above it); false at the end. */
export function seek(tree: usize, key: usize, above: bool): bool {
  const words = load<u32>(tree + TREE_WORDS);
  const stride = <usize>load<u32>(tree + TREE_STRIDE);
  const node = leafOf(tree, key);
  foundLeaf = node;
  foundAt = boundInLeaf(node, stride, key, words, above);
  return skipForward();
}

/** Finds the last entry not above the key (below: strictly below it); false at the start. */
export function seekLast(tree: usize, key: usize, below: bool): bool {
  const words = load<u32>(tree + TREE_WORDS);
  const stride = <usize>load<u32>(tree + TREE_STRIDE);
  const node = leafOf(tree, key);
  foundLeaf = node;
  foundAt = boundInLeaf(node, stride, key, words, !below);
  return stepBack();
}

/** Moves on over empty ends of leaves. */
function skipForward(): bool {
  while (foundAt >= load<u32>(foundLeaf + NODE_COUNT)) {
    foundLeaf = <usize>load<u32>(foundLeaf + NODE_NEXT);
    if (foundLeaf == 0) return false;
    foundAt = 0;
  }
  return true;
}

function stepBack(): bool {
  while (foundAt == 0) {
    foundLeaf = <usize>load<u32>(foundLeaf + NODE_PREVIOUS);
    if (foundLeaf == 0) return false;
    foundAt = load<u32>(foundLeaf + NODE_COUNT);
  }
  foundAt--;
  return true;
}

/** From a remembered position to the next (reverse: previous) entry. */
export function stepFrom(leaf: usize, at: u32, reverse: bool): bool {
  foundLeaf = leaf;
  foundAt = at;
  if (reverse) return stepBack();
  foundAt = at + 1;
  return skipForward();
}

/**
 * Goes on from a remembered position when the only change since was the removal of the entry that stood there: what
 * follows has moved into its place. Returns 0 if that is not so, 1 if `found` is set, 2 at the end.
 */
export function resume(tree: usize, version: u32, leaf: usize, at: u32, reverse: bool): u32 {
  if (load<u32>(tree + TREE_VERSION) != version + 1 || load<u32>(tree + TREE_HOLE_VERSION) != version + 1)
    return 0;
  if (<usize>load<u32>(tree + TREE_HOLE_LEAF) != leaf || load<u32>(tree + TREE_HOLE_AT) != at) return 0;
  foundLeaf = leaf;
  foundAt = at;
  return (reverse ? stepBack() : skipForward()) ? 1 : 2;
}

/** Key words of the entry at the found position. */
export function foundKey(tree: usize): usize {
  return entryAt(foundLeaf, foundAt, <usize>load<u32>(tree + TREE_STRIDE));
}

/** Slot of the entry at the found position. */
export function foundSlot(tree: usize): usize {
  return <usize>load<u32>(foundKey(tree) + <usize>load<u32>(tree + TREE_STRIDE) - 8);
}

/** Moves to the first entry of the tree. */
export function seekStart(tree: usize): bool {
  const stride = <usize>load<u32>(tree + TREE_STRIDE);
  let node = <usize>load<u32>(tree + TREE_ROOT);
  while (load<u32>(node + NODE_LEVEL) != 0) node = childAt(node, 0, stride);
  foundLeaf = node;
  foundAt = 0;
  return skipForward();
}

/**
 * Builds an empty tree from `count` entries at `entries` (stride of the tree), sorted by key. `work` has room for one
 * entry per BULK_FILL of them.
 */
export function buildTree(tree: usize, entries: usize, count: u32, work: usize): void {
  if (count == 0) return;
  const stride = <usize>load<u32>(tree + TREE_STRIDE);
  const keyBytes = stride - 8;
  store<u32>(tree + TREE_COUNT, count);
  touchVersion(tree);
  giveNode(tree, <usize>load<u32>(tree + TREE_ROOT));
  let nodes: u32 = 0;
  let previous: usize = 0;
  for (let i: u32 = 0; i < count; i += BULK_FILL) {
    const size = min(BULK_FILL, count - i);
    const node = takeNode(tree, 0);
    memory.copy(entryAt(node, 0, stride), entries + <usize>i * stride, <usize>size * stride);
    store<u32>(node + NODE_COUNT, size);
    store<u32>(node + NODE_PREVIOUS, <u32>previous);
    if (previous != 0) store<u32>(previous + NODE_NEXT, <u32>node);
    previous = node;
    writeEntry(work + <usize>nodes * stride, entryAt(node, 0, stride), keyBytes, node);
    nodes++;
  }
  for (let level: u32 = 1; nodes > 1; level++) nodes = buildLevel(tree, work, nodes, level, stride);
  store<u32>(tree + TREE_ROOT, load<u32>(work + keyBytes));
}

function buildLevel(tree: usize, work: usize, nodes: u32, level: u32, stride: usize): u32 {
  const keyBytes = stride - 8;
  let parents: u32 = 0;
  for (let i: u32 = 0; i < nodes; i += BULK_FILL) {
    const size = min(BULK_FILL, nodes - i);
    const from = work + <usize>i * stride;
    const node = takeNode(tree, level);
    store<u32>(node + NODE_FIRST, load<u32>(from + keyBytes));
    memory.copy(entryAt(node, 0, stride), from + stride, <usize>(size - 1) * stride);
    store<u32>(node + NODE_COUNT, size - 1);
    writeEntry(work + <usize>parents * stride, from, keyBytes, node);
    parents++;
  }
  return parents;
}

/** Walks the whole tree below a node: 0, or the number of the broken promise. For tests and simulations; O(n). */
export function checkNode(tree: usize, node: usize, level: u32): u32 {
  const stride = <usize>load<u32>(tree + TREE_STRIDE);
  const count = load<u32>(node + NODE_COUNT);
  if (load<u32>(node + NODE_LEVEL) != level || count > CAPACITY) return 1;
  if (level == 0) return 0;
  for (let i: u32 = 0; i <= count; i++) {
    const broken = checkNode(tree, childAt(node, i, stride), level - 1);
    if (broken != 0) return broken;
  }
  return 0;
}

export function checkTree(tree: usize): u32 {
  const root = <usize>load<u32>(tree + TREE_ROOT);
  return checkNode(tree, root, load<u32>(root + NODE_LEVEL));
}
