/**
 * Walking the batches of one segment, and telling a tear from damage.
 *
 * Responsible for: the rules below; every byte of the part that is walked, skipped bytes and the zeros behind
 * the last batch included, is covered by one of them.
 * Not responsible for: which segments count (`directory.ts`), digests (`chain.ts`).
 *
 * The rules. A sector of 512 bytes is written whole or not at all, a batch is written into zeros, and the next
 * one only after the sync of the one before it has returned. So at the place where a batch may start:
 *
 * - a good header, good rest: a batch.
 * - 32 zeros, and zeros to the end of the file: the end.
 * - a good header, a bad rest, more zero sectors than the header says, zeros behind the batch: a *tear*, in the
 *   newest segment.
 * - 32 zeros, zeros to the end of their sector, something within batchSizeMax, zeros beyond that, and no whole
 *   batch in it: a *tear*, in the newest segment.
 * - anything else is *damage*.
 *
 * Invariants: I1 a batch that is handed over has good checks, the expected first seq and a good structure;
 * I2 a tear is only ever reported where I1's batches end.
 */
import { HistoryError } from "../../errors.ts";
import { checkStructure } from "../chain.ts";
import type { FrameBatch, TearReport } from "../history.ts";
import type { Place } from "./plan.ts";
import type { SegmentFile } from "./segment-file.ts";
import {
  alignBatch,
  BATCH_ALIGNMENT,
  BATCH_END_BYTES,
  BATCH_HEADER_BYTES,
  type BatchHeader,
  countZeroSectors,
  decodeBatchHeader,
  firstNonZero,
  restIsGood,
  SECTOR_BYTES,
  SEGMENT_HEADER_BYTES,
} from "./segment-format.ts";
import type { Waypoint } from "./waypoints.ts";

/** A live writer may be in the middle of a batch: what looks wrong at the tail is looked at again. */
const LOOKS = 6;
/** Before the second look; each further pause is twice as long. */
const PAUSE_MILLISECONDS = 4;
/** Zeros are checked in steps of this size. */
const STEP_BYTES = 1 << 20;

/** Where a walk ends. */
export interface ScanLimit {
  /** First seq of the segment that goes on; undefined in the newest. */
  readonly next: bigint | undefined;
  /** The segment that goes on is of a higher term: batches of this one from there on are left aside. */
  readonly nextIsHigher: boolean;
}

/** One batch of a segment. */
export interface StoredBatch extends FrameBatch {
  /** Of its header. */
  readonly position: number;
  /** All of it, header to end mark; good until the next call, like `bytes`. */
  readonly stored: Uint8Array;
}

type Look =
  | { readonly kind: "batch"; readonly batch: StoredBatch }
  | { readonly kind: "end" }
  | { readonly kind: "tear"; readonly tear: TearReport }
  | { readonly kind: "damage"; readonly error: HistoryError };

export class SegmentScan {
  /** What is cut off behind the last batch; known once `next` has answered undefined. */
  tear: TearReport | undefined;
  /** Where the next batch would start. */
  position = SEGMENT_HEADER_BYTES;
  /** Seq that the next batch would start with. */
  nextSeq: bigint;
  readonly #place: Place;
  readonly #segment: SegmentFile;
  readonly #limit: ScanLimit;
  #end = SEGMENT_HEADER_BYTES;

  constructor(place: Place, segment: SegmentFile, limit: ScanLimit) {
    this.#place = place;
    this.#segment = segment;
    this.#limit = limit;
    this.nextSeq = segment.header.firstSeq;
  }

  /** Starts at a batch that was walked before; answers false, and does not, when it is not there. */
  async skipTo(waypoint: Waypoint): Promise<boolean> {
    const head = await this.#segment.bytes(waypoint.position, BATCH_HEADER_BYTES);
    if (head.length < BATCH_HEADER_BYTES) return false;
    if (this.#headerOf(head)?.firstSeq !== waypoint.seq) return false;
    this.position = waypoint.position;
    this.#end = waypoint.position;
    this.nextSeq = waypoint.seq;
    return true;
  }

  /**
   * The next batch; undefined behind the last one. In the newest segment it may be called again: the writer may
   * have gone on.
   *
   * @throws {HistoryError} `DAMAGED`, naming segment, offset, seq, expected, actual
   */
  async next(): Promise<StoredBatch | undefined> {
    this.tear = undefined;
    const look = await this.#lookAgain();
    if (look.kind === "damage") throw look.error;
    if (look.kind === "batch") {
      this.#advance(look.batch);
      return look.batch;
    }
    if (look.kind === "tear") this.tear = look.tear;
    return undefined;
  }

  async #lookAgain(): Promise<Look> {
    let look = await this.#look();
    if (this.#limit.next !== undefined) return this.#within(look, this.#limit.next);
    for (let looks = 1; looks < LOOKS && (look.kind === "tear" || look.kind === "damage"); looks += 1) {
      await this.#place.fileSystem.pause(PAUSE_MILLISECONDS * 2 ** (looks - 1));
      this.#segment.forget();
      look = await this.#look();
    }
    if (look.kind === "end") this.#segment.forget();
    return look;
  }

  /** What a look means in a segment that another one goes on from. */
  #within(look: Look, next: bigint): Look {
    if (look.kind === "damage") return look;
    if (look.kind === "batch") {
      const { firstSeq, count, position } = look.batch;
      if (firstSeq === next && this.#limit.nextIsHigher) return { kind: "end" };
      if (firstSeq + BigInt(count) <= next) return look;
      return this.#damage(
        position,
        "frames go on where the next segment starts",
        `seq ${next} there`,
        `seq ${firstSeq}`,
      );
    }
    if (look.kind === "tear") {
      const message = "a batch is incomplete though later frames follow it";
      return this.#damage(look.tear.offset, message, "a whole batch", "sectors that are all zero");
    }
    if (this.nextSeq === next) return look;
    return this.#damage(
      this.position,
      "frames are missing before the next segment",
      `seq ${this.nextSeq}`,
      "the end",
    );
  }

  #advance(batch: StoredBatch): void {
    this.nextSeq = batch.firstSeq + BigInt(batch.count);
    this.#end = batch.position + batch.stored.length;
    this.position = alignBatch(this.#end);
  }

  async #look(): Promise<Look> {
    const segment = this.#segment;
    const { size } = segment.header;
    const { position } = this;
    const skipped = await segment.bytes(this.#end, position - this.#end);
    const bad = firstNonZero(skipped);
    if (bad >= 0)
      return this.#damage(this.#end + bad, "a byte between two batches is not zero", "0", `${skipped[bad]}`);
    if (position === size) return { kind: "end" };
    const head = await segment.bytes(position, BATCH_HEADER_BYTES);
    if (firstNonZero(head) < 0) return this.#lookAtZeros(position);
    const header = this.#headerOf(head);
    if (header === undefined) {
      return this.#damage(
        position,
        "the check of a batch header is wrong",
        "a good batch header",
        hexOf(head),
      );
    }
    return this.#lookAtBatch(position, header);
  }

  async #lookAtBatch(position: number, header: BatchHeader): Promise<Look> {
    const { size, batchSizeMax } = this.#segment.header;
    const lengthMax = Math.min(size - position, batchSizeMax);
    if (header.length <= BATCH_HEADER_BYTES + BATCH_END_BYTES || header.length > lengthMax) {
      const expected = `a length up to ${lengthMax}`;
      return this.#damage(position, "a batch has an impossible length", expected, `length ${header.length}`);
    }
    if (header.firstSeq !== this.nextSeq) {
      return this.#damage(
        position,
        "a batch is out of order",
        `seq ${this.nextSeq}`,
        `seq ${header.firstSeq}`,
      );
    }
    const stored = await this.#segment.bytes(position, header.length);
    if (!restIsGood(header, stored, this.#place.crc32c)) return this.#lookAtBadRest(position, header, stored);
    const bytes = stored.subarray(BATCH_HEADER_BYTES, stored.length - BATCH_END_BYTES);
    const batch: StoredBatch = { position, stored, bytes, firstSeq: header.firstSeq, count: header.frames };
    const problem = checkStructure(batch);
    if (problem === undefined) return { kind: "batch", batch };
    const offset = position + BATCH_HEADER_BYTES + problem.offset;
    return this.#damage(
      offset,
      "the frames of a batch do not follow on each other",
      problem.expected,
      problem.actual,
    );
  }

  async #lookAtBadRest(position: number, header: BatchHeader, stored: Uint8Array): Promise<Look> {
    const zeroSectors = countZeroSectors(stored, position);
    const end = position + header.length;
    if (zeroSectors <= header.zeroSectors) {
      return this.#damage(position, "the check of a batch is wrong", "a good check", "changed bytes");
    }
    const beyond = await this.#firstNonZeroFrom(end);
    if (beyond >= 0) {
      const actual = `${zeroSectors - header.zeroSectors} sectors lost, and bytes at ${beyond}`;
      return this.#damage(
        position,
        "a batch is incomplete though something follows it",
        "zeros behind it",
        actual,
      );
    }
    const lastSeq = header.firstSeq + BigInt(header.frames) - 1n;
    return { kind: "tear", tear: this.#tearAt(position, header.firstSeq, lastSeq) };
  }

  async #lookAtZeros(position: number): Promise<Look> {
    const { size, batchSizeMax } = this.#segment.header;
    const first = await this.#firstNonZeroFrom(position);
    if (first < 0) return { kind: "end" };
    const sectorEnd = position - (position % SECTOR_BYTES) + SECTOR_BYTES;
    if (first < sectorEnd) {
      return this.#damage(
        first,
        "bytes stand where a batch header is missing from the same sector",
        "0",
        "another byte",
      );
    }
    const lost = "bytes stand behind a place where nothing was written";
    const beyond = await this.#firstNonZeroFrom(Math.min(position + batchSizeMax, size));
    if (beyond >= 0)
      return this.#damage(beyond, lost, "zeros, more than the largest batch away", "another byte");
    const whole = await this.#findBatch(position, first);
    if (whole === undefined) return { kind: "tear", tear: this.#tearAt(position, undefined, undefined) };
    return this.#damage(position, lost, "the batch before it", `a whole batch from seq ${whole.firstSeq} on`);
  }

  /** A whole batch behind the empty place means that the one missing here was acknowledged. */
  async #findBatch(position: number, first: number): Promise<BatchHeader | undefined> {
    const { size, batchSizeMax } = this.#segment.header;
    const start = first - (first % BATCH_ALIGNMENT);
    const end = Math.min(position + batchSizeMax, size);
    const bytes = await this.#segment.bytes(start, end - start);
    for (let at = 0; at + BATCH_HEADER_BYTES <= bytes.length; at += BATCH_ALIGNMENT) {
      const header = this.#headerOf(bytes.subarray(at, at + BATCH_HEADER_BYTES));
      if (header === undefined || header.length <= BATCH_HEADER_BYTES + BATCH_END_BYTES) continue;
      if (header.firstSeq <= this.nextSeq || header.length > bytes.length - at) continue;
      if (restIsGood(header, bytes.subarray(at, at + header.length), this.#place.crc32c)) return header;
    }
    return undefined;
  }

  async #firstNonZeroFrom(position: number): Promise<number> {
    const { size } = this.#segment.header;
    for (let at = position; at < size; at += STEP_BYTES) {
      const found = firstNonZero(await this.#segment.bytes(at, Math.min(STEP_BYTES, size - at)));
      if (found >= 0) return at + found;
    }
    return -1;
  }

  #headerOf(bytes: Uint8Array): BatchHeader | undefined {
    return decodeBatchHeader(bytes, this.#place.crc32c);
  }

  #tearAt(offset: number, firstSeq: bigint | undefined, lastSeq: bigint | undefined): TearReport {
    return { segment: this.#segment.name.file, offset, firstSeq, lastSeq };
  }

  #damage(offset: number, message: string, expected: string, actual: string): Look {
    const advice = `${message}; restore the file from a copy, or keep the frames before it`;
    const segment = this.#segment.name.file;
    const error = new HistoryError("DAMAGED", advice, {
      segment,
      offset,
      seq: this.nextSeq,
      expected,
      actual,
    });
    return { kind: "damage", error };
  }
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
