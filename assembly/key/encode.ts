/**
 * Order-preserving key encoding: the fields of a slot to key words whose unsigned order is the business order
 * (DESIGN: one byte form per value, memcmp order = value order).
 *
 *   segment = [presence 00 | 01, if nullable] value      descending: every bit of the segment complemented
 *   value   = big-endian; signed: sign bit flipped; text and bytes: zero-padded to maxBytes, then length u16
 *
 * The bytes of all segments stand one behind the other, zero-padded to whole words. A word is held decoded (as if read
 * big-endian), so that comparing words as unsigned numbers is memcmp over the bytes.
 *
 * Responsible for: encoding whole keys and prefixes. Not responsible for: the SysId that an index entry carries as its
 * last word (state/canonical-index.ts).
 */
import {
  DIRECTION_DESCENDING,
  DIRECTION_DESCENDING_WHEN,
  FIELD_FLAG_NULLABLE,
  FIELD_FLAGS,
  FIELD_TYPE,
  FIELD_WIDTH,
  PATH_KEY_BYTES,
  PATH_SEGMENTS_AT,
  SEGMENT_DIRECTION,
  SEGMENT_FIELD,
  SEGMENT_OFFSET,
  SEGMENT_SIGNED,
  SEGMENT_WHEN_AT,
  SEGMENT_WHEN_VALUE,
  SEGMENT_WIDTH,
  SEGMENT_WORDS,
  SLOT_PRESENCE,
} from "../abi";
import { isSigned, isVariable, loadNarrow, valueAt } from "../schema/field";
import { addressOf, fieldEntry, wordOf } from "../schema/table";

/** Words of a key without a SysId. */
export function keyWords(path: usize): u32 {
  return (wordOf(path, PATH_KEY_BYTES) + 7) >> 3;
}

/** Whether a segment runs downwards for the record in `slot`. */
export function isDescending(segment: usize, slot: usize): bool {
  const direction = wordOf(segment, SEGMENT_DIRECTION);
  if (direction <= <u32>DIRECTION_DESCENDING) return direction == <u32>DIRECTION_DESCENDING;
  const other = wordOf(segment, SEGMENT_WHEN_AT);
  const value = <u32>loadNarrow(slot + <usize>(other & 0xffff), other >> 16);
  return (value == wordOf(segment, SEGMENT_WHEN_VALUE)) == (direction == <u32>DIRECTION_DESCENDING_WHEN);
}

// The writer's position while a segment is written that is not narrow: `pending` holds the `bits` (0..63) that are not yet a
// whole word.
let target: usize = 0;
let pending: u64 = 0;
let bits: u32 = 0;

/** Appends the low `count` bits (1..64) of `value`; higher bits are zero. */
function put(value: u64, count: u32): void {
  const sum = bits + count;
  if (sum < 64) {
    pending = (pending << count) | value;
    bits = sum;
    return;
  }
  const over = sum - 64;
  store<u64>(target, bits != 0 ? (pending << (64 - bits)) | (value >> over) : value);
  target += 8;
  pending = over != 0 ? value & (((<u64>1) << over) - 1) : 0;
  bits = over;
}

function mask(count: u32): u64 {
  return ~(<u64>0) >> (64 - count);
}

/** A nullable, wide or variable segment. `invert` is 0, or all ones when descending. */
function putGeneral(field: usize, position: u32, slot: usize, invert: u64): void {
  const type = wordOf(field, FIELD_TYPE);
  const at = valueAt(slot, field);
  if (wordOf(field, FIELD_FLAGS) & FIELD_FLAG_NULLABLE) {
    const present = (load<u64>(slot + SLOT_PRESENCE) >> position) & 1;
    put((present ^ invert) & 0xff, 8);
    if (!present) {
      // An absent value is a run of zeros.
      let left = wordOf(field, FIELD_WIDTH);
      while (left > 0) {
        const bytes = min<u32>(left, 8);
        put(invert & mask(bytes << 3), bytes << 3);
        left -= bytes;
      }
      return;
    }
  }
  if (isVariable(type)) {
    const length = <u32>load<u16>(at);
    let left = wordOf(field, FIELD_WIDTH) - 2;
    let from = at + 2;
    while (left >= 8) {
      put(bswap<u64>(load<u64>(from)) ^ invert, 64);
      from += 8;
      left -= 8;
    }
    while (left > 0) {
      put((<u64>load<u8>(from) ^ invert) & 0xff, 8);
      from += 1;
      left -= 1;
    }
    put((<u64>length ^ invert) & 0xffff, 16);
    return;
  }
  const width = wordOf(field, FIELD_WIDTH);
  if (width == 16) {
    const sign: u64 = isSigned(type) ? (<u64>1) << 63 : 0;
    put(load<u64>(at, 8) ^ sign ^ invert, 64);
    put(load<u64>(at) ^ invert, 64);
    return;
  }
  const count = width << 3;
  const sign: u64 = isSigned(type) ? (<u64>1) << (count - 1) : 0;
  put((loadNarrow(at, width) ^ sign ^ invert) & mask(count), count);
}

/**
 * Encodes the first `segments` segments of a path from the fields in `slot`, and fills up to `words` words with `fill`
 * (0, or all ones: the largest key below a prefix).
 */
export function encodeKey(
  path: usize,
  fields: usize,
  slot: usize,
  segments: u32,
  out: usize,
  words: u32,
  fill: u64,
): void {
  encodeSegments(addressOf(wordOf(path, PATH_SEGMENTS_AT)), segments, fields, slot, out, words, fill);
}

/** The same from a run of segment entries. */
export function encodeSegments(
  segment: usize,
  segments: u32,
  fields: usize,
  slot: usize,
  out: usize,
  words: u32,
  fill: u64,
): void {
  const last = out + ((<usize>words) << 3);
  const end = segment + <usize>segments * (SEGMENT_WORDS << 2);
  let word: u64 = 0;
  let held: u32 = 0;
  while (segment < end) {
    const invert: u64 = isDescending(segment, slot) ? ~(<u64>0) : 0;
    const width = wordOf(segment, SEGMENT_WIDTH);
    if (width != 0) {
      const count = width << 3;
      const sign = (<u64>wordOf(segment, SEGMENT_SIGNED)) << (count - 1);
      const plain = loadNarrow(slot + <usize>wordOf(segment, SEGMENT_OFFSET), width);
      const value = (plain ^ sign ^ invert) & mask(count);
      held += count;
      if (held < 64) {
        word = (word << count) | value;
      } else {
        held -= 64;
        store<u64>(out, (word << (count - held)) | (value >> held));
        out += 8;
        // Bits above those that are held are shifted out later.
        word = held != 0 ? value : 0;
      }
    } else {
      target = out;
      pending = word;
      bits = held;
      const position = wordOf(segment, SEGMENT_FIELD);
      putGeneral(fieldEntry(fields, position), position, slot, invert);
      out = target;
      word = pending;
      held = bits;
    }
    segment += SEGMENT_WORDS << 2;
  }
  if (held != 0) {
    store<u64>(out, (word << (64 - held)) | (fill >> held));
    out += 8;
  }
  while (out < last) {
    store<u64>(out, fill);
    out += 8;
  }
}
