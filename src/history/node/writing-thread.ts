/**
 * The thread that seals and writes batches, and the memory that it shares with the engine.
 *
 * Responsible for: what goes there, and where batches are completed. Not responsible for: any decision; it runs `batchStep`
 * and says what came of it. The bytes of a batch are shared, so the digests come back in place.
 */
import { createRequire } from "node:module";
import type { FrameBatch, FrameSealer } from "../history.ts";
import {
  BATCH_END_BYTES,
  BATCH_END_MARK,
  BATCH_HEADER_BYTES,
  batchBytes,
  SECTOR_BYTES,
} from "../segments/segment-format.ts";
import { type BatchJob, type BatchLayout, type BatchResult, batchStep, runNow } from "./batch-step.ts";
import { blockingFileSystem } from "./node-file-system.ts";
import { Thread } from "./thread.ts";

export const BATCH_LAYOUT: BatchLayout = {
  headerBytes: BATCH_HEADER_BYTES,
  endBytes: BATCH_END_BYTES,
  endMark: BATCH_END_MARK,
  sectorBytes: SECTOR_BYTES,
};

const STAGING_BYTES_MIN = 1 << 16;

/** Batches that are kept share memory of this size: making shared memory takes a tenth of a millisecond. */
const CHUNK_BYTES = 1 << 22;

/** Shared memory in which batches are completed: room for the header, the frames, room for the end mark. */
export class Staging {
  #buffer = new SharedArrayBuffer(0);
  #chunk = new SharedArrayBuffer(0);
  #chunkUsed = 0;
  /** By the room for the frames of a batch: what it is a part of, with room for the header and the end mark. */
  readonly #wholes = new WeakMap<Uint8Array, Uint8Array>();

  /** Room for frames of this length, from which `stage` need not copy them. It is never used again. */
  roomForGood(length: number): Uint8Array {
    const bytes = batchBytes(length);
    if (this.#chunkUsed + bytes > this.#chunk.byteLength) {
      this.#chunk = new SharedArrayBuffer(Math.max(CHUNK_BYTES, bytes));
      this.#chunkUsed = 0;
    }
    const whole = new Uint8Array(this.#chunk, this.#chunkUsed, bytes);
    this.#chunkUsed += bytes;
    return this.#roomIn(whole);
  }

  /** The same, good until the next call of `room` or `stage`. */
  room(length: number): Uint8Array {
    return this.#roomIn(this.#whole(batchBytes(length)));
  }

  /** Copies the frames in, if they are not there; the answer is good until the next call. */
  stage(batch: FrameBatch): Uint8Array {
    const there = this.#wholes.get(batch.bytes);
    if (there !== undefined) return there;
    const whole = this.#whole(batchBytes(batch.bytes.length));
    whole.set(batch.bytes, BATCH_HEADER_BYTES);
    return whole;
  }

  /** Copies sealed frames back into the batch that was staged, if it was copied. */
  takeSealed(staged: Uint8Array, batch: FrameBatch): void {
    if (this.#wholes.get(batch.bytes) === staged) return;
    batch.bytes.set(staged.subarray(BATCH_HEADER_BYTES, staged.length - BATCH_END_BYTES));
  }

  /** The room for frames in what has room for a whole batch. */
  #roomIn(whole: Uint8Array): Uint8Array {
    const room = whole.subarray(BATCH_HEADER_BYTES, whole.length - BATCH_END_BYTES);
    this.#wholes.set(room, whole);
    return room;
  }

  #whole(bytes: number): Uint8Array {
    this.#grow(bytes);
    return new Uint8Array(this.#buffer, 0, bytes);
  }

  #grow(length: number): void {
    if (this.#buffer.byteLength >= length) return;
    this.#buffer = new SharedArrayBuffer(Math.max(STAGING_BYTES_MIN, 2 ** Math.ceil(Math.log2(length))));
  }
}

/** Jobs are batches; their bytes are shared memory (`Staging`). */
export type WritingThread = Thread<BatchJob, BatchResult>;

/** Source text of what makes a step of the job of a batch, and runs it. */
function workSource(sealerSource: string): string {
  return `(() => {
    const { data } = threads.workerData;
    const { crc32c } = require(data.crc32);
    const sealer = (${sealerSource})(data.sealer);
    const files = (${blockingFileSystem.toString()})(require("node:fs"));
    const step = (${batchStep.toString()})(files, sealer, crc32c, data.layout);
    const run = ${runNow.toString()};
    return (job) => run(step(job));
  })()`;
}

/** Starts a thread; undefined where the sealer can not go there. */
export function startWriting({ portable }: FrameSealer): WritingThread | undefined {
  if (portable === undefined) return undefined;
  const crc32 = createRequire(import.meta.url).resolve("@node-rs/crc32");
  return new Thread(workSource(portable.source), { sealer: portable.data, crc32, layout: BATCH_LAYOUT });
}
