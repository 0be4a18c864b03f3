/**
 * One request and its answer.
 *
 * Responsible for: collecting the body in one buffer, within its limits; writing the answer in one piece; turning a request
 * away whose body is not read, so that its client hears why; knowing when all is over.
 * Not responsible for: what is asked and answered (service.ts), frame streams (frame-stream.ts).
 *
 * Invariants: I1 one answer, or none if the client has gone; I2 no more of a body is held than the limit.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Connections } from "./connections.ts";
import type { Deadlines } from "./deadlines.ts";
import type { Body, Format } from "./format.ts";
import type { Counters } from "./metrics.ts";
import type { ServiceLimits } from "./options.ts";
import { type Refusal, Refused, refusalOf, retryAfter, STATUSES } from "./refusal.ts";
import { WrongMethod } from "./router.ts";

/** A body that is turned away unread is read up to this size to its end, so that the connection can be used on. */
const DISCARD_BYTES = 1 << 16;
/** A larger one is taken in for so long, or up to so much, so that its client reads the answer before the connection ends. */
const LINGER_MILLISECONDS = 1_000;
const LINGER_BYTES = 1 << 24;

/** What exchanges of one service share. */
export interface ExchangeParts {
  readonly limits: ServiceLimits;
  readonly counters: Counters;
  readonly connections: Connections;
  readonly bodyDeadlines: Deadlines;
  readonly answerDeadlines: Deadlines;
  readonly isDraining: () => boolean;
  readonly onError: (error: unknown) => void;
}

export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  format: Format;
  private readonly parts: ExchangeParts;
  private readonly startedAt = performance.now();
  private held = 0;
  /** There is a body, and not all of it was read. */
  private hasBody: boolean;
  private readonly ended: () => void;
  private hasEnded = false;
  private readonly calls = new Set<() => void>();

  /** @param ended called once, when the answer is on its way to the client or the client has gone */
  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    format: Format,
    parts: ExchangeParts,
    ended: () => void,
  ) {
    this.request = request;
    this.response = response;
    this.format = format;
    this.parts = parts;
    const { "content-length": length, "transfer-encoding": encoding } = request.headers;
    this.hasBody = encoding !== undefined || (length !== undefined && length !== "0");
    this.ended = ended;
    parts.counters.total++;
    parts.counters.open++;
    response.once("close", this.over);
    parts.connections.join(request.socket, this.over);
  }

  private readonly over = (): void => {
    if (this.hasEnded) return;
    this.hasEnded = true;
    const { counters, answerDeadlines, connections } = this.parts;
    counters.open--;
    if (!this.response.writableFinished) counters.abandoned++;
    connections.leave(this.request.socket, this.over);
    this.clearDeadline();
    answerDeadlines.clear(this.unread);
    this.letGo();
    for (const call of this.calls) call();
    this.ended();
  };

  /**
   * Calls when the client has its answer or has gone. `close` of the response would not do: Node.js does not emit it where
   * the answer waits behind another on the same connection.
   */
  whenOver(call: () => void): void {
    this.calls.add(call);
  }

  /** The client has gone, or its answer is written. */
  get isOver(): boolean {
    return this.hasEnded || this.response.writableEnded || this.response.destroyed;
  }

  /** It has its answer, or the first part of it; or nobody is there to take one. */
  get isAnswered(): boolean {
    return this.isOver || this.response.headersSent;
  }

  // ---- body ------------------------------------------------------------------------------------------------

  /** The body must be there in time from here on. */
  setDeadline(): void {
    this.parts.bodyDeadlines.set(this.late);
  }

  clearDeadline(): void {
    this.parts.bodyDeadlines.clear(this.late);
  }

  private readonly late = (): void => {
    const { bodySeconds } = this.parts.limits;
    const message = `found no whole request in ${bodySeconds} s, expected it sooner; send it again`;
    this.refuse(new Refused({ code: "TIMEOUT", message }));
  };

  /**
   * Collects the body, then calls back; never, if the request is turned away meanwhile.
   * @throws {Refused} REQUEST_TOO_LARGE by its own account
   */
  collect(done: (body: Buffer) => void): void {
    const { request } = this;
    const length = Number(request.headers["content-length"] ?? 0);
    if (length > this.parts.limits.bodyBytes) throw this.tooLarge(`${length} bytes`);
    const taken = takenBody(request);
    if (taken !== undefined) this.hasBody = false;
    if (!this.hasBody) return done(taken ?? Buffer.alloc(0));
    this.setDeadline();
    let body: Buffer = Buffer.alloc(0);
    request.on("data", (chunk: Buffer) => {
      if (!this.hasBody) return;
      try {
        body = appended(body, this.held, chunk);
        this.hold(chunk.length);
      } catch (error) {
        this.refuse(error);
      }
    });
    request.on("end", () => {
      if (!this.hasBody) return;
      this.hasBody = false;
      this.clearDeadline();
      this.attempt(() => done(body.subarray(0, this.held)));
    });
  }

  private hold(bytes: number): void {
    const { limits, counters } = this.parts;
    this.held += bytes;
    counters.bytesHeld += bytes;
    counters.bytesReceived += bytes;
    if (this.held > limits.bodyBytes) throw this.tooLarge("more");
    if (counters.bytesHeld > limits.heldBytes) {
      const message = `the bodies of all requests take more than ${limits.heldBytes} bytes; send it again later`;
      throw new Refused({ code: "BUSY", message });
    }
  }

  private letGo(): void {
    this.parts.counters.bytesHeld -= this.held;
    this.held = 0;
  }

  private tooLarge(found: string): Refused {
    const message = `body: found ${found}, expected at most ${this.parts.limits.bodyBytes} bytes; split it`;
    return new Refused({ code: "REQUEST_TOO_LARGE", message });
  }

  // ---- answer ----------------------------------------------------------------------------------------------

  /** Answers in one piece. Does nothing if the client has gone. */
  send(status: number, body: Body, type = this.format.contentType): void {
    if (this.isOver) return;
    const length = typeof body === "string" ? Buffer.byteLength(body) : body.length;
    const headers = ["content-type", type, "content-length", String(length), "cache-control", "no-store"];
    this.write(status, headers, body, length);
  }

  private write(status: number, headers: string[], body: Body, length: number): void {
    const { response, parts } = this;
    const { counters } = parts;
    this.clearDeadline();
    this.letGo();
    counters.answered(status, performance.now() - this.startedAt);
    counters.bytesSent += length;
    const lingers = this.hasBody && (status === STATUSES.TIMEOUT || !this.isSmall());
    if (lingers || parts.isDraining()) headers.push("connection", "close");
    response.writeHead(status, headers);
    if (lingers) return this.linger(body);
    if (this.hasBody) this.discard();
    parts.answerDeadlines.set(this.unread);
    response.end(body);
  }

  private isSmall(): boolean {
    const { "content-length": length } = this.request.headers;
    return length !== undefined && Number(length) <= DISCARD_BYTES && !this.parts.isDraining();
  }

  /** Reads the rest of a small body, so that the connection can be used on; one that does not come ends it. */
  private discard(): void {
    const { request } = this;
    this.hasBody = false;
    const timer = setTimeout(() => request.socket.destroy(), LINGER_MILLISECONDS);
    request.once("close", () => clearTimeout(timer));
    request.resume();
  }

  /**
   * Answers, and takes in some of the body that nobody wants: closing a connection with data unread resets it, and the
   * client would see that instead of the answer.
   */
  private linger(body: Body): void {
    const { request, response } = this;
    this.hasBody = false;
    let left = LINGER_BYTES;
    const end = (): void => {
      clearTimeout(timer);
      response.end();
    };
    const timer = setTimeout(end, LINGER_MILLISECONDS);
    this.whenOver(() => clearTimeout(timer));
    response.write(body);
    request.on("data", (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) end();
    });
    request.once("end", end);
    request.resume();
  }

  /** Nobody reads the answer: the connection would be held for good. */
  private readonly unread = (): void => {
    this.response.destroy();
  };

  /** Does something; what it throws is the answer. */
  attempt(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.refuse(error);
    }
  }

  /** Counts a refusal, and tells the log of what is not the client's doing. */
  note(refusal: Refusal, error: unknown): void {
    this.parts.counters.refused(refusal.code);
    if (isForLog(refusal)) this.parts.onError(error);
  }

  /**
   * Answers with the refusal of what was thrown. An answer that has begun is broken off, so that its reader sees that it is
   * not whole.
   * @param index position of the submission that it is about
   */
  refuse(error: unknown, index?: number): void {
    const refusal: Refusal = { ...refusalOf(error), index };
    const status = STATUSES[refusal.code];
    this.note(refusal, error);
    if (this.isOver) return;
    if (this.response.headersSent) {
      this.response.destroy();
      return;
    }
    const { response } = this;
    const seconds = retryAfter(error, refusal.code);
    if (seconds !== undefined) response.setHeader("retry-after", String(seconds));
    if (error instanceof WrongMethod) response.setHeader("allow", error.allow);
    if (refusal.code === "UNAUTHORIZED") response.setHeader("www-authenticate", "Bearer");
    this.send(status, this.format.refusal(refusal));
  }

  // ---- streams ---------------------------------------------------------------------------------------------

  /** Begins an answer of unknown length. */
  beginStream(): void {
    const { response, format, parts } = this;
    this.clearDeadline();
    parts.counters.streamed(200);
    response.socket?.setKeepAlive(true, 30_000);
    response.writeHead(200, { "content-type": format.streamType, "cache-control": "no-store" });
    response.flushHeaders();
  }

  /** Writes a piece; resolves once its reader has taken enough, or has gone. */
  async writePiece(piece: Body): Promise<void> {
    const { response, parts } = this;
    parts.counters.bytesSent += piece.length;
    if (response.write(piece) || this.isOver) return;
    parts.answerDeadlines.set(this.unread);
    await new Promise<void>((resolve) => {
      const go = (): void => {
        response.off("drain", go);
        this.calls.delete(go);
        resolve();
      };
      response.on("drain", go);
      this.calls.add(go);
    });
    parts.answerDeadlines.clear(this.unread);
  }

  /** Ends a stream that is whole. */
  endStream(): void {
    if (this.isOver) return;
    this.parts.answerDeadlines.set(this.unread);
    this.response.end();
  }
}

/**
 * A body with a further chunk behind its first bytes. Chunks are not kept one by one: each takes a hundred times more than a
 * byte or two of it.
 */
function appended(body: Buffer, length: number, chunk: Buffer): Buffer {
  if (length === 0) return chunk;
  const needed = length + chunk.length;
  let target = body;
  if (needed > body.length) {
    target = Buffer.allocUnsafe(Math.max(needed, length * 2));
    body.copy(target, 0, 0, length);
  }
  chunk.copy(target, length);
  return target;
}

/** What the operator of the service must know of. */
function isForLog({ code }: Refusal): boolean {
  return STATUSES[code] === 500 || ["IO", "POISONED", "FENCED", "CLOCK", "DETERMINISM"].includes(code);
}

/** A body that something before the service has read already, as it was. @throws {Refused} it is not there any more */
function takenBody(request: IncomingMessage): Buffer | undefined {
  const { body, rawBody } = request as { readonly body?: unknown; readonly rawBody?: unknown };
  for (const one of [rawBody, body]) if (Buffer.isBuffer(one)) return one;
  if (!request.readableEnded) return undefined;
  const message =
    "the body was read before the service was asked: mount it before what parses bodies, or keep the bytes in request.rawBody";
  throw new Refused({ code: "FAILED", message });
}
