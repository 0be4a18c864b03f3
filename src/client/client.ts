/**
 * A client of a service: the verbs of an engine, over HTTP.
 *
 * Responsible for: `connect`, what a caller sees. Not responsible for: numbering and sending again (outbox.ts), connections
 * (http.ts), addresses (paths.ts), answers as objects (remote.ts).
 *
 * Invariants: I1 each submission ends in exactly one receipt, or in an error that says whether the command may have been
 * executed (outbox.ts); I2 what is read was durable when the service answered.
 */
import { type Binding, bindSchema } from "../engine/binding.ts";
import type { Domain } from "../engine/domain.ts";
import type { Frame } from "../engine/frames.ts";
import type { AnyReceipt, Frontier, Receipt } from "../engine/receipt.ts";
import type { AnyIndex, AnyLookup, ListOptions } from "../engine/view.ts";
import { OperationalError, UsageError } from "../errors.ts";
import { modelOf } from "../schema/define-schema.ts";
import type { Schema, SchemaParts } from "../schema/index.ts";
import type { KEY, PREFIX, TAKES, VIEW } from "../schema/phantom.ts";
import { Backoff, pause } from "./backoff.ts";
import type { Fetch } from "./http.ts";
import { Outbox } from "./outbox.ts";
import { type ListQuery, listPath, lookupPath } from "./paths.ts";
import { Remote, type Retries, untilAnswered } from "./remote.ts";

export interface ConnectOptions<P extends SchemaParts> {
  /** Of the service, without the version: `http://127.0.0.1:7411`. */
  readonly url: string;
  /** The schema that the service runs, or a domain of it; another one is refused. */
  readonly schema: Schema<P> | Domain<P>;
  /**
   * Who submits, for exactly-once: u64. Two clients that run at the same time must differ in it or in `stream`; a client that
   * was started again takes the same, and goes on behind its last command.
   */
  readonly client: bigint;
  /** u32; 1 when left out. */
  readonly stream?: number | undefined;
  /** Bearer token. */
  readonly token?: string | undefined;
  /** At most so many commands go in one request: 1..4096; 256 when left out. */
  readonly batch?: number | undefined;
  /** How long an answer may take before the request is sent again, in milliseconds; 10,000 when left out. */
  readonly timeoutMilliseconds?: number | undefined;
  /** Pauses between attempts grow up to that; 2,000 when left out. */
  readonly pauseMilliseconds?: number | undefined;
  /** Ends the wait for a service that does not answer; without it `connect` waits for as long as it takes. */
  readonly signal?: AbortSignal | undefined;
  /** The platform's own when left out. */
  readonly fetch?: Fetch | undefined;
  /** Told of each request that failed and will be sent again: for your log. What it throws is ignored. */
  readonly onRetry?: ((error: unknown, waitMilliseconds: number) => void) | undefined;
}

/** A part of an index, at one frontier. */
export interface Page<Record> {
  readonly records: readonly Record[];
  /** The frontier it was read at. */
  readonly seq: bigint;
  /** The `cursor` of the next page; `undefined`: this was the last. */
  readonly next: bigint | undefined;
}

type NextSegment<I extends AnyIndex, P extends readonly unknown[]> = I[typeof KEY][P["length"]];

export interface RemoteFramesOptions {
  /** First seq; 1 when left out. */
  readonly from?: bigint | undefined;
  /** Last seq; the durable frontier when left out. */
  readonly to?: bigint | undefined;
  /** Goes on with frames as they become durable. */
  readonly follow?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A connection to a service. */
export interface Client<P extends SchemaParts = SchemaParts> {
  /** How many submissions have no answer yet. */
  readonly pending: number;
  /**
   * Submits a command; commands of one client are executed in the order of the calls.
   *
   * @returns the receipt, whatever the outcome, once the frame is durable. Requests are sent again until they are answered
   * @throws {AdmissionError} turned away: no frame. `CONFLICT`, `GAP`, `DUPLICATE`: somebody else submits as
   *   this client; it has ended
   * @throws {ServiceError} the service does not take it: no frame
   * @throws {OperationalError} OUTCOME_UNKNOWN: the client gave up, or the service refused to say, and the client has ended;
   *   `source` names the command
   */
  submit<K extends keyof P["commands"] & string>(
    name: K,
    payload: P["commands"][K][typeof TAKES],
  ): Promise<Receipt<P>>;
  /** The receipt of an earlier command of this client and stream, or `undefined` if the seq was not used. */
  receipt(seq: bigint): Promise<Receipt<P> | undefined>;
  /** The last seq that this client and stream have used, 0 if none. */
  lastSeq(): Promise<bigint>;

  /** The record under a SysId or unique key, or `undefined`. @throws {UsageError} no such key */
  find<L extends AnyLookup>(by: L, ...key: L[typeof KEY]): Promise<L[typeof VIEW] | undefined>;
  /**
   * Records under a prefix, in index order; at most `limit`, 100 when left out.
   *
   * @param options.cursor `next` of the page before
   * @throws {ServiceError} CURSOR_GONE: the record at which it was to go on is gone
   */
  list<I extends AnyIndex, const P extends I[typeof PREFIX]>(
    index: I,
    prefix: readonly [...P],
    options?: ListOptions<NextSegment<I, P>> & { readonly cursor?: bigint | undefined },
  ): Promise<Page<I[typeof VIEW]>>;
  /** Durable frames in order; goes on by itself after a lost connection. */
  frames(options?: RemoteFramesOptions): AsyncIterable<Frame>;
  /** The last durable frame. */
  frontier(): Promise<Frontier>;

  /**
   * Takes no more submissions and waits for the answers of those that were made.
   *
   * @param options.giveUp does not wait: OUTCOME_UNKNOWN for what was sent, CLOSED for what was not
   */
  close(options?: { readonly giveUp?: boolean | undefined }): Promise<void>;
}

const BATCH = 256;
const BATCH_MAX = 4_096;
/** Payload bytes of one request. */
const REQUEST_BYTES = 1 << 20;
const TIMEOUT_MILLISECONDS = 10_000;
const PAUSE_MILLISECONDS = 2_000;
/** Timers of JavaScript go no further. */
const MILLISECONDS_MAX = 2 ** 31 - 1;

/**
 * Connects to a service, and finds out where this client stands there.
 *
 * @throws {ServiceError} SCHEMA_MISMATCH, UNAUTHORIZED, PROTOCOL
 * @throws {UsageError} an option is not what it must be
 */
export async function connect<P extends SchemaParts>(options: ConnectOptions<P>): Promise<Client<P>> {
  const { client, stream = 1, batch = BATCH } = options;
  if (typeof client !== "bigint" || client < 0n || client >= 1n << 64n) {
    throw new UsageError("options.client", `found ${String(client)}, expected a bigint 0..2^64-1`);
  }
  checkInteger("options.stream", stream, 0, 0xffff_ffff);
  checkInteger("options.batch", batch, 1, BATCH_MAX);
  const schema = "schema" in options.schema ? options.schema.schema : options.schema;
  if (modelOf(schema as Schema) === undefined) {
    throw new UsageError(
      "options.schema",
      "found something else, expected what defineSchema or defineDomain returned",
    );
  }
  const binding = bindSchema(schema as Schema);
  const { url, token } = options;
  checkUrl(url);
  if (token !== undefined && !TOKEN.test(token)) {
    throw new UsageError("options.token", "found another text, expected one without white space");
  }
  const { timeoutMilliseconds = TIMEOUT_MILLISECONDS, pauseMilliseconds = PAUSE_MILLISECONDS } = options;
  checkInteger("options.timeoutMilliseconds", timeoutMilliseconds, 1, MILLISECONDS_MAX);
  checkInteger("options.pauseMilliseconds", pauseMilliseconds, 1, MILLISECONDS_MAX);
  const fetch = options.fetch ?? (globalThis.fetch as Fetch);
  const http = { url, token, fetch, timeoutMilliseconds };
  const onRetry: Retries["onRetry"] = (error, waitMilliseconds) => {
    try {
      options.onRetry?.(error, waitMilliseconds);
    } catch {
      // The caller's log is beside the requests: its failure must not end them.
    }
  };
  const remote = new Remote(binding.model, http, { client, stream });
  const retries: Retries = { newBackoff: () => new Backoff(pauseMilliseconds, Math.random), onRetry };
  const { signal = new AbortController().signal } = options;
  const lastSeq = await untilAnswered(() => remote.lastSeq(signal), signal, retries);
  const limits = { commands: batch, bytes: REQUEST_BYTES };
  const outbox = new Outbox(
    remote,
    { client, stream, ...limits, backoff: retries.newBackoff(), pause, onRetry },
    lastSeq,
  );
  return new HttpClient(binding, remote, outbox, retries) as unknown as Client<P>;
}

/** What a header takes. */
const TOKEN = /^[\x21-\x7e\x80-\xff]+$/;

/** No address is reached that is none; so it is said here, not tried for ever. */
function checkUrl(url: string): void {
  const expected = "expected the address of a service: http://HOST:PORT";
  // A page may name a path of its own origin.
  const { location } = globalThis as { readonly location?: { readonly href: string } };
  let parsed: URL;
  try {
    parsed = new URL(url, location?.href);
  } catch {
    throw new UsageError("options.url", `found ${String(url)}, ${expected}`);
  }
  const { protocol, username, password, search, hash } = parsed;
  if (!/^https?:$/.test(protocol)) throw new UsageError("options.url", `found ${protocol}, ${expected}`);
  if (username + password + search + hash !== "") {
    throw new UsageError("options.url", `found credentials, a query or a fragment, ${expected}`);
  }
}

function checkInteger(argument: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new UsageError(argument, `found ${String(value)}, expected an integer ${min}..${max}`);
}

class HttpClient {
  readonly #binding: Binding;
  readonly #remote: Remote;
  readonly #outbox: Outbox<AnyReceipt>;
  readonly #retries: Retries;
  /** Ends reads when the client is closed. */
  readonly #end = new AbortController();

  constructor(binding: Binding, remote: Remote, outbox: Outbox<AnyReceipt>, retries: Retries) {
    this.#binding = binding;
    this.#remote = remote;
    this.#outbox = outbox;
    this.#retries = retries;
  }

  get pending(): number {
    return this.#outbox.pending;
  }

  async submit(name: string, payload: unknown): Promise<AnyReceipt> {
    const { number, bytes } = this.#remote.payload(name, payload);
    return this.#outbox.submit(number, bytes);
  }

  async receipt(seq: bigint): Promise<AnyReceipt | undefined> {
    if (typeof seq !== "bigint" || seq < 1n) {
      throw new UsageError("seq", `found ${String(seq)}, expected a bigint from 1`);
    }
    return this.#read((signal) => this.#remote.receipt(seq, signal));
  }

  lastSeq(): Promise<bigint> {
    return this.#read((signal) => this.#remote.lastSeq(signal));
  }

  async find(by: unknown, ...key: unknown[]): Promise<object | undefined> {
    const lookup = this.#binding.lookups.get(by);
    if (lookup === undefined) throw unknownIn("by", "a record or unique key");
    const path = lookupPath(lookup, key);
    const found = await this.#read((signal) => this.#remote.find(path, signal));
    return found?.records[0];
  }

  async list(index: unknown, prefix: readonly unknown[], options: ListQuery = {}): Promise<Page<object>> {
    const bound = this.#binding.indexes.get(index);
    if (bound === undefined) throw unknownIn("index", "an index");
    const path = listPath(bound, prefix, options);
    return this.#read((signal) => this.#remote.list(path, signal));
  }

  frames(options: RemoteFramesOptions = {}): AsyncIterable<Frame> {
    const { signal } = options;
    const ends = signal === undefined ? this.#end.signal : AbortSignal.any([signal, this.#end.signal]);
    return this.#remote.frames(options, ends, this.#retries);
  }

  frontier(): Promise<Frontier> {
    return this.#read((signal) => this.#remote.frontier(signal));
  }

  async close({ giveUp = false }: { readonly giveUp?: boolean } = {}): Promise<void> {
    if (giveUp) this.#outbox.giveUp();
    await this.#outbox.close();
    this.#end.abort(new OperationalError("CLOSED", "the client is closed; connect again"));
  }

  /** Asks again until there is an answer: what only reads may be asked twice. */
  #read<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal } = this.#end;
    return untilAnswered(() => ask(signal), signal, this.#retries);
  }
}

function unknownIn(argument: string, what: string): UsageError {
  return new UsageError(
    argument,
    `found something else, expected ${what} of the schema this client was made with`,
  );
}
