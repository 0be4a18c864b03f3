/**
 * The exports of the core, and nothing else. `src/wasm.ts` is the only caller.
 *
 * Keys, bounds and new values stand in scratch slots A and B; encoded messages and reject details in buffers of their own;
 * answers of more than one number in the result block (abi.ts).
 */
import { KIND_INDEXES, PATH_SEGMENTS, RESULT_A, RESULT_B, SLOT_KIND } from "./abi";
import { result } from "./base/assert";
import { reserve, reservePages, memoryUsed as usedBytes } from "./base/memory";
import { checkStructure as checkAll, fingerprint as hashState } from "./engine/check";
import {
  charge,
  fault as decideFault,
  reject as decideReject,
  detailsOffered,
  isDecided,
} from "./engine/command";
import { envelopeFor as envelopeOf } from "./engine/envelope";
import { openEvents } from "./engine/events";
import { executeEpoch as runEpoch } from "./engine/executor";
import { epoch, epochPayload, epochPayloadBytes, executedSeq, lastTime, nextSysId } from "./engine/frontier";
import { openLookAhead } from "./engine/look-ahead";
import * as lookup from "./engine/lookup";
import {
  emptyOutput,
  outputFrames as framesInOutput,
  openOutput,
  outputBase,
  outputPlaces,
  outputUsed,
  hasRoom as roomLeft,
} from "./engine/output";
import { messageAt, scratchA, scratchB } from "./engine/scratch";
import { writeRecord } from "./engine/snapshot-write";
import * as write from "./engine/write";
import { sealRun, verifyRun } from "./frame/chain";
import { decodeKey as decodeKeyInto, keyByte } from "./key/decode";
import { encodeKey as encodeKeyInto, keyWords } from "./key/encode";
import {
  eventEntry,
  fieldsOf,
  indexEntry,
  kindCount,
  kindEntry,
  openTable,
  uniqueEntry,
  wordOf,
} from "./schema/table";
import { treeBytes } from "./state/canonical-index";
import { giveCursor, isOpen, openCursors } from "./state/cursor";
import { openDirectory } from "./state/directory";
import { openHash } from "./state/hash-table";
import { openIndexes, treeOf } from "./state/membership";
import { openRecordStore } from "./state/record-store";
import { openMarks } from "./state/settle";
import { findSource, openSources, SOURCE_FRAME, SOURCE_SEQ } from "./state/sources";
import { stateBytes as logicalBytes } from "./state/state-bytes";
import { isDeleted as isDeletedSlot, openUndoLog } from "./state/undo-log";
import { openUniqueKeys } from "./state/unique-key";

export { applyFrame, applyRun } from "./engine/apply";
export {
  abort,
  admit,
  admitAt,
  begin,
  executeRetire,
  finish,
  finishAt,
  finishTrapped,
} from "./engine/executor";
export { endHandler, fuel, startHandler, watchHandlerData } from "./engine/handler";
export { lookAhead } from "./engine/look-ahead";
export * from "./engine/operations";
export { firstOtherFrame, writeEnvelopes } from "./engine/replay";
export { loadChunk, snapshotLoaded } from "./engine/snapshot-load";
export { firstChunk, nextChunk, snapshotChunk } from "./engine/snapshot-write";
export {
  describeModule,
  describeSchema,
  detailsText,
  explainCode,
  frameText,
  keyText,
  moduleSchema,
  openSchema,
  recordText,
  refusal,
} from "./inspect/calls";

// ---- start -----------------------------------------------------------------------------------------------

/** Memory for what the host wants to hand over; never returned. */
export function reserveBlock(bytes: u32): usize {
  return reserve(bytes);
}

/** Opens an empty engine over a core table, with 33 random u64 for the hash tables and at least `pages` of memory. */
export function boot(table: usize, words: u32, seed: usize, pages: u32): void {
  reservePages(pages);
  openTable(table, words);
  openHash(seed);
  openRecordStore();
  openDirectory();
  openUniqueKeys();
  openIndexes();
  openUndoLog();
  openMarks();
  openSources();
  openCursors();
  openEvents();
  openLookAhead();
}

export function resultBlock(): usize {
  return result;
}
export function scratchSlotA(): usize {
  return scratchA;
}
export function scratchSlotB(): usize {
  return scratchB;
}
export function messageBuffer(): usize {
  return messageAt;
}
export function detailsBuffer(): usize {
  return detailsOffered;
}

/** The command envelope, with room for a payload. */
export function envelopeFor(payloadBytes: u32): usize {
  return envelopeOf(payloadBytes);
}

/** Zeroes scratch slot A or B for a kind. */
export function clearSlot(second: bool, kind: u32): void {
  write.clearScratch(second ? scratchB : scratchA, kind);
}

// ---- frames out ------------------------------------------------------------------------------------------

export function outputStart(): usize {
  return outputBase;
}
export function outputBytes(): usize {
  return outputUsed();
}
export function outputFrames(): u32 {
  return framesInOutput();
}
/** For each frame in the output, a u32: where in its body its events start. */
export function outputEvents(): usize {
  return outputPlaces();
}
export function outputTaken(): void {
  emptyOutput();
}
/** Whether the largest frame still fits. */
export function hasRoom(): bool {
  return roomLeft();
}
/** Makes the (empty) output buffer at least `bytes` long. */
export function growOutput(bytes: u32): void {
  openOutput(bytes);
}
/** The epoch frame whose payload is in the envelope, with an output buffer of at least `outputBytes` from now on. */
export function executeEpoch(outputBytes: u32): bool {
  return runEpoch(outputBytes);
}

// ---- the running command ---------------------------------------------------------------------------------

/** Creates a record from slot A; its address, or 0. */
export function create(kind: u32, badField: u32, badReason: u32): usize {
  return write.create(kind, scratchA, badField, badReason);
}
/** Assigns fields of slot A to a record. */
export function update(
  slot: usize,
  assignedLow: u32,
  assignedHigh: u32,
  badField: u32,
  badReason: u32,
): void {
  write.update(slot, scratchA, ((<u64>assignedHigh) << 32) | assignedLow, badField, badReason);
}
export function remove(slot: usize): void {
  write.remove(slot);
}
/** Emits the event whose `bytes` encoded bytes are in the message buffer. */
export function emit(number: u32, bytes: u32, badField: u32, badReason: u32): void {
  write.emit(eventEntry(number), messageAt, bytes, badField, badReason);
}
/** Rejects with `bytes` bytes of details in the details buffer. */
export function reject(code: u32, bytes: u32): void {
  decideReject(code, bytes);
}
export function fault(code: u32, detail: u32): void {
  decideFault(code, detail);
}
/** A step that is refused for its arguments: the charge, then the fault. */
export function faultAfter(amount: u32, code: u32, detail: u32): void {
  if (charge(amount)) decideFault(code, detail);
}
export function isDeleted(slot: usize): bool {
  return isDeletedSlot(slot);
}
/** Whether the running command may do nothing more. */
export function decided(): bool {
  return isDecided();
}

// ---- lookups ---------------------------------------------------------------------------------------------

export function lookupSysId(kind: u32, sysId: u64, required: bool): usize {
  return lookup.lookupSysId(kind, sysId, required);
}
/** By the unique key whose fields are in slot A. */
export function lookupUnique(kind: u32, position: u32, required: bool): usize {
  return lookup.lookupUnique(kind, position, scratchA, required);
}
/** Prefix and lower bound in slot A, prefix and upper bound in slot B. */
export function first(kind: u32, position: u32, prefix: u32, from: u32, to: u32, reverse: bool): usize {
  return lookup.firstOf(kind, position, prefix, scratchA, from, scratchB, to, reverse);
}
export function list(kind: u32, position: u32, prefix: u32, from: u32, to: u32, reverse: bool): u32 {
  return lookup.listOf(kind, position, prefix, scratchA, from, scratchB, to, reverse);
}
export function count(kind: u32, position: u32, prefix: u32, from: u32, to: u32, limit: u32): u32 {
  return lookup.countOf(kind, position, prefix, scratchA, from, scratchB, to, limit);
}
export function step(cursor: u32): usize {
  return isOpen(cursor) ? lookup.stepCursor(cursor) : 0;
}
export function closeCursor(cursor: u32): void {
  if (isOpen(cursor)) giveCursor(cursor);
}
export function neighbour(slot: usize, position: u32, reverse: bool): usize {
  return lookup.neighbour(slot, position, reverse);
}

// ---- where the engine stands -----------------------------------------------------------------------------

export function seqExecuted(): u64 {
  return executedSeq;
}
export function timeExecuted(): u64 {
  return lastTime;
}
export function epochExecuted(): u32 {
  return epoch;
}
/** Payload of the current epoch frame. */
export function epochPayloadAt(): usize {
  return epochPayload;
}
export function epochPayloadLength(): u32 {
  return epochPayloadBytes;
}
export function sysIdNext(): u64 {
  return nextSysId;
}
/** Writes the last seq of a source and its frame into the result block; false if it is not known. */
export function sourcePosition(client: u64, stream: u32): bool {
  const source = findSource(client, stream);
  if (source == 0) return false;
  store<u64>(result + RESULT_A, load<u64>(source + SOURCE_SEQ));
  store<u64>(result + RESULT_B, load<u64>(source + SOURCE_FRAME));
  return true;
}
/** Writes a live record, in the form that snapshots have, into the message buffer; how many bytes. */
export function encodeRecord(slot: usize): u32 {
  return <u32>(writeRecord(load<u16>(slot + SLOT_KIND), slot, messageAt) - messageAt);
}
export function memoryUsed(): u64 {
  return usedBytes();
}
export function stateBytes(): u64 {
  return logicalBytes();
}
/** Bytes of the nodes of all indexes. */
export function indexBytes(): u64 {
  let sum: u64 = 0;
  for (let kind: u32 = 0; kind < kindCount(); kind++) {
    for (let i: u32 = 0; i < wordOf(kindEntry(kind), KIND_INDEXES); i++) sum += treeBytes(treeOf(kind, i));
  }
  return sum;
}

// ---- the chain -------------------------------------------------------------------------------------------

/** A block for a run of frames, with 32 bytes in front of it for the digest before. */
export function sealReserve(bytes: u32): usize {
  return reserve(<u64>bytes + 64) + 64;
}
export function sealFrames(from: usize, bytes: u32): u32 {
  return sealRun(from, bytes);
}
export function verifyFrames(from: usize, bytes: u32): u32 {
  return verifyRun(from, bytes);
}

// ---- for tests and simulations ---------------------------------------------------------------------------

export function checkStructure(): u32 {
  return checkAll();
}
export function fingerprint(): u64 {
  return hashState();
}

function pathOf(kind: u32, index: bool, position: u32): usize {
  return index ? indexEntry(kindEntry(kind), position) : uniqueEntry(kindEntry(kind), position);
}
/** Encodes the key of the fields in slot A into the message buffer, as bytes; how many words of 8. */
export function encodeKey(kind: u32, index: bool, position: u32): u32 {
  const path = pathOf(kind, index, position);
  const words = keyWords(path);
  const key = messageAt + 1024;
  encodeKeyInto(path, fieldsOf(kindEntry(kind)), scratchA, wordOf(path, PATH_SEGMENTS), key, words, 0);
  for (let i: u32 = 0; i < words << 3; i++) store<u8>(messageAt + i, keyByte(key, i));
  return words;
}
/** The reverse: the key bytes in the message buffer to the fields of slot A, which is cleared first. */
export function decodeKey(kind: u32, index: bool, position: u32): void {
  const path = pathOf(kind, index, position);
  const key = messageAt + 1024;
  for (let i: u32 = 0, n = keyWords(path); i < n; i++) {
    store<u64>(key + ((<usize>i) << 3), bswap<u64>(load<u64>(messageAt + ((<usize>i) << 3))));
  }
  write.clearScratch(scratchA, kind);
  decodeKeyInto(path, fieldsOf(kindEntry(kind)), key, scratchA);
}
