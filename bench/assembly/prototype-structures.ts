/**
 * The tree and the hash table of the prototype that the core was designed by, in the shape of structures.ts.
 *
 * The host compiles key-costs.ts over this file where the prototype's sources are at hand: "./prototype/core" is its core, with
 * three functions over its hash table added (key-modules.ts).
 */
import {
  boot,
  curEntry,
  entryRec,
  ixDelKey,
  ixNext,
  ixOf,
  ixPutKey,
  ixSeek,
  keyTableAdd,
  keyTableFind,
  keyTableRemove,
  reserve,
  ukOf,
} from "./prototype/core";

/** Entries of a node, as in the core. */
const NODE_CAPACITY: u32 = 64;
/** Slots of a hash table at first, as in the core. */
const FIRST_SLOTS: u32 = 16;
const FIELDS: u32 = 4;

let tree: usize = 0;
let table: usize = 0;
let descriptorEnd: usize = 0;

function put(word: u32): void {
  store<u32>(descriptorEnd, word);
  descriptorEnd += 4;
}

function putSegment(offset: u32): void {
  put(offset);
  put(8);
  put(0);
  put(0);
  put(0);
}

/** One kind of four u64 fields, a unique key over all of them, an index over three and the SysId. */
export function openStructures(): void {
  const descriptor = reserve(1024);
  descriptorEnd = descriptor;
  put(1);
  put(64);
  put(FIELDS);
  for (let i: u32 = 0; i < FIELDS; i++) {
    put(24 + i * 8);
    put(8);
  }
  put(1);
  put(FIELDS);
  put(0);
  for (let i: u32 = 0; i < FIELDS; i++) putSegment(24 + i * 8);
  put(1);
  put(FIELDS - 1);
  put(0);
  put(NODE_CAPACITY);
  for (let i: u32 = 0; i < FIELDS - 1; i++) putSegment(24 + i * 8);
  boot(descriptor, FIRST_SLOTS);
  tree = ixOf(1, 0);
  table = ukOf(1, 0);
}

export function reserveBytes(bytes: u64): usize {
  return reserve(<usize>bytes);
}

export function treeInsert(key: usize): bool {
  return ixPutKey(tree, key, <u32>key);
}
export function treeFind(key: usize): bool {
  return ixSeek(tree, key) && entryRec(tree, curEntry(tree)) == key;
}
export function treeScan(key: usize, length: u32): u32 {
  let entries: u32 = 0;
  let found = ixSeek(tree, key);
  while (found && entries < length) {
    if (entryRec(tree, curEntry(tree)) != 0) entries++;
    found = ixNext(tree);
  }
  return entries;
}
export function treeRemove(key: usize): bool {
  return ixDelKey(tree, key);
}

export function keyFind(key: usize): usize {
  return keyTableFind(table, key);
}
export function keyAdd(key: usize): bool {
  return keyTableAdd(table, key);
}
export function keyRemove(key: usize): bool {
  return keyTableRemove(table, key);
}
