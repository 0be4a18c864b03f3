/**
 * Values between slots and their one byte form (docs/reference/values.md).
 *
 * Responsible for: writing, reading, checking and comparing single values. A reader refuses every form but the canonical
 * one and never looks past its end.
 * I1: the bytes of an absent value are zero in a slot; so are the unused bytes of text and bytes.
 */
import {
  FIELD_PARAMETER,
  FIELD_PARAMETER_COUNT,
  FIELD_TYPE,
  FIELD_WIDTH,
  SLOT_PRESENCE,
  TYPE_BOOL,
  TYPE_DECIMAL64,
  TYPE_DECIMAL128,
  TYPE_ENUM8,
  TYPE_ENUM16,
  TYPE_REF,
  TYPE_TEXT,
} from "../abi";
import { isUtf8 } from "../base/utf8";
import { fitsPrecision } from "../base/wide";
import { copyBytes } from "../base/words";
import { isAnyBytes, isNullable, isPresent, isVariable, valueAt } from "../schema/field";
import { addressOf, fieldEntry, wordOf } from "../schema/table";

/** What `valueBytes` answers for bytes that are no canonical value. */
export const BAD_VALUE: u32 = 0xffffffff;

/** Writes the value of a field of `slot` and returns the end. */
export function writeValue(field: usize, slot: usize, out: usize): usize {
  const at = valueAt(slot, field);
  const width = wordOf(field, FIELD_WIDTH);
  if (isVariable(wordOf(field, FIELD_TYPE))) {
    const bytes = <usize>(2 + <u32>load<u16>(at));
    copyBytes(out, at, bytes);
    return out + bytes;
  }
  if (width == 8) store<u64>(out, load<u64>(at));
  else if (width == 4) store<u32>(out, load<u32>(at));
  else if (width == 2) store<u16>(out, load<u16>(at));
  else if (width == 1) store<u8>(out, load<u8>(at));
  else {
    store<u64>(out, load<u64>(at));
    store<u64>(out, load<u64>(at, 8), 8);
  }
  return out + width;
}

/** Whether a declared enum has a value. The values stand sorted in the table. */
function hasEnumValue(field: usize, value: u32): bool {
  const values = addressOf(wordOf(field, FIELD_PARAMETER));
  for (let i: u32 = 0, n = wordOf(field, FIELD_PARAMETER_COUNT); i < n; i++) {
    if (wordOf(values, i) == value) return true;
  }
  return false;
}

/**
 * Checks the bytes of one present value and returns how many they are, or BAD_VALUE. What a reference points to is
 * checked elsewhere; in bytes it is any u64.
 */
export function valueBytes(field: usize, at: usize, end: usize): u32 {
  const type = wordOf(field, FIELD_TYPE);
  const left = <u32>(end - at);
  if (isAnyBytes(type)) {
    const size = wordOf(field, FIELD_WIDTH);
    return left < size ? BAD_VALUE : size;
  }
  if (isVariable(type)) {
    if (left < 2) return BAD_VALUE;
    const length = <u32>load<u16>(at);
    if (length > wordOf(field, FIELD_PARAMETER) || left - 2 < length) return BAD_VALUE;
    if (type == <u32>TYPE_TEXT && !isUtf8(at + 2, length)) return BAD_VALUE;
    return 2 + length;
  }
  const width = wordOf(field, FIELD_WIDTH);
  if (left < width) return BAD_VALUE;
  if (type == <u32>TYPE_BOOL && load<u8>(at) > 1) return BAD_VALUE;
  if (type == <u32>TYPE_ENUM8 && !hasEnumValue(field, load<u8>(at))) return BAD_VALUE;
  if (type == <u32>TYPE_ENUM16 && !hasEnumValue(field, load<u16>(at))) return BAD_VALUE;
  if (type == <u32>TYPE_DECIMAL64) {
    const mantissa = load<i64>(at);
    if (!fitsPrecision(mantissa, mantissa >> 63, wordOf(field, FIELD_PARAMETER))) return BAD_VALUE;
  } else if (type == <u32>TYPE_DECIMAL128) {
    if (!fitsPrecision(load<u64>(at), load<i64>(at, 8), wordOf(field, FIELD_PARAMETER))) return BAD_VALUE;
  }
  return width;
}

/** Checks the place of an absent value: zeros of its width, text and bytes a length of 0. */
export function absentBytes(field: usize, at: usize, end: usize): u32 {
  const width: u32 = isVariable(wordOf(field, FIELD_TYPE)) ? 2 : wordOf(field, FIELD_WIDTH);
  if (<u32>(end - at) < width) return BAD_VALUE;
  for (let i: u32 = 0; i < width; i++) if (load<u8>(at + i) != 0) return BAD_VALUE;
  return width;
}

/** Puts checked bytes into a slot whose field is zero. */
export function loadValue(field: usize, at: usize, bytes: u32, slot: usize): void {
  copyBytes(valueAt(slot, field), at, bytes);
}

/** Makes the bytes of a field zero (I1), before another value is loaded or the field becomes absent. */
export function clearValue(field: usize, slot: usize): void {
  const at = valueAt(slot, field);
  const width = wordOf(field, FIELD_WIDTH);
  if (width == 8) store<u64>(at, 0);
  else memory.fill(at, 0, width);
}

/** Writes the presence bits of those nullable fields of a kind that are in `chosen`, and returns the end. */
export function writePresence(fields: usize, count: u32, chosen: u64, slot: usize, out: usize): usize {
  let byte: u32 = 0;
  let bit: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    if (((chosen >> i) & 1) == 0 || !isNullable(fieldEntry(fields, i))) continue;
    if (isPresent(slot, i)) byte |= 1 << bit;
    if (++bit == 8) {
      store<u8>(out, byte);
      out += 1;
      byte = 0;
      bit = 0;
    }
  }
  if (bit == 0) return out;
  store<u8>(out, byte);
  return out + 1;
}

/**
 * Reads the values of the fields in `chosen` (all bits: a whole record) into `slot`: presence bytes, then values. Other
 * fields stay as they are. Returns the end, or 0 if the bytes are not canonical.
 */
export function readValues(
  fields: usize,
  count: u32,
  chosen: u64,
  at: usize,
  end: usize,
  slot: usize,
): usize {
  let nullable: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    if (((chosen >> i) & 1) != 0 && isNullable(fieldEntry(fields, i))) nullable++;
  }
  const presence = at;
  at += (nullable + 7) >> 3;
  if (at > end) return 0;
  if ((nullable & 7) != 0 && load<u8>(at - 1) >> (nullable & 7) != 0) return 0;
  let seen: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    if (((chosen >> i) & 1) == 0) continue;
    const field = fieldEntry(fields, i);
    let present = true;
    if (isNullable(field)) {
      present = ((load<u8>(presence + (seen >> 3)) >> (seen & 7)) & 1) != 0;
      seen++;
    }
    const bytes = present ? valueBytes(field, at, end) : absentBytes(field, at, end);
    if (bytes == BAD_VALUE) return 0;
    // In a record a reference is never 0; in a message it is the domain's affair.
    if (present && wordOf(field, FIELD_TYPE) == <u32>TYPE_REF && load<u64>(at) == 0) return 0;
    clearValue(field, slot);
    const bit = (<u64>1) << i;
    const before = load<u64>(slot + SLOT_PRESENCE);
    store<u64>(slot + SLOT_PRESENCE, present ? before | bit : before & ~bit);
    if (present) loadValue(field, at, bytes, slot);
    at += bytes;
  }
  return at;
}

/** Writes presence bits and values of the fields in `chosen`. */
export function writeValues(
  fields: usize,
  count: u32,
  chosen: u64,
  nullable: u32,
  slot: usize,
  out: usize,
): usize {
  if (nullable != 0) out = writePresence(fields, count, chosen, slot, out);
  for (let i: u32 = 0; i < count; i++) {
    if (((chosen >> i) & 1) != 0) out = writeValue(fieldEntry(fields, i), slot, out);
  }
  return out;
}
