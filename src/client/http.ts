/**
 * Requests to a service and its answers, as bytes.
 *
 * Responsible for: addresses, headers, time limits, and which errors say that nothing can have happened.
 * Not responsible for: what bodies mean (client.ts), asking again (outbox.ts).
 */
import { ServiceError, type StateVecError } from "../errors.ts";

export const PROTOBUF = "application/x-protobuf";

/** The part of the platform's `fetch` that is used. */
export type Fetch = (url: string, request: FetchRequest) => Promise<FetchResponse>;

export interface FetchRequest {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
  readonly redirect: "manual";
}

export interface FetchResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: ReadableStream<Uint8Array> | null;
  arrayBuffer(): Promise<ArrayBuffer>;
}

export interface HttpOptions {
  /** Of the service, without the version: `https://ledger.example/`. */
  readonly url: string;
  readonly token: string | undefined;
  readonly fetch: Fetch;
  /** Until the head of an answer is there, and until its body is, where that is no stream. */
  readonly timeoutMilliseconds: number;
  /** The error that a refusal's body stands for. */
  readonly errorOf: (body: Uint8Array, retryAfterMilliseconds: number | undefined) => StateVecError;
}

/** Codes of system errors after which a request has reached nobody. */
const NOT_SENT = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)$/;
/** These too, but only of the attempt to connect: a connection that carried the request can end with them as well. */
const NOT_REACHED = /^(EHOSTUNREACH|ENETUNREACH)$/;

/** Statuses of something in between that does not bring the request to the service now. */
const LATER: ReadonlySet<number> = new Set([408, 425, 429]);

export class Http {
  readonly #options: HttpOptions;
  readonly #base: string;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#base = options.url.endsWith("/") ? options.url.slice(0, -1) : options.url;
  }

  /** The body of the answer to a GET. @throws as `exchange` */
  get(path: string, signal: AbortSignal): Promise<Uint8Array> {
    return this.#whole("GET", path, undefined, signal);
  }

  /** The body of the answer to a POST. @throws as `exchange` */
  post(path: string, body: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    return this.#whole("POST", path, body, signal);
  }

  /** The body of the answer to a GET, as it comes. @throws as `exchange` */
  async stream(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(timedOut()), this.#options.timeoutMilliseconds);
    try {
      const response = await this.#exchange("GET", path, undefined, AbortSignal.any([signal, late.signal]));
      if (response.body === null) throw notOfProtocol(path, "an answer without a body");
      return response.body;
    } finally {
      clearTimeout(timer);
    }
  }

  async #whole(method: string, path: string, body: Uint8Array | undefined, signal: AbortSignal) {
    const limit = AbortSignal.timeout(this.#options.timeoutMilliseconds);
    const response = await this.#exchange(method, path, body, AbortSignal.any([signal, limit]));
    return new Uint8Array(await response.arrayBuffer());
  }

  /**
   * @throws {ServiceError} or another of our errors, if the service has refused
   * @throws {ServiceError} UNREACHABLE: the request has reached nobody
   * @throws what the platform throws: the connection failed, maybe after the request had arrived
   */
  async #exchange(method: string, path: string, body: Uint8Array | undefined, signal: AbortSignal) {
    const { token, fetch } = this.#options;
    const headers: Record<string, string> = { accept: PROTOBUF };
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    if (body !== undefined) headers["content-type"] = PROTOBUF;
    const response = await fetch(this.#base + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }),
      signal,
      redirect: "manual",
    }).catch((error: unknown) => {
      throw wasNotSent(error) ? unreachable(this.#base, error) : error;
    });
    const isOurs = response.headers.get("content-type")?.startsWith(PROTOBUF) === true;
    if (response.ok && isOurs) return response;
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (isOurs) throw this.#options.errorOf(bytes, retryAfter(response));
    const found = `status ${response.status} ${textOf(bytes)}`;
    // Something in between that can not reach the service now; whether it did before is not known.
    if (response.status >= 500 || LATER.has(response.status))
      throw new Error(`${path}: found ${found}, expected ${PROTOBUF}`);
    throw notOfProtocol(path, found);
  }
}

interface SystemError {
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly errors?: readonly SystemError[];
}

function wasNotSent(error: unknown): boolean {
  const cause = (error as { readonly cause?: SystemError } | undefined)?.cause;
  if (typeof cause?.code !== "string") return false;
  if (NOT_SENT.test(cause.code)) return true;
  // Of a name with several addresses: the error of each.
  const { errors = [cause] } = cause;
  return NOT_REACHED.test(cause.code) && errors.every(({ syscall }) => syscall === "connect");
}

function unreachable(base: string, cause: unknown): ServiceError {
  return new ServiceError("UNREACHABLE", `nothing answers at ${base}`, { cause });
}

function notOfProtocol(path: string, found: string): ServiceError {
  const message = `${path}: found ${found}, expected ${PROTOBUF}; the address is that of something else`;
  return new ServiceError("PROTOCOL", message);
}

function timedOut(): Error {
  return new DOMException("the service did not answer in time", "TimeoutError");
}

/** Enough of a body to recognise what answered. */
function textOf(bytes: Uint8Array): string {
  return JSON.stringify(new TextDecoder().decode(bytes.subarray(0, 80)));
}

function retryAfter(response: FetchResponse): number | undefined {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
}
