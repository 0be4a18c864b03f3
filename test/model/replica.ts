/**
 * One random run: a schema, limits and commands, executed by the model and by engines side by side.
 *
 * Responsible for: starting both sides from one plain spec, comparing frame by frame, saying where they part.
 * Not responsible for: what is generated (generate*.ts) and which laws are asked (laws.test.ts).
 */
import { inspect, isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { AdmissionError } from "../../src/errors.ts";
import type { Schema } from "../../src/schema/define-schema.ts";
import { type Coverage, formsOf } from "./coverage.ts";
import { modelDomain } from "./domain.ts";
import { type ExecutorOptions, engineNum, makeExecutor, refusalOf, type TestExecutor } from "./executor.ts";
import type { ModelAnswer, ModelCommand } from "./frames.ts";
import { type SchemaSpec, schemaOf, schemaSpec } from "./generate.ts";
import { CommandMaker, type CommandSpec, commandSpec, limitsSpec, seedCommands } from "./generate-program.ts";
import { Model } from "./model.ts";
import { modelNum } from "./num.ts";
import { programHandlers } from "./program.ts";

/** Plain data: a failing one is kept as it is printed. */
export interface RunSpec {
  readonly schema: SchemaSpec;
  readonly limits: Readonly<Record<number, number>>;
  readonly commands: readonly CommandSpec[];
}

export const runSpec: fc.Arbitrary<RunSpec> = fc.record({
  schema: schemaSpec,
  limits: limitsSpec,
  commands: fc.array(commandSpec, { minLength: 20, maxLength: 80, size: "max" }),
});

const START_NS = 5n;

/** Nothing physical may reach a frame: these are the seeds and sizes that the laws go round. */
export const HASH_SEEDS = [0, 1, 0x9e3779b9, 0xffffffff, 123_456_789];
export const MEMORY_PAGES = [0, 70, 130];
export function physics(turn: number): Pick<ExecutorOptions, "hashSeed" | "memoryPages"> {
  return {
    hashSeed: HASH_SEEDS[turn % HASH_SEEDS.length]!,
    memoryPages: MEMORY_PAGES[Math.floor(turn / HASH_SEEDS.length) % MEMORY_PAGES.length]!,
  };
}

/** The two sides of one run. */
export class Run {
  readonly schema: Schema;
  readonly model: Model;
  private readonly spec: RunSpec;
  private readonly maker: CommandMaker;
  private readonly coverage: Coverage | undefined;

  constructor(spec: RunSpec, coverage?: Coverage) {
    this.spec = spec;
    this.coverage = coverage;
    this.schema = schemaOf(spec.schema);
    const num = modelNum(() => this.model);
    const handlers = programHandlers(this.schema, { num, note: coverage?.note });
    this.model = new Model(modelDomain(this.schema, handlers), { limits: spec.limits, timeNs: START_NS });
    this.maker = new CommandMaker(
      this.model.rules.schema.commands.find(({ name }) => name === "Feed")!,
      START_NS,
    );
  }

  /** An engine for this run that has executed, applied and loaded nothing. */
  blankEngine(turn: number): TestExecutor {
    const handlers = programHandlers(this.schema, { num: engineNum });
    return makeExecutor({
      schema: this.schema,
      handlers,
      limits: this.spec.limits,
      timeNs: START_NS,
      ...physics(turn),
    });
  }

  get specs(): readonly CommandSpec[] {
    return [...seedCommands(this.spec.schema.kinds.length), ...this.spec.commands];
  }

  /** Makes the next command and the model's answer to it. */
  next(spec: CommandSpec): { readonly command: ModelCommand; readonly answer: ModelAnswer } {
    const command = this.maker.make(spec);
    const answer = this.model.execute(command);
    if (!("refused" in answer)) {
      this.maker.admitted(command);
      if (command.name === "Feed") this.notePayload();
      this.coverage?.settle(answer.frame.outcome);
    }
    return { command, answer };
  }

  private notePayload(): void {
    const feed = this.model.rules.schema.commands.find(({ name }) => name === "Feed")!;
    for (const field of feed.fields) this.coverage?.note("payload", field, formsOf(field)[0]!);
  }

  compare(at: number, what: string, found: unknown, expected: unknown): void {
    if (isDeepStrictEqual(found, expected)) return;
    const show = (value: unknown) => inspect(value, { depth: 9, breakLength: 150 });
    throw new Error(`command ${at}: ${what}\n--- engine\n${show(found)}\n--- model\n${show(expected)}`);
  }
}

export interface Executed {
  readonly body: Uint8Array | undefined;
  readonly refusal: ModelAnswer | undefined;
}

/** Executes one command on an engine. */
export function execute(engine: TestExecutor, { name, payload, timeNs, source }: ModelCommand): Executed {
  try {
    return { body: engine.execute(name, payload, { timeNs, source }), refusal: undefined };
  } catch (error) {
    if (!(error instanceof AdmissionError)) throw error;
    return { body: undefined, refusal: refusalOf(error) };
  }
}
