/**
 * Running one scenario: an engine of its own, what was given, the command under test, and the failure if there is one.
 *
 * Responsible for: clock, history and set-up of the engine, and what a failure tells. Not responsible for: comparing
 * (comparison.ts), the fluent surface (scenario.ts).
 */
import type { Domain } from "../engine/domain.ts";
import type { Engine, Submission } from "../engine/engine.ts";
import type { Diagnostic } from "../engine/executor.ts";
import type { FrameDifference } from "../engine/frame-difference.ts";
import { open } from "../engine/open.ts";
import type { Source } from "../engine/view.ts";
import { UsageError } from "../errors.ts";
import type { CommandFrame } from "../history/frame.ts";
import type { History } from "../history/history.ts";
import { memoryHistory } from "../history/memory.ts";
import type { SchemaParts } from "../schema/index.ts";
import { compileCore, createSealer } from "../wasm.ts";
import { compareFrame, type Line, textOf } from "./comparison.ts";
import type { AnyExpectation } from "./expectation.ts";
import { ExpectationError } from "./expectation-error.ts";
import { keepHistory } from "./keep.ts";
import type { Given, TestCommand, TestOptions, TestResult, WhenOptions } from "./scenario.ts";
import { setupDomain } from "./setup-domain.ts";
import { literal } from "./values-text.ts";

/** 2026-01-01T00:00:00Z */
const START_NS = 1_767_225_600_000_000_000n;
const HISTORY_ID = "0".repeat(32);

/** One trial of a scenario. */
export class Run {
  private readonly domain: Domain;
  private readonly options: TestOptions;
  private readonly steps: readonly Given<SchemaParts>[];
  private readonly command: TestCommand<SchemaParts>;
  private readonly when: WhenOptions;
  private readonly story: string[] = [];
  /** Why commands are faulted, in words, by frame. */
  private readonly causes = new Map<bigint, unknown>();
  private nowNs: bigint;

  constructor(
    domain: Domain,
    options: TestOptions,
    steps: readonly Given<SchemaParts>[],
    command: TestCommand<SchemaParts>,
    when: WhenOptions,
  ) {
    this.domain = domain;
    this.options = options;
    this.steps = steps;
    this.command = command;
    this.when = when;
    this.nowNs = START_NS;
  }

  async start(expected: AnyExpectation | undefined): Promise<TestResult<SchemaParts>> {
    this.nowNs = this.options.at ?? START_NS;
    this.story.length = 0;
    this.causes.clear();
    const hasRecords = this.steps.some((step) => "kind" in step);
    const { domain, commandOf } = hasRecords ? setupDomain(this.domain) : this.withoutRecords();
    const history = memoryHistory();
    const engine = await open({
      domain,
      history,
      historyId: HISTORY_ID,
      clock: { nowNs: () => this.nowNs },
      onDiagnostic: ({ seq, error }: Diagnostic) => this.causes.set(seq, error),
    });
    try {
      for (const [index, step] of this.steps.entries()) {
        await this.give(engine, commandOf, step, index, history);
      }
      return await this.try(engine, expected, history);
    } finally {
      await engine.close();
    }
  }

  private withoutRecords(): { domain: Domain; commandOf: ReadonlyMap<string, string> } {
    return { domain: this.domain, commandOf: new Map() };
  }

  private moveClock(at: bigint | undefined, argument: string): void {
    if (at === undefined) return;
    if (typeof at !== "bigint" || at < this.nowNs) {
      const found = typeof at === "bigint" ? `${at}n` : String(at);
      const expected = `a bigint, ${this.nowNs}n at least: reference times never decrease`;
      throw new UsageError(argument, `found ${found}, expected ${expected}`);
    }
    this.nowNs = at;
  }

  private async give(
    engine: Engine,
    commandOf: ReadonlyMap<string, string>,
    step: Given<SchemaParts>,
    index: number,
    history: History,
  ): Promise<void> {
    const argument = `given ${index + 1}`;
    if ("kind" in step) {
      const name = commandOf.get(step.kind);
      if (name === undefined) {
        const known = [...commandOf.keys()].join(", ");
        throw new UsageError(argument, `found kind ${literal(step.kind)}, expected a record kind: ${known}`);
      }
      const text = `record ${step.kind} ${literal(step.values)}`;
      await this.executeGiven(engine, { name, payload: step.values }, "committed", text, history);
      return;
    }
    this.moveClock(step.at, `${argument}.at`);
    const text = `${step.name} ${literal(step.payload)}`;
    await this.executeGiven(engine, step, step.outcome ?? "committed", text, history);
  }

  private async executeGiven(
    engine: Engine,
    { name, payload, source }: { name: string; payload: unknown; source?: Source },
    outcome: "committed" | "rejected" | "faulted",
    text: string,
    history: History,
  ): Promise<void> {
    const receipt = await engine.submit(name, payload as never, { source });
    this.story.push(`frame ${receipt.seq}  ${text}  ${receipt.outcome}`);
    if (receipt.outcome === outcome) return;
    const frame = await frameOf(engine, receipt.seq);
    const lines = compareFrame(frame, { outcome });
    throw await this.failure(`the given ${text} is not ${outcome}`, frame, lines, history);
  }

  private async try(
    engine: Engine,
    expected: AnyExpectation | undefined,
    history: History,
  ): Promise<TestResult<SchemaParts>> {
    const { at, source } = this.when;
    this.moveClock(at, "when.at");
    const { name, payload } = this.command as Submission<SchemaParts>;
    const receipt = await engine.submit(name, payload, { source });
    const frame = await frameOf(engine, receipt.seq);
    const lines = compareFrame(frame, expected ?? { outcome: frame.outcome });
    if (lines.some((one) => one.expected !== undefined)) {
      throw await this.failure(`${name} did something else than expected`, frame, lines, history);
    }
    const audit = await engine.audit();
    if (audit.difference !== undefined) {
      throw await this.failure(diverged(audit.difference), frame, lines, history);
    }
    return { receipt, frame, text: this.frameText(frame, lines) };
  }

  // ---- failures --------------------------------------------------------------------------------------------

  private frameText(frame: CommandFrame, lines: readonly Line[]): string {
    const head = `frame ${frame.seq} of ${this.domain.name}, reference time ${frame.timeNs}n`;
    return `${head}\n${textOf(lines)}`;
  }

  private async failure(
    problem: string,
    frame: CommandFrame,
    lines: readonly Line[],
    history: History,
  ): Promise<ExpectationError> {
    const paragraphs = [problem, this.frameText(frame, lines)];
    if (this.causes.has(frame.seq)) paragraphs.push(causeText(frame, this.causes.get(frame.seq)));
    if (this.story.length > 0) paragraphs.push(`given\n  ${this.story.join("\n  ")}`);
    if (this.options.keep !== undefined) paragraphs.push(`history ${await this.keep(history)}`);
    return new ExpectationError(paragraphs.join("\n\n"), frame);
  }

  private async keep(history: History): Promise<string> {
    try {
      const sealer = createSealer(await compileCore());
      return await keepHistory(history, this.options.keep!(), sealer);
    } catch (error) {
      // The failure of the test is what the reader must see, whatever becomes of its history.
      return `not kept: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}

async function frameOf(engine: Engine, seq: bigint): Promise<CommandFrame> {
  for await (const frame of engine.frames({ from: seq, to: seq })) {
    if (frame.type === "command") return frame;
  }
  throw new UsageError("seq", `the history has no command frame ${seq}`);
}

function diverged(difference: FrameDifference): string {
  const { seq, command, part, field, recorded, replayed } = difference;
  const place = field === undefined ? part : `${part}, ${field}`;
  return (
    `running the commands again made another frame ${seq} (${command}), so a handler reads or keeps something ` +
    `outside of its tx\n  ${place}: at first ${recorded}, in replay ${replayed}`
  );
}

/** What a handler threw and where, or what was wrong with what it asked for; the rest of a stack is the engine's. */
function causeText(frame: CommandFrame, cause: unknown): string {
  if (!(cause instanceof Error)) return `the handler threw\n  ${String(cause)}`;
  if (frame.code !== "HANDLER_FAILED") return `it is faulted because\n  ${cause.message}`;
  const [message, place] = (cause.stack ?? `${cause.name}: ${cause.message}`).split("\n");
  return `the handler threw\n  ${[message, place?.trim()].filter((line) => line !== undefined).join("\n  ")}`;
}
