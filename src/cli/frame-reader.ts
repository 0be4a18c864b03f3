/**
 * Frames of a history, decoded without the domain.
 *
 * Responsible for: the schema, which stands in the frame that opens the epoch.
 * Not responsible for: printing. The digests are those that stand in the history; `verify` checks them.
 */
import { KIND_EPOCH } from "../../assembly/abi.ts";
import { type RawFrame, readFrame } from "../engine/frames.ts";
import { HistoryError } from "../errors.ts";
import { type DecodedFrame, type EpochFrame, type FrameDecoder, frameDecoder } from "../history/frame.ts";
import type { History } from "../history/history.ts";
import type { SchemaModel } from "../schema/model.ts";

export class FrameReader {
  #model: SchemaModel;
  #descriptor: Uint8Array;
  #decoder: FrameDecoder;

  private constructor({ schema, descriptor }: EpochFrame) {
    this.#model = schema;
    this.#descriptor = descriptor;
    this.#decoder = frameDecoder(schema);
  }

  /** @throws {HistoryError} the history does not begin with an epoch */
  static async of(history: History): Promise<FrameReader> {
    const first = await readFrame(history, 1n);
    const frame = first && frameDecoder(null).decode(first.body);
    if (frame?.type === "epoch") return new FrameReader(frame);
    throw new HistoryError(
      "NOT_FOUND",
      "the history has no frame yet; it was claimed, and nothing was written",
    );
  }

  /** The schema of the epoch of the last frame that was decoded, of the first epoch before that. */
  get model(): SchemaModel {
    return this.#model;
  }

  /** Its canonical bytes. */
  get descriptor(): Uint8Array {
    return this.#descriptor;
  }

  decode({ kind, body, digest }: RawFrame): DecodedFrame {
    const frame = this.#decoder.decode(body, digest);
    if (kind === KIND_EPOCH && frame.type === "epoch") {
      this.#model = frame.schema;
      this.#descriptor = frame.descriptor;
      this.#decoder = frameDecoder(frame.schema);
    }
    return frame;
  }
}
