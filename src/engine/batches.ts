/**
 * Batches of commands: run in order, each with a frame of its own, answered together.
 *
 * Responsible for: `submitMany`, `submitBatch`; turns for the event loop, waiting for room, duplicates in between.
 * Not responsible for: the bytes of a batch (command-batch.ts), receipts (receipts.ts).
 *
 * Invariants: I1 the commands before one that is refused are durable when its error is thrown, those behind it were not
 * looked at.
 */
import { BATCH_DONE, BATCH_FULL, BATCH_REFUSED } from "../../assembly/abi.ts";
import { AdmissionError, UsageError } from "../errors.ts";
import { readClock } from "./clock.ts";
import { type CommandBatch, EncodedCommands } from "./command-batch.ts";
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

/** What ended a batch before its end. */
interface Stopped {
  readonly error: unknown;
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
      stopped = (await this.run(batch, many, done)) ?? unencoded;
    }
    return [...(await this.settled(many, stopped))];
  }

  /** @param batch what `newBatch` of this engine made */
  async submit(batch: CommandBatch): Promise<Receipts> {
    if (!(batch instanceof EncodedCommands) || !batch.isOf(this.inside.executor.binding))
      throw new UsageError("batch", "expected one that newBatch of this engine made");
    const many = new PendingMany(new ReceiptList(this.inside.answers));
    batch.take();
    try {
      const stopped = await this.run(batch, many, 0);
      return await this.settled(many, stopped);
    } finally {
      batch.release();
    }
  }

  /** Waits until all of many is durable. @throws what the history failed with, or what stopped the batch */
  private async settled(many: PendingMany, stopped: Stopped | undefined): Promise<ReceiptList> {
    await this.inside.pipeline.reached().catch(() => {});
    if (many.failure !== undefined) throw many.failure;
    if (stopped !== undefined) throw stopped.error;
    return many.receipts;
  }

  /**
   * Runs the commands of a batch, up to one that is refused.
   * @param first position of the batch's first command, for the error
   */
  private async run(batch: EncodedCommands, many: PendingMany, first: number): Promise<Stopped | undefined> {
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
      return { error: at(error, first + index) };
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

  /** What the refused command of a batch comes to, if it is a duplicate. @throws {AdmissionError} it is none */
  private duplicateAt(batch: EncodedCommands, index: number): Promise<AnyReceipt> {
    const code = this.inside.executor.admit();
    const payload = () => batch.payloadAt(index);
    return this.inside.refusals.answer(code, batch.commandAt(index), batch.sourceAt(index), payload);
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
      return { error: at(error, position) };
    }
  }
  return undefined;
}

/** The same error, naming the position of its command. */
function at(error: unknown, index: number): unknown {
  if (!(error instanceof AdmissionError)) return error;
  const { expected, field, lastSeq } = error;
  const text = error.message.slice(error.code.length + 2);
  return new AdmissionError(error.code, `command ${index}: ${text}`, {
    expected,
    field,
    lastSeq,
    index,
    cause: error,
  });
}

/** Lets timers and input have a turn. */
function turn(): Promise<void> {
  const { setImmediate } = globalThis as { readonly setImmediate?: (callback: () => void) => unknown };
  return new Promise((resolve) =>
    setImmediate === undefined ? setTimeout(resolve, 0) : setImmediate(resolve),
  );
}
