/**
 * How the command line ends, and the error that carries it.
 *
 * Responsible for: the documented exit codes and which error means which.
 * Not responsible for: printing (output.ts).
 */
import {
  AdmissionError,
  HistoryError,
  type HistoryErrorCode,
  OperationalError,
  SchemaError,
  UsageError,
} from "../errors.ts";

/** All is well. */
export const EXIT_GOOD = 0;
/** The history is damaged, is not the expected one, or does not replay to the same bytes; a module breaks a rule. */
export const EXIT_DAMAGED = 1;
/** build: the sources have problems, and no module was written. */
export const EXIT_PROBLEMS = 1;
/** Wrong arguments, or a path that does not hold what the command reads. */
export const EXIT_USAGE = 2;
/** The last batch was cut by a crash; everything before it is good. */
export const EXIT_TEAR = 3;
/** The history is good, but what was asked for is not in it. */
export const EXIT_NOT_FOUND = 4;
/** The machine failed: disk, memory, a bug of ours. */
export const EXIT_FAILED = 5;

/** Ends the program with one line on stderr. */
export class CliError extends Error {
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

const HISTORY_EXITS: Readonly<Record<HistoryErrorCode, number>> = {
  DAMAGED: EXIT_DAMAGED,
  DIVERGED: EXIT_DAMAGED,
  EXPECTATION_FAILED: EXIT_DAMAGED,
  TEAR: EXIT_TEAR,
  NOT_A_HISTORY: EXIT_USAGE,
  NOT_FOUND: EXIT_USAGE,
  WRONG_HISTORY_ID: EXIT_USAGE,
  SCHEMA_CHANGED: EXIT_USAGE,
  UNSUPPORTED_FORMAT: EXIT_FAILED,
  UNSUPPORTED_SEMANTICS: EXIT_FAILED,
};

/** The exit code of anything that was thrown. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof HistoryError) return HISTORY_EXITS[error.code];
  const isUsage =
    error instanceof UsageError || error instanceof SchemaError || error instanceof AdmissionError;
  return isUsage ? EXIT_USAGE : EXIT_FAILED;
}

/** The line that says what went wrong. A bug of ours keeps its stack. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isExpected = error instanceof CliError || exitCodeOf(error) !== EXIT_FAILED;
  return isExpected || error instanceof OperationalError || error instanceof HistoryError
    ? error.message
    : (error.stack ?? error.message);
}
