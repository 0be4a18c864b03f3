/**
 * Prefixes: a canonical index, the values of its first segments, and bounds on the next one.
 *
 * Responsible for: chains such as `Order.book.instrument(i).side(s).priceTo(p)`, and the operations on their ranges.
 * Not responsible for: the segments an index has; the generated classes know those.
 *
 * A prefix is its last step, and a step names the one before it. A step never changes, so a prefix may be kept, extended
 * twice, and made from values that were looked up in between; only the operation at the end writes scratch slots.
 *
 *   0        4        6      7          8                                           16
 *   | before | offset | form | position | value, or address and room of text, bytes | second word of a wide value
 *
 * The first step has none before it but the start: no address, for bit 31 is set; kind and index are in it.
 *
 * I1: prefix values stand in both scratch slots, a lower bound in A, an upper bound in B, each with its presence bit.
 */
import {
  BOUND_EXCLUSIVE,
  BOUND_INCLUSIVE,
  BOUND_NONE,
  CODE_MISUSE,
  MISUSE_BAD_ARGUMENT,
  SCRATCH_A_AT,
  SCRATCH_B_AT,
  SLOT_PRESENCE,
  WORK_LOOKUP,
} from "../abi";
import { Bytes } from "./bytes";
import { Cursor, cursorOver, NO_CURSOR } from "./cursor";
import { NO_FLAW } from "./flaw";
import { putLengthed } from "./lengthed";
import { opAllocate, opCount, opFaultAfter, opFirst, opList, opNeighbour } from "./operations";
import { Text } from "./text";
import { I128, U128 } from "./wide";

/**
 * The records under a prefix and within its bounds, in index order.
 *
 * No limit is 2^32 - 1, more than any budget of work pays for. It is a literal, so that no build, optimised or not, counts
 * arguments in a global.
 */
@unmanaged
export abstract class Prefix<T> {
  /** The first record, or `null`. */
  first(): T | null {
    return changetype<T | null>(edge(changetype<usize>(this), false));
  }

  /** The last record, or `null`. */
  last(): T | null {
    return changetype<T | null>(edge(changetype<usize>(this), true));
  }

  /** A cursor from the first record on, over at most `limit` records. */
  list(limit: u32 = 0xffffffff): Cursor<T> {
    return cursorOver<T>(open(changetype<usize>(this), false), limit);
  }

  /** A cursor from the last record back, over at most `limit` records. */
  reverse(limit: u32 = 0xffffffff): Cursor<T> {
    return cursorOver<T>(open(changetype<usize>(this), true), limit);
  }

  /** Counts up to `limit` records, so that its cost is bounded. */
  count(limit: u32): u32 {
    return countUpTo(changetype<usize>(this), limit);
  }
}

/** A whole canonical index. */
@unmanaged
export abstract class Index<T> extends Prefix<T> {
  /** The record after the key of a record's present values, in the whole index, or `null`. */
  next(record: T): T | null {
    return changetype<T | null>(neighbour(changetype<usize>(this), changetype<usize>(record), false));
  }

  /** The record before the key of a record's present values, in the whole index, or `null`. */
  prev(record: T): T | null {
    return changetype<T | null>(neighbour(changetype<usize>(this), changetype<usize>(record), true));
  }
}

// ---- the start -------------------------------------------------------------------------------------------

const START: usize = 0x80000000;

/** The start of every prefix of an index. */
export function startOf(kind: u32, index: u32): usize {
  return START | (kind << 4) | index;
}

function isStart(step: usize): bool {
  return (step & START) != 0;
}

function kindOf(start: usize): u32 {
  return <u32>(start & ~START) >> 4;
}

function indexOf(start: usize): u32 {
  return <u32>start & 15;
}

// ---- steps: made by the generated classes ----------------------------------------------------------------

const OFFSET: usize = 4;
const FORM: usize = 6;
const POSITION: usize = 7;
const VALUE: usize = 8;

// A form is the form of the value, and the bound that the value is.
const BYTES_1: u8 = 0;
const BYTES_2: u8 = 1;
const BYTES_4: u8 = 2;
const BYTES_8: u8 = 3;
const BYTES_16: u8 = 4;
const LENGTHED: u8 = 5;
const ABSENT: u8 = 6;
/** No value of its field. */
const FLAWED: u8 = 7;

/** The value is one of the prefix. */
export const PREFIX: u8 = 0x00;
/** The value bounds the next segment, in index order; `after` and `before` leave the value itself out. */
export const FROM: u8 = 0x10;
export const AFTER: u8 = 0x20;
export const TO: u8 = 0x40;
export const BEFORE: u8 = 0x80;

/** Makes a step. `offset` and `position` are those of the segment's field in its slot and kind. */
function step(before: usize, bound: u8, offset: u32, position: u32, form: u8, value: u64): usize {
  const step = opAllocate(form == BYTES_16 ? 24 : 16);
  store<u32>(step, <u32>before);
  store<u16>(step, <u16>offset, OFFSET);
  store<u8>(step, bound | form, FORM);
  store<u8>(step, <u8>position, POSITION);
  store<u64>(step, value, VALUE);
  return step;
}

/** A value of a field of `T`'s width: an integer, bool, enum, ref, timestamp or narrow decimal. */
export function stepOf<T>(before: usize, bound: u8, offset: u32, position: u32, value: T): usize {
  const form = sizeof<T>() == 1 ? BYTES_1 : sizeof<T>() == 2 ? BYTES_2 : sizeof<T>() == 4 ? BYTES_4 : BYTES_8;
  return step(before, bound, offset, position, form, <u64>value);
}

/** As `stepOf`, of a value that may have a flaw. */
export function checkedStepOf<T>(
  before: usize,
  bound: u8,
  offset: u32,
  position: u32,
  value: T,
  flaw: u32,
): usize {
  if (flaw != NO_FLAW) return step(before, bound, offset, position, FLAWED, 0);
  return stepOf<T>(before, bound, offset, position, value);
}

function wideStep(before: usize, bound: u8, offset: u32, position: u32, low: u64, high: u64): usize {
  const made = step(before, bound, offset, position, BYTES_16, low);
  store<u64>(made, high, VALUE + 8);
  return made;
}

export function u128Step(before: usize, bound: u8, offset: u32, position: u32, value: U128): usize {
  return wideStep(before, bound, offset, position, value.lo, value.hi);
}

export function i128Step(
  before: usize,
  bound: u8,
  offset: u32,
  position: u32,
  value: I128,
  flaw: u32,
): usize {
  if (flaw != NO_FLAW) return step(before, bound, offset, position, FLAWED, 0);
  return wideStep(before, bound, offset, position, value.lo, <u64>value.hi);
}

/** A text or bytes: the step holds its address, and the room that the field has. */
function lengthedStep(
  before: usize,
  bound: u8,
  offset: u32,
  position: u32,
  value: usize,
  maxBytes: u32,
  flaw: u32,
): usize {
  if (flaw != NO_FLAW) return step(before, bound, offset, position, FLAWED, 0);
  return step(before, bound, offset, position, LENGTHED, ((<u64>maxBytes) << 32) | value);
}

export function textStep(
  before: usize,
  bound: u8,
  offset: u32,
  position: u32,
  value: Text,
  maxBytes: u32,
  flaw: u32,
): usize {
  return lengthedStep(before, bound, offset, position, changetype<usize>(value), maxBytes, flaw);
}

export function bytesStep(
  before: usize,
  bound: u8,
  offset: u32,
  position: u32,
  value: Bytes,
  maxBytes: u32,
  flaw: u32,
): usize {
  return lengthedStep(before, bound, offset, position, changetype<usize>(value), maxBytes, flaw);
}

/** An absent value. */
export function absentStep(before: usize, bound: u8, offset: u32, position: u32): usize {
  return step(before, bound, offset, position, ABSENT, 0);
}

// ---- ranges: steps written into the scratch slots --------------------------------------------------------

/** What `putRange` answers for a bad argument: no value, two lower or two upper bounds, a value behind a bound. */
const REFUSED: u32 = 0xffffffff;
const FORM_BITS: u8 = 0x0f;
const BOUND_BITS: u8 = 0xf0;

/**
 * Writes prefix and bounds into the scratch slots.
 * @returns (number of prefix segments) | (BOUND_... of the lower bound) << 8 | (of the upper bound) << 16, or REFUSED
 */
function putRange(last: usize): u32 {
  let prefix: u32 = 0;
  let lower: u8 = 0;
  let upper: u8 = 0;
  let presenceA: u64 = 0;
  let presenceB: u64 = 0;
  for (let step = last; !isStart(step); step = <usize>load<u32>(step)) {
    const form = load<u8>(step, FORM);
    if ((form & FORM_BITS) == FLAWED) return REFUSED;
    const bound = form & BOUND_BITS;
    const bit = (form & FORM_BITS) == ABSENT ? 0 : (<u64>1) << load<u8>(step, POSITION);
    if (bound == PREFIX) {
      prefix++;
    } else if (prefix != 0) {
      return REFUSED;
    } else if (bound & (FROM | AFTER)) {
      if (lower != 0) return REFUSED;
      lower = bound;
    } else {
      if (upper != 0) return REFUSED;
      upper = bound;
    }
    if ((bound & (TO | BEFORE)) == 0) {
      putStep(SCRATCH_A_AT, step, form & FORM_BITS);
      presenceA |= bit;
    }
    if ((bound & (FROM | AFTER)) == 0) {
      putStep(SCRATCH_B_AT, step, form & FORM_BITS);
      presenceB |= bit;
    }
  }
  store<u64>(SCRATCH_A_AT, presenceA, SLOT_PRESENCE);
  store<u64>(SCRATCH_B_AT, presenceB, SLOT_PRESENCE);
  return prefix | (boundOf(lower, FROM) << 8) | (boundOf(upper, TO) << 16);
}

function boundOf(bound: u8, inclusive: u8): u32 {
  if (bound == 0) return BOUND_NONE;
  return bound == inclusive ? BOUND_INCLUSIVE : BOUND_EXCLUSIVE;
}

/** Writes the value of a step into a slot. An absent one is told by its presence bit alone. */
function putStep(slot: usize, step: usize, form: u8): void {
  const at = slot + <usize>load<u16>(step, OFFSET);
  const value = load<u64>(step, VALUE);
  if (form == BYTES_8) store<u64>(at, value);
  else if (form == BYTES_1) store<u8>(at, <u8>value);
  else if (form == BYTES_4) store<u32>(at, <u32>value);
  else if (form == BYTES_2) store<u16>(at, <u16>value);
  else if (form == LENGTHED) putLengthed(at, <usize>value, <u32>(value >> 32));
  else if (form == BYTES_16) {
    store<u64>(at, value);
    store<u64>(at, load<u64>(step, VALUE + 8), 8);
  }
}

function startBehind(step: usize): usize {
  while (!isStart(step)) step = <usize>load<u32>(step);
  return step;
}

/** A range that is none: charged and faulted as any operation with a bad argument. */
function refuse(): void {
  opFaultAfter(WORK_LOOKUP, CODE_MISUSE, MISUSE_BAD_ARGUMENT);
}

function edge(last: usize, reverse: bool): usize {
  const range = putRange(last);
  if (range == REFUSED) {
    refuse();
    return 0;
  }
  const start = startBehind(last);
  return opFirst(kindOf(start), indexOf(start), range & 0xff, (range >> 8) & 0xff, range >> 16, reverse);
}

function open(last: usize, reverse: bool): u32 {
  const range = putRange(last);
  if (range == REFUSED) {
    refuse();
    return NO_CURSOR;
  }
  const start = startBehind(last);
  return opList(kindOf(start), indexOf(start), range & 0xff, (range >> 8) & 0xff, range >> 16, reverse);
}

function countUpTo(last: usize, limit: u32): u32 {
  const range = putRange(last);
  if (range == REFUSED) {
    refuse();
    return 0;
  }
  const start = startBehind(last);
  return opCount(kindOf(start), indexOf(start), range & 0xff, (range >> 8) & 0xff, range >> 16, limit);
}

function neighbour(last: usize, row: usize, reverse: bool): usize {
  return opNeighbour(row, indexOf(startBehind(last)), reverse);
}
