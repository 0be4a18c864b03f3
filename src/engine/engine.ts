/**
 * The engine: admission, execution and durable answers over one history.
 *
 * Responsible for: the public operations, commands one by one. Not responsible for: batches of them (batches.ts), how a
 * command runs (executor.ts), how frames become durable (pipeline.ts), opening (open.ts).
 * I1: every admitted command makes exactly one frame and uses its source seq. I2: what is answered is durable.
 */
import { RESULT_A, RESULT_B } from "../../assembly/abi.ts";
import { UsageError } from "../errors.ts";
import type { ClaimedHistory, FrameBatch, History, TearReport } from "../history/history.ts";
import type { SchemaParts } from "../schema/index.ts";
import type { TAKES } from "../schema/phantom.ts";
import type { FrameSealer } from "../wasm.ts";
import {
  type AuditOptions,
  type AuditReport,
  type AuditSource,
  auditFrames,
  type ReplayReport,
  replayFrames,
} from "./audit.ts";
import { type AnySubmission, type BatchAnswer, Batches } from "./batches.ts";
import type { Binding } from "./binding.ts";
import { type Clock, readClock } from "./clock.ts";
import { type BytesOptions, type CommandBatch, EncodedCommands } from "./command-batch.ts";
import type { Domain } from "./domain.ts";
import { Duplicates } from "./duplicates.ts";
import type { Executor } from "./executor.ts";
import {
  decodedFrames,
  durableBatches,
  encodedFrames,
  type Frame,
  type OpenFrames,
  type RawFrame,
} from "./frames.ts";
import { refuseInHandler } from "./guard.ts";
import type { Pipeline } from "./pipeline.ts";
import { AnswerReader, type AnyReceipt, type Frontier, type Receipt } from "./receipt.ts";
import type { Receipts } from "./receipts.ts";
import { Refusals } from "./refusals.ts";
import { checkSource } from "./source.ts";
import { Standing } from "./standing.ts";
import { busy, Submissions } from "./submissions.ts";
import type { Source, View } from "./view.ts";

/** One command of `submitMany`. */
export type Submission<P extends SchemaParts> = {
  readonly [K in keyof P["commands"] & string]: {
    readonly name: K;
    readonly payload: P["commands"][K][typeof TAKES];
    readonly source?: Source | undefined;
  };
}[keyof P["commands"] & string];

/** Where a source stands. */
export interface SourcePosition {
  /** The last seq that it has used. */
  readonly seq: bigint;
  /** The frame of that command. */
  readonly frame: bigint;
}

/** An answer that may still be lost: its frontier is executed, not durable. */
export interface ExecutedRead<T> {
  readonly value: T;
  /** The frontier it is of. */
  readonly seq: bigint;
  /** Whether that frontier was not durable yet. */
  readonly speculative: boolean;
}

export interface FramesOptions {
  /** First seq; 1 when left out. */
  readonly from?: bigint | undefined;
  /** Last seq; the durable frontier at the time of the call when left out, with `follow` none. */
  readonly to?: bigint | undefined;
  /** Goes on with frames as they become durable, until `to`, until the signal aborts, or until the engine closes. */
  readonly follow?: boolean | undefined;
  /** Ends the frames, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** How frames are handed over: as objects, or as messages `statevec.v1.Frame`. */
  readonly encoding?: "object" | "protobuf" | undefined;
}

/** `FramesOptions` that ask for messages. */
export interface EncodedFramesOptions extends FramesOptions {
  readonly encoding: "protobuf";
}

/** How a receipt is handed over. */
export interface ReceiptOptions {
  /** As an object when left out; "protobuf": as a message `statevec.v1.Receipt`. */
  readonly encoding?: "object" | "protobuf" | undefined;
}

/** An open engine. One process, one writer, one history. */
export interface Engine<P extends SchemaParts = SchemaParts> {
  /** The last durable frame. */
  readonly frontier: Frontier;
  /** 32 hex digits. */
  readonly historyId: string;
  /** What a crash had cut off, found at open; nothing of it was acknowledged. */
  readonly tear: TearReport | undefined;

  /**
   * Executes a command at once, and resolves once its frame is durable.
   *
   * @param name a command of the schema
   * @param payload its fields; nullable ones may be left out. Encoded before the call returns.
   * @param options.source for exactly-once: a seq of a (client, stream) that rises by one from 1
   * @returns the receipt, whatever the outcome
   * @throws {AdmissionError} turned away: no frame, nothing changed
   * @throws {DeterminismError} the handler did what can not be repeated: no frame
   * @throws {OperationalError} CLOCK; or the history failed: OUTCOME_UNKNOWN, FENCED, POISONED
   * @throws {EngineFault} a bug of the engine or a machine at its end; reopening recovers
   */
  submit<K extends keyof P["commands"] & string>(
    name: K,
    payload: P["commands"][K][typeof TAKES],
    options?: { readonly source?: Source | undefined },
  ): Promise<Receipt<P>>;
  /**
   * As `submit`, from protobuf: decodes the command's message of the domain's `.proto` (`npx statevec proto`) straight to
   * its canonical payload. The bytes are not looked at after the call.
   *
   * @param bytes one message, with the presence rules of docs/reference/protobuf.md
   * @param options.source as of `submit`
   * @param options.unknownFields what becomes of fields that the schema does not have; "refuse" when left out
   * @returns the receipt, whatever the outcome
   * @throws {AdmissionError} as `submit`; MALFORMED names the field, what was found and what was expected
   * @example await engine.submitBytes("PlaceOrder", request.body, { source })
   */
  submitBytes(
    name: keyof P["commands"] & string,
    bytes: Uint8Array,
    options?: BytesOptions,
  ): Promise<Receipt<P>>;
  /**
   * Executes commands in order, each with a frame of its own: not a transaction. Waits where `submit` would be BUSY.
   *
   * @returns the receipts in order, once all are durable
   * @throws {AdmissionError} the first command turned away, `index` its position; those before it are executed and
   *   durable by then, and `receipts` are theirs; those after it were not looked at
   * @throws {DeterminismError} a handler did what can not be repeated; `index` and `receipts` likewise
   * @throws {OperationalError} `index` and `receipts` likewise; OUTCOME_UNKNOWN and FENCED: from `index` on nothing is known
   */
  submitMany(commands: readonly Submission<P>[]): Promise<readonly Receipt<P>[]>;
  /** An empty batch, to be filled and handed to `submitBatch`. */
  newBatch(): CommandBatch<P>;
  /**
   * As `submitMany`, without an object for each command: the batch goes to the core as one buffer, and receipts are decoded
   * when they are asked for.
   *
   * @param batch of this engine; not to be changed until the promise has settled
   * @returns the receipts in order, once all are durable
   * @throws as `submitMany`, with `index` and `receipts`
   */
  submitBatch(batch: CommandBatch<P>): Promise<Receipts<P>>;
  /** As below, as a message `statevec.v1.Receipt`. */
  receipt(
    source: Source,
    options: ReceiptOptions & { readonly encoding: "protobuf" },
  ): Promise<Uint8Array | undefined>;
  /** The receipt of a source seq that was used before, or `undefined` if it was not. @throws as a duplicate */
  receipt(
    source: Source,
    options?: ReceiptOptions & { readonly encoding?: "object" | undefined },
  ): Promise<Receipt<P> | undefined>;
  /**
   * Where a source stands: the last seq that it has used, and its frame, which may not be durable yet.
   *
   * @returns `undefined`: the engine knows no such source, so its next seq is 1
   * @throws {UsageError} such a source can not be
   */
  sourcePosition(client: bigint, stream: number): SourcePosition | undefined;
  /**
   * Forgets a source, so that it takes no place; a retire frame records it.
   * @throws {UsageError} the source is not known
   */
  retire(client: bigint, stream: number): Promise<Frontier>;

  /** Runs `reader` on the executed state, one frontier, and resolves with its answer once that is durable. */
  read<T>(reader: (view: View & { readonly seq: bigint }) => T): Promise<T>;
  /** The same at once: its answer may be lost in a crash while `speculative`. */
  readExecuted<T>(reader: (view: View & { readonly seq: bigint }) => T): ExecutedRead<T>;
  /** As below, each a message `statevec.v1.Frame`. */
  frames(options: EncodedFramesOptions): AsyncIterable<Uint8Array>;
  /**
   * Durable frames in order, decoded, read as the consumer asks for them.
   *
   * @throws {OperationalError} from the iterator, with `follow`: the history failed, and all that is durable was handed out;
   *   {EngineFault} likewise
   * @example for await (const frame of engine.frames({ from: seq + 1n, follow: true, signal })) await store(frame);
   */
  frames(options?: FramesOptions & { readonly encoding?: "object" | undefined }): AsyncIterable<Frame>;

  /** Runs every durable command again in a fresh core, without comparing. */
  replay(options?: AuditOptions): Promise<ReplayReport>;
  /** Replays and compares every byte, and the digests. */
  audit(options?: AuditOptions): Promise<AuditReport>;
  /** Waits for what is on its way, then gives the history back. Does nothing the second time. */
  close(): Promise<void>;
}

/** The engine of a domain, for parameters: `EngineOf<typeof exchange>`. */
export type EngineOf<D> = D extends Domain<infer P> ? Engine<P> : never;

export interface EngineParts {
  readonly domain: Domain;
  readonly executor: Executor;
  readonly history: ClaimedHistory;
  /** Modules that earlier epochs name. */
  readonly keptModule: History["module"];
  readonly clock: Clock;
  readonly sealer: FrameSealer;
}

export class OpenEngine implements Engine {
  readonly historyId: string;
  readonly tear: TearReport | undefined;
  private readonly parts: EngineParts;
  private readonly executor: Executor;
  private readonly pipeline: Pipeline;
  readonly answers: AnswerReader;
  private readonly duplicates: Duplicates;
  private readonly standing: Standing;
  private readonly batches: Batches;
  private readonly submissions: Submissions;
  private readonly openFrames: OpenFrames;
  private closing: Promise<void> | undefined;

  constructor(parts: EngineParts, pipeline: Pipeline) {
    this.parts = parts;
    this.executor = parts.executor;
    this.pipeline = pipeline;
    this.answers = new AnswerReader(parts.executor.binding);
    this.duplicates = new Duplicates(parts.history, pipeline);
    this.standing = new Standing(pipeline);
    const refusals = new Refusals(parts.executor, this.duplicates, this.answers);
    const { executor, clock } = parts;
    const { standing, answers } = this;
    const inside = { executor, clock, pipeline, standing, refusals, answers };
    this.batches = new Batches(inside);
    this.submissions = new Submissions(inside);
    this.openFrames = { history: parts.history, pipeline, standing };
    this.historyId = Array.from(parts.history.historyId, (byte) => byte.toString(16).padStart(2, "0")).join(
      "",
    );
    this.tear = parts.history.tear;
  }

  /** The schema as it runs. Not of the public interface: for services. */
  get binding(): Binding {
    return this.executor.binding;
  }

  get frontier(): Frontier {
    return { seq: this.pipeline.frontierSeq, digest: this.pipeline.frontierDigest };
  }

  // ---- submitting ------------------------------------------------------------------------------------------

  submit(
    name: string,
    payload: unknown,
    options?: { readonly source?: Source | undefined },
  ): Promise<AnyReceipt> {
    refuseInHandler();
    try {
      return this.submissions.take(name, payload, options?.source);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  submitBytes(name: string, bytes: Uint8Array, options?: BytesOptions): Promise<AnyReceipt> {
    refuseInHandler();
    try {
      return this.submissions.takeBytes(name, bytes, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  submitMany(commands: readonly AnySubmission[]): Promise<readonly AnyReceipt[]> {
    refuseInHandler();
    this.submissions.run();
    return this.batches.submitMany(commands);
  }

  newBatch(): CommandBatch {
    return new EncodedCommands(this.executor.binding);
  }

  submitBatch(batch: CommandBatch): Promise<Receipts> {
    refuseInHandler();
    this.submissions.run();
    return this.batches.submit(batch);
  }

  /** As `submitBatch`, with what stopped the batch beside the receipts. Not of the public interface: for services. */
  answerBatch(batch: CommandBatch): Promise<BatchAnswer> {
    refuseInHandler();
    this.submissions.run();
    return this.batches.answer(batch);
  }

  receipt(source: Source, options?: ReceiptOptions): Promise<any> {
    refuseInHandler();
    this.submissions.run();
    return checkEncoding(options?.encoding) ? this.receiptBytes(source) : this.findReceipt(source);
  }

  private async receiptBytes(source: Source): Promise<Uint8Array | undefined> {
    const original = await this.originalOf(source);
    return original && this.answers.bytesOfDuplicate(original);
  }

  private async findReceipt(source: Source): Promise<AnyReceipt | undefined> {
    const original = await this.originalOf(source);
    return original && this.answers.duplicateOf(original);
  }

  /** The durable frame of a source seq that was used before. @throws as `receipt` */
  async originalOf(source: Source): Promise<RawFrame | undefined> {
    this.standing.check();
    checkSource(source);
    const last = this.positionOf(source.client, source.stream);
    if (last === undefined || source.seq > last.seq) return undefined;
    return this.duplicates.frameOf(source, last.seq, last.frame, undefined);
  }

  sourcePosition(client: bigint, stream: number): SourcePosition | undefined {
    refuseInHandler();
    this.submissions.run();
    this.standing.check();
    checkSource({ client, stream, seq: 1n });
    return this.positionOf(client, stream);
  }

  private positionOf(client: bigint, stream: number): SourcePosition | undefined {
    const { core } = this.executor;
    if (core.exports.sourcePosition(client, stream) === 0) return undefined;
    return { seq: core.resultLong(RESULT_A), frame: core.resultLong(RESULT_B) };
  }

  retire(client: bigint, stream: number): Promise<Frontier> {
    refuseInHandler();
    this.submissions.run();
    return this.retireSource(client, stream);
  }

  private async retireSource(client: bigint, stream: number): Promise<Frontier> {
    this.standing.check();
    checkSource({ client, stream, seq: 1n });
    if (!this.pipeline.hasRoom()) throw busy();
    const now = readClock(this.parts.clock);
    if (!this.executor.executeRetire(client, stream, now)) {
      throw new UsageError(
        "client, stream",
        `the engine knows no source (${client}, ${stream}); nothing to retire`,
      );
    }
    const seq = this.executor.executed;
    return new Promise((resolve, reject) => {
      this.pipeline.added({
        source: undefined,
        keepsFrames: false,
        durable: (frames) => resolve({ seq, digest: frames.next().digest }),
        failed: reject,
      });
    });
  }

  // ---- reading ---------------------------------------------------------------------------------------------

  read<T>(reader: (view: View & { readonly seq: bigint }) => T): Promise<T> {
    refuseInHandler();
    this.submissions.run();
    return this.readDurable(reader);
  }

  private async readDurable<T>(reader: (view: View & { readonly seq: bigint }) => T): Promise<T> {
    this.standing.check();
    const value = this.executor.read(reader as (view: View) => T);
    await this.pipeline.reached();
    return value;
  }

  readExecuted<T>(reader: (view: View & { readonly seq: bigint }) => T): ExecutedRead<T> {
    refuseInHandler();
    this.submissions.run();
    this.standing.check();
    const seq = this.executor.executed;
    const value = this.executor.read(reader as (view: View) => T);
    return { value, seq, speculative: seq > this.pipeline.frontierSeq };
  }

  frames(options: FramesOptions = {}): AsyncIterable<any> {
    const stream = checkEncoding(options.encoding) ? encodedFrames : decodedFrames;
    return stream(this.parts.history, this.frameBatches(options), options.signal);
  }

  /** As `frames`, batch by batch as they are stored. Not of the public interface: for services. */
  frameBatches(options: FramesOptions): AsyncGenerator<FrameBatch, void> {
    refuseInHandler();
    this.standing.check();
    const { from = 1n, to, follow = false, signal } = options;
    checkSeq("options.from", from);
    checkSeq("options.to", to);
    if (typeof follow !== "boolean")
      throw new UsageError("options.follow", `found ${String(follow)}, expected true or false`);
    const durable = this.pipeline.frontierSeq;
    const last = follow || (to !== undefined && to < durable) ? to : durable;
    return durableBatches(this.openFrames, { from, to: last, follow, signal });
  }

  replay(options: AuditOptions = {}): Promise<ReplayReport> {
    refuseInHandler();
    return this.durableFrames((seq) => replayFrames(this.parts.domain, this.auditSource(), seq, options));
  }

  audit(options: AuditOptions = {}): Promise<AuditReport> {
    refuseInHandler();
    return this.durableFrames((seq) => auditFrames(this.parts.domain, this.auditSource(), seq, options));
  }

  private auditSource(): AuditSource {
    const { history, keptModule } = this.parts;
    return { historyId: history.historyId, read: (range) => history.read(range), module: keptModule };
  }

  /** Runs something over all frames made so far, once they are durable. */
  private async durableFrames<T>(run: (seq: bigint) => Promise<T>): Promise<T> {
    this.submissions.run();
    this.standing.check();
    await this.pipeline.reached();
    return run(this.pipeline.frontierSeq);
  }

  close(): Promise<void> {
    refuseInHandler();
    this.submissions.run();
    this.standing.close();
    this.closing ??= this.closeOnce();
    return this.closing;
  }

  private async closeOnce(): Promise<void> {
    await this.pipeline.reached().catch(() => {});
    this.pipeline.following.end();
    await this.parts.history.close();
  }
}

/** @returns whether protobuf is asked for */
function checkEncoding(encoding: "object" | "protobuf" | undefined): boolean {
  if (encoding === undefined || encoding === "object") return false;
  if (encoding === "protobuf") return true;
  throw new UsageError("options.encoding", `found ${String(encoding)}, expected "object" or "protobuf"`);
}

function checkSeq(argument: string, seq: bigint | undefined): void {
  if (seq === undefined || (typeof seq === "bigint" && seq >= 1n)) return;
  throw new UsageError(argument, `found ${String(seq)}, expected a bigint from 1`);
}
