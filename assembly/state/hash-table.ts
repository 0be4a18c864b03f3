/**
 * Open-addressing hash table of 8-byte entries, hash and address, verified by whoever owns the things it points to.
 *
 *   entry: hash u32 | address u32      0 = empty; address 0 with a hash = taken out while the table is being replaced
 *
 * Responsible for: probing, growing a few entries at a time. Not responsible for: keys; the caller hashes with
 * `hashWords` and compares what `probe` offers.
 *
 * The hash is a sum of products with multipliers that the host draws at each start (vector multiplication over 32-bit
 * halves, Dietzfelbinger 1996), spread by a finalizer: no chosen input makes lookups slow, and nothing of it can reach a
 * frame.
 *
 * I1: a table is at most 5/8 full. I2: while a table is being replaced, entries of the old one below `moved` are stale.
 */
import { ASSERT_HASH_ENTRY, assertThat } from "../base/assert";
import { allocate, ask, release } from "../base/memory";

//   0         4      8       12        16         20
//   | entries | mask | count | old     | old mask | moved |
const TABLE_ENTRIES: usize = 0;
const TABLE_MASK: usize = 4;
const TABLE_COUNT: usize = 8;
const TABLE_OLD: usize = 12;
const TABLE_OLD_MASK: usize = 16;
const TABLE_MOVED: usize = 20;
/** Size of the structure a caller provides, zeroed. */
export const HASH_TABLE_BYTES: usize = 24;

const FIRST_CAPACITY: u32 = 16;
/** Old entries moved with each insertion: the old table is empty long before the new one is full. */
const MOVES: u32 = 8;

/** 33 multipliers: two for each of 16 key words, one to add. */
export const SEED_WORDS: u32 = 33;
const seed: usize = memory.data(33 * 8, 16);

/** Takes over 33 random u64. The multipliers need not be odd. */
export function openHash(from: usize): void {
  memory.copy(seed, from, SEED_WORDS << 3);
}

/**
 * Spreads a keyed sum: multiply-shift alone leaves runs of rising keys in runs of slots, which linear probing pays for
 * (finalizer of MurmurHash3).
 */
function spread(sum: u64): u32 {
  sum ^= sum >> 33;
  sum *= 0xff51afd7ed558ccd;
  sum ^= sum >> 33;
  sum *= 0xc4ceb9fe1a85ec53;
  return <u32>(sum >> 32);
}

/** A hash in the making: words are added at positions 0..15, the same word at the same position each time. */
export class KeyedSum {
  @inline static start(): u64 {
    return load<u64>(seed, 256);
  }
  @inline static term(word: u64, position: u32): u64 {
    const multipliers = seed + ((<usize>position) << 4);
    return (word & 0xffffffff) * load<u64>(multipliers) + (word >> 32) * load<u64>(multipliers, 8);
  }
  @inline static end(sum: u64): u32 {
    return spread(sum);
  }
}

export function hashWord(word: u64): u32 {
  return KeyedSum.end(KeyedSum.start() + KeyedSum.term(word, 0));
}

export function hashWords(key: usize, words: u32): u32 {
  let sum = KeyedSum.start();
  for (let i: u32 = 0; i < words; i++) sum += KeyedSum.term(load<u64>(key + ((<usize>i) << 3)), i);
  return KeyedSum.end(sum);
}

export function openTableOf(table: usize): void {
  store<u32>(table + TABLE_ENTRIES, <u32>allocate(FIRST_CAPACITY << 3));
  store<u32>(table + TABLE_MASK, FIRST_CAPACITY - 1);
}

export function hashCount(table: usize): u32 {
  return load<u32>(table + TABLE_COUNT);
}

/** Asks for the place where a search for the hash starts. */
export function hashAsk(table: usize, hash: u32): void {
  const old = <usize>load<u32>(table + TABLE_OLD);
  if (old != 0) ask(old + ((<usize>(hash & load<u32>(table + TABLE_OLD_MASK))) << 3));
  ask(<usize>load<u32>(table + TABLE_ENTRIES) + ((<usize>(hash & load<u32>(table + TABLE_MASK))) << 3));
}

function insert(entries: usize, mask: u32, entry: u64): void {
  let i = <u32>entry & mask;
  while (load<u64>(entries + ((<usize>i) << 3)) != 0) i = (i + 1) & mask;
  store<u64>(entries + ((<usize>i) << 3), entry);
}

function moveSome(table: usize, count: u32): void {
  const old = <usize>load<u32>(table + TABLE_OLD);
  const oldMask = load<u32>(table + TABLE_OLD_MASK);
  const entries = <usize>load<u32>(table + TABLE_ENTRIES);
  const mask = load<u32>(table + TABLE_MASK);
  let moved = load<u32>(table + TABLE_MOVED);
  while (count > 0 && moved <= oldMask) {
    const entry = load<u64>(old + ((<usize>moved) << 3));
    if (entry >> 32) insert(entries, mask, entry);
    moved++;
    count--;
  }
  store<u32>(table + TABLE_MOVED, moved);
  if (moved <= oldMask) return;
  store<u32>(table + TABLE_OLD, 0);
  release(old, (<u64>oldMask + 1) << 3);
}

function grow(table: usize): void {
  if (load<u32>(table + TABLE_OLD) != 0) moveSome(table, u32.MAX_VALUE);
  const mask = load<u32>(table + TABLE_MASK);
  const next = (mask << 1) | 1;
  store<u32>(table + TABLE_OLD, load<u32>(table + TABLE_ENTRIES));
  store<u32>(table + TABLE_OLD_MASK, mask);
  store<u32>(table + TABLE_MOVED, 0);
  store<u32>(table + TABLE_ENTRIES, <u32>allocate((<u64>next + 1) << 3));
  store<u32>(table + TABLE_MASK, next);
}

/** Adds an entry; the caller knows that an equal key is not there. */
export function hashAdd(table: usize, hash: u32, address: usize): void {
  const count = load<u32>(table + TABLE_COUNT) + 1;
  store<u32>(table + TABLE_COUNT, count);
  const mask = load<u32>(table + TABLE_MASK);
  if (<u64>count * 8 > (<u64>mask + 1) * 5) grow(table);
  if (load<u32>(table + TABLE_OLD) != 0) moveSome(table, MOVES);
  const entry = ((<u64>address) << 32) | <u64>hash;
  insert(<usize>load<u32>(table + TABLE_ENTRIES), load<u32>(table + TABLE_MASK), entry);
}

function removeFromOld(table: usize, entry: u64): bool {
  const old = <usize>load<u32>(table + TABLE_OLD);
  if (old == 0) return false;
  const mask = load<u32>(table + TABLE_OLD_MASK);
  const moved = load<u32>(table + TABLE_MOVED);
  let i = <u32>entry & mask;
  while (true) {
    const at = old + ((<usize>i) << 3);
    const found = load<u64>(at);
    if (found == 0) return false;
    if (found == entry && i >= moved) {
      // An entry with hash 0 would read as empty and break the chain behind it.
      store<u64>(at, (entry & 0xffffffff) | 1);
      return true;
    }
    i = (i + 1) & mask;
  }
}

/** Takes out the entry of an address that is there. */
export function hashRemove(table: usize, hash: u32, address: usize): void {
  store<u32>(table + TABLE_COUNT, load<u32>(table + TABLE_COUNT) - 1);
  const entry = ((<u64>address) << 32) | <u64>hash;
  const entries = <usize>load<u32>(table + TABLE_ENTRIES);
  const mask = load<u32>(table + TABLE_MASK);
  let hole = hash & mask;
  while (true) {
    const found = load<u64>(entries + ((<usize>hole) << 3));
    if (found == entry) break;
    if (found == 0) {
      assertThat(removeFromOld(table, entry), ASSERT_HASH_ENTRY);
      return;
    }
    hole = (hole + 1) & mask;
  }
  // Close the hole: move back every later entry of the run that may stand there.
  let next = hole;
  while (true) {
    next = (next + 1) & mask;
    const found = load<u64>(entries + ((<usize>next) << 3));
    if (found == 0) break;
    if (((next - <u32>found) & mask) >= ((next - hole) & mask)) {
      store<u64>(entries + ((<usize>hole) << 3), found);
      hole = next;
    }
  }
  store<u64>(entries + ((<usize>hole) << 3), 0);
}

// A search offers one candidate after the other; the caller compares keys and takes the first that matches. Where to go on
// is noted only when something is offered: most searches take the first candidate or find none.
let probeTable: usize = 0;
let probeHash: u32 = 0;
let probeAt: u32 = 0;
let probeOld = false;

/** The first address whose hash is `hash`, or 0. */
export function hashFirst(table: usize, hash: u32): usize {
  return probe(table, hash, hash & load<u32>(table + TABLE_MASK));
}

/** The next address whose hash is the one asked for, or 0. Valid until the table changes. */
export function hashNext(): usize {
  return probeOld ? probeReplaced(probeTable, probeHash, probeAt) : probe(probeTable, probeHash, probeAt);
}

function offer(table: usize, hash: u32, next: u32, old: bool, entry: u64): usize {
  probeTable = table;
  probeHash = hash;
  probeAt = next;
  probeOld = old;
  return <usize>(entry >> 32);
}

function probe(table: usize, hash: u32, at: u32): usize {
  const entries = <usize>load<u32>(table + TABLE_ENTRIES);
  const mask = load<u32>(table + TABLE_MASK);
  while (true) {
    const entry = load<u64>(entries + ((<usize>at) << 3));
    at = (at + 1) & mask;
    if (entry == 0) break;
    if (<u32>entry == hash) return offer(table, hash, at, false, entry);
  }
  if (load<u32>(table + TABLE_OLD) == 0) return 0;
  return probeReplaced(table, hash, hash & load<u32>(table + TABLE_OLD_MASK));
}

/** The same in the table that is being replaced. */
function probeReplaced(table: usize, hash: u32, at: u32): usize {
  const old = <usize>load<u32>(table + TABLE_OLD);
  const mask = load<u32>(table + TABLE_OLD_MASK);
  const moved = load<u32>(table + TABLE_MOVED);
  while (true) {
    const here = at;
    const entry = load<u64>(old + ((<usize>here) << 3));
    at = (at + 1) & mask;
    if (entry == 0) return 0;
    if (<u32>entry == hash && here >= moved && entry >> 32 != 0) return offer(table, hash, at, true, entry);
  }
}

let walkAt: u32 = 0;
let walkOld = false;

/** One address after the other, in no order; 0 at the end. The table must not change on the way. */
export function hashWalk(table: usize, start: bool): usize {
  if (start) {
    walkAt = 0;
    walkOld = false;
  }
  while (!walkOld) {
    if (walkAt > load<u32>(table + TABLE_MASK)) {
      walkOld = true;
      walkAt = load<u32>(table + TABLE_MOVED);
      break;
    }
    const address = load<u64>(<usize>load<u32>(table + TABLE_ENTRIES) + ((<usize>walkAt) << 3)) >> 32;
    walkAt++;
    if (address != 0) return <usize>address;
  }
  const old = <usize>load<u32>(table + TABLE_OLD);
  while (old != 0 && walkAt <= load<u32>(table + TABLE_OLD_MASK)) {
    const address = load<u64>(old + ((<usize>walkAt) << 3)) >> 32;
    walkAt++;
    if (address != 0) return <usize>address;
  }
  return 0;
}
