/**
 * Values behind one group of presence bytes: a message, a record, or the changed fields of an update.
 *
 *   | presence bytes, if any field is nullable | field | field | ...      an absent field: zeros of its width
 *
 * Responsible for: reading a group strictly (docs/reference/values.md) and its text, in one line or a line each.
 * Not responsible for: single values (value.ts).
 * I1: a group that was read has a place for each of its fields: the address of its value, 0 where it is absent.
 */
import { FIELD_FLAG_NULLABLE, FIELDS_MAX } from "../abi";
import { numeral } from "./numerals";
import { damaged, goOn, lastPlace, place } from "./reader";
import { isRefused } from "./refusal";
import {
  MEMBER_FLAGS,
  MEMBER_NAME,
  MEMBER_TYPE,
  memberAt,
  nameLength,
  nameText,
  OWNER_FIELDS,
  putName,
  widthOf,
  word,
} from "./schema-index";
import { putLine, putSpaces, putText } from "./text";
import { findEnd, foundEnd, isRepeated, putValue, valueFault } from "./value";

export const ALL_MEMBERS: u64 = ~(<u64>0);
const ITS_FORM: string = "its canonical form";

/** Places of two groups, by field position: the values of a group, or those before and after an update. */
export const places: usize = memory.data(FIELDS_MAX * 4, 4);
export const placesAfter: usize = memory.data(FIELDS_MAX * 4, 4);

function placeOf(group: usize, position: u32): usize {
  return <usize>load<u32>(group + ((<usize>position) << 2));
}

function isChosen(chosen: u64, position: u32): bool {
  return ((chosen >> position) & 1) != 0;
}

export function isNullable(member: usize): bool {
  return (word(member, MEMBER_FLAGS) & FIELD_FLAG_NULLABLE) != 0;
}

function refuseGroup(start: usize, member: usize, fault: string): void {
  const what = member == 0 ? "values" : "field " + nameText(word(member, MEMBER_NAME));
  damaged(what, start, fault, ITS_FORM);
}

/** What is wrong with the place of an absent field, from `at` to `end`; null: it is zeros of its width. */
function absentFault(member: usize, at: usize, end: usize): string | null {
  const width = isRepeated(member) ? 0 : widthOf(word(member, MEMBER_TYPE));
  if (<u32>(end - at) != (width != 0 ? width : 2)) return "an absent value with bytes";
  for (; at < end; at++) if (load<u8>(at) != 0) return "an absent value that is not zero";
  return null;
}

function countNullable(owner: usize, chosen: u64): u32 {
  let count: u32 = 0;
  for (let i: u32 = 0; i < word(owner, OWNER_FIELDS); i++) {
    if (isChosen(chosen, i) && isNullable(memberAt(owner, i))) count++;
  }
  return count;
}

/**
 * Reads the values of the chosen fields (bit i: position i) of an owner where the reader stands.
 * @param group where their places go
 * @param end the group ends at or before it
 */
function readGroup(schema: usize, owner: usize, chosen: u64, inRecord: bool, end: usize, group: usize): void {
  if (isRefused()) return;
  const start = place();
  const nullable = countNullable(owner, chosen);
  const presenceBytes = <usize>((nullable + 7) >> 3);
  if (presenceBytes > end - start) return refuseGroup(start, 0, "too few bytes");
  let at = start + presenceBytes;
  if ((nullable & 7) != 0 && load<u8>(at - 1) >> <u8>(nullable & 7) != 0) {
    return refuseGroup(start, 0, "unused presence bits");
  }
  let bit: u32 = 0;
  for (let i: u32 = 0; i < word(owner, OWNER_FIELDS); i++) {
    if (!isChosen(chosen, i)) continue;
    const member = memberAt(owner, i);
    let fault = findEnd(member, at, end);
    if (fault === null) {
      let isThere = true;
      if (isNullable(member)) {
        isThere = ((<u32>load<u8>(start + (bit >> 3)) >> (bit & 7)) & 1) != 0;
        bit++;
      }
      store<u32>(group + ((<usize>i) << 2), isThere ? <u32>at : 0);
      const next = foundEnd();
      fault = isThere ? valueFault(schema, member, at, inRecord) : absentFault(member, at, next);
      at = next;
    }
    if (fault !== null) return refuseGroup(start, member, fault);
  }
  goOn(at);
}

/** Reads all values of a message of exactly `bytes` bytes, of which there may be fewer. */
export function readMessage(schema: usize, owner: usize, bytes: usize): void {
  if (isRefused()) return;
  const start = place();
  const left = lastPlace() - start;
  if (bytes > left) return damaged("values", start, numeral(left) + " bytes left", numeral(bytes) + " bytes");
  readGroup(schema, owner, ALL_MEMBERS, false, start + bytes, places);
  if (isRefused() || place() == start + bytes) return;
  refuseGroup(start, 0, numeral(start + bytes - place()) + " bytes too many");
}

/** Reads the chosen values of a record. */
export function readRecord(schema: usize, owner: usize, chosen: u64, group: usize): void {
  readGroup(schema, owner, chosen, true, lastPlace(), group);
}

// ---- text ------------------------------------------------------------------------------------------------

/** `orderId=7 side=Bid price=null`; with `gap` a space in front, if there is a field at all. */
export function putGroup(schema: usize, owner: usize, gap: bool): void {
  for (let i: u32 = 0; i < word(owner, OWNER_FIELDS); i++) {
    const member = memberAt(owner, i);
    if (gap || i > 0) putText(" ");
    putName(word(member, MEMBER_NAME));
    putText("=");
    putValue(schema, member, placeOf(places, i));
  }
}

/** Width of the longest name of the chosen fields. */
function widest(owner: usize, chosen: u64): u32 {
  let width: u32 = 0;
  for (let i: u32 = 0; i < word(owner, OWNER_FIELDS); i++) {
    if (isChosen(chosen, i)) width = max(width, nameLength(word(memberAt(owner, i), MEMBER_NAME)));
  }
  return width;
}

/** A line for each chosen field: its name, its value. With `changed` before and after. */
export function putGroupLines(schema: usize, owner: usize, chosen: u64, indent: string, changed: bool): void {
  const width = widest(owner, chosen);
  for (let i: u32 = 0; i < word(owner, OWNER_FIELDS); i++) {
    if (!isChosen(chosen, i)) continue;
    const member = memberAt(owner, i);
    const name = word(member, MEMBER_NAME);
    putLine(indent);
    putName(name);
    putSpaces(width - nameLength(name) + 2);
    putValue(schema, member, placeOf(places, i));
    if (!changed) continue;
    putText(" -> ");
    putValue(schema, member, placeOf(placesAfter, i));
  }
}
