/**
 * One value: its bytes and back.
 *
 * Responsible for: the canonical form of every scalar type (docs/reference/values.md), strictly.
 * Not responsible for: presence, repetition and whole messages (codec.ts).
 *
 * Invariants: I1 one value has one byte form, and `read` refuses every other; I2 writer and reader keep no state, so a
 * getter of the caller that comes back into the codec harms nothing; I3 no writer passes the width of its field.
 */
import * as abi from "../../assembly/abi.ts";
import { type FieldModel, rangeOf } from "./model.ts";
import { readText, utf8Size, writeText } from "./utf8.ts";
import { ValueFault } from "./value-error.ts";

/** Writes and reads the values of one type. Faults are thrown as `ValueFault`. */
export interface ValueCodec {
  /** Encoded bytes, or 0 if they vary: then a length u16 leads. */
  readonly width: number;
  /** Largest encoding. */
  readonly sizeMax: number;
  /** @returns the offset behind the value */
  write(bytes: Uint8Array, view: DataView, at: number, value: unknown): number;
  /** @param end the offset behind the value, within `bytes` */
  read(bytes: Uint8Array, view: DataView, at: number, end: number): unknown;
}

const WORD = (1n << 64n) - 1n;

function fault(reason: ValueFault["reason"], found: unknown): never {
  throw new ValueFault(reason, found);
}

/** Makes the codec of one value of a field, present and not repeated. */
export function valueCodec(field: FieldModel, inRecord: boolean): ValueCodec {
  switch (field.code) {
    case abi.TYPE_BOOL:
      return BOOL;
    case abi.TYPE_ENUM8:
    case abi.TYPE_ENUM16:
      return enumCodec(field);
    case abi.TYPE_TEXT:
      return textCodec(field.maxBytes);
    case abi.TYPE_BYTES:
      return bytesCodec(field.maxBytes);
    case abi.TYPE_REF:
      return refCodec(inRecord);
    case abi.TYPE_U64:
    case abi.TYPE_TIMESTAMP:
      return U64;
    case abi.TYPE_I64:
    case abi.TYPE_DECIMAL64:
      return signed64(field);
    case abi.TYPE_U128:
    case abi.TYPE_I128:
    case abi.TYPE_DECIMAL128:
      return wide(field);
    default:
      return smallInteger(field);
  }
}

const BOOL: ValueCodec = {
  width: 1,
  sizeMax: 1,
  write(bytes, _view, at, value) {
    if (typeof value !== "boolean") fault("type", value);
    bytes[at] = value ? 1 : 0;
    return at + 1;
  },
  read(bytes, _view, at) {
    const value = bytes[at]!;
    if (value > 1) fault("form", value);
    return value === 1;
  },
};

/** u8, u16, u32, i8, i16, i32. */
function smallInteger(field: FieldModel): ValueCodec {
  const range = rangeOf(field)!;
  const min = Number(range[0]);
  const max = Number(range[1]);
  const { width } = field;
  const shift = 32 - 8 * width;
  const isSigned = min < 0;
  return {
    width,
    sizeMax: width,
    write(bytes, _view, at, value) {
      if (typeof value !== "number" || !Number.isInteger(value)) return fault("type", value);
      if (value < min || value > max) fault("range", value);
      bytes[at] = value;
      if (width > 1) bytes[at + 1] = value >> 8;
      if (width > 2) {
        bytes[at + 2] = value >> 16;
        bytes[at + 3] = value >> 24;
      }
      return at + width;
    },
    read(bytes, _view, at) {
      let value = bytes[at]!;
      if (width > 1) value |= bytes[at + 1]! << 8;
      if (width > 2) value |= (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
      return isSigned ? (value << shift) >> shift : value >>> 0;
    },
  };
}

const U64: ValueCodec = {
  width: 8,
  sizeMax: 8,
  write(_bytes, view, at, value) {
    if (typeof value !== "bigint") return fault("type", value);
    if (value < 0n || value > WORD) fault("range", value);
    view.setBigUint64(at, value, true);
    return at + 8;
  },
  read(_bytes, view, at) {
    return view.getBigUint64(at, true);
  },
};

/** A SysId. A record never holds 0; what a command or event says is the domain's affair. */
function refCodec(inRecord: boolean): ValueCodec {
  if (!inRecord) return U64;
  return {
    ...U64,
    read(_bytes, view, at) {
      const value = view.getBigUint64(at, true);
      if (value === 0n) fault("form", value);
      return value;
    },
  };
}

/** i64, and decimals of up to 18 digits. */
function signed64(field: FieldModel): ValueCodec {
  const [min, max] = rangeOf(field)!;
  const all = field.code === abi.TYPE_I64;
  return {
    width: 8,
    sizeMax: 8,
    write(_bytes, view, at, value) {
      if (typeof value !== "bigint") return fault("type", value);
      if (value < min || value > max) fault("range", value);
      view.setBigInt64(at, value, true);
      return at + 8;
    },
    read(_bytes, view, at) {
      const value = view.getBigInt64(at, true);
      if (!all && (value < min || value > max)) fault("form", value);
      return value;
    },
  };
}

/** u128, i128, and decimals of more than 18 digits. */
function wide(field: FieldModel): ValueCodec {
  const [min, max] = rangeOf(field)!;
  const isSigned = min < 0n;
  return {
    width: 16,
    sizeMax: 16,
    write(_bytes, view, at, value) {
      if (typeof value !== "bigint") return fault("type", value);
      if (value < min || value > max) fault("range", value);
      // DataView keeps the low 64 bits of whatever it is given: two's complement of either sign.
      view.setBigInt64(at, value, true);
      view.setBigInt64(at + 8, value >> 64n, true);
      return at + 16;
    },
    read(_bytes, view, at) {
      const low = view.getBigUint64(at, true);
      const high = isSigned ? view.getBigInt64(at + 8, true) : view.getBigUint64(at + 8, true);
      const value = (high << 64n) | low;
      if (value < min || value > max) fault("form", value);
      return value;
    },
  };
}

function enumCodec(field: FieldModel): ValueCodec {
  const numbers = field.enumeration!.valueOf;
  const names = field.enumeration!.nameOf;
  const { width } = field;
  return {
    width,
    sizeMax: width,
    write(bytes, _view, at, value) {
      const number = numbers.get(value as string);
      if (number === undefined) return fault("type", value);
      bytes[at] = number;
      if (width > 1) bytes[at + 1] = number >> 8;
      return at + width;
    },
    read(bytes, _view, at) {
      const number = width > 1 ? bytes[at]! | (bytes[at + 1]! << 8) : bytes[at]!;
      const name = names.get(number);
      if (name === undefined) fault("form", number);
      return name;
    },
  };
}

function textCodec(maxBytes: number): ValueCodec {
  return {
    width: 0,
    sizeMax: 2 + maxBytes,
    write(bytes, _view, at, value) {
      if (typeof value !== "string") return fault("type", value);
      const next = writeText(bytes, at + 2, at + 2 + maxBytes, value);
      // Not a value at all weighs more than too long, wherever in the text either shows first.
      if (next < 0) fault(utf8Size(value) < 0 ? "type" : "range", value);
      const count = next - at - 2;
      bytes[at] = count;
      bytes[at + 1] = count >> 8;
      return next;
    },
    read(bytes, _view, at, end) {
      if (end - at - 2 > maxBytes) fault("form", `${end - at - 2} bytes`);
      const text = readText(bytes, at + 2, end);
      if (text === undefined) fault("form", "bytes that are not UTF-8");
      return text;
    },
  };
}

function bytesCodec(maxBytes: number): ValueCodec {
  return {
    width: 0,
    sizeMax: 2 + maxBytes,
    write(bytes, _view, at, value) {
      if (!(value instanceof Uint8Array)) return fault("type", value);
      const count = value.length;
      if (count > maxBytes) fault("range", value);
      bytes[at] = count;
      bytes[at + 1] = count >> 8;
      bytes.set(value, at + 2);
      return at + 2 + count;
    },
    read(bytes, _view, at, end) {
      if (end - at - 2 > maxBytes) fault("form", `${end - at - 2} bytes`);
      // A copy in any case: the slice of a Node.js Buffer would be a view.
      return new Uint8Array(bytes.subarray(at + 2, end));
    },
  };
}
