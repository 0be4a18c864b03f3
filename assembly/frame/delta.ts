/**
 * The delta: derived from the undo log, one entry for each record that the frame changes, in first-touch order
 * (docs/reference/frame.md).
 */
import {
  DELTA_CHANGED,
  DELTA_DELETE,
  DELTA_HEADER,
  DELTA_INSERT,
  DELTA_KIND,
  DELTA_OP,
  DELTA_PREVIOUS,
  DELTA_REVISION,
  DELTA_SYS_ID,
  DELTA_UPDATE,
  DELTA_UPDATE_HEADER,
  KIND_FIELDS,
  KIND_NULLABLE,
  KIND_NUMBER,
  SLOT_LAST_FRAME,
  SLOT_PRESENCE,
  SLOT_REVISION,
  SLOT_SYS_ID,
} from "../abi";
import { sameValue } from "../schema/field";
import { fieldEntry, fieldsOf, kindEntry, wordOf } from "../schema/table";
import { kindOfSlot } from "../state/record-store";
import {
  setUndoFields,
  UNDO_CREATED,
  UNDO_DELETED,
  UNDO_UPDATED,
  undoEnd,
  undoFields,
  undoImage,
  undoNext,
  undoOp,
  undoSlot,
} from "../state/undo-log";
import { writeValues } from "./value";

export const ALL_FIELDS: u64 = 0xffffffffffffffff;

/** Entries that the last `writeDelta` wrote. */
export let deltaEntries: u32 = 0;

/** All fields of a kind, as bits by position. */
export function allFields(kind: usize): u64 {
  return ALL_FIELDS >> (64 - wordOf(kind, KIND_FIELDS));
}

/** Which fields differ between two slots of a kind, of those in `among`, as bits by position. */
export function changedFields(kind: usize, a: usize, b: usize, among: u64): u64 {
  const fields = fieldsOf(kind);
  let bits = (load<u64>(a + SLOT_PRESENCE) ^ load<u64>(b + SLOT_PRESENCE)) & among;
  for (let left = among; left != 0; left &= left - 1) {
    const position = <u32>ctz(left);
    if (!sameValue(fieldEntry(fields, position), a, b)) bits |= (<u64>1) << position;
  }
  return bits;
}

function header(out: usize, op: u32, kind: usize, revision: u32, sysId: u64, previous: u64): void {
  store<u16>(out + DELTA_OP, <u16>op);
  store<u16>(out + DELTA_KIND, <u16>wordOf(kind, KIND_NUMBER));
  store<u32>(out + DELTA_REVISION, revision);
  store<u64>(out + DELTA_SYS_ID, sysId);
  store<u64>(out + DELTA_PREVIOUS, previous);
}

/**
 * Writes all entries from `out` on, or returns 0 as soon as they go beyond `limit`; there is room for one entry more
 * behind it. Changes no record; narrows the fields of each undo entry to those that are different.
 */
export function writeDelta(out: usize, limit: usize): usize {
  deltaEntries = 0;
  for (let at: usize = 0, end = undoEnd(); at < end; at = undoNext(at)) {
    const slot = undoSlot(at);
    if (out > limit) return 0;
    const next = writeEntry(out, at, slot);
    if (next != out) deltaEntries++;
    out = next;
  }
  return out;
}

function writeEntry(out: usize, at: usize, slot: usize): usize {
  const op = undoOp(at);
  const kind = kindEntry(kindOfSlot(slot));
  const fields = fieldsOf(kind);
  const count = wordOf(kind, KIND_FIELDS);
  const nullable = wordOf(kind, KIND_NULLABLE);
  if (op == UNDO_CREATED) {
    header(out, DELTA_INSERT, kind, 1, load<u64>(slot + SLOT_SYS_ID), 0);
    return writeValues(fields, count, ALL_FIELDS, nullable, slot, out + DELTA_HEADER);
  }
  const image = undoImage(at);
  const revision = load<u32>(image + SLOT_REVISION);
  const previous = load<u64>(image + SLOT_LAST_FRAME);
  if (op == UNDO_DELETED) {
    header(out, DELTA_DELETE, kind, revision, load<u64>(image + SLOT_SYS_ID), previous);
    return writeValues(fields, count, ALL_FIELDS, nullable, image, out + DELTA_HEADER);
  }
  if (op != UNDO_UPDATED) return out;
  const changed = changedFields(kind, image, slot, undoFields(at));
  setUndoFields(at, changed);
  if (changed == 0) return out;
  header(out, DELTA_UPDATE, kind, revision + 1, load<u64>(slot + SLOT_SYS_ID), previous);
  store<u64>(out + DELTA_CHANGED, changed);
  out = writeValues(fields, count, changed, nullable, image, out + DELTA_UPDATE_HEADER);
  return writeValues(fields, count, changed, nullable, slot, out);
}
