/**
 * The schema as the core reads it: a flat table of words that the host derives from the canonical schema
 * (src/schema/table.ts), copied into memory once.
 *
 * Responsible for: finding entries. Not responsible for: judging the schema; the host made the table from one it has
 * checked. I1: the table is read-only after `openTable`.
 */
import {
  FIELD_WORDS,
  KIND_FIELDS_AT,
  KIND_INDEXES_AT,
  KIND_NUMBER,
  KIND_UNIQUE_AT,
  KIND_WORDS,
  MESSAGE_NUMBER,
  MESSAGE_WORDS,
  NUMBER_MAX,
  PATH_WORDS,
  TABLE_COMMANDS,
  TABLE_COMMANDS_AT,
  TABLE_EVENTS,
  TABLE_EVENTS_AT,
  TABLE_KINDS,
  TABLE_KINDS_AT,
  TABLE_MAGIC,
  TABLE_WORDS,
} from "../abi";
import { ASSERT_TABLE, assertThat } from "../base/assert";

let table: usize = 0;
let kinds: usize = 0;
let kindTotal: u32 = 0;

/** The word at position `index` of an entry. */
export function wordOf(entry: usize, index: u32): u32 {
  return load<u32>(entry + ((<usize>index) << 2));
}

/** The address of a word offset. */
export function addressOf(offset: u32): usize {
  return table + ((<usize>offset) << 2);
}

export function openTable(at: usize, words: u32): void {
  assertThat(wordOf(at, 0) == <u32>TABLE_MAGIC, ASSERT_TABLE);
  assertThat(wordOf(at, TABLE_WORDS) == words, ASSERT_TABLE);
  table = at;
  kindTotal = wordOf(table, TABLE_KINDS);
  kinds = addressOf(wordOf(table, TABLE_KINDS_AT));
}

export function headerWord(index: u32): u32 {
  return wordOf(table, index);
}

export function kindCount(): u32 {
  return kindTotal;
}

/** The entry of the kind at a position. */
export function kindEntry(position: u32): usize {
  return kinds + <usize>position * (KIND_WORDS << 2);
}

export function fieldsOf(kind: usize): usize {
  return addressOf(wordOf(kind, KIND_FIELDS_AT));
}

export function fieldEntry(fields: usize, position: u32): usize {
  return fields + <usize>position * (FIELD_WORDS << 2);
}

export function uniqueEntry(kind: usize, position: u32): usize {
  return addressOf(wordOf(kind, KIND_UNIQUE_AT)) + <usize>position * (PATH_WORDS << 2);
}

export function indexEntry(kind: usize, position: u32): usize {
  return addressOf(wordOf(kind, KIND_INDEXES_AT)) + <usize>position * (PATH_WORDS << 2);
}

/** Position of the kind with a number, or -1. */
export function kindPosition(number: u32): i32 {
  if (number == 0 || number > <u32>NUMBER_MAX) return -1;
  let low: u32 = 0;
  let high = kindTotal;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (wordOf(kindEntry(middle), KIND_NUMBER) < number) low = middle + 1;
    else high = middle;
  }
  return low < kindTotal && wordOf(kindEntry(low), KIND_NUMBER) == number ? <i32>low : -1;
}

function messageEntry(count: u32, at: usize, number: u32): usize {
  let low: u32 = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = at + <usize>middle * (MESSAGE_WORDS << 2);
    const found = wordOf(entry, MESSAGE_NUMBER);
    if (found == number) return entry;
    if (found < number) low = middle + 1;
    else high = middle;
  }
  return 0;
}

/** The entry of the command with a number, or 0. */
export function commandEntry(number: u32): usize {
  return messageEntry(headerWord(TABLE_COMMANDS), addressOf(headerWord(TABLE_COMMANDS_AT)), number);
}

/** The entry of the event with a number, or 0. */
export function eventEntry(number: u32): usize {
  return messageEntry(headerWord(TABLE_EVENTS), addressOf(headerWord(TABLE_EVENTS_AT)), number);
}
