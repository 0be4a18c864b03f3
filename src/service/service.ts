/**
 * The service: an engine behind HTTP.
 *
 * Responsible for: who may ask, what is asked, which answer and status it gets; draining.
 * Not responsible for: bodies on their way (exchange.ts), their types (json-format.ts, protobuf-format.ts), the server and
 * its connections: they are the host's (listen.ts makes one).
 *
 * Invariants: I1 a receipt that is answered is durable; I2 an outcome is a value, never a status; I3 what one request does
 * wrong is nothing to the others; I4 after `close` no request is under way and no batch on its way.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Engine } from "../engine/engine.ts";
import { OpenEngine } from "../engine/open-engine.ts";
import { AdmissionError, OperationalError, UsageError } from "../errors.ts";
import type { SchemaParts } from "../schema/index.ts";
import { jsonText } from "../schema/values-json.ts";
import { Connections } from "./connections.ts";
import { Deadlines } from "./deadlines.ts";
import { Exchange, type ExchangeParts } from "./exchange.ts";
import type { Format } from "./format.ts";
import { JsonFormat } from "./json-format.ts";
import { answerType, type MediaType } from "./media-type.ts";
import { Counters, type ServiceMetrics } from "./metrics.ts";
import { type ServiceOptions, type Settings, settingsOf } from "./options.ts";
import { ProtobufFormat } from "./protobuf-format.ts";
import { ReadRoutes } from "./read-routes.ts";
import { Refused } from "./refusal.ts";
import { isHealth, isOurs, type Route, routeOf } from "./router.ts";
import { Submitter } from "./submitter.ts";
import { WriteRoutes } from "./write-routes.ts";

/** An engine behind HTTP, to be mounted on a server. */
export interface Service {
  /**
   * Answers a request: `createServer(service.handle)`, or `app.use(service.handle)` where something else is answered too.
   *
   * @param next called for paths that are not below `/v1/`; without it they are refused with NOT_FOUND
   * @returns resolves when the answer is on its way to the client, or the client has gone; never rejects
   */
  readonly handle: (
    request: IncomingMessage,
    response: ServerResponse,
    next?: (error?: unknown) => void,
  ) => Promise<void>;
  /** What was counted since it was made. */
  metrics(): ServiceMetrics;
  /**
   * Drains: new requests are refused with DRAINING, those under way end, frame streams end behind a whole frame. Resolves when
   * none is left. The engine stays open: it is the caller's. Does nothing the second time.
   */
  close(): Promise<void>;
}

/**
 * Puts an engine behind HTTP.
 *
 * @param engine what `open` resolved with; one engine may have several services
 * @throws {UsageError} naming the option
 * @example
 * const service = createService(engine, { authorize: bearerToken(token) });
 * createServer(service.handle).listen(7411, "127.0.0.1");
 */
export function createService<P extends SchemaParts>(
  engine: Engine<P>,
  options: ServiceOptions = {},
): Service {
  const open: unknown = engine;
  if (!(open instanceof OpenEngine))
    throw new UsageError("engine", "expected an engine, as open resolves with");
  return new EngineService(open, settingsOf(options));
}

class EngineService implements Service {
  private readonly engine: OpenEngine;
  private readonly settings: Settings;
  private readonly formats: Readonly<Record<MediaType, Format>>;
  private readonly submitter: Submitter;
  private readonly writing: WriteRoutes;
  private readonly reading: ReadRoutes;
  private readonly counters = new Counters();
  private readonly parts: ExchangeParts;
  /** Aborted when it drains: streams end. */
  private readonly draining = new AbortController();
  private closing: Promise<void> | undefined;
  /** Requests that came before it began to drain: those that come later are refused, and not waited for. */
  private underWay = 0;
  private whenEmpty: () => void = () => {};

  constructor(engine: OpenEngine, settings: Settings) {
    this.engine = engine;
    this.settings = settings;
    const { limits } = settings;
    const { binding } = engine;
    const json = new JsonFormat(binding);
    this.formats = { json, protobuf: new ProtobufFormat(binding.model, settings.unknownFields) };
    this.submitter = new Submitter(engine);
    const { formats, submitter, counters } = this;
    this.writing = new WriteRoutes({ engine, limits, formats, submitter, counters });
    this.reading = new ReadRoutes({ engine, limits, counters, signal: this.draining.signal });
    this.parts = {
      limits,
      counters,
      connections: new Connections(),
      bodyDeadlines: new Deadlines(limits.bodySeconds * 1000),
      answerDeadlines: new Deadlines(limits.answerSeconds * 1000),
      isDraining: () => this.closing !== undefined,
      onError: (error) => this.tell(error),
    };
  }

  private tell(error: unknown): void {
    try {
      this.settings.onError(error);
    } catch {
      // The host's log is beside the request: its failure must not become that of the service.
    }
  }

  metrics(): ServiceMetrics {
    return this.counters.snapshot(this.engine.frontier.seq, this.closing !== undefined);
  }

  readonly handle: Service["handle"] = (request, response, next) => {
    const url = request.url ?? "";
    if (next !== undefined && !isOurs(url)) {
      next();
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const format = this.formats[answerType(request.headers)];
      const isWaitedFor = this.closing === undefined;
      if (isWaitedFor) this.underWay++;
      const exchange = new Exchange(request, response, format, this.parts, () => {
        resolve();
        if (isWaitedFor && --this.underWay === 0) this.whenEmpty();
      });
      exchange.attempt(() => this.begin(exchange, request.method ?? "", url));
    });
  };

  private begin(exchange: Exchange, method: string, url: string): void {
    if (isHealth(url)) return this.health(exchange, routeOf(method, url));
    if (this.closing !== undefined)
      throw new Refused({ code: "DRAINING", message: "the service is ending; send it to another, or later" });
    const { authorize } = this.settings;
    const answer = authorize === undefined ? true : authorize(exchange.request);
    if (typeof answer === "boolean") return this.authorized(exchange, method, url, answer);
    exchange.setDeadline();
    Promise.resolve(answer).then(
      (mayGoOn) => exchange.attempt(() => this.authorized(exchange, method, url, mayGoOn)),
      (error) => exchange.refuse(error),
    );
  }

  private authorized(exchange: Exchange, method: string, url: string, mayGoOn: boolean): void {
    exchange.clearDeadline();
    // It took too long to say so: the request was refused meanwhile.
    if (exchange.isAnswered) return;
    if (mayGoOn !== true) {
      const message = "found no authorization that is known, expected one: `Authorization: Bearer TOKEN`";
      throw new Refused({ code: "UNAUTHORIZED", message });
    }
    const route = routeOf(method, url);
    switch (route.name) {
      case "submit":
        return this.writing.submit(exchange, route);
      case "commands":
        return this.writing.command(exchange, route);
      case "metrics":
        route.query.finish("none");
        return exchange.send(200, jsonText(this.metrics()), "application/json");
      case "health":
        return this.health(exchange, route);
      default:
        return this.reading.answer(exchange, route);
    }
  }

  private health(exchange: Exchange, { query }: Route): void {
    query.finish("none");
    const status = this.closing === undefined ? standingOf(this.engine) : "draining";
    const body = jsonText({ status, seq: this.engine.frontier.seq });
    exchange.send(status === "ok" ? 200 : 503, body, "application/json");
  }

  close(): Promise<void> {
    this.closing ??= this.drain();
    return this.closing;
  }

  private async drain(): Promise<void> {
    // First of all new requests must find `closing` set.
    await Promise.resolve();
    this.draining.abort();
    if (this.underWay > 0) {
      await new Promise<void>((resolve) => {
        this.whenEmpty = resolve;
      });
    }
    await this.submitter.settled();
  }
}

/** Whether an engine answers: `ok`, or why not. */
function standingOf(engine: OpenEngine): string {
  try {
    engine.readExecuted(() => undefined);
    return "ok";
  } catch (error) {
    if (error instanceof AdmissionError) return "closed";
    return error instanceof OperationalError ? "poisoned" : "faulted";
  }
}
