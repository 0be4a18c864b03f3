/**
 * Commands of requests, on their way to the engine.
 *
 * Responsible for: running what the requests of one turn of the event loop bring together, so that their frames share an
 * append; batches that are used again. Not responsible for: what is in a batch, answers.
 *
 * Invariants: I1 each request has a batch of its own: what becomes of one is nothing to the others; I2 a batch that was
 * handed over runs, whether its client is still there or not.
 */
import type { BatchAnswer } from "../engine/batches.ts";
import type { EncodedCommands } from "../engine/command-batch.ts";
import type { OpenEngine } from "../engine/open-engine.ts";

interface Job {
  readonly batch: EncodedCommands;
  readonly done: (answer: BatchAnswer) => void;
  readonly failed: (error: unknown) => void;
}

/** Commands that run before the event loop gets a turn. */
const AT_ONCE = 2_048;
/** Batches that are kept for the next requests, and how large they may have become. */
const KEPT_MAX = 256;
const KEPT_BYTES_MAX = 1 << 18;

export class Submitter {
  private readonly engine: OpenEngine;
  private readonly jobs: Job[] = [];
  private readonly kept: EncodedCommands[] = [];
  /** Batches that are on their way. */
  pending = 0;
  /** Called when none is left. */
  private idle: (() => void)[] = [];

  constructor(engine: OpenEngine) {
    this.engine = engine;
  }

  /** An empty batch. */
  take(): EncodedCommands {
    return this.kept.pop() ?? (this.engine.newBatch() as EncodedCommands);
  }

  /** Gives a batch back that nobody runs. */
  giveBack(batch: EncodedCommands): void {
    if (this.kept.length >= KEPT_MAX || batch.bytes.length > KEPT_BYTES_MAX) return;
    batch.clear();
    this.kept.push(batch);
  }

  /** Runs a batch with those of the other requests of this turn; one of the two is called. */
  submit(
    batch: EncodedCommands,
    done: (answer: BatchAnswer) => void,
    failed: (error: unknown) => void,
  ): void {
    this.pending++;
    this.jobs.push({ batch, done, failed });
    if (this.jobs.length === 1) setImmediate(() => this.run());
  }

  /** What is left is for the next turn: answers go out meanwhile, and others get theirs. */
  private run(): void {
    let commands = 0;
    while (this.jobs.length > 0 && commands < AT_ONCE) {
      const job = this.jobs.shift()!;
      commands += job.batch.length;
      this.runOne(job);
    }
    if (this.jobs.length > 0) setImmediate(() => this.run());
  }

  private async runOne({ batch, done, failed }: Job): Promise<void> {
    try {
      const answer = await this.engine.answerBatch(batch);
      this.giveBack(batch);
      done(answer);
    } catch (error) {
      failed(error);
    } finally {
      this.ended();
    }
  }

  private ended(): void {
    this.pending--;
    if (this.pending > 0) return;
    for (const call of this.idle.splice(0)) call();
  }

  /** Resolves when no batch is on its way. */
  settled(): Promise<void> {
    return this.pending === 0 ? Promise.resolve() : new Promise((resolve) => this.idle.push(resolve));
  }
}
