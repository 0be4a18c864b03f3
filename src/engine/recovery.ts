/**
 * Recovery: the state of a history, by applying its deltas. No handler runs.
 *
 * Responsible for: digests, applying, and that history and domain belong together. Not responsible for: claiming.
 */
import * as abi from "../../assembly/abi.ts";
import { HistoryError } from "../errors.ts";
import { verifyFrames } from "../history/chain.ts";
import { decodeEpochPayload, type EpochPayload } from "../history/epoch-payload.ts";
import { type FrameDecoder, frameDecoder, readHeader } from "../history/frame.ts";
import type { FrameBatch } from "../history/history.ts";
import { modelOf } from "../schema/define-schema.ts";
import { encodeDescriptor } from "../schema/descriptor.ts";
import { LIMITS } from "../schema/framework-codes.ts";
import type { FrameSealer } from "../wasm.ts";
import { type Domain, programOf } from "./domain.ts";
import type { Executor } from "./executor.ts";
import { framesOf, type RawFrame } from "./frames.ts";

/** Why apply refused a frame, by APPLY_... */
const REFUSALS: ReadonlyMap<number, string> = new Map([
  [abi.APPLY_BAD_LENGTH, "a body that parses to its last byte"],
  [abi.APPLY_BAD_FORMAT, "frame format 1"],
  [abi.APPLY_BAD_SEQ, "the next seq"],
  [abi.APPLY_BAD_TIME, "a reference time not before the last one"],
  [abi.APPLY_BAD_EPOCH, "the current epoch"],
  [abi.APPLY_BAD_OUTCOME, "an outcome that fits code and contents"],
  [abi.APPLY_BAD_KIND, "a command of the schema"],
  [abi.APPLY_BAD_SOURCE, "the next seq of its source, and its link"],
  [abi.APPLY_BAD_DELTA, "a delta entry"],
  [abi.APPLY_BAD_SYS_ID, "a SysId that fits the state"],
  [abi.APPLY_BAD_REVISION, "the revision of the record"],
  [abi.APPLY_BAD_PREVIOUS, "the last frame that changed the record"],
  [abi.APPLY_BAD_BEFORE, "the values that the record has"],
  [abi.APPLY_BAD_VALUE, "canonical values"],
  [abi.APPLY_UNIQUE_KEY_TAKEN, "a free unique key"],
  [abi.APPLY_BAD_EVENT, "an event of the schema"],
  [abi.APPLY_BAD_PAYLOAD, "a canonical payload"],
  [abi.APPLY_BAD_ORDER, "ascending order"],
]);

/** What apply or bulk load expected where it refused. */
export function refusalOf(code: number): string {
  return REFUSALS.get(code) ?? "bytes of the right length";
}

/** The error for a frame that does not apply. */
function diverged(executor: Executor, code: number): HistoryError {
  const seq = executor.executed + 1n;
  return new HistoryError("DIVERGED", "the frame does not follow from those before it; compare with a copy", {
    seq,
    offset: Number(executor.core.resultLong(abi.RESULT_A)),
    expected: refusalOf(code),
    actual: "something else",
  });
}

/** Applies a batch. @throws {HistoryError} DIVERGED, naming seq, offset in the body, and what was expected there */
export function applyBatch(executor: Executor, batch: FrameBatch): void {
  const code = executor.apply(batch.bytes);
  if (code !== abi.APPLY_OK) throw diverged(executor, code);
}

/** The payload of an epoch frame. */
export function epochOf(frame: RawFrame): EpochPayload {
  const header = readHeader(frame.body);
  const end = abi.FRAME_HEADER + header.payloadBytes;
  if (header.kind !== abi.KIND_EPOCH || end !== frame.body.length) {
    throw new HistoryError("DIVERGED", "a history begins with an epoch frame; this one does not", {
      seq: frame.seq,
      expected: "an epoch frame",
      actual: `kind ${header.kind}`,
    });
  }
  return decodeEpochPayload(frame.body, abi.FRAME_HEADER, end, frame.seq);
}

/** @throws {HistoryError} the epoch is not one of this domain, or of semantics that this core does not have */
export function checkEpoch(domain: Domain, epoch: EpochPayload, seq: bigint): void {
  if (epoch.semantics !== abi.CORE_SEMANTICS) {
    throw new HistoryError("UNSUPPORTED_SEMANTICS", "use the release that has these core semantics", {
      seq,
      expected: String(abi.CORE_SEMANTICS),
      actual: String(epoch.semantics),
    });
  }
  const descriptor = encodeDescriptor(modelOf(domain.schema));
  const same =
    descriptor.length === epoch.descriptor.length &&
    descriptor.every((byte, i) => byte === epoch.descriptor[i]);
  if (!same) {
    throw new HistoryError(
      "SCHEMA_CHANGED",
      "the history has another schema than the domain; open it with its own",
      {
        seq,
        expected: epoch.fingerprint,
        actual: domain.schema.fingerprint,
      },
    );
  }
  const program = programOf(domain);
  if (program.lane === "sealed" || epoch.program.lane === "sealed") return;
  if (epoch.program.revision > BigInt(program.revision)) {
    throw new HistoryError(
      "SCHEMA_CHANGED",
      "the history was written by a later program; open it with that one",
      {
        seq,
        expected: `revision ${program.revision} at most`,
        actual: `revision ${epoch.program.revision}`,
      },
    );
  }
}

/** @throws {HistoryError} the epoch is of the domain's revision, but has other limits than the domain */
function checkLimits(domain: Domain, epoch: EpochPayload, seq: bigint): void {
  const program = programOf(domain);
  if (program.lane === "sealed" || epoch.program.lane === "sealed") return;
  if (epoch.program.revision !== BigInt(program.revision)) return;
  for (const { name } of LIMITS) {
    if (program.limits[name] === epoch.limits[name]) continue;
    throw new HistoryError(
      "SCHEMA_CHANGED",
      `the limit ${name} is another than in the history; raise the revision`,
      {
        seq,
        expected: String(epoch.limits[name]),
        actual: String(program.limits[name]),
      },
    );
  }
}

/** Recovery in progress: batches go in, one after the other. */
export class Recovery {
  /** The epoch that the frames so far end in. */
  epoch: EpochPayload | undefined;
  private readonly executor: Executor;
  private readonly domain: Domain;
  private readonly sealer: FrameSealer;
  private readonly decoder: FrameDecoder;
  private digest: Uint8Array;

  /** @param digest digest(0) of the history */
  constructor(executor: Executor, domain: Domain, sealer: FrameSealer, digest: Uint8Array) {
    this.executor = executor;
    this.domain = domain;
    this.sealer = sealer;
    this.digest = digest;
    this.decoder = frameDecoder(executor.binding.model);
  }

  /** Checks and applies the next batch. */
  take(batch: FrameBatch): void {
    this.digest = verifyFrames(this.sealer, batch, this.digest);
    for (const frame of framesOf(batch)) {
      // The core does not know reject codes: what stands behind the payload of a decided command is read here.
      if (frame.body[abi.FRAME_OUTCOME] !== abi.OUTCOME_COMMITTED) this.decoder.decode(frame.body);
      if (frame.kind !== abi.KIND_EPOCH && frame.seq !== 1n) continue;
      const epoch = epochOf(frame);
      checkEpoch(this.domain, epoch, frame.seq);
      checkLimits(this.domain, epoch, frame.seq);
      this.epoch = epoch;
    }
    applyBatch(this.executor, batch);
  }
}
