/**
 * The bytes of a unique key or canonical index back to its values, as text (key encoding: assembly/key/encode.ts).
 *
 * Responsible for: undoing direction, sign and padding of each segment, strictly. It needs no core table, unlike
 * key/decode.ts, which fills slots for the core's own proofs.
 * Not responsible for: the SysId behind the key in an index entry.
 * I1: what is put is the text of the only values that have this key.
 */
import { DIRECTION_DESCENDING, DIRECTION_DESCENDING_WHEN, FIELDS_MAX, KEY_BYTES_MAX } from "../abi";
import { isNullable } from "./group";
import { hexText, numeral } from "./numerals";
import { bytesLeft, damaged, finish, place, requireZeros, take } from "./reader";
import { isRefused } from "./refusal";
import {
  isSignedType,
  MEMBER_NAME,
  MEMBER_PARAMETER,
  MEMBER_TYPE,
  memberAt,
  nameText,
  openedSchema,
  putName,
  WAY_SEGMENTS,
  WAY_SEGMENTS_AT,
  widthOf,
  word,
} from "./schema-index";
import { putText } from "./text";
import { faultOfOne, putOne } from "./value";

/** The value of a segment in the form that values have, with room for a length in front. */
const value: usize = memory.data(KEY_BYTES_MAX + 8, 8);
/** First two bytes of the values so far, by field position: on some of them depend directions. */
const seen: usize = memory.data(FIELDS_MAX * 2, 2);

/** Bytes of a segment without its presence byte. */
function segmentBytes(member: usize): u32 {
  const width = widthOf(word(member, MEMBER_TYPE));
  return width != 0 ? width : 2 + word(member, MEMBER_PARAMETER);
}

function refuseSegment(member: usize, at: usize, bytes: u32): void {
  const name = nameText(word(member, MEMBER_NAME));
  damaged("segment " + name, at, "0x" + hexText(at, bytes), "its canonical form");
}

/** Whether a segment of an index runs downwards: its position, direction, and what the direction depends on. */
function isDescending(segment: usize): bool {
  const direction = <u32>load<u8>(segment, 1);
  if (direction <= <u32>DIRECTION_DESCENDING) return direction == <u32>DIRECTION_DESCENDING;
  const holds = load<u16>(seen + ((<usize>load<u8>(segment, 2)) << 1)) == load<u16>(segment, 3);
  return holds == (direction == <u32>DIRECTION_DESCENDING_WHEN);
}

/** Bytes of a segment in the descriptor: of a unique key a position; of an index a direction as well. */
function descriptorBytes(segment: usize, isIndex: bool): usize {
  if (!isIndex) return 1;
  return <u32>load<u8>(segment, 1) <= <u32>DIRECTION_DESCENDING ? 2 : 5;
}

/** Brings the bytes of a present value into the form that values have. Whether they are canonical so far. */
function restore(member: usize, at: usize, bytes: u32, invert: u32): bool {
  const type = word(member, MEMBER_TYPE);
  if (widthOf(type) != 0) {
    for (let i: u32 = 0; i < bytes; i++) store<u8>(value + (bytes - 1 - i), load<u8>(at + i) ^ invert);
    if (isSignedType(type)) store<u8>(value + bytes - 1, load<u8>(value + bytes - 1) ^ 0x80);
    return true;
  }
  const most = bytes - 2;
  for (let i: u32 = 0; i < most; i++) store<u8>(value + 2 + i, load<u8>(at + i) ^ invert);
  const length = ((<u32>(load<u8>(at + most) ^ invert)) << 8) | <u32>(load<u8>(at + most + 1) ^ invert);
  store<u16>(value, length);
  if (length > most) return false;
  for (let i = length; i < most; i++) if (load<u8>(value + 2 + i) != 0) return false;
  return true;
}

/** Whether an absent value is a run of zeros. */
function isBlank(at: usize, bytes: u32, invert: u32): bool {
  for (let i: u32 = 0; i < bytes; i++) if ((load<u8>(at + i) ^ invert) != 0) return false;
  return true;
}

/** Reads a segment and puts its value; remembers what later directions may depend on. */
function putSegment(owner: usize, segment: usize, isIndex: bool): void {
  const position = <u32>load<u8>(segment);
  const member = memberAt(owner, position);
  const invert: u32 = isIndex && isDescending(segment) ? 0xff : 0;
  const start = place();
  let isThere = true;
  if (isNullable(member)) {
    const presence = <u32>load<u8>(take(1, "presence")) ^ invert;
    if (isRefused()) return;
    if (presence > 1) return refuseSegment(member, start, 1);
    isThere = presence == 1;
  }
  const bytes = segmentBytes(member);
  const at = take(bytes, "segment");
  if (isRefused()) return;
  const isGood = isThere ? restore(member, at, bytes, invert) : isBlank(at, bytes, invert);
  if (!isGood) return refuseSegment(member, at, bytes);
  putName(word(member, MEMBER_NAME));
  putText("=");
  if (!isThere) return putText("null");
  if (faultOfOne(openedSchema(), member, value, true) !== null) return refuseSegment(member, at, bytes);
  store<u16>(seen + ((<usize>position) << 1), bytes == 1 ? <u32>load<u8>(value) : <u32>load<u16>(value));
  putOne(openedSchema(), member, value);
}

/** `status=Open amount=12.50` from the key that is all of the reader's bytes. */
export function putKey(owner: usize, way: usize, isIndex: bool): void {
  memory.fill(seen, 0, FIELDS_MAX * 2);
  if (bytesLeft() > <usize>KEY_BYTES_MAX) {
    return damaged("key", place(), numeral(bytesLeft()) + " bytes", "at most " + numeral(KEY_BYTES_MAX));
  }
  let segment = <usize>word(way, WAY_SEGMENTS_AT);
  for (let i: u32 = 0; i < word(way, WAY_SEGMENTS) && !isRefused(); i++) {
    if (i > 0) putText(" ");
    putSegment(owner, segment, isIndex);
    segment += descriptorBytes(segment, isIndex);
  }
  // A key is held in whole words.
  if (bytesLeft() < 8) requireZeros(bytesLeft(), "end of the key");
  finish("key");
}
