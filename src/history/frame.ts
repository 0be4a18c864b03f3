/**
 * Frames for hosts: from bytes to plain objects.
 *
 * Responsible for: reading a frame body strictly (docs/reference/frame.md), with names from the schema; whatever is
 * shown, exported or compared of a frame comes from here.
 * Not responsible for: the header (frame-header.ts), making and applying frames (the core), digests (chain.ts).
 *
 * Invariants: I1 every byte of a body is read, and read within its bounds; I2 bytes that the core would not have
 * written are `HistoryError(DAMAGED)` naming seq and offset, never another exception.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import * as abi from "../../assembly/abi.ts";
import { ByteReader } from "../schema/bytes.ts";
import { compileCodecs, type GroupCodec, type SchemaCodecs, type Values } from "../schema/codec.ts";
import { FRAMEWORK_CODE_NAMES, limitsOfLane, MISUSE_NAMES } from "../schema/framework-codes.ts";
import type { KindModel, SchemaModel } from "../schema/model.ts";
import { ValueError } from "../schema/value-error.ts";
import { decodeEpochPayload, type EpochPayload } from "./epoch-payload.ts";
import { damaged, type FrameHeader, OUTCOME_NAMES, type OutcomeName, readHeader } from "./frame-header.ts";

export { type FrameHeader, type OutcomeName, readHeader } from "./frame-header.ts";

// ---- types -----------------------------------------------------------------------------------------------

/** Who sent a command, and the frame of the same source before this one (0: none). */
export interface FrameSource {
  readonly client: bigint;
  readonly stream: number;
  readonly seq: bigint;
  readonly previous: bigint;
}

interface DeltaHead {
  /** Name of the kind. */
  readonly kind: string;
  readonly sysId: bigint;
  /** After the frame; of a delete the one that the record had. */
  readonly revision: number;
}

/** One changed record. Values of an update are those of its changed fields. */
export type FrameDelta =
  | (DeltaHead & { readonly op: "insert"; readonly previous: 0n; readonly after: Values })
  | (DeltaHead & {
      readonly op: "update";
      /** The frame that last changed the record. */
      readonly previous: bigint;
      readonly before: Values;
      readonly after: Values;
    })
  | (DeltaHead & { readonly op: "delete"; readonly previous: bigint; readonly before: Values });

export interface FrameEvent {
  readonly name: string;
  readonly values: Values;
}

interface FrameHead {
  readonly seq: bigint;
  readonly timeNs: bigint;
  readonly epoch: number;
  /** Hex; where it was handed over. */
  readonly digest?: string;
  /** Bytes of the body. */
  readonly bytes: number;
}

/** The execution result of one command. */
export interface CommandFrame extends FrameHead {
  readonly type: "command";
  /** Name and number of the command. */
  readonly command: string;
  readonly number: number;
  readonly payload: Values;
  readonly source: FrameSource | null;
  readonly outcome: OutcomeName;
  /** Name of the reject or fault code; null if committed. */
  readonly code: string | null;
  readonly codeNumber: number;
  /** Named detail of the code; null if committed. */
  readonly detail: Values | null;
  /** SysIds that the frame used. */
  readonly sysIds: number;
  readonly deltas: readonly FrameDelta[];
  readonly events: readonly FrameEvent[];
}

/** Opens an epoch. */
export interface EpochFrame extends FrameHead, EpochPayload {
  readonly type: "epoch";
}

/** Makes the engine forget a source. */
export interface RetireFrame extends FrameHead {
  readonly type: "retire";
  readonly client: bigint;
  readonly stream: number;
}

/** Records the state digest (hex) at an earlier seq. */
export interface CheckpointFrame extends FrameHead {
  readonly type: "checkpoint";
  readonly stateSeq: bigint;
  readonly stateDigest: string;
}

export type DecodedFrame = CommandFrame | EpochFrame | RetireFrame | CheckpointFrame;

/** Reads the frames of one epoch, or of several with one schema. */
export interface FrameDecoder {
  /**
   * @param body exactly one frame body
   * @param digest the 32 bytes behind it
   * @throws HistoryError(DAMAGED) naming seq and offset
   */
  decode(body: Uint8Array, digest?: Uint8Array): DecodedFrame;
}

// ---- the body --------------------------------------------------------------------------------------------

/**
 * Makes a decoder of frames.
 * @param model the schema of the epoch; null reads the engine's own frames only, epoch frames above all
 */
export function frameDecoder(model: SchemaModel | null): FrameDecoder {
  const bodies = model === null ? null : new BodyDecoder(model);
  return {
    decode(body, digest) {
      const header = readHeader(body);
      if (header.length !== body.length)
        damaged("length", abi.FRAME_LENGTH, header.seq, header.length, `${body.length}`);
      const head: FrameHead = {
        seq: header.seq,
        timeNs: header.timeNs,
        epoch: header.epoch,
        bytes: header.length,
        ...(digest === undefined ? {} : { digest: bytesToHex(digest) }),
      };
      if (header.kind >= abi.KIND_EPOCH) return ownFrame(header, head, body);
      if (bodies !== null) return bodies.decode(header, head, body);
      return damaged("kind", abi.FRAME_KIND, header.seq, header.kind, "an epoch frame first");
    },
  };
}

/** Reads one frame. For many, make a `frameDecoder` once. */
export function decodeFrame(body: Uint8Array, model: SchemaModel | null, digest?: Uint8Array): DecodedFrame {
  return frameDecoder(model).decode(body, digest);
}

function ownFrame(header: FrameHeader, head: FrameHead, body: Uint8Array): DecodedFrame {
  const end = abi.FRAME_HEADER + header.payloadBytes;
  const input = new ByteReader(body, abi.FRAME_HEADER, body.length, header.seq);
  if (end !== body.length)
    input.fail("payload length", header.payloadBytes, "all of the body", abi.FRAME_PAYLOAD);
  if (header.kind === abi.KIND_EPOCH) {
    return { type: "epoch", ...head, ...decodeEpochPayload(body, abi.FRAME_HEADER, end, header.seq) };
  }
  if (header.kind === abi.KIND_RETIRE) {
    const client = input.u64("client");
    const stream = input.u32("stream");
    input.finish("payload");
    return { type: "retire", ...head, client, stream };
  }
  const stateSeq = input.u64("seq of the checkpoint");
  const stateDigest = bytesToHex(input.raw(abi.DIGEST_BYTES, "state digest"));
  input.finish("payload");
  return { type: "checkpoint", ...head, stateSeq, stateDigest };
}

/** Reads the frames of commands of one schema. */
class BodyDecoder {
  private readonly model: SchemaModel;
  private readonly codecs: SchemaCodecs;
  private readonly commands: ReadonlyMap<number, number>;
  private readonly events: ReadonlyMap<number, number>;
  private readonly rejects: ReadonlyMap<number, number>;
  private readonly kinds: ReadonlyMap<number, number>;

  constructor(model: SchemaModel) {
    this.model = model;
    this.codecs = compileCodecs(model);
    this.commands = positions(model.commands);
    this.events = positions(model.events);
    this.rejects = positions(model.rejects);
    this.kinds = positions(model.kinds);
  }

  decode(header: FrameHeader, head: FrameHead, body: Uint8Array): CommandFrame {
    const input = new ByteReader(body, abi.FRAME_HEADER, body.length, header.seq);
    const position = this.commands.get(header.kind);
    if (position === undefined)
      return input.fail("kind", header.kind, "a command of the schema", abi.FRAME_KIND);
    const payload = values(input, this.codecs.commands[position]!, header.payloadBytes);
    const code = this.codeName(input, header.code);
    const detail = header.code === 0 ? null : this.detail(input, header.code, position);
    const deltas: FrameDelta[] = [];
    for (let index = 0; index < header.deltas; index++) deltas.push(this.delta(input, header.seq));
    const events: FrameEvent[] = [];
    for (let index = 0; index < header.events; index++) events.push(this.event(input));
    input.finish("body");
    const source = {
      client: header.client,
      stream: header.stream,
      seq: header.sourceSeq,
      previous: header.previous,
    };
    return {
      type: "command",
      ...head,
      command: this.model.commands[position]!.name,
      number: header.kind,
      payload,
      source: header.hasSource ? source : null,
      outcome: OUTCOME_NAMES[header.outcome]!,
      code,
      codeNumber: header.code,
      detail,
      sysIds: header.sysIds,
      deltas,
      events,
    };
  }

  private codeName(input: ByteReader, code: number): string | null {
    if (code === 0) return null;
    const position = this.rejects.get(code);
    const name = position === undefined ? FRAMEWORK_CODE_NAMES.get(code) : this.model.rejects[position]!.name;
    return name ?? input.fail("code", code, "a code of the schema or the engine", abi.FRAME_CODE);
  }

  /** Everything behind the payload: a frame with details has no delta and no events. */
  private detail(input: ByteReader, code: number, command: number): Values {
    const reject = this.rejects.get(code);
    if (reject !== undefined) return values(input, this.codecs.rejects[reject]!, input.end - input.at);
    if (code === abi.CODE_PAYLOAD_CHECK) return { field: this.checkedField(input, command) };
    if (code === abi.CODE_UNIQUE_KEY_TAKEN) {
      const kind = this.kind(input);
      const at = input.at;
      const index = input.u8("unique key");
      const path = kind.unique[index] ?? input.fail("unique key", index, `below ${kind.unique.length}`, at);
      return { uk: `${kind.name}.${path.name}` };
    }
    return this.faultDetail(input, code);
  }

  private checkedField(input: ByteReader, command: number): string {
    const at = input.at;
    const number = input.u16("field");
    const field = this.model.commands[command]!.fields.find((one) => one.number === number);
    return field?.name ?? input.fail("field", number, "a field of the command", at);
  }

  private faultDetail(input: ByteReader, code: number): Values {
    const at = input.at;
    const number = input.u32("detail");
    const known = <T>(value: T | undefined, expected: string): T =>
      value ?? input.fail("detail", number, expected, at);
    switch (code) {
      case abi.CODE_LIMIT:
        return { limit: known(limitsOfLane("sealed").find((one) => one.number === number)?.name, "a limit") };
      case abi.CODE_OVERFLOW:
        input.within("detail", number, 0, abi.NUMBER_MAX, at);
        return { field: number };
      case abi.CODE_INVARIANT: {
        const invariant = this.model.invariants.find((one) => one.number === number);
        return { invariant: known(invariant?.name, "an invariant of the schema") };
      }
      case abi.CODE_RECORD_MISSING: {
        const kind = this.model.kinds.find((one) => one.number === number);
        return { kind: known(kind?.name, "a kind of the schema") };
      }
      case abi.CODE_MISUSE:
        return { reason: known(MISUSE_NAMES.get(number), "a reason") };
      default:
        input.within("detail", number, 0, 0, at);
        return {};
    }
  }

  private kind(input: ByteReader): KindModel {
    const at = input.at;
    const number = input.u16("kind");
    const position = this.kinds.get(number);
    return position === undefined
      ? input.fail("kind", number, "a kind of the schema", at)
      : this.model.kinds[position]!;
  }

  private delta(input: ByteReader, seq: bigint): FrameDelta {
    const start = input.at;
    const op = input.u8("op");
    input.within("op", op, abi.DELTA_INSERT, abi.DELTA_DELETE, start);
    input.within("reserved byte", input.u8("reserved byte"), 0, 0, start + 1);
    const kind = this.kind(input);
    const codec = this.codecs.kinds[this.kinds.get(kind.number)!]!;
    const inserts = op === abi.DELTA_INSERT;
    const least = op === abi.DELTA_UPDATE ? 2 : 1;
    const revision = input.u32("revision");
    input.within("revision", revision, least, inserts ? 1 : 0xffff_ffff, start + abi.DELTA_REVISION);
    const sysId = input.u64("SysId");
    if (sysId === 0n) input.fail("SysId", sysId, "1 or more", start + abi.DELTA_SYS_ID);
    const previous = input.u64("previous");
    const fits = inserts ? previous === 0n : previous >= 1n && previous < seq;
    if (!fits)
      input.fail("previous", previous, inserts ? "0" : "an earlier frame", start + abi.DELTA_PREVIOUS);
    const head = { kind: kind.name, sysId, revision };
    if (inserts) return { op: "insert", ...head, previous: 0n, after: values(input, codec) };
    if (op === abi.DELTA_DELETE) return { op: "delete", ...head, previous, before: values(input, codec) };
    const group = codec.changed(this.changed(input, kind));
    return { op: "update", ...head, previous, before: values(input, group), after: values(input, group) };
  }

  /** Bits of the changed fields: at least one, none beyond the fields, none immutable. */
  private changed(input: ByteReader, kind: KindModel): bigint {
    const at = input.at;
    const bits = input.u64("changed fields");
    let mutable = 0n;
    kind.fields.forEach((field, position) => {
      if (!field.immutable) mutable |= 1n << BigInt(position);
    });
    if (bits === 0n || (bits & ~mutable) !== 0n) {
      input.fail("changed fields", `0x${bits.toString(16)}`, `some bits of 0x${mutable.toString(16)}`, at);
    }
    return bits;
  }

  private event(input: ByteReader): FrameEvent {
    const at = input.at;
    const number = input.u16("event");
    const count = input.u16("bytes of the event");
    const position = this.events.get(number);
    if (position === undefined) return input.fail("event", number, "an event of the schema", at);
    return {
      name: this.model.events[position]!.name,
      values: values(input, this.codecs.events[position]!, count),
    };
  }
}

function positions(models: readonly { readonly number: number }[]): ReadonlyMap<number, number> {
  return new Map(models.map((model, position) => [model.number, position]));
}

/** Reads a group of values; with `count`, of exactly so many bytes. */
function values(input: ByteReader, codec: GroupCodec, count?: number): Values {
  const at = input.at;
  if (count !== undefined && count > input.end - at) {
    input.fail("values", `${input.end - at} bytes left`, `${count} bytes`, at);
  }
  try {
    if (count === undefined) {
      const { values, next } = codec.decode(input.source, at, input.end);
      input.at = next;
      return values;
    }
    const values = codec.decodeExact(input.source, at, at + count);
    input.at = at + count;
    return values;
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    const field = error.field === "" ? "values" : `field ${error.field}`;
    return input.fail(field, String(error.found), "its canonical form", at);
  }
}
