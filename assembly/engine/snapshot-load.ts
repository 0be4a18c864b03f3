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
import { allocate, fetchAsked, release } from "../base/memory";
import { ALL_FIELDS } from "../frame/delta";
import { readValues } from "../frame/value";
import { fieldsOf, kindCount, kindEntry, wordOf } from "../schema/table";
import { buildIndexes } from "../state/bulk";
import { askDirectory, findSlot } from "../state/directory";
import { enterRecord } from "../state/record";
import { giveSlot, takeSlot } from "../state/record-store";
import { moveSource } from "../state/sources";
import { askUniqueKeys } from "../state/unique-key";
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
  return loadRecords();
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

/** Records are entered so many at a time: where they go in the hash tables is brought into the caches together. */
const GROUP: u32 = 16;
const group: usize = memory.data(GROUP * 4, 16);

/** The next records of a kind. */
function loadRecords(): bool {
  if (left == 0) {
    buildIndexes(kind, slots, loaded);
    loaded = 0;
    kind++;
    stage = kind == kindCount() ? STAGE_END : STAGE_KIND;
    if (stage == STAGE_END) forget();
    return true;
  }
  const wanted = min(GROUP, left);
  let count: u32 = 0;
  while (count < wanted) {
    const slot = readRecord();
    if (slot == 0) break;
    store<u32>(group + ((<usize>count) << 2), <u32>slot);
    count++;
    askUniqueKeys(slot);
    askDirectory(slot);
  }
  fetchAsked();
  for (let i: u32 = 0; i < count; i++) {
    const slot = <usize>load<u32>(group + ((<usize>i) << 2));
    if (findSlot(load<u64>(slot + SLOT_SYS_ID)) != 0) return refuse(APPLY_BAD_SYS_ID);
    if (enterRecord(slot) >= 0) return refuse(APPLY_UNIQUE_KEY_TAKEN);
    note(slot);
  }
  left -= count;
  return count == wanted;
}

/** The next record in a slot, entered nowhere; 0 if it is not there whole, or refused. */
function readRecord(): usize {
  if (end - at < RECORD_HEAD) return 0;
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
    if (end - at > 65536) refuse(APPLY_BAD_VALUE);
    return 0;
  }
  if (sysId <= lastSysId) refuse(APPLY_BAD_ORDER);
  else if (sysId >= nextSysId) refuse(APPLY_BAD_SYS_ID);
  else if (revision == 0 || frame == 0 || frame > executedSeq) refuse(APPLY_BAD_REVISION);
  if (code != APPLY_OK) return 0;
  lastSysId = sysId;
  store<u64>(slot + SLOT_SYS_ID, sysId);
  store<u32>(slot + SLOT_REVISION, revision);
  store<u64>(slot + SLOT_LAST_FRAME, frame);
  at = next;
  return slot;
}

/** The records of the kind that were entered, u32 each: what its indexes are built of. */
let slots: usize = 0;
let slotsMax: u32 = 0;
let loaded: u32 = 0;

function forget(): void {
  if (slotsMax != 0) release(slots, (<u64>slotsMax) << 2);
  slotsMax = 0;
}

function note(slot: usize): void {
  if (loaded == slotsMax) {
    const bigger = allocate((<u64>max<u32>(slotsMax, 512)) << 3);
    memory.copy(bigger, slots, (<usize>loaded) << 2);
    if (slotsMax != 0) release(slots, (<u64>slotsMax) << 2);
    slots = bigger;
    slotsMax = max<u32>(slotsMax, 512) << 1;
  }
  store<u32>(slots + ((<usize>loaded) << 2), <u32>slot);
  loaded++;
}
