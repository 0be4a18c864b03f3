/**
 * The engine: admission, execution and durable answers over one history.
 *
 * Responsible for: the operations of `Engine`, commands one by one. Not responsible for: batches of them (batches.ts), how a
 * command runs (executor.ts), how frames become durable (pipeline.ts), opening (open.ts).
 * I1: every admitted command makes exactly one frame and uses its source seq. I2: what is answered is durable.
 */
import { RESULT_A, RESULT_B } from "../../assembly/abi.ts";
import { UsageError } from "../errors.ts";
import type { ClaimedHistory, FrameBatch, History, TearReport } from "../history/history.ts";
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
import type { Engine, ExecutedRead, FramesOptions, ReceiptOptions, SourcePosition } from "./engine.ts";
import type { Executor } from "./executor.ts";
import { decodedFrames, durableBatches, encodedFrames, type OpenFrames, type RawFrame } from "./frames.ts";
import { refuseInHandler } from "./guard.ts";
import type { Pipeline } from "./pipeline.ts";
import { AnswerReader, type AnyReceipt, type Frontier } from "./receipt.ts";
import type { Receipts } from "./receipts.ts";
import { Refusals } from "./refusals.ts";
import { checkSource } from "./source.ts";
import { Standing } from "./standing.ts";
import { busy, Submissions } from "./submissions.ts";
import type { Source, View } from "./view.ts";

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
