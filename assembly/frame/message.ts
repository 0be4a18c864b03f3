/**
 * Messages: command payloads as they come in, checked byte for byte before anything believes them.
 *
 * Responsible for: MALFORMED (is this a canonical payload?) and PAYLOAD_CHECK (does it satisfy `min`, `max`, `notEmpty`?).
 * Not responsible for: meaning.
 */
import {
  FIELD_FLAG_NOT_EMPTY,
  FIELD_FLAG_NULLABLE,
  FIELD_FLAG_REPEATED,
  FIELD_FLAGS,
  FIELD_ITEMS_MAX,
  FIELD_MAX_AT,
  FIELD_MIN_AT,
  FIELD_NUMBER,
  FIELD_TYPE,
  FIELD_WIDTH,
  MESSAGE_CHECKS,
  MESSAGE_FIELDS,
  MESSAGE_FIELDS_AT,
  MESSAGE_NULLABLE,
} from "../abi";
import { compareWide } from "../base/wide";
import { isAnyBytes, isNullable, isSigned, isVariable, loadNarrow } from "../schema/field";
import { addressOf, fieldEntry, wordOf } from "../schema/table";
import { absentBytes, BAD_VALUE, valueBytes } from "./value";

/** What `checkMessage` answers for a good payload. Other answers: the number of the bad field, 0 = the whole. */
export const MESSAGE_OK: u32 = 0xffffffff;

export function presenceBytes(message: usize): u32 {
  return (wordOf(message, MESSAGE_NULLABLE) + 7) >> 3;
}

/** With one of these flags a field is not just one value. */
const NOT_ALONE: u32 = FIELD_FLAG_NULLABLE | FIELD_FLAG_REPEATED;

/** Whether the payload at `at` is canonical, to its last byte. */
export function checkMessage(message: usize, at: usize, bytes: u32): u32 {
  const end = at + bytes;
  const nullable = wordOf(message, MESSAGE_NULLABLE);
  const presence = at;
  at += presenceBytes(message);
  if (at > end) return 0;
  if ((nullable & 7) != 0 && load<u8>(at - 1) >> (nullable & 7) != 0) return 0;
  const fields = addressOf(wordOf(message, MESSAGE_FIELDS_AT));
  let seen: u32 = 0;
  for (let i: u32 = 0, n = wordOf(message, MESSAGE_FIELDS); i < n; i++) {
    const field = fieldEntry(fields, i);
    let size = wordOf(field, FIELD_WIDTH);
    if ((wordOf(field, FIELD_FLAGS) & NOT_ALONE) != 0 || !isAnyBytes(wordOf(field, FIELD_TYPE))) {
      size = fieldBytes(field, presence, seen, at, end);
      if (isNullable(field)) seen++;
    } else if (end - at < <usize>size) size = BAD_VALUE;
    if (size == BAD_VALUE) return wordOf(field, FIELD_NUMBER);
    at += size;
  }
  return at == end ? MESSAGE_OK : 0;
}

function isThere(presence: usize, seen: u32): bool {
  return ((load<u8>(presence + (seen >> 3)) >> (seen & 7)) & 1) != 0;
}

/** Bytes of one field of a message (`seen` nullable fields came before it), or BAD_VALUE. */
function fieldBytes(field: usize, presence: usize, seen: u32, at: usize, end: usize): u32 {
  const flags = wordOf(field, FIELD_FLAGS);
  if (flags & FIELD_FLAG_REPEATED) {
    if (end - at < 2) return BAD_VALUE;
    const items = <u32>load<u16>(at);
    if (items > wordOf(field, FIELD_ITEMS_MAX)) return BAD_VALUE;
    let size: u32 = 2;
    for (let i: u32 = 0; i < items; i++) {
      const bytes = valueBytes(field, at + size, end);
      if (bytes == BAD_VALUE) return BAD_VALUE;
      size += bytes;
    }
    return size;
  }
  if (isNullable(field) && !isThere(presence, seen)) return absentBytes(field, at, end);
  return valueBytes(field, at, end);
}

function withinBounds(field: usize, at: usize): bool {
  const type = wordOf(field, FIELD_TYPE);
  if (wordOf(field, FIELD_FLAGS) & FIELD_FLAG_NOT_EMPTY) return load<u16>(at) != 0;
  const minimum = wordOf(field, FIELD_MIN_AT);
  const maximum = wordOf(field, FIELD_MAX_AT);
  if (minimum == 0 && maximum == 0) return true;
  const low = wideLow(field, at);
  const high = wideHigh(field, at);
  const signed = isSigned(type);
  if (minimum != 0) {
    const bound = addressOf(minimum);
    if (compareWide(low, high, load<u64>(bound), load<u64>(bound, 8), signed) < 0) return false;
  }
  if (maximum != 0) {
    const bound = addressOf(maximum);
    if (compareWide(low, high, load<u64>(bound), load<u64>(bound, 8), signed) > 0) return false;
  }
  return true;
}

/** The first field, by number, that breaks its payload check, or 0. The payload is canonical. */
export function brokenCheck(message: usize, at: usize, bytes: u32): u32 {
  if (wordOf(message, MESSAGE_CHECKS) == 0) return 0;
  const end = at + bytes;
  const presence = at;
  at += presenceBytes(message);
  const fields = addressOf(wordOf(message, MESSAGE_FIELDS_AT));
  let seen: u32 = 0;
  for (let i: u32 = 0, n = wordOf(message, MESSAGE_FIELDS); i < n; i++) {
    const field = fieldEntry(fields, i);
    const nullable = isNullable(field);
    const size = fieldBytes(field, presence, seen, at, end);
    if (hasCheck(field)) {
      if (wordOf(field, FIELD_FLAGS) & FIELD_FLAG_REPEATED) {
        if (!itemsWithinBounds(field, at, end)) return wordOf(field, FIELD_NUMBER);
      } else if ((!nullable || isThere(presence, seen)) && !withinBounds(field, at)) {
        return wordOf(field, FIELD_NUMBER);
      }
    }
    if (nullable) seen++;
    at += size;
  }
  return 0;
}

function hasCheck(field: usize): bool {
  const flags = wordOf(field, FIELD_FLAGS);
  return (
    (flags & FIELD_FLAG_NOT_EMPTY) != 0 || (wordOf(field, FIELD_MIN_AT) | wordOf(field, FIELD_MAX_AT)) != 0
  );
}

function itemsWithinBounds(field: usize, at: usize, end: usize): bool {
  const items = <u32>load<u16>(at);
  at += 2;
  for (let i: u32 = 0; i < items; i++) {
    if (!withinBounds(field, at)) return false;
    at += valueBytes(field, at, end);
  }
  return true;
}

/** The low word of a number at `at`, widened to 128 bits by its sign. */
export function wideLow(field: usize, at: usize): u64 {
  const width = widthOf(field);
  const value = loadNarrow(at, min<u32>(width, 8));
  if (width >= 8 || !isSigned(wordOf(field, FIELD_TYPE))) return value;
  const shift = 64 - (width << 3);
  return <u64>(<i64>(value << shift) >> shift);
}

export function wideHigh(field: usize, at: usize): u64 {
  if (widthOf(field) == 16) return load<u64>(at, 8);
  return isSigned(wordOf(field, FIELD_TYPE)) ? <u64>(<i64>wideLow(field, at) >> 63) : 0;
}

function widthOf(field: usize): u32 {
  return isVariable(wordOf(field, FIELD_TYPE)) ? 2 : wordOf(field, FIELD_WIDTH);
}
