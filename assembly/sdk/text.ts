/**
 * Text: UTF-8 bytes behind their length, wherever they stand.
 *
 *   0        2
 *   | length | bytes ...          the object is the address of the length
 *
 * The form of a text in payloads, events and records, so a text of a payload, or of an immutable field, is a view and
 * costs nothing. A text of a field that may change is a copy, as in the open lane: it stays what it was when read.
 */
import { isSame, setLength } from "./lengthed";
import { opAllocate } from "./operations";
import { overflow } from "./overflow";

/** Stands for every string that has no UTF-8 form. Its length is 0. */
const INVALID: usize = memory.data(2, 2);
const EMPTY: usize = memory.data(2, 2);
const LENGTH_MAX: u32 = 0xffff;

/** A text, as UTF-8. It never changes. */
@unmanaged
export abstract class Text {
  /** The text without a byte. */
  static get EMPTY(): Text {
    return changetype<Text>(EMPTY);
  }

  /**
   * The text of a string, of at most 65,535 bytes; a longer one faults the command with OVERFLOW. A string with a lone
   * surrogate has no UTF-8 form: writing its text to a field is MISUSE.
   */
  static of(value: string): Text {
    const bytes = utf8Bytes(value);
    if (bytes < 0) return changetype<Text>(INVALID);
    if (<u32>bytes > LENGTH_MAX) overflow();
    const text = opAllocate(2 + <u32>bytes);
    setLength(text, bytes);
    writeUtf8(text + 2, value);
    return changetype<Text>(text);
  }

  /** Of the UTF-8 form, in bytes. */
  get length(): i32 {
    return <i32>load<u16>(changetype<usize>(this));
  }

  /** Whether it has a UTF-8 form. */
  get isValid(): bool {
    return changetype<usize>(this) != INVALID;
  }

  toString(): string {
    return String.UTF8.decodeUnsafe(changetype<usize>(this) + 2, <usize>this.length);
  }

  @operator("==")
  equals(other: Text): bool {
    return isSame(changetype<usize>(this), changetype<usize>(other));
  }

  @operator("!=")
  private differs(other: Text): bool {
    return !isSame(changetype<usize>(this), changetype<usize>(other));
  }
}

function isHigh(unit: i32): bool {
  return (unit & 0xfc00) == 0xd800;
}

function isLow(unit: i32): bool {
  return (unit & 0xfc00) == 0xdc00;
}

/** Bytes of the UTF-8 form, or -1 if there is none: a surrogate stands alone. */
function utf8Bytes(value: string): i32 {
  let bytes = 0;
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (!isHigh(unit) && !isLow(unit)) bytes += 3;
    else if (isHigh(unit) && i + 1 < value.length && isLow(value.charCodeAt(i + 1))) {
      bytes += 4;
      i++;
    } else return -1;
  }
  return bytes;
}

/** Writes the UTF-8 form of a string that has one. */
function writeUtf8(at: usize, value: string): void {
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if (unit < 0x80) {
      store<u8>(at, <u8>unit);
      at += 1;
    } else if (unit < 0x800) {
      store<u8>(at, <u8>(0xc0 | (unit >> 6)));
      store<u8>(at, <u8>(0x80 | (unit & 0x3f)), 1);
      at += 2;
    } else if (!isHigh(unit)) {
      store<u8>(at, <u8>(0xe0 | (unit >> 12)));
      store<u8>(at, <u8>(0x80 | ((unit >> 6) & 0x3f)), 1);
      store<u8>(at, <u8>(0x80 | (unit & 0x3f)), 2);
      at += 3;
    } else {
      const point = 0x10000 + ((unit & 0x3ff) << 10) + (value.charCodeAt(++i) & 0x3ff);
      store<u8>(at, <u8>(0xf0 | (point >> 18)));
      store<u8>(at, <u8>(0x80 | ((point >> 12) & 0x3f)), 1);
      store<u8>(at, <u8>(0x80 | ((point >> 6) & 0x3f)), 2);
      store<u8>(at, <u8>(0x80 | (point & 0x3f)), 3);
      at += 4;
    }
  }
}
