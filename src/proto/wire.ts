/**
 * Single values on the wire, read strictly. The Reader of protobufjs is the cursor: its own methods take what is not the
 * shortest form, and make an object of each 64-bit number.
 *
 * Responsible for: varints, lengths, tags and their bounds. Not responsible for: fields and what they mean.
 *
 * Invariants: I1 nothing is read at or beyond `reader.len`; I2 a number has one byte form, the shortest; I3 64 bits go from
 * one buffer to the other in two halves, never as a double.
 */
import type protobuf from "protobufjs/minimal.js";
import { fault } from "./wire-error.ts";

type Reader = protobuf.Reader;

function truncated(): never {
  return fault("the end of the bytes", "the rest of a value");
}

function notMinimal(): never {
  return fault("a number with needless bytes", "its shortest form");
}

function tooWide(bits: number): never {
  return fault(`a number of more than ${bits} bits`, `at most ${bits} bits`);
}

/** A varint of up to 32 bits, unsigned. */
export function readUint32(reader: Reader): number {
  const { buf, len } = reader;
  let { pos } = reader;
  if (pos >= len) truncated();
  let byte = buf[pos++]!;
  if (byte < 0x80) {
    reader.pos = pos;
    return byte;
  }
  let value = byte & 0x7f;
  for (let shift = 7; shift < 28; shift += 7) {
    if (pos >= len) truncated();
    byte = buf[pos++]!;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      if (byte === 0) notMinimal();
      reader.pos = pos;
      return value;
    }
  }
  if (pos >= len) truncated();
  byte = buf[pos++]!;
  if (byte > 0x0f) tooWide(32);
  if (byte === 0) notMinimal();
  reader.pos = pos;
  return (value | (byte << 28)) >>> 0;
}

/** A varint of 32 bits whose lowest one is the sign. */
export function readSint32(reader: Reader): number {
  const value = readUint32(reader);
  return (value >>> 1) ^ -(value & 1);
}

/**
 * A varint of up to 64 bits, written at `at` as eight bytes, little-endian.
 * @param isZigZag the lowest bit is the sign
 */
export function moveVarint64(reader: Reader, view: DataView, at: number, isZigZag: boolean): void {
  const { buf, len } = reader;
  let { pos } = reader;
  if (pos >= len) truncated();
  let byte = buf[pos++]!;
  let low = byte & 0x7f;
  let middle = 0;
  let high = 0;
  let shift = 7;
  for (; byte > 0x7f && shift < 28; shift += 7) {
    if (pos >= len) truncated();
    byte = buf[pos++]!;
    low |= (byte & 0x7f) << shift;
  }
  if (byte > 0x7f) {
    for (shift = 0; byte > 0x7f && shift < 28; shift += 7) {
      if (pos >= len) truncated();
      byte = buf[pos++]!;
      middle |= (byte & 0x7f) << shift;
    }
    for (shift = 0; byte > 0x7f && shift < 14; shift += 7) {
      if (pos >= len) truncated();
      byte = buf[pos++]!;
      high |= (byte & 0x7f) << shift;
    }
    if (byte > 0x7f || high > 0xff) tooWide(64);
  }
  if (byte === 0 && pos - reader.pos > 1) notMinimal();
  reader.pos = pos;
  low |= middle << 28;
  high = (middle >>> 4) | (high << 24);
  if (isZigZag) {
    const sign = -(low & 1);
    low = ((low >>> 1) | (high << 31)) ^ sign;
    high = (high >>> 1) ^ sign;
  }
  view.setInt32(at, low, true);
  view.setInt32(at + 4, high, true);
}

/** Eight bytes as they are. */
export function moveFixed64(reader: Reader, target: Uint8Array, at: number): void {
  const { buf, pos } = reader;
  if (reader.len - pos < 8) truncated();
  for (let index = 0; index < 8; index++) target[at + index] = buf[pos + index]!;
  reader.pos = pos + 8;
}

/** The length of what follows, which is all there. */
export function readLength(reader: Reader): number {
  const length = readUint32(reader);
  const left = reader.len - reader.pos;
  if (length > left) fault(`a length of ${length}`, `at most the ${left} bytes that follow`);
  return length;
}

/** The tag of a field: its number from 1, times 8, and a wire type. */
export function readTag(reader: Reader): number {
  const tag = readUint32(reader);
  if (tag < 8) fault("field number 0", "a number from 1");
  return tag;
}

/** Goes behind a value that nobody wants. */
export function skipValue(reader: Reader, wireType: number): void {
  switch (wireType) {
    case 0:
      skipVarint(reader);
      return;
    case 1:
      skipBytes(reader, 8);
      return;
    case 2:
      skipBytes(reader, readLength(reader));
      return;
    case 5:
      skipBytes(reader, 4);
      return;
    default:
      fault(wireType < 5 ? "a group" : `wire type ${wireType}`, "wire type 0, 1, 2 or 5");
  }
}

function skipVarint(reader: Reader): void {
  const { buf, len } = reader;
  let { pos } = reader;
  let byte = 0x80;
  while (byte > 0x7f) {
    if (pos >= len) truncated();
    byte = buf[pos++]!;
    if (pos - reader.pos === 10 && byte > 1) tooWide(64);
  }
  if (byte === 0 && pos - reader.pos > 1) notMinimal();
  reader.pos = pos;
}

function skipBytes(reader: Reader, count: number): void {
  if (count > reader.len - reader.pos) truncated();
  reader.pos += count;
}
