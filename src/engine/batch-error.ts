/**
 * The error that ends a batch before its end: what was thrown, and how far the batch came.
 *
 * Responsible for: a new error of the same class. Not responsible for: what the receipts say (receipts.ts).
 *
 * Invariants: I1 the error that was thrown stays as it is: an engine throws some of them more than once, to others.
 */
import {
  AdmissionError,
  type BatchProgress,
  DeterminismError,
  EngineFault,
  OperationalError,
  UsageError,
} from "../errors.ts";

/**
 * The same error, naming the position of its command and carrying the receipts of those before it.
 * @returns what was thrown, if it is of another class: damage found in the history, or what the caller's own code threw
 */
export function inBatch(error: unknown, progress: BatchProgress): unknown {
  if (error instanceof AdmissionError) {
    const { code, expected, field, lastSeq } = error;
    const message = `command ${progress.index}: ${textOf(error)}`;
    return new AdmissionError(code, message, { expected, field, lastSeq, ...progress, cause: error });
  }
  if (error instanceof OperationalError) {
    const { code, source, segment } = error;
    const message = `command ${progress.index}: ${textOf(error)}`;
    return new OperationalError(code, message, { source, segment, ...progress, cause: error.cause ?? error });
  }
  if (error instanceof DeterminismError) {
    const { code, called } = error;
    return new DeterminismError(code, called, textOf(error).slice(called.length + 2), progress);
  }
  if (error instanceof EngineFault) {
    // The fault of an earlier command, thrown to whoever comes later: it says nothing of this batch.
    if (progress.receipts?.length === 0) return error;
    const { code, report } = error;
    return new EngineFault(code, textOf(error), report, error.cause ?? error, progress);
  }
  if (error instanceof UsageError) {
    const { argument, code } = error;
    return new UsageError(argument, error.message.slice(argument.length + 2), code, progress);
  }
  return error;
}

/** The message without its code. */
function textOf(error: { readonly code: string; readonly message: string }): string {
  return error.message.slice(error.code.length + 2);
}
