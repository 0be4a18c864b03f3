/**
 * Batches of commands: run in order, each with a frame of its own, answered together.
 *
 * Responsible for: `submitMany`, `submitBatch`; turns for the event loop, waiting for room, duplicates in between.
 * Not responsible for: the bytes of a batch (command-batch.ts), receipts (receipts.ts).
 *
 * Invariants: I1 the commands before one that is refused are durable when its error is thrown, which carries their
 * receipts; those behind it were not looked at.
 */
import { BATCH_DONE, BATCH_FULL, BATCH_REFUSED } from "../../assembly/abi.ts";
import { type BatchReceipts, UsageError } from "../errors.ts";
import { inBatch } from "./batch-error.ts";
import { readClock } from "./clock.ts";
import { type CommandBatch, EncodedCommands } from "./command-batch.ts";
import type { RawFrame } from "./frames.ts";
import type { Inside } from "./inside.ts";
import { PendingMany } from "./pending.ts";
import type { AnyReceipt } from "./receipt.ts";
import { ReceiptList, type Receipts } from "./receipts.ts";
import type { Source } from "./view.ts";

/** One command of `submitMany`, of any schema. */
export interface AnySubmission {
  readonly name: string;
  readonly payload: unknown;
  readonly source?: Source | undefined;
}

/** Commands that run before the event loop gets a turn. */
const AT_ONCE = 4096;

/** What ended a batch before its end: the error of the command behind the last receipt. */
export interface Stopped {
  readonly error: unknown;
}

/** What came of a batch. */
export interface BatchAnswer {
  /** Of its first commands. */
  readonly receipts: ReceiptList;
  /** Absent: of all. */
  readonly stopped: Stopped | undefined;
}

/** What came of a part of a batch. */
interface SomeDone {
  /** BATCH_... of the ABI. */
  readonly status: number;
  /** How many frames were made. */
  readonly made: number;
  /** What stopped it, if it was not a refusal. */
  readonly error: unknown;
}

export class Batches {
  private readonly inside: Inside;

  constructor(inside: Inside) {
    this.inside = inside;
  }

  /** Encodes and runs as many commands at once as get a turn. */
  async submitMany(commands: readonly AnySubmission[]): Promise<readonly AnyReceipt[]> {
    if (!Array.isArray(commands))
      throw new UsageError("commands", "expected an array of { name, payload, source? }");
    const many = new PendingMany(new ReceiptList(this.inside.answers));
    const batch = new EncodedCommands(this.inside.executor.binding);
    let stopped: Stopped | undefined;
    for (let done = 0; done < commands.length && stopped === undefined; done += batch.length) {
      batch.clear();
      const unencoded = encodeSome(batch, commands, done);
      stopped = (await this.run(batch, many)) ?? unencoded;
    }
    const answer = await this.settled(many, stopped);
    const receipts = [...answer.receipts];
    throwWhatStopped(answer.stopped, receipts);
    return receipts;
  }

  async submit(batch: CommandBatch): Promise<Receipts> {
    const { receipts, stopped } = await this.answer(batch);
    throwWhatStopped(stopped, receipts);
    return receipts;
  }

  /**
   * As `submit`, with what stopped the batch beside the receipts.
   * @param batch what `newBatch` of this engine made
   * @throws {UsageError} it is none
   */
  async answer(batch: CommandBatch): Promise<BatchAnswer> {
    if (!(batch instanceof EncodedCommands) || !batch.isOf(this.inside.executor.binding))
      throw new UsageError("batch", "expected one that newBatch of this engine made");
    const many = new PendingMany(new ReceiptList(this.inside.answers));
    batch.take();
    try {
      const stopped = await this.run(batch, many);
      return await this.settled(many, stopped);
    } finally {
      batch.release();
    }
  }

  /** Waits until all of many is durable, or the history has failed: then what is behind the durable part is unknown. */
  private async settled(many: PendingMany, stopped: Stopped | undefined): Promise<BatchAnswer> {
    await this.inside.pipeline.reached().catch(() => {});
    const { receipts, failure } = many;
    if (failure === undefined) return { receipts, stopped };
    receipts.endAtMissing();
    return { receipts, stopped: { error: failure } };
  }

  /** Runs the commands of a batch, up to one that is refused. */
  private async run(batch: EncodedCommands, many: PendingMany): Promise<Stopped | undefined> {
    let index = 0;
    try {
      while (index < batch.length) {
        const to = Math.min(index + AT_ONCE, batch.length);
        const some = this.runSome(batch, index, to, many);
        index += some.made;
        if (some.error !== undefined) throw some.error;
        if (some.status === BATCH_REFUSED) {
          many.receipts.addDuplicate(await this.duplicateAt(batch, index));
          index++;
        } else if (some.status === BATCH_FULL) await this.roomForMore();
        else if (index < batch.length) await turn();
      }
      return undefined;
    } catch (error) {
      return { error };
    }
  }

  private runSome(batch: EncodedCommands, from: number, to: number, many: PendingMany): SomeDone {
    this.inside.standing.check();
    const { executor } = this.inside;
    batch.setTime(from, to, readClock(this.inside.clock));
    const before = executor.executed;
    let status: number = BATCH_DONE;
    let error: unknown;
    try {
      ({ status } = executor.runBatch(batch.bytes, batch.offsetOf(from), batch.offsetOf(to)));
    } catch (thrown) {
      this.inside.standing.note(thrown);
      error = thrown;
    }
    const made = Number(executor.executed - before);
    many.receipts.expect(made);
    this.inside.pipeline.added(many, made);
    return { status, made, error };
  }

  /** The output is full: takes it, or waits for the history. */
  private async roomForMore(): Promise<void> {
    while (!this.inside.pipeline.hasRoom()) await this.inside.pipeline.reached();
  }

  /** The original of the refused command of a batch, if it is a duplicate. @throws {AdmissionError} it is none */
  private duplicateAt(batch: EncodedCommands, index: number): Promise<RawFrame> {
    const code = this.inside.executor.admit();
    const payload = () => batch.payloadAt(index);
    return this.inside.refusals.original(code, batch.commandAt(index), batch.sourceAt(index), payload);
  }
}

/** Encodes commands from a position on, as many as run at once; the error of the one that has no byte form. */
function encodeSome(
  batch: EncodedCommands,
  commands: readonly AnySubmission[],
  from: number,
): Stopped | undefined {
  const to = Math.min(from + AT_ONCE, commands.length);
  for (let position = from; position < to; position++) {
    const one = commands[position]!;
    try {
      if (typeof one !== "object" || one === null) {
        const found = `found ${String(one)}, expected { name, payload, source? }`;
        throw new UsageError(`commands[${position}]`, found);
      }
      batch.add(one.name, one.payload, { source: one.source });
    } catch (error) {
      return { error };
    }
  }
  return undefined;
}

function throwWhatStopped(stopped: Stopped | undefined, receipts: BatchReceipts): void {
  if (stopped !== undefined) throw inBatch(stopped.error, { index: receipts.length, receipts });
}

/** Lets timers and input have a turn. */
function turn(): Promise<void> {
  const { setImmediate } = globalThis as { readonly setImmediate?: (callback: () => void) => unknown };
  return new Promise((resolve) =>
    setImmediate === undefined ? setTimeout(resolve, 0) : setImmediate(resolve),
  );
}
