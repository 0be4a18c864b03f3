/**
 * Duplicates: the original answer to a source seq that was used before, found by the links of the frames.
 */

import { FRAME_HEADER } from "../../assembly/abi.ts";
import { AdmissionError } from "../errors.ts";
import { readHeader } from "../history/frame.ts";
import type { ClaimedHistory } from "../history/history.ts";
import { type RawFrame, readFrame } from "./frames.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Source } from "./view.ts";

/** How many frames of a source are walked back at the most. */
const DUPLICATE_WALK_MAX = 4_096;
/** Sources whose walks are kept. */
const WALKS_MAX = 64;

/** The frames of a source from its last one on, each further back: a source uses each seq in one frame. */
interface Walk {
  readonly lastFrame: bigint;
  readonly frames: bigint[];
}

/** What the command must be, or it is another under the same source seq. */
interface Command {
  readonly kind: number;
  readonly payload: Uint8Array;
}

export class Duplicates {
  private readonly history: ClaimedHistory;
  private readonly pipeline: Pipeline;
  /** By source, the last used behind. */
  private readonly walks = new Map<string, Walk>();

  constructor(history: ClaimedHistory, pipeline: Pipeline) {
    this.history = history;
    this.pipeline = pipeline;
  }

  /**
   * The durable frame of a source seq; its bytes stay as they are.
   *
   * @param lastSeq the last seq of its source, in frame `lastFrame`
   * @param command what was submitted; absent: whatever it was
   * @throws {AdmissionError} CONFLICT: it was another command; DUPLICATE: its frame is out of reach
   * @throws {OperationalError} OUTCOME_UNKNOWN, FENCED: it was not durable yet, and the history failed
   */
  async frameOf(
    source: Source,
    lastSeq: bigint,
    lastFrame: bigint,
    command: Command | undefined,
  ): Promise<RawFrame> {
    if (lastFrame > this.pipeline.frontierSeq) await this.durable(source);
    const frame = await this.find(source, lastSeq, lastFrame);
    const header = readHeader(frame.body);
    const payload = frame.body.subarray(FRAME_HEADER, FRAME_HEADER + header.payloadBytes);
    if (command !== undefined && (header.kind !== command.kind || !sameBytes(payload, command.payload))) {
      throw new AdmissionError(
        "CONFLICT",
        `source seq ${source.seq} was used by another command, in frame ${header.seq}; use the next seq`,
        { lastSeq },
      );
    }
    // What the history has read is a large piece, of which this is a small part.
    return { ...frame, body: frame.body.slice(), digest: frame.digest.slice() };
  }

  /** Waits for the original, which is on its way: what becomes of it is unknown if the history fails. */
  private async durable(source: Source): Promise<void> {
    try {
      await this.pipeline.reached();
    } catch {
      throw this.pipeline.failureFor(source);
    }
  }

  private async find(source: Source, lastSeq: bigint, lastFrame: bigint): Promise<RawFrame> {
    const { frames } = this.walkFrom(source, lastFrame);
    const back = lastSeq - source.seq;
    let frame: RawFrame | undefined;
    if (back < DUPLICATE_WALK_MAX) {
      while (frames.length <= back && (await this.goBack(frames)));
      const seq = frames[Number(back)];
      frame = seq === undefined ? undefined : await readFrame(this.history, seq);
    }
    if (frame !== undefined && readHeader(frame.body).sourceSeq === source.seq) return frame;
    throw new AdmissionError(
      "DUPLICATE",
      `source seq ${source.seq} was used long ago, its frame is out of reach; the last one used is ${lastSeq}`,
      { lastSeq },
    );
  }

  /** What is known of the way back from the last frame of a source. Who sends a batch again asks for each of its seqs. */
  private walkFrom({ client, stream }: Source, lastFrame: bigint): Walk {
    const name = `${client}/${stream}`;
    let walk = this.walks.get(name);
    this.walks.delete(name);
    if (walk?.lastFrame !== lastFrame) walk = { lastFrame, frames: [lastFrame] };
    this.walks.set(name, walk);
    if (this.walks.size > WALKS_MAX) this.walks.delete(this.walks.keys().next().value!);
    return walk;
  }

  /** Adds the next frame; false: there is none. */
  private async goBack(frames: bigint[]): Promise<boolean> {
    const { length } = frames;
    const frame = await readFrame(this.history, frames[length - 1]!);
    const previous = frame === undefined ? 0n : readHeader(frame.body).previous;
    if (previous === 0n) return false;
    // Another one may have walked meanwhile.
    if (frames.length === length) frames.push(previous);
    return true;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
