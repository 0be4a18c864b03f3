/**
 * The writing operations of a transaction: create, update, delete, emit (docs/reference/execution.md, in its order).
 *
 * The host or SDK has put the new values into a scratch slot of the kind; `badField` is the position of the first field,
 * in number order, whose value has no byte form (NO_FIELD: none) and `badReason` the misuse, or 0 for a value out of range.
 */
import {
  CODE_UNIQUE_KEY_TAKEN,
  EVENT_HEADER,
  FIELD_FLAG_IMMUTABLE,
  FIELD_FLAGS,
  FIELD_NUMBER,
  FIELD_PARAMETER,
  FIELD_TYPE,
  FIELD_WIDTH,
  KIND_FIELDS,
  KIND_NUMBER,
  LIMIT_EVENT_BYTES,
  LIMIT_EVENTS,
  LIMIT_STATE_BYTES,
  LIMIT_TOUCHED_RECORDS,
  MESSAGE_FIELDS_AT,
  MESSAGE_NUMBER,
  MISUSE_BAD_REFERENCE,
  MISUSE_DELETED_RECORD,
  MISUSE_IMMUTABLE_FIELD,
  NO_FIELD,
  SLOT_KIND,
  SLOT_PRESENCE,
  SLOT_REVISION,
  SLOT_SYS_ID,
  TYPE_REF,
  WORK_ASSIGN,
  WORK_CREATE,
  WORK_DELETE,
  WORK_EMIT,
} from "../abi";
import { clearWords, copyBytes, copyUp } from "../base/words";
import { presenceBytes } from "../frame/message";
import { encodedBytes, isPresent, valueAt } from "../schema/field";
import { addressOf, fieldEntry, fieldsOf, kindEntry, wordOf } from "../schema/table";
import { findSlot } from "../state/directory";
import { linkRecord, unlinkRecord } from "../state/record";
import { giveSlot, kindOfSlot, slotBytes, takeSlot } from "../state/record-store";
import { hasMarks, markIndexes, settleMarks } from "../state/settle";
import { stateBytes } from "../state/state-bytes";
import {
  isDeleted,
  isTouched,
  keepImage,
  noteAssigned,
  noteCreated,
  noteDeleted,
  undoCount,
} from "../state/undo-log";
import {
  charge,
  chargeBytes,
  detailsOffered,
  faultLimit,
  faultMisuse,
  faultOverflow,
  isDecided,
  isRunning,
  reject,
} from "./command";
import { addEvent, eventBytes, eventCount } from "./events";
import { giveSysId, nextSysId } from "./frontier";
import { limitOf } from "./limits";

function isOverState(): bool {
  return stateBytes() > (<u64>limitOf(LIMIT_STATE_BYTES)) << 20;
}

/** Moves marked index entries to their place; false if the command is decided by it, or was before. */
export function settle(): bool {
  if (hasMarks()) {
    settleMarks();
    if (isRunning() && isOverState()) faultLimit(LIMIT_STATE_BYTES);
  }
  return !isRunning() || !isDecided();
}

/** Whether one record more may be touched. */
function mayTouch(): bool {
  if (undoCount() < limitOf(LIMIT_TOUCHED_RECORDS)) return true;
  faultLimit(LIMIT_TOUCHED_RECORDS);
  return false;
}

/** Faults unless a reference in `slot` is absent, dead, or a live record of the declared kind. */
function isGoodReference(field: usize, position: u32, slot: usize): bool {
  if (wordOf(field, FIELD_TYPE) != <u32>TYPE_REF || !isPresent(slot, position)) return true;
  const sysId = load<u64>(valueAt(slot, field));
  if (sysId != 0 && sysId < nextSysId) {
    const target = findSlot(sysId);
    if (target == 0 || kindOfSlot(target) == wordOf(field, FIELD_PARAMETER)) return true;
  }
  faultMisuse(MISUSE_BAD_REFERENCE);
  return false;
}

function faultValue(field: usize, reason: u32): void {
  if (reason != 0) faultMisuse(reason);
  else faultOverflow(wordOf(field, FIELD_NUMBER));
}

/** Creates a record from the values in a scratch slot; its slot, or 0 if the command is decided. */
export function create(kind: u32, values: usize, badField: u32, badReason: u32): usize {
  if (!charge(WORK_CREATE) || !settle()) return 0;
  const entry = kindEntry(kind);
  const fields = fieldsOf(entry);
  let bytes: u32 = 0;
  for (let i: u32 = 0, n = wordOf(entry, KIND_FIELDS); i < n; i++) {
    const field = fieldEntry(fields, i);
    if (i == badField) {
      faultValue(field, badReason);
      return 0;
    }
    if (!isGoodReference(field, i, values)) return 0;
    bytes += encodedBytes(values, field);
  }
  if (!chargeBytes(bytes) || !mayTouch()) return 0;
  const slot = takeSlot(kind);
  copyUp(slot + SLOT_PRESENCE, values + SLOT_PRESENCE, slotBytes(kind) - SLOT_PRESENCE);
  store<u64>(slot + SLOT_SYS_ID, nextSysId);
  store<u32>(slot + SLOT_REVISION, 1);
  const taken = linkRecord(slot);
  if (taken >= 0) {
    giveSlot(slot);
    store<u16>(detailsOffered, <u16>wordOf(entry, KIND_NUMBER));
    store<u8>(detailsOffered, <u8>taken, 2);
    reject(CODE_UNIQUE_KEY_TAKEN, 3);
    return 0;
  }
  giveSysId();
  noteCreated(slot);
  if (isOverState()) {
    faultLimit(LIMIT_STATE_BYTES);
    return 0;
  }
  return slot;
}

/** Assigns the fields in `assigned` (bits by position) from a scratch slot. */
export function update(slot: usize, values: usize, assigned: u64, badField: u32, badReason: u32): void {
  if (isDecided() || assigned == 0) return;
  if (isDeleted(slot)) {
    faultMisuse(MISUSE_DELETED_RECORD);
    return;
  }
  const fields = fieldsOf(kindEntry(kindOfSlot(slot)));
  while (assigned != 0) {
    const position = <u32>ctz(assigned);
    assigned &= assigned - 1;
    const field = fieldEntry(fields, position);
    if (!isTouched(slot) && !mayTouch()) return;
    if (!charge(WORK_ASSIGN)) return;
    if (wordOf(field, FIELD_FLAGS) & FIELD_FLAG_IMMUTABLE) {
      faultMisuse(MISUSE_IMMUTABLE_FIELD);
      return;
    }
    if (position == badField) {
      faultValue(field, badReason);
      return;
    }
    if (!isGoodReference(field, position, values) || !chargeBytes(encodedBytes(values, field))) return;
    assign(slot, values, field, position);
  }
}

function assign(slot: usize, values: usize, field: usize, position: u32): void {
  const bit = (<u64>1) << position;
  keepImage(slot);
  noteAssigned(slot, bit);
  markIndexes(slot, field);
  const presence = load<u64>(slot + SLOT_PRESENCE);
  store<u64>(slot + SLOT_PRESENCE, (presence & ~bit) | (load<u64>(values + SLOT_PRESENCE) & bit));
  const width = wordOf(field, FIELD_WIDTH);
  const to = valueAt(slot, field);
  const from = valueAt(values, field);
  if (width == 8) store<u64>(to, load<u64>(from));
  else copyBytes(to, from, width);
}

/** Deletes a record. Its slot keeps the last values to the end of the command. */
export function remove(slot: usize): void {
  if (!charge(WORK_DELETE)) return;
  if (isDeleted(slot)) {
    faultMisuse(MISUSE_DELETED_RECORD);
    return;
  }
  if (!settle()) return;
  if (!isTouched(slot) && !mayTouch()) return;
  keepImage(slot);
  unlinkRecord(slot);
  noteDeleted(slot);
}

/** Adds an event whose encoded values are `bytes` bytes at `values`. */
export function emit(message: usize, values: usize, bytes: u32, badField: u32, badReason: u32): void {
  if (!charge(WORK_EMIT)) return;
  if (badField != <u32>NO_FIELD) {
    faultValue(fieldEntry(addressOf(wordOf(message, MESSAGE_FIELDS_AT)), badField), badReason);
    return;
  }
  if (eventCount >= limitOf(LIMIT_EVENTS)) {
    faultLimit(LIMIT_EVENTS);
    return;
  }
  if (<u64>eventBytes + EVENT_HEADER + bytes > <u64>limitOf(LIMIT_EVENT_BYTES)) {
    faultLimit(LIMIT_EVENT_BYTES);
    return;
  }
  if (!chargeBytes(bytes - presenceBytes(message))) return;
  addEvent(wordOf(message, MESSAGE_NUMBER), values, bytes);
}

/** A zeroed scratch slot for a kind: what the host fills for create, update and lookups. */
export function clearScratch(slot: usize, kind: u32): void {
  clearWords(slot + SLOT_PRESENCE, slotBytes(kind) - SLOT_PRESENCE);
  store<u16>(slot + SLOT_KIND, <u16>kind);
}
