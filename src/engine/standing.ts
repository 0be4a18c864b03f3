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
    if (this.pipeline.failure !== undefined) {
      const { failure: cause } = this.pipeline;
      throw new OperationalError("POISONED", "an earlier append failed; reopen", { cause });
    }
    if (this.fault !== undefined) throw this.fault;
  }

  /** What a run threw: a fault of the engine breaks it, anything else leaves it as it is. */
  note(error: unknown): void {
    if (error instanceof EngineFault) this.fault = error;
  }

  close(): void {
    this.isClosed = true;
  }
}
