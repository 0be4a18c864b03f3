/**
 * The fixed part of a frame body, checked: what a header alone can show (docs/reference/frame.md).
 *
 * Not responsible for: what stands behind it (frame.ts). The same checks in the same order as src/history/frame-header.ts,
 * so that both refuse the same byte with the same words.
 * I1: a header that passed agrees with itself: outcome and code, source fields, links, counts, length.
 */
import {
  CODE_HANDLER_FAILED,
  CODE_UNIQUE_KEY_TAKEN,
  CODE_WORK_EXHAUSTED,
  FRAME_CLIENT,
  FRAME_CODE,
  FRAME_DELTAS,
  FRAME_EPOCH,
  FRAME_EVENTS,
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
  KIND_EPOCH,
  KIND_RETIRE,
  OUTCOME_COMMITTED,
  OUTCOME_FAULTED,
  OUTCOME_REJECTED,
} from "../abi";
import { numeral } from "./numerals";
import { bytesLeft, place, refuseAt, take } from "./reader";
import { DAMAGED, isRefused, UNSUPPORTED } from "./refusal";

let frame: usize = 0;

/** A number of the header at one of the offsets `FRAME_...`. */
export function headerU8(offset: usize): u32 {
  return load<u8>(frame + offset);
}
export function headerU16(offset: usize): u32 {
  return load<u16>(frame + offset);
}
export function headerU32(offset: usize): u32 {
  return load<u32>(frame + offset);
}
export function headerU64(offset: usize): u64 {
  return load<u64>(frame + offset);
}

/** The address of a field of the header. */
export function headerAt(offset: usize): usize {
  return frame + offset;
}

function refuseHeader(what: string, offset: usize, actual: string, expected: string): void {
  refuseAt(DAMAGED, what + " is not what a frame has", frame + offset, actual, expected);
}

function require(holds: bool, what: string, offset: usize, actual: u64, expected: string): void {
  if (!holds && !isRefused()) refuseHeader(what, offset, numeral(actual), expected);
}

/** Reads and checks the header of the frame that is all of the reader's bytes. */
export function readFrameHeader(): void {
  frame = place();
  const bytes = bytesLeft();
  if (bytes < <usize>FRAME_HEADER) {
    return refuseHeader("header", 0, numeral(bytes) + " bytes", numeral(FRAME_HEADER) + " bytes");
  }
  take(FRAME_HEADER, "header");
  const format = headerU16(FRAME_FORMAT_AT);
  if (format != <u32>FRAME_FORMAT) {
    const what = "this release does not read the frame";
    return refuseAt(UNSUPPORTED, what, frame + FRAME_FORMAT_AT, numeral(format), numeral(FRAME_FORMAT));
  }
  require(headerU8(FRAME_FLAGS) <= 1, "flags", FRAME_FLAGS, headerU8(FRAME_FLAGS), "0 or 1");
  checkLengths();
  checkOutcome();
  checkSource();
  if (headerU16(FRAME_KIND) >= <u32>KIND_EPOCH) checkOwn();
  const length = headerU32(FRAME_LENGTH);
  require(<usize>length == bytes, "length", FRAME_LENGTH, length, numeral(bytes));
}

function checkLengths(): void {
  const length = headerU32(FRAME_LENGTH);
  const payload = headerU32(FRAME_PAYLOAD);
  require(length >= <u32>FRAME_HEADER, "length", FRAME_LENGTH, length, "at least " + numeral(FRAME_HEADER));
  if (isRefused()) return;
  const room = length - FRAME_HEADER;
  require(payload <= room, "payload length", FRAME_PAYLOAD, payload, "at most " + numeral(room));
}

function checkOutcome(): void {
  const outcome = headerU8(FRAME_OUTCOME);
  require(outcome <= <u32>OUTCOME_FAULTED, "outcome", FRAME_OUTCOME, outcome, "0, 1 or 2");
  require(headerU64(FRAME_SEQ) >= 1, "seq", FRAME_SEQ, headerU64(FRAME_SEQ), "1 or more");
  require(headerU32(FRAME_EPOCH) >= 1, "epoch", FRAME_EPOCH, headerU32(FRAME_EPOCH), "1 or more");
  let first: u32 = 0;
  let last: u32 = 0;
  if (outcome == <u32>OUTCOME_REJECTED) {
    first = 1;
    last = CODE_UNIQUE_KEY_TAKEN;
  } else if (outcome == <u32>OUTCOME_FAULTED) {
    first = CODE_WORK_EXHAUSTED;
    last = CODE_HANDLER_FAILED;
  }
  const code = headerU16(FRAME_CODE);
  const codes = numeral(first) + ".." + numeral(last);
  require(code >= first && code <= last, "code", FRAME_CODE, code, codes);
  if (outcome != <u32>OUTCOME_COMMITTED) checkUnchanged();
}

/** A frame that is not committed, or the engine's own, changes nothing. */
function checkUnchanged(): void {
  const deltas = headerU16(FRAME_DELTAS);
  const events = headerU16(FRAME_EVENTS);
  require(deltas == 0, "delta count", FRAME_DELTAS, deltas, "0");
  require(events == 0, "event count", FRAME_EVENTS, events, "0");
  require(headerU32(FRAME_SYS_IDS) == 0, "SysIds used", FRAME_SYS_IDS, headerU32(FRAME_SYS_IDS), "0");
}

function checkSource(): void {
  const client = headerU64(FRAME_CLIENT);
  const sourceSeq = headerU64(FRAME_SOURCE_SEQ);
  const stream = headerU32(FRAME_STREAM);
  const previous = headerU64(FRAME_PREVIOUS);
  if (headerU8(FRAME_FLAGS) != 0) {
    require(sourceSeq >= 1, "source seq", FRAME_SOURCE_SEQ, sourceSeq, "1 or more");
    require(previous < headerU64(FRAME_SEQ), "previous", FRAME_PREVIOUS, previous, "an earlier frame");
    const isFirst = sourceSeq == 1;
    const expected = isFirst ? "0" : "the frame before";
    require(isFirst == (previous == 0), "previous", FRAME_PREVIOUS, previous, expected);
    return;
  }
  require(client == 0, "client", FRAME_CLIENT, client, "0: no source");
  require(sourceSeq == 0, "source seq", FRAME_SOURCE_SEQ, sourceSeq, "0: no source");
  require(stream == 0, "stream", FRAME_STREAM, stream, "0: no source");
  require(previous == 0, "previous", FRAME_PREVIOUS, previous, "0: no source");
}

/** The engine's own frames are committed, have no source and change no record. */
function checkOwn(): void {
  const kind = headerU16(FRAME_KIND);
  const outcome = headerU8(FRAME_OUTCOME);
  require(kind <= <u32>KIND_RETIRE, "kind", FRAME_KIND, kind, "a known kind");
  require(outcome == <u32>OUTCOME_COMMITTED, "outcome", FRAME_OUTCOME, outcome, "0: committed");
  require(headerU8(FRAME_FLAGS) == 0, "flags", FRAME_FLAGS, 1, "0: no source");
  checkUnchanged();
}
