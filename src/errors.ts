/**
 * The closed list of errors.
 *
 * Responsible for: the classes a caller can catch, and the code and details of each.
 * Not responsible for: outcomes. What a domain says no to is a value (`receipt.outcome`), never an exception.
 *
 * Invariants: I1 every error thrown on purpose is one of these classes; I2 each message says what was found,
 * what was expected and what to do; I3 a code, once released, keeps its meaning.
 */

/** The receipts that an error carries: a `Receipts` or an array of `Receipt`, of whatever schema. */
export interface BatchReceipts extends Iterable<BatchReceipt> {
  readonly length: number;
  at(index: number): BatchReceipt | undefined;
}

/** A `Receipt` of any schema. */
export interface BatchReceipt {
  readonly seq: bigint;
  readonly digest: string;
  readonly duplicate: boolean;
  readonly outcome: "committed" | "rejected" | "faulted";
  readonly events: readonly { readonly name: string; readonly values: unknown }[];
  readonly code?: string;
  readonly detail?: unknown;
}

/** How far `submitMany` or `submitBatch` came before an error ended it. */
export interface BatchProgress {
  /** Position of the command that the error is about; those behind it were not looked at. */
  readonly index?: number | undefined;
  /** Of the commands before it: they are executed and durable. */
  readonly receipts?: BatchReceipts | undefined;
}

/** What all errors of the engine have in common. `instanceof StateVecError` tells them from all others. */
export abstract class StateVecError extends Error implements BatchProgress {
  /** One of the documented codes of the class. */
  abstract readonly code: string;
  /** From `submitMany` and `submitBatch`: position of the command that ended them; those behind it were not looked at. */
  declare readonly index?: number;
  /** From `submitMany` and `submitBatch`: the receipts of the commands before it, which are executed and durable. */
  declare readonly receipts?: BatchReceipts;
}

/** Copies the details that are there, so that an absent one is no property at all. */
function assign(error: object, details: object): void {
  for (const [name, value] of Object.entries(details)) {
    if (value === undefined) continue;
    Object.defineProperty(error, name, { value, enumerable: true });
  }
}

// ---- SchemaError -----------------------------------------------------------------------------------------

/** One mistake in a schema. */
export interface SchemaMistake {
  /** Where: `records.Order.fields.price`. */
  readonly path: string;
  readonly found: string;
  readonly expected: string;
}

/** - `MISTAKES`: the definitions contradict themselves or a limit; see `mistakes`. */
export type SchemaErrorCode = "MISTAKES";

/** A schema can not be used. It lists every mistake of every definition at once. */
export class SchemaError extends StateVecError {
  override readonly name = "SchemaError";
  readonly code: SchemaErrorCode = "MISTAKES";
  readonly mistakes: readonly SchemaMistake[];

  constructor(schema: string, mistakes: readonly SchemaMistake[]) {
    const lines = mistakes.map((one) => `\n  ${one.path}: found ${one.found}, expected ${one.expected}`);
    const count = mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`;
    super(`schema ${JSON.stringify(schema)} has ${count}; correct the definitions named:${lines.join("")}`);
    this.mistakes = mistakes;
  }
}

// ---- UsageError ------------------------------------------------------------------------------------------

/**
 * - `BAD_ARGUMENT`: an argument is not what the function takes; `argument` names it.
 * - `STALE_HANDLE`: a record, view or `tx` is used after the command or read it belongs to.
 */
export type UsageErrorCode = "BAD_ARGUMENT" | "STALE_HANDLE";

/** The API was called in a way that can not work. Nothing has changed. */
export class UsageError extends StateVecError {
  override readonly name = "UsageError";
  readonly code: UsageErrorCode;
  /** The argument at fault: `options.expect.digest`. */
  readonly argument: string;

  constructor(
    argument: string,
    message: string,
    code: UsageErrorCode = "BAD_ARGUMENT",
    progress: BatchProgress = {},
  ) {
    super(`${argument}: ${message}`);
    this.argument = argument;
    this.code = code;
    assign(this, progress);
  }
}

// ---- AdmissionError --------------------------------------------------------------------------------------

/**
 * - `DUPLICATE`: the source seq was used before and its frame is out of reach; `lastSeq` is the last one used.
 * - `CONFLICT`: the source seq was used by a command of another kind or payload.
 * - `GAP`: the source seq is not the next one; `expected` is.
 * - `MALFORMED`: the payload is not one of its command; `field` names the field.
 * - `TOO_LARGE`: the payload is longer than the limit in force.
 * - `BUSY`: too many commands are waiting; submit again later.
 * - `SOURCES_FULL`: no further source can be remembered; retire one.
 * - `CLOSED`: the engine is closed or closing.
 */
export type AdmissionErrorCode =
  | "DUPLICATE"
  | "CONFLICT"
  | "GAP"
  | "MALFORMED"
  | "TOO_LARGE"
  | "BUSY"
  | "SOURCES_FULL"
  | "CLOSED";

export interface AdmissionDetails extends BatchProgress {
  /** GAP: the source seq that would have been taken. */
  readonly expected?: bigint | undefined;
  /** MALFORMED: the field at fault; absent when the payload as a whole is. */
  readonly field?: string | undefined;
  /** DUPLICATE: the last source seq that the engine has seen of this source. */
  readonly lastSeq?: bigint | undefined;
  readonly cause?: unknown;
}

/** A command was turned away before the executor: no frame, no source seq used, nothing changed. */
export class AdmissionError extends StateVecError implements AdmissionDetails {
  override readonly name = "AdmissionError";
  readonly code: AdmissionErrorCode;
  declare readonly expected?: bigint;
  declare readonly field?: string;
  declare readonly lastSeq?: bigint;

  constructor(code: AdmissionErrorCode, message: string, details: AdmissionDetails = {}) {
    const { cause, ...rest } = details;
    super(`${code}: ${message}`, cause === undefined ? undefined : { cause });
    this.code = code;
    assign(this, rest);
  }
}

// ---- HistoryError ----------------------------------------------------------------------------------------

/**
 * - `DAMAGED`: bytes of the history are not what was written.
 * - `DIVERGED`: the bytes are intact but are not a history that these rules make.
 * - `TEAR`: the last batch was cut by a crash. Reported by open and verify; thrown only where asked for.
 * - `SCHEMA_CHANGED`: the domain has another schema, or a lower revision, than the history.
 * - `UNSUPPORTED_FORMAT`: a frame, segment or descriptor format that this release does not read.
 * - `UNSUPPORTED_SEMANTICS`: core semantics that this release does not execute.
 * - `NOT_A_HISTORY`: the place holds something else.
 * - `NOT_FOUND`: no such history, frame or snapshot.
 * - `EXPECTATION_FAILED`: the history is intact but is not the expected one (`expect`).
 * - `WRONG_HISTORY_ID`: another history than the one asked for, or parts of two histories mixed.
 */
export type HistoryErrorCode =
  | "DAMAGED"
  | "DIVERGED"
  | "TEAR"
  | "SCHEMA_CHANGED"
  | "UNSUPPORTED_FORMAT"
  | "UNSUPPORTED_SEMANTICS"
  | "NOT_A_HISTORY"
  | "NOT_FOUND"
  | "EXPECTATION_FAILED"
  | "WRONG_HISTORY_ID";

export interface HistoryDetails {
  /** File or other unit of storage. */
  readonly segment?: string | undefined;
  /** Byte offset within the segment, or within the bytes that were handed over. */
  readonly offset?: number | undefined;
  readonly seq?: bigint | undefined;
  readonly expected?: string | undefined;
  readonly actual?: string | undefined;
  readonly cause?: unknown;
}

/** A history can not be trusted or read as it is. Nothing was changed in it. */
export class HistoryError extends StateVecError implements HistoryDetails {
  override readonly name = "HistoryError";
  readonly code: HistoryErrorCode;
  declare readonly segment?: string;
  declare readonly offset?: number;
  declare readonly seq?: bigint;
  declare readonly expected?: string;
  declare readonly actual?: string;

  constructor(code: HistoryErrorCode, message: string, details: HistoryDetails = {}) {
    const { cause, ...rest } = details;
    super(`${code}: ${message}${place(rest)}`, cause === undefined ? undefined : { cause });
    this.code = code;
    assign(this, rest);
  }
}

function place(details: HistoryDetails): string {
  const parts: string[] = [];
  if (details.segment !== undefined) parts.push(`segment ${details.segment}`);
  if (details.offset !== undefined) parts.push(`offset ${details.offset}`);
  if (details.seq !== undefined) parts.push(`seq ${details.seq}`);
  if (details.actual !== undefined) parts.push(`found ${details.actual}`);
  if (details.expected !== undefined) parts.push(`expected ${details.expected}`);
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

// ---- OperationalError ------------------------------------------------------------------------------------

/**
 * - `CLOCK`: the clock is far behind the last frame, or moved back. The engine stays usable.
 * - `FENCED`: another writer has claimed the history; this one acknowledged nothing since.
 * - `OUTCOME_UNKNOWN`: the append failed, so the command may or may not be in the history; reopen, then submit
 *   the same source seq again or ask for its receipt.
 * - `POISONED`: the engine met a failure earlier and answers nothing any more; reopen.
 * - `OWNED`: a live process owns the history; close it, or open with `takeover: true`.
 * - `IO`: the storage failed; see `cause`.
 * - `CLOSED`: the engine or history is closed.
 */
export type OperationalErrorCode =
  | "CLOCK"
  | "FENCED"
  | "OUTCOME_UNKNOWN"
  | "POISONED"
  | "OWNED"
  | "IO"
  | "CLOSED";

export interface OperationalDetails extends BatchProgress {
  /** The source of the command whose outcome is unknown. */
  readonly source?: { readonly client: bigint; readonly stream: number; readonly seq: bigint } | undefined;
  /** File or other unit of storage. */
  readonly segment?: string | undefined;
  readonly cause?: unknown;
}

/** Disk, clock, another writer, a closed engine: what the machine did, never a frame. */
export class OperationalError extends StateVecError implements OperationalDetails {
  override readonly name = "OperationalError";
  readonly code: OperationalErrorCode;
  declare readonly source?: { readonly client: bigint; readonly stream: number; readonly seq: bigint };
  declare readonly segment?: string;

  constructor(code: OperationalErrorCode, message: string, details: OperationalDetails = {}) {
    const { cause, ...rest } = details;
    super(`${code}: ${message}`, cause === undefined ? undefined : { cause });
    this.code = code;
    assign(this, rest);
  }
}

// ---- DeterminismError ------------------------------------------------------------------------------------

/**
 * - `CLOCK`: the handler read a clock; use `tx.timeNs`.
 * - `ENTROPY`: the handler asked for randomness; pass it in the command.
 * - `IO`: the handler started input, output or a timer.
 * - `ASYNC`: the handler returned a thenable; handlers answer at once.
 */
export type DeterminismErrorCode = "CLOCK" | "ENTROPY" | "IO" | "ASYNC";

/** A handler did what can not be repeated. The command was rolled back: no frame, no source seq used. */
export class DeterminismError extends StateVecError {
  override readonly name = "DeterminismError";
  readonly code: DeterminismErrorCode;
  /** The function that was called: `Date.now`. */
  readonly called: string;

  constructor(code: DeterminismErrorCode, called: string, message: string, progress: BatchProgress = {}) {
    super(`${code}: ${called}: ${message}`);
    this.code = code;
    this.called = called;
    assign(this, progress);
  }
}

// ---- ServiceError ----------------------------------------------------------------------------------------

/**
 * - `UNREACHABLE`: the service did not answer, and nothing of the request can have happened.
 * - `UNAUTHORIZED`: the service does not take this token.
 * - `SCHEMA_MISMATCH`: client and service were built with different schemas.
 * - `NOT_FOUND`: no such path, record kind, unique key or index.
 * - `CURSOR_GONE`: the record at which a list was to go on is gone; list again.
 * - `TIMEOUT`: the request did not arrive in time.
 * - `REQUEST_TOO_LARGE`: the request has more bytes or submissions than the service takes.
 * - `RATE`: more than the service takes in this time; try again later.
 * - `DRAINING`: the service is about to end; try again later.
 * - `DETERMINISM`: the handler did what can not be repeated; the command made no frame.
 * - `BAD_REQUEST`: the request is none of this protocol.
 * - `PROTOCOL`: the answer is none of this protocol; the address is probably that of something else.
 */
export type ServiceErrorCode =
  | "UNREACHABLE"
  | "UNAUTHORIZED"
  | "SCHEMA_MISMATCH"
  | "NOT_FOUND"
  | "CURSOR_GONE"
  | "TIMEOUT"
  | "REQUEST_TOO_LARGE"
  | "RATE"
  | "DRAINING"
  | "DETERMINISM"
  | "BAD_REQUEST"
  | "PROTOCOL";

/** A service said no to a request as a whole: no command of it was executed. */
export class ServiceError extends StateVecError {
  override readonly name = "ServiceError";
  readonly code: ServiceErrorCode;
  /** After so long the service wants to be asked again; absent where asking again does not help or it did not say. */
  declare readonly retryAfterMilliseconds?: number;

  constructor(
    code: ServiceErrorCode,
    message: string,
    details: { readonly retryAfterMilliseconds?: number | undefined; readonly cause?: unknown } = {},
  ) {
    const { cause, ...rest } = details;
    super(`${code}: ${message}`, cause === undefined ? undefined : { cause });
    this.code = code;
    assign(this, rest);
  }
}

// ---- EngineFault -----------------------------------------------------------------------------------------

/**
 * - `STACK_OVERFLOW`: the machine's stack ended inside a command.
 * - `OUT_OF_MEMORY`: linear memory or the host's memory ended.
 * - `CORE_TRAP`: the core trapped.
 * - `CORE_ASSERT`: an assert of the core failed.
 * - `HOST`: the host's own code failed where it must not.
 */
export type EngineFaultCode = "STACK_OVERFLOW" | "OUT_OF_MEMORY" | "CORE_TRAP" | "CORE_ASSERT" | "HOST";

/** What is known at an engine fault; keep it with the history for a bug report. */
export interface EngineFaultReport {
  /** Core semantics version. */
  readonly semantics: number;
  /** The last frame that was executed; digest in hex where it was known. */
  readonly frontier: { readonly seq: bigint; readonly digest?: string | undefined };
  /** The command that was running; its payload in hex. */
  readonly command?: { readonly name: string; readonly payload: string } | undefined;
  /** Number of the assert that failed. */
  readonly assert?: number | undefined;
}

/** A bug of the engine, or a machine out of stack or memory. No frame was made; reopening recovers from the history. */
export class EngineFault extends StateVecError {
  override readonly name = "EngineFault";
  readonly code: EngineFaultCode;
  readonly report: EngineFaultReport;

  constructor(
    code: EngineFaultCode,
    message: string,
    report: EngineFaultReport,
    cause?: unknown,
    progress: BatchProgress = {},
  ) {
    super(`${code}: ${message}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.report = report;
    assign(this, progress);
  }
}
