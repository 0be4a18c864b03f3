/**
 * Writing and reading of bytes that are not on the hot path: descriptors, epoch payloads, frame headers.
 *
 * Responsible for: little-endian integers, names, and bounds: a reader never leaves its range.
 * Not responsible for: field values (codec.ts).
 *
 * Invariants: I1 integers are little-endian; I2 every failure of a reader is `HistoryError(DAMAGED)` with the offset.
 */
import { HistoryError } from "../errors.ts";

const WORD = (1n << 64n) - 1n;

/** Appends to bytes that grow as needed. */
export class ByteWriter {
  private bytes = new Uint8Array(256);
  private view = new DataView(this.bytes.buffer);
  private at = 0;

  private room(count: number): number {
    const at = this.at;
    if (at + count > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.bytes.length * 2, at + count));
      grown.set(this.bytes);
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    this.at = at + count;
    return at;
  }

  u8(value: number): void {
    const at = this.room(1);
    this.view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.room(2);
    this.view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.room(4);
    this.view.setUint32(at, value, true);
  }

  u64(value: bigint): void {
    const at = this.room(8);
    this.view.setBigUint64(at, value, true);
  }

  /** Two's complement of either sign. */
  i128(value: bigint): void {
    const unsigned = BigInt.asUintN(128, value);
    this.u64(unsigned & WORD);
    this.u64(unsigned >> 64n);
  }

  /** An ASCII name: length u8, then its characters. */
  name(name: string): void {
    this.u8(name.length);
    for (let index = 0; index < name.length; index++) this.u8(name.charCodeAt(index));
  }

  raw(bytes: Uint8Array): void {
    const at = this.room(bytes.length);
    this.bytes.set(bytes, at);
  }

  /** @returns a copy of what was written */
  done(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.at);
  }
}

/** Reads a range of bytes, strictly. */
export class ByteReader {
  /** Offset of the next byte. */
  at: number;
  readonly end: number;
  /** All bytes, of which this reads a range. */
  readonly source: Uint8Array;
  private readonly view: DataView;
  private readonly seq: bigint | undefined;

  /** @param seq of the frame that the bytes belong to, for the error */
  constructor(bytes: Uint8Array, at = 0, end = bytes.length, seq?: bigint) {
    this.source = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
    this.end = Math.min(end, bytes.length);
    this.seq = seq;
  }

  /** @throws HistoryError(DAMAGED) at the offset of the offending bytes */
  fail(what: string, actual: unknown, expected: string, at = this.at): never {
    throw new HistoryError("DAMAGED", `${what} is not canonical; restore the history from a good copy`, {
      offset: at,
      seq: this.seq,
      actual: String(actual),
      expected,
    });
  }

  private take(count: number, what: string): number {
    const at = this.at;
    if (count > this.end - at) this.fail(what, `${this.end - at} bytes left`, `${count} bytes`);
    this.at = at + count;
    return at;
  }

  u8(what: string): number {
    return this.view.getUint8(this.take(1, what));
  }

  u16(what: string): number {
    return this.view.getUint16(this.take(2, what), true);
  }

  u32(what: string): number {
    return this.view.getUint32(this.take(4, what), true);
  }

  u64(what: string): bigint {
    return this.view.getBigUint64(this.take(8, what), true);
  }

  u128(what: string): bigint {
    const at = this.take(16, what);
    return this.view.getBigUint64(at, true) | (this.view.getBigUint64(at + 8, true) << 64n);
  }

  /** An ASCII name: length u8, then its characters. */
  name(what: string): string {
    const count = this.u8(what);
    const at = this.take(count, what);
    let name = "";
    for (let index = 0; index < count; index++) name += String.fromCharCode(this.source[at + index]!);
    return name;
  }

  /** A view, not a copy. */
  raw(count: number, what: string): Uint8Array {
    const at = this.take(count, what);
    return this.source.subarray(at, at + count);
  }

  /** The integer must be in its range. */
  within(what: string, value: number, min: number, max: number, at: number): number {
    if (value < min || value > max) this.fail(what, value, `${min}..${max}`, at);
    return value;
  }

  /** Nothing may be left. */
  finish(what: string): void {
    if (this.at !== this.end) this.fail(what, `${this.end - this.at} bytes more`, "its end");
  }
}
