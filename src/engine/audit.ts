/**
 * Replay and audit: every command runs again in a fresh core; audit compares every byte of every frame.
 *
 * Responsible for: both, over anything frames can be read from. Not responsible for: finding programs (kept-programs.ts),
 * the place of a difference in words (frame-difference.ts).
 *
 * Invariants: I1 every epoch whose program is at hand is run again under that program and the epoch's limits; I2 frames of
 * the others are applied, and the report counts them apart; I3 one executor holds the state, and another program takes it
 * over at an epoch frame.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import * as abi from "../../assembly/abi.ts";
import { HistoryError } from "../errors.ts";
import { firstDigest, lastDigest, verifyFrames, verifyFramesBeside } from "../history/chain.ts";
import { readHeader } from "../history/frame.ts";
import type { ChainVerifier, FrameBatch, History, ReadOptions } from "../history/history.ts";
import type { SchemaParts } from "../schema/index.ts";
import { compileCore, createSealer, type FrameSealer } from "../wasm.ts";
import type { Domain } from "./domain.ts";
import type { Executor } from "./executor.ts";
import { type FrameDifference, frameDifference } from "./frame-difference.ts";
import { type FrameSource, framesOf, type RawFrame } from "./frames.ts";
import { KeptPrograms } from "./kept-programs.ts";
import type { Frontier } from "./receipt.ts";
import { applyBatch, checkEpoch, epochOf } from "./recovery.ts";

export interface AuditOptions {
  /** Told now and then: frames done so far, frames in all. */
  readonly onProgress?: ((done: bigint, total: bigint) => void) | undefined;
}

/** What was run under one sealed module. */
export interface ModuleRun {
  /** SHA-256 of the module, hex. */
  readonly module: string;
  /** Frames of commands. */
  readonly frames: bigint;
}

export interface ReplayReport {
  /** Frames looked at. */
  readonly frames: bigint;
  /** Of these, frames of programs that are not at hand: applied, not run. */
  readonly applied: bigint;
  /** The sealed modules that ran, in the order of their first frames. */
  readonly modules: readonly ModuleRun[];
  readonly frontier: Frontier;
}

export type AuditReport = ReplayReport & {
  /** Every frame that was run again came out byte for byte. */
  readonly identical: boolean;
  /** The first frame that did not, and where it differs. */
  readonly difference?: FrameDifference;
};

/** What can be audited. Digests are checked beside where that can be, else in between. */
export type AuditSource = FrameSource & {
  readonly historyId: Uint8Array;
  /** Where the modules of sealed epochs are found; absent, only the domain's own is at hand. */
  readonly module?: History["module"] | undefined;
  readonly startVerifying?: History["startVerifying"] | undefined;
};

/** Below this many frames a second thread is not worth its start. */
const BESIDE_FRAMES = 20_000n;

/** Replays a history. @throws {HistoryError} it is damaged, or of another domain */
export async function replayFrames(
  domain: Domain,
  history: AuditSource,
  to: bigint,
  options: AuditOptions = {},
): Promise<ReplayReport> {
  const { frames, applied, modules, frontier } = await new Replay(domain, history, false).run(to, options);
  return { frames, applied, modules, frontier };
}

/** Audits a history. @throws {HistoryError} it is damaged, or of another domain */
export async function auditFrames(
  domain: Domain,
  history: AuditSource,
  to: bigint,
  options: AuditOptions = {},
): Promise<AuditReport> {
  return new Replay(domain, history, true).run(to, options);
}

/**
 * Audits a history without claiming it, beside a running engine. Sealed epochs of other modules than the domain's are run
 * under those that the history keeps.
 *
 * @throws {HistoryError} it is damaged, or of another domain
 */
export async function auditHistory<P extends SchemaParts>(
  options: AuditOptions & { readonly domain: Domain<P>; readonly history: History },
): Promise<AuditReport> {
  const { history } = options;
  const { historyId, frontier } = await history.inspect();
  const source = {
    historyId,
    read: (range?: ReadOptions) => history.read(range),
    module: (sha256: string) => history.module(sha256),
    startVerifying: history.startVerifying?.bind(history),
  };
  return auditFrames(options.domain as unknown as Domain, source, frontier.seq, options);
}

class Replay {
  private readonly domain: Domain;
  private readonly history: AuditSource;
  private readonly programs: KeptPrograms;
  private readonly compares: boolean;
  private executor!: Executor;
  private sealer!: FrameSealer;
  private digest: Uint8Array;
  /** Whether the executor is of the current epoch's program, so that its commands can be run again. */
  private isRunnable = false;
  private frames = 0n;
  private applied = 0n;
  /** Frames run, by module. */
  private readonly modules = new Map<string, bigint>();

  constructor(domain: Domain, history: AuditSource, compares: boolean) {
    this.domain = domain;
    this.history = history;
    this.programs = new KeptPrograms(domain, history.module);
    this.compares = compares;
    this.digest = firstDigest(history.historyId);
  }

  async run(to: bigint, { onProgress }: AuditOptions): Promise<AuditReport> {
    const { history } = this;
    this.executor = await this.programs.start();
    // The core of this release, not that of a module: what a history keeps beside itself must not vouch for its digests.
    this.sealer = createSealer(await compileCore());
    const verifier = to < BESIDE_FRAMES ? undefined : await history.startVerifying?.(this.sealer);
    let difference: FrameDifference | undefined;
    try {
      for await (const batch of history.read({ from: 1n, to })) {
        difference = await this.takeVerified(verifier, batch);
        if (difference !== undefined) break;
        onProgress?.(this.frames, to);
      }
    } finally {
      await verifier?.close();
    }
    const { frames, applied } = this;
    const report = {
      identical: difference === undefined,
      frames,
      applied,
      modules: [...this.modules].map(([module, count]) => ({ module, frames: count })),
      frontier: { seq: frames, digest: bytesToHex(this.digest) },
    };
    return difference === undefined ? report : { ...report, difference };
  }

  /** Damage goes before whatever else comes of a batch. */
  private async takeVerified(
    verifier: ChainVerifier | undefined,
    batch: FrameBatch,
  ): Promise<FrameDifference | undefined> {
    const previous = this.digest;
    if (verifier === undefined) {
      this.digest = verifyFrames(this.sealer, batch, previous);
      return this.takeBatch(batch);
    }
    const verified = verifyFramesBeside(verifier, this.sealer, batch, previous);
    // Damage may be known while a module is still being read; it is thrown below, and not unhandled until then.
    verified.catch(() => {});
    try {
      return await this.takeBatch(batch);
    } finally {
      await verified;
      this.digest = lastDigest(batch);
    }
  }

  /** Frames of a program at hand are run in one go, others are taken one by one. */
  private async takeBatch(batch: FrameBatch): Promise<FrameDifference | undefined> {
    const { bytes } = batch;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let from = 0;
    for (let at = 0; at < bytes.length; ) {
      const end = at + view.getUint32(at + abi.FRAME_LENGTH, true) + abi.DIGEST_BYTES;
      if (!this.isToRun(view, at)) {
        const difference = this.runAgain(bytes.subarray(from, at));
        if (difference !== undefined) return difference;
        for (const frame of framesOf({ ...batch, bytes: bytes.subarray(at, end) })) {
          if (frame.kind === abi.KIND_EPOCH || frame.seq === 1n) await this.openEpoch(frame);
          this.takeOne(frame);
        }
        from = end;
      }
      at = end;
    }
    return this.runAgain(bytes.subarray(from));
  }

  /** Whether the frame at an offset is that of a command, and its program at hand. */
  private isToRun(view: DataView, at: number): boolean {
    if (!this.isRunnable || view.getUint16(at + abi.FRAME_KIND, true) >= abi.KIND_EPOCH) return false;
    return view.getBigUint64(at + abi.FRAME_SEQ, true) !== 1n;
  }

  /** A frame of the engine itself, or of a program that is not at hand: applied. */
  private takeOne(frame: RawFrame): void {
    this.frames++;
    if (frame.kind < abi.KIND_EPOCH) this.applied++;
    applyOne(this.executor, frame);
  }

  private runAgain(frames: Uint8Array): FrameDifference | undefined {
    if (frames.length === 0) return undefined;
    const { executor } = this;
    const before = executor.executed;
    const { at, made } = executor.replayRun(frames, this.compares);
    if (at === frames.length) {
      this.count(executor.executed - before);
      return undefined;
    }
    const view = new DataView(frames.buffer, frames.byteOffset + at);
    const recorded = frames.subarray(at, at + view.getUint32(abi.FRAME_LENGTH, true));
    if (made === undefined) throw notAdmissible(recorded);
    // Those behind the first that differs were run too, and say nothing.
    this.count(readHeader(recorded).seq - before);
    return frameDifference(executor.binding.model, recorded, made);
  }

  /** Counts frames that were run. */
  private count(frames: bigint): void {
    this.frames += frames;
    const { program } = this.executor;
    if (program.lane !== "sealed") return;
    this.modules.set(program.module, (this.modules.get(program.module) ?? 0n) + frames);
  }

  /** Before its frame is applied: the program that the epoch names takes over. */
  private async openEpoch(frame: RawFrame): Promise<void> {
    const epoch = epochOf(frame);
    checkEpoch(this.domain, epoch, frame.seq);
    const before = this.executor;
    const executor = await this.programs.executorFor(epoch, frame.seq, before);
    this.isRunnable = executor !== undefined;
    if (executor === undefined || executor === before) return;
    if (before.executed > 0n) executor.takeOver(before);
    this.executor = executor;
  }
}

function notAdmissible(recorded: Uint8Array): HistoryError {
  const { seq, kind } = readHeader(recorded);
  const problem = "the recorded command would not have been admitted; compare with a copy";
  return new HistoryError("DIVERGED", problem, {
    seq,
    expected: "an admissible command",
    actual: `kind ${kind}`,
  });
}

/** Applies one frame of a batch. */
function applyOne(executor: Executor, frame: RawFrame): void {
  const bytes = new Uint8Array(frame.body.length + abi.DIGEST_BYTES);
  bytes.set(frame.body);
  applyBatch(executor, { firstSeq: frame.seq, count: 1, bytes });
}
