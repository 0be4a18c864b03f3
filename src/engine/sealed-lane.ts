/**
 * The sealed lane: handlers inside the module, a whole batch in one call.
 *
 * Responsible for: crossing into the module, and a trap of a handler, which is its command's fault and nobody else's.
 * Not responsible for: what made the module fit to run (gate), frames (the core).
 */
import * as abi from "../../assembly/abi.ts";
import { type Core, isTrap, type SealedExports } from "../wasm.ts";
import type { BoundMessage } from "./binding.ts";
import type { BatchStop, Diagnose, Lane } from "./lane.ts";

export class SealedLane implements Lane {
  private readonly core: Core;
  private readonly exports: SealedExports;
  private readonly diagnose: Diagnose;
  private readonly nameOf: (kind: number) => string;

  /** @param nameOf the name of a command by its number */
  constructor(core: Core, exports: SealedExports, nameOf: (kind: number) => string, diagnose: Diagnose) {
    this.core = core;
    this.exports = exports;
    this.nameOf = nameOf;
    this.diagnose = diagnose;
  }

  forgetScratch(): void {}

  run(_command: BoundMessage, at: number): void {
    try {
      this.exports.runAdmitted(at);
    } catch (error) {
      this.finishTrapped(error);
    }
    this.core.refresh();
  }

  runBatch(at: number, end: number): BatchStop {
    const { core } = this;
    let next = at;
    let status: number = abi.BATCH_DONE;
    while (next < end) {
      core.setResultWord(abi.RESULT_NEXT, next);
      try {
        status = this.exports.runBatch(next, end);
      } catch (error) {
        this.finishTrapped(error);
      }
      core.refresh();
      next = core.resultWord(abi.RESULT_NEXT);
      if (status !== abi.BATCH_DONE) break;
    }
    return { status, next };
  }

  /** A trap of the handler faults its command, which then ends as any other. @throws the error, if it was not that */
  private finishTrapped(error: unknown): void {
    const { core } = this;
    core.refresh();
    if (!isTrap(error) || core.exports.finishTrapped() === 0) throw error;
    core.refresh();
    if (core.resultWord(abi.RESULT_CODE) !== abi.CODE_HANDLER_FAILED) return;
    const body = core.lastBody();
    const view = new DataView(body.buffer);
    this.diagnose(
      this.nameOf(view.getUint16(abi.FRAME_KIND, true)),
      view.getBigUint64(abi.FRAME_SEQ, true),
      error,
    );
  }
}
