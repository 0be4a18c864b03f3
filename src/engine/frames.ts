/**
 * Frames out of a history: one by one, as bytes and decoded.
 *
 * Responsible for: walking batches, `engine.frames`, following the durable frontier. Not responsible for: storage, digests
 * (checked where it matters).
 */
import { DIGEST_BYTES, FRAME_KIND, FRAME_LENGTH, FRAME_SEQ, KIND_EPOCH } from "../../assembly/abi.ts";
import { HistoryError } from "../errors.ts";
import { cutFrames } from "../history/contract.ts";
import { type DecodedFrame, frameDecoder } from "../history/frame.ts";
import type { ClaimedHistory, FrameBatch, History } from "../history/history.ts";
import { FrameEncoder } from "../proto/frame-encoder.ts";
import type { SchemaModel } from "../schema/model.ts";
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

/** Makes something of each frame of one epoch. */
type FrameReader<T> = (frame: RawFrame) => T;

/** Decoded frames of consecutive batches; the schema comes from the epoch frame that governs them. */
export function decodedFrames(
  history: FrameSource,
  batches: AsyncIterable<FrameBatch>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Frame, void> {
  return framesThrough(history, batches, signal, (schema) => {
    const decoder = frameDecoder(schema);
    return ({ body, digest }) => decoder.decode(body, digest) as Frame;
  });
}

/** The same as messages `statevec.v1.Frame`. */
export function encodedFrames(
  history: FrameSource,
  batches: AsyncIterable<FrameBatch>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void> {
  return framesThrough(history, batches, signal, (schema) => {
    const encoder = new FrameEncoder(schema);
    return ({ body, digest }) => encoder.frame(body, digest);
  });
}

/** @param readerOf makes the reader of the frames of an epoch, its own frame included */
async function* framesThrough<T>(
  history: FrameSource,
  batches: AsyncIterable<FrameBatch>,
  signal: AbortSignal | undefined,
  readerOf: (schema: SchemaModel) => FrameReader<T>,
): AsyncGenerator<T, void> {
  const first = await readFrame(history, 1n);
  if (first === undefined) return;
  let read = readerOf(schemaOf(first));
  for await (const batch of batches) {
    for (const frame of framesOf(batch)) {
      if (signal?.aborted === true) return;
      // Until schemas evolve every epoch of a history has the schema of the first.
      if (frame.kind === KIND_EPOCH && frame.seq > 1n) read = readerOf(schemaOf(frame));
      yield read(frame);
    }
  }
}

/** The schema that an epoch frame opens its epoch with. */
function schemaOf({ body }: RawFrame): SchemaModel {
  const epoch = frameDecoder(null).decode(body);
  if (epoch.type === "epoch") return epoch.schema;
  throw new HistoryError("DAMAGED", "the history does not begin with an epoch; restore it from a good copy", {
    seq: epoch.seq,
  });
}
