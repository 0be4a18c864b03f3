/**
 * What an open engine offers.
 *
 * Responsible for: the public operations and what each promises. Not responsible for: how they are kept (open-engine.ts).
 */
import type { TearReport } from "../history/history.ts";
import type { SchemaParts } from "../schema/index.ts";
import type { TAKES } from "../schema/phantom.ts";
import type { AuditOptions, AuditReport, ReplayReport } from "./audit.ts";
import type { BytesOptions, CommandBatch } from "./command-batch.ts";
import type { Domain } from "./domain.ts";
import type { Frame } from "./frames.ts";
import type { Frontier, Receipt } from "./receipt.ts";
import type { Receipts } from "./receipts.ts";
import type { Source, View } from "./view.ts";

/** One command of `submitMany`. */
export type Submission<P extends SchemaParts> = {
  readonly [K in keyof P["commands"] & string]: {
    readonly name: K;
    readonly payload: P["commands"][K][typeof TAKES];
    readonly source?: Source | undefined;
  };
}[keyof P["commands"] & string];

/** Where a source stands. */
export interface SourcePosition {
  /** The last seq that it has used. */
  readonly seq: bigint;
  /** The frame of that command. */
  readonly frame: bigint;
}

/** An answer that may still be lost: its frontier is executed, not durable. */
export interface ExecutedRead<T> {
  readonly value: T;
  /** The frontier it is of. */
  readonly seq: bigint;
  /** Whether that frontier was not durable yet. */
  readonly speculative: boolean;
}

export interface FramesOptions {
  /** First seq; 1 when left out. */
  readonly from?: bigint | undefined;
  /** Last seq; the durable frontier at the time of the call when left out, with `follow` none. */
  readonly to?: bigint | undefined;
  /** Goes on with frames as they become durable, until `to`, until the signal aborts, or until the engine closes. */
  readonly follow?: boolean | undefined;
  /** Ends the frames, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** How frames are handed over: as objects, or as messages `statevec.v1.Frame`. */
  readonly encoding?: "object" | "protobuf" | undefined;
}

/** `FramesOptions` that ask for messages. */
export interface EncodedFramesOptions extends FramesOptions {
  readonly encoding: "protobuf";
}

/** How a receipt is handed over. */
export interface ReceiptOptions {
  /** As an object when left out; "protobuf": as a message `statevec.v1.Receipt`. */
  readonly encoding?: "object" | "protobuf" | undefined;
}

/** An open engine. One process, one writer, one history. */
export interface Engine<P extends SchemaParts = SchemaParts> {
  /** The last durable frame. */
  readonly frontier: Frontier;
  /** 32 hex digits. */
  readonly historyId: string;
  /** What a crash had cut off, found at open; nothing of it was acknowledged. */
  readonly tear: TearReport | undefined;

  /**
   * Executes a command, with what else the same turn submits, and resolves once its frame is durable.
   *
   * @param name a command of the schema
   * @param payload its fields; nullable ones may be left out. Encoded before the call returns.
   * @param options.source for exactly-once: a seq of a (client, stream) that rises by one from 1
   * @returns the receipt, whatever the outcome
   * @throws {AdmissionError} turned away: no frame, nothing changed
   * @throws {DeterminismError} the handler did what can not be repeated: no frame
   * @throws {OperationalError} CLOCK; or the history failed: OUTCOME_UNKNOWN, FENCED, POISONED
   * @throws {EngineFault} a bug of the engine or a machine at its end; reopening recovers
   */
  submit<K extends keyof P["commands"] & string>(
    name: K,
    payload: P["commands"][K][typeof TAKES],
    options?: { readonly source?: Source | undefined },
  ): Promise<Receipt<P>>;
  /**
   * As `submit`, from protobuf: decodes the command's message of the domain's `.proto` (`npx statevec proto`) straight to
   * its canonical payload. The bytes are not looked at after the call.
   *
   * @param bytes one message, with the presence rules of docs/reference/protobuf.md
   * @param options.source as of `submit`
   * @param options.unknownFields what becomes of fields that the schema does not have; "refuse" when left out
   * @returns the receipt, whatever the outcome
   * @throws {AdmissionError} as `submit`; MALFORMED names the field, what was found and what was expected
   * @example await engine.submitBytes("PlaceOrder", request.body, { source })
   */
  submitBytes(
    name: keyof P["commands"] & string,
    bytes: Uint8Array,
    options?: BytesOptions,
  ): Promise<Receipt<P>>;
  /**
   * Executes commands in order, each with a frame of its own: not a transaction. Waits where `submit` would be BUSY.
   *
   * @returns the receipts in order, once all are durable
   * @throws {AdmissionError} the first command turned away, `index` its position; those before it are executed and
   *   durable by then, and `receipts` are theirs; those after it were not looked at
   * @throws {DeterminismError} a handler did what can not be repeated; `index` and `receipts` likewise
   * @throws {OperationalError} `index` and `receipts` likewise; OUTCOME_UNKNOWN and FENCED: from `index` on nothing is known
   */
  submitMany(commands: readonly Submission<P>[]): Promise<readonly Receipt<P>[]>;
  /** An empty batch, to be filled and handed to `submitBatch`. */
  newBatch(): CommandBatch<P>;
  /**
   * As `submitMany`, without an object for each command: the batch goes to the core as one buffer, and receipts are decoded
   * when they are asked for.
   *
   * @param batch of this engine; not to be changed until the promise has settled
   * @returns the receipts in order, once all are durable
   * @throws as `submitMany`, with `index` and `receipts`
   */
  submitBatch(batch: CommandBatch<P>): Promise<Receipts<P>>;
  /** As below, as a message `statevec.v1.Receipt`. */
  receipt(
    source: Source,
    options: ReceiptOptions & { readonly encoding: "protobuf" },
  ): Promise<Uint8Array | undefined>;
  /** The receipt of a source seq that was used before, or `undefined` if it was not. @throws as a duplicate */
  receipt(
    source: Source,
    options?: ReceiptOptions & { readonly encoding?: "object" | undefined },
  ): Promise<Receipt<P> | undefined>;
  /**
   * Where a source stands: the last seq that it has used, and its frame, which may not be durable yet.
   *
   * @returns `undefined`: the engine knows no such source, so its next seq is 1
   * @throws {UsageError} such a source can not be
   */
  sourcePosition(client: bigint, stream: number): SourcePosition | undefined;
  /**
   * Forgets a source, so that it takes no place; a retire frame records it.
   * @throws {UsageError} the source is not known
   */
  retire(client: bigint, stream: number): Promise<Frontier>;

  /** Runs `reader` on the executed state, one frontier, and resolves with its answer once that is durable. */
  read<T>(reader: (view: View & { readonly seq: bigint }) => T): Promise<T>;
  /** The same at once: its answer may be lost in a crash while `speculative`. */
  readExecuted<T>(reader: (view: View & { readonly seq: bigint }) => T): ExecutedRead<T>;
  /** As below, each a message `statevec.v1.Frame`. */
  frames(options: EncodedFramesOptions): AsyncIterable<Uint8Array>;
  /**
   * Durable frames in order, decoded, read as the consumer asks for them.
   *
   * @throws {OperationalError} from the iterator, with `follow`: the history failed, and all that is durable was handed out;
   *   {EngineFault} likewise
   * @example for await (const frame of engine.frames({ from: seq + 1n, follow: true, signal })) await store(frame);
   */
  frames(options?: FramesOptions & { readonly encoding?: "object" | undefined }): AsyncIterable<Frame>;

  /** Runs every durable command again in a fresh core, without comparing. */
  replay(options?: AuditOptions): Promise<ReplayReport>;
  /** Replays and compares every byte, and the digests. */
  audit(options?: AuditOptions): Promise<AuditReport>;
  /** Waits for what is on its way, then gives the history back. Does nothing the second time. */
  close(): Promise<void>;
}

/** The engine of a domain, for parameters: `EngineOf<typeof exchange>`. */
export type EngineOf<D> = D extends Domain<infer P> ? Engine<P> : never;
