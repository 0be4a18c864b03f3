/**
 * Source positions: for each (client, stream) the last source seq and the frame it is in. Part of the engine state, but
 * not a record: every frame's header moves it.
 *
 *   | client u64 | stream u64 | last seq u64 | frame u64 |
 */
import { allocate, release, reserve } from "../base/memory";
import {
  HASH_TABLE_BYTES,
  hashAdd,
  hashCount,
  hashFirst,
  hashNext,
  hashRemove,
  hashWords,
  openTableOf,
} from "./hash-table";

export const SOURCE_CLIENT: usize = 0;
export const SOURCE_STREAM: usize = 8;
export const SOURCE_SEQ: usize = 16;
export const SOURCE_FRAME: usize = 24;
const SOURCE_BYTES: usize = 32;

let table: usize = 0;
/** Live entries, in no order; `sourceAt` lists them. An entry's position is found by search when it goes. */
let list: usize = 0;
let listCapacity: u32 = 0;
let listCount: u32 = 0;
const wanted: usize = memory.data(16, 16);
/** The live entry that was found last, or 0: a command asks for its source at admission and at its end. */
let recent: usize = 0;

export function openSources(): void {
  table = reserve(HASH_TABLE_BYTES);
  openTableOf(table);
  listCapacity = 64;
  list = allocate((<u64>listCapacity) << 2);
}

export function sourceCount(): u32 {
  return hashCount(table);
}

function isSource(entry: usize, client: u64, stream: u32): bool {
  return load<u64>(entry + SOURCE_CLIENT) == client && load<u64>(entry + SOURCE_STREAM) == <u64>stream;
}

/** The entry of a source, or 0. */
export function findSource(client: u64, stream: u32): usize {
  if (recent != 0 && isSource(recent, client, stream)) return recent;
  store<u64>(wanted, client);
  store<u64>(wanted, <u64>stream, 8);
  let entry = hashFirst(table, hashWords(wanted, 2));
  while (entry != 0 && !isSource(entry, client, stream)) entry = hashNext();
  if (entry != 0) recent = entry;
  return entry;
}

/** Moves a source to a seq and frame; a new one is added. Its frame before, 0 if it is new. */
export function moveSource(client: u64, stream: u32, seq: u64, frame: u64): u64 {
  let entry = findSource(client, stream);
  if (entry == 0) {
    entry = allocate(SOURCE_BYTES);
    store<u64>(entry + SOURCE_CLIENT, client);
    store<u64>(entry + SOURCE_STREAM, <u64>stream);
    hashAdd(table, hashWords(entry, 2), entry);
    if (listCount == listCapacity) growList();
    store<u32>(list + ((<usize>listCount) << 2), <u32>entry);
    listCount++;
  }
  const previous = load<u64>(entry + SOURCE_FRAME);
  store<u64>(entry + SOURCE_SEQ, seq);
  store<u64>(entry + SOURCE_FRAME, frame);
  return previous;
}

function growList(): void {
  const bigger = allocate((<u64>listCapacity) << 3);
  memory.copy(bigger, list, (<usize>listCount) << 2);
  release(list, (<u64>listCapacity) << 2);
  list = bigger;
  listCapacity <<= 1;
}

/** Forgets a source; false if it was not known. */
export function retireSource(client: u64, stream: u32): bool {
  const entry = findSource(client, stream);
  if (entry == 0) return false;
  recent = 0;
  hashRemove(table, hashWords(entry, 2), entry);
  let i: u32 = 0;
  while (<usize>load<u32>(list + ((<usize>i) << 2)) != entry) i++;
  listCount--;
  store<u32>(list + ((<usize>i) << 2), load<u32>(list + ((<usize>listCount) << 2)));
  release(entry, SOURCE_BYTES);
  return true;
}

function sourceAfter(a: usize, b: usize): bool {
  if (load<u64>(a) != load<u64>(b)) return load<u64>(a) > load<u64>(b);
  return load<u64>(a, 8) > load<u64>(b, 8);
}

/** Sorts the list by (client, stream): heap sort, in place. For snapshots. */
export function sortSources(): void {
  for (let i: i32 = <i32>(listCount >> 1) - 1; i >= 0; i--) siftDown(<u32>i, listCount);
  for (let end: u32 = listCount; end > 1; end--) {
    const first = load<u32>(list);
    store<u32>(list, load<u32>(list + ((<usize>end - 1) << 2)));
    store<u32>(list + ((<usize>end - 1) << 2), first);
    siftDown(0, end - 1);
  }
}

function siftDown(from: u32, end: u32): void {
  let at = from;
  while (true) {
    let child = at * 2 + 1;
    if (child >= end) return;
    if (child + 1 < end && sourceAfter(sourceAt(child + 1), sourceAt(child))) child++;
    if (!sourceAfter(sourceAt(child), sourceAt(at))) return;
    const swap = load<u32>(list + ((<usize>at) << 2));
    store<u32>(list + ((<usize>at) << 2), load<u32>(list + ((<usize>child) << 2)));
    store<u32>(list + ((<usize>child) << 2), swap);
    at = child;
  }
}

/** The entry at a position of the list. */
export function sourceAt(index: u32): usize {
  return <usize>load<u32>(list + ((<usize>index) << 2));
}
