/**
 * Gathering runs of frames into chunks worth handing over.
 *
 * Responsible for: copying frames out of a reader's window, many small batches into one chunk.
 * Not responsible for: which frames (`file-reader.ts`).
 *
 * Invariants: I1 what is taken out is never written to again.
 */
import type { FrameBatch } from "../history.ts";

/** A chunk is handed over when the next frames would make it larger. */
const CHUNK_BYTES = 1 << 20;
const FIRST_BYTES = 1 << 14;

export class Chunk {
  #bytes = new Uint8Array(0);
  #used = 0;
  #firstSeq = 0n;
  #count = 0;

  /** Whether the frames still go into this chunk; an empty one takes any. */
  hasRoomFor(frames: FrameBatch): boolean {
    return this.#count === 0 || this.#used + frames.bytes.length <= CHUNK_BYTES;
  }

  /** Copies frames in, behind those that are there. */
  add(frames: FrameBatch): void {
    const needed = this.#used + frames.bytes.length;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(
        Math.max(needed, Math.min(CHUNK_BYTES, this.#bytes.length * 2), FIRST_BYTES),
      );
      grown.set(this.#bytes.subarray(0, this.#used));
      this.#bytes = grown;
    }
    if (this.#count === 0) this.#firstSeq = frames.firstSeq;
    this.#bytes.set(frames.bytes, this.#used);
    this.#used = needed;
    this.#count += frames.count;
  }

  /** What was gathered, and begins anew; undefined when there is nothing. */
  take(): FrameBatch | undefined {
    if (this.#count === 0) return undefined;
    const taken = {
      firstSeq: this.#firstSeq,
      count: this.#count,
      bytes: this.#bytes.subarray(0, this.#used),
    };
    this.#bytes = new Uint8Array(0);
    this.#used = 0;
    this.#count = 0;
    return taken;
  }
}
