/**
 * The digest chain over the frames of a history.
 *
 *   leaf(n)   = SHA-256(0x00 || body(n))                                  an RFC 9162 leaf
 *   digest(0) = SHA-256("statevec history 1" || history id (16 bytes))
 *   digest(n) = SHA-256(digest(n-1) || leaf(n))
 *
 * Responsible for: digest(0), sealing a batch, checking a batch (structure, consecutive seqs, digests).
 * Not responsible for: hashing itself (the `FrameSealer` it is handed), what a body says (`frame.ts`).
 *
 * Invariants: I1 a batch that `verifyFrames` accepts has frames firstSeq..firstSeq+count-1, to its last byte,
 * each with the one digest that follows from `previous`.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { DIGEST_BYTES, FRAME_HEADER, FRAME_LENGTH, FRAME_SEQ } from "../../assembly/abi.ts";
import { HistoryError, UsageError } from "../errors.ts";
import type { ChainVerifier, FrameBatch, FrameSealer } from "./history.ts";

export const HISTORY_ID_BYTES = 16;
const HIGH_WORD = 2 ** 32;

/** digest(0): the start of the chain, its own for each history. */
export function firstDigest(historyId: Uint8Array): Uint8Array {
  if (historyId.length !== HISTORY_ID_BYTES) {
    throw new UsageError("historyId", `found ${historyId.length} bytes, expected ${HISTORY_ID_BYTES}`);
  }
  return sha256(concatBytes(utf8ToBytes("statevec history 1"), historyId));
}

/** leaf(n): the digest of a body alone, apart from its place in a chain. */
export function leafOf(body: Uint8Array): Uint8Array {
  return sha256(concatBytes(new Uint8Array(1), body));
}

/** What is wrong with the structure of a run of frames. */
export interface StructureProblem {
  /** Offset in the bytes. */
  readonly offset: number;
  readonly seq: bigint;
  readonly expected: string;
  readonly actual: string;
}

/** Walks a run of frames: lengths add up, seqs are consecutive from `firstSeq`, there are `count` of them. */
export function checkStructure(batch: FrameBatch): StructureProblem | undefined {
  const { bytes, count } = batch;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const first = Number(batch.firstSeq);
  let offset = 0;
  for (let position = 0; position < count; position += 1) {
    const expected = first + position;
    const at = { offset, seq: BigInt(expected) };
    if (bytes.length - offset < FRAME_HEADER + DIGEST_BYTES) {
      return { ...at, expected: `${count - position} more frames`, actual: `${bytes.length - offset} bytes` };
    }
    const length = view.getUint32(offset + FRAME_LENGTH, true);
    if (length < FRAME_HEADER || length > bytes.length - offset - DIGEST_BYTES) {
      const room = bytes.length - offset - DIGEST_BYTES;
      return { ...at, expected: `a body of ${FRAME_HEADER} to ${room} bytes`, actual: `length ${length}` };
    }
    const seq =
      view.getUint32(offset + FRAME_SEQ, true) + view.getUint32(offset + FRAME_SEQ + 4, true) * HIGH_WORD;
    if (seq !== expected) return { ...at, expected: `seq ${expected}`, actual: `seq ${seq}` };
    offset += length + DIGEST_BYTES;
  }
  if (offset === bytes.length) return undefined;
  const seq = BigInt(first + count);
  return { offset, seq, expected: "the end", actual: `${bytes.length - offset} bytes behind the last frame` };
}

/** The digest behind the last frame of a batch that is sealed. A copy. */
export function lastDigest(batch: FrameBatch): Uint8Array {
  return batch.bytes.slice(batch.bytes.length - DIGEST_BYTES);
}

/**
 * Writes the digests of a batch into it.
 *
 * @param previous digest of the frame before its first
 * @returns the digest of its last frame
 * @throws {UsageError} the lengths do not add up; digests may have been written
 */
export function sealFrames(sealer: FrameSealer, batch: FrameBatch, previous: Uint8Array): Uint8Array {
  const sealed = sealer.seal(batch.bytes, previous);
  if (sealed !== batch.count || sealed === 0) throw malformedBatch(batch);
  return lastDigest(batch);
}

/** Says in what a batch is not the run of frames it claims to be. */
export function malformedBatch(batch: FrameBatch): UsageError {
  const problem = checkStructure(batch);
  const where = problem === undefined ? "no frames" : `${problem.actual} at offset ${problem.offset}`;
  return new UsageError("batch", `found ${where}, expected ${problem?.expected ?? "at least one frame"}`);
}

/**
 * Checks the structure, the seqs and every digest of a batch.
 *
 * @param previous digest of the frame before its first
 * @param segment names the storage in the error
 * @returns the digest of its last frame
 * @throws {HistoryError} `DAMAGED`, with seq, expected and actual
 */
export function verifyFrames(
  sealer: FrameSealer,
  batch: FrameBatch,
  previous: Uint8Array,
  segment?: string,
): Uint8Array {
  requireStructure(batch, segment);
  const wrong = sealer.verify(batch.bytes, previous);
  if (wrong !== 0) throw brokenChain(sealer, batch, previous, wrong, segment);
  return lastDigest(batch);
}

/**
 * The same with the digests checked in another thread: throws at once what is wrong with the structure, and resolves once the
 * digests are known to be right.
 *
 * @throws {HistoryError} `DAMAGED`, as `verifyFrames`, now or later
 */
export function verifyFramesBeside(
  verifier: ChainVerifier,
  sealer: FrameSealer,
  batch: FrameBatch,
  previous: Uint8Array,
): Promise<void> {
  requireStructure(batch, undefined);
  return verifier.verify(batch.bytes, previous).then((wrong) => {
    if (wrong !== 0) throw brokenChain(sealer, batch, previous, wrong, undefined);
  });
}

function requireStructure(batch: FrameBatch, segment: string | undefined): void {
  const problem = checkStructure(batch);
  if (problem === undefined) return;
  const message = "the frames do not follow on each other; restore the history from a copy";
  throw new HistoryError("DAMAGED", message, { segment, ...problem });
}

function brokenChain(
  sealer: FrameSealer,
  batch: FrameBatch,
  previous: Uint8Array,
  wrong: number,
  segment: string | undefined,
): HistoryError {
  const view = new DataView(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.length);
  let offset = 0;
  for (let position = 1; position < wrong; position += 1) {
    offset += view.getUint32(offset + FRAME_LENGTH, true) + DIGEST_BYTES;
  }
  const end = offset + view.getUint32(offset + FRAME_LENGTH, true) + DIGEST_BYTES;
  const before = offset === 0 ? previous : batch.bytes.subarray(offset - DIGEST_BYTES, offset);
  const frame = batch.bytes.slice(offset, end);
  const actual = bytesToHex(frame.subarray(frame.length - DIGEST_BYTES));
  sealer.seal(frame, before);
  return new HistoryError("DAMAGED", "a frame is not the one its digest was made of", {
    segment,
    offset,
    seq: batch.firstSeq + BigInt(wrong - 1),
    expected: `digest ${bytesToHex(frame.subarray(frame.length - DIGEST_BYTES))}`,
    actual: `digest ${actual}`,
  });
}
