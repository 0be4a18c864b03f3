/**
 * The bytes of a segment file. The same drawings stand in `docs/reference/history-file.md`.
 *
 * Responsible for: the segment header, the batch header, their checks.
 * Not responsible for: when what is written (`../node/claimed-file.ts`), what a bad byte means (`segment-scan.ts`).
 *
 * A segment: a header in a sector of its own, then batches, then zeros up to its size.
 *
 *   0       512                                                              size
 *   | header | batch | zeros to a multiple of 32 | batch | ...       | zeros |
 *
 * Its header:
 *
 *   0       8        12  16           32     40          48              80     88             92      508     512
 *   | magic | format | 0 | history id | term | first seq | digest before | size | batchSizeMax | zeros | check |
 *   |8 bytes|u32     |   |16 bytes    |u64   |u64        |32 bytes       |u64   |u32           |       |u32    |
 *
 * A batch, its header at a multiple of 32, so that it lies inside one sector:
 *
 *   0        4        8           16             20              24  28                32       length-4   length
 *   | length | count  | first seq | zero sectors | check of rest | 0 | check of header | frames | end mark |
 *   |u32     |u32     |u64        |u32           |u32            |   |u32              |        |u32       |
 *
 * Integers are little-endian; checks are CRC32C. `length` is that of the whole batch, end mark included.
 * `zero sectors`: how many of the 512-byte sectors of the file that the batch touches hold nothing but zeros
 * once it is written. `check of rest` covers frames and end mark, `check of header` the 28 bytes before it.
 *
 * Invariants: I1 no byte of a header is outside its check; I2 the first and the last sector of a batch are not
 * all zero (header, end mark), so a sector that did not reach the disk shows as one zero sector too many;
 * I3 a writer never touches a sector of an earlier batch but to add behind it what was zero.
 */

/** CRC32C (Castagnoli) of bytes, as a u32. Each platform brings its own: on Node it is native. */
export type Crc32c = (bytes: Uint8Array) => number;

export const SECTOR_BYTES = 512;
export const SEGMENT_HEADER_BYTES = SECTOR_BYTES;
export const SEGMENT_MAGIC = "statevec";
export const SEGMENT_FORMAT = 1;
export const SEGMENT_FORMAT_AT = 8;
export const SEGMENT_HISTORY_ID = 16;
export const SEGMENT_TERM = 32;
export const SEGMENT_FIRST_SEQ = 40;
export const SEGMENT_DIGEST_BEFORE = 48;
export const SEGMENT_SIZE = 80;
export const SEGMENT_BATCH_SIZE_MAX = 88;
export const SEGMENT_CHECK = 508;

export const BATCH_LENGTH = 0;
export const BATCH_FRAMES = 4;
export const BATCH_FIRST_SEQ = 8;
export const BATCH_ZERO_SECTORS = 16;
export const BATCH_CHECK_REST = 20;
export const BATCH_RESERVED = 24;
export const BATCH_CHECK_HEADER = 28;
export const BATCH_HEADER_BYTES = 32;
/** Batches start at multiples of this; a divisor of the sector, so no batch header crosses one. */
export const BATCH_ALIGNMENT = BATCH_HEADER_BYTES;
/** "END!" */
export const BATCH_END_MARK = 0x21444e45;
export const BATCH_END_BYTES = 4;

/** What stands at the head of a segment. */
export interface SegmentHeader {
  /** 16 bytes. */
  readonly historyId: Uint8Array;
  readonly term: bigint;
  readonly firstSeq: bigint;
  /** Digest of the frame before the first; digest(0) in the first segment. */
  readonly digestBefore: Uint8Array;
  /** Bytes of the file. */
  readonly size: number;
  /** No batch in this segment is longer. */
  readonly batchSizeMax: number;
}

/** What stands at the head of a batch. */
export interface BatchHeader {
  readonly length: number;
  readonly frames: number;
  readonly firstSeq: bigint;
  readonly zeroSectors: number;
  readonly checkRest: number;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

export function encodeSegmentHeader(header: SegmentHeader, crc32c: Crc32c): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
  const view = viewOf(bytes);
  for (let at = 0; at < SEGMENT_MAGIC.length; at += 1) bytes[at] = SEGMENT_MAGIC.charCodeAt(at);
  view.setUint32(SEGMENT_FORMAT_AT, SEGMENT_FORMAT, true);
  bytes.set(header.historyId, SEGMENT_HISTORY_ID);
  view.setBigUint64(SEGMENT_TERM, header.term, true);
  view.setBigUint64(SEGMENT_FIRST_SEQ, header.firstSeq, true);
  bytes.set(header.digestBefore, SEGMENT_DIGEST_BEFORE);
  view.setBigUint64(SEGMENT_SIZE, BigInt(header.size), true);
  view.setUint32(SEGMENT_BATCH_SIZE_MAX, header.batchSizeMax, true);
  view.setUint32(SEGMENT_CHECK, crc32c(bytes.subarray(0, SEGMENT_CHECK)), true);
  return bytes;
}

/** What a segment header is, or in what it is none. `offset` is that of the field at fault. */
export type DecodedSegmentHeader =
  | { readonly header: SegmentHeader }
  | {
      readonly problem: "magic" | "format" | "check";
      readonly offset: number;
      readonly expected: string;
      readonly actual: string;
    };

export function decodeSegmentHeader(bytes: Uint8Array, crc32c: Crc32c): DecodedSegmentHeader {
  const view = viewOf(bytes);
  const magic = String.fromCharCode(...bytes.subarray(0, SEGMENT_MAGIC.length));
  const check = crc32c(bytes.subarray(0, SEGMENT_CHECK));
  if (view.getUint32(SEGMENT_CHECK, true) !== check) {
    if (magic !== SEGMENT_MAGIC) {
      return { problem: "magic", offset: 0, expected: SEGMENT_MAGIC, actual: JSON.stringify(magic) };
    }
    return {
      problem: "check",
      offset: SEGMENT_CHECK,
      expected: hex(check),
      actual: hex(view.getUint32(SEGMENT_CHECK, true)),
    };
  }
  const format = view.getUint32(SEGMENT_FORMAT_AT, true);
  if (magic !== SEGMENT_MAGIC || format !== SEGMENT_FORMAT) {
    return {
      problem: "format",
      offset: SEGMENT_FORMAT_AT,
      expected: `${SEGMENT_FORMAT}`,
      actual: `${format}`,
    };
  }
  const header: SegmentHeader = {
    historyId: bytes.slice(SEGMENT_HISTORY_ID, SEGMENT_TERM),
    term: view.getBigUint64(SEGMENT_TERM, true),
    firstSeq: view.getBigUint64(SEGMENT_FIRST_SEQ, true),
    digestBefore: bytes.slice(SEGMENT_DIGEST_BEFORE, SEGMENT_SIZE),
    size: Number(view.getBigUint64(SEGMENT_SIZE, true)),
    batchSizeMax: view.getUint32(SEGMENT_BATCH_SIZE_MAX, true),
  };
  return { header };
}

/** The header of a batch whose check is good; undefined for anything else. */
export function decodeBatchHeader(bytes: Uint8Array, crc32c: Crc32c): BatchHeader | undefined {
  const view = viewOf(bytes);
  if (view.getUint32(BATCH_RESERVED, true) !== 0) return undefined;
  const check = crc32c(bytes.subarray(0, BATCH_CHECK_HEADER));
  if (view.getUint32(BATCH_CHECK_HEADER, true) !== check) return undefined;
  return {
    length: view.getUint32(BATCH_LENGTH, true),
    frames: view.getUint32(BATCH_FRAMES, true),
    firstSeq: view.getBigUint64(BATCH_FIRST_SEQ, true),
    zeroSectors: view.getUint32(BATCH_ZERO_SECTORS, true),
    checkRest: view.getUint32(BATCH_CHECK_REST, true),
  };
}

/** Whether the bytes behind a good header are those it speaks of. `bytes` is the whole batch. */
export function restIsGood(header: BatchHeader, bytes: Uint8Array, crc32c: Crc32c): boolean {
  if (crc32c(bytes.subarray(BATCH_HEADER_BYTES)) !== header.checkRest) return false;
  return viewOf(bytes).getUint32(bytes.length - BATCH_END_BYTES, true) === BATCH_END_MARK;
}

/** Where the next batch may start at or behind `position`. */
export function alignBatch(position: number): number {
  return Math.ceil(position / BATCH_ALIGNMENT) * BATCH_ALIGNMENT;
}

/** Bytes of a batch around frames of this size. */
export function batchBytes(frameBytes: number): number {
  return BATCH_HEADER_BYTES + frameBytes + BATCH_END_BYTES;
}

/** Position of the first byte that is not zero; -1 when all are. */
export function firstNonZero(bytes: Uint8Array): number {
  let at = 0;
  const aligned = Math.min((4 - (bytes.byteOffset % 4)) % 4, bytes.length);
  while (at < aligned && bytes[at] === 0) at += 1;
  if (at === aligned && bytes.length - at >= 4) {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (bytes.length - at) >>> 2);
    let word = 0;
    while (word < words.length && words[word] === 0) word += 1;
    at += word * 4;
  }
  while (at < bytes.length && bytes[at] === 0) at += 1;
  return at === bytes.length ? -1 : at;
}

/** How many of the sectors that a batch touches hold no byte of it but zeros. */
export function countZeroSectors(batch: Uint8Array, position: number): number {
  let count = 0;
  for (let at = 0; at < batch.length; ) {
    const end = Math.min(at + SECTOR_BYTES - ((position + at) % SECTOR_BYTES), batch.length);
    if (firstNonZero(batch.subarray(at, end)) < 0) count += 1;
    at = end;
  }
  return count;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
