/** `num.u128`: checked arithmetic of unsigned 128-bit integers. Each call allocates its result and nothing else. */
import { checkMode, Rounding } from "../rounding";
import { multiplyMagnitudes, U128 } from "../wide";
import { checkScales } from "./scales";
import { productQuotientOf, quotientOf, wideTenHigh, wideTenLow } from "./wide-quotient";

export function add(a: U128, b: U128): U128 {
  return a.plus(b);
}

export function sub(a: U128, b: U128): U128 {
  return a.minus(b);
}

export function mul(a: U128, b: U128): U128 {
  return a.times(b);
}

/** A division by zero traps. */
export function div(a: U128, b: U128, mode: Rounding = 0): U128 {
  checkMode(mode);
  return quotientOf<U128>(a.lo, a.hi, b.lo, b.hi, false, mode);
}

/** `a * b / c`, the product unbounded. A division by zero traps. */
export function mulDiv(a: U128, b: U128, c: U128, mode: Rounding = 0): U128 {
  checkMode(mode);
  return productQuotientOf<U128>(a.lo, a.hi, b.lo, b.hi, c.lo, c.hi, false, mode);
}

/** A mantissa of `from` decimal places as one of `to`. Scales outside of 0 to 38 trap. */
export function rescale(value: U128, from: i32, to: i32, mode: Rounding = 0): U128 {
  checkScales(from, to);
  if (to >= from) {
    return multiplyMagnitudes<U128>(value.lo, value.hi, wideTenLow(to - from), wideTenHigh(to - from), false);
  }
  checkMode(mode);
  const places = from - to;
  return quotientOf<U128>(value.lo, value.hi, wideTenLow(places), wideTenHigh(places), false, mode);
}
