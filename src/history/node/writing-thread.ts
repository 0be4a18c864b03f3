/**
 * A thread that seals and writes batches, so that the engine goes on meanwhile.
 *
 * Responsible for: starting it, handing it one batch at a time, its end.
 * Not responsible for: any decision; it runs `batchStep` and says what came of it.
 *
 * The thread is started from source text: the same functions run here and there, from TypeScript sources, from
 * the built package and from a bundle, with no file to be found at run time. It waits on one word of shared
 * memory, without polling, and counts its answers in another, so that a busy caller can look for them without a turn of
 * its event loop; the bytes of a batch are shared, so the digests come back in place.
 *
 * Invariants: I1 one batch at a time; I2 it keeps the process alive only while a batch is under way.
 */
import { createRequire } from "node:module";
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
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

export const BATCH_LAYOUT: BatchLayout = {
  headerBytes: BATCH_HEADER_BYTES,
  endBytes: BATCH_END_BYTES,
  endMark: BATCH_END_MARK,
  sectorBytes: SECTOR_BYTES,
};

const STAGING_BYTES_MIN = 1 << 16;

/** Batches that are kept share memory of this size: making shared memory takes a tenth of a millisecond. */
const CHUNK_BYTES = 1 << 22;

/** By the room for the frames of a batch: what it is a part of, with room for the header and the end mark. */
const wholes = new WeakMap<Uint8Array, Uint8Array>();

/** The room for frames in what has room for a whole batch. */
function roomIn(whole: Uint8Array): Uint8Array {
  const room = whole.subarray(BATCH_HEADER_BYTES, whole.length - BATCH_END_BYTES);
  wholes.set(room, whole);
  return room;
}

/** Shared memory in which batches are completed: room for the header, the frames, room for the end mark. */
export class Staging {
  #buffer = new SharedArrayBuffer(0);
  #chunk = new SharedArrayBuffer(0);
  #chunkUsed = 0;

  /** Room for frames of this length, from which `stage` need not copy them. It is never used again. */
  roomForGood(length: number): Uint8Array {
    const bytes = batchBytes(length);
    if (this.#chunkUsed + bytes > this.#chunk.byteLength) {
      this.#chunk = new SharedArrayBuffer(Math.max(CHUNK_BYTES, bytes));
      this.#chunkUsed = 0;
    }
    const whole = new Uint8Array(this.#chunk, this.#chunkUsed, bytes);
    this.#chunkUsed += bytes;
    return roomIn(whole);
  }

  /** The same, good until the next call of `room` or `stage`. */
  room(length: number): Uint8Array {
    return roomIn(this.#whole(batchBytes(length)));
  }

  /** Copies the frames in, if they are not there; the answer is good until the next call. */
  stage(batch: FrameBatch): Uint8Array {
    const there = wholes.get(batch.bytes);
    if (there !== undefined) return there;
    const whole = this.#whole(batchBytes(batch.bytes.length));
    whole.set(batch.bytes, BATCH_HEADER_BYTES);
    return whole;
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

/** Copies sealed frames back into the batch that was staged, if it was copied. */
export function takeSealed(staged: Uint8Array, batch: FrameBatch): void {
  if (wholes.get(batch.bytes) === staged) return;
  batch.bytes.set(staged.subarray(BATCH_HEADER_BYTES, staged.length - BATCH_END_BYTES));
}

/** What the thread answers. */
type Reply =
  | { readonly kind: "ready" }
  | { readonly kind: "result"; readonly result: BatchResult }
  | { readonly kind: "failed"; readonly message: string; readonly code: string | undefined };

/** A failure in the thread, with the code of the system error behind it. */
class ThreadFailure extends Error {
  readonly code: string | undefined;

  constructor(message: string, code: string | undefined) {
    super(message);
    this.code = code;
  }
}

/** Called once with what came of a batch. */
interface Waiting {
  done(result: BatchResult): void;
  failed(error: Error): void;
}

/** The body of the thread. Self-contained: only its text gets there. */
function serve(
  threads: typeof import("node:worker_threads"),
  step: ReturnType<typeof batchStep>,
  run: typeof runNow,
): void {
  const port = threads.workerData.port as MessagePort;
  const wakeUps = new Int32Array(threads.workerData.signals as SharedArrayBuffer, 0, 1);
  const answers = new Int32Array(threads.workerData.signals as SharedArrayBuffer, 4, 1);
  let seen = 0;
  port.postMessage({ kind: "ready" });
  for (;;) {
    Atomics.wait(wakeUps, 0, seen);
    seen = Atomics.load(wakeUps, 0);
    for (
      let got = threads.receiveMessageOnPort(port);
      got !== undefined;
      got = threads.receiveMessageOnPort(port)
    ) {
      try {
        port.postMessage({ kind: "result", result: run(step(got.message as BatchJob)) });
      } catch (error) {
        const { message, code } = error as NodeJS.ErrnoException;
        port.postMessage({ kind: "failed", message, code });
      }
      Atomics.add(answers, 0, 1);
    }
  }
}

function sourceOf(sealerSource: string): string {
  return `
    "use strict";
    // Some compilers name inner functions through this helper.
    const __name = (value) => value;
    const threads = require("node:worker_threads");
    const { crc32c } = require(threads.workerData.crc32);
    const sealer = (${sealerSource})(threads.workerData.sealer);
    const files = (${blockingFileSystem.toString()})(require("node:fs"));
    const step = (${batchStep.toString()})(files, sealer, crc32c, threads.workerData.layout);
    (${serve.toString()})(threads, step, ${runNow.toString()});
  `;
}

export class WritingThread {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #wakeUps: Int32Array;
  readonly #answers: Int32Array;
  #answersSeen = 0;
  #ready = false;
  readonly #started: Promise<void>;
  #tellStarted: () => void = () => {};
  #failure: Error | undefined;
  #waiting: Waiting | undefined;

  private constructor(source: string, data: unknown) {
    const { port1, port2 } = new MessageChannel();
    const signals = new SharedArrayBuffer(8);
    this.#port = port1;
    this.#wakeUps = new Int32Array(signals, 0, 1);
    this.#answers = new Int32Array(signals, 4, 1);
    const workerData = {
      sealer: data,
      crc32: createRequire(import.meta.url).resolve("@node-rs/crc32"),
      layout: BATCH_LAYOUT,
      port: port2,
      signals,
    };
    this.#started = new Promise((resolve) => {
      this.#tellStarted = resolve;
    });
    const transferList = [port2];
    const name = "statevec history";
    this.#worker = new Worker(sourceOf(source), { eval: true, workerData, transferList, name });
    this.#port.on("message", (reply: Reply) => this.#receive(reply));
    this.#port.unref();
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(new Error("the writing thread ended")));
    this.#worker.unref();
  }

  /** Starts a thread; undefined where the sealer can not go there. */
  static start(sealer: FrameSealer): WritingThread | undefined {
    const { portable } = sealer;
    return portable === undefined ? undefined : new WritingThread(portable.source, portable.data);
  }

  /** It has started, and has not failed. */
  get isReady(): boolean {
    return this.#ready && this.#failure === undefined;
  }

  /** Resolves once it has started, or failed to. Keeps the process alive until then. */
  async started(): Promise<void> {
    this.#worker.ref();
    await this.#started;
    this.#worker.unref();
  }

  /** Runs one batch. Its bytes are shared memory (`Staging`). */
  begin(job: BatchJob, waiting: Waiting): void {
    if (this.#waiting !== undefined) throw new Error("one batch at a time");
    if (this.#failure !== undefined) return waiting.failed(this.#failure);
    this.#waiting = waiting;
    this.#port.ref();
    this.#port.postMessage(job);
    Atomics.add(this.#wakeUps, 0, 1);
    Atomics.notify(this.#wakeUps, 0);
  }

  /** As `begin`. */
  run(job: BatchJob): Promise<BatchResult> {
    return new Promise((done, failed) => this.begin(job, { done, failed }));
  }

  /** Takes the answer to a batch, if it is there. */
  look(): void {
    if (this.#waiting === undefined || Atomics.load(this.#answers, 0) === this.#answersSeen) return;
    const got = receiveMessageOnPort(this.#port);
    if (got !== undefined) this.#receive(got.message as Reply);
  }

  /** Ends the thread. No batch may be under way. */
  async close(): Promise<void> {
    await this.#worker.terminate();
    this.#port.close();
  }

  #receive(reply: Reply): void {
    if (reply.kind === "ready") {
      this.#ready = true;
      this.#tellStarted();
      return;
    }
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#answersSeen++;
    this.#port.unref();
    if (reply.kind === "result") waiting?.done(reply.result);
    else waiting?.failed(new ThreadFailure(reply.message, reply.code));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#tellStarted();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#port.unref();
    waiting?.failed(this.#failure);
  }
}
