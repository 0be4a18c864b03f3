/**
 * A frame as the sentence that says what a frame is: this command, executed against this frontier, produced this outcome,
 * applied this delta, emitted these events, and advanced the frontier to this point.
 *
 * Responsible for: reading a body strictly to its last byte (docs/reference/frame.md) and the text of it.
 * Not responsible for: the header's own checks (frame-header.ts), digests (they are given, and `verify` checks them).
 * I1: a text is made of every byte of the body, or the call is refused naming the first that no frame has.
 */
import {
  DELTA_DELETE,
  DELTA_INSERT,
  DELTA_PREVIOUS,
  DELTA_REVISION,
  DELTA_SYS_ID,
  DELTA_UPDATE,
  DIGEST_BYTES,
  FIELD_FLAG_IMMUTABLE,
  FRAME_CLIENT,
  FRAME_CODE,
  FRAME_DELTAS,
  FRAME_EPOCH,
  FRAME_EVENTS,
  FRAME_FLAGS,
  FRAME_KIND,
  FRAME_LENGTH,
  FRAME_OUTCOME,
  FRAME_PAYLOAD,
  FRAME_PREVIOUS,
  FRAME_SEQ,
  FRAME_SOURCE_SEQ,
  FRAME_STREAM,
  FRAME_TIME,
  KIND_EPOCH,
  KIND_RETIRE,
  OUTCOME_COMMITTED,
} from "../abi";
import { putCode } from "./code";
import { putEpoch } from "./epoch";
import { headerAt, headerU8, headerU16, headerU32, headerU64, readFrameHeader } from "./frame-header";
import { ALL_MEMBERS, places, placesAfter, putGroup, putGroupLines, readMessage, readRecord } from "./group";
import { outcomeName } from "./names";
import { hexNumeral, numeral, putHex, putNumber, putTime } from "./numerals";
import {
  damaged,
  finish,
  lastPlace,
  place,
  readU8,
  readU16,
  readU32,
  readU64,
  refuseAt,
  take,
  within,
} from "./reader";
import { DAMAGED, isRefused } from "./refusal";
import {
  MEMBER_FLAGS,
  memberAt,
  OWNER_FIELDS,
  OWNER_NAME,
  openedSchema,
  ownerNumbered,
  putName,
  SCHEMA_COMMANDS,
  SCHEMA_EVENTS,
  SCHEMA_KINDS,
  word,
} from "./schema-index";
import { putLine, putText } from "./text";

/** A frontier: a seq, and its digest where `digest` is not 0. */
function putFrontier(seq: u64, digest: usize): void {
  putNumber(seq);
  if (digest == 0) return;
  putText(":");
  putHex(digest, DIGEST_BYTES);
}

/** Puts the frame that is all of the reader's bytes. @param before @param after digests around it; 0: not known */
export function putFrame(before: usize, after: usize): void {
  readFrameHeader();
  if (isRefused()) return;
  putText("Frame ");
  putNumber(headerU64(FRAME_SEQ));
  putText(" (epoch ");
  putNumber(headerU32(FRAME_EPOCH));
  putText(", ");
  putNumber(headerU32(FRAME_LENGTH));
  putText(" bytes, ");
  putTime(headerU64(FRAME_TIME));
  putText(")");
  if (headerU16(FRAME_KIND) >= <u32>KIND_EPOCH) putOwn(before);
  else putCommand(before);
  putLine("and advanced the frontier ");
  putFrontier(headerU64(FRAME_SEQ), after);
}

function putAgainst(before: usize): void {
  putLine("executed against frontier ");
  putFrontier(headerU64(FRAME_SEQ) - 1, before);
}

// ---- the engine's own frames -----------------------------------------------------------------------------

function putOwn(before: usize): void {
  const kind = headerU16(FRAME_KIND);
  const payload = headerU32(FRAME_PAYLOAD);
  if (place() + payload != lastPlace()) {
    return damaged("payload length", headerAt(FRAME_PAYLOAD), numeral(payload), "all of the body");
  }
  putLine("this command              ");
  if (kind == <u32>KIND_EPOCH) {
    putText("Epoch");
    putEpoch(headerAt(0));
  } else if (kind == <u32>KIND_RETIRE) putRetire();
  else putCheckpoint();
  putAgainst(before);
  putLine("produced this outcome     committed");
}

function putRetire(): void {
  putText("Retire");
  putLine("  client ");
  putNumber(readU64("client"));
  putText(", stream ");
  putNumber(readU32("stream"));
  finish("payload");
}

function putCheckpoint(): void {
  putText("Checkpoint");
  putLine("  state at frame ");
  putNumber(readU64("seq of the checkpoint"));
  putText(": ");
  putHex(take(DIGEST_BYTES, "state digest"), DIGEST_BYTES);
  finish("payload");
}

// ---- frames of commands ----------------------------------------------------------------------------------

function putCommand(before: usize): void {
  const number = headerU16(FRAME_KIND);
  const command = ownerNumbered(SCHEMA_COMMANDS, number);
  if (command == 0) return refuseCommand(number);
  putLine("this command              ");
  putName(word(command, OWNER_NAME));
  readMessage(openedSchema(), command, headerU32(FRAME_PAYLOAD));
  if (isRefused()) return;
  putGroupLines(openedSchema(), command, ALL_MEMBERS, "  ", false);
  if (headerU8(FRAME_FLAGS) != 0) putSource();
  putAgainst(before);
  putLine("produced this outcome     ");
  putText(outcomeName(headerU8(FRAME_OUTCOME)));
  if (headerU8(FRAME_OUTCOME) == <u32>OUTCOME_COMMITTED) putChanges();
  else {
    putText(": ");
    putCode(headerU16(FRAME_CODE), command, headerAt(FRAME_CODE));
    putLine("applied this delta        none");
  }
  finish("body");
}

function refuseCommand(number: u32): void {
  const at = headerAt(FRAME_KIND);
  if (openedSchema() != 0) return damaged("kind", at, numeral(number), "a command of the schema");
  refuseAt(DAMAGED, "kind is not what a frame has", at, numeral(number), "an epoch frame first");
}

function putSource(): void {
  putLine("  from client ");
  putNumber(headerU64(FRAME_CLIENT));
  putText(", stream ");
  putNumber(headerU32(FRAME_STREAM));
  putText(", seq ");
  putNumber(headerU64(FRAME_SOURCE_SEQ));
  const previous = headerU64(FRAME_PREVIOUS);
  if (previous == 0) return putText(", its first");
  putText(", its previous frame ");
  putNumber(previous);
}

/** Delta and events. */
function putChanges(): void {
  const deltas = headerU16(FRAME_DELTAS);
  putLine("applied this delta        ");
  if (deltas == 0) putText("none");
  else {
    putNumber(deltas);
    putText(deltas == 1 ? " record" : " records");
  }
  for (let i: u32 = 0; i < deltas && !isRefused(); i++) putDelta();
  const events = headerU16(FRAME_EVENTS);
  putLine("emitted these events      ");
  if (events == 0) putText("none");
  else putNumber(events);
  for (let i: u32 = 0; i < events && !isRefused(); i++) putEvent();
}

function putEvent(): void {
  const at = place();
  const number = readU16("event");
  const bytes = readU16("bytes of the event");
  if (isRefused()) return;
  const event = ownerNumbered(SCHEMA_EVENTS, number);
  if (event == 0) return damaged("event", at, numeral(number), "an event of the schema");
  readMessage(openedSchema(), event, bytes);
  if (isRefused()) return;
  putLine("  ");
  putName(word(event, OWNER_NAME));
  putGroup(openedSchema(), event, true);
}

// ---- delta entries ---------------------------------------------------------------------------------------

/** Kind, SysId, what happened to the record, and its values. */
function putDelta(): void {
  const start = place();
  const op = readU8("op");
  within("op", op, DELTA_INSERT, DELTA_DELETE, 1);
  within("reserved byte", readU8("reserved byte"), 0, 0, 1);
  const number = readU16("kind");
  if (isRefused()) return;
  const kind = ownerNumbered(SCHEMA_KINDS, number);
  if (kind == 0) return damaged("kind", start + 2, numeral(number), "a kind of the schema");
  readDeltaHead(start, op);
  if (isRefused()) return;
  let chosen = ALL_MEMBERS;
  if (op == <u32>DELTA_UPDATE) chosen = readChanged(kind);
  readRecord(openedSchema(), kind, chosen, places);
  if (op == <u32>DELTA_UPDATE) readRecord(openedSchema(), kind, chosen, placesAfter);
  if (isRefused()) return;
  putDeltaHead(start, op, kind);
  putGroupLines(openedSchema(), kind, chosen, "    ", op == <u32>DELTA_UPDATE);
}

function readDeltaHead(start: usize, op: u32): void {
  const inserts = op == <u32>DELTA_INSERT;
  const least: u32 = op == <u32>DELTA_UPDATE ? 2 : 1;
  within("revision", readU32("revision"), least, inserts ? 1 : 0xffffffff, 4);
  const sysId = readU64("SysId");
  if (isRefused()) return;
  if (sysId == 0) return damaged("SysId", start + DELTA_SYS_ID, "0", "1 or more");
  const previous = readU64("previous");
  if (isRefused()) return;
  const fits = inserts ? previous == 0 : previous >= 1 && previous < headerU64(FRAME_SEQ);
  if (fits) return;
  damaged("previous", start + DELTA_PREVIOUS, numeral(previous), inserts ? "0" : "an earlier frame");
}

/** Bits of the changed fields: at least one, none beyond the fields, none immutable. */
function readChanged(kind: usize): u64 {
  const at = place();
  const bits = readU64("changed fields");
  if (isRefused()) return 0;
  let mutable: u64 = 0;
  for (let i: u32 = 0; i < word(kind, OWNER_FIELDS); i++) {
    if (!(word(memberAt(kind, i), MEMBER_FLAGS) & FIELD_FLAG_IMMUTABLE)) mutable |= (<u64>1) << i;
  }
  if (bits == 0 || (bits & ~mutable) != 0) {
    damaged("changed fields", at, hexNumeral(bits), "some bits of " + hexNumeral(mutable));
  }
  return bits;
}

function putDeltaHead(start: usize, op: u32, kind: usize): void {
  const revision = load<u32>(start + DELTA_REVISION);
  putLine("  ");
  putName(word(kind, OWNER_NAME));
  putText(" ");
  putNumber(load<u64>(start + DELTA_SYS_ID));
  if (op == <u32>DELTA_INSERT) return putText(" created");
  putText(op == <u32>DELTA_UPDATE ? " changed (revision " : " deleted (revision ");
  if (op == <u32>DELTA_UPDATE) {
    putNumber(revision - 1);
    putText(" -> ");
  }
  putNumber(revision);
  putText(", last changed by frame ");
  putNumber(load<u64>(start + DELTA_PREVIOUS));
  putText(")");
}
