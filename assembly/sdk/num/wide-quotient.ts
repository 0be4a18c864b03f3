/**
 * Rounded quotients of 128-bit magnitudes, and of 256-bit products: what `num.u128` and `num.i128` share.
 *
 * Responsible for: exact division, rounding, powers of ten beyond one word.
 * Not responsible for: the sign of operands (i128.ts). T is `U128` or `I128`: the type of the result.
 */
import { overflow } from "../overflow";
import { growsMagnitude, Rounding } from "../rounding";
import { fromMagnitude } from "../wide";
import {
  compareWords,
  divideThreeWords,
  divideTwoWords,
  multiplyHigh,
  powerOfTen,
  quotientLow,
  WORD_DECIMALS,
} from "../word-arithmetic";

/** The quotient of two magnitudes. A division by zero traps. */
export function quotientOf<T>(
  low: u64,
  high: u64,
  divisorLow: u64,
  divisorHigh: u64,
  negative: bool,
  mode: Rounding,
): T {
  const quotientHigh = divisorHigh == 0 ? high / divisorLow : 0;
  const quotient = quotientLow(low, high, divisorLow, divisorHigh);
  const productLow = quotient * divisorLow;
  const productHigh = multiplyHigh(quotient, divisorLow) + quotient * divisorHigh;
  const restHigh = divisorHigh == 0 ? 0 : high - productHigh - u64(low < productLow);
  return rounded<T>(
    quotient,
    quotientHigh,
    low - productLow,
    restHigh,
    divisorLow,
    divisorHigh,
    negative,
    mode,
  );
}

/** `a * b / c` of magnitudes; the product has 256 bits. A division by zero traps. */
export function productQuotientOf<T>(
  aLow: u64,
  aHigh: u64,
  bLow: u64,
  bHigh: u64,
  cLow: u64,
  cHigh: u64,
  negative: bool,
  mode: Rounding,
): T {
  if ((cLow | cHigh) == 0) unreachable();
  // The product, from its lowest word p0 to its highest p3: four partial products, added by columns.
  const p0 = aLow * bLow;
  const crossA = aHigh * bLow;
  const crossB = aLow * bHigh;
  const middle = multiplyHigh(aLow, bLow) + crossA;
  const p1 = middle + crossB;
  const carry1 = u64(middle < crossA) + u64(p1 < crossB);
  const crossAHigh = multiplyHigh(aHigh, bLow);
  const crossBHigh = multiplyHigh(aLow, bHigh);
  const top = aHigh * bHigh;
  const crossHigh = crossAHigh + crossBHigh;
  const column = crossHigh + top;
  const p2 = column + carry1;
  const carry2 = u64(crossHigh < crossAHigh) + u64(column < top) + u64(p2 < carry1);
  const p3 = multiplyHigh(aHigh, bHigh) + carry2;
  if (p3 == 0 && p2 == 0) return quotientOf<T>(p0, p1, cLow, cHigh, negative, mode);
  if (compareWords(p2, p3, cLow, cHigh) >= 0) overflow();
  return cHigh == 0
    ? byOneWord<T>(p0, p1, p2, cLow, negative, mode)
    : byTwoWords<T>(p0, p1, p2, p3, cLow, cHigh, negative, mode);
}

/** Three words by one; `p2` is less than the divisor. */
function byOneWord<T>(p0: u64, p1: u64, p2: u64, divisor: u64, negative: bool, mode: Rounding): T {
  const quotientHigh = divideTwoWords(p2, p1, divisor);
  const rest = p1 - quotientHigh * divisor;
  const quotientLow = divideTwoWords(rest, p0, divisor);
  return rounded<T>(quotientLow, quotientHigh, p0 - quotientLow * divisor, 0, divisor, 0, negative, mode);
}

/** Four words by two; `p3:p2` is less than the divisor. */
function byTwoWords<T>(
  p0: u64,
  p1: u64,
  p2: u64,
  p3: u64,
  cLow: u64,
  cHigh: u64,
  negative: bool,
  mode: Rounding,
): T {
  const shift = clz(cHigh);
  const divisorLow = cLow << shift;
  const divisorHigh = shiftedHigh(cHigh, cLow, shift);
  const n3 = shiftedHigh(p3, p2, shift);
  const n2 = shiftedHigh(p2, p1, shift);
  const n1 = shiftedHigh(p1, p0, shift);
  const n0 = p0 << shift;

  const quotientHigh = divideThreeWords(n3, n2, n1, divisorHigh, divisorLow);
  const upper = quotientHigh * divisorLow;
  const upperBorrow = u64(n1 < upper);
  const left1 = n1 - upper;
  const left2 = n2 - multiplyHigh(quotientHigh, divisorLow) - quotientHigh * divisorHigh - upperBorrow;

  const quotientLow = divideThreeWords(left2, left1, n0, divisorHigh, divisorLow);
  const lower = quotientLow * divisorLow;
  const lowerBorrow = u64(n0 < lower);
  const rest0 = n0 - lower;
  const rest1 = left1 - multiplyHigh(quotientLow, divisorLow) - quotientLow * divisorHigh - lowerBorrow;
  // Rest and divisor are both shifted: they compare as they are.
  return rounded<T>(quotientLow, quotientHigh, rest0, rest1, divisorLow, divisorHigh, negative, mode);
}

/** The high word of `high:low` shifted left by less than 64 bits. */
function shiftedHigh(high: u64, low: u64, shift: u64): u64 {
  return shift == 0 ? high : (high << shift) | (low >> (64 - shift));
}

function rounded<T>(
  low: u64,
  high: u64,
  restLow: u64,
  restHigh: u64,
  divisorLow: u64,
  divisorHigh: u64,
  negative: bool,
  mode: Rounding,
): T {
  if ((restLow | restHigh) == 0) return fromMagnitude<T>(low, high, negative);
  const otherHigh = divisorHigh - restHigh - u64(divisorLow < restLow);
  const order = compareWords(restLow, restHigh, divisorLow - restLow, otherHigh);
  const growth = u64(growsMagnitude(order, (low & 1) != 0, negative, mode));
  const grown = low + growth;
  const carry = u64(grown < growth);
  if (carry != 0 && high == u64.MAX_VALUE) overflow();
  return fromMagnitude<T>(grown, high + carry, negative);
}

/** The low word of 10^n. @param n 0 to 38 */
export function wideTenLow(n: i32): u64 {
  return n <= WORD_DECIMALS ? powerOfTen(n) : powerOfTen(WORD_DECIMALS) * powerOfTen(n - WORD_DECIMALS);
}

/** The high word of 10^n. @param n 0 to 38 */
export function wideTenHigh(n: i32): u64 {
  return n <= WORD_DECIMALS ? 0 : multiplyHigh(powerOfTen(WORD_DECIMALS), powerOfTen(n - WORD_DECIMALS));
}
