/**
 * Commands of the payment stream as protobuf: payloads of the ledger's `.proto`, submissions of statevec.v1.
 *
 * Responsible for: writing them at full speed, so that whoever sends them is not what is measured. All sides keep or send
 * the same payload bytes.
 * Not responsible for: reading answers (ledger-answers.ts), which commands there are (ledger-stream.ts).
 */
import {
  CAPTURE_HOLD,
  EXPIRES_NS,
  type LedgerStream,
  PLACE_HOLD,
  POST_TRANSFER,
  RELEASE_HOLD,
  SOURCES,
} from "./ledger-stream.ts";

/** No submission of the stream is longer; each length fits into one byte. */
export const SUBMISSION_BYTES_MAX = 128;

const ZERO_DIGIT = 0x30;
const POINT = 0x2e;
/** Wire types. */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;

/** Writes fields into a buffer, one behind the other. */
class FieldWriter {
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

function writePayload(writer: FieldWriter, stream: LedgerStream, position: number): void {
  const kind = stream.kinds[position]!;
  const cents = stream.cents[position]!;
  writer.uint(1, stream.ids[position]!);
  switch (kind) {
    case POST_TRANSFER:
    case PLACE_HOLD:
      writer.uint(2, stream.from[position]!);
      writer.uint(3, stream.to[position]!);
      writer.amount(4, cents);
      if (kind === PLACE_HOLD) writer.fixed64(5, EXPIRES_NS);
      return;
    case CAPTURE_HOLD:
      writer.uint(2, stream.holdIds[position]!);
      if (cents > 0) writer.amount(3, cents);
      writer.uint(4, stream.releases[position]!);
      return;
    case RELEASE_HOLD:
      return;
    default:
      throw new Error(`position ${position} has the kind ${kind}`);
  }
}

/** The payload of a command, in memory of its own. */
export function payloadOf(stream: LedgerStream, position: number): Buffer {
  const writer = new FieldWriter(SUBMISSION_BYTES_MAX);
  writePayload(writer, stream, position);
  return writer.buffer.subarray(0, writer.end);
}

/** Makes SubmitRequests in one buffer: each is good until the next. */
export class RequestWriter {
  readonly #writer: FieldWriter;
  readonly #stream: LedgerStream;
  readonly #client: number;

  /** @param commandsMax of one request */
  constructor(stream: LedgerStream, client: number, commandsMax: number) {
    this.#writer = new FieldWriter(commandsMax * SUBMISSION_BYTES_MAX);
    this.#stream = stream;
    this.#client = client;
  }

  /** The commands of a sender from its number `first` (from 0) to before `end`. */
  request(source: number, first: number, end: number): Buffer {
    const writer = this.#writer;
    const stream = this.#stream;
    writer.end = 0;
    for (let number = first; number < end; number++) {
      const position = number * SOURCES + source;
      const submission = writer.open(1);
      writer.uint(1, stream.kinds[position]!);
      const payload = writer.open(3);
      writePayload(writer, stream, position);
      writer.close(payload);
      const sent = writer.open(4);
      writer.uint(1, this.#client);
      writer.uint(2, source);
      writer.uint(3, number + 1);
      writer.close(sent);
      writer.close(submission);
    }
    return writer.buffer.subarray(0, writer.end);
  }
}
