/**
 * A lane: how handlers run between `begin` and `finish` of the core.
 *
 * Responsible for: the interface that both lanes have for the executor. Not responsible for: payloads, admission, what
 * becomes of an error (executor.ts).
 */
import type { BoundMessage } from "./binding.ts";

/** Where a batch stopped. */
export interface BatchStop {
  /** BATCH_... of the ABI. */
  readonly status: number;
  /** Address of the envelope to go on with. */
  readonly next: number;
}

export interface Lane {
  /**
   * Runs the admitted command whose envelope is at `at`; its frame is in the output then.
   * @throws {DeterminismError} nothing of it is left, no frame; anything else that it throws poisons the executor
   */
  run(command: BoundMessage, at: number): void;
  /**
   * Runs the envelopes from `at` to `end`, one behind the other, until one is refused or the output is full.
   * @throws as `run`; the commands before that one are done
   */
  runBatch(at: number, end: number): BatchStop;
  /** The core has used the scratch slots itself. */
  forgetScratch(): void;
}

/** What a lane tells the author of a handler about the frame it has just made. */
export type Diagnose = (command: string, seq: bigint, error: unknown) => void;
