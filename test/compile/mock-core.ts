/**
 * A stand-in for the core: memory and the operations that a handler module imports, each of which is noted with what
 * stands in memory when it is called.
 *
 * Not responsible for: doing anything. Records are bytes that a test put there; assigning copies them.
 */
import * as abi from "../../assembly/abi.ts";
import type { Binding, BoundKind } from "../../src/engine/binding.ts";
import { ScratchSlot, type Values } from "../../src/engine/slots.ts";
import type { Core } from "../../src/wasm.ts";

/** The part of the WebAssembly API that is used; the types of this package know no such library. */
interface WebAssemblyApi {
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: {
    new (bytes: Uint8Array): object;
    imports(module: object): readonly { readonly name: string; readonly kind: string }[];
    exports(module: object): readonly { readonly name: string; readonly kind: string }[];
  };
  readonly Instance: new (module: object, imports: object) => { readonly exports: Record<string, unknown> };
}

export const webAssembly = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;

const MEMORY_PAGES = 32;
/** Where a test keeps a payload and a record: above everything that the two sides share. */
export const PAYLOAD_AT = 1_300_000;
export const ROW_AT = 1_400_000;

/** One call of an operation. */
export interface Call {
  readonly name: string;
  readonly args: readonly (number | bigint)[];
  /** Scratch slots, the message buffer or the details, as far as the operation reads them. */
  readonly a: Uint8Array;
  readonly b: Uint8Array;
  readonly message: Uint8Array;
}

const SLOT_BYTES = 2_048;

/** The memory of a `Core`, as far as scratch slots use it. */
class SlotMemory {
  readonly bytes = new Uint8Array(2 * SLOT_BYTES);
  readonly view = new DataView(this.bytes.buffer);
  readonly slotA = 0;
  readonly slotB = SLOT_BYTES;
  readonly exports = {
    clearSlot: (second: number) => this.bytes.fill(0, second * SLOT_BYTES, (second + 1) * SLOT_BYTES),
  };

  setU32(address: number, value: number): void {
    this.view.setUint32(address, value, true);
  }
}

/** The scratch slots as the open lane writes them. */
export class OpenSlots {
  private readonly memory = new SlotMemory();
  readonly a = new ScratchSlot(this.memory as unknown as Core, false);
  readonly b = new ScratchSlot(this.memory as unknown as Core, true);

  bytesOf(second: boolean): Uint8Array {
    return this.memory.bytes.slice(second ? SLOT_BYTES : 0, second ? 2 * SLOT_BYTES : SLOT_BYTES);
  }

  /** A record of these values, as it lies in memory. */
  record(kind: BoundKind, values: Values): Uint8Array {
    this.a.start(kind);
    for (const field of kind.fields) {
      const value = values[field.name];
      if (value === null || value === undefined) this.a.clear(field);
      else this.a.put(field, value);
    }
    this.a.finish();
    return this.bytesOf(false);
  }
}

/** A handler module with nothing behind it but this. */
export class MockCore {
  readonly memory = new webAssembly.Memory({ initial: MEMORY_PAGES });
  readonly bytes = new Uint8Array(this.memory.buffer);
  calls: Call[] = [];
  /** What a cursor has left to give. */
  stepsLeft = 0;
  /** What operations answer about the running command. */
  answers: Readonly<Record<string, number | bigint>> = {};
  private readonly run: (kind: number, payload: number) => void;
  private readonly kind: BoundKind;
  private arenaUsed = 0;

  /** @param assigned the kind whose fields `opAssign` copies into the record at ROW_AT */
  constructor(wasm: Uint8Array, binding: Binding, assigned: string) {
    this.kind = binding.kinds.find((kind) => kind.name === assigned)!;
    // What was there before must not matter.
    this.bytes.fill(0xa5, abi.SCRATCH_A_AT, abi.DUMMY_ROW_AT);
    const env: Record<string, unknown> = { memory: this.memory };
    const module = new webAssembly.Module(wasm);
    for (const { name, kind } of webAssembly.Module.imports(module)) {
      if (kind === "function") env[name] = (...args: (number | bigint)[]) => this.operation(name, args);
    }
    this.run = new webAssembly.Instance(module, { env }).exports.run as typeof this.run;
  }

  /** Runs the handler of a command; @returns the operations it called, allocations left out */
  command(number: number, payload: Uint8Array): readonly Call[] {
    this.calls = [];
    this.arenaUsed = 0;
    this.bytes.set(payload, PAYLOAD_AT);
    this.run(number, PAYLOAD_AT);
    return this.calls;
  }

  private operation(name: string, args: readonly (number | bigint)[]): number | bigint | undefined {
    if (name === "opAllocate") return this.allocate(args[0] as number);
    const slice = (at: number, bytes: number) => this.bytes.slice(at, at + bytes);
    const bytes = name === "opEmit" || name === "opReject" ? (args[1] as number) : 0;
    this.calls.push({
      name,
      args: args.map((arg) => (typeof arg === "number" ? arg >>> 0 : arg)),
      a: slice(abi.SCRATCH_A_AT, SLOT_BYTES),
      b: slice(abi.SCRATCH_B_AT, SLOT_BYTES),
      message: slice(name === "opReject" ? abi.DETAILS_AT : abi.MESSAGE_AT, bytes),
    });
    if (name === "opAssign") this.assign(args[1] as number);
    if (name === "opStep") return this.stepsLeft-- > 0 ? ROW_AT : 0;
    if (name === "opGet" || name === "opGetUnique" || name === "opCreate") return ROW_AT;
    return this.answers[name] ?? 0;
  }

  private allocate(bytes: number): number {
    const at = abi.ARENA_START + this.arenaUsed;
    this.arenaUsed += (bytes + 15) & ~15;
    if (abi.ARENA_START + this.arenaUsed > abi.ARENA_END) throw new RangeError(`no room for ${bytes} bytes`);
    this.bytes.fill(0, at, abi.ARENA_START + this.arenaUsed);
    return at;
  }

  private assign(position: number): void {
    const { offset, width } = this.kind.fields[position]!;
    this.bytes.copyWithin(ROW_AT + offset, abi.SCRATCH_A_AT + offset, abi.SCRATCH_A_AT + offset + width);
    const byte = abi.SLOT_PRESENCE + (position >> 3);
    const bit = 1 << (position & 7);
    const there = this.bytes[abi.SCRATCH_A_AT + byte]! & bit;
    this.bytes[ROW_AT + byte] = (this.bytes[ROW_AT + byte]! & ~bit) | there;
  }
}

/** The bytes of one field in a slot. */
export function fieldBytes(slot: Uint8Array, field: { readonly offset: number; readonly width: number }) {
  return slot.slice(field.offset, field.offset + field.width);
}

/** The presence bits of a slot. */
export function presenceOf(slot: Uint8Array): bigint {
  return new DataView(slot.buffer, slot.byteOffset).getBigUint64(abi.SLOT_PRESENCE, true);
}
