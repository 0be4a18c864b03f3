/**
 * Commands on their way: executed, waiting for their frames to become durable.
 *
 * Responsible for: making receipts of durable frames, for one caller each. Not responsible for: when (pipeline.ts).
 */
import type { OperationalError } from "../errors.ts";
import type { DurableFrames } from "./durable-frames.ts";
import type { Waiter } from "./pipeline.ts";
import type { AnswerReader, AnyReceipt } from "./receipt.ts";
import type { ReceiptList } from "./receipts.ts";
import type { Source } from "./view.ts";

/** A single command on its way. */
export class Pending implements Waiter {
  readonly keepsFrames = false;
  readonly source: Source | undefined;
  private readonly answers: AnswerReader;
  private readonly resolve: (receipt: AnyReceipt) => void;
  private readonly reject: (error: unknown) => void;

  constructor(
    answers: AnswerReader,
    source: Source | undefined,
    resolve: (receipt: AnyReceipt) => void,
    reject: (error: unknown) => void,
  ) {
    this.answers = answers;
    this.source = source;
    this.resolve = resolve;
    this.reject = reject;
  }

  durable(frames: DurableFrames): void {
    this.resolve(this.answers.receiptOf(frames.next()));
  }

  /** Its command made no frame. */
  refuse(error: unknown): void {
    this.reject(error);
  }

  /** Its command made no frame, but has an answer. */
  answerWith(answer: Promise<AnyReceipt>): void {
    answer.then(this.resolve, this.reject);
  }

  failed(error: OperationalError): void {
    this.reject(error);
  }
}

/** The commands of one batch on their way. */
export class PendingMany implements Waiter {
  readonly source = undefined;
  readonly keepsFrames = true;
  readonly receipts: ReceiptList;
  failure: OperationalError | undefined;

  constructor(receipts: ReceiptList) {
    this.receipts = receipts;
  }

  durable(frames: DurableFrames): void {
    this.receipts.addFrames(frames.rest());
  }

  failed(error: OperationalError): void {
    this.failure = error;
  }
}
