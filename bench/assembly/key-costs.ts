/**
 * What an operation of a canonical index and of a unique key costs, over memcmp keys of 32 bytes in random order.
 *
 * Responsible for: the keys, the orders they are used in, one loop an operation; the host takes the time around a call.
 * Not responsible for: the structures. structures.ts binds them to those of the core; the host may compile this file over
 * others of the same shape.
 *
 * A key is four words as the core keeps them decoded: three random ones and a SysId, which makes keys differ.
 */
import {
  keyAdd,
  keyFind,
  keyRemove,
  openStructures,
  reserveBytes,
  treeFind,
  treeInsert,
  treeRemove,
  treeScan,
} from "./structures";

const KEY_BYTES: usize = 32;

let keys: usize = 0;
/** Positions of the keys in a random order, other than that of insertion. */
let order: usize = 0;
let count: u32 = 0;
let random: u64 = 0x9e3779b97f4a7c15;

/** xorshift64 (Marsaglia 2003). */
function next(): u64 {
  random ^= random << 13;
  random ^= random >> 7;
  random ^= random << 17;
  return random;
}

/** Makes `entries` keys. To be called first, once an instance. */
export function prepare(entries: u32): void {
  count = entries;
  keys = reserveBytes(<u64>entries * KEY_BYTES);
  order = reserveBytes((<u64>entries) << 2);
  for (let i: u32 = 0; i < entries; i++) {
    const key = keyAt(i);
    store<u64>(key, next());
    store<u64>(key, next(), 8);
    store<u64>(key, next(), 16);
    store<u64>(key, <u64>i + 1, 24);
    store<u32>(order + ((<usize>i) << 2), i);
  }
  for (let i = entries - 1; i > 0; i--) {
    const j = <u32>(next() % (<u64>i + 1));
    const a = order + ((<usize>i) << 2);
    const b = order + ((<usize>j) << 2);
    const swapped = load<u32>(a);
    store<u32>(a, load<u32>(b));
    store<u32>(b, swapped);
  }
  openStructures();
}

function keyAt(position: u32): usize {
  return keys + <usize>position * KEY_BYTES;
}

function shuffled(position: u32): usize {
  return keyAt(load<u32>(order + ((<usize>position) << 2)));
}

// Each loop answers how many operations found what they must find: `count` when all is well.

export function insertIndex(): u32 {
  let done: u32 = 0;
  for (let i: u32 = 0; i < count; i++) done += treeInsert(keyAt(i)) ? 1 : 0;
  return done;
}
export function getIndex(): u32 {
  let done: u32 = 0;
  for (let i: u32 = 0; i < count; i++) done += treeFind(shuffled(i)) ? 1 : 0;
  return done;
}
/** `scans` scans of `length` entries from random keys on; the sum of their lengths. */
export function scanIndex(scans: u32, length: u32): u32 {
  let entries: u32 = 0;
  for (let i: u32 = 0; i < scans; i++) entries += treeScan(shuffled(i % count), length);
  return entries;
}
export function removeIndex(): u32 {
  let done: u32 = 0;
  for (let i: u32 = 0; i < count; i++) done += treeRemove(shuffled(i)) ? 1 : 0;
  return done;
}

export function insertUnique(): u32 {
  let done: u32 = 0;
  for (let i: u32 = 0; i < count; i++) done += keyAdd(keyAt(i)) ? 1 : 0;
  return done;
}
export function getUnique(): u32 {
  let done: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const key = shuffled(i);
    done += keyFind(key) == key ? 1 : 0;
  }
  return done;
}
export function removeUnique(): u32 {
  let done: u32 = 0;
  for (let i: u32 = 0; i < count; i++) done += keyRemove(shuffled(i)) ? 1 : 0;
  return done;
}
