/**
 * The laws that random runs hold: the engine makes the model's frames; whoever is at the same frontier answers the same
 * next commands with the same bytes; what does not commit leaves no trace.
 *
 * A failure prints its seed, its path and the shrunk run; put that run into regressions.ts. STATEVEC_SEED=n repeats a
 * seed, STATEVEC_RUNS=n changes how many runs each law makes at most.
 */
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DeterminismError } from "../../src/errors.ts";
import { Coverage } from "./coverage.ts";
import type { TestExecutor } from "./executor.ts";
import type { ModelAnswer, ModelCommand } from "./frames.ts";
import { modelFrameOf } from "./frames.ts";
import type { CommandSpec } from "./generate-program.ts";
import { regressions } from "./regressions.ts";
import { execute, Run, type RunSpec, runSpec } from "./replica.ts";

const SEED = Number(process.env.STATEVEC_SEED ?? Math.floor(Math.random() * 2 ** 31));
const RUNS_MAX = Number(process.env.STATEVEC_RUNS ?? 3000);
const BATCH = 50;
/** How often every meaningful combination must have been exercised. */
const LEAST = 20;
const MINUTES = 60_000;

/** Checks a law over many runs, the regressions first. Shrinking ends after a while: a test can not be interrupted. */
function law(runs: number, holds: (spec: RunSpec) => void, seed = SEED): void {
  const examples = regressions.map((spec): [RunSpec] => [spec]);
  // A law that was cut short has not been shown to hold.
  const budget = { interruptAfterTimeLimit: 4 * MINUTES, markInterruptAsFailure: true };
  fc.assert(fc.property(runSpec, holds), { numRuns: runs + examples.length, seed, examples, ...budget });
}

/** Executes a command on an engine and compares it with the model's answer. */
function executeAndCompare(
  run: Run,
  engine: TestExecutor,
  at: number,
  { command, answer }: { command: ModelCommand; answer: ModelAnswer },
): Uint8Array | undefined {
  const { body, refusal } = execute(engine, command);
  if (body === undefined || "refused" in answer) {
    run.compare(at, "admission", refusal ?? "a frame", "refused" in answer ? answer : "a frame");
    return undefined;
  }
  run.compare(at, "the frame", modelFrameOf(body, run.schema), answer.frame);
  run.compare(at, "work", engine.lastWork(), answer.work);
  return body;
}

function playBoth(spec: RunSpec, turn: number, coverage?: Coverage, last?: number): Run {
  const run = new Run(spec, coverage);
  const engine = run.blankEngine(turn);
  const epoch = engine.openEpoch();
  run.compare(0, "the epoch", modelFrameOf(epoch, run.schema), run.model.frames[0]);
  const specs = last === undefined ? run.specs : run.specs.slice(0, last + 1);
  // The twin only ever applies: whatever a command that does not commit leaves behind makes them differ. Every other run
  // does without it, and is checked by its structure alone.
  const twin = turn % 2 === 0 ? run.blankEngine(turn + 1) : undefined;
  twin?.apply(epoch);
  specs.forEach((one, at) => {
    const before = one.source === null ? undefined : engine.fingerprint();
    const next = run.next(one);
    const body = executeAndCompare(run, engine, at, next);
    if (body !== undefined) twin?.apply(body);
    const expected = body === undefined ? before : twin?.fingerprint();
    if (expected !== undefined) run.compare(at, "the fingerprint", engine.fingerprint(), expected);
    const commits = !("refused" in next.answer) && next.answer.frame.outcome === "committed";
    if (!commits || at % 4 === 0) run.compare(at, "the structure check", engine.check(), 0);
  });
  if (twin !== undefined) run.compare(specs.length, "the structure check of the twin", twin.check(), 0);
  return run;
}

describe(`laws, seed ${SEED}`, () => {
  test("the engine makes the frames of the model, and every combination is exercised", {
    timeout: 10 * MINUTES,
  }, () => {
    const coverage = new Coverage();
    let turn = 0;
    let missing: string[] = [];
    for (let runs = 0; runs < RUNS_MAX; runs += BATCH) {
      law(BATCH, (spec) => void playBoth(spec, turn++, coverage), SEED + runs);
      missing = coverage.missing(LEAST);
      if (missing.length === 0) break;
    }
    expect(missing, `exercised less than ${LEAST} times in ${turn} runs`).toEqual([]);
  });

  test("live, applied, and loaded from a snapshot answer the same next commands", {
    timeout: 5 * MINUTES,
  }, () => {
    let turn = 0;
    law(90, (spec) => {
      turn += 1;
      const run = new Run(spec);
      const specs = run.specs;
      const cut = Math.floor((specs.length * (turn % 10)) / 10);
      const live = run.blankEngine(turn);
      const bodies = [live.openEpoch()];
      let snapshot = { bytes: live.snapshot(), after: 1 };
      const advance = (one: CommandSpec, at: number, others: readonly TestExecutor[]) => {
        const { command, answer } = run.next(one);
        const { body, refusal } = execute(live, command);
        if (body !== undefined) bodies.push(body);
        run.compare(at, "admission", body === undefined, "refused" in answer);
        for (const other of others) {
          run.compare(at, "the body", execute(other, command), { body, refusal });
          run.compare(at, "the fingerprint", other.fingerprint(), live.fingerprint());
        }
      };
      specs.slice(0, cut).forEach((one, at) => {
        advance(one, at, []);
        if (at === cut >> 1) snapshot = { bytes: live.snapshot(), after: bodies.length };
      });
      const applied = run.blankEngine(turn + 4);
      for (const body of bodies) applied.apply(body);
      const loaded = run.blankEngine(turn + 7);
      loaded.loadSnapshot(snapshot.bytes);
      for (const body of bodies.slice(snapshot.after)) loaded.apply(body);
      for (const other of [applied, loaded]) {
        run.compare(cut, "the structure check", other.check(), 0);
        run.compare(cut, "the fingerprint", other.fingerprint(), live.fingerprint());
        run.compare(cut, "the snapshot", other.snapshot(), live.snapshot());
      }
      specs.slice(cut).forEach((one, at) => {
        advance(one, cut + at, [applied, loaded]);
      });
    });
  });

  test("limits hold to the exact edge", { timeout: 5 * MINUTES }, () => {
    let turn = 0;
    law(30, (given) => {
      turn += 1;
      const learned = new Run({ ...given, limits: {} });
      const engine = learned.blankEngine(turn);
      engine.openEpoch();
      const uses: Record<number, number[]> = { 1: [], 3: [], 4: [] };
      learned.specs.forEach((one, at) => {
        const next = learned.next(one);
        const body = executeAndCompare(learned, engine, at, next);
        const commits = !("refused" in next.answer) && next.answer.frame.outcome === "committed";
        const frame = commits ? learned.model.frames.at(-1)! : undefined;
        uses[1]!.push(commits && !("refused" in next.answer) ? next.answer.work : 0);
        uses[3]!.push(commits ? body!.length : 0);
        uses[4]!.push(frame?.events.length ?? 0);
      });
      for (const [number, used] of Object.entries(uses)) {
        const most = Math.max(...used);
        if (most < 2) continue; // no limit is 0
        const at = used.indexOf(most);
        const outcomeUnder = (limit: number) => {
          const { model } = playBoth({ ...given, limits: { [number]: limit } }, turn, undefined, at);
          const frame = model.frames.at(-1)!;
          return [frame.outcome, frame.code];
        };
        learned.compare(at, `the outcome at limit ${number} = ${most}`, outcomeUnder(most), ["committed", 0]);
        const below = number === "1" ? 60002 : 60004;
        learned.compare(at, `the outcome at limit ${number} = ${most} - 1`, outcomeUnder(most - 1), [
          "faulted",
          below,
        ]);
      }
    });
  });

  test("a handler that reads the clock leaves no trace, also when it catches", {
    timeout: 5 * MINUTES,
  }, () => {
    let turn = 0;
    law(60, (spec) => {
      turn += 1;
      if ((spec.limits[1] ?? 100) < 100) return; // no handler would run
      const run = new Run(spec);
      const engine = run.blankEngine(turn);
      engine.openEpoch();
      run.specs.forEach((one, at) => {
        const before = engine.fingerprint();
        if (one.program !== null) {
          const program = [{ op: "try", body: [{ op: "clock" }] }, ...one.program];
          const command = () => engine.execute("Run", { program: JSON.stringify(program) }, { timeNs: 0n });
          expect(command).toThrow(DeterminismError);
          run.compare(at, "the fingerprint after the clock was read", engine.fingerprint(), before);
          run.compare(at, "the structure check after the clock was read", engine.check(), 0);
        }
        executeAndCompare(run, engine, at, run.next(one));
      });
    });
  });

  test("the comparison can fail", () => {
    const run = new Run(fc.sample(runSpec, { numRuns: 1, seed: 1 })[0]!);
    expect(() => run.compare(1, "the frame", { seq: 1n }, { seq: 2n })).toThrow("command 1: the frame");
    expect(isDeepStrictEqual({ a: -0 }, { a: 0 })).toBe(false);
  });
});
