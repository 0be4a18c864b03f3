/**
 * Answers of the service: SubmitResponse of statevec.v1, of which each receipt's seq and outcome are read.
 *
 * Responsible for: reading them without an object each. Not responsible for: whether they are right (sides/service.ts).
 */

/** Wire types. */
const VARINT = 0;
const LENGTH = 2;
/** Values of `statevec.v1.Outcome`. */
const COMMITTED = 1;
const REJECTED = 2;

/** Reads fields one behind the other; the caller knows which there are. */
class FieldReader {
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

/** What a receipt says. */
export type OnReceipt = (index: number, seq: number, outcome: number, isDuplicate: boolean) => void;

/**
 * Reads the receipts of a SubmitResponse.
 *
 * @param onReceipt told of each, in order; the outcome is 0 for committed, else the reject code
 * @returns how many
 * @throws {Error} a refusal, or a fault
 */
export function readReceipts(body: Buffer, onReceipt: OnReceipt): number {
  const reader = new FieldReader(body);
  let count = 0;
  while (reader.at < body.length) {
    const tag = reader.varint();
    if (tag !== ((1 << 3) | LENGTH))
      throw new Error(`the service refused: ${body.toString("latin1", reader.at)}`);
    const length = reader.varint();
    readReceipt(reader, reader.at + length, count++, onReceipt);
  }
  return count;
}

function readReceipt(reader: FieldReader, end: number, index: number, onReceipt: OnReceipt): void {
  let seq = 0;
  let outcome = 0;
  let code = 0;
  let isDuplicate = false;
  while (reader.at < end) {
    const tag = reader.varint();
    const field = tag >>> 3;
    if (field === 1) seq = reader.varint();
    else if (field === 3) isDuplicate = reader.varint() === 1;
    else if (field === 4) outcome = reader.varint();
    else if (field === 5) code = readCode(reader);
    else reader.skip(tag & 7);
  }
  const isRejected = outcome === REJECTED && code > 0;
  if (outcome !== COMMITTED && !isRejected)
    throw new Error(`frame ${seq} has the outcome ${outcome}, ${code}`);
  onReceipt(index, seq, isRejected ? code : 0, isDuplicate);
}

/** The code of a Reason. */
function readCode(reader: FieldReader): number {
  const length = reader.varint();
  const end = reader.at + length;
  let code = 0;
  while (reader.at < end) {
    const tag = reader.varint();
    if (tag >>> 3 === 1) code = reader.varint();
    else reader.skip(tag & 7);
  }
  return code;
}
