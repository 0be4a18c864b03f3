/**
 * `testDomain`: given commands or records, when a command is submitted, then this is its frame.
 *
 * Responsible for: the fluent surface and its types. Not responsible for: running (run.ts), test runners: what does not
 * hold is thrown.
 * I1: nothing of the machine reaches a frame: time, history id and SysIds are fixed, so a digest repeats everywhere.
 * I2: a scenario never changes: `given` makes another one, so a common start can be shared.
 */
import { type Domain, programOf } from "../engine/domain.ts";
import type { Receipt } from "../engine/receipt.ts";
import type { Source } from "../engine/view.ts";
import { UsageError } from "../errors.ts";
import type { CommandFrame } from "../history/frame.ts";
import type { History } from "../history/history.ts";
import type { SchemaParts, SysId } from "../schema/index.ts";
import type { TAKES } from "../schema/phantom.ts";
import type { AnyExpectation, Expectation } from "./expectation.ts";
import { Run } from "./run.ts";

// ---- types -----------------------------------------------------------------------------------------------

export interface TestOptions {
  /** Reference time of commands that name none, ns since the Unix epoch: 2026-01-01T00:00:00Z when left out. */
  readonly at?: bigint;
  /**
   * Where the history of a failed test is kept: makes a history that holds nothing yet. Called when a test fails only.
   *
   * @example keep: () => fileHistory(mkdtempSync("failed-"))
   */
  readonly keep?: () => History;
}

/** A command of the schema. */
export type TestCommand<P extends SchemaParts> = {
  readonly [K in keyof P["commands"] & string]: {
    readonly name: K;
    /** As `engine.submit` takes it. */
    readonly payload: P["commands"][K][typeof TAKES];
  };
}[keyof P["commands"] & string];

export interface WhenOptions {
  /** Reference time, ns since the Unix epoch; not before that of the command before it. */
  readonly at?: bigint;
  /** Who sends it, for exactly-once. */
  readonly source?: Source;
}

/** A command that was executed before. */
export type GivenCommand<P extends SchemaParts> = TestCommand<P> &
  WhenOptions & {
    /** What it must have come to: `committed` when left out. */
    readonly outcome?: "committed" | "rejected" | "faulted";
  };

/** A record that is there. It gets the next SysId, from 1. */
export type GivenRecord<P extends SchemaParts> = {
  readonly [K in keyof P["records"] & string]: {
    /** Name of the record kind. */
    readonly kind: K;
    /** As `tx.create` takes them. */
    readonly values: P["records"][K][typeof TAKES];
  };
}[keyof P["records"] & string];

export type Given<P extends SchemaParts> = GivenCommand<P> | GivenRecord<P>;

/** The frame that a command made. */
export interface TestResult<P extends SchemaParts> {
  readonly receipt: Receipt<P>;
  readonly frame: CommandFrame;
  /** The frame as a failure would print it. */
  readonly text: string;
}

/** A command about to be submitted. Nothing runs before `then` or `run`. It is no promise: awaiting it is an error. */
export interface Trial<P extends SchemaParts> {
  /**
   * Runs the scenario and compares the frame.
   *
   * @throws {ExpectationError} the frame is another, or a replay of the history makes another frame
   * @throws what `engine.submit` throws: `AdmissionError` when the command is turned away, `DeterminismError`...
   */
  then(expected: Expectation<P>): Promise<TestResult<P>>;
  /** Runs the scenario and gives the frame without comparing it. @throws as `then` */
  run(): Promise<TestResult<P>>;
}

/** A start from which commands are tried. */
export interface Scenario<P extends SchemaParts> {
  /** The same start and then these: commands executed, records created, in this order. */
  given(...steps: readonly Given<P>[]): Scenario<P>;
  /** Tries a command on an engine of its own. */
  when(command: TestCommand<P>, options?: WhenOptions): Trial<P>;
}

// ---- the functions ---------------------------------------------------------------------------------------

/**
 * Tests of a domain, one command at a time, each on an engine of its own in memory, with fixed clock and ids.
 *
 * @example
 * await testDomain(bank)
 *   .given({ kind: "Account", values: { owner: "ada", balance: 100n } })
 *   .when({ name: "Withdraw", payload: { owner: "ada", amount: 250n } })
 *   .then({ outcome: "rejected", code: "NO_FUNDS", detail: { balance: 100n } });
 */
export function testDomain<P extends SchemaParts>(domain: Domain<P>, options: TestOptions = {}): Scenario<P> {
  programOf(domain as unknown as Domain);
  return scenario(domain as unknown as Domain, options, []) as unknown as Scenario<P>;
}

/** The SysId of a given record, for fields that refer to it: SysIds rise from 1 with each record that is created. */
export function sysId<Name extends string>(value: bigint): SysId<Name> {
  return value as SysId<Name>;
}

function scenario(
  domain: Domain,
  options: TestOptions,
  steps: readonly Given<SchemaParts>[],
): Scenario<SchemaParts> {
  return {
    given: (...more) => scenario(domain, options, [...steps, ...more]),
    when: (command, when = {}) => trial(new Run(domain, options, steps, command, when)),
  };
}

function trial(run: Run): Trial<SchemaParts> {
  return {
    // biome-ignore lint/suspicious/noThenProperty: given, when, then is what tests are made of; awaiting it is refused
    then(expected) {
      if (typeof expected !== "object" || expected === null) {
        const found =
          typeof expected === "function" ? "a function (the trial was awaited)" : String(expected);
        throw new UsageError("expected", `found ${found}, expected an expectation: .then({ outcome: ... })`);
      }
      return run.start(expected as AnyExpectation);
    },
    run: () => run.start(undefined),
  };
}
