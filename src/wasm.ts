/**
 * The core module, its instances and their linear memory.
 *
 * Responsible for: compiling and instantiating the core, views on its memory, calls that need more than one number.
 * Not responsible for: meaning. What a call does is said in assembly/index.ts; who calls when, in src/engine.
 *
 * Invariants: I1 no other file touches WebAssembly; I2 every call that may grow memory is followed by `refresh`, since a
 * write through a stale view vanishes without a trace; I3 addresses are unsigned.
 */
import { coreBytes } from "#core-bytes";
import * as abi from "../assembly/abi.ts";

/** A compiled module; opaque here, so that the types of this package need no DOM library. */
export interface CoreModule {
  readonly [MODULE]?: never;
}
declare const MODULE: unique symbol;

/** The part of the WebAssembly API that is used. */
interface WebAssemblyApi {
  compile(bytes: Uint8Array): Promise<CoreModule>;
  validate(bytes: Uint8Array): boolean;
  readonly Instance: new (module: CoreModule) => { readonly exports: unknown };
  readonly RuntimeError: new () => Error;
}

function webAssembly(): WebAssemblyApi {
  return (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;
}

/** What the core exports. Addresses come as i32: `>>> 0` makes them unsigned. */
export interface CoreExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  reserveBlock(bytes: number): number;
  lookAhead(at: number, end: number): number;
  admitAt(at: number, end: number): number;
  finishAt(): number;
  finishTrapped(): number;
  watchHandlerData(end: number): void;
  outputFrames(): number;
  outputEvents(): number;
  boot(table: number, words: number, seed: number, pages: number): void;
  resultBlock(): number;
  scratchSlotA(): number;
  scratchSlotB(): number;
  messageBuffer(): number;
  detailsBuffer(): number;
  envelopeFor(payloadBytes: number): number;
  clearSlot(second: number, kind: number): void;
  outputStart(): number;
  outputBytes(): number;
  outputTaken(): void;
  hasRoom(): number;
  growOutput(bytes: number): void;
  executeEpoch(outputBytes: number): number;
  executeRetire(): number;
  admit(): number;
  begin(): number;
  finish(): void;
  abort(): void;
  create(kind: number, badField: number, badReason: number): number;
  update(slot: number, low: number, high: number, badField: number, badReason: number): void;
  remove(slot: number): void;
  emit(number: number, bytes: number, badField: number, badReason: number): void;
  reject(code: number, bytes: number): void;
  fault(code: number, detail: number): void;
  faultAfter(amount: number, code: number, detail: number): void;
  isDeleted(slot: number): number;
  decided(): number;
  lookupSysId(kind: number, sysId: bigint, required: number): number;
  lookupUnique(kind: number, position: number, required: number): number;
  first(kind: number, position: number, prefix: number, from: number, to: number, reverse: number): number;
  list(kind: number, position: number, prefix: number, from: number, to: number, reverse: number): number;
  count(kind: number, position: number, prefix: number, from: number, to: number, limit: number): number;
  step(cursor: number): number;
  closeCursor(cursor: number): void;
  neighbour(slot: number, position: number, reverse: number): number;
  applyRun(from: number, bytes: number): number;
  seqExecuted(): bigint;
  timeExecuted(): bigint;
  epochExecuted(): number;
  epochPayloadAt(): number;
  epochPayloadLength(): number;
  sysIdNext(): bigint;
  sourcePosition(client: bigint, stream: number): number;
  encodeRecord(slot: number): number;
  memoryUsed(): bigint;
  stateBytes(): bigint;
  indexBytes(): bigint;
  sealReserve(bytes: number): number;
  sealFrames(from: number, bytes: number): number;
  verifyFrames(from: number, bytes: number): number;
  writeEnvelopes(at: number, end: number, out: number): number;
  firstOtherFrame(made: number, bytes: number, recorded: number, recordedBytes: number): number;
  firstChunk(): number;
  nextChunk(): number;
  snapshotChunk(): number;
  loadChunk(from: number, bytes: number): number;
  snapshotLoaded(): number;
  checkStructure(): number;
  fingerprint(): bigint;
  encodeKey(kind: number, index: number, position: number): number;
  decodeKey(kind: number, index: number, position: number): void;
}

/** What a sealed domain's module exports besides. */
export interface SealedExports {
  runAdmitted(envelope: number): void;
  runBatch(at: number, end: number): number;
}

/** The bytes of the core, as it is released. */
export function coreModule(): Uint8Array<ArrayBuffer> {
  const text = atob(coreBytes);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/** Compiles the core. An engine does it once, at open. */
export function compileCore(): Promise<CoreModule> {
  return compileModule(coreModule());
}

/** Compiles a module that holds the core. @throws {Error} the bytes are no WebAssembly module */
export async function compileModule(bytes: Uint8Array): Promise<CoreModule> {
  return webAssembly().compile(bytes);
}

export interface CoreOptions {
  /** The schema as a core table (schema/table.ts). */
  readonly table: Uint32Array;
  /** 33 random u64 for the hash tables; drawn when absent. Nothing of it reaches a frame. */
  readonly seed?: BigUint64Array | undefined;
  /** Memory to start with, in pages of 64 KiB. */
  readonly pages?: number | undefined;
}

const SEED_WORDS = 33;

/** Whether a value thrown by a call is a trap of the core, an assert for example. */
export function isTrap(error: unknown): boolean {
  return error instanceof webAssembly().RuntimeError;
}

/** One instance of the core: one engine's state. */
export class Core {
  readonly exports: CoreExports;
  /** Address of scratch slot A, of B, of the message buffer, of the details buffer. */
  readonly slotA: number;
  readonly slotB: number;
  readonly message: number;
  readonly details: number;
  /** Views on all of linear memory. They are others after `refresh`. */
  bytes!: Uint8Array;
  view!: DataView;
  private words!: Uint32Array;
  private longs!: BigUint64Array;
  private signedLongs!: BigInt64Array;
  private readonly result: number;
  private readonly blocks = [
    { at: 0, bytes: 0 },
    { at: 0, bytes: 0 },
  ];

  constructor(module: CoreModule, options: CoreOptions) {
    // A plain object: calls through the module's own namespace object cost a look-up each.
    this.exports = { ...(new (webAssembly().Instance)(module).exports as CoreExports) };
    this.refresh();
    const { exports } = this;
    const { table } = options;
    const seed = options.seed ?? crypto.getRandomValues(new BigUint64Array(SEED_WORDS));
    const tableAt = exports.reserveBlock(table.length * 4) >>> 0;
    const seedAt = exports.reserveBlock(SEED_WORDS * 8) >>> 0;
    this.refresh();
    this.words.set(table, tableAt >>> 2);
    this.longs.set(seed.subarray(0, SEED_WORDS), seedAt >>> 3);
    exports.boot(tableAt, table.length, seedAt, options.pages ?? 0);
    this.refresh();
    this.result = exports.resultBlock() >>> 0;
    this.slotA = exports.scratchSlotA() >>> 0;
    this.slotB = exports.scratchSlotB() >>> 0;
    this.message = exports.messageBuffer() >>> 0;
    this.details = exports.detailsBuffer() >>> 0;
  }

  /** Makes the views again if memory has grown: growth detaches the old ones, which have no length then. */
  refresh(): void {
    if (this.bytes !== undefined && this.bytes.length !== 0) return;
    const { buffer } = this.exports.memory;
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.words = new Uint32Array(buffer);
    this.longs = new BigUint64Array(buffer);
    this.signedLongs = new BigInt64Array(buffer);
  }

  u8At(address: number): number {
    return this.bytes[address]!;
  }
  u32At(address: number): number {
    return this.words[address >>> 2]!;
  }
  u64At(address: number): bigint {
    return this.longs[address >>> 3]!;
  }
  i64At(address: number): bigint {
    return this.signedLongs[address >>> 3]!;
  }
  setU32(address: number, value: number): void {
    this.words[address >>> 2] = value;
  }
  setU64(address: number, value: bigint): void {
    this.longs[address >>> 3] = value;
  }

  /** A number of the result block (RESULT_... of the ABI). */
  resultWord(offset: number): number {
    return this.words[(this.result + offset) >>> 2]!;
  }
  resultLong(offset: number): bigint {
    return this.longs[(this.result + offset) >>> 3]!;
  }

  setResultWord(offset: number, value: number): void {
    this.words[(this.result + offset) >>> 2] = value;
  }

  /** The batch loop of a sealed domain's module. */
  sealedExports(): SealedExports {
    return this.exports as CoreExports & SealedExports;
  }

  /** Whether the running command is rejected or faulted. */
  isDecided(): boolean {
    this.refresh();
    return this.words[(this.result + abi.RESULT_DECIDED) >>> 2] !== 0;
  }

  /**
   * A block of at least `bytes` bytes for bytes that come from outside; each call may reuse it.
   * @param which of two that can be in use at once
   */
  blockFor(bytes: number, which: 0 | 1 = 0): number {
    const block = this.blocks[which]!;
    if (bytes > block.bytes) {
      block.bytes = Math.max(1 << 20, 2 ** Math.ceil(Math.log2(bytes)));
      block.at = this.exports.reserveBlock(block.bytes) >>> 0;
      this.refresh();
    }
    return block.at;
  }

  /** Bytes of the frames that are in the output buffer. */
  get outputBytes(): number {
    return this.exports.outputBytes() >>> 0;
  }

  /** Takes out the frames that are in the output buffer: bodies, each with room for its digest. */
  takeOutput(target: Uint8Array = new Uint8Array(this.outputBytes)): Uint8Array {
    const start = this.exports.outputStart() >>> 0;
    this.refresh();
    target.set(this.bytes.subarray(start, start + target.length));
    this.exports.outputTaken();
    return target;
  }

  /** For each frame in the output buffer: where in its body its events start. To be read before they are taken. */
  outputEvents(): Uint32Array {
    const from = this.exports.outputEvents() >>> 2;
    this.refresh();
    return this.words.slice(from, from + this.exports.outputFrames());
  }

  /** The body that `finish` wrote last, copied. */
  lastBody(): Uint8Array {
    const at = this.resultWord(abi.RESULT_FRAME_AT);
    return this.bytes.slice(at, at + this.resultWord(abi.RESULT_FRAME_BYTES));
  }

  /** The live record at an address in the form that snapshots have (docs/reference/snapshot.md), copied. */
  encodeRecord(slot: number): Uint8Array<ArrayBuffer> {
    const bytes = this.exports.encodeRecord(slot);
    this.refresh();
    return this.bytes.slice(this.message, this.message + bytes);
  }

  /** The command envelope with room for a payload of `bytes`. */
  envelope(bytes: number): number {
    const at = this.exports.envelopeFor(bytes) >>> 0;
    this.refresh();
    return at;
  }

  /** Applies a run of frames; `APPLY_...` of the ABI. */
  apply(frames: Uint8Array): number {
    const at = this.blockFor(frames.length);
    this.bytes.set(frames, at);
    const code = this.exports.applyRun(at, frames.length);
    this.refresh();
    return code;
  }

  /** The canonical snapshot, chunk by chunk. Nothing may execute before it is taken whole. */
  *snapshot(): Generator<Uint8Array, void> {
    let bytes = this.exports.firstChunk();
    while (bytes !== 0) {
      this.refresh();
      const at = this.exports.snapshotChunk() >>> 0;
      yield this.bytes.slice(at, at + bytes);
      bytes = this.exports.nextChunk();
    }
    this.refresh();
  }

  /** Loads a snapshot into this fresh instance; `APPLY_...`, or -1 when the bytes end too early or go on too long. */
  loadSnapshot(snapshot: Uint8Array): number {
    const piece = 4 << 20;
    let taken = 0;
    while (taken < snapshot.length) {
      const chunk = snapshot.subarray(taken, taken + piece);
      const at = this.blockFor(piece);
      this.bytes.set(chunk, at);
      const code = this.exports.loadChunk(at, chunk.length);
      this.refresh();
      if (code !== abi.APPLY_OK) return code;
      const used = Number(this.resultLong(abi.RESULT_A));
      if (used === 0) return -1;
      taken += used;
      if (this.exports.snapshotLoaded() !== 0) break;
    }
    return this.exports.snapshotLoaded() !== 0 && taken === snapshot.length ? abi.APPLY_OK : -1;
  }

  /** The same from the chunks as another instance writes them: each holds whole parts, and none is kept. */
  loadChunks(chunks: Iterable<Uint8Array>): number {
    for (const chunk of chunks) {
      const at = this.blockFor(chunk.length);
      this.bytes.set(chunk, at);
      const code = this.exports.loadChunk(at, chunk.length);
      this.refresh();
      if (code !== abi.APPLY_OK) return code;
      if (this.resultLong(abi.RESULT_A) !== BigInt(chunk.length)) return -1;
    }
    return this.exports.snapshotLoaded() !== 0 ? abi.APPLY_OK : -1;
  }
}

/** The chain's hash function over whole runs of frames. */
export interface FrameSealer {
  /**
   * Fills the digest behind every body.
   *
   * @param bytes frames as in `FrameBatch.bytes`
   * @param previous the 32 bytes of the digest before the first of them
   * @returns how many frames were sealed; 0 when lengths do not add up to `bytes` exactly
   */
  seal(bytes: Uint8Array, previous: Uint8Array): number;
  /**
   * Recomputes the digest behind every body.
   *
   * @returns the position, from 1, of the first frame whose digest is another; 0 when all agree
   */
  verify(bytes: Uint8Array, previous: Uint8Array): number;
  /** What it takes to make the same sealer in another thread; absent, it stays in the one that made it. */
  readonly portable?: PortableSealer;
}

/** A sealer to be made in another thread. */
export interface PortableSealer {
  /** Source text of a function from `data` to a `FrameSealer` (sync); it refers to nothing outside itself. */
  readonly source: string;
  /** Can be cloned to another thread: a compiled module. */
  readonly data: unknown;
}

/**
 * The chain's hash function over an instance of its own. The function refers to nothing outside itself: its text is sent
 * to worker threads.
 */
function sealerOver(module: CoreModule): FrameSealer {
  const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };
  const exports = new WebAssembly.Instance(module).exports as CoreExports;
  let at = 0;
  let room = 0;
  let memory = new Uint8Array(exports.memory.buffer);
  const load = (bytes: Uint8Array, previous: Uint8Array) => {
    if (bytes.length > room) {
      room = Math.max(1 << 20, 2 ** Math.ceil(Math.log2(bytes.length)));
      at = exports.sealReserve(room) >>> 0;
    }
    if (memory.length === 0) memory = new Uint8Array(exports.memory.buffer);
    memory.set(previous, at - 32);
    memory.set(bytes, at);
  };
  return {
    seal(bytes, previous) {
      load(bytes, previous);
      const frames = exports.sealFrames(at, bytes.length);
      if (frames > 0) bytes.set(memory.subarray(at, at + bytes.length));
      return frames;
    },
    verify(bytes, previous) {
      load(bytes, previous);
      return exports.verifyFrames(at, bytes.length);
    },
  };
}

/** Makes the chain's hash function. It needs no schema. */
export function createSealer(module: CoreModule): FrameSealer {
  const portable: PortableSealer = { source: sealerOver.toString(), data: module };
  return { ...sealerOver(module), portable };
}

/** Whether an engine takes these bytes for a WebAssembly module; never throws. */
export function isModule(bytes: Uint8Array): boolean {
  return webAssembly().validate(bytes);
}
