/**
 * Key words back to the fields of a slot: the inverse of key/encode.ts, for inspection and for its proof.
 *
 * The slot must be zero in the fields of the path; presence bits are set for what is present. Conditional segments read
 * the field they depend on from the slot, where an earlier segment has just put it.
 */
import {
  FIELD_TYPE,
  FIELD_WIDTH,
  PATH_SEGMENTS,
  PATH_SEGMENTS_AT,
  SEGMENT_FIELD,
  SEGMENT_WORDS,
  SLOT_PRESENCE,
} from "../abi";
import { isNullable, isSigned, isVariable, valueAt } from "../schema/field";
import { addressOf, fieldEntry, wordOf } from "../schema/table";
import { isDescending } from "./encode";

/** The byte at `index` of a key that is held as words. */
export function keyByte(key: usize, index: u32): u32 {
  return <u32>(load<u64>(key + ((<usize>index >> 3) << 3)) >> ((7 - (index & 7)) << 3)) & 0xff;
}

/** Fills the fields of the path's segments in `slot` from a whole key. */
export function decodeKey(path: usize, fields: usize, key: usize, slot: usize): void {
  let segment = addressOf(wordOf(path, PATH_SEGMENTS_AT));
  let at: u32 = 0;
  for (let i: u32 = 0, n = wordOf(path, PATH_SEGMENTS); i < n; i++) {
    const position = wordOf(segment, SEGMENT_FIELD);
    const field = fieldEntry(fields, position);
    const invert: u32 = isDescending(segment, slot) ? 0xff : 0;
    const type = wordOf(field, FIELD_TYPE);
    const width = wordOf(field, FIELD_WIDTH);
    const value = valueAt(slot, field);
    let present = true;
    if (isNullable(field)) {
      present = (keyByte(key, at) ^ invert) == 1;
      at += 1;
    }
    if (present) {
      store<u64>(slot + SLOT_PRESENCE, load<u64>(slot + SLOT_PRESENCE) | ((<u64>1) << position));
      if (isVariable(type)) {
        for (let b: u32 = 0; b < width - 2; b++) store<u8>(value + 2 + b, keyByte(key, at + b) ^ invert);
        const length =
          ((keyByte(key, at + width - 2) ^ invert) << 8) | (keyByte(key, at + width - 1) ^ invert);
        store<u16>(value, length);
      } else {
        const sign: u32 = isSigned(type) ? 0x80 : 0;
        for (let b: u32 = 0; b < width; b++) {
          store<u8>(value + width - 1 - b, keyByte(key, at + b) ^ invert ^ (b == 0 ? sign : 0));
        }
      }
    }
    at += width;
    segment += SEGMENT_WORDS << 2;
  }
}
