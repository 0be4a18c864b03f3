/**
 * Opening: claim, recover, write the epoch frame where one is due, hand out the engine.
 */
import { hexToBytes } from "@noble/hashes/utils.js";
import { HistoryError, UsageError } from "../errors.ts";
import { firstDigest } from "../history/chain.ts";
import type { ClaimedHistory, History } from "../history/history.ts";
import type { SchemaParts } from "../schema/index.ts";
import { createSealer } from "../wasm.ts";
import { type Clock, checkClock, readClock, systemClock } from "./clock.ts";
import { type Domain, isProgramOf, programOf } from "./domain.ts";
import type { Engine } from "./engine.ts";
import { type Diagnostic, Executor } from "./executor.ts";
import { framesOf } from "./frames.ts";
import { refuseInHandler } from "./guard.ts";
import { OpenEngine } from "./open-engine.ts";
import { Pipeline } from "./pipeline.ts";
import type { Frontier } from "./receipt.ts";
import { Recovery } from "./recovery.ts";
import { compileProgram } from "./sealed-domain.ts";

export interface OpenOptions<P extends SchemaParts> {
  readonly domain: Domain<P>;
  readonly history: History;
  /** The host's clock when left out. Fixed in tests, so that digests repeat. */
  readonly clock?: Clock | undefined;
  /** 16 bytes or 32 hex digits: the id of a new history, drawn when left out. One that is there must have it. */
  readonly historyId?: Uint8Array | string | undefined;
  /** A frame that the history must contain: a digest kept elsewhere shows tampering and lost ends. */
  readonly expect?: Frontier | undefined;
  /** Opens also while a live process owns the history; that one is fenced off. */
  readonly takeover?: boolean | undefined;
  /** Told of what handlers throw. Never part of a frame. */
  readonly onDiagnostic?: ((diagnostic: Diagnostic) => void) | undefined;
  /** Told of recovery's progress: frames applied so far, frames in all. */
  readonly onProgress?: ((applied: bigint, total: bigint) => void) | undefined;
}

function historyIdOf(id: Uint8Array | string | undefined): Uint8Array | undefined {
  if (id === undefined) return undefined;
  if (typeof id === "string" && /^[0-9a-f]{32}$/i.test(id)) return hexToBytes(id);
  if (id instanceof Uint8Array && id.length === 16) return id;
  throw new UsageError("historyId", "expected 16 bytes or 32 hex digits");
}

/** An expectation that is none would pass unseen. */
function checkExpectation({ seq, digest }: Frontier): void {
  if (typeof seq !== "bigint" || seq < 1n) {
    throw new UsageError("expect.seq", `found ${String(seq)}, expected a bigint from 1`);
  }
  if (typeof digest !== "string" || !/^[0-9a-f]{64}$/i.test(digest)) {
    throw new UsageError("expect.digest", `found ${String(digest)}, expected 64 hex digits`);
  }
}

/**
 * Opens an engine over a history: recovers its state, or begins it.
 *
 * @returns once the state is recovered and an epoch frame that was due is durable
 * @throws {UsageError} an option is not what it should be
 * @throws {HistoryError} DAMAGED, DIVERGED, SCHEMA_CHANGED, EXPECTATION_FAILED, WRONG_HISTORY_ID...
 * @throws {OperationalError} OWNED by a live process, FENCED, IO, CLOCK
 */
export function open<P extends SchemaParts>(options: OpenOptions<P>): Promise<Engine<P>> {
  refuseInHandler();
  return openEngine(options);
}

async function openEngine<P extends SchemaParts>(options: OpenOptions<P>): Promise<Engine<P>> {
  const { history, takeover, onDiagnostic } = options;
  const domain = options.domain as unknown as Domain;
  const program = programOf(domain);
  if (typeof history?.claim !== "function")
    throw new UsageError("history", "expected a history, as fileHistory makes");
  const historyId = historyIdOf(options.historyId);
  if (options.expect !== undefined) checkExpectation(options.expect);
  const module = await compileProgram(program);
  const sealer = createSealer(module);
  const claimed = await history.claim({ historyId, takeover, sealer });
  try {
    const executor = new Executor({ module, domain, onDiagnostic });
    const recovery = new Recovery(executor, domain, sealer, firstDigest(claimed.historyId));
    await recover(recovery, claimed, options.expect, options.onProgress);
    const clock = options.clock ?? systemClock();
    if (options.clock === undefined) checkClock(clock, executor.timeNs);
    const pipeline = new Pipeline(executor.core, claimed);
    const keptModule = (sha256: string) => history.module(sha256);
    if (recovery.epoch === undefined || !isProgramOf(executor.program, recovery.epoch)) {
      if (program.lane === "sealed") await claimed.keepModule(program.module, program.bytes);
      executor.executeEpoch(readClock(clock));
      pipeline.added(undefined);
      await pipeline.reached();
    }
    return new OpenEngine(
      { domain, executor, history: claimed, keptModule, clock, sealer },
      pipeline,
    ) as unknown as Engine<P>;
  } catch (error) {
    await claimed.close().catch(() => {});
    throw error;
  }
}

async function recover(
  recovery: Recovery,
  claimed: ClaimedHistory,
  expect: Frontier | undefined,
  onProgress: ((applied: bigint, total: bigint) => void) | undefined,
): Promise<void> {
  const total = claimed.frontier.seq;
  let expected = expect === undefined;
  if (total > 0n) {
    for await (const batch of claimed.read()) {
      recovery.take(batch);
      const last = batch.firstSeq + BigInt(batch.count) - 1n;
      if (expect !== undefined && batch.firstSeq <= expect.seq && expect.seq <= last) {
        for (const frame of framesOf(batch)) if (frame.seq === expect.seq) checkDigest(expect, frame.digest);
        expected = true;
      }
      onProgress?.(last, total);
    }
  }
  if (expected) return;
  throw new HistoryError(
    "EXPECTATION_FAILED",
    "the history ends before the expected frame; restore the lost end",
    {
      seq: expect!.seq,
      expected: `${expect!.seq} frames at least`,
      actual: `${total}`,
    },
  );
}

function checkDigest(expect: Frontier, digest: Uint8Array): void {
  const actual = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (actual === expect.digest.toLowerCase()) return;
  throw new HistoryError("EXPECTATION_FAILED", "another history than the expected one, or changed since", {
    seq: expect.seq,
    expected: expect.digest,
    actual,
  });
}
