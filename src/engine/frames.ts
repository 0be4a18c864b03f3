/**
 * Frames out of a history: one by one, as bytes and decoded.
 *
 * Responsible for: walking batches, `engine.frames`, following the durable frontier. Not responsible for: storage, digests
 * (checked where it matters).
 */
import { DIGEST_BYTES, FRAME_KIND, FRAME_LENGTH, FRAME_SEQ, KIND_EPOCH } from "../../assembly/abi.ts";
import { cutFrames } from "../history/contract.ts";
import { type DecodedFrame, type FrameDecoder, frameDecoder } from "../history/frame.ts";
import type { ClaimedHistory, FrameBatch, History } from "../history/history.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Standing } from "./standing.ts";

/** A durable frame, decoded. */
export type Frame = DecodedFrame & { readonly digest: string };

/** What frames can be read from. */
export type FrameSource = Pick<History | ClaimedHistory, "read">;

/** A frame within a batch; `body` is a view. */
export interface RawFrame {
  readonly seq: bigint;
  readonly kind: number;
  readonly body: Uint8Array;
  readonly digest: Uint8Array;
}

/** The frames of a batch. The history has checked that lengths add up. */
export function* framesOf({ bytes }: FrameBatch): Generator<RawFrame, void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at < bytes.length) {
    const end = at + view.getUint32(at + FRAME_LENGTH, true);
    yield {
      seq: view.getBigUint64(at + FRAME_SEQ, true),
      kind: view.getUint16(at + FRAME_KIND, true),
      body: bytes.subarray(at, end),
      digest: bytes.subarray(end, end + DIGEST_BYTES),
    };
    at = end + DIGEST_BYTES;
  }
}

/**
 * One frame as its bytes, for an inspector to explain.
 *
 * @param seq from 1
 * @returns `undefined` if the history does not reach there; `body` and `digest` are views
 * @throws {HistoryError} as `read` of the history; the digest is not checked
 */
export async function readFrame(history: FrameSource, seq: bigint): Promise<RawFrame | undefined> {
  for await (const batch of history.read({ from: seq, to: seq })) {
    for (const frame of framesOf(batch)) if (frame.seq === seq) return frame;
  }
  return undefined;
}

/** Frames as an engine hands them out: from where, how far, and whether to wait for more. */
export interface FrameRange {
  readonly from: bigint;
  /** Last seq; absent: those that are durable when they are asked for, or with `follow` all that will be. */
  readonly to: bigint | undefined;
  readonly follow: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Where the frames of an open engine come from. */
export interface OpenFrames {
  readonly history: FrameSource;
  readonly pipeline: Pipeline;
  readonly standing: Standing;
}

/** Durable frames of an open engine, batch by batch; with `follow` it goes on as more become durable. */
export async function* durableBatches(
  { history, pipeline, standing }: OpenFrames,
  { from, to, follow, signal }: FrameRange,
): AsyncGenerator<FrameBatch, void> {
  const { following } = pipeline;
  let next = from;
  const isAtEnd = () => signal?.aborted === true || (to !== undefined && next > to);
  if (follow) following.join();
  try {
    while (!isAtEnd()) {
      const durable = pipeline.frontierSeq;
      if (next > durable) {
        standing.checkGoesOn();
        if (following.hasEnded) return;
        await following.changed(signal);
        continue;
      }
      const last = to !== undefined && to < durable ? to : durable;
      const kept = following.batchWith(next);
      const batches = kept === undefined ? history.read({ from: next, to: last }) : [kept];
      for await (const batch of batches) {
        const part = cutFrames(batch, { from: next, to: last });
        if (part === undefined) continue;
        next = part.firstSeq + BigInt(part.count);
        yield part;
        if (isAtEnd()) return;
      }
      if (!follow) return;
    }
  } finally {
    if (follow) following.leave();
  }
}

/** Decoded frames of consecutive batches; the schema comes from the epoch frame that governs them. */
export async function* decodedFrames(
  history: FrameSource,
  batches: AsyncIterable<FrameBatch>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Frame, void> {
  const decoder = await EpochDecoder.of(history);
  for await (const batch of batches) {
    for (const frame of framesOf(batch)) {
      if (signal?.aborted === true) return;
      yield decoder.decode(frame);
    }
  }
}

/** Decodes frames that follow from each other. */
export class EpochDecoder {
  private decoder: FrameDecoder;

  private constructor(decoder: FrameDecoder) {
    this.decoder = decoder;
  }

  /** @param history with its first frame, which opens an epoch */
  static async of(history: FrameSource): Promise<EpochDecoder> {
    const decoder = new EpochDecoder(frameDecoder(null));
    const first = await readFrame(history, 1n);
    if (first !== undefined) decoder.decode(first);
    return decoder;
  }

  decode({ kind, body, digest }: RawFrame): Frame {
    const frame = this.decoder.decode(body, digest);
    // Until schemas evolve every epoch of a history has the schema of the first.
    if (kind === KIND_EPOCH && frame.type === "epoch") this.decoder = frameDecoder(frame.schema);
    return frame as Frame;
  }
}
