/**
 * Commands on their way: executed, waiting for their frames to become durable.
 *
 * Responsible for: making receipts of durable frames, for one caller each. Not responsible for: when (pipeline.ts).
 */
import type { OperationalError } from "../errors.ts";
import type { DurableFrame, Waiter } from "./pipeline.ts";
import type { AnswerReader, AnyReceipt } from "./receipt.ts";
import type { Source } from "./view.ts";

/** A single command on its way. */
export class Pending implements Waiter {
  readonly source: Source | undefined;
  private readonly answers: AnswerReader;
  private readonly seq: bigint;
  private readonly resolve: (receipt: AnyReceipt) => void;
  private readonly reject: (error: unknown) => void;

  constructor(
    answers: AnswerReader,
    seq: bigint,
    source: Source | undefined,
    resolve: (receipt: AnyReceipt) => void,
    reject: (error: unknown) => void,
  ) {
    this.answers = answers;
    this.seq = seq;
    this.source = source;
    this.resolve = resolve;
    this.reject = reject;
  }

  durable(frame: DurableFrame): void {
    this.resolve(this.answers.receiptOf(frame, this.seq));
  }

  failed(error: OperationalError): void {
    this.reject(error);
  }
}

/** The commands of one `submitMany` on their way. */
export class PendingMany implements Waiter {
  readonly source = undefined;
  readonly receipts: AnyReceipt[];
  private readonly answers: AnswerReader;
  /** Of the frames that are on their way, in order. */
  private positions: number[] = [];
  private seqs: bigint[] = [];
  private next = 0;
  failure: OperationalError | undefined;

  constructor(answers: AnswerReader, count: number) {
    this.answers = answers;
    this.receipts = new Array(count);
  }

  add(position: number, seq: bigint): void {
    this.positions.push(position);
    this.seqs.push(seq);
  }

  durable(frame: DurableFrame): void {
    const next = this.next++;
    this.receipts[this.positions[next]!] = this.answers.receiptOf(frame, this.seqs[next]!);
  }

  failed(error: OperationalError): void {
    this.failure = error;
  }
}
