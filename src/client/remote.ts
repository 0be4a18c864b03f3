/**
 * The service as objects: what is asked, and what its answers say.
 *
 * Responsible for: messages of `statevec.v1` to receipts, records, frames and errors; frames go on where a connection ended.
 * Not responsible for: submissions that are not answered (outbox.ts), bytes on their way (http.ts).
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { show } from "../engine/arguments.ts";
import type { Frame } from "../engine/frames.ts";
import { malformed } from "../engine/payload.ts";
import type { AnyReceipt, Frontier } from "../engine/receipt.ts";
import { HistoryError, ServiceError, StateVecError, UsageError } from "../errors.ts";
import { messageToBytes } from "../proto/domain-messages.ts";
import { StateVecDecoder } from "../proto/frame-decoder.ts";
import {
  FRONTIER,
  POSITION,
  RECORDS,
  REFUSAL,
  SUBMIT_REQUEST,
  SUBMIT_RESPONSE,
} from "../proto/statevec-v1.ts";
import { WireError } from "../proto/wire-error.ts";
import { encodeDescriptor } from "../schema/descriptor.ts";
import { fingerprintOf } from "../schema/fingerprint.ts";
import type { SchemaModel } from "../schema/model.ts";
import { ValueError } from "../schema/value-error.ts";
import { type Backoff, pause } from "./backoff.ts";
import type { RemoteFramesOptions } from "./client.ts";
import { cutMessages } from "./delimited.ts";
import { Http, type HttpOptions } from "./http.ts";
import { type Carrier, mayHelpLater, type Numbered, type RequestAnswer } from "./outbox.ts";
import { errorOfRefusal } from "./refusals.ts";

/** Records of one state. */
export interface RecordList {
  readonly records: readonly object[];
  readonly seq: bigint;
  readonly next: bigint | undefined;
}

/** How often what failed is asked again, and who is told. */
export interface Retries {
  readonly newBackoff: () => Backoff;
  readonly onRetry: (error: unknown, waitMilliseconds: number) => void;
}

export class Remote implements Carrier<AnyReceipt> {
  readonly #http: Http;
  readonly #decoder: StateVecDecoder;
  readonly #schema: Uint8Array;
  readonly #source: { readonly client: bigint; readonly stream: number };

  constructor(
    model: SchemaModel,
    http: Omit<HttpOptions, "errorOf">,
    source: { readonly client: bigint; readonly stream: number },
  ) {
    this.#decoder = new StateVecDecoder(model);
    this.#schema = hexToBytes(fingerprintOf(encodeDescriptor(model)));
    this.#source = source;
    const errorOf: HttpOptions["errorOf"] = (body, retryAfterMilliseconds) =>
      errorOfRefusal(
        readAnswer(() => REFUSAL.decode(body)),
        retryAfterMilliseconds,
      );
    this.#http = new Http({ ...http, errorOf });
  }

  // ---- submitting ------------------------------------------------------------------------------------------

  /**
   * A payload as it goes over the wire.
   * @throws {AdmissionError} MALFORMED, as the engine would
   * @throws {UsageError} no such command
   */
  payload(name: string, values: unknown): { readonly number: number; readonly bytes: Uint8Array } {
    const command = this.#decoder.messages.commands.named(name);
    if (command === undefined) {
      throw new UsageError("name", `found ${show(name)}, expected a command of the schema`);
    }
    try {
      return { number: command.number, bytes: messageToBytes(command, values) };
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      throw malformed(name, error.field, `${error.reason}: found ${show(error.found)}`);
    }
  }

  async send(commands: readonly Numbered[], signal: AbortSignal): Promise<RequestAnswer<AnyReceipt>> {
    const submissions = commands.map(({ command, payload, seq }) => {
      return { command, name: "", payload, source: { ...this.#source, seq } };
    });
    const request = SUBMIT_REQUEST.encode({ submissions, schema: this.#schema });
    try {
      const body = await this.#http.post("/v1/submit", request, signal);
      return readAnswer(() => this.#answerOf(body));
    } catch (error) {
      // The first command of the request was turned away, so the request as a whole is answered with its refusal.
      if (isOfCommand(error)) return { receipts: [], refusal: error };
      throw error;
    }
  }

  #answerOf(body: Uint8Array): RequestAnswer<AnyReceipt> {
    const { receipts, refusal } = SUBMIT_RESPONSE.decode(body);
    return {
      receipts: receipts.map((one) => this.#decoder.receiptOf(one) as AnyReceipt),
      refusal: refusal === undefined ? undefined : errorOfRefusal(refusal, undefined),
    };
  }

  async lastSeq(signal: AbortSignal): Promise<bigint> {
    const { client, stream } = this.#source;
    const body = await this.#http.get(`/v1/sources/${client}/${stream}`, signal);
    return readAnswer(() => POSITION.decode(body)).lastSeq;
  }

  async receipt(seq: bigint, signal: AbortSignal): Promise<AnyReceipt | undefined> {
    const { client, stream } = this.#source;
    const body = await this.#there(`/v1/receipts/${client}/${stream}/${seq}`, signal);
    return body === undefined ? undefined : readAnswer(() => this.#decoder.receipt(body) as AnyReceipt);
  }

  // ---- reading ---------------------------------------------------------------------------------------------

  /** The record at an address, if there is one. */
  async find(path: string, signal: AbortSignal): Promise<RecordList | undefined> {
    const body = await this.#there(path, signal);
    return body === undefined ? undefined : readAnswer(() => this.#recordsOf(body));
  }

  async list(path: string, signal: AbortSignal): Promise<RecordList> {
    const body = await this.#http.get(path, signal);
    return readAnswer(() => this.#recordsOf(body));
  }

  async frontier(signal: AbortSignal): Promise<Frontier> {
    const body = await this.#http.get("/v1/frontier", signal);
    const { seq, digest } = readAnswer(() => FRONTIER.decode(body));
    return { seq, digest: bytesToHex(digest) };
  }

  /** Frames as they come; a stream that ends before its last frame is made anew behind the one that came last. */
  async *frames(
    options: RemoteFramesOptions,
    signal: AbortSignal,
    retries: Retries,
  ): AsyncGenerator<Frame, void> {
    const { newBackoff, onRetry } = retries;
    const { from = 1n, to, follow = false } = options;
    const backoff = newBackoff();
    let next = from;
    // Without it the end of a stream could not be told from that of a service that drains.
    let last = to;
    let knowsLast = follow;
    let brokenAtOnce = 0;
    while (!signal.aborted && (last === undefined || next <= last)) {
      let opened: number | undefined;
      try {
        if (!knowsLast) {
          const { seq } = await this.frontier(signal);
          if (last === undefined || last > seq) last = seq;
          knowsLast = true;
          continue;
        }
        const query = new URLSearchParams({ from: String(next) });
        if (last !== undefined) query.append("to", String(last));
        if (follow) query.append("follow", "true");
        const body = await this.#http.stream(`/v1/frames?${query}`, signal);
        opened = performance.now();
        for await (const bytes of cutMessages(body)) {
          const frame = readAnswer(() => this.#decoder.frame(bytes) as Frame);
          backoff.reset();
          brokenAtOnce = 0;
          yield frame;
          next = frame.seq + 1n;
        }
        if (last === undefined || next <= last)
          throw new ServiceError("DRAINING", `the stream ended before frame ${next}`);
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof StateVecError && !mayHelpLater(error)) throw error;
        const isBroken = opened !== undefined && !(error instanceof StateVecError);
        if (isBroken && performance.now() - opened! < AT_ONCE_MILLISECONDS) brokenAtOnce++;
        if (brokenAtOnce === BROKEN_MAX)
          throw new ServiceError("PROTOCOL", brokenText(next), { cause: error });
        const wait = backoff.next();
        onRetry(error, wait);
        await pause(wait, signal);
      }
    }
  }

  #recordsOf(body: Uint8Array): RecordList {
    const { seq, records, next } = RECORDS.decode(body);
    const views = records.map((record) => {
      const { values, sysId, revision } = this.#decoder.record(record);
      return Object.freeze({ ...values, sysId, revision });
    });
    return { records: views, seq, next: next === 0n ? undefined : next };
  }

  async #there(path: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
    try {
      return await this.#http.get(path, signal);
    } catch (error) {
      if (error instanceof ServiceError && error.code === "NOT_FOUND") return undefined;
      throw error;
    }
  }
}

/**
 * A stream that breaks off as soon as it was opened, so many times without a frame between, has a reason that asking again
 * does not change. One that was idle for longer was cut by something in between.
 */
const BROKEN_MAX = 10;
const AT_ONCE_MILLISECONDS = 1_000;

function brokenText(seq: bigint): string {
  return `the stream of frames broke off ${BROKEN_MAX} times before frame ${seq}; the log of the service says why`;
}

/** What an answer says. @throws {ServiceError} PROTOCOL: it is none of this protocol */
function readAnswer<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof WireError) {
      const { field, found, expected } = error;
      throw new ServiceError("PROTOCOL", `the answer, ${field}: found ${found}, expected ${expected}`);
    }
    if (!(error instanceof HistoryError)) throw error;
    throw new ServiceError("PROTOCOL", `the answer holds a schema that can not be read`, { cause: error });
  }
}

/** Whether an error is about a command, not about the request that brought it. */
function isOfCommand(error: unknown): error is StateVecError {
  if (error instanceof ServiceError) return error.code === "DETERMINISM";
  return error instanceof StateVecError;
}

/** Asks again, with pauses, until there is an answer or an error that asking again does not change. */
export async function untilAnswered<T>(
  ask: () => Promise<T>,
  signal: AbortSignal,
  { newBackoff, onRetry }: Retries,
): Promise<T> {
  const backoff = newBackoff();
  for (;;) {
    signal.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof StateVecError && !mayHelpLater(error)) throw error;
      const asked = error instanceof ServiceError ? error.retryAfterMilliseconds : undefined;
      const wait = backoff.next(asked);
      onRetry(error, wait);
      await pause(wait, signal);
    }
  }
}
