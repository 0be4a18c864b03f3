/**
 * Answers of the service: SubmitResponse of statevec.v1, of which each receipt's seq, outcome and events are read.
 *
 * Responsible for: reading them without an object each. Not responsible for: whether they are right (sides/service.ts).
 */
import { FieldReader, LENGTH } from "./wire.ts";

/** Values of `statevec.v1.Outcome`. */
const COMMITTED = 1;
const REJECTED = 2;

/** What is done with receipts. */
export interface ReceiptSink {
  /** Of each receipt, in order; the outcome is 0 for committed, else the reject code. */
  receipt(index: number, seq: number, outcome: number, isDuplicate: boolean): void;
  /** Of each event, before its receipt; `reader` is in front of the values, which end at `end`. */
  event(number: number, reader: FieldReader, end: number): void;
}

/**
 * Reads the receipts of a SubmitResponse.
 *
 * @returns how many
 * @throws {Error} a refusal, or a fault
 */
export function readReceipts(body: Buffer, sink: ReceiptSink): number {
  const reader = new FieldReader(body);
  let count = 0;
  while (reader.at < body.length) {
    const tag = reader.varint();
    if (tag !== ((1 << 3) | LENGTH))
      throw new Error(`the service refused: ${body.toString("latin1", reader.at)}`);
    const length = reader.varint();
    readReceipt(reader, reader.at + length, count++, sink);
  }
  return count;
}

function readReceipt(reader: FieldReader, end: number, index: number, sink: ReceiptSink): void {
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
    else if (field === 6) readEvent(reader, sink);
    else reader.skip(tag & 7);
  }
  const isRejected = outcome === REJECTED && code > 0;
  if (outcome !== COMMITTED && !isRejected)
    throw new Error(`frame ${seq} has the outcome ${outcome}, ${code}`);
  sink.receipt(index, seq, isRejected ? code : 0, isDuplicate);
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

function readEvent(reader: FieldReader, sink: ReceiptSink): void {
  const length = reader.varint();
  const end = reader.at + length;
  let number = 0;
  while (reader.at < end) {
    const tag = reader.varint();
    if (tag >>> 3 === 1) number = reader.varint();
    else if (tag >>> 3 === 3) {
      const valuesEnd = reader.varint() + reader.at;
      sink.event(number, reader, valuesEnd);
      reader.at = valuesEnd;
    } else reader.skip(tag & 7);
  }
}
