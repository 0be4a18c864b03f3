/**
 * Writing one batch: seal, check, write, sync, look at the terms. The same code runs in the thread of the
 * engine and, as source text, in the writing thread.
 *
 * Responsible for: the one step between "the frames are made" and "the batch may be acknowledged".
 * Not responsible for: where the batch goes and what its result means (`claimed-file.ts` decides both).
 *
 * Invariants: I1 the functions here refer to nothing outside themselves and their arguments, because only their
 * text reaches the other thread; I2 the terms are looked at after the sync has returned, never before.
 */
import type { FrameSealer } from "../history.ts";
import type { Answer, BatchFileSystem, FileNumber } from "./file-system.ts";

/** Numbers of the format that the step writes, handed over because of I1. */
export interface BatchLayout {
  readonly headerBytes: number;
  readonly endBytes: number;
  readonly endMark: number;
  readonly sectorBytes: number;
}

/** One batch, and where it goes. */
export interface BatchJob {
  /** Undefined: seal only. */
  readonly file: FileNumber | undefined;
  /** Of the batch header in the file; a multiple of 32. */
  readonly position: number;
  /** Room for the header, the frames, room for the end mark. */
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly firstSeq: bigint;
  /** Digest before the first frame. */
  readonly previous: Uint8Array;
  /** Must be there still: the term of this writer. Looked at when that was not done lately. */
  readonly ownTerm: string;
  /** On the clock of `process.hrtime`, in milliseconds: one for all threads, which goes on while a process is stopped. */
  readonly ownTermSeen: number;
  /** For so long what was seen then is good enough. */
  readonly ownTermMilliseconds: number;
  /** Must not be there: the term of the next writer. */
  readonly nextTerm: string;
}

export type BatchVerdict = "durable" | "malformed" | "fenced" | "moved";

export interface BatchResult {
  readonly verdict: BatchVerdict;
  /** How long write and sync took. */
  readonly syncMilliseconds: number;
  /** When the term of this writer was last seen. */
  readonly ownTermSeen: number;
}

/** Yields what the file system answers, and goes on with what that turns out to be. */
export type BatchStep = Generator<Answer<unknown>, BatchResult, unknown>;

/** Makes the step over a file system, a hash and a check (CRC32C). Self-contained: see I1. */
export function batchStep(
  fileSystem: BatchFileSystem,
  sealer: FrameSealer,
  crc32c: (bytes: Uint8Array) => number,
  layout: BatchLayout,
): (job: BatchJob) => BatchStep {
  function zeroSectors(bytes: Uint8Array, position: number): number {
    const { sectorBytes } = layout;
    const end = bytes.length;
    let count = 0;
    // The sectors before and behind these hold the header and the end mark.
    for (let at = sectorBytes - (position % sectorBytes); at + sectorBytes <= end; at += sectorBytes) {
      let byte = at;
      while (byte < at + sectorBytes && bytes[byte] === 0) byte += 1;
      if (byte === at + sectorBytes) count += 1;
    }
    return count;
  }

  function complete(job: BatchJob): void {
    const { bytes } = job;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    view.setUint32(bytes.length - layout.endBytes, layout.endMark, true);
    view.setUint32(0, bytes.length, true);
    view.setUint32(4, job.count, true);
    view.setBigUint64(8, job.firstSeq, true);
    view.setUint32(16, zeroSectors(bytes, job.position), true);
    view.setUint32(20, crc32c(bytes.subarray(layout.headerBytes)), true);
    view.setUint32(24, 0, true);
    view.setUint32(28, crc32c(bytes.subarray(0, 28)), true);
  }

  function clock(): number {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1e3 + nanoseconds / 1e6;
  }

  return function* step(job: BatchJob): BatchStep {
    const seen = { ownTermSeen: job.ownTermSeen, syncMilliseconds: 0 };
    const frames = job.bytes.subarray(layout.headerBytes, job.bytes.length - layout.endBytes);
    if (sealer.seal(frames, job.previous) !== job.count) return { verdict: "malformed", ...seen };
    if (job.file === undefined) return { verdict: "durable", ...seen };
    complete(job);
    const start = clock();
    yield fileSystem.write(job.file, job.bytes, job.position);
    yield fileSystem.syncData(job.file);
    const end = clock();
    const syncMilliseconds = end - start;
    if (yield fileSystem.exists(job.nextTerm)) return { verdict: "fenced", ...seen };
    // That the next term is not there says nothing once the directory has been moved away. Looking costs part of a
    // quick sync, so it is done when there was time for a move and a claim, a stop of this process included.
    if (end - job.ownTermSeen < job.ownTermMilliseconds)
      return { verdict: "durable", ...seen, syncMilliseconds };
    if (!(yield fileSystem.exists(job.ownTerm))) return { verdict: "moved", ...seen };
    return { verdict: "durable", ownTermSeen: end, syncMilliseconds };
  };
}

/** Runs a step to its end where every answer is there at once. Self-contained: see I1. */
export function runNow(step: BatchStep): BatchResult {
  let turn = step.next();
  while (!turn.done) turn = step.next(turn.value);
  return turn.value;
}

/** Runs a step to its end, waiting for answers. */
export async function runLater(step: BatchStep): Promise<BatchResult> {
  let turn = step.next();
  while (!turn.done) turn = step.next(await turn.value);
  return turn.value;
}
