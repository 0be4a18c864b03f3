/**
 * Replay and audit: every command runs again in a fresh core; audit compares every byte of every frame.
 *
 * Responsible for: both, over anything frames can be read from. Not responsible for: the place of a difference in words
 * (frame-difference.ts).
 * A frame of an epoch with another program than the domain's (revision, module, limits) is applied instead of run: its
 * handlers are not here. The report counts those apart.
 */
import * as abi from "../../assembly/abi.ts";
import { HistoryError } from "../errors.ts";
import { firstDigest, verifyFrames } from "../history/chain.ts";
import { readHeader } from "../history/frame.ts";
import type { FrameBatch, History, ReadOptions } from "../history/history.ts";
import type { SchemaParts } from "../schema/index.ts";
import { createSealer, type FrameSealer } from "../wasm.ts";
import { type Domain, isProgramOf, programOf } from "./domain.ts";
import { Executor } from "./executor.ts";
import { type FrameDifference, frameDifference } from "./frame-difference.ts";
import { type FrameSource, framesOf, type RawFrame } from "./frames.ts";
import type { Frontier } from "./receipt.ts";
import { applyBatch, checkEpoch, epochOf } from "./recovery.ts";
import { compileProgram } from "./sealed-domain.ts";

export interface AuditOptions {
  /** Told now and then: frames done so far, frames in all. */
  readonly onProgress?: ((done: bigint, total: bigint) => void) | undefined;
}

export interface ReplayReport {
  /** Frames looked at. */
  readonly frames: bigint;
  /** Of these, frames of other revisions: applied, not run. */
  readonly applied: bigint;
  readonly frontier: Frontier;
}

export type AuditReport = ReplayReport & {
  /** Every frame that was run again came out byte for byte. */
  readonly identical: boolean;
  /** The first frame that did not, and where it differs. */
  readonly difference?: FrameDifference;
};

/** Replays a history. @throws {HistoryError} it is damaged, or of another domain */
export async function replayFrames(
  domain: Domain,
  history: FrameSource & { readonly historyId: Uint8Array },
  to: bigint,
  options: AuditOptions = {},
): Promise<ReplayReport> {
  const { frames, applied, frontier } = await new Replay(domain, history.historyId, false).run(
    history,
    to,
    options,
  );
  return { frames, applied, frontier };
}

/** Audits a history. @throws {HistoryError} it is damaged, or of another domain */
export async function auditFrames(
  domain: Domain,
  history: FrameSource & { readonly historyId: Uint8Array },
  to: bigint,
  options: AuditOptions = {},
): Promise<AuditReport> {
  return new Replay(domain, history.historyId, true).run(history, to, options);
}

/**
 * Audits a history without claiming it, beside a running engine.
 *
 * @throws {HistoryError} it is damaged, or of another domain
 */
export async function auditHistory<P extends SchemaParts>(
  options: AuditOptions & { readonly domain: Domain<P>; readonly history: History },
): Promise<AuditReport> {
  const { history } = options;
  const { historyId, frontier } = await history.inspect();
  const source = { historyId, read: (range?: ReadOptions) => history.read(range) };
  return auditFrames(options.domain as unknown as Domain, source, frontier.seq, options);
}

class Replay {
  private readonly domain: Domain;
  private readonly compares: boolean;
  private executor!: Executor;
  private sealer!: FrameSealer;
  private digest: Uint8Array;
  /** Whether the current epoch is one of this very program, so that its commands can be run again. */
  private isOwnEpoch = false;
  private frames = 0n;
  private applied = 0n;

  constructor(domain: Domain, historyId: Uint8Array, compares: boolean) {
    this.domain = domain;
    this.compares = compares;
    this.digest = firstDigest(historyId);
  }

  async run(history: FrameSource, to: bigint, { onProgress }: AuditOptions): Promise<AuditReport> {
    const module = await compileProgram(programOf(this.domain));
    this.sealer = createSealer(module);
    this.executor = new Executor({ module, domain: this.domain, watchesHandlerData: true });
    let difference: FrameDifference | undefined;
    for await (const batch of history.read({ from: 1n, to })) {
      this.digest = verifyFrames(this.sealer, batch, this.digest);
      difference = this.takeBatch(batch);
      if (difference !== undefined) break;
      onProgress?.(this.frames, to);
    }
    const digest = Array.from(this.digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    const { frames, applied } = this;
    const report = {
      identical: difference === undefined,
      frames,
      applied,
      frontier: { seq: frames, digest },
    };
    return difference === undefined ? report : { ...report, difference };
  }

  /** Frames of this program are run in one go, others are taken one by one. */
  private takeBatch(batch: FrameBatch): FrameDifference | undefined {
    const { bytes } = batch;
    let from = 0;
    let to = 0;
    for (const frame of framesOf(batch)) {
      const end = frame.body.byteOffset - bytes.byteOffset + frame.body.length + abi.DIGEST_BYTES;
      if (frame.kind >= abi.KIND_EPOCH || frame.seq === 1n || !this.isOwnEpoch) {
        const difference = this.runAgain(bytes.subarray(from, to));
        if (difference !== undefined) return difference;
        this.takeOne(frame);
        from = end;
      }
      to = end;
    }
    return this.runAgain(bytes.subarray(from, to));
  }

  /** A frame of the engine itself, or of another program: applied. */
  private takeOne(frame: RawFrame): void {
    this.frames++;
    if (frame.kind === abi.KIND_EPOCH || frame.seq === 1n) this.openEpoch(frame);
    if (frame.kind < abi.KIND_EPOCH) this.applied++;
    applyOne(this.executor, frame);
  }

  private runAgain(frames: Uint8Array): FrameDifference | undefined {
    if (frames.length === 0) return undefined;
    const { executor } = this;
    const before = executor.executed;
    const { at, made } = executor.replayRun(frames, this.compares);
    this.frames += executor.executed - before;
    if (at === frames.length) return undefined;
    const view = new DataView(frames.buffer, frames.byteOffset + at);
    const recorded = frames.subarray(at, at + view.getUint32(abi.FRAME_LENGTH, true));
    if (made === undefined) throw notAdmissible(recorded);
    // Those behind the first that differs were run too, and say nothing.
    this.frames = readHeader(recorded).seq;
    return frameDifference(executor.binding.model, recorded, made);
  }

  private openEpoch(frame: RawFrame): void {
    const epoch = epochOf(frame);
    checkEpoch(this.domain, epoch, frame.seq);
    this.isOwnEpoch = isProgramOf(this.executor.program, epoch);
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
