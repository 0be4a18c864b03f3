/**
 * `num.i64`: checked arithmetic of signed 64-bit integers. Allocates nothing.
 *
 * Products and quotients are made of magnitudes, which are unsigned: the magnitude of the smallest value has no i64.
 */
import { overflow } from "../overflow";
import { checkMode, compareToHalf, growsMagnitude, Rounding } from "../rounding";
import { divideTwoWords, multiplyHigh, powerOfTen, WORD_DECIMALS } from "../word-arithmetic";
import { checkScales } from "./scales";

export function add(a: i64, b: i64): i64 {
  const sum = a + b;
  if (((a ^ sum) & (b ^ sum)) < 0) overflow();
  return sum;
}

export function sub(a: i64, b: i64): i64 {
  const difference = a - b;
  if (((a ^ b) & (a ^ difference)) < 0) overflow();
  return difference;
}

export function mul(a: i64, b: i64): i64 {
  const product = a * b;
  // Neither operand needs more than 32 bits: the product needs no more than 64.
  if (a == <i64>(<i32>a) && b == <i64>(<i32>b)) return product;
  const aSize = magnitude(a);
  const bSize = magnitude(b);
  if (multiplyHigh(aSize, bSize) != 0) overflow();
  return fromMagnitude(aSize * bSize, (a ^ b) < 0);
}

/** A division by zero traps. */
export function div(a: i64, b: i64, mode: Rounding = 0): i64 {
  checkMode(mode);
  const dividend = magnitude(a);
  const divisor = magnitude(b);
  return rounded(dividend / divisor, dividend % divisor, divisor, (a ^ b) < 0, mode);
}

/** `a * b / c`, the product unbounded. A division by zero traps. */
export function mulDiv(a: i64, b: i64, c: i64, mode: Rounding = 0): i64 {
  checkMode(mode);
  if (c == 0) unreachable();
  const aSize = magnitude(a);
  const bSize = magnitude(b);
  const divisor = magnitude(c);
  const high = multiplyHigh(aSize, bSize);
  if (high >= divisor) overflow();
  const low = aSize * bSize;
  const quotient = divideTwoWords(high, low, divisor);
  return rounded(quotient, low - quotient * divisor, divisor, (a ^ b ^ c) < 0, mode);
}

/** A mantissa of `from` decimal places as one of `to`. Scales outside of 0 to 38 trap. */
export function rescale(value: i64, from: i32, to: i32, mode: Rounding = 0): i64 {
  checkScales(from, to);
  const size = magnitude(value);
  const negative = value < 0;
  if (to >= from) {
    if (value == 0) return 0;
    if (to - from > WORD_DECIMALS) overflow();
    const power = powerOfTen(to - from);
    if (multiplyHigh(size, power) != 0) overflow();
    return fromMagnitude(size * power, negative);
  }
  checkMode(mode);
  if (from - to <= WORD_DECIMALS) {
    const power = powerOfTen(from - to);
    return rounded(size / power, size % power, power, negative, mode);
  }
  // The divisor is more than twice any value: the quotient is 0, and the value below its half.
  const grows = value != 0 && growsMagnitude(-1, false, negative, mode);
  return grows ? (negative ? -1 : 1) : 0;
}

function magnitude(value: i64): u64 {
  return value < 0 ? 0 - <u64>value : <u64>value;
}

function fromMagnitude(size: u64, negative: bool): i64 {
  if (size > <u64>i64.MAX_VALUE + u64(negative)) overflow();
  return negative ? <i64>(0 - size) : <i64>size;
}

/**
 * Rounding never makes a magnitude smaller: one that is beyond the type stays there. It does not wrap either: operands
 * of at most 2^63 have no inexact quotient of 2^64 - 1.
 */
function rounded(quotient: u64, rest: u64, divisor: u64, negative: bool, mode: Rounding): i64 {
  const grows =
    rest != 0 && growsMagnitude(compareToHalf(rest, divisor), (quotient & 1) != 0, negative, mode);
  return fromMagnitude(quotient + u64(grows), negative);
}
