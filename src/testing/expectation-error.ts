/**
 * What a test that does not hold throws.
 */
import type { CommandFrame } from "../history/frame.ts";

/**
 * A command did something else than its test expects. The message is the frame, readable, with what was expected beside
 * each part that differs.
 */
export class ExpectationError extends Error {
  override readonly name = "ExpectationError";
  /** The frame that the command made. */
  readonly frame: CommandFrame;

  constructor(message: string, frame: CommandFrame) {
    super(message);
    this.frame = frame;
  }
}
