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
import { DIGEST_BYTES } from "../../assembly/abi.ts";
import { OperationalError } from "../errors.ts";
import type { ClaimedHistory, FrameBatch } from "../history/history.ts";
import type { Core } from "../wasm.ts";
import { DurableFrames } from "./durable-frames.ts";
import { Following } from "./following.ts";
import type { Source } from "./view.ts";

/** Someone who waits for frames. */
export interface Waiter {
  readonly source: Source | undefined;
  /** It keeps the bytes of its frames. */
  readonly keepsFrames: boolean;
  /** The next frames it waits for are durable. Frames come in the order in which they were made. */
  durable(frames: DurableFrames): void;
  failed(error: OperationalError): void;
}

/** Someone who waits until everything that is made now is durable. */
export interface Barrier {
  reached(): void;
  failed(error: OperationalError): void;
}

/** Consecutive frames that one waiter waits for, or nobody. */
interface Waiting {
  readonly waiter: Waiter | undefined;
  count: number;
}

interface Batch extends FrameBatch {
  /** Its bytes stay as they are once it is durable. */
  readonly forGood: boolean;
  readonly waiting: readonly Waiting[];
  /** Frame by frame: where in the body its events start. */
  readonly eventsAt: Uint32Array;
  readonly barriers: Barrier[];
}

/** Frames that are executed but not durable may take this much memory; then submit is BUSY and submitMany waits. */
const PENDING_BYTES_MAX = 64 << 20;
/** So much goes on its way at once, without waiting for what else the same turn may make. */
const AT_ONCE_BYTES = 1 << 16;
/** A few frames wait so long for others: about a microsecond. */
const MICROTASKS = 16;
/**
 * Who awaits what is durable already never lets the event loop turn: so for that long waiters hear of it within one turn,
 * then the next one brings it. Appends go on meanwhile.
 */
const TURN_MILLISECONDS = 8;

const { setImmediate } = globalThis as { readonly setImmediate?: (callback: () => void) => unknown };

export class Pipeline {
  private readonly core: Core;
  private readonly history: ClaimedHistory;
  /** Of the frames that are still in the core's output. */
  private waiting: Waiting[] = [];
  private barriers: Barrier[] = [];
  private queue: Batch[] = [];
  /** Durable; the next turn of the event loop tells. */
  private untold: Batch[] = [];
  private lastTurn = 0;
  private pendingBytes = 0;
  private firstSeq: bigint;
  private flushing = false;
  private scheduled = false;
  private durableSeq: bigint;
  private durableDigest: Uint8Array;
  /** Why nothing is acknowledged any more. */
  failure: OperationalError | undefined;
  /** Told of all that followers of frames wait for. */
  readonly following = new Following();

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

  /** Nothing is on its way to the history. */
  get isIdle(): boolean {
    return this.waiting.length === 0 && this.queue.length === 0 && this.untold.length === 0;
  }

  /** Whether a further frame may be made; if not, something is being made durable and `settled` will resolve. */
  hasRoom(): boolean {
    if (this.core.exports.hasRoom() !== 0) return true;
    if (this.pendingBytes >= PENDING_BYTES_MAX) return false;
    this.takeOutput();
    return true;
  }

  /** Frames were made. They are on their way from the next microtask on; many of them at once. */
  added(waiter: Waiter | undefined, count = 1): void {
    if (count === 0) return;
    const last = this.waiting.at(-1);
    if (last !== undefined && last.waiter === waiter) last.count += count;
    else this.waiting.push({ waiter, count });
    this.go();
  }

  /** The same for a frame of each of the waiters from one position up to another. */
  addedEach(waiters: readonly Waiter[], from: number, to: number): void {
    if (from === to) return;
    for (let index = from; index < to; index++) this.waiting.push({ waiter: waiters[index]!, count: 1 });
    this.go();
  }

  private go(): void {
    if (this.core.outputBytes >= AT_ONCE_BYTES) {
      this.history.look?.();
      this.flush();
    } else if (!this.flushing && !this.scheduled) this.flushSoon();
  }

  /**
   * With what else is made meanwhile. Who awaits an older receipt before each further command makes one every few
   * microtasks: so several go by, or each of its frames would be written alone.
   */
  private flushSoon(): void {
    this.scheduled = true;
    let left = MICROTASKS;
    const goOn = (): void => {
      left--;
      if (left > 0) return queueMicrotask(goOn);
      this.scheduled = false;
      this.flush();
    };
    queueMicrotask(goOn);
  }

  /** Resolves when everything made so far is durable. @throws {OperationalError} the append failed */
  reached(): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const last = this.queue.at(-1) ?? this.untold.at(-1);
    const barriers = this.waiting.length > 0 ? this.barriers : last?.barriers;
    if (barriers === undefined) return Promise.resolve();
    return new Promise((resolve, reject) => barriers.push({ reached: resolve, failed: reject }));
  }

  /** @param isNext the batch is appended at once: its frames go where the history takes them from */
  private takeOutput(isNext = false): void {
    const count = this.core.exports.outputFrames();
    if (count === 0) return;
    const length = this.core.outputBytes;
    const forGood = this.waiting.some(({ waiter }) => waiter?.keepsFrames === true);
    const room = isNext ? this.history.buffer?.(length, forGood) : undefined;
    const bytes = room ?? new Uint8Array(length);
    const eventsAt = this.core.outputEvents();
    this.core.takeOutput(bytes);
    const { firstSeq, waiting, barriers } = this;
    this.queue.push({
      firstSeq,
      count,
      bytes,
      forGood: forGood || room === undefined,
      waiting,
      eventsAt,
      barriers,
    });
    this.firstSeq += BigInt(count);
    this.pendingBytes += bytes.length;
    this.waiting = [];
    this.barriers = [];
  }

  /** Appends what is there, until there is nothing or an append is under way. */
  private flush(): void {
    while (
      !this.flushing &&
      this.failure === undefined &&
      (this.queue.length > 0 || this.waiting.length > 0)
    ) {
      this.flushing = true;
      try {
        if (this.queue.length === 0) this.takeOutput(true);
        this.begin(this.queue[0]!);
      } catch (error) {
        this.flushing = false;
        this.fail(error);
      }
    }
  }

  private begin(batch: Batch): void {
    // Its end may come at once: then `flush` goes on, else it is called again.
    let returned = false;
    const ended = (error: unknown): void => {
      this.flushing = false;
      if (error === undefined) this.settle(batch);
      else this.fail(error);
      if (returned) this.flush();
    };
    const { history } = this;
    if (history.begin !== undefined) history.begin(batch, ended);
    else history.append(batch).then(() => ended(undefined), ended);
    returned = true;
  }

  /** The first batch of the queue is durable. */
  private settle(batch: Batch): void {
    this.queue.shift();
    this.pendingBytes -= batch.bytes.length;
    const isDue = setImmediate !== undefined && performance.now() - this.lastTurn > TURN_MILLISECONDS;
    if (!isDue && this.untold.length === 0) return this.tell([batch]);
    if (this.untold.length === 0) {
      setImmediate?.(() => {
        this.lastTurn = performance.now();
        this.tell(this.untold.splice(0));
      });
    }
    this.untold.push(batch.forGood ? batch : { ...batch, bytes: batch.bytes.slice(), forGood: true });
  }

  private tell(batches: readonly Batch[]): void {
    try {
      for (const batch of batches) this.release(batch);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Tells the waiters of a durable batch, in seq order. */
  private release(batch: Batch): void {
    const { bytes, count } = batch;
    this.durableSeq = batch.firstSeq + BigInt(count) - 1n;
    this.durableDigest = bytes.slice(bytes.length - DIGEST_BYTES);
    const frames = new DurableFrames(batch.firstSeq, bytes, batch.eventsAt);
    for (const waiting of batch.waiting) {
      frames.select(waiting.count);
      waiting.waiter?.durable(frames);
    }
    for (const barrier of batch.barriers) barrier.reached();
    this.following.durable(batch, () => (batch.forGood ? bytes : bytes.slice()));
  }

  private fail(error: unknown): void {
    this.tell(this.untold.splice(0));
    const fenced = error instanceof OperationalError && error.code === "FENCED";
    this.failure = fenced
      ? error
      : new OperationalError("POISONED", "an append to the history failed; reopen", { cause: error });
    const waiting = [...this.queue.flatMap((batch) => batch.waiting), ...this.waiting];
    const waiters = new Set(waiting.map((one) => one.waiter));
    const barriers = [...this.queue.flatMap((batch) => batch.barriers), ...this.barriers];
    this.queue = [];
    this.waiting = [];
    this.barriers = [];
    for (const waiter of waiters) waiter?.failed(this.failureFor(waiter.source));
    for (const barrier of barriers) barrier.failed(this.failure);
    this.following.wake();
  }

  /** What a caller hears whose command was on its way when the history failed. */
  failureFor(source: Source | undefined): OperationalError {
    const { failure } = this;
    return failure?.code === "FENCED" ? fencedFor(failure, source) : unknownFor(failure?.cause, source);
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
