/**
 * Commands that the core did not admit: a duplicate has its original answer, the others their error.
 *
 * Not responsible for: finding the original (duplicates.ts).
 */
import * as abi from "../../assembly/abi.ts";
import { AdmissionError } from "../errors.ts";
import type { BoundMessage } from "./binding.ts";
import type { Duplicates } from "./duplicates.ts";
import type { Executor } from "./executor.ts";
import type { RawFrame } from "./frames.ts";
import { malformed } from "./payload.ts";
import type { AnswerReader, AnyReceipt } from "./receipt.ts";
import type { Source } from "./view.ts";

export class Refusals {
  private readonly executor: Executor;
  private readonly duplicates: Duplicates;
  private readonly answers: AnswerReader;

  constructor(executor: Executor, duplicates: Duplicates, answers: AnswerReader) {
    this.executor = executor;
    this.duplicates = duplicates;
    this.answers = answers;
  }

  /** The answer to a command that was just refused. @throws as `original` */
  async answer(
    code: number,
    command: BoundMessage,
    source: Source | undefined,
    payload: () => Uint8Array,
  ): Promise<AnyReceipt> {
    return this.answers.duplicateOf(await this.original(code, command, source, payload));
  }

  /**
   * The frame that answers a command that was just refused: the core still has the reason.
   *
   * @param code ADMIT_... of the ABI, not ADMIT_OK
   * @param payload asked for only when the command is a duplicate
   * @throws {AdmissionError} it is no duplicate
   */
  original(
    code: number,
    command: BoundMessage,
    source: Source | undefined,
    payload: () => Uint8Array,
  ): Promise<RawFrame> {
    if (code !== abi.ADMIT_DUPLICATE) throw this.errorOf(code, command, source);
    const { core } = this.executor;
    const lastSeq = core.resultLong(abi.RESULT_A);
    const lastFrame = core.resultLong(abi.RESULT_B);
    const submitted = { kind: command.number, payload: payload() };
    return this.duplicates.frameOf(source!, lastSeq, lastFrame, submitted);
  }

  private errorOf(code: number, command: BoundMessage, source: Source | undefined): AdmissionError {
    const { core } = this.executor;
    switch (code) {
      case abi.ADMIT_GAP: {
        const expected = core.resultLong(abi.RESULT_A);
        const text = `found source seq ${source!.seq}, expected ${expected}; send those between first`;
        return new AdmissionError("GAP", text, { expected });
      }
      case abi.ADMIT_SOURCES_FULL:
        return new AdmissionError(
          "SOURCES_FULL",
          "no further source can be remembered; retire one that is done",
        );
      case abi.ADMIT_TOO_LARGE: {
        const limit = this.executor.program.limits.payloadBytes;
        return new AdmissionError("TOO_LARGE", `${command.name}: the payload is longer than ${limit} bytes`);
      }
      default: {
        const number = core.resultWord(abi.RESULT_FIELD);
        const field = command.codec.fields.find((one) => one.field.number === number)?.field.name ?? "";
        return malformed(command.name, field, "the bytes are not canonical");
      }
    }
  }
}
