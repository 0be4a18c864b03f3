/**
 * Whether an engine takes commands.
 *
 * Responsible for: closed, its history failed, broken by a fault of its own. Not responsible for: room for one more
 * command (pipeline.ts).
 */
import { AdmissionError, EngineFault, OperationalError } from "../errors.ts";
import type { Pipeline } from "./pipeline.ts";

export class Standing {
  private readonly pipeline: Pipeline;
  private isClosed = false;
  private fault: EngineFault | undefined;

  constructor(pipeline: Pipeline) {
    this.pipeline = pipeline;
  }

  /**
   * @throws {AdmissionError} CLOSED
   * @throws {OperationalError} POISONED: the history failed
   * @throws {EngineFault} the one that broke it
   */
  check(): void {
    if (this.isClosed) throw new AdmissionError("CLOSED", "the engine is closed; open it again");
    if (this.pipeline.failure !== undefined) throw poisoned(this.pipeline.failure);
    if (this.fault !== undefined) throw this.fault;
  }

  /** What a run threw: a fault of the engine breaks it, anything else leaves it as it is. */
  note(error: unknown): void {
    if (!(error instanceof EngineFault)) return;
    this.fault = error;
    this.pipeline.following.wake();
  }

  /**
   * For who waits for frames to become durable, and has all that are.
   * @throws {OperationalError | EngineFault} none will: the history failed, or the engine has met a fault
   */
  checkGoesOn(): void {
    const { failure, isIdle } = this.pipeline;
    if (failure !== undefined) throw poisoned(failure);
    if (this.fault !== undefined && isIdle) throw this.fault;
  }

  close(): void {
    this.isClosed = true;
  }
}

function poisoned(cause: OperationalError): OperationalError {
  return new OperationalError("POISONED", "an earlier append failed; reopen", { cause });
}
