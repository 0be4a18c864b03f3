/**
 * Apply: folds the delta of a frame into the state without running a handler, and checks on the way that the history is
 * one this engine made (docs/reference/execution.md, "Apply").
 *
 * Responsible for: bounds, links, before-values. Not responsible for: digests (checked apart, over whole runs of frames),
 * or for the handler having been right (audit).
 * A frame that does not apply may leave the state half moved: the host throws the instance away.
 */
import {
  APPLY_BAD_BEFORE,
  APPLY_BAD_DELTA,
  APPLY_BAD_EPOCH,
  APPLY_BAD_EVENT,
  APPLY_BAD_FORMAT,
  APPLY_BAD_KIND,
  APPLY_BAD_LENGTH,
  APPLY_BAD_OUTCOME,
  APPLY_BAD_PAYLOAD,
  APPLY_BAD_PREVIOUS,
  APPLY_BAD_REVISION,
  APPLY_BAD_SEQ,
  APPLY_BAD_SOURCE,
  APPLY_BAD_SYS_ID,
  APPLY_BAD_TIME,
  APPLY_BAD_VALUE,
  APPLY_OK,
  APPLY_UNIQUE_KEY_TAKEN,
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
  DIGEST_BYTES,
  EVENT_HEADER,
  FRAME_CLIENT,
  FRAME_CODE,
  FRAME_DELTAS,
  FRAME_EPOCH,
  FRAME_EVENTS,
  FRAME_FLAG_SOURCE,
  FRAME_FLAGS,
  FRAME_FORMAT,
  FRAME_FORMAT_AT,
  FRAME_HEADER,
  FRAME_KIND,
  FRAME_LENGTH,
  FRAME_OUTCOME,
  FRAME_PAYLOAD,
  FRAME_PREVIOUS,
  FRAME_SEQ,
  FRAME_SOURCE_SEQ,
  FRAME_STREAM,
  FRAME_SYS_IDS,
  FRAME_TIME,
  KIND_CHECKPOINT,
  KIND_EPOCH,
  KIND_FIELDS,
  KIND_RETIRE,
  OUTCOME_COMMITTED,
  OUTCOME_FAULTED,
  RESULT_A,
  SLOT_LAST_FRAME,
  SLOT_MARKS,
  SLOT_PRESENCE,
  SLOT_REVISION,
  SLOT_SYS_ID,
} from "../abi";
import { result } from "../base/assert";
import { clearWords, copyUp } from "../base/words";
import { ALL_FIELDS, allFields, changedFields } from "../frame/delta";
import { checkMessage, MESSAGE_OK } from "../frame/message";
import { readValues } from "../frame/value";
import {
  commandEntry,
  eventEntry,
  fieldEntry,
  fieldsOf,
  kindEntry,
  kindPosition,
  wordOf,
} from "../schema/table";
import { findSlot } from "../state/directory";
import { linkRecord, unlinkRecord } from "../state/record";
import { giveSlot, kindOfSlot, slotBytes, takeSlot } from "../state/record-store";
import { markIndexes, settleMarks } from "../state/settle";
import { findSource, moveSource, retireSource, SOURCE_FRAME, SOURCE_SEQ } from "../state/sources";
import { isEpochPayload, openEpoch } from "./epoch";
import { advance, epoch, executedSeq, lastTime, nextSysId, setNextSysId } from "./frontier";
import { scratchA, scratchB } from "./scratch";

/** Where in the body the last refusal was, relative to its start. */
let refusedAt: usize = 0;

/** Applies one frame whose body is `bytes` bytes at `body`. APPLY_...; the place of a refusal is in the result block. */
export function applyFrame(body: usize, bytes: u32): u32 {
  refusedAt = body;
  const code = applyChecked(body, bytes);
  store<u64>(result + RESULT_A, <u64>(refusedAt - body));
  return code;
}

function applyChecked(body: usize, bytes: u32): u32 {
  if (bytes < <u32>FRAME_HEADER || load<u32>(body + FRAME_LENGTH) != bytes) return APPLY_BAD_LENGTH;
  if (load<u16>(body + FRAME_FORMAT_AT) != FRAME_FORMAT) return APPLY_BAD_FORMAT;
  const seq = load<u64>(body + FRAME_SEQ);
  if (seq != executedSeq + 1) return APPLY_BAD_SEQ;
  if (load<u64>(body + FRAME_TIME) < lastTime) return APPLY_BAD_TIME;
  const outcome = <u32>load<u8>(body + FRAME_OUTCOME);
  if (outcome > <u32>OUTCOME_FAULTED || load<u8>(body + FRAME_FLAGS) > <u8>FRAME_FLAG_SOURCE)
    return APPLY_BAD_OUTCOME;
  if ((load<u16>(body + FRAME_CODE) == 0) != (outcome == <u32>OUTCOME_COMMITTED)) return APPLY_BAD_OUTCOME;
  const payload = body + FRAME_HEADER;
  const payloadBytes = load<u32>(body + FRAME_PAYLOAD);
  if (payloadBytes > bytes - FRAME_HEADER) return APPLY_BAD_PAYLOAD;
  const kind = <u32>load<u16>(body + FRAME_KIND);
  const code =
    kind >= <u32>KIND_EPOCH
      ? applyOwn(kind, body, payload, payloadBytes, bytes)
      : applyCommand(kind, body, payload, payloadBytes, bytes);
  if (code == <u32>APPLY_OK) advance(seq, load<u64>(body + FRAME_TIME));
  return code;
}

/** A frame of the engine itself: nothing behind its payload. */
function applyOwn(kind: u32, body: usize, payload: usize, payloadBytes: u32, bytes: u32): u32 {
  if (payloadBytes != bytes - FRAME_HEADER || load<u32>(body + FRAME_DELTAS) != 0) return APPLY_BAD_PAYLOAD;
  if (load<u8>(body + FRAME_FLAGS) != 0 || load<u8>(body + FRAME_OUTCOME) != 0) return APPLY_BAD_OUTCOME;
  if ((load<u64>(body + FRAME_CLIENT) | load<u64>(body + FRAME_SOURCE_SEQ)) != 0) return APPLY_BAD_SOURCE;
  if (load<u32>(body + FRAME_STREAM) != 0 || load<u64>(body + FRAME_PREVIOUS) != 0) return APPLY_BAD_SOURCE;
  if (load<u32>(body + FRAME_SYS_IDS) != 0) return APPLY_BAD_SYS_ID;
  if (kind == <u32>KIND_EPOCH) {
    if (load<u32>(body + FRAME_EPOCH) != epoch + 1) return APPLY_BAD_EPOCH;
    if (!isEpochPayload(payload, payloadBytes)) return APPLY_BAD_PAYLOAD;
    openEpoch(epoch + 1, payload, payloadBytes);
    return APPLY_OK;
  }
  if (load<u32>(body + FRAME_EPOCH) != epoch || epoch == 0) return APPLY_BAD_EPOCH;
  if (kind == <u32>KIND_CHECKPOINT) return payloadBytes == 40 ? APPLY_OK : APPLY_BAD_PAYLOAD;
  if (kind != <u32>KIND_RETIRE) return APPLY_BAD_KIND;
  if (payloadBytes != 12) return APPLY_BAD_PAYLOAD;
  return retireSource(load<u64>(payload), load<u32>(payload, 8)) ? APPLY_OK : APPLY_BAD_SOURCE;
}

function applyCommand(kind: u32, body: usize, payload: usize, payloadBytes: u32, bytes: u32): u32 {
  if (load<u32>(body + FRAME_EPOCH) != epoch || epoch == 0) return APPLY_BAD_EPOCH;
  const message = commandEntry(kind);
  if (message == 0) return APPLY_BAD_KIND;
  if (checkMessage(message, payload, payloadBytes) != MESSAGE_OK) return APPLY_BAD_PAYLOAD;
  const sourceCode = applySource(body);
  if (sourceCode != <u32>APPLY_OK) return sourceCode;
  const deltas = <u32>load<u16>(body + FRAME_DELTAS);
  const events = <u32>load<u16>(body + FRAME_EVENTS);
  const used = load<u32>(body + FRAME_SYS_IDS);
  if (load<u8>(body + FRAME_OUTCOME) != <u8>OUTCOME_COMMITTED) {
    return (deltas | events | used) == 0 ? APPLY_OK : APPLY_BAD_OUTCOME;
  }
  return applyChanges(body, payload + payloadBytes, body + bytes, deltas, events, used);
}

function applySource(body: usize): u32 {
  const client = load<u64>(body + FRAME_CLIENT);
  const seq = load<u64>(body + FRAME_SOURCE_SEQ);
  const stream = load<u32>(body + FRAME_STREAM);
  const previous = load<u64>(body + FRAME_PREVIOUS);
  if (load<u8>(body + FRAME_FLAGS) == 0) {
    return (client | seq | <u64>stream | previous) == 0 ? APPLY_OK : APPLY_BAD_SOURCE;
  }
  const source = findSource(client, stream);
  const last: u64 = source == 0 ? 0 : load<u64>(source + SOURCE_SEQ);
  const frame: u64 = source == 0 ? 0 : load<u64>(source + SOURCE_FRAME);
  if (seq != last + 1 || previous != frame) return APPLY_BAD_SOURCE;
  moveSource(client, stream, seq, executedSeq + 1);
  return APPLY_OK;
}

let at: usize = 0;
let sysIdFrom: u64 = 0;
let sysIdEnd: u64 = 0;

function applyChanges(body: usize, from: usize, end: usize, deltas: u32, events: u32, used: u32): u32 {
  at = from;
  sysIdFrom = nextSysId;
  sysIdEnd = nextSysId + used;
  for (let i: u32 = 0; i < deltas; i++) {
    refusedAt = at;
    const code = applyEntry(end);
    if (code != <u32>APPLY_OK) return code;
  }
  setNextSysId(sysIdEnd);
  for (let i: u32 = 0; i < events; i++) {
    refusedAt = at;
    if (end - at < <usize>EVENT_HEADER) return APPLY_BAD_EVENT;
    const event = eventEntry(load<u16>(at));
    const size = <u32>load<u16>(at, 2);
    if (event == 0 || end - at - EVENT_HEADER < size) return APPLY_BAD_EVENT;
    if (checkMessage(event, at + EVENT_HEADER, size) != MESSAGE_OK) return APPLY_BAD_EVENT;
    at += EVENT_HEADER + size;
  }
  refusedAt = body;
  return at == end ? APPLY_OK : APPLY_BAD_LENGTH;
}

function applyEntry(end: usize): u32 {
  if (end - at < <usize>DELTA_HEADER) return APPLY_BAD_DELTA;
  const op = <u32>load<u16>(at + DELTA_OP);
  const kind = kindPosition(load<u16>(at + DELTA_KIND));
  if (kind < 0) return APPLY_BAD_DELTA;
  if (op == <u32>DELTA_INSERT) return applyInsert(<u32>kind, end);
  const slot = findSlot(load<u64>(at + DELTA_SYS_ID));
  if (slot == 0 || kindOfSlot(slot) != <u32>kind) return APPLY_BAD_SYS_ID;
  if (load<u64>(at + DELTA_PREVIOUS) != load<u64>(slot + SLOT_LAST_FRAME)) return APPLY_BAD_PREVIOUS;
  if (op == <u32>DELTA_UPDATE) return applyUpdate(<u32>kind, slot, end);
  if (op == <u32>DELTA_DELETE) return applyDelete(<u32>kind, slot, end);
  return APPLY_BAD_DELTA;
}

function applyInsert(kind: u32, end: usize): u32 {
  const sysId = load<u64>(at + DELTA_SYS_ID);
  if (sysId < sysIdFrom || sysId >= sysIdEnd) return APPLY_BAD_SYS_ID;
  if (load<u32>(at + DELTA_REVISION) != 1) return APPLY_BAD_REVISION;
  if (load<u64>(at + DELTA_PREVIOUS) != 0) return APPLY_BAD_PREVIOUS;
  sysIdFrom = sysId + 1;
  const entry = kindEntry(kind);
  const slot = takeSlot(kind);
  const next = readValues(
    fieldsOf(entry),
    wordOf(entry, KIND_FIELDS),
    ALL_FIELDS,
    at + DELTA_HEADER,
    end,
    slot,
  );
  if (next == 0) {
    giveSlot(slot);
    return APPLY_BAD_VALUE;
  }
  store<u64>(slot + SLOT_SYS_ID, sysId);
  store<u32>(slot + SLOT_REVISION, 1);
  store<u64>(slot + SLOT_LAST_FRAME, executedSeq + 1);
  if (linkRecord(slot) >= 0) {
    giveSlot(slot);
    return APPLY_UNIQUE_KEY_TAKEN;
  }
  at = next;
  return APPLY_OK;
}

function applyUpdate(kind: u32, slot: usize, end: usize): u32 {
  if (end - at < <usize>DELTA_UPDATE_HEADER) return APPLY_BAD_DELTA;
  if (load<u32>(at + DELTA_REVISION) != load<u32>(slot + SLOT_REVISION) + 1) return APPLY_BAD_REVISION;
  const entry = kindEntry(kind);
  const fields = fieldsOf(entry);
  const count = wordOf(entry, KIND_FIELDS);
  const changed = load<u64>(at + DELTA_CHANGED);
  if (changed == 0 || (count < 64 && changed >> count != 0)) return APPLY_BAD_DELTA;
  copySlot(scratchA, slot, kind);
  let next = readValues(fields, count, changed, at + DELTA_UPDATE_HEADER, end, scratchA);
  if (next == 0) return APPLY_BAD_VALUE;
  if (changedFields(entry, scratchA, slot, changed) != 0) return APPLY_BAD_BEFORE;
  next = readValues(fields, count, changed, next, end, scratchA);
  if (next == 0) return APPLY_BAD_VALUE;
  if (changedFields(entry, scratchA, slot, changed) != changed) return APPLY_BAD_VALUE;
  for (let bits = changed; bits != 0; bits &= bits - 1) markIndexes(slot, fieldEntry(fields, <u32>ctz(bits)));
  const marks = load<u32>(slot + SLOT_MARKS);
  copySlot(slot, scratchA, kind);
  store<u32>(slot + SLOT_MARKS, marks);
  store<u32>(slot + SLOT_REVISION, load<u32>(slot + SLOT_REVISION) + 1);
  store<u64>(slot + SLOT_LAST_FRAME, executedSeq + 1);
  settleMarks();
  at = next;
  return APPLY_OK;
}

function applyDelete(kind: u32, slot: usize, end: usize): u32 {
  if (load<u32>(at + DELTA_REVISION) != load<u32>(slot + SLOT_REVISION)) return APPLY_BAD_REVISION;
  const entry = kindEntry(kind);
  clearWords(scratchB + SLOT_PRESENCE, slotBytes(kind) - SLOT_PRESENCE);
  const next = readValues(
    fieldsOf(entry),
    wordOf(entry, KIND_FIELDS),
    ALL_FIELDS,
    at + DELTA_HEADER,
    end,
    scratchB,
  );
  if (next == 0) return APPLY_BAD_VALUE;
  if (changedFields(entry, scratchB, slot, allFields(entry)) != 0) return APPLY_BAD_BEFORE;
  unlinkRecord(slot);
  giveSlot(slot);
  at = next;
  return APPLY_OK;
}

function copySlot(to: usize, from: usize, kind: u32): void {
  copyUp(to, from, slotBytes(kind));
}

/**
 * Applies a run of frames, each with room for its digest behind it, as histories hold them. Stops at the first refusal;
 * the refused frame is the one after `seqExecuted`.
 */
export function applyRun(from: usize, bytes: u32): u32 {
  const end = from + bytes;
  let body = from;
  while (body < end) {
    const left = <u32>(end - body);
    if (left < <u32>(FRAME_HEADER + DIGEST_BYTES)) return APPLY_BAD_LENGTH;
    const length = load<u32>(body + FRAME_LENGTH);
    if (length > left - <u32>DIGEST_BYTES) return APPLY_BAD_LENGTH;
    const code = applyFrame(body, length);
    if (code != <u32>APPLY_OK) return code;
    body += length + DIGEST_BYTES;
  }
  return APPLY_OK;
}
