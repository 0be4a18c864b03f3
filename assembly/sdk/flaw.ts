/**
 * Flaws: values that their field can not take, found where a handler hands them over.
 *
 * Responsible for: what has no byte form, by type. A number beyond its type can not occur here; what can are decimals
 * beyond their precision, texts and bytes and lists that are too long, enum values that are none, and text that is no
 * UTF-8. The core makes the fault of it, in its order (docs/reference/execution.md).
 * Not responsible for: references; the core looks at those itself.
 *
 * A flaw is (position of the field) << 16 | (reason: 0 out of range, else MISUSE_BAD_VALUE), so the least of several
 * flaws is that of the first field. In reject details the field's number stands for its position.
 */
import { MISUSE_BAD_VALUE, NO_FIELD } from "../abi";
import { Bytes } from "./bytes";
import { Text } from "./text";
import { I128 } from "./wide";

/** Every value has a byte form. */
export const NO_FLAW: u32 = 0xffff0000;

/** The value is of the field's type, but beyond its range. */
export function rangeFlaw(position: u32, isWithin: bool): u32 {
  return isWithin ? NO_FLAW : position << 16;
}

/** The value of an enumeration has no name. */
export function enumFlaw(position: u32, isKnown: bool): u32 {
  return isKnown ? NO_FLAW : (position << 16) | MISUSE_BAD_VALUE;
}

/** The text is no UTF-8, or longer than `maxBytes`. */
export function textFlaw(position: u32, value: Text, maxBytes: u32): u32 {
  if (!value.isValid) return (position << 16) | MISUSE_BAD_VALUE;
  return rangeFlaw(position, <u32>value.length <= maxBytes);
}

/** The bytes are more than `maxBytes`. */
export function bytesFlaw(position: u32, value: Bytes, maxBytes: u32): u32 {
  return rangeFlaw(position, <u32>value.length <= maxBytes);
}

// ---- decimals --------------------------------------------------------------------------------------------

/** Whether a mantissa is below `limit`, a power of ten, whatever its sign. */
export function isBelow(value: i64, limit: i64): bool {
  return value < limit && value > -limit;
}

/** The same of a wide mantissa; the limit is given by its words. */
export function isWideBelow(value: I128, limitLow: u64, limitHigh: u64): bool {
  let low = value.lo;
  let high = <u64>value.hi;
  if (value.hi < 0) {
    low = ~low + 1;
    high = ~high + (low == 0 ? 1 : 0);
  }
  return high < limitHigh || (high == limitHigh && low < limitLow);
}

// ---- lists: the number of items first, then one item behind the other -------------------------------------

export function textsFlaw(position: u32, values: Text[], maxItems: i32, maxBytes: u32): u32 {
  if (values.length > maxItems) return position << 16;
  for (let i = 0; i < values.length; i++) {
    const flaw = textFlaw(position, unchecked(values[i]), maxBytes);
    if (flaw != NO_FLAW) return flaw;
  }
  return NO_FLAW;
}

export function bytesListFlaw(position: u32, values: Bytes[], maxItems: i32, maxBytes: u32): u32 {
  if (values.length > maxItems) return position << 16;
  for (let i = 0; i < values.length; i++) {
    const flaw = bytesFlaw(position, unchecked(values[i]), maxBytes);
    if (flaw != NO_FLAW) return flaw;
  }
  return NO_FLAW;
}

export function areBelow(values: i64[], limit: i64): bool {
  for (let i = 0; i < values.length; i++) {
    if (!isBelow(unchecked(values[i]), limit)) return false;
  }
  return true;
}

export function areWideBelow(values: I128[], limitLow: u64, limitHigh: u64): bool {
  for (let i = 0; i < values.length; i++) {
    if (!isWideBelow(unchecked(values[i]), limitLow, limitHigh)) return false;
  }
  return true;
}
