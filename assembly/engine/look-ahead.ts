/**
 * Look-ahead: while a batch runs, what its next commands will probably ask for is brought into the caches together, so that
 * handlers do not wait for one place of memory after the other.
 *
 *   place   | message u32 | 0 | found u32, hash u32 x SKETCHES_MAX | slots of the sketches |      GROUP of them
 *
 * Where to look follows from the schema (src/schema/sketches.ts): fields of a payload that are named like those of a
 * record. Most of a group's waits overlap, since its commands are taken one step at a time: all hash tables, then all
 * records, then what the records lead to.
 *
 * Responsible for: reading ahead. Not responsible for: any result: nothing but its own places is written, and no operation
 * reads those. Envelopes are not checked yet: one that leaves the batch ends it, a payload that is too short is left out.
 */
import {
  COMMAND_KIND,
  COMMAND_PAYLOAD,
  COMMAND_PAYLOAD_BYTES,
  COPY_FROM,
  COPY_TO,
  COPY_WIDTH,
  COPY_WORDS,
  MESSAGE_SKETCHES,
  MESSAGE_SKETCHES_AT,
  REFERENCE_SKETCH,
  REFERENCE_TO,
  REFERENCE_WORDS,
  SKETCH_COPIES,
  SKETCH_COPIES_AT,
  SKETCH_KIND,
  SKETCH_REFERENCES,
  SKETCH_REFERENCES_AT,
  SKETCH_REFERRED,
  SKETCH_SLOT,
  SKETCH_UNIQUE,
  SKETCH_UNIQUE_LATER,
  SKETCH_WORDS,
  SKETCHES_MAX,
  SLOT_SYS_ID,
  TABLE_SKETCH_BYTES,
} from "../abi";
import { ask, fetchAsked, reserve } from "../base/memory";
import { loadNarrow } from "../schema/field";
import { addressOf, commandEntry, headerWord, wordOf } from "../schema/table";
import { askDirectory } from "../state/directory";
import { liveRecords, slotBytes } from "../state/record-store";
import { askByUniqueKey, askUniqueKeys, candidateByHash } from "../state/unique-key";

/** Commands that are looked at together: as many as a first cache holds what they need. */
const GROUP: u32 = 16;

const PLACE_MESSAGE: usize = 0;
const PLACE_FOUND: usize = 8;
const PLACE_HASH: usize = 12;
const PLACE_SLOTS: usize = PLACE_FOUND + (SKETCHES_MAX << 3);
const LINE: usize = 64;
/** Kinds with fewer live records are in the caches anyway. */
const RECORDS_MIN: u32 = 256;

let places: usize = 0;
let placeBytes: usize = 0;

export function openLookAhead(): void {
  placeBytes = PLACE_SLOTS + <usize>headerWord(TABLE_SKETCH_BYTES);
  places = reserve(<u64>placeBytes * GROUP);
}

/** Reads ahead for the next commands of a batch; where to come again, at most `end`. */
export function lookAhead(at: usize, end: usize): usize {
  let count: u32 = 0;
  for (let seen: u32 = 0; seen < GROUP; seen++) {
    if (<u64>at + COMMAND_PAYLOAD > <u64>end) break;
    const bytes = load<u32>(at, COMMAND_PAYLOAD_BYTES);
    const next = (<u64>at + COMMAND_PAYLOAD + bytes + 7) & ~(<u64>7);
    if (next > <u64>end) break;
    const message = commandEntry(load<u32>(at, COMMAND_KIND));
    if (message != 0 && wordOf(message, MESSAGE_SKETCHES) != 0) {
      const place = placeAt(count);
      store<u32>(place + PLACE_MESSAGE, message);
      if (draw(place, message, at + COMMAND_PAYLOAD, bytes)) count++;
    }
    at = <usize>next;
  }
  fetchAsked();
  for (let i: u32 = 0; i < count; i++) findRecords(placeAt(i));
  fetchAsked();
  for (let i: u32 = 0; i < count; i++) followReferences(placeAt(i));
  fetchAsked();
  for (let i: u32 = 0; i < count; i++) findLater(placeAt(i));
  fetchAsked();
  return at;
}

function placeAt(position: u32): usize {
  return places + <usize>position * placeBytes;
}

function sketchAt(message: usize, position: u32): usize {
  return addressOf(wordOf(message, MESSAGE_SKETCHES_AT)) + <usize>position * (SKETCH_WORDS << 2);
}

/** Whether the record of a sketch is looked for. */
function isWorthIt(sketch: usize): bool {
  return wordOf(sketch, SKETCH_REFERRED) != 0 || liveRecords(wordOf(sketch, SKETCH_KIND)) >= RECORDS_MIN;
}

function slotAt(place: usize, sketch: usize): usize {
  return place + PLACE_SLOTS + <usize>wordOf(sketch, SKETCH_SLOT);
}

function foundAt(place: usize, position: u32): usize {
  return <usize>load<u32>(place + ((<usize>position) << 3), PLACE_FOUND);
}

/** First step: the values of the payload into the sketches, and the places of their unique keys. False: too short. */
function draw(place: usize, message: usize, payload: usize, bytes: u32): bool {
  for (let i: u32 = 0, n = wordOf(message, MESSAGE_SKETCHES); i < n; i++) {
    const sketch = sketchAt(message, i);
    store<u32>(place + ((<usize>i) << 3), 0, PLACE_FOUND);
    if (!isWorthIt(sketch)) continue;
    const slot = slotAt(place, sketch);
    let copy = addressOf(wordOf(sketch, SKETCH_COPIES_AT));
    for (let c: u32 = 0, copies = wordOf(sketch, SKETCH_COPIES); c < copies; c++) {
      const from = wordOf(copy, COPY_FROM);
      const width = wordOf(copy, COPY_WIDTH);
      if (from + width > bytes) return false;
      storeNarrow(slot + <usize>wordOf(copy, COPY_TO), width, loadNarrow(payload + from, width));
      copy += COPY_WORDS << 2;
    }
    askKeys(place, i, sketch, wordOf(sketch, SKETCH_UNIQUE));
  }
  return true;
}

function storeNarrow(at: usize, width: u32, value: u64): void {
  if (width == 8) store<u64>(at, value);
  else if (width == 4) store<u32>(at, <u32>value);
  else if (width == 2) store<u16>(at, <u16>value);
  else store<u8>(at, <u8>value);
}

/** Asks for the places of unique keys; notes the hash of the first, by which the record is looked for. */
function askKeys(place: usize, position: u32, sketch: usize, unique: u32): void {
  const kind = wordOf(sketch, SKETCH_KIND);
  const slot = slotAt(place, sketch);
  let isFirst = true;
  while (unique != 0) {
    const hash = askByUniqueKey(kind, ctz(unique), slot);
    if (isFirst) store<u32>(place + ((<usize>position) << 3), hash, PLACE_HASH);
    isFirst = false;
    unique &= unique - 1;
  }
}

/** Looks for the record of a sketch under one of its unique keys, and asks for it. */
function findOne(place: usize, position: u32, sketch: usize, unique: u32): void {
  if (unique == 0 || foundAt(place, position) != 0) return;
  const kind = wordOf(sketch, SKETCH_KIND);
  const hash = load<u32>(place + ((<usize>position) << 3), PLACE_HASH);
  const found = candidateByHash(kind, ctz(unique), hash);
  if (found == 0) return;
  store<u32>(place + ((<usize>position) << 3), <u32>found, PLACE_FOUND);
  for (let at = found, end = found + slotBytes(kind); at < end; at += LINE) ask(at);
}

/** Second step: the records under unique keys that are known. */
function findRecords(place: usize): void {
  const message = <usize>load<u32>(place, PLACE_MESSAGE);
  for (let i: u32 = 0, n = wordOf(message, MESSAGE_SKETCHES); i < n; i++) {
    const sketch = sketchAt(message, i);
    if (isWorthIt(sketch)) findOne(place, i, sketch, wordOf(sketch, SKETCH_UNIQUE));
  }
}

/** Third step: the unique keys that have references, and where the found records stand. */
function followReferences(place: usize): void {
  const message = <usize>load<u32>(place, PLACE_MESSAGE);
  for (let i: u32 = 0, n = wordOf(message, MESSAGE_SKETCHES); i < n; i++) {
    const sketch = sketchAt(message, i);
    if (!isWorthIt(sketch)) continue;
    const slot = slotAt(place, sketch);
    let reference = addressOf(wordOf(sketch, SKETCH_REFERENCES_AT));
    for (let r: u32 = 0, references = wordOf(sketch, SKETCH_REFERENCES); r < references; r++) {
      const target = foundAt(place, wordOf(reference, REFERENCE_SKETCH));
      const sysId: u64 = target != 0 ? load<u64>(target + SLOT_SYS_ID) : 0;
      store<u64>(slot + <usize>wordOf(reference, REFERENCE_TO), sysId);
      reference += REFERENCE_WORDS << 2;
    }
    if (foundAt(place, i) == 0) askKeys(place, i, sketch, wordOf(sketch, SKETCH_UNIQUE_LATER));
    const found = foundAt(place, i);
    if (found == 0) continue;
    askDirectory(found);
    if (wordOf(sketch, SKETCH_REFERRED) == 0) askUniqueKeys(found);
  }
}

/** Last step: the records behind the other unique keys. */
function findLater(place: usize): void {
  const message = <usize>load<u32>(place, PLACE_MESSAGE);
  for (let i: u32 = 0, n = wordOf(message, MESSAGE_SKETCHES); i < n; i++) {
    const sketch = sketchAt(message, i);
    if (isWorthIt(sketch)) findOne(place, i, sketch, wordOf(sketch, SKETCH_UNIQUE_LATER));
  }
}
