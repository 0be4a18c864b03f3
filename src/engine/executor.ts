/**
 * The executor: one core, one domain, one command after the other, each making one frame.
 *
 * Responsible for: payload in, which lane runs the handlers, what an error means for the executor. Not responsible for:
 * running handlers (open-lane.ts, sealed-lane.ts), durability, receipts (engine.ts).
 * I1: after an EngineFault the executor answers nothing any more. I2: a DeterminismError leaves no trace.
 */
import * as abi from "../../assembly/abi.ts";
import { DeterminismError, EngineFault, type EngineFaultReport, UsageError } from "../errors.ts";
import { encodeEpochPayload } from "../history/epoch-payload.ts";
import { encodeDescriptor } from "../schema/descriptor.ts";
import { buildTable } from "../schema/table.ts";
import { Core, type CoreModule, isTrap } from "../wasm.ts";
import { type Binding, type BoundMessage, bindSchema } from "./binding.ts";
import { unknownCommand } from "./command-batch.ts";
import {
  type Domain,
  limitsOf,
  type Program,
  programOf,
  programOfEpoch,
  type SealedLimits,
} from "./domain.ts";
import { writeEnvelopeHeader } from "./envelope.ts";
import { refuseInHandler } from "./guard.ts";
import type { BatchStop, Diagnose, Lane } from "./lane.ts";
import { CutOff, isOutOfMemory, isStackOverflow } from "./machine.ts";
import { OpenLane } from "./open-lane.ts";
import { encodePayload } from "./payload.ts";
import { SealedLane } from "./sealed-lane.ts";
import { StateView } from "./state-view.ts";
import type { Source, View } from "./view.ts";

/** What a handler threw, for the host's log. It is never part of a frame. */
export interface Diagnostic {
  readonly seq: bigint;
  readonly command: string;
  readonly error: unknown;
}

export interface ExecutorOptions {
  readonly module: CoreModule;
  readonly domain: Domain;
  /** Limits of the epoch frames it writes; those of the domain when absent. */
  readonly limits?: SealedLimits | undefined;
  /** Hash seed and start-up memory: nothing of them reaches a frame. For tests. */
  readonly seed?: BigUint64Array | undefined;
  readonly pages?: number | undefined;
  /** Bytes of the output buffer. */
  readonly outputBytes?: number | undefined;
  /** Compares the static data of sealed handlers with its first bytes after every command: tests and audit. */
  readonly watchesHandlerData?: boolean | undefined;
  readonly onDiagnostic?: ((diagnostic: Diagnostic) => void) | undefined;
}

/** How far a replay came. */
export interface ReplayStop {
  /** Offset in the frames; their length at the end. */
  readonly at: number;
  /** The body that came out otherwise; absent when the command was not admitted. */
  readonly made: Uint8Array | undefined;
}

const OUTPUT_BYTES = 4 << 20;

export class Executor {
  readonly core: Core;
  readonly binding: Binding;
  readonly program: Program;
  /** The canonical schema. */
  readonly descriptor: Uint8Array;
  private readonly limits: Program["limits"];
  private readonly lane: Lane;
  private readonly stateView: StateView;
  /** Bytes of the output buffer. */
  readonly outputBytes: number;
  private readonly onDiagnostic: ((diagnostic: Diagnostic) => void) | undefined;
  private fault: EngineFault | undefined;
  /** Set before anything else where a command breaks: the stack may have no room left for more. */
  private broken: { readonly error: unknown; readonly command: string } | undefined;
  /** Seq of the last frame. */
  private seq = 0n;
  private time = 0n;
  /** Set while a command is encoded or runs: nothing else may use the core then. */
  private busy = false;
  private payloadBytes = 0;
  private envelope = 0;
  /** End of the batch that runs, or 0. */
  private batchEnd = 0;

  constructor(options: ExecutorOptions) {
    const { domain, module, seed, pages } = options;
    this.program = programOf(domain);
    this.binding = bindSchema(domain.schema);
    this.descriptor = encodeDescriptor(this.binding.model);
    this.limits =
      options.limits === undefined ? this.program.limits : limitsOf(options.limits, this.program.lane);
    this.core = new Core(module, { table: buildTable(this.binding.model), seed, pages });
    this.lane = this.laneOf(this.program, options.watchesHandlerData ?? false);
    this.stateView = new StateView(this.core, this.binding);
    this.outputBytes = options.outputBytes ?? OUTPUT_BYTES;
    this.onDiagnostic = options.onDiagnostic;
  }

  private laneOf(program: Program, watchesHandlerData: boolean): Lane {
    const { core, binding } = this;
    const diagnose: Diagnose = (command, seq, error) => this.diagnose(command, seq, error);
    if (program.lane === "open") return new OpenLane(core, binding, program.handlers, diagnose);
    if (watchesHandlerData) core.exports.watchHandlerData(program.dataEnd);
    const nameOf = (kind: number) => binding.commandsByNumber.get(kind)?.name ?? `kind ${kind}`;
    return new SealedLane(core, core.sealedExports(), nameOf, diagnose);
  }

  // ---- where it stands -------------------------------------------------------------------------------------

  /** The last frame executed or applied. */
  get executed(): bigint {
    return this.seq;
  }
  /** Its reference time. */
  get timeNs(): bigint {
    return this.time;
  }
  get epoch(): number {
    return this.core.exports.epochExecuted();
  }

  private readFrontier(): void {
    this.seq = BigInt.asUintN(64, this.core.exports.seqExecuted());
    this.time = BigInt.asUintN(64, this.core.exports.timeExecuted());
  }

  /** @throws {EngineFault} the executor has met one */
  private checkUsable(): void {
    if (this.fault !== undefined) throw this.fault;
    if (this.broken !== undefined) throw this.poison(this.broken.error, this.broken.command);
    refuseInHandler();
    this.checkNotEncoding();
  }

  /** @throws {UsageError} a payload is being encoded */
  checkNotEncoding(): void {
    if (!this.busy) return;
    throw new UsageError("payload", "a getter of it uses the engine; read it first, then submit");
  }

  /** @throws {UsageError} a reader is running: all its answers are of one frontier */
  private checkWritable(): void {
    this.checkUsable();
    if (this.stateView.isReading) {
      throw new UsageError("reader", "it runs a command while it reads; return first, then submit");
    }
  }

  // ---- frames of the engine itself -------------------------------------------------------------------------

  /** Writes the epoch frame of this domain. */
  executeEpoch(timeNs: bigint): void {
    this.checkUsable();
    const rules = {
      program: programOfEpoch(this.program),
      semantics: abi.CORE_SEMANTICS,
      parent: null,
      limits: this.limits,
    } as const;
    const payload = encodeEpochPayload(rules, this.descriptor);
    this.writeEnvelope(abi.KIND_EPOCH, payload, timeNs, undefined);
    const { exports } = this.core;
    const accepted = this.guarded("epoch", () => exports.executeEpoch(this.outputBytes));
    this.core.refresh();
    if (accepted === 0) {
      this.fault = this.engineFault("HOST", "the core refused the epoch payload of its own host", "epoch");
      throw this.fault;
    }
    this.readFrontier();
  }

  /** Writes a retire frame. False if the source is not known: no frame. */
  executeRetire(client: bigint, stream: number, timeNs: bigint): boolean {
    this.checkWritable();
    const payload = new Uint8Array(12);
    const view = new DataView(payload.buffer);
    view.setBigUint64(0, client, true);
    view.setUint32(8, stream, true);
    this.writeEnvelope(abi.KIND_RETIRE, payload, timeNs, undefined);
    const done = this.guarded("retire", () => this.core.exports.executeRetire()) !== 0;
    this.readFrontier();
    return done;
  }

  // ---- commands --------------------------------------------------------------------------------------------

  /** @throws {UsageError} the schema has no such command */
  command(name: string): BoundMessage {
    const command = this.binding.commands.get(name);
    if (command !== undefined) return command;
    throw unknownCommand(this.binding, name);
  }

  /**
   * Encodes a command into the envelope.
   * @throws {AdmissionError} MALFORMED: the payload is none of the command
   */
  prepare(command: BoundMessage, payload: unknown, timeNs: bigint, source: Source | undefined): void {
    this.checkWritable();
    const { core } = this;
    const at = this.openEnvelope(command.codec.sizeMax);
    this.busy = true;
    try {
      const end = encodePayload(command, payload, core.bytes, at + abi.COMMAND_PAYLOAD);
      this.payloadBytes = end - at - abi.COMMAND_PAYLOAD;
    } finally {
      this.busy = false;
    }
    this.fillEnvelope(command.number, timeNs, source);
  }

  /** Commands are encoded until `endEncoding`: what the caller's objects do meanwhile is refused. */
  beginEncoding(): void {
    this.checkWritable();
    this.busy = true;
  }
  endEncoding(): void {
    this.busy = false;
  }

  private openEnvelope(bytes: number): number {
    this.envelope = this.core.envelope(bytes);
    return this.envelope;
  }

  private writeEnvelope(kind: number, payload: Uint8Array, timeNs: bigint, source: Source | undefined): void {
    const at = this.openEnvelope(payload.length);
    this.core.bytes.set(payload, at + abi.COMMAND_PAYLOAD);
    this.payloadBytes = payload.length;
    this.fillEnvelope(kind, timeNs, source);
  }

  private fillEnvelope(kind: number, timeNs: bigint, source: Source | undefined): void {
    writeEnvelopeHeader(this.core.view, this.envelope, kind, this.payloadBytes, timeNs, source);
  }

  /**
   * Asks the core whether the prepared command may run; `ADMIT_...`.
   * @throws {EngineFault} the executor is unusable from now on
   */
  admit(): number {
    try {
      return this.core.exports.admit();
    } catch (error) {
      this.broken = { error, command: "admission" };
      throw this.poison(error, "admission");
    }
  }

  /** The payload in the envelope, copied. */
  preparedPayload(): Uint8Array {
    this.core.refresh();
    const at = this.envelope + abi.COMMAND_PAYLOAD;
    return this.core.bytes.slice(at, at + this.payloadBytes);
  }

  /**
   * Runs the admitted command. Its frame is in the core's output then.
   * @throws {DeterminismError} the handler did what can not be repeated: no frame
   * @throws {EngineFault} the executor is unusable from now on
   */
  run(command: BoundMessage): void {
    try {
      this.lane.run(command, this.envelope);
    } catch (error) {
      this.broken = { error, command: command.name };
      throw this.ended(error, command.name);
    }
    this.readFrontier();
  }

  /**
   * Runs envelopes of a batch, one behind the other in `bytes`, from offset `from` up to `end`.
   * @returns the offset to go on with, and why it stopped there (BATCH_... of the ABI)
   * @throws {DeterminismError} a handler did what can not be repeated: no frame of that command, those before it are done
   * @throws {EngineFault} the executor is unusable from now on
   */
  runBatch(bytes: Uint8Array, from: number, end: number): BatchStop {
    this.checkWritable();
    const { core } = this;
    const at = core.blockFor(end - from);
    core.bytes.set(bytes.subarray(from, end), at);
    const { status, next } = this.runEnvelopes(at, at + end - from);
    return { status, next: next - at + from };
  }

  private runEnvelopes(at: number, end: number): BatchStop {
    this.batchEnd = end;
    try {
      return this.lane.runBatch(at, end);
    } catch (error) {
      this.broken = { error, command: "batch" };
      throw this.ended(error, "batch");
    } finally {
      this.batchEnd = 0;
      this.readFrontier();
    }
  }

  /**
   * Runs the commands of recorded frames again. Their frames are taken out of the core and, if asked for, compared.
   *
   * @param frames command frames whose lengths add up, each with its digest behind it
   * @returns how far it came: to the end, to a command that would not have been admitted, or to a body that differs, with
   *   the body that was made in its place
   * @throws as `runBatch`
   */
  replayRun(frames: Uint8Array, compares: boolean): ReplayStop {
    this.checkUsable();
    const { core } = this;
    const { exports } = core;
    const recorded = core.blockFor(frames.length);
    const envelopes = core.blockFor(frames.length, 1);
    core.bytes.set(frames, recorded);
    const end = exports.writeEnvelopes(recorded, recorded + frames.length, envelopes) >>> 0;
    let done = 0;
    for (let at = envelopes; at < end; ) {
      const { status, next } = this.runEnvelopes(at, end);
      const made = exports.outputStart() >>> 0;
      const bytes = core.outputBytes;
      const same = compares
        ? exports.firstOtherFrame(made, bytes, recorded + done, frames.length - done) >>> 0
        : bytes;
      if (same < bytes) return { at: done + same, made: this.bodyAt(made + same) };
      exports.outputTaken();
      if (status === abi.BATCH_REFUSED) return { at: done + bytes, made: undefined };
      done += bytes;
      at = next;
    }
    return { at: frames.length, made: undefined };
  }

  private bodyAt(at: number): Uint8Array {
    const { bytes, view } = this.core;
    return bytes.slice(at, at + view.getUint32(at + abi.FRAME_LENGTH, true));
  }

  /** In a turn of its own: what the host does about it must find the command's frame made and accounted for. */
  private diagnose(command: string, seq: bigint, error: unknown): void {
    const { onDiagnostic } = this;
    if (onDiagnostic === undefined) return;
    queueMicrotask(() => {
      try {
        onDiagnostic({ seq, command, error });
      } catch {
        // The host's log is beside the frame: its failure must not become that of the command.
      }
    });
  }

  // ---- faults of the engine --------------------------------------------------------------------------------

  private guarded<T>(command: string, call: () => T): T {
    try {
      return call();
    } catch (error) {
      this.broken = { error, command };
      throw this.poison(error, command);
    }
  }

  /** What ended a command: a handler that can not be repeated has left no trace, anything else breaks the executor. */
  private ended(error: unknown, command: string): unknown {
    if (!(error instanceof DeterminismError)) return this.poison(error, command);
    this.broken = undefined;
    return error;
  }

  private poison(error: unknown, command: string): EngineFault {
    this.fault ??= this.faultOf(error, command);
    return this.fault;
  }

  private faultOf(error: unknown, command: string): EngineFault {
    this.core.refresh();
    if (error instanceof EngineFault) return error;
    const assert = isTrap(error) || error instanceof CutOff ? this.core.resultWord(abi.RESULT_ASSERT) : 0;
    if (isStackOverflow(error))
      return this.engineFault("STACK_OVERFLOW", "the stack ended in a command", command, error);
    if (isOutOfMemory(error) || assert === ASSERT_OUT_OF_MEMORY) {
      return this.engineFault("OUT_OF_MEMORY", "memory ended in a command", command, error);
    }
    if (assert !== 0)
      return this.engineFault("CORE_ASSERT", `assert ${assert} of the core failed`, command, error);
    if (isTrap(error) || error instanceof CutOff)
      return this.engineFault("CORE_TRAP", "the core trapped", command, error);
    return this.engineFault("HOST", "the host failed in a command", command, error);
  }

  private engineFault(
    code: EngineFault["code"],
    message: string,
    command: string,
    cause?: unknown,
  ): EngineFault {
    const report: EngineFaultReport = {
      semantics: abi.CORE_SEMANTICS,
      frontier: { seq: BigInt.asUintN(64, this.core.exports.seqExecuted()) },
      command:
        this.batchEnd === 0 ? { name: command, payload: hex(this.preparedPayload()) } : this.underWay(),
      assert: this.core.resultWord(abi.RESULT_ASSERT) || undefined,
    };
    return new EngineFault(code, `${message}; reopening recovers from the history`, report, cause);
  }

  /** The command of the batch that was admitted or ran. */
  private underWay(): EngineFaultReport["command"] {
    const { core } = this;
    const at = core.resultWord(abi.RESULT_NEXT);
    const from = Math.min(at + abi.COMMAND_PAYLOAD, this.batchEnd);
    const end = Math.min(from + core.u32At(at + abi.COMMAND_PAYLOAD_BYTES), this.batchEnd);
    const kind = core.u32At(at + abi.COMMAND_KIND);
    const name = this.binding.commandsByNumber.get(kind)?.name ?? `kind ${kind}`;
    return { name, payload: hex(core.bytes.slice(from, end)) };
  }

  // ---- apply, snapshot, reads ------------------------------------------------------------------------------

  /** Applies a run of frames (bodies with their digests behind them); `APPLY_...`. */
  apply(frames: Uint8Array): number {
    this.checkUsable();
    return this.absorb("apply", () => this.core.apply(frames));
  }

  /** Moves the state by a call of the core that runs no command. */
  private absorb(what: string, call: () => number): number {
    const code = this.guarded(what, () => {
      const answer = call();
      // An epoch may have raised the limit that says how large a frame can be.
      this.core.exports.growOutput(this.outputBytes);
      this.core.refresh();
      return answer;
    });
    this.lane.forgetScratch();
    this.stateView.forgetScratch();
    this.readFrontier();
    return code;
  }

  /** The canonical snapshot of the present state. */
  *snapshot(): Generator<Uint8Array, void> {
    this.checkUsable();
    yield* this.core.snapshot();
  }

  /** Loads a snapshot into a fresh executor; `APPLY_...`, or -1 for bytes that end too early or go on too long. */
  loadSnapshot(bytes: Uint8Array): number {
    this.checkUsable();
    return this.absorb("snapshot", () => this.core.loadSnapshot(bytes));
  }

  /**
   * Goes on from where an executor of the same schema stands. This one must be fresh.
   * @throws {EngineFault} the state did not come over whole
   */
  takeOver(other: Executor): void {
    this.checkUsable();
    // Chunk by chunk: beside the two states there is never a third.
    const code = this.absorb("snapshot", () => this.core.loadChunks(other.snapshot()));
    const isSame = this.core.exports.fingerprint() === other.core.exports.fingerprint();
    if (code === abi.APPLY_OK && isSame) return;
    this.fault = this.engineFault("HOST", "the state of another program did not come over whole", "snapshot");
    throw this.fault;
  }

  /**
   * Runs a reader on the present state.
   * @throws {EngineFault} the core trapped; what the reader throws otherwise
   */
  read<T>(reader: (view: View) => T): T {
    this.checkUsable();
    this.lane.forgetScratch();
    try {
      return this.stateView.run(this.seq, reader);
    } catch (error) {
      if (!isTrap(error)) throw error;
      this.broken = { error, command: "read" };
      throw this.poison(error, "read");
    }
  }
}

const ASSERT_OUT_OF_MEMORY = 1;

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
