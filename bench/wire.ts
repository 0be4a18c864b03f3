/**
 * Fields of protobuf messages, written and read at full speed, so that the load program is not what is measured.
 *
 * Responsible for: as much of the format as commands and answers of the benchmark take; whoever calls knows which fields there are.
 * Not responsible for: messages (ledger-wire.ts, exchange-wire.ts, traffic.ts, answers.ts), checking anything.
 */

const ZERO_DIGIT = 0x30;
const POINT = 0x2e;
/** Wire types. */
export const VARINT = 0;
const FIXED64 = 1;
export const LENGTH = 2;

/** Writes fields into a buffer, one behind the other. */
export class FieldWriter {
  readonly buffer: Buffer;
  end = 0;

  constructor(bytes: number) {
    this.buffer = Buffer.allocUnsafe(bytes);
  }

  /** A field of up to 32 bits. */
  uint(number: number, value: number): void {
    this.buffer[this.end++] = (number << 3) | VARINT;
    let rest = value >>> 0;
    while (rest > 127) {
      this.buffer[this.end++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.buffer[this.end++] = rest;
  }

  fixed64(number: number, value: bigint): void {
    this.buffer[this.end] = (number << 3) | FIXED64;
    this.end = this.buffer.writeBigUInt64LE(value, this.end + 1);
  }

  /** An amount of cents, with the eight places of the ledger. */
  amount(number: number, cents: number): void {
    const start = this.open(number);
    const whole = Math.floor(cents / 100);
    let digits = 1;
    for (let rest = whole; rest >= 10; rest = Math.floor(rest / 10)) digits++;
    let rest = whole;
    for (let at = this.end + digits - 1; at >= this.end; at--) {
      this.buffer[at] = ZERO_DIGIT + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    this.end += digits;
    const hundredths = cents - whole * 100;
    this.buffer[this.end++] = POINT;
    this.buffer[this.end++] = ZERO_DIGIT + Math.floor(hundredths / 10);
    this.buffer[this.end++] = ZERO_DIGIT + (hundredths % 10);
    this.buffer.fill(ZERO_DIGIT, this.end, this.end + 6);
    this.end += 6;
    this.close(start);
  }

  /** Begins what has a length; to be ended with `close`. */
  open(number: number): number {
    this.buffer[this.end] = (number << 3) | LENGTH;
    this.end += 2;
    return this.end;
  }

  close(start: number): void {
    const length = this.end - start;
    if (length > 127) throw new Error(`a field of ${length} bytes, expected at most 127`);
    this.buffer[start - 1] = length;
  }
}

/** Reads fields one behind the other; the caller knows which there are. */
export class FieldReader {
  readonly bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** Up to 53 bits. */
  varint(): number {
    let value = 0;
    let factor = 1;
    while (true) {
      const byte = this.bytes[this.at++]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
  }

  skip(wireType: number): void {
    if (wireType === VARINT) this.varint();
    else if (wireType === LENGTH) {
      const length = this.varint();
      this.at += length;
    } else throw new Error(`found wire type ${wireType} in an answer`);
  }
}
