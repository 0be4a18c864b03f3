/** `num.u64`: checked arithmetic of unsigned 64-bit integers. Allocates nothing. */
import { overflow } from "../overflow";
import { checkMode, compareToHalf, growsMagnitude, Rounding } from "../rounding";
import { divideTwoWords, multiplyHigh, powerOfTen, WORD_DECIMALS } from "../word-arithmetic";
import { checkScales } from "./scales";

export function add(a: u64, b: u64): u64 {
  const sum = a + b;
  if (sum < a) overflow();
  return sum;
}

export function sub(a: u64, b: u64): u64 {
  if (b > a) overflow();
  return a - b;
}

export function mul(a: u64, b: u64): u64 {
  if ((a | b) >> 32 != 0 && multiplyHigh(a, b) != 0) overflow();
  return a * b;
}

/** A division by zero traps. */
export function div(a: u64, b: u64, mode: Rounding = 0): u64 {
  checkMode(mode);
  return rounded(a / b, a % b, b, mode);
}

/** `a * b / c`, the product unbounded. A division by zero traps. */
export function mulDiv(a: u64, b: u64, c: u64, mode: Rounding = 0): u64 {
  checkMode(mode);
  if (c == 0) unreachable();
  const high = multiplyHigh(a, b);
  if (high >= c) overflow();
  const quotient = divideTwoWords(high, a * b, c);
  return rounded(quotient, a * b - quotient * c, c, mode);
}

/** A mantissa of `from` decimal places as one of `to`. Scales outside of 0 to 38 trap. */
export function rescale(value: u64, from: i32, to: i32, mode: Rounding = 0): u64 {
  checkScales(from, to);
  if (to >= from) {
    if (to - from <= WORD_DECIMALS) return mul(value, powerOfTen(to - from));
    if (value != 0) overflow();
    return 0;
  }
  if (from - to <= WORD_DECIMALS) return div(value, powerOfTen(from - to), mode);
  checkMode(mode);
  // The divisor is more than twice any value: the quotient is 0, and below its half.
  return u64(value != 0 && growsMagnitude(-1, false, false, mode));
}

function rounded(quotient: u64, rest: u64, divisor: u64, mode: Rounding): u64 {
  if (rest == 0 || mode == Rounding.Truncate) return quotient;
  if (!growsMagnitude(compareToHalf(rest, divisor), (quotient & 1) != 0, false, mode)) return quotient;
  if (quotient == u64.MAX_VALUE) overflow();
  return quotient + 1;
}
