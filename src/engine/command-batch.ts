/**
 * A batch of commands, encoded as the core reads them: one buffer, one crossing.
 *
 * Responsible for: envelopes one behind the other, and which of them is where. Not responsible for: running them.
 * I1: what is in a batch is a canonical payload; the caller's objects are not looked at again.
 */
import * as abi from "../../assembly/abi.ts";
import { UsageError } from "../errors.ts";
import type { SchemaParts } from "../schema/index.ts";
import type { TAKES } from "../schema/phantom.ts";
import type { Binding, BoundMessage } from "./binding.ts";
import { envelopeBytes, envelopeSource, writeEnvelopeHeader } from "./envelope.ts";
import { encodePayload } from "./payload.ts";
import { ownSource } from "./source.ts";
import type { Source } from "./view.ts";

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
    this.checkFree();
    const command = this.binding.commands.get(name);
    if (command === undefined) throw unknownCommand(this.binding, name);
    const at = this.end;
    this.reserve(envelopeBytes(command.codec.sizeMax));
    const from = at + abi.COMMAND_PAYLOAD;
    const payloadEnd = encodePayload(command, payload, this.buffer, from);
    writeEnvelopeHeader(this.view, at, command.number, payloadEnd - from, timeNs, source);
    this.offsets.push(at);
    this.end = at + envelopeBytes(payloadEnd - from);
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
