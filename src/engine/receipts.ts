/**
 * The receipts of a batch: made when they are asked for, from the frames themselves.
 *
 * Responsible for: finding the frame of a command, and decoding it. Not responsible for: what a receipt says.
 */
import protobuf from "protobufjs/minimal.js";
import { FRAME_OUTCOME, OUTCOME_COMMITTED } from "../../assembly/abi.ts";
import type { SchemaParts } from "../schema/index.ts";
import type { FrameRun } from "./durable-frames.ts";
import type { RawFrame } from "./frames.ts";
import type { AnswerReader, AnyReceipt, Receipt } from "./receipt.ts";

/** The durable answers to the commands of a batch, in order. */
export interface Receipts<P extends SchemaParts = SchemaParts> extends Iterable<Receipt<P>> {
  readonly length: number;
  /** How many were committed, without decoding any. */
  readonly committed: number;
  /** The receipt of the command at a position; `undefined` beyond the last. Decoded at each call: keep what you need. */
  at(index: number): Receipt<P> | undefined;
  /** The same as a message `statevec.v1.Receipt`, made straight from the frame. */
  bytesAt(index: number): Uint8Array | undefined;
}

/** Frames of consecutive commands of the batch. */
interface Run {
  /** Position of the first command. */
  readonly first: number;
  readonly frames: FrameRun;
}

export class ReceiptList implements Receipts {
  private readonly answers: AnswerReader;
  private readonly runs: Run[] = [];
  /** The original frames of commands that were duplicates, by position. */
  private readonly duplicates = new Map<number, RawFrame>();
  /** Positions of commands that were executed and whose frames are not here yet: [first, count], in order. */
  private readonly awaited: { first: number; count: number }[] = [];
  private count = 0;

  constructor(answers: AnswerReader) {
    this.answers = answers;
  }

  /** The next `count` commands were executed: their frames will come, in this order. */
  expect(count: number): void {
    if (count === 0) return;
    this.awaited.push({ first: this.count, count });
    this.count += count;
  }

  /** The next command was a duplicate of the one in this frame. */
  addDuplicate(original: RawFrame): void {
    this.duplicates.set(this.count++, original);
  }

  /** No more frames will come: what is behind the first that is missing has no receipt. */
  endAtMissing(): void {
    this.count = this.awaited[0]?.first ?? this.count;
    this.awaited.length = 0;
    for (const index of this.duplicates.keys()) if (index >= this.count) this.duplicates.delete(index);
  }

  /** Frames that were expected are durable. */
  addFrames(frames: FrameRun): void {
    let taken = 0;
    while (taken < frames.count) {
      const next = this.awaited[0]!;
      const count = Math.min(next.count, frames.count - taken);
      this.runs.push({ first: next.first, frames: frames.slice(taken, taken + count) });
      next.first += count;
      next.count -= count;
      taken += count;
      if (next.count === 0) this.awaited.shift();
    }
  }

  get length(): number {
    return this.count;
  }

  get committed(): number {
    let sum = 0;
    for (const { frames } of this.runs) {
      for (let index = 0; index < frames.count; index++) {
        if (frames.outcomeOf(index) === OUTCOME_COMMITTED) sum++;
      }
    }
    for (const { body } of this.duplicates.values()) if (body[FRAME_OUTCOME] === OUTCOME_COMMITTED) sum++;
    return sum;
  }

  /** OUTCOME_... of the frame of the command at a position. */
  outcomeAt(index: number): number {
    const duplicate = this.duplicates.get(index);
    if (duplicate !== undefined) return duplicate.body[FRAME_OUTCOME]!;
    const { first, frames } = this.runOf(index)!;
    return frames.outcomeOf(index - first);
  }

  isDuplicateAt(index: number): boolean {
    return this.duplicates.has(index);
  }

  at(index: number): AnyReceipt | undefined {
    const duplicate = this.duplicates.get(index);
    if (duplicate !== undefined) return this.answers.duplicateOf(duplicate);
    const run = this.runOf(index);
    return run === undefined ? undefined : this.receiptIn(run, index);
  }

  bytesAt(index: number): Uint8Array | undefined {
    if (index < 0 || index >= this.count) return undefined;
    const writer = new protobuf.Writer();
    this.writeAt(index, writer);
    return writer.finish();
  }

  /** Writes the fields of the same message. @param index of one that is there */
  writeAt(index: number, writer: protobuf.Writer): void {
    const duplicate = this.duplicates.get(index);
    if (duplicate !== undefined) {
      writer.raw(this.answers.bytesOfDuplicate(duplicate));
      return;
    }
    const { first, frames } = this.runOf(index)!;
    this.answers.write(frames.place(index - first), writer);
  }

  private runOf(index: number): Run | undefined {
    let low = 0;
    let high = this.runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.runs[middle]!.first <= index) low = middle + 1;
      else high = middle;
    }
    const run = this.runs[low - 1];
    return run !== undefined && index < run.first + run.frames.count ? run : undefined;
  }

  private receiptIn({ first, frames }: Run, index: number): AnyReceipt {
    return this.answers.receiptOf(frames.frame(index - first));
  }

  *[Symbol.iterator](): IterableIterator<AnyReceipt> {
    for (let index = 0; index < this.count; index++) yield this.at(index)!;
  }
}
