/**
 * Commands of `submit`: gathered while the caller goes on, then run as one batch, so that one crossing serves them all and
 * the core can look ahead.
 *
 * Responsible for: when they run, and what each caller hears of its command. Not responsible for: `submitMany` and
 * `submitBatch` (batches.ts), receipts (pending.ts).
 *
 * Invariants: I1 commands run in the order of their calls; whoever asks for the state of now calls `run` first, so nobody
 * can tell that they were gathered; I2 what becomes of one command is nothing to the others.
 */
import { BATCH_FULL, BATCH_REFUSED } from "../../assembly/abi.ts";
import { AdmissionError } from "../errors.ts";
import { readClock } from "./clock.ts";
import { type BytesOptions, EncodedCommands } from "./command-batch.ts";
import type { Inside } from "./inside.ts";
import { Pending } from "./pending.ts";
import type { AnyReceipt } from "./receipt.ts";
import { ownSource } from "./source.ts";
import type { Source } from "./view.ts";

/** So many run before the turn has ended: their frames are on their way while the caller submits more. */
const GATHERED_MAX = 256;

export class Submissions {
  private readonly inside: Inside;
  private readonly batch: EncodedCommands;
  /** The callers of the commands in the batch. */
  private callers: Pending[] = [];

  constructor(inside: Inside) {
    this.inside = inside;
    this.batch = new EncodedCommands(inside.executor.binding);
  }

  /**
   * Takes a command; its promise is settled once its frame is durable, or it is refused.
   *
   * @throws {AdmissionError | UsageError | OperationalError | EngineFault} it was not taken
   */
  take(name: string, payload: unknown, given: Source | undefined): Promise<AnyReceipt> {
    const source = ownSource(given);
    this.inside.standing.check();
    this.inside.executor.beginEncoding();
    try {
      this.batch.append(name, payload, source, readClock(this.inside.clock));
    } finally {
      this.inside.executor.endEncoding();
    }
    return this.answerTo(source);
  }

  /** As `take`, from the command's protobuf message. @throws as `take` */
  takeBytes(name: string, bytes: Uint8Array, options: BytesOptions | undefined): Promise<AnyReceipt> {
    const source = ownSource(options?.source);
    const { standing, executor, clock } = this.inside;
    standing.check();
    executor.beginEncoding();
    try {
      this.batch.appendBytes(name, bytes, options?.unknownFields, source, readClock(clock));
    } finally {
      executor.endEncoding();
    }
    return this.answerTo(source);
  }

  /** What the caller of the command that was put into the batch hears. */
  private answerTo(source: Source | undefined): Promise<AnyReceipt> {
    return new Promise((resolve, reject) => {
      const { callers } = this;
      callers.push(new Pending(this.inside.answers, source, resolve, reject));
      if (callers.length === GATHERED_MAX) this.run();
      else if (callers.length === 1) queueMicrotask(() => this.run());
    });
  }

  /**
   * Runs what was gathered.
   *
   * @throws {UsageError} a payload is being encoded: a getter of it asks for the state of now
   */
  run(): void {
    const { callers, batch } = this;
    if (callers.length === 0) return;
    this.inside.executor.checkNotEncoding();
    this.callers = [];
    for (let next = 0; next < callers.length; ) next = this.runFrom(callers, next);
    batch.clear();
  }

  /** Runs commands from a position on, up to one that makes no frame; where to go on. */
  private runFrom(callers: readonly Pending[], from: number): number {
    const { batch } = this;
    const { executor, pipeline } = this.inside;
    let status: number | undefined;
    let error: unknown;
    const before = executor.executed;
    try {
      this.inside.standing.check();
      const end = batch.offsetOf(callers.length);
      ({ status } = executor.runBatch(batch.bytes, batch.offsetOf(from), end));
    } catch (thrown) {
      this.inside.standing.note(thrown);
      error = thrown;
    }
    const next = from + Number(executor.executed - before);
    pipeline.addedEach(callers, from, next);
    if (next === callers.length) return next;
    if (status === BATCH_FULL) return pipeline.hasRoom() ? next : refuseAll(callers, next);
    if (status === BATCH_REFUSED) this.refuse(callers[next]!, next);
    else callers[next]!.refuse(error);
    return next + 1;
  }

  /** Tells the caller of a command that was not admitted; the core still has the reason. */
  private refuse(caller: Pending, index: number): void {
    const { batch } = this;
    try {
      const code = this.inside.executor.admit();
      const payload = () => batch.payloadAt(index);
      caller.answerWith(this.inside.refusals.answer(code, batch.commandAt(index), caller.source, payload));
    } catch (error) {
      caller.refuse(error);
    }
  }
}

/** The history has no room for more. */
function refuseAll(callers: readonly Pending[], from: number): number {
  for (let index = from; index < callers.length; index++) callers[index]!.refuse(busy());
  return callers.length;
}

/** The error of a command for which the history has no room. */
export function busy(): AdmissionError {
  return new AdmissionError(
    "BUSY",
    "too many commands are waiting for the history; submit again when some have resolved",
  );
}
