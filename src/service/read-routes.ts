/**
 * Requests that read.
 *
 * Responsible for: what each asks the engine for, once it is durable. Not responsible for: which records a query means
 * (reads.ts), pieces of frame streams (frame-stream.ts).
 */
import type { OpenEngine } from "../engine/open-engine.ts";
import { ReceiptList } from "../engine/receipts.ts";
import { protoText } from "../proto/proto-text.ts";
import type { Exchange } from "./exchange.ts";
import { streamFrames } from "./frame-stream.ts";
import type { Counters } from "./metrics.ts";
import type { ServiceLimits } from "./options.ts";
import { type Reader, Reads } from "./reads.ts";
import { malformed, Refused } from "./refusal.ts";
import type { Query, Route } from "./router.ts";
import { parseLong, sourceOf, streamOf } from "./sources.ts";

interface Parts {
  readonly engine: OpenEngine;
  readonly limits: ServiceLimits;
  readonly counters: Counters;
  /** Aborted when the service drains. */
  readonly signal: AbortSignal;
}

export class ReadRoutes {
  private readonly parts: Parts;
  private readonly engine: OpenEngine;
  private readonly reads: Reads;
  /** Made when it is first asked for. */
  private proto: string | undefined;

  constructor(parts: Parts) {
    this.parts = parts;
    this.engine = parts.engine;
    this.reads = new Reads(parts.engine.binding);
  }

  /** The `.proto` file of the domain. */
  private get schemaText(): string {
    this.proto ??= protoText(this.engine.binding.model);
    return this.proto;
  }

  answer(exchange: Exchange, route: Route): void {
    this.route(exchange, route).catch((error) => exchange.refuse(error));
  }

  private async route(exchange: Exchange, { name, parts, query }: Route): Promise<void> {
    const { format } = exchange;
    switch (name) {
      case "receipts":
        return this.receipt(exchange, parts, query);
      case "sources":
        return this.position(exchange, parts, query);
      case "records":
        return this.read(exchange, this.reads.bySysId(parts, query));
      case "keys":
        return this.read(exchange, this.reads.byKey(parts, query));
      case "indexes":
        return this.read(exchange, this.reads.byIndex(parts, query));
      case "frames":
        return this.frames(exchange, query);
      case "schema":
        query.finish("none");
        return exchange.send(200, this.schemaText, "text/plain; charset=utf-8");
      default:
        query.finish("none");
        return exchange.send(200, format.frontier(this.engine.frontier));
    }
  }

  private async receipt(
    exchange: Exchange,
    [client, stream, seq]: readonly string[],
    query: Query,
  ): Promise<void> {
    const source = sourceOf("path:", client!, stream!, seq!);
    query.finish("none");
    const original = await this.engine.originalOf(source);
    if (original === undefined) {
      const text = `no frame has the source ${client}/${stream}/${seq}; its position is at /v1/sources/${client}/${stream}`;
      throw new Refused({ code: "NOT_FOUND", message: text });
    }
    const receipts = new ReceiptList(this.engine.answers);
    receipts.addDuplicate(original);
    exchange.send(200, exchange.format.receipt(receipts, 0));
  }

  private async position(
    exchange: Exchange,
    [clientText, streamText]: readonly string[],
    query: Query,
  ): Promise<void> {
    const { client, stream } = streamOf("path:", clientText!, streamText!);
    query.finish("none");
    // Read like records: answered once the frame that is named is durable.
    const position = await this.engine.read(() => this.engine.sourcePosition(client, stream));
    exchange.send(200, exchange.format.position(position?.seq ?? 0n, position?.frame ?? 0n));
  }

  private async read(exchange: Exchange, reader: Reader): Promise<void> {
    exchange.send(200, exchange.format.records(await this.engine.read(reader as never)));
  }

  private async frames(exchange: Exchange, query: Query): Promise<void> {
    const from = takeSeq(query, "from");
    const to = takeSeq(query, "to");
    const follow = query.takeFlag("follow");
    query.finish("from, to, follow");
    const { counters, limits, signal } = this.parts;
    if (counters.streamsOpen >= limits.streams) {
      const message = `found ${limits.streams} frame streams that are open; ask again when one has ended`;
      throw new Refused({ code: "BUSY", message });
    }
    counters.streamsOpen++;
    counters.streamsTotal++;
    try {
      await streamFrames(exchange, this.engine, { from, to, follow }, signal, counters);
    } finally {
      counters.streamsOpen--;
    }
  }
}

function takeSeq(query: Query, name: string): bigint | undefined {
  const text = query.take(name);
  return text === undefined ? undefined : (parseLong(text, 1n) ?? malformed(name, text, "a seq, from 1"));
}
