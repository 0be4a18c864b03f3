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
import { type FrameHeader, readHeader } from "../history/frame.ts";
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
import type { Source } from "./view.ts";

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

  private takeBatch(batch: FrameBatch): FrameDifference | undefined {
    const { core } = this.executor;
    const copy = this.compares ? core.blockFor(batch.bytes.length) : 0;
    if (this.compares) core.bytes.set(batch.bytes, copy);
    for (const frame of framesOf(batch)) {
      const at = copy + frame.body.byteOffset - batch.bytes.byteOffset;
      const difference = this.take(frame, at);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }

  /** Runs one frame's command again. @param at where its recorded body is in the core's memory, for comparison */
  private take(frame: RawFrame, at: number): FrameDifference | undefined {
    const { executor } = this;
    const { core } = executor;
    this.frames++;
    const header = readHeader(frame.body);
    if (frame.kind === abi.KIND_EPOCH || frame.seq === 1n) this.openEpoch(frame);
    if (!this.isOwnEpoch || frame.kind >= abi.KIND_EPOCH) {
      if (frame.kind < abi.KIND_EPOCH) this.applied++;
      applyOne(executor, frame);
      return undefined;
    }
    this.execute(header, frame.body);
    const made = core.resultWord(abi.RESULT_FRAME_AT);
    const bytes = core.resultWord(abi.RESULT_FRAME_BYTES);
    const same =
      !this.compares ||
      (bytes === frame.body.length && core.exports.firstDifference(made, at, bytes) >>> 0 === bytes);
    const difference = same
      ? undefined
      : frameDifference(executor.binding.model, frame.body, core.lastBody());
    core.exports.outputTaken();
    return difference;
  }

  private openEpoch(frame: RawFrame): void {
    const epoch = epochOf(frame);
    checkEpoch(this.domain, epoch, frame.seq);
    this.isOwnEpoch = isProgramOf(this.executor.program, epoch);
  }

  private execute(header: FrameHeader, body: Uint8Array): void {
    const { executor } = this;
    const { client, stream, sourceSeq: seq } = header;
    const source: Source | undefined = header.hasSource ? { client, stream, seq } : undefined;
    const payload = body.subarray(abi.FRAME_HEADER, abi.FRAME_HEADER + header.payloadBytes);
    executor.prepareBytes(header.kind, payload, header.timeNs, source);
    const command = executor.binding.commandsByNumber.get(header.kind);
    if (command === undefined || executor.admit() !== abi.ADMIT_OK) {
      throw new HistoryError(
        "DIVERGED",
        "the recorded command would not have been admitted; compare with a copy",
        {
          seq: header.seq,
          expected: "an admissible command",
          actual: `kind ${header.kind}`,
        },
      );
    }
    executor.run(command);
  }
}

/** Applies one frame of a batch. */
function applyOne(executor: Executor, frame: RawFrame): void {
  const bytes = new Uint8Array(frame.body.length + abi.DIGEST_BYTES);
  bytes.set(frame.body);
  applyBatch(executor, { firstSeq: frame.seq, count: 1, bytes });
}
