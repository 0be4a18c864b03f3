/**
 * A forger: who can write the files, knows their format, and makes every checksum and digest fit what he changed.
 *
 * Responsible for: changing one frame of a file history and computing anew all that depends on it, but for one step
 * that he may forget.
 * Not responsible for: which byte to change; a change keeps the length.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32c } from "@node-rs/crc32";
import { framesOf } from "../../src/engine/frames.ts";
import { lastDigest, sealFrames } from "../../src/history/chain.ts";
import {
  alignBatch,
  BATCH_CHECK_HEADER,
  BATCH_CHECK_REST,
  BATCH_END_BYTES,
  BATCH_HEADER_BYTES,
  BATCH_ZERO_SECTORS,
  countZeroSectors,
  decodeBatchHeader,
  decodeSegmentHeader,
  encodeSegmentHeader,
  SEGMENT_HEADER_BYTES,
} from "../../src/history/segments/segment-format.ts";
import { slowSealer } from "./synthetic-frames.ts";

/** What has to be computed anew. */
export const STEPS = ["digests", "digest before", "check of rest", "check of header"] as const;
export type Step = (typeof STEPS)[number];

export interface Forgery {
  readonly seq: bigint;
  /** Changes bytes of the body in place. */
  edit(body: Uint8Array): void;
}

/** Segment files of a directory that only one writer had, oldest first. */
export function segmentFiles(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(".seg"))
    .sort();
}

/** Where the batches of a segment stand. */
export function batchesOf(segment: Uint8Array): { position: number; length: number }[] {
  const found: { position: number; length: number }[] = [];
  let position = SEGMENT_HEADER_BYTES;
  while (position + BATCH_HEADER_BYTES <= segment.length) {
    const header = decodeBatchHeader(segment.subarray(position, position + BATCH_HEADER_BYTES), crc32c);
    if (header === undefined) break;
    found.push({ position, length: header.length });
    position = alignBatch(position + header.length);
  }
  return found;
}

/** Forges a history in its files. @param forgotten a step that is left out */
export function forge(directory: string, forgery: Forgery, forgotten?: Step): void {
  let digest: Uint8Array | undefined;
  for (const file of segmentFiles(directory)) {
    const bytes = new Uint8Array(readFileSync(join(directory, file)));
    digest = forgeSegment(bytes, digest, forgery, forgotten);
    writeFileSync(join(directory, file), bytes);
  }
}

/** @returns the digest of the last frame */
function forgeSegment(
  segment: Uint8Array,
  digestBefore: Uint8Array | undefined,
  forgery: Forgery,
  forgotten: Step | undefined,
): Uint8Array {
  const decoded = decodeSegmentHeader(segment.subarray(0, SEGMENT_HEADER_BYTES), crc32c);
  if (!("header" in decoded)) throw new Error(`no segment: ${decoded.problem}`);
  let digest = digestBefore ?? decoded.header.digestBefore;
  if (forgotten !== "digest before") {
    segment.set(encodeSegmentHeader({ ...decoded.header, digestBefore: digest }, crc32c));
  }
  for (const { position, length } of batchesOf(segment)) {
    digest = forgeBatch(segment.subarray(position, position + length), position, digest, forgery, forgotten);
  }
  return digest;
}

/** @returns the digest of the last frame */
function forgeBatch(
  batch: Uint8Array,
  position: number,
  digest: Uint8Array,
  forgery: Forgery,
  forgotten: Step | undefined,
): Uint8Array {
  const header = decodeBatchHeader(batch.subarray(0, BATCH_HEADER_BYTES), crc32c)!;
  const bytes = batch.subarray(BATCH_HEADER_BYTES, batch.length - BATCH_END_BYTES);
  const frames = { bytes, count: header.frames, firstSeq: header.firstSeq };
  for (const { seq, body } of framesOf(frames)) if (seq === forgery.seq) forgery.edit(body);
  if (forgotten !== "digests") sealFrames(slowSealer(), frames, digest);
  const view = new DataView(batch.buffer, batch.byteOffset, batch.length);
  view.setUint32(BATCH_ZERO_SECTORS, countZeroSectors(batch, position), true);
  if (forgotten !== "check of rest") {
    view.setUint32(BATCH_CHECK_REST, crc32c(batch.subarray(BATCH_HEADER_BYTES)), true);
  }
  if (forgotten !== "check of header") {
    view.setUint32(BATCH_CHECK_HEADER, crc32c(batch.subarray(0, BATCH_CHECK_HEADER)), true);
  }
  return lastDigest(frames);
}
