/**
 * The undo log: for each record the running command touched, what it was before, in first-touch order.
 *
 *   | slot u32 | op u32 | fields u64 | image of the slot, updates and deletes only |
 *
 * `fields` has a bit for each field that was assigned; when the delta is written, for each that is different.
 *
 * Responsible for: the entries. Not responsible for: undoing (engine/rollback.ts) or telling (frame/delta.ts); both read
 * the entries. A slot knows its entry by offset + 1, so that the log may move when it grows.
 *
 * I1: a touched record has one entry. I2: `SLOT_UNDO` is 0 outside of commands.
 */
import { SLOT_UNDO } from "../abi";
import { ASSERT_UNDO, assertThat } from "../base/assert";
import { allocate, release } from "../base/memory";
import { copyUp } from "../base/words";
import { kindOfSlot, slotBytes } from "./record-store";

export const UNDO_CREATED: u32 = 1;
export const UNDO_UPDATED: u32 = 2;
export const UNDO_DELETED: u32 = 3;
/** Created and deleted by the same command. */
export const UNDO_GONE: u32 = 4;

const ENTRY_SLOT: usize = 0;
const ENTRY_OP: usize = 4;
const ENTRY_FIELDS: usize = 8;
const ENTRY_IMAGE: usize = 16;

const FIRST_BYTES: u64 = 65536;

let base: usize = 0;
let capacity: u64 = 0;
let used: usize = 0;
let count: u32 = 0;

export function openUndoLog(): void {
  capacity = FIRST_BYTES;
  base = allocate(capacity);
}

export function undoCount(): u32 {
  return count;
}

function room(bytes: usize): void {
  if (<u64>used + bytes <= capacity) return;
  const bigger = allocate(capacity << 1);
  memory.copy(bigger, base, used);
  release(base, capacity);
  base = bigger;
  capacity <<= 1;
}

function append(slot: usize, op: u32, imageBytes: usize): void {
  assertThat(load<u32>(slot + SLOT_UNDO) == 0, ASSERT_UNDO);
  while (<u64>used + ENTRY_IMAGE + imageBytes > capacity) room(ENTRY_IMAGE + imageBytes);
  const entry = base + used;
  store<u32>(entry + ENTRY_SLOT, <u32>slot);
  store<u32>(entry + ENTRY_OP, op);
  store<u64>(entry + ENTRY_FIELDS, 0);
  if (imageBytes != 0) copyUp(entry + ENTRY_IMAGE, slot, imageBytes);
  store<u32>(slot + SLOT_UNDO, <u32>used + 1);
  used += ENTRY_IMAGE + imageBytes;
  count++;
}

/** Whether the running command has touched the record. */
export function isTouched(slot: usize): bool {
  return load<u32>(slot + SLOT_UNDO) != 0;
}

/** Notes a record that the command created. */
export function noteCreated(slot: usize): void {
  append(slot, UNDO_CREATED, 0);
}

/** Keeps the record as it is, unless the command has touched it before. */
export function keepImage(slot: usize): void {
  if (!isTouched(slot)) append(slot, UNDO_UPDATED, slotBytes(kindOfSlot(slot)));
}

/** Notes that a field of a touched record is assigned. */
export function noteAssigned(slot: usize, bit: u64): void {
  const entry = base + load<u32>(slot + SLOT_UNDO) - 1;
  store<u64>(entry + ENTRY_FIELDS, load<u64>(entry + ENTRY_FIELDS) | bit);
}

/** Notes that a touched record is deleted. */
export function noteDeleted(slot: usize): void {
  const entry = base + load<u32>(slot + SLOT_UNDO) - 1;
  store<u32>(entry + ENTRY_OP, load<u32>(entry + ENTRY_OP) == UNDO_CREATED ? UNDO_GONE : UNDO_DELETED);
}

/** Whether the running command has deleted the record. */
export function isDeleted(slot: usize): bool {
  const at = load<u32>(slot + SLOT_UNDO);
  return at != 0 && load<u32>(base + at - 1 + ENTRY_OP) >= UNDO_DELETED;
}

/** Offset of the first entry; walk while below `undoEnd`. */
export function undoEnd(): usize {
  return used;
}

export function undoSlot(offset: usize): usize {
  return <usize>load<u32>(base + offset + ENTRY_SLOT);
}

export function undoOp(offset: usize): u32 {
  return load<u32>(base + offset + ENTRY_OP);
}

export function undoFields(offset: usize): u64 {
  return load<u64>(base + offset + ENTRY_FIELDS);
}

export function setUndoFields(offset: usize, bits: u64): void {
  store<u64>(base + offset + ENTRY_FIELDS, bits);
}

/** The slot as it was before the command. */
export function undoImage(offset: usize): usize {
  return base + offset + ENTRY_IMAGE;
}

export function undoNext(offset: usize): usize {
  const op = undoOp(offset);
  if (op == UNDO_CREATED || op == UNDO_GONE) return offset + ENTRY_IMAGE;
  return offset + ENTRY_IMAGE + slotBytes(kindOfSlot(undoSlot(offset)));
}

export function clearUndoLog(): void {
  used = 0;
  count = 0;
}
