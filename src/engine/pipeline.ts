/**
 * The pipeline: from executed frames to durable ones, and to whoever waits for them.
 *
 * Responsible for: group commit (whatever is there goes in one append, one append at a time), resolving in seq order,
 * and what waiting callers hear when an append fails.
 * Not responsible for: executing, digests and disks.
 *
 * Invariants: I1 nothing resolves before the append that holds its frame has; I2 after a failed append nothing is
 * acknowledged any more.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { DIGEST_BYTES, RESULT_EVENTS_AT } from "../../assembly/abi.ts";
import { OperationalError } from "../errors.ts";
import type { ClaimedHistory, FrameBatch } from "../history/history.ts";
import type { Core } from "../wasm.ts";
import type { Source } from "./view.ts";

/** A durable frame, as its waiter is told of it. */
export interface DurableFrame {
  /** Bytes and a view of the batch it is in. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Offset of the body, of its events, and of its end. */
  readonly at: number;
  readonly eventsAt: number;
  readonly end: number;
  readonly digest: string;
}

/** Someone who waits for frames. */
export interface Waiter {
  readonly source: Source | undefined;
  /** The next frame it waits for is durable. Frames come in the order in which they were made; `frame` is used again. */
  durable(frame: DurableFrame): void;
  failed(error: OperationalError): void;
}

/** Someone who waits until everything that is made now is durable. */
export interface Barrier {
  reached(): void;
  failed(error: OperationalError): void;
}

interface Batch extends FrameBatch {
  /** Frame by frame. */
  readonly waiters: readonly (Waiter | undefined)[];
  /** Frame by frame: where in the body its events start. */
  readonly eventsAt: readonly number[];
  readonly barriers: Barrier[];
}

/** Frames that are executed but not durable may take this much memory; then submit is BUSY and submitMany waits. */
const PENDING_BYTES_MAX = 64 << 20;

export class Pipeline {
  private readonly core: Core;
  private readonly history: ClaimedHistory;
  /** Of the frames that are still in the core's output. */
  private waiters: (Waiter | undefined)[] = [];
  private eventsAt: number[] = [];
  private barriers: Barrier[] = [];
  private queue: Batch[] = [];
  private pendingBytes = 0;
  private firstSeq: bigint;
  private readonly decoder: Decoder = new TextDecoder();
  private flushing = false;
  private scheduled = false;
  private durableSeq: bigint;
  private durableDigest: Uint8Array;
  /** Why nothing is acknowledged any more. */
  failure: OperationalError | undefined;

  constructor(core: Core, history: ClaimedHistory) {
    this.core = core;
    this.history = history;
    this.durableSeq = history.frontier.seq;
    this.durableDigest = history.frontier.digest;
    this.firstSeq = this.durableSeq + 1n;
  }

  get frontierSeq(): bigint {
    return this.durableSeq;
  }
  get frontierDigest(): string {
    return bytesToHex(this.durableDigest);
  }

  /** Whether a further frame may be made; if not, something is being made durable and `settled` will resolve. */
  hasRoom(): boolean {
    if (this.core.exports.hasRoom() !== 0) return true;
    if (this.pendingBytes >= PENDING_BYTES_MAX) return false;
    this.takeOutput();
    return true;
  }

  /** A frame was made. It is on its way from the next microtask on. */
  added(waiter: Waiter | undefined): void {
    this.waiters.push(waiter);
    this.eventsAt.push(this.core.resultWord(RESULT_EVENTS_AT));
    if (this.flushing || this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      void this.flush();
    });
  }

  /** Resolves when everything made so far is durable. @throws {OperationalError} the append failed */
  reached(): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const last = this.queue.at(-1);
    const barriers = this.waiters.length > 0 ? this.barriers : last?.barriers;
    if (barriers === undefined) return Promise.resolve();
    return new Promise((resolve, reject) => barriers.push({ reached: resolve, failed: reject }));
  }

  /** @param isNext the batch is appended at once: its frames go where the history takes them from */
  private takeOutput(isNext = false): void {
    const count = this.waiters.length;
    if (count === 0) return;
    const length = this.core.outputBytes;
    const bytes = (isNext ? this.history.buffer?.(length) : undefined) ?? new Uint8Array(length);
    this.core.takeOutput(bytes);
    const { firstSeq, waiters, eventsAt, barriers } = this;
    this.queue.push({ firstSeq, count, bytes, waiters, eventsAt, barriers });
    this.firstSeq += BigInt(count);
    this.pendingBytes += bytes.length;
    this.waiters = [];
    this.eventsAt = [];
    this.barriers = [];
  }

  private async flush(): Promise<void> {
    if (this.flushing) return;
    this.flushing = true;
    while (this.failure === undefined && (this.queue.length > 0 || this.waiters.length > 0)) {
      try {
        if (this.queue.length === 0) this.takeOutput(true);
        const batch = this.queue[0]!;
        await this.history.append(batch);
        this.release(batch);
        this.queue.shift();
        this.pendingBytes -= batch.bytes.length;
      } catch (error) {
        this.fail(error);
      }
    }
    this.flushing = false;
  }

  /** Tells the waiters of a durable batch, in seq order. */
  private release(batch: Batch): void {
    const { bytes, count, waiters } = batch;
    this.durableSeq = batch.firstSeq + BigInt(count) - 1n;
    this.durableDigest = bytes.slice(bytes.length - DIGEST_BYTES);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const digests = new Digests(bytes, view, count, this.decoder);
    const frame = { bytes, view, at: 0, eventsAt: 0, end: 0, digest: "" };
    let next = 0;
    for (let index = 0; index < count; index++) {
      frame.at = next;
      frame.end = next + view.getUint32(next, true);
      next = frame.end + DIGEST_BYTES;
      const waiter = waiters[index];
      if (waiter === undefined) continue;
      frame.eventsAt = frame.at + batch.eventsAt[index]!;
      frame.digest = digests.at(index);
      waiter.durable(frame);
    }
    for (const barrier of batch.barriers) barrier.reached();
  }

  private fail(error: unknown): void {
    const fenced = error instanceof OperationalError && error.code === "FENCED";
    this.failure = fenced
      ? error
      : new OperationalError("POISONED", "an append to the history failed; reopen", { cause: error });
    const waiters = new Set([...this.queue.flatMap((batch) => batch.waiters), ...this.waiters]);
    const barriers = [...this.queue.flatMap((batch) => batch.barriers), ...this.barriers];
    this.queue = [];
    this.waiters = [];
    this.barriers = [];
    for (const waiter of waiters) waiter?.failed(this.failureFor(waiter.source));
    for (const barrier of barriers) barrier.failed(this.failure);
  }

  /** What a caller hears whose command was on its way when the history failed. */
  failureFor(source: Source | undefined): OperationalError {
    const { failure } = this;
    return failure?.code === "FENCED" ? fencedFor(failure, source) : unknownFor(failure?.cause, source);
  }
}

/** The part of a TextDecoder that is used. */
interface Decoder {
  decode(bytes: Uint8Array): string;
}

const HEX_DIGITS = "0123456789abcdef";

/** The digests of a batch in hex: one long text, made at once, of which each is a slice. */
class Digests {
  private readonly text: string;

  constructor(bytes: Uint8Array, view: DataView, count: number, decoder: Decoder) {
    const digits = new Uint8Array(count * DIGEST_BYTES * 2);
    let at = 0;
    let out = 0;
    for (let index = 0; index < count; index++) {
      at += view.getUint32(at, true) + DIGEST_BYTES;
      for (let from = at - DIGEST_BYTES; from < at; from++) {
        const byte = bytes[from]!;
        digits[out++] = HEX_DIGITS.charCodeAt(byte >> 4);
        digits[out++] = HEX_DIGITS.charCodeAt(byte & 15);
      }
    }
    this.text = decoder.decode(digits);
  }

  at(index: number): string {
    return this.text.slice(index * DIGEST_BYTES * 2, (index + 1) * DIGEST_BYTES * 2);
  }
}

function unknownFor(cause: unknown, source: Source | undefined): OperationalError {
  const advice = "reopen, then submit the same source seq again or ask for its receipt";
  const message = `the append failed, the command may be in the history; ${advice}`;
  return new OperationalError("OUTCOME_UNKNOWN", message, { source, cause });
}

function fencedFor(cause: OperationalError, source: Source | undefined): OperationalError {
  const message = "another writer has claimed the history; nothing was acknowledged since";
  return new OperationalError("FENCED", message, { source, cause });
}
