/**
 * The core's canonical index and hash table, as key-costs.ts uses them.
 *
 * Keys are passed as addresses of four words. A unique key's entry points to its key, where the core's points to a record.
 */
import { PATH_KEY_BYTES } from "../../assembly/abi";
import { reserve } from "../../assembly/base/memory";
import { wordsEqual } from "../../assembly/base/words";
import {
  foundAt,
  foundKey,
  foundLeaf,
  foundSlot,
  insertKey,
  openTree,
  removeKey,
  seek,
  stepFrom,
  TREE_BYTES,
} from "../../assembly/state/canonical-index";
import {
  HASH_TABLE_BYTES,
  hashAdd,
  hashFirst,
  hashNext,
  hashRemove,
  hashWords,
  openHash,
  openTableOf,
} from "../../assembly/state/hash-table";

const WORDS: u32 = 4;
/** Without the SysId, which the index appends. */
const DECLARED_BYTES: u32 = 24;
const SEEDS: u32 = 33;

let tree: usize = 0;
let table: usize = 0;

export function openStructures(): void {
  const path = reserve(256);
  store<u32>(path + (PATH_KEY_BYTES << 2), DECLARED_BYTES);
  tree = reserve(<u64>TREE_BYTES);
  openTree(tree, path);
  const seed = reserve(SEEDS << 3);
  let word: u64 = 0x2545f4914f6cdd1d;
  for (let i: u32 = 0; i < SEEDS; i++) {
    word = word * 6364136223846793005 + 1442695040888963407;
    store<u64>(seed + ((<usize>i) << 3), word);
  }
  openHash(seed);
  table = reserve(<u64>HASH_TABLE_BYTES);
  openTableOf(table);
}

export function reserveBytes(bytes: u64): usize {
  return reserve(bytes);
}

export function treeInsert(key: usize): bool {
  insertKey(tree, key, key);
  return true;
}
export function treeFind(key: usize): bool {
  return seek(tree, key, false) && wordsEqual(foundKey(tree), key, WORDS);
}
/** Walks up to `length` entries from a key on; how many there were. */
export function treeScan(key: usize, length: u32): u32 {
  let entries: u32 = 0;
  let found = seek(tree, key, false);
  while (found && entries < length) {
    if (foundSlot(tree) != 0) entries++;
    found = stepFrom(foundLeaf, foundAt, false);
  }
  return entries;
}
export function treeRemove(key: usize): bool {
  removeKey(tree, key);
  return true;
}

export function keyFind(key: usize): usize {
  let at = hashFirst(table, hashWords(key, WORDS));
  while (at != 0 && !wordsEqual(at, key, WORDS)) at = hashNext();
  return at;
}
/** Adds a key unless it is there. */
export function keyAdd(key: usize): bool {
  const hash = hashWords(key, WORDS);
  let at = hashFirst(table, hash);
  while (at != 0 && !wordsEqual(at, key, WORDS)) at = hashNext();
  if (at != 0) return false;
  hashAdd(table, hash, key);
  return true;
}
export function keyRemove(key: usize): bool {
  hashRemove(table, hashWords(key, WORDS), key);
  return true;
}
