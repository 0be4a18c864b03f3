/**
 * Messages of `statevec.v1` as the objects that an engine hands out: receipts, frames, records.
 *
 * Responsible for: what a client makes of an answer, equal to what `submit` and `frames` of the engine itself give.
 * Not responsible for: the tables (statevec-v1.ts), digests and whether the peer tells the truth.
 *
 * Invariant: I1 whatever the bytes are, the only error is `WireError`, or `HistoryError` for a schema in an epoch frame.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import * as abi from "../../assembly/abi.ts";
import type { LimitValues, Parent, Program } from "../history/epoch-payload.ts";
import type { DecodedFrame, FrameDelta, FrameEvent, FrameSource } from "../history/frame.ts";
import { OUTCOME_NAMES, type OutcomeName } from "../history/frame-header.ts";
import type { Values } from "../schema/codec.ts";
import { decodeDescriptor } from "../schema/descriptor-reader.ts";
import { FRAMEWORK_CODE_NAMES, limitsOfLane } from "../schema/framework-codes.ts";
import type { SchemaModel } from "../schema/model.ts";
import { type DomainMessage, DomainMessages, messageToBytes, messageToValues } from "./domain-messages.ts";
import {
  type CommandFrameMessage,
  type DeltaMessage,
  type EpochFrameMessage,
  type EventMessage,
  FRAME,
  type FrameMessage,
  RECEIPT,
  type ReasonMessage,
  type ReceiptMessage,
  type RecordMessage,
} from "./statevec-v1.ts";
import { WireError } from "./wire-error.ts";

/** A receipt, as `Receipt` of the engine without the types of a schema. */
export type ReceiptObject = {
  readonly seq: bigint;
  readonly digest: string;
  readonly duplicate: boolean;
  readonly events: readonly FrameEvent[];
} & (
  | { readonly outcome: "committed" }
  | { readonly outcome: "rejected" | "faulted"; readonly code: string; readonly detail: Values }
);

/** A record as it was at a frontier. */
export interface RecordObject {
  /** Name of the kind. */
  readonly kind: string;
  readonly sysId: bigint;
  readonly revision: number;
  readonly values: Values;
}

interface Reason {
  readonly code: string;
  readonly codeNumber: number;
  readonly detail: Values;
}

const ID_BYTES = 16;

/** Reads messages whose domain parts are of one schema. */
export class StateVecDecoder {
  readonly messages: DomainMessages;

  constructor(model: SchemaModel) {
    this.messages = new DomainMessages(model);
  }

  // ---- receipts ------------------------------------------------------------------------------------------

  /** @throws WireError */
  receipt(bytes: Uint8Array): ReceiptObject {
    return this.receiptOf(RECEIPT.decode(bytes));
  }

  /** Of a message that was read already, as in a SubmitResponse. @throws WireError */
  receiptOf(message: ReceiptMessage): ReceiptObject {
    const { seq, duplicate } = message;
    const head = { seq, digest: hexOf("Receipt.digest", message.digest, abi.DIGEST_BYTES), duplicate };
    const outcome = outcomeOf("Receipt.outcome", message.outcome);
    const events = message.events.map((event) => this.event(event));
    if (outcome === "committed") return { ...head, outcome, events };
    const { code, detail } = this.reason("Receipt.reason", message.reason);
    return { ...head, outcome, code, detail, events };
  }

  private event({ event, values }: EventMessage): FrameEvent {
    const message = this.known("Event.event", this.messages.events.numbered(event), event, "an event");
    return { name: message.name, values: messageToValues(message, values) };
  }

  private reason(at: string, reason: ReasonMessage | undefined): Reason {
    if (reason === undefined) throw new WireError(at, "nothing", "the reason of a reject or fault");
    const { code, detail, number, subject } = reason;
    const reject = this.messages.rejects.numbered(code);
    if (reject !== undefined)
      return { code: reject.name, codeNumber: code, detail: messageToValues(reject, detail) };
    const name = this.known("Reason.code", FRAMEWORK_CODE_NAMES.get(code), code, "a code");
    return { code: name, codeNumber: code, detail: frameworkDetail(code, number, subject) };
  }

  // ---- frames --------------------------------------------------------------------------------------------

  /** @throws WireError, HistoryError(DAMAGED) for the schema of an epoch */
  frame(bytes: Uint8Array): DecodedFrame & { readonly digest: string } {
    const message = FRAME.decode(bytes);
    const { seq, timeNs, epoch, bodyBytes } = message;
    const digest = hexOf("Frame.digest", message.digest, abi.DIGEST_BYTES);
    const head = { seq, timeNs, epoch, bytes: bodyBytes, digest };
    return { ...head, ...this.content(message) } as DecodedFrame & { readonly digest: string };
  }

  private content({ command, epochFrame, retire, checkpoint }: FrameMessage): object {
    const contents = [command, epochFrame, retire, checkpoint].filter((one) => one !== undefined);
    if (contents.length !== 1) throw new WireError("Frame.content", `${contents.length} of them`, "one");
    if (command !== undefined) return this.command(command);
    if (epochFrame !== undefined) return epochOf(epochFrame);
    if (retire !== undefined) return { type: "retire", ...retire };
    const stateDigest = hexOf("CheckpointFrame.state_digest", checkpoint!.stateDigest, abi.DIGEST_BYTES);
    return { type: "checkpoint", stateSeq: checkpoint!.seq, stateDigest };
  }

  private command(message: CommandFrameMessage): object {
    const { command: number, previous, sysIds } = message;
    const command = this.known(
      "CommandFrame.command",
      this.messages.commands.numbered(number),
      number,
      "a command",
    );
    const outcome = outcomeOf("CommandFrame.outcome", message.outcome);
    const reason =
      outcome === "committed"
        ? { code: null, codeNumber: 0, detail: null }
        : this.reason("CommandFrame.reason", message.reason);
    const source: FrameSource | null = message.source === undefined ? null : { ...message.source, previous };
    return {
      type: "command",
      command: command.name,
      number,
      payload: messageToValues(command, message.payload),
      source,
      outcome,
      ...reason,
      sysIds,
      deltas: message.deltas.map((delta) => this.delta(delta)),
      events: message.events.map((event) => this.event(event)),
    };
  }

  private delta(message: DeltaMessage): FrameDelta {
    const { op, kind: number, sysId, revision, previous } = message;
    const kind = this.known("Delta.kind", this.messages.kinds.numbered(number), number, "a kind");
    const head = { kind: kind.name, sysId, revision };
    switch (op) {
      case abi.DELTA_INSERT:
        return { op: "insert", ...head, previous: 0n, after: messageToValues(kind, message.after) };
      case abi.DELTA_DELETE:
        return { op: "delete", ...head, previous, before: messageToValues(kind, message.before) };
      case abi.DELTA_UPDATE: {
        const group = kind.changed(bitsOf(kind, message.changed));
        const before = messageToValues(group, message.before);
        return { op: "update", ...head, previous, before, after: messageToValues(group, message.after) };
      }
      default:
        throw new WireError("Delta.op", String(op), "1, 2 or 3");
    }
  }

  // ---- records -------------------------------------------------------------------------------------------

  /** @throws WireError */
  record({ kind: number, sysId, revision, values }: RecordMessage): RecordObject {
    const kind = this.known("Record.kind", this.messages.kinds.numbered(number), number, "a kind");
    return { kind: kind.name, sysId, revision, values: messageToValues(kind, values) };
  }

  /**
   * The message of a record.
   * @param values its fields, and nothing else
   * @throws ValueError for the first field that is not a value
   */
  recordMessage({ kind: name, sysId, revision, values }: RecordObject): RecordMessage {
    const kind = this.known("Record.name", this.messages.kinds.named(name), name, "a kind");
    return { kind: kind.number, name, sysId, revision, values: messageToBytes(kind, values) };
  }

  private known<T>(at: string, value: T | undefined, found: unknown, what: string): T {
    if (value !== undefined) return value;
    throw new WireError(at, String(found), `${what} of the schema ${this.messages.model.name}`);
  }
}

// ---- parts -----------------------------------------------------------------------------------------------

function hexOf(at: string, bytes: Uint8Array, count: number): string {
  if (bytes.length === count) return bytesToHex(bytes);
  throw new WireError(at, `${bytes.length} bytes`, `${count} bytes`);
}

function outcomeOf(at: string, outcome: number): OutcomeName {
  const name = OUTCOME_NAMES[outcome - 1];
  if (name === undefined) throw new WireError(at, String(outcome), "1, 2 or 3");
  return name;
}

/** Names as `FrameDecoder` gives them to the details of the engine's own codes. */
function frameworkDetail(code: number, number: number, subject: string): Values {
  switch (code) {
    case abi.CODE_PAYLOAD_CHECK:
      return { field: subject };
    case abi.CODE_UNIQUE_KEY_TAKEN:
      return { uk: subject };
    case abi.CODE_LIMIT:
      return { limit: subject };
    case abi.CODE_OVERFLOW:
      return { field: number };
    case abi.CODE_INVARIANT:
      return { invariant: subject };
    case abi.CODE_RECORD_MISSING:
      return { kind: subject };
    case abi.CODE_MISUSE:
      return { reason: subject };
    default:
      return {};
  }
}

/** Bits of the positions of fields, from their numbers. */
function bitsOf({ fields }: DomainMessage, numbers: readonly number[]): bigint {
  let bits = 0n;
  for (const number of numbers) {
    const position = fields.findIndex((field) => field.number === number);
    if (position < 0) throw new WireError("Delta.changed", String(number), "a field of the kind");
    bits |= 1n << BigInt(position);
  }
  return bits;
}

function epochOf(message: EpochFrameMessage): object {
  const { lane, semantics, schema: descriptor } = message;
  const isOpen = lane === 1;
  if (!isOpen && lane !== 2) throw new WireError("EpochFrame.lane", String(lane), "1 or 2");
  const program: Program = isOpen
    ? { lane: "open", revision: message.revision }
    : { lane: "sealed", module: hexOf("EpochFrame.module", message.module, abi.DIGEST_BYTES) };
  return {
    type: "epoch",
    program,
    semantics,
    parent: parentOf(message),
    limits: limitsOf(message, program.lane),
    schema: decodeDescriptor(descriptor, 0, descriptor.length),
    fingerprint: hexOf("EpochFrame.fingerprint", message.fingerprint, abi.DIGEST_BYTES),
    descriptor,
  };
}

function parentOf({ parent }: EpochFrameMessage): Parent | null {
  if (parent === undefined) return null;
  return {
    historyId: hexOf("Parent.history_id", parent.historyId, ID_BYTES),
    seq: parent.seq,
    digest: hexOf("Parent.digest", parent.digest, abi.DIGEST_BYTES),
  };
}

function limitsOf({ limits }: EpochFrameMessage, lane: Program["lane"]): LimitValues {
  const entries = limitsOfLane(lane).map(({ number, name }) => {
    const limit = limits.find((one) => one.number === number);
    if (limit === undefined) throw new WireError("EpochFrame.limits", "nothing", `the limit ${name}`);
    return [name, Number(limit.value)] as const;
  });
  return Object.fromEntries(entries) as LimitValues;
}
