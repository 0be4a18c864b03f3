/**
 * Unique keys: business key -> at most one live record, exact lookup only.
 *
 * Responsible for: the hash table of each unique key, verified against the record itself. Not responsible for: deciding
 * what a taken key means (engine/transaction.ts).
 * I1: a live record stands in the table of every unique key of its kind, once.
 */
import {
  KIND_UNIQUE,
  PATH_NARROW,
  PATH_SEGMENTS,
  PATH_SEGMENTS_AT,
  PATHS_MAX,
  SEGMENT_FIELD,
  SEGMENT_OFFSET,
  SEGMENT_WIDTH,
  SEGMENT_WORDS,
} from "../abi";
import { fetchAsked, reserve } from "../base/memory";
import { encodeKey, keyWords } from "../key/encode";
import { loadNarrow, sameValue } from "../schema/field";
import { addressOf, fieldEntry, fieldsOf, kindCount, kindEntry, uniqueEntry, wordOf } from "../schema/table";
import {
  HASH_TABLE_BYTES,
  hashAdd,
  hashAsk,
  hashCount,
  hashFirst,
  hashNext,
  hashRemove,
  hashWords,
  KeyedSum,
  openTableOf,
} from "./hash-table";
import { kindOfSlot } from "./record-store";

const wanted: usize = memory.data(136, 16);

/** One word a kind: the address of its first table. */
let tables: usize = 0;

export function openUniqueKeys(): void {
  tables = reserve((<u64>kindCount() + 1) << 2);
  for (let kind: u32 = 0; kind < kindCount(); kind++) {
    const count = wordOf(kindEntry(kind), KIND_UNIQUE);
    const first = reserve(<u64>count * HASH_TABLE_BYTES + 8);
    store<u32>(tables + ((<usize>kind) << 2), <u32>first);
    for (let i: u32 = 0; i < count; i++) openTableOf(first + <usize>i * HASH_TABLE_BYTES);
  }
}

function tableOf(kind: u32, position: u32): usize {
  return <usize>load<u32>(tables + ((<usize>kind) << 2)) + <usize>position * HASH_TABLE_BYTES;
}

/** Keys of narrow values are hashed where the values lie; others are encoded first. */
function hashOf(path: usize, fields: usize, slot: usize): u32 {
  const count = wordOf(path, PATH_SEGMENTS);
  if (wordOf(path, PATH_NARROW) == 0) {
    const words = keyWords(path);
    encodeKey(path, fields, slot, count, wanted, words, 0);
    return hashWords(wanted, words);
  }
  let segment = addressOf(wordOf(path, PATH_SEGMENTS_AT));
  let sum = KeyedSum.start();
  for (let i: u32 = 0; i < count; i++) {
    sum += KeyedSum.term(narrowAt(segment, slot), i);
    segment += SEGMENT_WORDS << 2;
  }
  return KeyedSum.end(sum);
}

/** The value of a narrow segment in a slot, zero-extended. */
function narrowAt(segment: usize, slot: usize): u64 {
  return loadNarrow(slot + <usize>wordOf(segment, SEGMENT_OFFSET), wordOf(segment, SEGMENT_WIDTH));
}

/** Whether two slots have the same values in the fields of a key: cheaper than comparing encoded keys. */
function isSameKey(path: usize, fields: usize, a: usize, b: usize): bool {
  const isNarrow = wordOf(path, PATH_NARROW) != 0;
  let segment = addressOf(wordOf(path, PATH_SEGMENTS_AT));
  for (let i: u32 = 0, n = wordOf(path, PATH_SEGMENTS); i < n; i++) {
    if (isNarrow) {
      if (narrowAt(segment, a) != narrowAt(segment, b)) return false;
    } else if (!sameValue(fieldEntry(fields, wordOf(segment, SEGMENT_FIELD)), a, b)) {
      return false;
    }
    segment += SEGMENT_WORDS << 2;
  }
  return true;
}

/** The record in a table whose key is that of the fields in `like`, or 0. */
function search(table: usize, path: usize, fields: usize, like: usize, hash: u32): usize {
  let slot = hashFirst(table, hash);
  while (slot != 0 && !isSameKey(path, fields, slot, like)) slot = hashNext();
  return slot;
}

/** The live record whose key equals that of the fields in `slot` (a record or a scratch slot), or 0. */
export function findByUniqueKey(kind: u32, position: u32, slot: usize): usize {
  const entry = kindEntry(kind);
  const path = uniqueEntry(entry, position);
  const fields = fieldsOf(entry);
  return search(tableOf(kind, position), path, fields, slot, hashOf(path, fields, slot));
}

/** Asks for the place where a search for the key of the fields in `slot` starts; the hash of the key. */
export function askByUniqueKey(kind: u32, position: u32, slot: usize): u32 {
  const entry = kindEntry(kind);
  const hash = hashOf(uniqueEntry(entry, position), fieldsOf(entry), slot);
  hashAsk(tableOf(kind, position), hash);
  return hash;
}

/** The record that a search for a key with this hash looks at first, or 0: nearly always the right one, and not looked at. */
export function candidateByHash(kind: u32, position: u32, hash: u32): usize {
  return hashFirst(tableOf(kind, position), hash);
}

/** Enters a record under all its unique keys; -1, or the position of the first that is taken (nothing is entered then). */
export function addUniqueKeys(slot: usize): i32 {
  const kind = kindOfSlot(slot);
  const entry = kindEntry(kind);
  const fields = fieldsOf(entry);
  const count = wordOf(entry, KIND_UNIQUE);
  for (let i: u32 = 0; i < count; i++) {
    const path = uniqueEntry(entry, i);
    const table = tableOf(kind, i);
    const hash = hashOf(path, fields, slot);
    if (search(table, path, fields, slot, hash) != 0) {
      while (i > 0) removeOne(kind, entry, fields, --i, slot);
      return <i32>firstTaken(kind, slot);
    }
    hashAdd(table, hash, slot);
  }
  return -1;
}

function firstTaken(kind: u32, slot: usize): u32 {
  let i: u32 = 0;
  while (findByUniqueKey(kind, i, slot) == 0) i++;
  return i;
}

/** Hashes of the unique keys of the record that goes. */
const hashes: usize = memory.data(PATHS_MAX * 4, 16);

function removeOne(kind: u32, entry: usize, fields: usize, position: u32, slot: usize): void {
  hashRemove(tableOf(kind, position), hashOf(uniqueEntry(entry, position), fields, slot), slot);
}

/** Asks for the places of a record in the tables of its unique keys. */
export function askUniqueKeys(slot: usize): void {
  const kind = kindOfSlot(slot);
  const entry = kindEntry(kind);
  const fields = fieldsOf(entry);
  for (let i: u32 = 0, n = wordOf(entry, KIND_UNIQUE); i < n; i++) {
    hashAsk(tableOf(kind, i), hashOf(uniqueEntry(entry, i), fields, slot));
  }
}

/** Takes a record out of all its unique keys. What was asked for before is brought with their places. */
export function removeUniqueKeys(slot: usize): void {
  const kind = kindOfSlot(slot);
  const count = wordOf(kindEntry(kind), KIND_UNIQUE);
  for (let i: u32 = 0; i < count; i++) {
    store<u32>(hashes + ((<usize>i) << 2), askByUniqueKey(kind, i, slot));
  }
  fetchAsked();
  for (let i: u32 = 0; i < count; i++) {
    hashRemove(tableOf(kind, i), load<u32>(hashes + ((<usize>i) << 2)), slot);
  }
}

export function uniqueKeyCount(kind: u32, position: u32): u32 {
  return hashCount(tableOf(kind, position));
}
