/**
 * Receipts: the durable answer to one command.
 *
 * Responsible for: their types, and making them from frames. Not responsible for: when they are handed out (pipeline.ts).
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import type protobuf from "protobufjs/minimal.js";
import * as abi from "../../assembly/abi.ts";
import { type FrameDecoder, frameDecoder } from "../history/frame.ts";
import { FrameEncoder } from "../proto/frame-encoder.ts";
import type { Infer, Part, SchemaParts } from "../schema/index.ts";
import type { Binding } from "./binding.ts";
import type { DurableFrame, FramePlace } from "./durable-frames.ts";
import type { RawFrame } from "./frames.ts";

/** A position in a history; the digest is hex. */
export interface Frontier {
  readonly seq: bigint;
  readonly digest: string;
}

export type EventOf<P extends SchemaParts> = {
  readonly [K in keyof Part<P, "events">]: { readonly name: K; readonly values: Infer<Part<P, "events">[K]> };
}[keyof Part<P, "events">];

export type RejectOf<P extends SchemaParts> =
  | {
      readonly [K in keyof Part<P, "rejects">]: {
        readonly code: K;
        readonly detail: Infer<Part<P, "rejects">[K]>;
      };
    }[keyof Part<P, "rejects">]
  | { readonly code: "UNIQUE_KEY_TAKEN"; readonly detail: { readonly uk: string } }
  | { readonly code: "PAYLOAD_CHECK"; readonly detail: { readonly field: string } };

/** Codes of faults; what each means is in docs/reference/codes.md. */
export type FaultCode =
  | "WORK_EXHAUSTED"
  | "FUEL_EXHAUSTED"
  | "LIMIT"
  | "OVERFLOW"
  | "INVARIANT"
  | "RECORD_MISSING"
  | "MISUSE"
  | "HANDLER_FAILED";

/** The durable answer to one command: a value for every outcome, never an exception. */
export type Receipt<P extends SchemaParts> = Frontier & {
  /** The source seq was used before: this is the original answer. */
  readonly duplicate: boolean;
} & (
    | { readonly outcome: "committed"; readonly events: readonly EventOf<P>[] }
    | ({ readonly outcome: "rejected"; readonly events: readonly [] } & RejectOf<P>)
    | {
        readonly outcome: "faulted";
        readonly events: readonly [];
        readonly code: FaultCode;
        /** Which limit, field, invariant, kind or reason; nothing for codes that have none. */
        readonly detail: Readonly<Record<string, unknown>>;
      }
  );

export type AnyReceipt = Receipt<SchemaParts>;

/** What a command came to, before its frame is durable. */
export type Answer =
  | { readonly outcome: "committed"; readonly events: readonly Event[] }
  | {
      readonly outcome: "rejected" | "faulted";
      readonly events: readonly Event[];
      readonly code: string;
      readonly detail: unknown;
    };

interface Event {
  readonly name: string;
  readonly values: unknown;
}

const NO_EVENTS: readonly Event[] = Object.freeze([]);
const COMMITTED_SILENTLY: Answer = Object.freeze({ outcome: "committed", events: NO_EVENTS });

type Writer = protobuf.Writer;

/** Reads answers out of frames. */
export class AnswerReader {
  private readonly binding: Binding;
  private readonly decoder: FrameDecoder;
  private encoder: FrameEncoder | undefined;

  constructor(binding: Binding) {
    this.binding = binding;
    this.decoder = frameDecoder(binding.model);
  }

  /** The receipt of a command whose frame has become durable. */
  receiptOf(frame: DurableFrame): AnyReceipt {
    return receiptOf(this.answerOf(frame), frame.seq, frame.digest, false);
  }

  /** The receipt of a command whose source seq was used before, from the original frame. */
  duplicateOf({ seq, body, digest }: RawFrame): AnyReceipt {
    return receiptOf(this.ofBody(body), seq, bytesToHex(digest), true);
  }

  /** `receiptOf` as the fields of a message of `statevec.v1`. */
  write(place: FramePlace, writer: Writer): void {
    const { bytes, end, eventsAt } = place;
    const digest = bytes.subarray(end, end + abi.DIGEST_BYTES);
    this.protobuf.writeReceipt(writer, place, digest, false, eventsAt);
  }

  /** `duplicateOf` as a message of `statevec.v1`. */
  bytesOfDuplicate({ body, digest }: RawFrame): Uint8Array {
    return this.protobuf.receipt(body, digest, true);
  }

  private get protobuf(): FrameEncoder {
    this.encoder ??= new FrameEncoder(this.binding.model);
    return this.encoder;
  }

  private answerOf({ bytes, view, at, eventsAt, end }: DurableFrame): Answer {
    if (bytes[at + abi.FRAME_OUTCOME] !== abi.OUTCOME_COMMITTED) return this.ofBody(bytes.subarray(at, end));
    return eventsAt === end
      ? COMMITTED_SILENTLY
      : { outcome: "committed", events: this.events(bytes, view, eventsAt, end) };
  }

  private events(bytes: Uint8Array, view: DataView, at: number, end: number): Event[] {
    const events: Event[] = [];
    while (at < end) {
      const event = this.binding.eventsByNumber.get(view.getUint16(at, true))!;
      const from = at + abi.EVENT_HEADER;
      at = from + view.getUint16(at + 2, true);
      events.push({ name: event.name, values: event.codec.decodeExact(bytes, from, at) });
    }
    return events;
  }

  /** Of a frame of a command, from its body. */
  private ofBody(body: Uint8Array): Answer {
    const frame = this.decoder.decode(body);
    if (frame.type !== "command" || frame.outcome === "committed") {
      return { outcome: "committed", events: frame.type === "command" ? frame.events : NO_EVENTS };
    }
    const { outcome, code, detail } = frame;
    return { outcome, code: code!, detail: detail ?? {}, events: NO_EVENTS };
  }
}

/** A receipt: an answer with its place in the history. */
function receiptOf(answer: Answer, seq: bigint, digest: string, duplicate: boolean): AnyReceipt {
  if (answer.outcome === "committed") {
    return { seq, digest, duplicate, outcome: "committed", events: answer.events } as AnyReceipt;
  }
  const { outcome, code, detail, events } = answer;
  return { seq, digest, duplicate, outcome, code, detail, events } as AnyReceipt;
}
