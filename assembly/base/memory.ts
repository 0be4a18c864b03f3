/**
 * Linear memory: a rising frontier, and free lists of power-of-two blocks for what is replaced while running.
 *
 * Responsible for: giving out zeroed blocks, growing memory ahead of need.
 * Not responsible for: records (state/record-store.ts) and index nodes, which keep free lists of their own.
 * I1: a block given out is zero to its last byte.
 * I2: nothing is ever moved; addresses are invisible to handlers and frames.
 */
import { ASSERT_OUT_OF_MEMORY, assertThat } from "./assert";

const PAGE_BYTES: u64 = 65536;
const PAGES_MAX: u64 = 65535; // the last page stays free, so that an end address never wraps
const CLASS_MIN: u32 = 6;
const CLASSES: i32 = 33;

const freeBlocks: usize = memory.data(CLASSES * 4, 8);
let top: u64 = 0;

function growTo(end: u64): void {
  const need = (end + PAGE_BYTES - 1) / PAGE_BYTES;
  const have = <u64>memory.size();
  if (need <= have) return;
  assertThat(need <= PAGES_MAX, ASSERT_OUT_OF_MEMORY);
  const ahead = min(need + (have >> 2), PAGES_MAX);
  if (memory.grow(<i32>(ahead - have)) >= 0) return;
  assertThat(memory.grow(<i32>(need - have)) >= 0, ASSERT_OUT_OF_MEMORY);
}

/** Gives a zeroed block that is never returned, aligned to 64 bytes. */
export function reserve(bytes: u64): usize {
  if (top == 0) top = <u64>__heap_base;
  const at = (top + 63) & ~(<u64>63);
  growTo(at + bytes);
  top = at + bytes;
  return <usize>at;
}

function classOf(bytes: u64): u32 {
  const size = max<u64>(bytes, 1 << CLASS_MIN);
  return <u32>(64 - clz<u64>(size - 1));
}

function listOf(sizeClass: u32): usize {
  return freeBlocks + ((<usize>sizeClass) << 2);
}

function putFree(block: usize, sizeClass: u32): void {
  const list = listOf(sizeClass);
  store<u32>(block, load<u32>(list));
  store<u32>(list, <u32>block);
}

/**
 * Gives a zeroed block of at least `bytes`; `release` takes it back. A free block that is larger is cut in halves: what a
 * hash table leaves behind when it grows becomes records and index nodes. Halves are never joined again.
 */
export function allocate(bytes: u64): usize {
  const sizeClass = classOf(bytes);
  let from = sizeClass;
  while (from < <u32>CLASSES && load<u32>(listOf(from)) == 0) from++;
  if (from == <u32>CLASSES) return reserve((<u64>1) << sizeClass);
  const block = <usize>load<u32>(listOf(from));
  store<u32>(listOf(from), load<u32>(block));
  while (from > sizeClass) {
    from--;
    putFree(block + ((<usize>1) << from), from);
  }
  memory.fill(block, 0, (<usize>1) << sizeClass);
  return block;
}

/** Takes back a block of `allocate`; `bytes` as asked for then. */
export function release(block: usize, bytes: u64): void {
  putFree(block, classOf(bytes));
}

// ---- caches ----------------------------------------------------------------------------------------------
// A line that is in no cache takes a hundred times as long as one that is, but a dozen of them arrive together, if nothing
// else stands between their loads: so their addresses are collected first, and loaded in a loop that does nothing else.

const ASKED_MAX: u32 = 1024;
const asked: usize = memory.data(ASKED_MAX * 4, 64);
let askedCount: u32 = 0;
let fetched: u64 = 0;

/** Asks for the line at an address with the next `fetchAsked`. The word there must lie in memory. */
export function ask(at: usize): void {
  if (askedCount == ASKED_MAX) fetchAsked();
  store<u32>(asked + ((<usize>askedCount) << 2), <u32>at);
  askedCount++;
}

/** Brings everything that was asked for into the caches. */
export function fetchAsked(): void {
  const end = asked + ((<usize>askedCount) << 2);
  let sum: u64 = 0;
  for (let at = asked; at < end; at += 4) sum ^= load<u64>(<usize>load<u32>(at));
  askedCount = 0;
  keepLoads(sum);
}

/** Takes over a sum of what was loaded for its line's sake, so that no compiler leaves the loads out. */
export function keepLoads(sum: u64): void {
  fetched = sum;
}

/** Grows memory to at least `pages` of 64 KiB. Changes nothing that a frame could show. */
export function reservePages(pages: u32): void {
  growTo(<u64>pages * PAGE_BYTES);
}

/** Bytes in use, free blocks included. */
export function memoryUsed(): u64 {
  return top;
}
