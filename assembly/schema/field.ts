/**
 * What the core knows of a field type: sign, width in a key, where its value lies in a slot.
 */
import {
  FIELD_FLAG_NULLABLE,
  FIELD_FLAGS,
  FIELD_OFFSET,
  FIELD_TYPE,
  FIELD_WIDTH,
  SLOT_PRESENCE,
  TYPE_BYTES,
  TYPE_DECIMAL128,
  TYPE_I8,
  TYPE_I16,
  TYPE_I32,
  TYPE_I64,
  TYPE_I128,
  TYPE_REF,
  TYPE_TEXT,
  TYPE_TIMESTAMP,
  TYPE_U8,
  TYPE_U16,
  TYPE_U32,
  TYPE_U64,
  TYPE_U128,
} from "../abi";
import { wordOf } from "./table";

export function isSigned(type: u32): bool {
  return type >= <u32>TYPE_I8 && type <= <u32>TYPE_DECIMAL128;
}

/** text and bytes: a length and as many bytes. */
export function isVariable(type: u32): bool {
  return type == <u32>TYPE_TEXT || type == <u32>TYPE_BYTES;
}

/** Types of which any bytes of their width are a value. */
const ANY_BYTES: u32 =
  (1 << TYPE_U8) |
  (1 << TYPE_U16) |
  (1 << TYPE_U32) |
  (1 << TYPE_U64) |
  (1 << TYPE_U128) |
  (1 << TYPE_I8) |
  (1 << TYPE_I16) |
  (1 << TYPE_I32) |
  (1 << TYPE_I64) |
  (1 << TYPE_I128) |
  (1 << TYPE_TIMESTAMP) |
  (1 << TYPE_REF);

/** Whether any bytes of the type's width are a value of it. */
export function isAnyBytes(type: u32): bool {
  return ((ANY_BYTES >> type) & 1) != 0;
}

export function isNullable(field: usize): bool {
  return (wordOf(field, FIELD_FLAGS) & FIELD_FLAG_NULLABLE) != 0;
}

export function isPresent(slot: usize, position: u32): bool {
  return ((load<u64>(slot + SLOT_PRESENCE) >> position) & 1) != 0;
}

/** Address of a field's value in a slot. */
export function valueAt(slot: usize, field: usize): usize {
  return slot + <usize>wordOf(field, FIELD_OFFSET);
}

/** Loads a value of up to 8 bytes, zero-extended. */
export function loadNarrow(at: usize, width: u32): u64 {
  if (width == 8) return load<u64>(at);
  if (width == 4) return load<u32>(at);
  if (width == 2) return load<u16>(at);
  return load<u8>(at);
}

/** Bytes of the value as it is now in a slot, in the encoding. */
export function encodedBytes(slot: usize, field: usize): u32 {
  if (isVariable(wordOf(field, FIELD_TYPE))) return 2 + <u32>load<u16>(valueAt(slot, field));
  return wordOf(field, FIELD_WIDTH);
}

/** Whether a field has the same value in two slots (presence is compared apart). */
export function sameValue(field: usize, a: usize, b: usize): bool {
  const x = valueAt(a, field);
  const y = valueAt(b, field);
  const width = wordOf(field, FIELD_WIDTH);
  if (isVariable(wordOf(field, FIELD_TYPE))) {
    return load<u16>(x) == load<u16>(y) && memory.compare(x + 2, y + 2, <usize>load<u16>(x)) == 0;
  }
  if (width == 8) return load<u64>(x) == load<u64>(y);
  if (width == 16) return load<u64>(x) == load<u64>(y) && load<u64>(x, 8) == load<u64>(y, 8);
  return loadNarrow(x, width) == loadNarrow(y, width);
}
