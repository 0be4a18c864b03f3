/**
 * Lists in payloads: views on a count u16 and the items behind it.
 *
 * Responsible for: reading lists of commands and writing lists of events. An index beyond the length traps.
 * Not responsible for: whether the items are values (flaw.ts); those of a payload are.
 */
import { Bytes } from "./bytes";
import { appendLengthed, behind } from "./lengthed";
import { Text } from "./text";
import { I128, U128 } from "./wide";

const COUNT: usize = 2;

function countOf(items: usize): i32 {
  return <i32>load<u16>(items);
}

/** The address of an item of a fixed width. */
function itemAt(items: usize, index: i32, width: usize): usize {
  if (<u32>index >= <u32>countOf(items)) unreachable();
  return items + COUNT + <usize>index * width;
}

/** The address of an item of varying length: those before it are passed one by one. */
function lengthedAt(items: usize, index: i32): usize {
  if (<u32>index >= <u32>countOf(items)) unreachable();
  let at = items + COUNT;
  for (; index > 0; index--) at = behind(at);
  return at;
}

/** A list of values of type `T` in a payload. `Stored` is the type of their bytes. */
@unmanaged
export abstract class Items<T, Stored> {
  get length(): i32 {
    return countOf(changetype<usize>(this));
  }
  @operator("[]")
  at(index: i32): T {
    // @ts-ignore: both are numbers
    return <T>load<Stored>(itemAt(changetype<usize>(this), index, sizeof<Stored>()));
  }
}

/** A list of u128 in a payload. */
@unmanaged
export abstract class U128Items {
  get length(): i32 {
    return countOf(changetype<usize>(this));
  }
  @operator("[]")
  at(index: i32): U128 {
    return u128At(itemAt(changetype<usize>(this), index, 16));
  }
}

/** A list of i128, or of wide decimals, in a payload. */
@unmanaged
export abstract class I128Items {
  get length(): i32 {
    return countOf(changetype<usize>(this));
  }
  @operator("[]")
  at(index: i32): I128 {
    return i128At(itemAt(changetype<usize>(this), index, 16));
  }
}

/** A list of texts in a payload. Reaching an item passes those before it. */
@unmanaged
export abstract class TextItems {
  get length(): i32 {
    return countOf(changetype<usize>(this));
  }
  @operator("[]")
  at(index: i32): Text {
    return changetype<Text>(lengthedAt(changetype<usize>(this), index));
  }
}

/** A list of bytes values in a payload. Reaching an item passes those before it. */
@unmanaged
export abstract class BytesItems {
  get length(): i32 {
    return countOf(changetype<usize>(this));
  }
  @operator("[]")
  at(index: i32): Bytes {
    return changetype<Bytes>(lengthedAt(changetype<usize>(this), index));
  }
}

// ---- wide values where they stand ------------------------------------------------------------------------

export function u128At(at: usize): U128 {
  return new U128(load<u64>(at), load<u64>(at, 8));
}

export function i128At(at: usize): I128 {
  return new I128(load<u64>(at), load<i64>(at, 8));
}

export function putU128(at: usize, value: U128): void {
  store<u64>(at, value.lo);
  store<u64>(at, value.hi, 8);
}

export function putI128(at: usize, value: I128): void {
  store<u64>(at, value.lo);
  store<i64>(at, value.hi, 8);
}

/** Writes an absent value of 16 bytes. */
export function putAbsentWide(at: usize): void {
  store<u64>(at, 0);
  store<u64>(at, 0, 8);
}

// ---- the address behind a list of a payload --------------------------------------------------------------

/** Behind items of a fixed width. */
export function behindItems(items: usize, width: usize): usize {
  return items + COUNT + <usize>countOf(items) * width;
}

/** Behind items of varying length. */
export function behindLengthedItems(items: usize): usize {
  let at = items + COUNT;
  for (let left = countOf(items); left > 0; left--) at = behind(at);
  return at;
}

// ---- lists of an event: written at `at`; the address behind them -----------------------------------------

export function appendItems<T, Stored>(at: usize, values: T[]): usize {
  const count = values.length;
  store<u16>(at, <u16>count);
  at += COUNT;
  for (let i = 0; i < count; i++, at += sizeof<Stored>()) {
    // @ts-ignore: both are numbers
    store<Stored>(at, <Stored>unchecked(values[i]));
  }
  return at;
}

export function appendU128Items(at: usize, values: U128[]): usize {
  const count = values.length;
  store<u16>(at, <u16>count);
  at += COUNT;
  for (let i = 0; i < count; i++, at += 16) putU128(at, unchecked(values[i]));
  return at;
}

export function appendI128Items(at: usize, values: I128[]): usize {
  const count = values.length;
  store<u16>(at, <u16>count);
  at += COUNT;
  for (let i = 0; i < count; i++, at += 16) putI128(at, unchecked(values[i]));
  return at;
}

export function appendTexts(at: usize, values: Text[]): usize {
  const count = values.length;
  store<u16>(at, <u16>count);
  at += COUNT;
  for (let i = 0; i < count; i++) at = appendLengthed(at, changetype<usize>(unchecked(values[i])));
  return at;
}

export function appendBytesList(at: usize, values: Bytes[]): usize {
  const count = values.length;
  store<u16>(at, <u16>count);
  at += COUNT;
  for (let i = 0; i < count; i++) at = appendLengthed(at, changetype<usize>(unchecked(values[i])));
  return at;
}
