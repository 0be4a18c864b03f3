/**
 * Loading a snapshot into a fresh engine: records one by one, then each index built in bulk from sorted keys.
 *
 * The bytes are not trusted: lengths, order, canonical values, unique keys are checked before anything is believed. A
 * refused snapshot leaves the instance unusable; the host throws it away.
 */
import {
  APPLY_BAD_FORMAT,
  APPLY_BAD_KIND,
  APPLY_BAD_LENGTH,
  APPLY_BAD_ORDER,
  APPLY_BAD_PAYLOAD,
  APPLY_BAD_REVISION,
  APPLY_BAD_SOURCE,
  APPLY_BAD_SYS_ID,
  APPLY_BAD_VALUE,
  APPLY_OK,
  APPLY_UNIQUE_KEY_TAKEN,
  KIND_FIELDS,
  KIND_NUMBER,
  RESULT_A,
  SLOT_LAST_FRAME,
  SLOT_REVISION,
  SLOT_SYS_ID,
} from "../abi";
import { result } from "../base/assert";
import { ALL_FIELDS } from "../frame/delta";
import { readValues } from "../frame/value";
import { fieldsOf, kindCount, kindEntry, wordOf } from "../schema/table";
import { buildIndexes } from "../state/bulk";
import { findSlot } from "../state/directory";
import { enterRecord } from "../state/record";
import { giveSlot, takeSlot } from "../state/record-store";
import { moveSource } from "../state/sources";
import { isEpochPayload, openEpoch } from "./epoch";
import { advance, executedSeq, nextSysId, setNextSysId } from "./frontier";
import { RECORD_HEAD, SNAPSHOT_FORMAT, SNAPSHOT_HEAD, SNAPSHOT_MAGIC, SOURCE_ENTRY } from "./snapshot-write";

const STAGE_HEAD: u32 = 0;
const STAGE_SOURCES: u32 = 1;
const STAGE_KIND: u32 = 2;
const STAGE_RECORDS: u32 = 3;
const STAGE_END: u32 = 4;

let stage: u32 = STAGE_HEAD;
let left: u32 = 0;
let kind: u32 = 0;
let lastSysId: u64 = 0;
let lastClient: u64 = 0;
let lastStream: u64 = 0;
let at: usize = 0;
let end: usize = 0;
let code: u32 = APPLY_OK;

/**
 * Takes in the next bytes. APPLY_...; how many were used is in the result block, the rest comes again in front of the
 * next call. Whether the snapshot is whole is told by `snapshotLoaded`.
 */
export function loadChunk(from: usize, bytes: u32): u32 {
  at = from;
  end = from + bytes;
  code = APPLY_OK;
  while (stage != STAGE_END && step()) {}
  store<u64>(result + RESULT_A, <u64>(at - from));
  return code;
}

export function snapshotLoaded(): bool {
  return stage == STAGE_END;
}

function refuse(reason: u32): bool {
  code = reason;
  return false;
}

/** One part; false if it is not there whole, or refused. */
function step(): bool {
  if (stage == STAGE_HEAD) return loadHead();
  if (stage == STAGE_SOURCES) return loadSource();
  if (stage == STAGE_KIND) return loadKind();
  return loadRecord();
}

function loadHead(): bool {
  if (end - at < SNAPSHOT_HEAD) return false;
  if (load<u32>(at) != SNAPSHOT_MAGIC || load<u32>(at, 4) != SNAPSHOT_FORMAT) return refuse(APPLY_BAD_FORMAT);
  const payloadBytes = load<u32>(at, 36);
  if (payloadBytes > 16777216) return refuse(APPLY_BAD_LENGTH);
  if (end - at < SNAPSHOT_HEAD + 4 + <usize>payloadBytes) return false;
  const payload = at + SNAPSHOT_HEAD;
  if (!isEpochPayload(payload, payloadBytes)) return refuse(APPLY_BAD_PAYLOAD);
  advance(load<u64>(at, 8), load<u64>(at, 16));
  setNextSysId(load<u64>(at, 24));
  openEpoch(load<u32>(at, 32), payload, payloadBytes);
  at = payload + payloadBytes;
  left = load<u32>(at);
  at += 4;
  lastClient = 0;
  lastStream = 0;
  stage = STAGE_SOURCES;
  return true;
}

let anySource = false;

function loadSource(): bool {
  if (left == 0) {
    kind = 0;
    stage = kindCount() == 0 ? STAGE_END : STAGE_KIND;
    return true;
  }
  if (end - at < SOURCE_ENTRY) return false;
  const client = load<u64>(at);
  const stream = <u64>load<u32>(at, 8);
  const seq = load<u64>(at, 12);
  const frame = load<u64>(at, 20);
  if (anySource && (client < lastClient || (client == lastClient && stream <= lastStream)))
    return refuse(APPLY_BAD_ORDER);
  if (seq == 0 || frame == 0 || frame > executedSeq) return refuse(APPLY_BAD_SOURCE);
  anySource = true;
  lastClient = client;
  lastStream = stream;
  moveSource(client, <u32>stream, seq, frame);
  at += SOURCE_ENTRY;
  left--;
  return true;
}

function loadKind(): bool {
  if (end - at < 6) return false;
  if (<u32>load<u16>(at) != wordOf(kindEntry(kind), KIND_NUMBER)) return refuse(APPLY_BAD_KIND);
  left = load<u32>(at, 2);
  at += 6;
  lastSysId = 0;
  stage = STAGE_RECORDS;
  return true;
}

function loadRecord(): bool {
  if (left == 0) {
    buildIndexes(kind);
    kind++;
    stage = kind == kindCount() ? STAGE_END : STAGE_KIND;
    return true;
  }
  if (end - at < RECORD_HEAD) return false;
  const entry = kindEntry(kind);
  const sysId = load<u64>(at);
  const revision = load<u32>(at, 8);
  const frame = load<u64>(at, 12);
  const slot = takeSlot(kind);
  const next = readValues(
    fieldsOf(entry),
    wordOf(entry, KIND_FIELDS),
    ALL_FIELDS,
    at + RECORD_HEAD,
    end,
    slot,
  );
  if (next == 0) {
    giveSlot(slot);
    // Cut off, or bad: a chunk holds whole records, so only the host's last bytes can tell.
    return end - at > 65536 ? refuse(APPLY_BAD_VALUE) : false;
  }
  if (sysId <= lastSysId) return refuse(APPLY_BAD_ORDER);
  if (sysId >= nextSysId || findSlot(sysId) != 0) return refuse(APPLY_BAD_SYS_ID);
  if (revision == 0 || frame == 0 || frame > executedSeq) return refuse(APPLY_BAD_REVISION);
  lastSysId = sysId;
  store<u64>(slot + SLOT_SYS_ID, sysId);
  store<u32>(slot + SLOT_REVISION, revision);
  store<u64>(slot + SLOT_LAST_FRAME, frame);
  if (enterRecord(slot) >= 0) return refuse(APPLY_UNIQUE_KEY_TAKEN);
  at = next;
  left--;
  return true;
}
