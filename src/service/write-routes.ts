/**
 * Requests that submit commands.
 *
 * Responsible for: one batch of each request, its limits, and an answer that says what was done when a part was refused.
 * Not responsible for: when batches run (submitter.ts), the bytes of bodies.
 *
 * Invariants: I1 a request is answered with 200 as soon as one of its commands has a receipt; I2 submissions behind one that
 * is refused are not looked at.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { BatchAnswer } from "../engine/batches.ts";
import type { EncodedCommands } from "../engine/command-batch.ts";
import type { OpenEngine } from "../engine/open-engine.ts";
import type { ReceiptList } from "../engine/receipts.ts";
import type { Source } from "../engine/view.ts";
import { encodeDescriptor } from "../schema/descriptor.ts";
import type { Exchange } from "./exchange.ts";
import type { Format, SubmitRequest } from "./format.ts";
import { bodyType, type MediaType } from "./media-type.ts";
import type { Counters } from "./metrics.ts";
import type { ServiceLimits } from "./options.ts";
import { malformed, type Refusal, Refused, refusalOf } from "./refusal.ts";
import type { Route } from "./router.ts";
import { sourceOf } from "./sources.ts";
import type { Submitter } from "./submitter.ts";
import { TokenBucket } from "./token-bucket.ts";

interface Parts {
  readonly engine: OpenEngine;
  readonly limits: ServiceLimits;
  readonly formats: Readonly<Record<MediaType, Format>>;
  readonly submitter: Submitter;
  readonly counters: Counters;
}

export class WriteRoutes {
  private readonly parts: Parts;
  private readonly bucket: TokenBucket | undefined;
  private readonly fingerprint: string;

  constructor(parts: Parts) {
    this.parts = parts;
    const { perSecond } = parts.limits;
    this.bucket = perSecond === undefined ? undefined : new TokenBucket(perSecond, performance.now());
    this.fingerprint = bytesToHex(sha256(encodeDescriptor(parts.engine.binding.model)));
  }

  // ---- POST /v1/submit -------------------------------------------------------------------------------------

  submit(exchange: Exchange, { query }: Route): void {
    query.finish("none");
    const format = this.parts.formats[bodyType(exchange.request.headers)];
    this.checkRate();
    const { submissions } = this.parts.limits;
    exchange.collect((body) => this.submitBody(exchange, format.submitRequest(body, submissions)));
  }

  private submitBody(exchange: Exchange, request: SubmitRequest): void {
    this.checkSchema(request.schema);
    const { count } = request;
    const { submitter } = this.parts;
    this.takeTokens(count);
    const batch = submitter.take();
    let refused: unknown;
    try {
      for (let index = 0; index < count; index++) request.add(batch, index);
    } catch (error) {
      refused = error;
    }
    this.run(exchange, batch, ({ receipts, stopped }) => {
      const error = stopped === undefined ? refused : stopped.error;
      if (error === undefined) return exchange.send(200, exchange.format.submitResponse(receipts, undefined));
      const { length: index } = receipts;
      if (index === 0) return exchange.refuse(error, 0);
      const refusal: Refusal = { ...refusalOf(error), index };
      exchange.note(refusal, error);
      exchange.send(200, exchange.format.submitResponse(receipts, refusal));
    });
  }

  private checkSchema(schema: string | undefined): void {
    if (schema === undefined || schema.toLowerCase() === this.fingerprint) return;
    const advice = "build the sender with the schema of this engine";
    const message = `schema: found ${schema}, expected ${this.fingerprint}; ${advice}`;
    throw new Refused({ code: "SCHEMA_MISMATCH", message });
  }

  // ---- POST /v1/commands/NAME ------------------------------------------------------------------------------

  command(exchange: Exchange, { parts: [name], query }: Route): void {
    query.finish("none");
    const { commands } = this.parts.engine.binding;
    if (!commands.has(name!)) {
      const message = `command: found ${JSON.stringify(name)}, expected one of ${[...commands.keys()].join(", ")}`;
      throw new Refused({ code: "NOT_FOUND", message });
    }
    const { headers } = exchange.request;
    const format = this.parts.formats[bodyType(headers)];
    const source = sourceFrom(headers["statevec-source"]);
    this.checkRate();
    exchange.collect((body) => {
      this.takeTokens(1);
      const batch = this.parts.submitter.take();
      format.addCommand(batch, name!, body, source);
      this.run(exchange, batch, ({ receipts, stopped }) => {
        if (receipts.length > 0) exchange.send(200, exchange.format.receipt(receipts, 0));
        else exchange.refuse(stopped!.error);
      });
    });
  }

  // ---- both ------------------------------------------------------------------------------------------------

  /** A body is not read for nothing. */
  private checkRate(): void {
    const wait = this.bucket?.wait(performance.now()) ?? 0;
    if (wait > 0) throw this.tooMany(wait);
  }

  private takeTokens(count: number): void {
    const wait = count === 0 ? 0 : (this.bucket?.take(count, performance.now()) ?? 0);
    if (wait > 0) throw this.tooMany(wait);
  }

  private tooMany(waitSeconds: number): Refused {
    const { perSecond } = this.parts.limits;
    const message = `found more than ${perSecond} commands a second; send it again later`;
    return new Refused({ code: "RATE", message }, waitSeconds);
  }

  /** Runs a batch; even of a client that has gone. @throws {Refused} BUSY: too many are on their way */
  private run(exchange: Exchange, batch: EncodedCommands, done: (answer: BatchAnswer) => void): void {
    const { limits, submitter, counters } = this.parts;
    if (counters.executing >= limits.requests) {
      submitter.giveBack(batch);
      const message = `found ${limits.requests} requests being executed; send it again later`;
      throw new Refused({ code: "BUSY", message });
    }
    counters.executing++;
    submitter.submit(
      batch,
      (answer) => {
        counters.executing--;
        this.countReceipts(answer.receipts);
        exchange.attempt(() => done(answer));
      },
      (error) => {
        counters.executing--;
        exchange.refuse(error);
      },
    );
  }

  private countReceipts(receipts: ReceiptList): void {
    const { counters } = this.parts;
    for (let index = 0; index < receipts.length; index++)
      counters.executed(receipts.outcomeAt(index), receipts.isDuplicateAt(index));
  }
}

const HEADER = /^(\d{1,20})\/(\d{1,10})\/(\d{1,20})$/;

/** The source in the header `StateVec-Source: CLIENT/STREAM/SEQ`. */
function sourceFrom(header: string | string[] | undefined): Source | undefined {
  if (header === undefined) return undefined;
  const [, client, stream, seq] = HEADER.exec(String(header)) ?? [];
  if (seq === undefined)
    return malformed("StateVec-Source", header, "CLIENT/STREAM/SEQ, three whole numbers");
  return sourceOf("StateVec-Source", client!, stream!, seq);
}
