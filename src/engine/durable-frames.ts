/**
 * Durable frames as their waiters see them: where each is in its batch, its events and its digest.
 *
 * Responsible for: walking a batch once, and keeping a part of it. Not responsible for: what a frame says (receipt.ts).
 */
import { DIGEST_BYTES, FRAME_OUTCOME } from "../../assembly/abi.ts";

/** Where a durable frame is. */
export interface FramePlace {
  /** Bytes and a view of the batch it is in. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Offset of the body, of its events, and of its end. */
  readonly at: number;
  readonly eventsAt: number;
  readonly end: number;
}

/** A durable frame. */
export interface DurableFrame extends FramePlace {
  readonly seq: bigint;
  readonly digest: string;
}

/** The frames of a batch, handed to its waiters one part after the other. */
export class DurableFrames {
  private readonly firstSeq: bigint;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly eventsAt: Uint32Array;
  private readonly digests: Digests;
  /** The part that is handed out: its first frame, the one behind its last, and the offset of the next one to be read. */
  private first = 0;
  private last = 0;
  private at = 0;
  private position = 0;

  /** @param eventsAt frame by frame, where in the body its events start */
  constructor(firstSeq: bigint, bytes: Uint8Array, eventsAt: Uint32Array) {
    this.firstSeq = firstSeq;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.eventsAt = eventsAt;
    this.digests = new Digests(bytes, this.view, eventsAt.length);
  }

  /** Hands out the next `count` frames. */
  select(count: number): void {
    while (this.position < this.last) this.skip();
    this.first = this.last;
    this.last += count;
  }

  /** The next frame of the part. */
  next(): DurableFrame {
    const { bytes, view, at } = this;
    const digest = this.digests.at(this.position);
    const eventsAt = at + this.eventsAt[this.position]!;
    const seq = this.firstSeq + BigInt(this.position);
    return { seq, bytes, view, at, eventsAt, end: this.skip(), digest };
  }

  /** Goes behind the next frame; the end of its body. */
  private skip(): number {
    const end = this.at + this.view.getUint32(this.at, true);
    this.at = end + DIGEST_BYTES;
    this.position++;
    return end;
  }

  /** The whole part, for a waiter that keeps frames. */
  rest(): FrameRun {
    const { first, last } = this;
    const from = this.at;
    const isAll = first === 0 && last === this.eventsAt.length;
    if (isAll) this.at = this.bytes.length;
    else for (let position = first; position < last; position++) this.skip();
    this.position = last;
    const firstSeq = this.firstSeq + BigInt(first);
    return new FrameRun(firstSeq, this.bytes.subarray(from, this.at), this.eventsAt.subarray(first, last));
  }
}

/** Consecutive frames whose bytes stay as they are. */
export class FrameRun {
  readonly firstSeq: bigint;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly eventsAt: Uint32Array;
  /** Where each body starts; found when a frame is asked for. */
  private found: Uint32Array | undefined;
  private digests: Digests | undefined;

  constructor(firstSeq: bigint, bytes: Uint8Array, eventsAt: Uint32Array) {
    this.firstSeq = firstSeq;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.eventsAt = eventsAt;
  }

  private get offsets(): Uint32Array {
    this.found ??= this.findOffsets();
    return this.found;
  }

  private findOffsets(): Uint32Array {
    const offsets = new Uint32Array(this.count);
    let at = 0;
    for (let index = 0; index < offsets.length; index++) {
      offsets[index] = at;
      at += this.view.getUint32(at, true) + DIGEST_BYTES;
    }
    return offsets;
  }

  get count(): number {
    return this.eventsAt.length;
  }

  /** OUTCOME_... of the frame at a position. */
  outcomeOf(index: number): number {
    return this.bytes[this.offsets[index]! + FRAME_OUTCOME]!;
  }

  /** Where the frame at a position is. */
  place(index: number): FramePlace {
    const { bytes, view } = this;
    const at = this.offsets[index]!;
    return { bytes, view, at, eventsAt: at + this.eventsAt[index]!, end: at + view.getUint32(at, true) };
  }

  frame(index: number): DurableFrame {
    const { bytes, view } = this;
    this.digests ??= new Digests(bytes, view, this.count);
    const { at, eventsAt, end } = this.place(index);
    const seq = this.firstSeq + BigInt(index);
    // Field by field: a spread costs as much as the rest of the receipt.
    return { seq, bytes, view, at, eventsAt, end, digest: this.digests.at(index) };
  }

  /** The same frames from one position up to another. */
  slice(from: number, to: number): FrameRun {
    if (from === 0 && to === this.count) return this;
    const { offsets } = this;
    const bytes = this.bytes.subarray(offsets[from], offsets[to] ?? this.bytes.length);
    return new FrameRun(this.firstSeq + BigInt(from), bytes, this.eventsAt.subarray(from, to));
  }
}

/** Two bytes as four hex digits, the first one in the lowest byte: each lane is a digit, and letters stand 39 behind. */
function hexOf(first: number, second: number): number {
  const digits = (first >> 4) | ((first & 15) << 8) | ((second >> 4) << 16) | ((second & 15) << 24);
  const letters = ((digits + 0x06060606) >>> 4) & 0x01010101;
  return digits + 0x30303030 + letters * 39;
}

/** The digests of consecutive frames in hex: one long text, made when the first is asked for, of which each is a slice. */
class Digests {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly count: number;
  private text: string | undefined;

  constructor(bytes: Uint8Array, view: DataView, count: number) {
    this.bytes = bytes;
    this.view = view;
    this.count = count;
  }

  private makeText(): string {
    const { bytes, view } = this;
    const text = new Uint32Array((this.count * DIGEST_BYTES) / 2);
    let at = 0;
    let out = 0;
    for (let index = 0; index < this.count; index++) {
      at += view.getUint32(at, true) + DIGEST_BYTES;
      for (let from = at - DIGEST_BYTES; from < at; from += 2)
        text[out++] = hexOf(bytes[from]!, bytes[from + 1]!);
    }
    return new TextDecoder().decode(text);
  }

  at(index: number): string {
    this.text ??= this.makeText();
    return this.text.slice(index * DIGEST_BYTES * 2, (index + 1) * DIGEST_BYTES * 2);
  }
}
