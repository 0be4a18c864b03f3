/**
 * Frames and receipts as messages of `statevec.v1`, straight from the bytes of frames.
 *
 * Responsible for: Frame of all four types, Receipt, and what they hold (CommandFrame, Delta, Event, Reason).
 * Not responsible for: the other messages (statevec-v1.ts), frames as objects (src/history/frame.ts), digests.
 *
 * Invariants: I1 bytes that end too early, or name what the schema lacks, are `HistoryError(DAMAGED)`; single values are not
 * judged here: the history has, when it was opened; I2 of a committed command no object is made but the Writer's own.
 */

import { hexToBytes } from "@noble/hashes/utils.js";
import protobuf from "protobufjs/minimal.js";
import * as abi from "../../assembly/abi.ts";
import { HistoryError } from "../errors.ts";
import { type FrameDecoder, type FrameHeader, frameDecoder, readHeader } from "../history/frame.ts";
import { limitsOfLane } from "../schema/framework-codes.ts";
import type { SchemaModel } from "../schema/model.ts";
import { type DomainMessage, DomainMessages } from "./domain-messages.ts";
import { DELIMITED, FIXED64, tagOf, VARINT } from "./field-types.ts";
import { Halves } from "./halves.ts";
import { CHECKPOINT_FRAME, EPOCH_FRAME, REASON, RETIRE_FRAME, type ReasonMessage } from "./statevec-v1.ts";
import { WireFault } from "./wire-error.ts";

type Writer = protobuf.Writer;

/** One frame body within bytes; `view` is of `bytes`. */
export interface FrameBody {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly at: number;
  readonly end: number;
}

/** The content of a Frame, by the kind of the frame. */
const COMMAND = 5;
const EPOCH = 6;
const RETIRE = 7;
const CHECKPOINT = 8;

export class FrameEncoder {
  private readonly messages: DomainMessages;
  private readonly decoder: FrameDecoder;
  private readonly halves = new Halves();

  /** @param model the schema of the epoch */
  constructor(model: SchemaModel) {
    this.messages = new DomainMessages(model);
    this.decoder = frameDecoder(model);
  }

  /**
   * The Frame message of a frame.
   * @param body exactly one frame body
   * @param digest the 32 bytes behind it
   * @throws HistoryError(DAMAGED)
   */
  frame(body: Uint8Array, digest: Uint8Array): Uint8Array {
    const header = headerOf(body);
    const writer = new protobuf.Writer();
    this.long(writer, 1, header.seq);
    putBytes(writer, 2, digest);
    if (header.timeNs !== 0n) writer.uint32(tagOf(3, FIXED64)).fixed64(this.halves.of(header.timeNs));
    putNumber(writer, 4, header.epoch);
    const content = contentOf(header.kind);
    writer.uint32(tagOf(content, DELIMITED)).fork();
    if (content === COMMAND) this.command(writer, header, bodyOf(body));
    else this.ownFrame(writer, body);
    writer.ldelim();
    putNumber(writer, 9, header.length);
    return writer.finish();
  }

  /**
   * The Receipt message of a command's frame.
   * @param eventsAt where in the body its events start; found if left out
   */
  receipt(body: Uint8Array, digest: Uint8Array, duplicate: boolean, eventsAt?: number): Uint8Array {
    const writer = new protobuf.Writer();
    const here = bodyOf(body);
    this.writeReceipt(writer, here, digest, duplicate, eventsAt ?? this.eventsAt(readHeader(body), here));
    return writer.finish();
  }

  /**
   * Writes the fields of the Receipt message, without a tag or length in front.
   * @param body may stand anywhere in its bytes
   * @param eventsAt offset in the bytes; not looked at unless committed
   */
  writeReceipt(
    writer: Writer,
    body: FrameBody,
    digest: Uint8Array,
    duplicate: boolean,
    eventsAt: number,
  ): void {
    const { bytes, view, at, end } = body;
    writer.uint32(tagOf(1, VARINT)).uint64(this.halves.at(view, at + abi.FRAME_SEQ));
    putBytes(writer, 2, digest);
    if (duplicate) writer.uint32(tagOf(3, VARINT)).bool(true);
    const outcome = bytes[at + abi.FRAME_OUTCOME]!;
    putNumber(writer, 4, outcome + 1);
    if (outcome === abi.OUTCOME_COMMITTED) this.events(writer, 6, body, eventsAt);
    else this.reason(writer, 5, bodyOf(bytes.subarray(at, end)));
  }

  // ---- commands ------------------------------------------------------------------------------------------

  private command(writer: Writer, header: FrameHeader, body: FrameBody): void {
    const { bytes, view, end } = body;
    const command = known(this.messages.commands.numbered(header.kind), "command", header.kind, body);
    putNumber(writer, 1, header.kind);
    putText(writer, 2, command.name);
    const payloadEnd = abi.FRAME_HEADER + header.payloadBytes;
    const next = within(body, () => {
      return this.message(writer, 3, command, bytes, view, abi.FRAME_HEADER, payloadEnd);
    });
    if (next !== payloadEnd) damaged(body, next, "the end of the payload");
    if (header.hasSource) {
      writer.uint32(tagOf(4, DELIMITED)).fork();
      this.long(writer, 1, header.client);
      putNumber(writer, 2, header.stream);
      this.long(writer, 3, header.sourceSeq);
      writer.ldelim();
    }
    this.long(writer, 5, header.previous);
    putNumber(writer, 6, header.outcome + 1);
    if (header.outcome !== abi.OUTCOME_COMMITTED) {
      this.reason(writer, 7, body);
      return;
    }
    putNumber(writer, 8, header.sysIds);
    let at = payloadEnd;
    for (let index = 0; index < header.deltas; index++) at = this.delta(writer, body, at, end);
    this.events(writer, 10, body, at);
  }

  /** Rare, so through the frame's objects: they have the names. */
  private reason(writer: Writer, number: number, { bytes, view }: FrameBody): void {
    const frame = this.decoder.decode(bytes);
    if (frame.type !== "command" || frame.code === null) return;
    const { code, codeNumber, detail } = frame;
    const at = abi.FRAME_HEADER + view.getUint32(abi.FRAME_PAYLOAD, true);
    writer.uint32(tagOf(number, DELIMITED)).fork();
    const reject = this.messages.rejects.numbered(codeNumber);
    if (reject === undefined) REASON.write(frameworkReason(codeNumber, code, detail, view, at), writer);
    else {
      putNumber(writer, 1, codeNumber);
      putText(writer, 2, code);
      this.message(writer, 3, reject, bytes, view, at, bytes.length);
    }
    writer.ldelim();
  }

  private events(writer: Writer, number: number, body: FrameBody, from: number): void {
    const { bytes, view, end } = body;
    let at = from;
    while (at < end) {
      if (at + abi.EVENT_HEADER > end) damaged(body, at, "the header of an event");
      const kind = view.getUint16(at, true);
      const event = known(this.messages.events.numbered(kind), "event", kind, body);
      const start = at + abi.EVENT_HEADER;
      at = start + view.getUint16(at + 2, true);
      if (at > end) damaged(body, start, "the values of an event");
      writer.uint32(tagOf(number, DELIMITED)).fork();
      putNumber(writer, 1, kind);
      putText(writer, 2, event.name);
      const next = within(body, () => this.message(writer, 3, event, bytes, view, start, at));
      if (next !== at) damaged(body, next, "the end of the event");
      writer.ldelim();
    }
  }

  private eventsAt({ payloadBytes, deltas }: FrameHeader, body: FrameBody): number {
    let at = abi.FRAME_HEADER + payloadBytes;
    for (let index = 0; index < deltas; index++) at = this.delta(undefined, body, at, body.end);
    return at;
  }

  /** Writes a delta entry, or only goes behind it; the offset behind it. */
  private delta(writer: Writer | undefined, body: FrameBody, at: number, end: number): number {
    const { bytes, view } = body;
    if (at + abi.DELTA_HEADER > end) damaged(body, at, "a delta entry");
    const op = bytes[at + abi.DELTA_OP]!;
    if (op < abi.DELTA_INSERT || op > abi.DELTA_DELETE) damaged(body, at, "an op from 1 to 3");
    const number = view.getUint16(at + abi.DELTA_KIND, true);
    const kind = known(this.messages.kinds.numbered(number), "kind", number, body);
    const isUpdate = op === abi.DELTA_UPDATE;
    if (isUpdate && at + abi.DELTA_UPDATE_HEADER > end) damaged(body, at, "an update");
    const bits = isUpdate ? view.getBigUint64(at + abi.DELTA_CHANGED, true) : 0n;
    const group = isUpdate ? kind.changed(bits) : kind;
    let next = at + (isUpdate ? abi.DELTA_UPDATE_HEADER : abi.DELTA_HEADER);
    return within(body, () => {
      if (writer === undefined) {
        next = group.encoder.skip(view, next, end);
        return isUpdate ? group.encoder.skip(view, next, end) : next;
      }
      writer.uint32(tagOf(9, DELIMITED)).fork();
      putNumber(writer, 1, op);
      putNumber(writer, 2, number);
      putText(writer, 3, kind.name);
      this.longAt(writer, 4, view, at + abi.DELTA_SYS_ID);
      putNumber(writer, 5, view.getUint32(at + abi.DELTA_REVISION, true));
      this.longAt(writer, 6, view, at + abi.DELTA_PREVIOUS);
      if (isUpdate) {
        writer.uint32(tagOf(7, DELIMITED)).uint32s(group.fields.map((field) => field.number));
      }
      if (op !== abi.DELTA_INSERT) next = this.message(writer, 8, group, bytes, view, next, end);
      if (op !== abi.DELTA_DELETE) next = this.message(writer, 9, group, bytes, view, next, end);
      writer.ldelim();
      return next;
    });
  }

  /** A message of the domain as a field: left out where it has no bytes, as all of `statevec.v1`. */
  private message(
    writer: Writer,
    number: number,
    { encoder }: DomainMessage,
    bytes: Uint8Array,
    view: DataView,
    at: number,
    end: number,
  ): number {
    const start = writer.pos;
    writer.uint32(tagOf(number, DELIMITED)).fork();
    const first = writer.pos;
    const next = encoder.encode(bytes, view, at, end, writer);
    const isEmpty = writer.pos === first;
    writer.ldelim();
    if (isEmpty) writer.pos = start;
    return next;
  }

  // ---- the engine's own frames ---------------------------------------------------------------------------

  private ownFrame(writer: Writer, body: Uint8Array): void {
    const frame = this.decoder.decode(body);
    switch (frame.type) {
      case "retire":
        RETIRE_FRAME.write(frame, writer);
        return;
      case "checkpoint":
        CHECKPOINT_FRAME.write({ seq: frame.stateSeq, stateDigest: hexToBytes(frame.stateDigest) }, writer);
        return;
      case "epoch": {
        const { program, semantics, parent, limits, descriptor, fingerprint } = frame;
        const isOpen = program.lane === "open";
        EPOCH_FRAME.write(
          {
            lane: isOpen ? 1 : 2,
            semantics,
            revision: isOpen ? program.revision : 0n,
            module: isOpen ? NOTHING : hexToBytes(program.module),
            parent:
              parent === null
                ? undefined
                : {
                    historyId: hexToBytes(parent.historyId),
                    seq: parent.seq,
                    digest: hexToBytes(parent.digest),
                  },
            limits: limitsOfLane(program.lane).map(({ number, name }) => {
              return { number, name, value: BigInt(limits[name]!) };
            }),
            schema: descriptor,
            fingerprint: hexToBytes(fingerprint),
          },
          writer,
        );
      }
    }
  }

  private long(writer: Writer, number: number, value: bigint): void {
    if (value !== 0n) writer.uint32(tagOf(number, VARINT)).uint64(this.halves.of(value));
  }
  private longAt(writer: Writer, number: number, view: DataView, at: number): void {
    const value = this.halves.at(view, at);
    if (value.low !== 0 || value.high !== 0) writer.uint32(tagOf(number, VARINT)).uint64(value);
  }
}

const NOTHING = Object.freeze(new Uint8Array([0]).subarray(1)) as Uint8Array;

/** The header of a body that is all there. */
function headerOf(body: Uint8Array): FrameHeader {
  const header = readHeader(body);
  if (header.length !== body.length) damaged(bodyOf(body), abi.FRAME_LENGTH, `a length of ${body.length}`);
  return header;
}

function bodyOf(bytes: Uint8Array): FrameBody {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { bytes, view, at: 0, end: bytes.length };
}

function contentOf(kind: number): number {
  if (kind === abi.KIND_EPOCH) return EPOCH;
  if (kind === abi.KIND_RETIRE) return RETIRE;
  return kind === abi.KIND_CHECKPOINT ? CHECKPOINT : COMMAND;
}

/** The number behind a framework code, and the name it stands for. */
function frameworkReason(
  code: number,
  name: string,
  detail: Readonly<Record<string, unknown>> | null,
  view: DataView,
  at: number,
): ReasonMessage {
  const [subject] = Object.values(detail ?? {});
  const isShort = code === abi.CODE_PAYLOAD_CHECK || code === abi.CODE_UNIQUE_KEY_TAKEN;
  return {
    code,
    name,
    detail: NOTHING,
    number: isShort ? view.getUint16(at, true) : view.getUint32(at, true),
    subject: typeof subject === "string" ? subject : "",
  };
}

// ---- fields ----------------------------------------------------------------------------------------------

function putNumber(writer: Writer, number: number, value: number): void {
  if (value !== 0) writer.uint32(tagOf(number, VARINT)).uint32(value);
}

function putText(writer: Writer, number: number, text: string): void {
  writer.uint32(tagOf(number, DELIMITED)).string(text);
}

function putBytes(writer: Writer, number: number, bytes: Uint8Array): void {
  writer.uint32(tagOf(number, DELIMITED)).bytes(bytes);
}

// ---- damage ----------------------------------------------------------------------------------------------

/** I1 */
function damaged({ view, at }: FrameBody, offset: number, expected: string): never {
  throw new HistoryError(
    "DAMAGED",
    "the body of the frame is not canonical; restore the history from a good copy",
    { seq: view.getBigUint64(at + abi.FRAME_SEQ, true), offset, expected },
  );
}

function known<T>(value: T | undefined, what: string, number: number, body: FrameBody): T {
  return value ?? damaged(body, body.at, `a known ${what}, not ${number}`);
}

/** Runs an encoder over a part of a body. */
function within<T>(body: FrameBody, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof WireFault) return damaged(body, body.at, error.expected);
    throw error;
  }
}
