/**
 * Streams of frames.
 *
 * Responsible for: pieces of whole frames, written as their reader takes them; the end of a stream.
 * Not responsible for: which frames (the engine), their bytes (a format).
 *
 * Invariants: I1 a stream that ends as it should ends behind a whole frame; I2 of what a reader has not taken only a piece
 * is held beside the batch that it is made of.
 */
import type { FramesOptions } from "../engine/engine.ts";
import { framesOf } from "../engine/frames.ts";
import type { OpenEngine } from "../engine/open-engine.ts";
import type { FrameBatch } from "../history/history.ts";
import type { Exchange } from "./exchange.ts";
import type { Body } from "./format.ts";
import type { Counters } from "./metrics.ts";

/** Frames are gathered up to about this many bytes. */
const PIECE_BYTES = 1 << 16;

/**
 * Answers with frames until there are no more, the reader has gone, or the signal aborts.
 * @throws what the engine throws before the first frame
 */
export async function streamFrames(
  exchange: Exchange,
  engine: OpenEngine,
  range: FramesOptions,
  signal: AbortSignal,
  counters: Counters,
): Promise<void> {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  signal.addEventListener("abort", end);
  exchange.whenOver(end);
  if (signal.aborted) end();
  try {
    const batches = engine.frameBatches({ ...range, signal: ended.signal });
    exchange.beginStream();
    for await (const batch of batches) await writeBatch(exchange, batch, ended.signal, counters);
    exchange.endStream();
  } finally {
    signal.removeEventListener("abort", end);
  }
}

async function writeBatch(
  exchange: Exchange,
  batch: FrameBatch,
  signal: AbortSignal,
  counters: Counters,
): Promise<void> {
  const piece = new Piece();
  for (const frame of framesOf(batch)) {
    if (signal.aborted) break;
    piece.add(exchange.format.frame(frame));
    counters.framesSent++;
    if (piece.length >= PIECE_BYTES) await exchange.writePiece(piece.take());
  }
  if (piece.length > 0) await exchange.writePiece(piece.take());
}

/** Frames one behind the other, as text or as bytes. */
class Piece {
  length = 0;
  private text = "";
  private parts: Uint8Array[] = [];

  add(frame: Body): void {
    this.length += frame.length;
    if (typeof frame === "string") this.text += frame;
    else this.parts.push(frame);
  }

  take(): Body {
    const { text, parts } = this;
    this.length = 0;
    this.text = "";
    this.parts = [];
    return parts.length === 0 ? text : Buffer.concat(parts);
  }
}
