/**
 * A claimed directory: appending batches.
 *
 * Responsible for: where each batch goes, in which thread it is written, what came of it; going over to the next
 * segment; poisoning.
 * Not responsible for: the write itself (`batch-step.ts`), making segments (`segment-writer.ts`), claiming.
 *
 * Invariants: I1 `append` resolves only after the sync that covers its batch returned, and after no later term
 * was there; I2 one batch is under way at a time; I3 after a failure nothing is appended any more: what a failed
 * sync left on the disk is unknown, and a second sync would not tell; I4 state changes only here, in the thread
 * of the caller, once a batch is durable.
 */

import { OperationalError, StateVecError, UsageError } from "../../errors.ts";
import { lastDigest, malformedBatch } from "../chain.ts";
import { requireNext, settled } from "../contract.ts";
import type {
  ClaimedHistory,
  FrameBatch,
  FrameSealer,
  Frontier,
  ReadOptions,
  TearReport,
} from "../history.ts";
import { pathIn, termName } from "../segments/directory.ts";
import { readFrames } from "../segments/file-reader.ts";
import { asHistoryFailure } from "../segments/plan.ts";
import {
  alignBatch,
  batchBytes,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
} from "../segments/segment-format.ts";
import { type BatchJob, type BatchResult, batchStep, runLater, runNow } from "./batch-step.ts";
import type { Claim } from "./claim.ts";
import { removeIfThere } from "./file-system.ts";
import { keepModuleFile } from "./module-store.ts";
import { removeOwner } from "./owner-file.ts";
import {
  makeZeros,
  type OpenSegment,
  type Pace,
  type SegmentLimits,
  sizeFor,
  type Zeros,
  zerosToSegment,
} from "./segment-writer.ts";
import type { WritingPlace } from "./writing-place.ts";
import { BATCH_LAYOUT, Staging, startWriting, type WritingThread } from "./writing-thread.ts";

/** A lone frame up to this size is written in the caller's thread when syncs are quick. */
const LONE_BYTES_MAX = 1 << 16;
/** Two thread hand-offs cost about half of a quick sync; of a slow one they are nothing, and blocking is a lot. */
const QUICK_SYNC_MILLISECONDS = 1;
/** Weight of the last sync in the moving average: one part in this. */
const AVERAGE_PARTS = 8;
/** The next segment is made once one part in this of the present one is written. */
const AHEAD_PARTS = 4;

/** Whether batches may be written by another thread: only where the file system is that of the machine. */
export type WriteMode = "threads" | "blocking" | "injected";

/** Within this time nobody moves a directory away and claims it elsewhere. */
const OWN_TERM_MILLISECONDS = 20;
export class ClaimedFile implements ClaimedHistory {
  readonly historyId: Uint8Array;
  readonly term: bigint;
  readonly tear: TearReport | undefined;
  readonly #place: WritingPlace;
  readonly #limits: SegmentLimits;
  readonly #claim: Claim;
  readonly #sealer: FrameSealer;
  readonly #mode: WriteMode;
  readonly #step: ReturnType<typeof batchStep>;
  readonly #staging = new Staging();
  readonly #ownTerm: string;
  readonly #nextTerm: string;
  #frontier: Frontier;
  #segment: OpenSegment;
  #position: number;
  #ahead: Promise<Zeros> | undefined;
  readonly #pace: Pace = { zeros: "beside" };
  #thread: WritingThread | undefined;
  #syncAverage = 0;
  #ownTermSeen = 0;
  /** An append is under way; what is to be called at its end. */
  #isAppending = false;
  #atEnd: () => void = () => {};
  #closing: Promise<void> | undefined;
  #poisoned = false;

  constructor(
    place: WritingPlace,
    limits: SegmentLimits,
    claim: Claim,
    sealer: FrameSealer,
    mode: WriteMode,
  ) {
    const { directory } = place;
    this.historyId = claim.segment.header.historyId;
    this.term = claim.owner.term;
    this.tear = claim.tear;
    this.#place = place;
    this.#limits = limits;
    this.#claim = claim;
    this.#sealer = sealer;
    this.#mode = mode;
    this.#step = batchStep(place.fileSystem, sealer, place.crc32c, BATCH_LAYOUT);
    this.#ownTerm = pathIn(directory, termName(this.term));
    this.#nextTerm = pathIn(directory, termName(this.term + 1n));
    this.#frontier = claim.frontier;
    this.#segment = claim.segment;
    this.#position = claim.end;
  }

  get frontier(): Frontier {
    return this.#frontier;
  }

  buffer(length: number, forGood: boolean): Uint8Array {
    return forGood ? this.#staging.roomForGood(length) : this.#staging.room(length);
  }

  look(): void {
    this.#thread?.look();
  }

  async keepModule(sha256: string, bytes: Uint8Array): Promise<void> {
    const { fileSystem, directory } = this.#place;
    try {
      await keepModuleFile(fileSystem, directory, this.term, sha256, bytes);
    } catch (error) {
      throw asHistoryFailure(directory, "keeping a module", error);
    }
  }

  append(batch: FrameBatch): Promise<void> {
    return settled((ended) => this.begin(batch, ended));
  }

  begin(batch: FrameBatch, ended: (error: unknown) => void): void {
    try {
      this.#check(batch);
    } catch (error) {
      return ended(error);
    }
    this.#isAppending = true;
    const end = (error: unknown): void => {
      this.#isAppending = false;
      ended(error);
      this.#atEnd();
    };
    if (this.#goesAtOnce(batch)) this.#appendNow(batch, end);
    else if (this.#thread?.isReady === true && this.#fits(batch))
      this.#appendInThread(this.#thread, batch, end);
    else this.#appendLater(batch).then(() => end(undefined), end);
  }

  read(options: ReadOptions = {}): AsyncIterable<FrameBatch> {
    return readFrames(this.#place, { ...options, to: options.to ?? this.#frontier.seq });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #appendNow(batch: FrameBatch, end: (error: unknown) => void): void {
    const job = this.#jobFor(batch);
    let result: BatchResult;
    try {
      result = runNow(this.#step(job));
    } catch (error) {
      this.#fail(batch, error).catch(end);
      return;
    }
    this.#finish(batch, job, result, end);
  }

  #appendInThread(thread: WritingThread, batch: FrameBatch, end: (error: unknown) => void): void {
    const job = this.#jobFor(batch);
    thread.begin(job, {
      done: (result) => this.#finish(batch, job, result, end),
      failed: (error) => void this.#fail(batch, error).catch(end),
    });
  }

  #check(batch: FrameBatch): void {
    if (this.#closing !== undefined)
      throw new OperationalError("CLOSED", "the history is closed; open it again");
    if (this.#poisoned)
      throw new OperationalError("POISONED", "an append failed before; open the history again");
    if (this.#isAppending) throw new UsageError("batch", "the append before it has not resolved yet");
    requireNext(batch, this.#frontier);
  }

  #finish(batch: FrameBatch, job: BatchJob, result: BatchResult, end: (error: unknown) => void): void {
    try {
      this.#settle(batch, job, result);
    } catch (error) {
      return end(error);
    }
    end(undefined);
  }

  #fits(batch: FrameBatch): boolean {
    const { size, batchSizeMax } = this.#segment.header;
    const length = batchBytes(batch.bytes.length);
    return length <= batchSizeMax && this.#position + length <= size;
  }

  #goesAtOnce(batch: FrameBatch): boolean {
    if (this.#mode === "injected" || !this.#fits(batch)) return false;
    if (this.#mode === "blocking") return true;
    if (batch.count === 1 && batch.bytes.length <= LONE_BYTES_MAX) {
      if (this.#syncAverage < QUICK_SYNC_MILLISECONDS) return true;
    }
    this.#thread ??= startWriting(this.#sealer);
    return this.#thread === undefined || !this.#thread.isReady;
  }

  #jobFor(batch: FrameBatch): BatchJob {
    return {
      file: this.#segment.file,
      position: this.#position,
      bytes: this.#staging.stage(batch),
      count: batch.count,
      firstSeq: batch.firstSeq,
      previous: this.#frontier.digest,
      ownTerm: this.#ownTerm,
      ownTermSeen: this.#ownTermSeen,
      ownTermMilliseconds: this.#mode === "injected" ? 0 : OWN_TERM_MILLISECONDS,
      nextTerm: this.#nextTerm,
    };
  }

  async #appendLater(batch: FrameBatch): Promise<void> {
    let job: BatchJob;
    let result: BatchResult;
    try {
      if (!this.#fits(batch)) await this.#roll(batchBytes(batch.bytes.length));
      job = this.#jobFor(batch);
      result = await this.#run(job);
    } catch (error) {
      return this.#fail(batch, error);
    }
    this.#settle(batch, job, result);
  }

  #run(job: BatchJob): Promise<BatchResult> | BatchResult {
    if (this.#mode === "injected") return runLater(this.#step(job));
    return this.#thread?.isReady === true ? this.#thread.run(job) : runNow(this.#step(job));
  }

  #settle(batch: FrameBatch, job: BatchJob, result: BatchResult): void {
    const { verdict, syncMilliseconds } = result;
    this.#ownTermSeen = result.ownTermSeen;
    if (verdict === "malformed") throw malformedBatch(batch);
    if (verdict === "fenced") throw this.#poison(this.#fenced(batch));
    if (verdict === "moved") {
      const message = `${this.#ownTerm} is gone: the directory was moved or deleted; put it back and open it again`;
      throw this.#poison(new OperationalError("IO", message, { segment: this.#segment.name.file }));
    }
    this.#staging.takeSealed(job.bytes, batch);
    this.#place.waypoints.note(this.#segment.name.file, job.position, batch.firstSeq, job.previous);
    this.#frontier = { seq: batch.firstSeq + BigInt(batch.count) - 1n, digest: lastDigest(batch) };
    this.#position = alignBatch(this.#position + job.bytes.length);
    this.#syncAverage += (syncMilliseconds - this.#syncAverage) / AVERAGE_PARTS;
    if (this.#position > this.#segment.header.size / AHEAD_PARTS) this.#makeAhead();
  }

  #poison(error: OperationalError): OperationalError {
    this.#poisoned = true;
    return error;
  }

  #fenced(batch: FrameBatch): OperationalError {
    const message = `term ${this.term + 1n} has claimed ${this.#place.directory}; this writer had term ${this.term}`;
    const outcome = `whether frames from ${batch.firstSeq} on are in the history is unknown`;
    return new OperationalError("FENCED", `${message}; ${outcome}`, { segment: this.#segment.name.file });
  }

  /** The error of an append that failed. A writer that was fenced off may fail in any way before it notices. */
  async #fail(batch: FrameBatch, cause: unknown): Promise<never> {
    this.#poisoned = true;
    const { fileSystem } = this.#place;
    const isFenced = await Promise.resolve(this.#nextTerm)
      .then((path) => fileSystem.exists(path))
      .catch(() => false);
    if (isFenced) throw this.#fenced(batch);
    const last = batch.firstSeq + BigInt(batch.count) - 1n;
    if (cause instanceof StateVecError) throw cause;
    const code = (cause as { code?: unknown }).code ?? (cause as Error).message;
    const message = `appending frames ${batch.firstSeq} to ${last} failed with ${code}; whether they are in the history is unknown: open it again`;
    throw new OperationalError("IO", message, { segment: this.#segment.name.file, cause });
  }

  #sizeAhead(): number {
    return Math.min(this.#limits.sizeMax, this.#segment.header.size * 2);
  }

  #makeAhead(): void {
    if (this.#ahead !== undefined) return;
    const { fileSystem, directory } = this.#place;
    this.#ahead = makeZeros(fileSystem, directory, this.term, this.#sizeAhead(), this.#pace);
    // Should it have failed, the segment is made when it is needed, and fails then.
    this.#ahead.catch(() => {
      this.#ahead = undefined;
    });
  }

  /**
   * Goes over to the next segment, which has room for a batch of this length. One that is empty still gives way
   * to a larger one of the same name.
   */
  async #roll(length: number): Promise<void> {
    const { fileSystem, directory } = this.#place;
    const before = this.#segment;
    this.#pace.zeros = "now";
    this.#makeAhead();
    const zeros = await this.#ahead!;
    const header: SegmentHeader = {
      historyId: this.historyId,
      term: this.term,
      firstSeq: this.#frontier.seq + 1n,
      digestBefore: this.#frontier.digest,
      size: sizeFor(zeros.size, length),
      batchSizeMax: Math.max(this.#limits.batchSizeMax, length),
    };
    this.#segment = await zerosToSegment(fileSystem, directory, zeros, header);
    this.#position = SEGMENT_HEADER_BYTES;
    this.#ahead = undefined;
    this.#pace.zeros = "beside";
    await fileSystem.close(before.file);
  }

  async #close(): Promise<void> {
    await new Promise<void>((resolve) => {
      if (this.#isAppending) this.#atEnd = resolve;
      else resolve();
    });
    const { fileSystem, directory } = this.#place;
    try {
      await this.#thread?.close();
      this.#pace.zeros = "never";
      const zeros = await this.#ahead?.catch(() => undefined);
      if (zeros !== undefined) {
        await fileSystem.close(zeros.file);
        await removeIfThere(fileSystem, zeros.path);
      }
      await fileSystem.close(this.#segment.file);
      await removeOwner(this.#place, this.#claim.owner);
    } catch (error) {
      throw asHistoryFailure(directory, "closing", error);
    }
  }
}
