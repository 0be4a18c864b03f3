/**
 * What every adapter checks in the same way.
 *
 * Responsible for: the arguments of claim, append and read, and cutting runs of frames to a range of seqs.
 * Not responsible for: anything an adapter stores.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { DIGEST_BYTES, FRAME_HEADER, FRAME_LENGTH } from "../../assembly/abi.ts";
import { HistoryError, UsageError } from "../errors.ts";
import { checkStructure, malformedBatch } from "./chain.ts";
import type { FrameBatch, Frontier, ReadOptions } from "./history.ts";

/** Larger batches are refused: their offsets and the memory they take would get out of hand. */
export const BATCH_BYTES_HARD = 256 * 1024 * 1024;

/** Refuses a batch that is not the frames right behind the frontier: the compare of compare-and-append. */
export function requireNext(batch: FrameBatch, frontier: Frontier): void {
  const { bytes, count, firstSeq } = batch;
  if (firstSeq !== frontier.seq + 1n) {
    throw new UsageError(
      "batch.firstSeq",
      `found ${firstSeq}, expected ${frontier.seq + 1n}, behind the frontier`,
    );
  }
  if (!Number.isInteger(count) || count < 1) {
    throw new UsageError("batch.count", `found ${count}, expected at least 1`);
  }
  if (bytes.length < count * (FRAME_HEADER + DIGEST_BYTES) || bytes.length > BATCH_BYTES_HARD) {
    const expected = `${count * (FRAME_HEADER + DIGEST_BYTES)} to ${BATCH_BYTES_HARD}`;
    throw new UsageError(
      "batch.bytes",
      `found ${bytes.length} bytes, expected ${expected} for ${count} frames`,
    );
  }
  if (checkStructure(batch) !== undefined) throw malformedBatch(batch);
}

/** Refuses a history that is not the one that was asked for. */
export function requireSameId(segment: string, actual: Uint8Array, expected: Uint8Array): void {
  if (bytesToHex(actual) === bytesToHex(expected)) return;
  throw new HistoryError(
    "WRONG_HISTORY_ID",
    "this is another history; name its place, or leave historyId out",
    {
      segment,
      expected: bytesToHex(expected),
      actual: bytesToHex(actual),
    },
  );
}

/** A range of seqs, both ends included. `to` is undefined for "to the end". */
export interface SeqRange {
  readonly from: bigint;
  readonly to: bigint | undefined;
}

export function seqRange(options: ReadOptions): SeqRange {
  const from = options.from ?? 1n;
  if (from < 1n) throw new UsageError("options.from", `found ${from}, expected a seq, 1 or more`);
  if (options.to !== undefined && options.to < 0n) {
    throw new UsageError("options.to", `found ${options.to}, expected a seq, or 0 for none`);
  }
  return { from, to: options.to };
}

/** The frames of a sealed, well-formed batch that are in the range; undefined when none is. A view of its bytes. */
export function cutFrames(batch: FrameBatch, range: SeqRange): FrameBatch | undefined {
  const lastSeq = batch.firstSeq + BigInt(batch.count) - 1n;
  const from = range.from > batch.firstSeq ? range.from : batch.firstSeq;
  const to = range.to !== undefined && range.to < lastSeq ? range.to : lastSeq;
  if (from > to) return undefined;
  if (from === batch.firstSeq && to === lastSeq) return batch;
  const view = new DataView(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.length);
  const skipped = Number(from - batch.firstSeq);
  const count = Number(to - from) + 1;
  let start = 0;
  for (let n = 0; n < skipped; n += 1) start += view.getUint32(start + FRAME_LENGTH, true) + DIGEST_BYTES;
  let end = start;
  for (let n = 0; n < count; n += 1) end += view.getUint32(end + FRAME_LENGTH, true) + DIGEST_BYTES;
  return { firstSeq: from, count, bytes: batch.bytes.subarray(start, end) };
}

/** A promise of what calls back at its end, with `undefined` or an error. */
export function settled(begin: (ended: (error: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    begin((error) => {
      if (error === undefined) resolve();
      else reject(error);
    });
  });
}
