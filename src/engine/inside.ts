/** What the parts of an engine share that take commands: batches.ts, submissions.ts. */
import type { Clock } from "./clock.ts";
import type { Executor } from "./executor.ts";
import type { Pipeline } from "./pipeline.ts";
import type { AnswerReader } from "./receipt.ts";
import type { Refusals } from "./refusals.ts";
import type { Standing } from "./standing.ts";

export interface Inside {
  readonly executor: Executor;
  readonly clock: Clock;
  readonly pipeline: Pipeline;
  readonly standing: Standing;
  readonly refusals: Refusals;
  readonly answers: AnswerReader;
}
