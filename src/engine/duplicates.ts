/**
 * Duplicates: the original answer to a source seq that was used before, found by the links of the frames.
 */

import { FRAME_HEADER } from "../../assembly/abi.ts";
import { AdmissionError } from "../errors.ts";
import { readHeader } from "../history/frame.ts";
import type { ClaimedHistory } from "../history/history.ts";
import { type RawFrame, readFrame } from "./frames.ts";
import type { Pipeline } from "./pipeline.ts";
import type { AnswerReader, AnyReceipt } from "./receipt.ts";
import type { Source } from "./view.ts";

/** How many frames of a source are walked back at the most. */
const DUPLICATE_WALK_MAX = 4_096;

/** What the command must be, or it is another under the same source seq. */
interface Command {
  readonly kind: number;
  readonly payload: Uint8Array;
}

export class Duplicates {
  private readonly history: ClaimedHistory;
  private readonly pipeline: Pipeline;
  private readonly answers: AnswerReader;

  constructor(history: ClaimedHistory, pipeline: Pipeline, answers: AnswerReader) {
    this.history = history;
    this.pipeline = pipeline;
    this.answers = answers;
  }

  /** The receipt of a source seq. @throws as `frameOf` */
  async answer(
    source: Source,
    lastSeq: bigint,
    lastFrame: bigint,
    command: Command | undefined,
  ): Promise<AnyReceipt> {
    return this.answers.duplicateOf(await this.frameOf(source, lastSeq, lastFrame, command));
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
    let seq = lastFrame;
    for (let steps = 0; steps < DUPLICATE_WALK_MAX && seq !== 0n; steps++) {
      const frame = await readFrame(this.history, seq);
      if (frame === undefined) break;
      const header = readHeader(frame.body);
      if (header.sourceSeq === source.seq) return frame;
      seq = header.previous;
    }
    throw new AdmissionError(
      "DUPLICATE",
      `source seq ${source.seq} was used long ago, its frame is out of reach; the last one used is ${lastSeq}`,
      { lastSeq },
    );
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
