/**
 * Replay and audit: every command runs again in a fresh core; audit compares every byte of every frame.
 *
 * Responsible for: both, over anything frames can be read from. Not responsible for: the place of a difference in words
 * (frame-difference.ts).
 * A frame of an epoch with another program than the domain's (revision, module, limits) is applied instead of run: its
 * handlers are not here. The report counts those apart.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import * as abi from "../../assembly/abi.ts";
import { HistoryError } from "../errors.ts";
import { firstDigest, lastDigest, verifyFrames, verifyFramesBeside } from "../history/chain.ts";
import { readHeader } from "../history/frame.ts";
import type { ChainVerifier, FrameBatch, History, ReadOptions } from "../history/history.ts";
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

/** What can be audited. Digests are checked beside where that can be, else in between. */
type AuditSource = FrameSource & {
  readonly historyId: Uint8Array;
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
  history: AuditSource,
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
  const source = {
    historyId,
    read: (range?: ReadOptions) => history.read(range),
    startVerifying: history.startVerifying?.bind(history),
  };
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

  async run(history: AuditSource, to: bigint, { onProgress }: AuditOptions): Promise<AuditReport> {
    const module = await compileProgram(programOf(this.domain));
    this.sealer = createSealer(module);
    this.executor = new Executor({ module, domain: this.domain, watchesHandlerData: true });
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
    try {
      return this.takeBatch(batch);
    } finally {
      await verified;
      this.digest = lastDigest(batch);
    }
  }

  /** Frames of this program are run in one go, others are taken one by one. */
  private takeBatch(batch: FrameBatch): FrameDifference | undefined {
    const { bytes } = batch;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let from = 0;
    for (let at = 0; at < bytes.length; ) {
      const end = at + view.getUint32(at + abi.FRAME_LENGTH, true) + abi.DIGEST_BYTES;
      if (!this.isToRun(view, at)) {
        const difference = this.runAgain(bytes.subarray(from, at));
        if (difference !== undefined) return difference;
        for (const frame of framesOf({ ...batch, bytes: bytes.subarray(at, end) })) this.takeOne(frame);
        from = end;
      }
      at = end;
    }
    return this.runAgain(bytes.subarray(from));
  }

  /** Whether the frame at an offset is that of a command, and its program this one. */
  private isToRun(view: DataView, at: number): boolean {
    if (!this.isOwnEpoch || view.getUint16(at + abi.FRAME_KIND, true) >= abi.KIND_EPOCH) return false;
    return view.getBigUint64(at + abi.FRAME_SEQ, true) !== 1n;
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
