/**
 * Numbers as text, exactly: up to 128 bits, decimals with their point, times, hex.
 *
 * Responsible for: digits. No float is involved at any width.
 * Not responsible for: which number is meant, and whether it is in range (value.ts).
 */
import { asciiText, putAscii, putText, putUnit } from "./text";

const ZERO: u32 = 0x30;
/** A u128 has 39 digits; they are made in groups of nine. */
const DIGITS_MAX: i32 = 48;
const digits: usize = memory.data(DIGITS_MAX, 16);
/** Four u32 limbs of the number that is being divided, highest first. */
const limbs: usize = memory.data(16, 16);

const GROUP: u64 = 1_000_000_000;
const GROUP_DIGITS: u32 = 9;

const NS_PER_SECOND: u64 = 1_000_000_000;
const SECONDS_PER_DAY: u64 = 86_400;
/** From 0000-03-01, where the civil calendar is cut into years, to 1970-01-01. */
const DAYS_BEFORE_1970: u64 = 719_468;
const DAYS_PER_ERA: u64 = 146_097;

/** Writes at least `least` digits of a word, so that the last one stands in front of `end`; the place of the first. */
function digitsOfWord(word: u64, end: usize, least: u32): usize {
  let at = end;
  while (word != 0 || end - at < <usize>least) {
    store<u8>(--at, ZERO + <u32>(word % 10));
    word /= 10;
  }
  return at;
}

/** Divides the limbs by 10^9 in place: the rest. */
function divideLimbs(): u64 {
  let rest: u64 = 0;
  for (let i: usize = 0; i < 16; i += 4) {
    const part = (rest << 32) | load<u32>(limbs + i);
    store<u32>(limbs + i, <u32>(part / GROUP));
    rest = part % GROUP;
  }
  return rest;
}

/** Writes at least `least` digits of an unsigned number of 128 bits at the end of `digits`; the place of the first. */
function digitsOf(low: u64, high: u64, least: u32): usize {
  const end = digits + DIGITS_MAX;
  if (high == 0) return digitsOfWord(low, end, least);
  store<u32>(limbs, <u32>(high >> 32));
  store<u32>(limbs, <u32>high, 4);
  store<u32>(limbs, <u32>(low >> 32), 8);
  store<u32>(limbs, <u32>low, 12);
  let at = end;
  while ((load<u64>(limbs) | load<u64>(limbs, 8)) != 0) at = digitsOfWord(divideLimbs(), at, GROUP_DIGITS);
  while (load<u8>(at) == ZERO) at++;
  while (end - at < <usize>least) store<u8>(--at, ZERO);
  return at;
}

export function putNumber(value: u64): void {
  const at = digitsOfWord(value, digits + DIGITS_MAX, 1);
  putAscii(at, <u32>(digits + DIGITS_MAX - at));
}

/** Digits of fixed width, zeros in front. */
function putPadded(value: u64, width: u32): void {
  const at = digitsOfWord(value, digits + DIGITS_MAX, width);
  putAscii(at, <u32>(digits + DIGITS_MAX - at));
}

/**
 * A number of 128 bits, as unsigned or two's complement, with `scale` digits behind the point: always all of them.
 */
export function putWide(low: u64, high: u64, signed: bool, scale: u32): void {
  if (signed && <i64>high < 0) {
    putUnit(0x2d);
    low = ~low + 1;
    high = ~high + (low == 0 ? 1 : 0);
  }
  const at = digitsOf(low, high, scale + 1);
  const whole = <u32>(digits + DIGITS_MAX - at) - scale;
  putAscii(at, whole);
  if (scale == 0) return;
  putUnit(0x2e);
  putAscii(at + whole, scale);
}

/** A number in text, for messages. */
export function numeral(value: u64): string {
  const at = digitsOfWord(value, digits + DIGITS_MAX, 1);
  return asciiText(at, <u32>(digits + DIGITS_MAX - at));
}

/** The same of two's complement of 128 bits, or of an unsigned number. */
export function wideNumeral(low: u64, high: u64, signed: bool): string {
  const negative = signed && <i64>high < 0;
  if (negative) {
    low = ~low + 1;
    high = ~high + (low == 0 ? 1 : 0);
  }
  const at = digitsOf(low, high, 1);
  const text = asciiText(at, <u32>(digits + DIGITS_MAX - at));
  return negative ? "-" + text : text;
}

/** The lower-case hex digit of 0..15. */
export function hexDigit(value: u32): u32 {
  return value < 10 ? ZERO + value : 0x57 + value;
}

/** Two hex digits for each byte. */
export function putHex(at: usize, bytes: u32): void {
  for (let i: u32 = 0; i < bytes; i++) {
    const byte = <u32>load<u8>(at + i);
    putUnit(hexDigit(byte >> 4));
    putUnit(hexDigit(byte & 15));
  }
}

/** Two hex digits for each byte, for messages. */
export function hexText(at: usize, bytes: u32): string {
  let text = "";
  for (let i: u32 = 0; i < bytes; i++) {
    const byte = <u32>load<u8>(at + i);
    text += String.fromCharCode(hexDigit(byte >> 4), hexDigit(byte & 15));
  }
  return text;
}

/** `0x1f`, for messages. */
export function hexNumeral(value: u64): string {
  let at = digits + DIGITS_MAX;
  do {
    store<u8>(--at, hexDigit(<u32>value & 15));
    value >>= 4;
  } while (value != 0);
  return "0x" + asciiText(at, <u32>(digits + DIGITS_MAX - at));
}

/** `2012-06-21T09:30:00.017459617Z`; a u64 ends in 2554. Days to date after Howard Hinnant, "chrono-compatible low-level date algorithms". */
export function putTime(timeNs: u64): void {
  const seconds = timeNs / NS_PER_SECOND;
  const days = seconds / SECONDS_PER_DAY + DAYS_BEFORE_1970;
  const dayOfEra = days % DAYS_PER_ERA;
  const yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  // Months count from March, so that the leap day is the last of a year.
  const monthFromMarch = (5 * dayOfYear + 2) / 153;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = (days / DAYS_PER_ERA) * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  const second = seconds % SECONDS_PER_DAY;
  putPadded(year, 4);
  putUnit(0x2d);
  putPadded(month, 2);
  putUnit(0x2d);
  putPadded(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1, 2);
  putText("T");
  putPadded(second / 3_600, 2);
  putText(":");
  putPadded((second / 60) % 60, 2);
  putText(":");
  putPadded(second % 60, 2);
  putText(".");
  putPadded(timeNs % NS_PER_SECOND, 9);
  putText("Z");
}
