/**
 * Writing the canonical snapshot (docs/reference/snapshot.md): the engine state and nothing else, one byte form.
 *
 *   head     magic "SVSS", format u16, 0 u16, seq u64, time u64, next SysId u64, epoch u32, payload bytes u32, epoch payload
 *   sources  count u32, then client u64, stream u32, seq u64, frame u64, sorted by (client, stream)
 *   kinds    in number order: number u16, count u32, then records by SysId:
 *            SysId u64, revision u32, last frame u64, values
 *
 * The host takes it in chunks: a chunk ends between two records. Nothing may execute between the first and the last.
 */
import {
  KIND_FIELDS,
  KIND_NULLABLE,
  KIND_NUMBER,
  RECORD_BYTES_MAX,
  SLOT_LAST_FRAME,
  SLOT_REVISION,
  SLOT_SYS_ID,
} from "../abi";
import { allocate, release } from "../base/memory";
import { ALL_FIELDS } from "../frame/delta";
import { writeValues } from "../frame/value";
import { fieldsOf, kindCount, kindEntry, wordOf } from "../schema/table";
import { collectRecords } from "../state/directory";
import { liveRecords } from "../state/record-store";
import {
  SOURCE_CLIENT,
  SOURCE_FRAME,
  SOURCE_SEQ,
  SOURCE_STREAM,
  sortSources,
  sourceAt,
  sourceCount,
} from "../state/sources";
import { epoch, epochPayload, epochPayloadBytes, executedSeq, lastTime, nextSysId } from "./frontier";

export const SNAPSHOT_MAGIC: u32 = 0x53535653;
export const SNAPSHOT_FORMAT: u32 = 1;
export const SNAPSHOT_HEAD: usize = 40;
export const SOURCE_ENTRY: usize = 28;
export const RECORD_HEAD: usize = 20;
export const CHUNK_BYTES: usize = 1048576;

const STAGE_SOURCES: u32 = 0;
const STAGE_KINDS: u32 = 1;

let chunk: usize = 0;
let stage: u32 = 0;
let position: u32 = 0;
let kind: u32 = 0;
let records: usize = 0;
let recordCount: u32 = 0;

/** Writes the head and returns its bytes; `snapshotChunk` says where. Then call `nextChunk` until it returns 0. */
export function firstChunk(): u32 {
  chunk = allocate(<u64>CHUNK_BYTES + epochPayloadBytes + 2 * RECORD_BYTES_MAX);
  stage = STAGE_SOURCES;
  position = 0;
  kind = 0;
  records = 0;
  sortSources();
  store<u32>(chunk, SNAPSHOT_MAGIC);
  store<u32>(chunk, SNAPSHOT_FORMAT, 4);
  store<u64>(chunk, executedSeq, 8);
  store<u64>(chunk, lastTime, 16);
  store<u64>(chunk, nextSysId, 24);
  store<u32>(chunk, epoch, 32);
  store<u32>(chunk, epochPayloadBytes, 36);
  memory.copy(chunk + SNAPSHOT_HEAD, epochPayload, epochPayloadBytes);
  const end = chunk + SNAPSHOT_HEAD + epochPayloadBytes;
  store<u32>(end, sourceCount());
  return <u32>(end - chunk) + 4;
}

export function snapshotChunk(): usize {
  return chunk;
}

/** Writes the next chunk and returns its bytes, 0 when all is written. */
export function nextChunk(): u32 {
  let out = chunk;
  const full = chunk + CHUNK_BYTES;
  while (out < full) {
    if (stage == STAGE_SOURCES) {
      if (position < sourceCount()) out = writeSource(sourceAt(position++), out);
      else openKinds();
      continue;
    }
    if (kind == kindCount()) break;
    if (records == 0) out = openKind(out);
    else if (position < recordCount) out = writeNextRecord(out);
    else closeKind();
  }
  const bytes = <u32>(out - chunk);
  if (bytes == 0) release(chunk, <u64>CHUNK_BYTES + epochPayloadBytes + 2 * RECORD_BYTES_MAX);
  return bytes;
}

function openKinds(): void {
  stage = STAGE_KINDS;
  position = 0;
}

function writeSource(source: usize, out: usize): usize {
  store<u64>(out, load<u64>(source + SOURCE_CLIENT));
  store<u32>(out, load<u32>(source + SOURCE_STREAM), 8);
  store<u64>(out, load<u64>(source + SOURCE_SEQ), 12);
  store<u64>(out, load<u64>(source + SOURCE_FRAME), 20);
  return out + SOURCE_ENTRY;
}

function listBytes(): u64 {
  return <u64>recordCount * 16 + 16;
}

function openKind(out: usize): usize {
  recordCount = liveRecords(kind);
  records = allocate(listBytes());
  position = 0;
  collectRecords(kind, records, recordCount);
  store<u16>(out, <u16>wordOf(kindEntry(kind), KIND_NUMBER));
  store<u32>(out, recordCount, 2);
  return out + 6;
}

function closeKind(): void {
  release(records, listBytes());
  records = 0;
  kind++;
}

function writeNextRecord(out: usize): usize {
  const slot = <usize>load<u64>(records + ((<usize>position) << 4), 8);
  position++;
  return writeRecord(kind, slot, out);
}

/** Writes a record in the form that snapshots have, and returns the end. */
export function writeRecord(kind: u32, slot: usize, out: usize): usize {
  const entry = kindEntry(kind);
  store<u64>(out, load<u64>(slot + SLOT_SYS_ID));
  store<u32>(out, load<u32>(slot + SLOT_REVISION), 8);
  store<u64>(out, load<u64>(slot + SLOT_LAST_FRAME), 12);
  return writeValues(
    fieldsOf(entry),
    wordOf(entry, KIND_FIELDS),
    ALL_FIELDS,
    wordOf(entry, KIND_NULLABLE),
    slot,
    out + RECORD_HEAD,
  );
}
