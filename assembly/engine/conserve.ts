/**
 * Conserved sums: after minus before, over all terms and touched records, is zero for each value of `by` on its own.
 *
 * Each touched record gives up to two entries for each term of its kind, one to take away (before) and one to add (after):
 *
 *   | key of `by`, 16 words | value low u64 | value high u64 | negate u64 | 0 |
 *
 * Entries are sorted by key, and the values of each run of equal keys are added in 256 bits.
 */
import {
  FIELD_TYPE,
  SUM_NUMBER,
  SUM_TERMS,
  SUM_TERMS_AT,
  SUM_WORDS,
  TABLE_SUMS,
  TABLE_SUMS_AT,
  TERM_BY,
  TERM_BY_AT,
  TERM_FIELD,
  TERM_KIND,
  TERM_WORDS,
} from "../abi";
import { allocate, release } from "../base/memory";
import { addToSum, isZeroSum } from "../base/wide";
import { copyUp, wordsCompare, wordsEqual } from "../base/words";
import { wideHigh, wideLow } from "../frame/message";
import { encodeSegments } from "../key/encode";
import { isSigned, valueAt } from "../schema/field";
import { addressOf, fieldEntry, fieldsOf, headerWord, kindEntry, wordOf } from "../schema/table";
import { kindOfSlot } from "../state/record-store";
import {
  UNDO_CREATED,
  UNDO_DELETED,
  UNDO_UPDATED,
  undoCount,
  undoEnd,
  undoImage,
  undoNext,
  undoOp,
  undoSlot,
} from "../state/undo-log";

const KEY_WORDS: u32 = 16;
const ENTRY_LOW: usize = 128;
const ENTRY_HIGH: usize = 136;
const ENTRY_NEGATE: usize = 144;
const ENTRY_BYTES: usize = 160;

const sum: usize = memory.data(32, 16);
let entries: usize = 0;
let count: u32 = 0;

function addEntry(term: usize, fields: usize, slot: usize, negate: bool): void {
  const entry = entries + <usize>count * ENTRY_BYTES;
  count++;
  encodeSegments(
    addressOf(wordOf(term, TERM_BY_AT)),
    wordOf(term, TERM_BY),
    fields,
    slot,
    entry,
    KEY_WORDS,
    0,
  );
  const field = fieldEntry(fields, wordOf(term, TERM_FIELD));
  const at = valueAt(slot, field);
  store<u64>(entry + ENTRY_LOW, wideLow(field, at));
  store<u64>(entry + ENTRY_HIGH, wideHigh(field, at));
  const sign: u64 = isSigned(wordOf(field, FIELD_TYPE)) ? 1 : 0;
  store<u64>(entry + ENTRY_NEGATE, (negate ? 1 : 0) | (sign << 1));
}

function collect(terms: usize, termCount: u32): void {
  count = 0;
  for (let at: usize = 0, end = undoEnd(); at < end; at = undoNext(at)) {
    const slot = undoSlot(at);
    const op = undoOp(at);
    for (let t: u32 = 0; t < termCount; t++) {
      const term = terms + <usize>t * (TERM_WORDS << 2);
      if (wordOf(term, TERM_KIND) != kindOfSlot(slot)) continue;
      const fields = fieldsOf(kindEntry(kindOfSlot(slot)));
      if (op == UNDO_UPDATED || op == UNDO_DELETED) addEntry(term, fields, undoImage(at), true);
      if (op == UNDO_UPDATED || op == UNDO_CREATED) addEntry(term, fields, slot, false);
    }
  }
}

/** Merge sort by key, `spare` as large as `entries`; returns where the sorted entries are. */
function sorted(spare: usize): usize {
  let from = entries;
  let to = spare;
  for (let width: u32 = 1; width < count; width <<= 1) {
    for (let low: u32 = 0; low < count; low += width << 1) {
      mergeRuns(from, to, low, min(low + width, count), min(low + (width << 1), count));
    }
    const swap = from;
    from = to;
    to = swap;
  }
  return from;
}

function mergeRuns(from: usize, to: usize, low: u32, middle: u32, high: u32): void {
  let a = low;
  let b = middle;
  for (let i = low; i < high; i++) {
    const left = from + <usize>a * ENTRY_BYTES;
    const right = from + <usize>b * ENTRY_BYTES;
    const takeLeft = a < middle && (b >= high || wordsCompare(left, right, KEY_WORDS) <= 0);
    copyUp(to + <usize>i * ENTRY_BYTES, takeLeft ? left : right, ENTRY_BYTES);
    if (takeLeft) a++;
    else b++;
  }
}

/** Whether the sum of every run of equal keys is zero. */
function allZero(first: usize): bool {
  memory.fill(sum, 0, 32);
  for (let i: u32 = 0; i < count; i++) {
    const entry = first + <usize>i * ENTRY_BYTES;
    const flags = load<u64>(entry + ENTRY_NEGATE);
    const high = load<u64>(entry + ENTRY_HIGH);
    const extension: u64 = (flags & 2) != 0 && high >> 63 != 0 ? 0xffffffffffffffff : 0;
    addToSum(sum, load<u64>(entry + ENTRY_LOW), high, extension, (flags & 1) != 0);
    if (i + 1 == count || !wordsEqual(entry, entry + ENTRY_BYTES, KEY_WORDS)) {
      if (!isZeroSum(sum)) return false;
    }
  }
  return true;
}

/** Number of the first conserved sum that the command changes, or 0. */
export function brokenSum(): u32 {
  const sums = addressOf(headerWord(TABLE_SUMS_AT));
  for (let i: u32 = 0, n = headerWord(TABLE_SUMS); i < n; i++) {
    const declared = sums + <usize>i * (SUM_WORDS << 2);
    const terms = addressOf(wordOf(declared, SUM_TERMS_AT));
    const bytes = <u64>undoCount() * wordOf(declared, SUM_TERMS) * 2 * ENTRY_BYTES;
    if (bytes == 0) continue;
    const block = allocate(bytes * 2);
    entries = block;
    collect(terms, wordOf(declared, SUM_TERMS));
    const good = allZero(sorted(block + <usize>bytes));
    release(block, bytes * 2);
    if (!good) return wordOf(declared, SUM_NUMBER);
  }
  return 0;
}
