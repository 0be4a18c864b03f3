/**
 * Inspection: what a module says about its schema and about bytes, as text.
 *
 * Responsible for: an instance of its own, its calls through as-bind, and refusals as errors.
 * Not responsible for: the texts (assembly/inspect). The hot path is src/wasm.ts and knows nothing of this.
 *
 * Invariants: I1 an instance that inspects never executes; I2 every call gives a text or throws, and the next call works
 * all the same.
 */
/// <reference path="./as-bind.d.ts" />
import { type Binding, converters, instantiate } from "#as-bind";
import { CORE_SEMANTICS, FRAME_HEADER, FRAME_SEQ } from "../../assembly/abi.ts";
import { EngineFault, HistoryError, UsageError } from "../errors.ts";
import { coreModule, isTrap } from "../wasm.ts";
import { replaceConverters } from "./converters.ts";

/** Digests around a frame, 32 bytes each; what is not known is left out. */
export interface FrameDigests {
  /** Of the frame before, the first digest of the history for frame 1. */
  readonly before?: Uint8Array | undefined;
  /** Of the frame itself. */
  readonly after?: Uint8Array | undefined;
}

export interface InspectorOptions {
  /**
   * Bytes of the WebAssembly module that answers: a sealed domain, whose schema is then open. The released core if left
   * out. Its code is run; it imports nothing.
   */
  readonly module?: Uint8Array | undefined;
  /** The canonical descriptor to open, as an epoch frame holds it. That of `module` if left out. */
  readonly descriptor?: Uint8Array | undefined;
}

/**
 * Texts about one schema and bytes made under it.
 *
 * Bytes that nobody of this release would have written are `HistoryError(DAMAGED)` with their offset, formats of another
 * release `HistoryError(UNSUPPORTED_FORMAT)`; asking for what the schema has not is `UsageError`.
 */
export interface Inspector {
  /** Opens the schema of another epoch in the place of the one before. @param descriptor its canonical bytes */
  openSchema(descriptor: Uint8Array): void;
  /** The open schema, a line for each definition and each field. */
  describeSchema(): string;
  /**
   * A frame as the sentence that says what a frame is, lines separated by `\n`. Frames of the engine itself need no open
   * schema; an epoch frame does not open its schema.
   * @param body exactly one frame body
   */
  frameText(body: Uint8Array, digests?: FrameDigests): string;
  /** A record as one line. @param kind its name @param record the form that snapshots have */
  recordText(kind: string, record: Uint8Array): string;
  /** The values in the key of a unique key or canonical index. @param path as in `Order.byOrderId` @param key all of it */
  keyText(path: string, key: Uint8Array): string;
  /** A reject or fault code with its details, as `NOT_FILLABLE available=10`. @param command number of the command */
  detailsText(command: number, code: number, details: Uint8Array): string;
  /** What a reject or fault code means, and what its details are. */
  explainCode(code: number): string;
}

/** What as-bind makes of the inspection calls (assembly/inspect/calls.ts). */
interface Calls {
  openSchema(descriptor: Uint8Array): boolean;
  describeSchema(): string | null;
  describeModule(module: Uint8Array): string | null;
  moduleSchema(module: Uint8Array): Uint8Array | null;
  frameText(body: Uint8Array, before: Uint8Array, after: Uint8Array): string | null;
  recordText(kind: string, record: Uint8Array): string | null;
  keyText(path: string, key: Uint8Array): string | null;
  detailsText(command: number, code: number, details: Uint8Array): string | null;
  explainCode(code: number): string | null;
  refusal(): readonly string[];
}

/** Why a call has no answer. */
interface Refusal {
  readonly family: string;
  readonly what: string;
  readonly offset: number;
  readonly actual: string;
  readonly expected: string;
}

async function instanceOf(module: Uint8Array): Promise<Calls> {
  replaceConverters(converters);
  let binding: Binding;
  try {
    binding = await instantiate(module, {});
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      "module",
      `found ${found}; expected a module with inspection calls, as the core has`,
    );
  }
  return binding.exports as unknown as Calls;
}

/** Runs a call; a trap is a bug of the module. */
function run<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!isTrap(error)) throw error;
    const report = { semantics: CORE_SEMANTICS, frontier: { seq: 0n } };
    throw new EngineFault("CORE_TRAP", "the module trapped while it inspected bytes", report, error);
  }
}

function refusalOf(calls: Calls): Refusal {
  const [family = "", what = "", offset = "", actual = "", expected = ""] = calls.refusal();
  return { family, what, offset: Number(offset), actual, expected };
}

/** The error of a refusal. */
function errorOf({ family, what, offset, actual, expected }: Refusal, seq?: bigint): Error {
  const details = { offset, seq, actual, expected };
  switch (family) {
    case "argument":
      return new UsageError(what, `found ${actual}, expected ${expected}`);
    case "unsupported":
      return new HistoryError("UNSUPPORTED_FORMAT", `${what}; use a newer one`, details);
    default:
      return new HistoryError("DAMAGED", `${what}; restore the history from a good copy`, details);
  }
}

const NOTHING: () => Uint8Array = () => new Uint8Array(0);

class ModuleInspector implements Inspector {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  openSchema(descriptor: Uint8Array): void {
    if (!run(() => this.#calls.openSchema(descriptor))) throw errorOf(refusalOf(this.#calls));
  }

  describeSchema(): string {
    return this.#answer((calls) => calls.describeSchema());
  }

  frameText(body: Uint8Array, { before, after }: FrameDigests = {}): string {
    const answer = (calls: Calls) => calls.frameText(body, before ?? NOTHING(), after ?? NOTHING());
    return this.#answer(answer, () => seqOf(body));
  }

  recordText(kind: string, record: Uint8Array): string {
    return this.#answer((calls) => calls.recordText(kind, record));
  }

  keyText(path: string, key: Uint8Array): string {
    return this.#answer((calls) => calls.keyText(path, key));
  }

  detailsText(command: number, code: number, details: Uint8Array): string {
    return this.#answer((calls) => calls.detailsText(command, code, details));
  }

  explainCode(code: number): string {
    return this.#answer((calls) => calls.explainCode(code));
  }

  /** @param seq of the frame that the bytes are, for the error */
  #answer(call: (calls: Calls) => string | null, seq?: () => bigint | undefined): string {
    const text = run(() => call(this.#calls));
    if (text === null) throw errorOf(refusalOf(this.#calls), seq?.());
    return text;
  }
}

function seqOf(body: Uint8Array): bigint | undefined {
  if (body.length < FRAME_HEADER) return undefined;
  return new DataView(body.buffer, body.byteOffset).getBigUint64(FRAME_SEQ, true);
}

/** The descriptor in a sealed domain's module. */
function schemaOf(calls: Calls, module: Uint8Array): Uint8Array {
  const descriptor = run(() => calls.moduleSchema(module));
  if (descriptor === null) throw moduleError(refusalOf(calls));
  return descriptor;
}

function moduleError({ what, offset, actual, expected }: Refusal): UsageError {
  return new UsageError("module", `${what} (offset ${offset}, found ${actual}, expected ${expected})`);
}

/**
 * Opens an inspector over an instance of its own.
 *
 * ```ts
 * const inspector = await openInspector({ descriptor: epochFrame.descriptor });
 * console.log(inspector.frameText(body));
 * ```
 *
 * Without `module` and `descriptor` no schema is open, and only frames of the engine itself can be read.
 *
 * @throws {UsageError} `module` has no inspection calls, or no schema while `descriptor` is left out
 * @throws {HistoryError} the descriptor is damaged, or of a format of another release
 */
export async function openInspector(options: InspectorOptions = {}): Promise<Inspector> {
  const { module, descriptor } = options;
  const calls = await instanceOf(module ?? coreModule());
  const inspector = new ModuleInspector(calls);
  const schema = descriptor ?? (module && schemaOf(calls, module));
  if (schema !== undefined) inspector.openSchema(schema);
  return inspector;
}

/**
 * Describes a WebAssembly module: size, SHA-256, imports, exports, and the schema if it is a sealed domain. Nothing of the
 * module is run, and nothing is said about what it may do.
 *
 * @throws {UsageError} the bytes are no module, or the schema in it is damaged
 */
export async function describeModule(module: Uint8Array): Promise<string> {
  const calls = await instanceOf(coreModule());
  const text = run(() => calls.describeModule(module));
  if (text === null) throw moduleError(refusalOf(calls));
  return text;
}
