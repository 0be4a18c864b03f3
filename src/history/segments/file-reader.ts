/**
 * Reading the frames of a directory of segments without a lock, beside whoever writes it.
 *
 * Responsible for: frames in order and in chunks, from segment to segment.
 * Not responsible for: what is in a segment (`segment-scan.ts`), digests (`verifyFrames`).
 *
 * Invariants: I1 the frames handed over are consecutive, and each segment starts with the digest that the one
 * before it ended with; I2 the last batch of the newest segment is handed over only when no later claim had
 * begun by then, or when its process is gone: it may be that of a writer who is fenced off.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { DIGEST_BYTES } from "../../../assembly/abi.ts";
import { HistoryError } from "../../errors.ts";
import { lastDigest } from "../chain.ts";
import { cutFrames, requireSameId, type SeqRange, seqRange } from "../contract.ts";
import type { FrameBatch, ReadOptions } from "../history.ts";
import { Chunk } from "./chunk.ts";
import { readOwner } from "./owner-file.ts";
import { asHistoryFailure, limitOf, type Place, type Plan, planToRead } from "./plan.ts";
import { openSegment, type SegmentFile } from "./segment-file.ts";
import { SegmentScan, type StoredBatch } from "./segment-scan.ts";

/** See `History.read`. */
export async function* readFrames(place: Place, options: ReadOptions): AsyncGenerator<FrameBatch> {
  const reader = new FrameReader(place, seqRange(options));
  try {
    yield* reader.read();
  } catch (error) {
    throw asHistoryFailure(place.directory, "reading", error);
  }
}

/** A claim that is under way is given this many pauses, each twice as long as the one before. */
const PAUSES = 6;
const PAUSE_MILLISECONDS = 4;

/** Frames of the newest batch, kept back until it is sure that no claim had begun before they were read. */
interface HeldFrames {
  readonly frames: FrameBatch;
  readonly digestBefore: Uint8Array;
  readonly segment: string;
}

/** One pass over a history. */
class FrameReader {
  readonly #place: Place;
  readonly #range: SeqRange;
  readonly #chunk = new Chunk();
  /** Seq of the next frame to gather, and the digest before it where that is known. */
  #next: bigint;
  #digest: Uint8Array | undefined;
  #historyId: Uint8Array | undefined;
  #held: HeldFrames | undefined;

  constructor(place: Place, range: SeqRange) {
    this.#place = place;
    this.#range = range;
    this.#next = range.from;
  }

  async *read(): AsyncGenerator<FrameBatch> {
    let plan = await planToRead(this.#place);
    let pauses = 0;
    while (!this.#reached(this.#next)) {
      const start = plan.segments.findLastIndex((name) => name.firstSeq <= this.#next);
      for (
        let position = start;
        position < plan.segments.length && !this.#reached(this.#next);
        position += 1
      ) {
        yield* this.#readSegment(plan, position);
      }
      const later = await planToRead(this.#place);
      if (this.#held === undefined && later.term === plan.term) break;
      const isNew =
        later.term !== plan.term || !later.segments.some(({ file }) => file === this.#held?.segment);
      if (!isNew && !(await this.#isClaimUnderWay(later))) break;
      // The batch kept back is in what the new claim copies, or it never counted.
      this.#held = undefined;
      plan = later;
      if (isNew) continue;
      if (pauses === PAUSES) break;
      await this.#place.fileSystem.pause(PAUSE_MILLISECONDS * 2 ** pauses);
      pauses += 1;
    }
    if (this.#held !== undefined) yield* this.#gather(this.#held);
    const rest = this.#chunk.take();
    if (rest !== undefined) yield rest;
  }

  /** Whether a claim has begun, has made no segment yet, and is still going to. */
  async #isClaimUnderWay(plan: Plan): Promise<boolean> {
    if (plan.term === plan.segments.at(-1)!.term) return false;
    const owner = await readOwner(this.#place).catch(() => undefined);
    return owner !== undefined && this.#place.processes.isLive(owner);
  }

  #reached(next: bigint): boolean {
    return this.#range.to !== undefined && next > this.#range.to;
  }

  async *#readSegment(plan: Plan, position: number): AsyncGenerator<FrameBatch> {
    const isNewest = position === plan.segments.length - 1;
    const file = await openSegment(this.#place, plan.segments[position]!);
    try {
      this.#checkId(file);
      const scan = new SegmentScan(this.#place, file, limitOf(plan.segments, position));
      const segment = file.name.file;
      let digest = await this.#skipTo(scan, file);
      for (let batch = await scan.next(); batch !== undefined; batch = await scan.next()) {
        if (this.#held !== undefined) yield* this.#gather(this.#held);
        this.#held = undefined;
        this.#place.waypoints.note(segment, batch.position, batch.firstSeq, digest);
        const part = cutFrames(batch, { from: this.#next, to: this.#range.to });
        if (part !== undefined) {
          const digestBefore = digestBeforePart(batch, part, digest);
          if (isNewest)
            this.#held = { frames: { ...part, bytes: part.bytes.slice() }, digestBefore, segment };
          else yield* this.#gather({ frames: part, digestBefore, segment });
        }
        if (this.#reached(scan.nextSeq)) return;
        digest = lastDigest(batch);
      }
    } finally {
      await file.close();
    }
  }

  /** Starts a walk as near before the next frame as is known; answers the digest before the place. */
  async #skipTo(scan: SegmentScan, file: SegmentFile): Promise<Uint8Array> {
    const { waypoints } = this.#place;
    const segment = file.name.file;
    const waypoint = waypoints.before(segment, this.#next);
    if (waypoint === undefined) return file.header.digestBefore;
    if (await scan.skipTo(waypoint)) return waypoint.digestBefore;
    waypoints.forget(segment);
    return file.header.digestBefore;
  }

  *#gather(held: HeldFrames): Generator<FrameBatch> {
    const { frames, digestBefore, segment } = held;
    if (this.#digest !== undefined && bytesToHex(this.#digest) !== bytesToHex(digestBefore)) {
      const advice = "a segment does not go on where the one before it ended; bring back the files";
      const expected = `digest ${bytesToHex(this.#digest)}`;
      const actual = `digest ${bytesToHex(digestBefore)}`;
      throw new HistoryError("DAMAGED", advice, { segment, seq: frames.firstSeq - 1n, expected, actual });
    }
    if (!this.#chunk.hasRoomFor(frames)) yield this.#chunk.take()!;
    this.#chunk.add(frames);
    this.#next = frames.firstSeq + BigInt(frames.count);
    this.#digest = lastDigest(frames);
  }

  #checkId(file: SegmentFile): void {
    const { historyId } = file.header;
    this.#historyId ??= historyId;
    requireSameId(file.name.file, historyId, this.#historyId);
  }
}

/** The digest of the frame before a part of a batch. */
function digestBeforePart(batch: StoredBatch, part: FrameBatch, digest: Uint8Array): Uint8Array {
  const start = part.bytes.byteOffset - batch.bytes.byteOffset;
  return start === 0 ? digest : batch.bytes.slice(start - DIGEST_BYTES, start);
}
