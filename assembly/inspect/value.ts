/**
 * One value in bytes (docs/reference/values.md): where it ends, whether it is canonical, and its text.
 *
 * Responsible for: every type, in the words of the command line: decimals with their point, times, texts in quotes, bytes
 * in hex, enums by name.
 * Not responsible for: presence and groups (group.ts).
 * I1: a text is made only of a value that `valueFault` has found canonical.
 */
import {
  FIELD_FLAG_REPEATED,
  TYPE_BOOL,
  TYPE_BYTES,
  TYPE_DECIMAL64,
  TYPE_DECIMAL128,
  TYPE_ENUM8,
  TYPE_ENUM16,
  TYPE_REF,
  TYPE_TEXT,
  TYPE_TIMESTAMP,
} from "../abi";
import { fitsPrecision } from "../base/wide";
import { numeral, putHex, putTime, putWide, wideNumeral } from "./numerals";
import {
  enumName,
  isSignedType,
  MEMBER_FLAGS,
  MEMBER_ITEMS_MAX,
  MEMBER_PARAMETER,
  MEMBER_SCALE,
  MEMBER_TYPE,
  putName,
  widthOf,
  word,
} from "./schema-index";
import { putText, putUnit } from "./text";
import { isWellFormed, putQuoted } from "./utf16";

const TOO_FEW: string = "too few bytes";

export function isRepeated(member: usize): bool {
  return (word(member, MEMBER_FLAGS) & FIELD_FLAG_REPEATED) != 0;
}

function isEnum(type: u32): bool {
  return type == <u32>TYPE_ENUM8 || type == <u32>TYPE_ENUM16;
}

/** Bytes of the value at an address, which is one, or of the length in front of it. */
export function valueBytes(type: u32, at: usize): usize {
  const width = <usize>widthOf(type);
  return width != 0 ? width : <usize>load<u16>(at) + 2;
}

/** The address behind a value; 0: it is not within `end`. */
function endOfOne(type: u32, at: usize, end: usize): usize {
  const left = end - at;
  const width = <usize>widthOf(type);
  if (left < (width != 0 ? width : 2)) return 0;
  const bytes = valueBytes(type, at);
  return bytes <= left ? at + bytes : 0;
}

/** Where a field ends, found by `findEnd`. */
let ending: usize = 0;

/** The address behind the field that `findEnd` has found the end of. */
export function foundEnd(): usize {
  return ending;
}

/** Finds the end of a field, repeated or not, whatever its values are. What is wrong with it; null: nothing. */
export function findEnd(member: usize, at: usize, end: usize): string | null {
  const type = word(member, MEMBER_TYPE);
  if (!isRepeated(member)) {
    ending = endOfOne(type, at, end);
    return ending == 0 ? TOO_FEW : null;
  }
  if (end - at < 2) return TOO_FEW;
  const items = <u32>load<u16>(at);
  if (items > word(member, MEMBER_ITEMS_MAX)) return numeral(items) + " items";
  ending = at + 2;
  for (let i: u32 = 0; i < items; i++) {
    ending = endOfOne(type, ending, end);
    if (ending == 0) return TOO_FEW;
  }
  return null;
}

/** What is wrong with one value whose end has been found; null: nothing. */
export function faultOfOne(schema: usize, member: usize, at: usize, inRecord: bool): string | null {
  const type = word(member, MEMBER_TYPE);
  const parameter = word(member, MEMBER_PARAMETER);
  switch (type) {
    case TYPE_BOOL:
      return load<u8>(at) > 1 ? numeral(load<u8>(at)) : null;
    case TYPE_ENUM8:
    case TYPE_ENUM16: {
      const value = type == <u32>TYPE_ENUM8 ? <u32>load<u8>(at) : <u32>load<u16>(at);
      return enumName(schema, parameter, value) == 0 ? numeral(value) : null;
    }
    case TYPE_TEXT:
    case TYPE_BYTES: {
      const bytes = <u32>load<u16>(at);
      if (bytes > parameter) return numeral(bytes) + " bytes";
      return type == <u32>TYPE_TEXT && !isWellFormed(at + 2, bytes) ? "bytes that are not UTF-8" : null;
    }
    case TYPE_DECIMAL64: {
      const mantissa = load<i64>(at);
      if (fitsPrecision(mantissa, mantissa >> 63, parameter)) return null;
      return wideNumeral(mantissa, mantissa >> 63, true);
    }
    case TYPE_DECIMAL128:
      if (fitsPrecision(load<u64>(at), load<i64>(at, 8), parameter)) return null;
      return wideNumeral(load<u64>(at), load<u64>(at, 8), true);
    case TYPE_REF:
      // In a record a reference is never 0; in a message it is the domain's affair.
      return inRecord && load<u64>(at) == 0 ? "0" : null;
    default:
      return null;
  }
}

/** What is wrong with a field that is there and whose end has been found; null: nothing. */
export function valueFault(schema: usize, member: usize, at: usize, inRecord: bool): string | null {
  if (!isRepeated(member)) return faultOfOne(schema, member, at, inRecord);
  const items = <u32>load<u16>(at);
  at += 2;
  for (let i: u32 = 0; i < items; i++) {
    const fault = faultOfOne(schema, member, at, inRecord);
    if (fault !== null) return fault;
    at += valueBytes(word(member, MEMBER_TYPE), at);
  }
  return null;
}

// ---- text ------------------------------------------------------------------------------------------------

/** A number of 1 to 16 bytes, with `scale` digits behind the point. */
function putInteger(at: usize, width: u32, signed: bool, scale: u32): void {
  let low: u64 = 0;
  if (width == 16) {
    putWide(load<u64>(at), load<u64>(at, 8), signed, scale);
    return;
  }
  if (width == 8) low = load<u64>(at);
  else if (width == 4) low = signed ? <u64>(<i64>load<i32>(at)) : load<u32>(at);
  else if (width == 2) low = signed ? <u64>(<i64>load<i16>(at)) : load<u16>(at);
  else low = signed ? <u64>(<i64>load<i8>(at)) : load<u8>(at);
  putWide(low, signed ? <u64>(<i64>low >> 63) : 0, signed, scale);
}

/** The text of one value. */
export function putOne(schema: usize, member: usize, at: usize): void {
  const type = word(member, MEMBER_TYPE);
  if (type == <u32>TYPE_BOOL) putText(load<u8>(at) == 1 ? "true" : "false");
  else if (type == <u32>TYPE_TIMESTAMP) putTime(load<u64>(at));
  else if (type == <u32>TYPE_TEXT) putQuoted(at + 2, load<u16>(at));
  else if (type == <u32>TYPE_BYTES) {
    putText("0x");
    putHex(at + 2, load<u16>(at));
  } else if (isEnum(type)) {
    const value = type == <u32>TYPE_ENUM8 ? <u32>load<u8>(at) : <u32>load<u16>(at);
    putName(enumName(schema, word(member, MEMBER_PARAMETER), value));
  } else putInteger(at, widthOf(type), isSignedType(type), word(member, MEMBER_SCALE));
}

/** The text of a field; `at` 0: it is absent. */
export function putValue(schema: usize, member: usize, at: usize): void {
  if (at == 0) {
    putText("null");
    return;
  }
  if (!isRepeated(member)) {
    putOne(schema, member, at);
    return;
  }
  const items = <u32>load<u16>(at);
  at += 2;
  putUnit(0x5b);
  for (let i: u32 = 0; i < items; i++) {
    if (i > 0) putText(", ");
    putOne(schema, member, at);
    at += valueBytes(word(member, MEMBER_TYPE), at);
  }
  putUnit(0x5d);
}
