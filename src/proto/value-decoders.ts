/**
 * One value of a field, from the wire to its canonical bytes.
 *
 * Responsible for: ranges, enum values, UTF-8, numbers as text (docs/reference/protobuf.md).
 * Not responsible for: tags, presence and repetition (message-decoder.ts), varints (wire.ts).
 *
 * Invariant: I1 what is written is what `valueCodec` of the field writes for the same value.
 */
import type protobuf from "protobufjs/minimal.js";
import * as abi from "../../assembly/abi.ts";
import { type FieldModel, rangeOf } from "../schema/model.ts";
import { isUtf8 } from "../schema/utf8.ts";
import { isNumberText, scalarOf } from "./field-types.ts";
import { moveFixed64, moveVarint64, readLength, readSint32, readUint32 } from "./wire.ts";
import { fault } from "./wire-error.ts";

type Reader = protobuf.Reader;

const BOOL = 0;
const UNSIGNED = 1;
const SIGNED = 2;
const UNSIGNED_LONG = 3;
const SIGNED_LONG = 4;
const FIXED_LONG = 5;
const ENUM = 6;
const TEXT = 7;
const BYTES = 8;
const NUMBER_TEXT = 9;
/** A SysId in a record, which is never 0. */
const RECORD_REF = 10;

/** What decoding one value of a field takes. */
export interface ValueDecoder {
  readonly field: FieldModel;
  /** Which of the above. */
  readonly form: number;
  /** Encoded bytes, or 0 where a length leads. */
  readonly width: number;
  readonly min: number;
  readonly max: number;
  /** Of an enum whose values are below 256: 1 at each of them. */
  readonly values: Uint8Array | undefined;
  /** Of numbers as text. */
  readonly numberText: NumberText | undefined;
}

/** The one canonical form of a number as text. */
interface NumberText {
  readonly pattern: RegExp;
  readonly min: bigint;
  readonly max: bigint;
  readonly expected: string;
}

/** Digits of the largest number, its sign and its point. */
const NUMBER_TEXT_MAX = 41;
const SHOWN_MAX = 24;

/** Makes the decoder of one value of a field, present and not repeated. */
export function valueDecoder(field: FieldModel, inRecord: boolean): ValueDecoder {
  const range = rangeOf(field);
  const isVariable = field.type === "text" || field.type === "bytes";
  const isSmall = range !== null && field.width <= 4;
  return {
    field,
    form: formOf(field, inRecord),
    width: isVariable ? 0 : field.width,
    min: isSmall ? Number(range[0]) : 0,
    max: isSmall ? Number(range[1]) : 0,
    values: field.code === abi.TYPE_ENUM8 ? enumTable(field) : undefined,
    numberText: isNumberText(field) ? numberTextOf(field) : undefined,
  };
}

function formOf(field: FieldModel, inRecord: boolean): number {
  if (field.type === "text") return TEXT;
  if (field.type === "ref" && inRecord) return RECORD_REF;
  switch (scalarOf(field)) {
    case "bool":
      return BOOL;
    case "uint32":
      return UNSIGNED;
    case "sint32":
      return SIGNED;
    case "uint64":
      return UNSIGNED_LONG;
    case "sint64":
      return SIGNED_LONG;
    case "fixed64":
      return FIXED_LONG;
    case "enum":
      return ENUM;
    case "bytes":
      return BYTES;
    default:
      return NUMBER_TEXT;
  }
}

function enumTable({ enumeration }: FieldModel): Uint8Array {
  const table = new Uint8Array(256);
  for (const { value } of enumeration!.entries) table[value] = 1;
  return table;
}

function numberTextOf(field: FieldModel): NumberText {
  const [min, max] = rangeOf(field)!;
  const { scale } = field;
  const fraction = scale === 0 ? "" : `\\.\\d{${scale}}`;
  const digits = scale === 0 ? "" : ` with exactly ${scale} digits behind the point`;
  const kind = field.type === "decimal" ? `a decimal of at most ${field.precision} digits` : field.type;
  return {
    pattern: new RegExp(`^${min < 0n ? "-?" : ""}(?:0|[1-9]\\d*)${fraction}$`),
    min,
    max,
    expected: `${kind}${digits} as text, in its one form`,
  };
}

/** What a field takes, in words. */
export function describeField(field: FieldModel): string {
  const decoder = valueDecoder(field, false);
  switch (decoder.form) {
    case BOOL:
      return "0 or 1";
    case ENUM:
      return enumText(field);
    case TEXT:
      return `text of at most ${field.maxBytes} bytes`;
    case BYTES:
      return `at most ${field.maxBytes} bytes`;
    case NUMBER_TEXT:
      return decoder.numberText!.expected;
    case UNSIGNED:
    case SIGNED:
      return `${decoder.min}..${decoder.max}`;
    default:
      return `a ${scalarOf(field)}`;
  }
}

function enumText({ enumeration }: FieldModel): string {
  const { name, entries } = enumeration!;
  return `a value of ${name}: ${entries.map((entry) => `${entry.value} (${entry.name})`).join(", ")}`;
}

/**
 * Reads one value and writes its canonical bytes at `at`.
 * @param target has room for the largest encoding of the field
 * @returns the offset behind them
 * @throws WireFault
 */
export function decodeValue(
  decoder: ValueDecoder,
  reader: Reader,
  target: Uint8Array,
  view: DataView,
  at: number,
): number {
  switch (decoder.form) {
    case BOOL: {
      const value = readUint32(reader);
      if (value > 1) fault(String(value), "0 or 1");
      target[at] = value;
      return at + 1;
    }
    case UNSIGNED: {
      const value = readUint32(reader);
      if (value > decoder.max) outOfRange(decoder, value);
      return putInteger(target, at, value, decoder.width);
    }
    case SIGNED: {
      const value = readSint32(reader);
      if (value < decoder.min || value > decoder.max) outOfRange(decoder, value);
      return putInteger(target, at, value, decoder.width);
    }
    case UNSIGNED_LONG:
      moveVarint64(reader, view, at, false);
      return at + 8;
    case SIGNED_LONG:
      moveVarint64(reader, view, at, true);
      return at + 8;
    case FIXED_LONG:
      moveFixed64(reader, target, at);
      return at + 8;
    case ENUM: {
      const value = readUint32(reader);
      const { values } = decoder;
      const isKnown =
        values === undefined ? decoder.field.enumeration!.nameOf.has(value) : values[value] === 1;
      if (!isKnown) fault(`enum value ${value}`, enumText(decoder.field));
      return putInteger(target, at, value, decoder.width);
    }
    case TEXT:
      return moveBytes(decoder, reader, target, at, true);
    case BYTES:
      return moveBytes(decoder, reader, target, at, false);
    case RECORD_REF:
      moveVarint64(reader, view, at, false);
      if (view.getBigUint64(at, true) === 0n) fault("0", "a SysId");
      return at + 8;
    default:
      return moveNumberText(decoder, reader, view, at);
  }
}

function outOfRange({ min, max }: ValueDecoder, value: number): never {
  return fault(String(value), `${min}..${max}`);
}

function putInteger(target: Uint8Array, at: number, value: number, width: number): number {
  target[at] = value;
  if (width > 1) target[at + 1] = value >> 8;
  if (width > 2) {
    target[at + 2] = value >> 16;
    target[at + 3] = value >> 24;
  }
  return at + width;
}

function moveBytes(
  { field }: ValueDecoder,
  reader: Reader,
  target: Uint8Array,
  at: number,
  isText: boolean,
): number {
  const count = readLength(reader);
  if (count > field.maxBytes) fault(`${count} bytes`, `at most ${field.maxBytes} bytes`);
  const { buf, pos } = reader;
  if (isText && !isUtf8(buf, pos, pos + count)) fault("bytes that are not UTF-8", "text");
  target[at] = count;
  target[at + 1] = count >> 8;
  for (let index = 0; index < count; index++) target[at + 2 + index] = buf[pos + index]!;
  reader.pos = pos + count;
  return at + 2 + count;
}

function moveNumberText({ width, numberText }: ValueDecoder, reader: Reader, view: DataView, at: number) {
  const { pattern, min, max, expected } = numberText!;
  const count = readLength(reader);
  if (count > NUMBER_TEXT_MAX) fault(`${count} bytes`, expected);
  const text = asciiText(reader.buf, reader.pos, reader.pos + count);
  const isForm = pattern.test(text);
  const value = isForm ? BigInt(text.replace(".", "")) : 0n;
  const isMinusZero = value === 0n && text.startsWith("-");
  if (!isForm || isMinusZero || value < min || value > max) {
    fault(JSON.stringify(text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}...` : text), expected);
  }
  reader.pos += count;
  // DataView keeps the low 64 bits of whatever it is given: two's complement of either sign.
  view.setBigInt64(at, value, true);
  if (width > 8) view.setBigInt64(at + 8, value >> 64n, true);
  return at + width;
}

/** The text of bytes; one that is no digit is shown as a question mark, and no number has that. */
function asciiText(bytes: Uint8Array, from: number, to: number): string {
  let text = "";
  for (let index = from; index < to; index++) {
    const byte = bytes[index]!;
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "?";
  }
  return text;
}
