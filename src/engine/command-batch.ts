/**
 * A batch of commands, encoded as the core reads them: one buffer, one crossing.
 *
 * Responsible for: envelopes one behind the other, and which of them is where. Not responsible for: running them.
 * I1: what is in a batch is a canonical payload; the caller's objects are not looked at again.
 */
import * as abi from "../../assembly/abi.ts";
import { UsageError } from "../errors.ts";
import type { UnknownFields } from "../proto/message-decoder.ts";
import type { SchemaParts } from "../schema/index.ts";
import type { TAKES } from "../schema/phantom.ts";
import type { Binding, BoundCommand, BoundMessage } from "./binding.ts";
import { envelopeBytes, envelopeSource, writeEnvelopeHeader } from "./envelope.ts";
import { decodePayload, encodePayload } from "./payload.ts";
import { ownSource } from "./source.ts";
import type { Source } from "./view.ts";

/** Options of a command that comes as protobuf. */
export interface BytesOptions {
  readonly source?: Source | undefined;
  /** What becomes of fields that the schema does not have; "refuse" when left out. */
  readonly unknownFields?: UnknownFields | undefined;
}

/** Commands to be executed in order, each with a frame of its own: not a transaction. Filled once, submitted once. */
export interface CommandBatch<P extends SchemaParts = SchemaParts> {
  /** How many commands. */
  readonly length: number;
  /**
   * Encodes a command behind those that are there.
   *
   * @throws {AdmissionError} MALFORMED: the payload is none of the command; the batch is as before
   * @throws {UsageError} no such command, or no such source
   */
  add<K extends keyof P["commands"] & string>(
    name: K,
    payload: P["commands"][K][typeof TAKES],
    options?: { readonly source?: Source | undefined },
  ): void;
  /**
   * As `add`, from protobuf: decodes the command's message of the domain's `.proto` straight into the batch. The bytes are
   * not looked at after the call.
   *
   * @throws {AdmissionError} MALFORMED: the bytes are no such message; the batch is as before
   * @throws {UsageError} no such command, or no such source
   */
  addBytes(name: keyof P["commands"] & string, bytes: Uint8Array, options?: BytesOptions): void;
  /** Empties it, to be filled again; not while it is being submitted. */
  clear(): void;
}

const FIRST_BYTES = 1 << 16;

export class EncodedCommands implements CommandBatch {
  private readonly binding: Binding;
  private readonly offsets: number[] = [];
  private end = 0;
  private buffer = new Uint8Array(FIRST_BYTES);
  private view = new DataView(this.buffer.buffer);
  /** Set while the engine reads it. */
  private submitted = false;
  /** Set while a payload is written behind the last envelope: its getters are the caller's code. */
  private encoding = false;

  constructor(binding: Binding) {
    this.binding = binding;
  }

  get length(): number {
    return this.offsets.length;
  }
  /** The envelopes; good until the next `add`. */
  get bytes(): Uint8Array {
    return this.buffer.subarray(0, this.end);
  }

  add(name: string, payload: unknown, options?: { readonly source?: Source | undefined }): void {
    this.append(name, payload, ownSource(options?.source), 0n);
  }

  /** As `add`, with a reference time, and a source that is the engine's own. */
  append(name: string, payload: unknown, source: Source | undefined, timeNs: bigint): void {
    const command = this.roomFor(name);
    const from = this.end + abi.COMMAND_PAYLOAD;
    let payloadEnd: number;
    this.encoding = true;
    try {
      payloadEnd = encodePayload(command, payload, this.buffer, from);
    } finally {
      this.encoding = false;
    }
    this.close(command, payloadEnd - from, source, timeNs);
  }

  addBytes(name: string, bytes: Uint8Array, options?: BytesOptions): void {
    this.appendBytes(name, bytes, options?.unknownFields, ownSource(options?.source), 0n);
  }

  /** As `append`, from the command's protobuf message. */
  appendBytes(
    name: string,
    bytes: Uint8Array,
    unknownFields: UnknownFields | undefined,
    source: Source | undefined,
    timeNs: bigint,
  ): void {
    const command = this.roomFor(name);
    const from = this.end + abi.COMMAND_PAYLOAD;
    const payloadEnd = decodePayload(command, bytes, unknownFields, this.buffer, this.view, from);
    this.close(command, payloadEnd - from, source, timeNs);
  }

  /** A command by its name, with room for its largest envelope behind the last. */
  private roomFor(name: string): BoundCommand {
    this.checkFree();
    const command = this.binding.commands.get(name);
    if (command === undefined) throw unknownCommand(this.binding, name);
    this.reserve(envelopeBytes(command.codec.sizeMax));
    return command;
  }

  /** Makes an envelope of the payload that was written behind the last one. */
  private close(
    command: BoundCommand,
    payloadBytes: number,
    source: Source | undefined,
    timeNs: bigint,
  ): void {
    const at = this.end;
    writeEnvelopeHeader(this.view, at, command.number, payloadBytes, timeNs, source);
    this.offsets.push(at);
    this.end = at + envelopeBytes(payloadBytes);
  }

  clear(): void {
    this.checkFree();
    this.buffer.fill(0, 0, this.end);
    this.offsets.length = 0;
    this.end = 0;
  }

  /** Whether its commands are those of a schema as this engine has bound it. */
  isOf(binding: Binding): boolean {
    return this.binding === binding;
  }

  /** From here to `release` it can not be changed. */
  take(): void {
    this.checkFree();
    this.submitted = true;
  }
  release(): void {
    this.submitted = false;
  }

  /** Where the envelope of a command starts; the end of all behind the last. */
  offsetOf(index: number): number {
    return this.offsets[index] ?? this.end;
  }

  commandAt(index: number): BoundMessage {
    return this.binding.commandsByNumber.get(
      this.view.getUint32(this.offsetOf(index) + abi.COMMAND_KIND, true),
    )!;
  }

  /** The payload of a command, copied. */
  payloadAt(index: number): Uint8Array {
    const at = this.offsetOf(index);
    const from = at + abi.COMMAND_PAYLOAD;
    return this.buffer.slice(from, from + this.view.getUint32(at + abi.COMMAND_PAYLOAD_BYTES, true));
  }

  sourceAt(index: number): Source | undefined {
    return envelopeSource(this.view, this.offsetOf(index));
  }

  /** Writes the reference time of the commands from one index up to another. */
  setTime(from: number, to: number, timeNs: bigint): void {
    for (let index = from; index < to; index++) {
      this.view.setBigUint64(this.offsets[index]! + abi.COMMAND_TIME, timeNs, true);
    }
  }

  private checkFree(): void {
    if (this.submitted) throw new UsageError("batch", "it is being submitted; fill another one");
    if (this.encoding)
      throw new UsageError("payload", "a getter of it uses the batch; read it first, then add");
  }

  private reserve(bytes: number): void {
    if (this.end + bytes <= this.buffer.length) return;
    const bigger = new Uint8Array(Math.max(this.end + bytes, this.buffer.length * 2));
    bigger.set(this.buffer.subarray(0, this.end));
    this.buffer = bigger;
    this.view = new DataView(bigger.buffer);
  }
}

/** The error for a name that is no command. */
export function unknownCommand(binding: Binding, name: string): UsageError {
  const known = [...binding.commands.keys()].join(", ");
  return new UsageError("name", `found ${JSON.stringify(name)}, expected a command of the schema: ${known}`);
}
