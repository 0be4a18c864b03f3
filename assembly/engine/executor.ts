/**
 * The executor: admission, begin, finish. One command, one frame.
 *
 * Responsible for: the order of docs/reference/execution.md and the body of the frame. Not responsible for: running the
 * handler (the host or the sealed module does, between begin and finish), digests, durability.
 * I1: `finish` after `begin` makes exactly one frame and advances the executed frontier by one; `abort` makes none and
 * leaves no trace.
 */
import {
  ADMIT_DUPLICATE,
  ADMIT_GAP,
  ADMIT_MALFORMED,
  ADMIT_OK,
  ADMIT_SOURCES_FULL,
  ADMIT_TOO_LARGE,
  CODE_PAYLOAD_CHECK,
  COMMAND_CLIENT,
  COMMAND_HAS_SOURCE,
  COMMAND_KIND,
  COMMAND_PAYLOAD,
  COMMAND_PAYLOAD_BYTES,
  COMMAND_SOURCE_SEQ,
  COMMAND_STREAM,
  COMMAND_TIME,
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
  KIND_EPOCH,
  KIND_RETIRE,
  LIMIT_FRAME_BYTES,
  LIMIT_PAYLOAD_BYTES,
  LIMIT_SOURCES,
  RESULT_A,
  RESULT_B,
  RESULT_CODE,
  RESULT_FIELD,
  RESULT_OUTCOME,
  WORK_COMMAND,
} from "../abi";
import { ASSERT_OUTPUT_ROOM, ASSERT_RUNNING, assertThat, result } from "../base/assert";
import { clearWords, copyBytes } from "../base/words";
import { deltaEntries, writeDelta } from "../frame/delta";
import { brokenCheck, checkMessage, MESSAGE_OK } from "../frame/message";
import { commandEntry } from "../schema/table";
import { closeAllCursors } from "../state/cursor";
import {
  findSource,
  moveSource,
  retireSource,
  SOURCE_FRAME,
  SOURCE_SEQ,
  sourceCount,
} from "../state/sources";
import {
  charge,
  detailsAt,
  detailsBytes,
  detailsOffered,
  endAccount,
  faultLimit,
  isDecided,
  isRunning,
  reject,
  startAccount,
} from "./command";
import { checkEnvelope, enterEnvelope, envelope, envelopeWord, leaveEnvelope } from "./envelope";
import { isEpochPayload, openEpoch } from "./epoch";
import { clearEvents, eventBytes, eventCount, eventsAt } from "./events";
import { advance, epoch, executedSeq, lastTime, nextSysId } from "./frontier";
import { enterCore, faultTrapped } from "./handler";
import { checkInvariants } from "./invariants";
import { limitOf } from "./limits";
import { acceptBody, hasRoom, hasRoomFor, nextBody, openOutput } from "./output";
import { keep, rollBack } from "./rollback";
import { settle } from "./write";

let firstSysId: u64 = 0;

/** Checks the command in the envelope; ADMIT_..., its numbers in the result block. Changes nothing. */
export function admit(): u32 {
  const bytes = envelopeWord(COMMAND_PAYLOAD_BYTES);
  checkEnvelope(bytes);
  store<u32>(result + RESULT_FIELD, 0);
  const message = commandEntry(envelopeWord(COMMAND_KIND));
  if (message == 0) return ADMIT_MALFORMED;
  const bad = checkMessage(message, envelope + COMMAND_PAYLOAD, bytes);
  if (bad != MESSAGE_OK) {
    store<u32>(result + RESULT_FIELD, bad);
    return ADMIT_MALFORMED;
  }
  if (bytes > limitOf(LIMIT_PAYLOAD_BYTES)) return ADMIT_TOO_LARGE;
  if (envelopeWord(COMMAND_HAS_SOURCE) == 0) return ADMIT_OK;
  return admitSource();
}

function admitSource(): u32 {
  const seq = load<u64>(envelope + COMMAND_SOURCE_SEQ);
  const source = findSource(load<u64>(envelope + COMMAND_CLIENT), envelopeWord(COMMAND_STREAM));
  const last: u64 = source == 0 ? 0 : load<u64>(source + SOURCE_SEQ);
  if (source != 0 && seq <= last) {
    store<u64>(result + RESULT_A, last);
    store<u64>(result + RESULT_B, load<u64>(source + SOURCE_FRAME));
    return ADMIT_DUPLICATE;
  }
  if (source == 0 && sourceCount() >= limitOf(LIMIT_SOURCES)) return ADMIT_SOURCES_FULL;
  if (seq != last + 1) {
    store<u64>(result + RESULT_A, last + 1);
    return ADMIT_GAP;
  }
  return ADMIT_OK;
}

/** Starts the admitted command in the envelope; whether its handler is to run. */
export function begin(): bool {
  // A handler that the host cut off has left its mark: what fails from here on is not the handler's.
  enterCore();
  assertThat(!isRunning(), ASSERT_RUNNING);
  assertThat(hasRoom(), ASSERT_OUTPUT_ROOM);
  startAccount();
  clearEvents();
  firstSysId = nextSysId;
  if (!charge(WORK_COMMAND)) return false;
  const message = commandEntry(envelopeWord(COMMAND_KIND));
  const broken = brokenCheck(message, envelope + COMMAND_PAYLOAD, envelopeWord(COMMAND_PAYLOAD_BYTES));
  if (broken == 0) return true;
  store<u16>(detailsOffered, <u16>broken);
  reject(CODE_PAYLOAD_CHECK, 2);
  return false;
}

/** Writes header and payload of the next frame; the end of what is written. */
function writeHead(kind: u32, payload: usize, bytes: u32): usize {
  const body = nextBody();
  clearWords(body, FRAME_HEADER);
  store<u16>(body + FRAME_FORMAT_AT, FRAME_FORMAT);
  store<u64>(body + FRAME_SEQ, executedSeq + 1);
  store<u64>(body + FRAME_TIME, max(load<u64>(envelope + COMMAND_TIME), lastTime));
  store<u32>(body + FRAME_EPOCH, epoch);
  store<u16>(body + FRAME_KIND, <u16>kind);
  store<u32>(body + FRAME_PAYLOAD, bytes);
  copyBytes(body + FRAME_HEADER, payload, bytes);
  return body + FRAME_HEADER + bytes;
}

/** Writes the source into the header of the next frame and moves its position to that frame. */
function takeSource(body: usize): void {
  if (envelopeWord(COMMAND_HAS_SOURCE) == 0) return;
  const client = load<u64>(envelope + COMMAND_CLIENT);
  const stream = envelopeWord(COMMAND_STREAM);
  const seq = load<u64>(envelope + COMMAND_SOURCE_SEQ);
  store<u8>(body + FRAME_FLAGS, FRAME_FLAG_SOURCE);
  store<u64>(body + FRAME_CLIENT, client);
  store<u64>(body + FRAME_SOURCE_SEQ, seq);
  store<u32>(body + FRAME_STREAM, stream);
  store<u64>(body + FRAME_PREVIOUS, moveSource(client, stream, seq, executedSeq + 1));
}

/** @param eventsFrom where in the body its events start */
function seal(body: usize, end: usize, eventsFrom: u32): void {
  store<u32>(body + FRAME_LENGTH, <u32>(end - body));
  advance(executedSeq + 1, load<u64>(body + FRAME_TIME));
  acceptBody(end - body, eventsFrom);
}

/** A frame of the engine itself has no events. */
function sealOwn(body: usize, end: usize): void {
  seal(body, end, <u32>(end - body));
}

/** Behind `at`: delta and events of a committed command. 0 if the body would be longer than its limit. */
function writeChanges(body: usize, at: usize): usize {
  const limit = body + <usize>limitOf(LIMIT_FRAME_BYTES);
  const end = writeDelta(at, limit);
  if (end == 0 || end + eventBytes > limit) return 0;
  copyBytes(end, eventsAt(), eventBytes);
  store<u16>(body + FRAME_DELTAS, <u16>deltaEntries);
  store<u16>(body + FRAME_EVENTS, <u16>eventCount);
  store<u32>(body + FRAME_SYS_IDS, <u32>(nextSysId - firstSysId));
  return end + eventBytes;
}

/** Ends the running command: commits it, or undoes it if it is or becomes decided, and writes its frame. */
export function finish(): void {
  assertThat(isRunning(), ASSERT_RUNNING);
  closeAllCursors();
  const bytes = envelopeWord(COMMAND_PAYLOAD_BYTES);
  const body = nextBody();
  const head = writeHead(envelopeWord(COMMAND_KIND), envelope + COMMAND_PAYLOAD, bytes);
  let end: usize = 0;
  if (settle()) checkInvariants();
  if (!isDecided()) {
    end = writeChanges(body, head);
    if (end == 0) faultLimit(LIMIT_FRAME_BYTES);
  }
  if (isDecided()) {
    rollBack(firstSysId);
    store<u8>(body + FRAME_OUTCOME, <u8>load<u32>(result + RESULT_OUTCOME));
    store<u16>(body + FRAME_CODE, <u16>load<u32>(result + RESULT_CODE));
    store<u32>(body + FRAME_DELTAS, 0);
    store<u32>(body + FRAME_SYS_IDS, 0);
    copyBytes(head, detailsAt, detailsBytes);
    end = head + detailsBytes;
  } else {
    keep(executedSeq + 1);
  }
  const eventsFrom = <u32>(end - body) - (isDecided() ? 0 : eventBytes);
  takeSource(body);
  endAccount();
  seal(body, end, eventsFrom);
}

/** Goes to a command of a batch and admits it. */
export function admitAt(at: usize, end: usize): u32 {
  enterEnvelope(at, end);
  return admit();
}

/** Ends the running command of a batch; the address of the next one. */
export function finishAt(): usize {
  finish();
  return leaveEnvelope();
}

/** After a trap: if it was the handler's, its command is faulted and ends as any other; else false, and nothing is done. */
export function finishTrapped(): bool {
  if (!faultTrapped()) return false;
  finishAt();
  return true;
}

/** Takes back the running command as if it had never begun: no frame, no source seq used. */
export function abort(): void {
  assertThat(isRunning(), ASSERT_RUNNING);
  closeAllCursors();
  rollBack(firstSysId);
  endAccount();
}

/** Writes an epoch frame whose payload is in the envelope, and opens the epoch; false if the payload is not one. */
export function executeEpoch(outputBytes: u64): bool {
  assertThat(!isRunning(), ASSERT_RUNNING);
  const bytes = envelopeWord(COMMAND_PAYLOAD_BYTES);
  if (!isEpochPayload(envelope + COMMAND_PAYLOAD, bytes)) return false;
  openEpoch(epoch + 1, envelope + COMMAND_PAYLOAD, bytes);
  openOutput(max(outputBytes, <u64>bytes + FRAME_HEADER + 64));
  assertThat(hasRoomFor(<u64>bytes + FRAME_HEADER), ASSERT_OUTPUT_ROOM);
  const body = nextBody();
  sealOwn(body, writeHead(KIND_EPOCH, envelope + COMMAND_PAYLOAD, bytes));
  return true;
}

/** Forgets the source whose client and stream are in the envelope's payload, by a frame; false if it is not known. */
export function executeRetire(): bool {
  assertThat(!isRunning(), ASSERT_RUNNING);
  assertThat(hasRoom(), ASSERT_OUTPUT_ROOM);
  const payload = envelope + COMMAND_PAYLOAD;
  if (!retireSource(load<u64>(payload), load<u32>(payload, 8))) return false;
  const body = nextBody();
  sealOwn(body, writeHead(KIND_RETIRE, payload, 12));
  return true;
}
