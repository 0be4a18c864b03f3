/** `num.i128`: checked arithmetic of signed 128-bit integers. Each call allocates its result and nothing else. */
import { checkMode, Rounding } from "../rounding";
import { I128, multiplyMagnitudes } from "../wide";
import { checkScales } from "./scales";
import { productQuotientOf, quotientOf, wideTenHigh, wideTenLow } from "./wide-quotient";

export function add(a: I128, b: I128): I128 {
  return a.plus(b);
}

export function sub(a: I128, b: I128): I128 {
  return a.minus(b);
}

export function mul(a: I128, b: I128): I128 {
  return a.times(b);
}

/** A division by zero traps. */
export function div(a: I128, b: I128, mode: Rounding = 0): I128 {
  checkMode(mode);
  return quotientOf<I128>(
    a.magnitudeLow,
    a.magnitudeHigh,
    b.magnitudeLow,
    b.magnitudeHigh,
    a.isNegative != b.isNegative,
    mode,
  );
}

/** `a * b / c`, the product unbounded. A division by zero traps. */
export function mulDiv(a: I128, b: I128, c: I128, mode: Rounding = 0): I128 {
  checkMode(mode);
  return productQuotientOf<I128>(
    a.magnitudeLow,
    a.magnitudeHigh,
    b.magnitudeLow,
    b.magnitudeHigh,
    c.magnitudeLow,
    c.magnitudeHigh,
    (a.hi ^ b.hi ^ c.hi) < 0,
    mode,
  );
}

/** A mantissa of `from` decimal places as one of `to`. Scales outside of 0 to 38 trap. */
export function rescale(value: I128, from: i32, to: i32, mode: Rounding = 0): I128 {
  checkScales(from, to);
  const negative = value.isNegative;
  const places = to >= from ? to - from : from - to;
  const powerLow = wideTenLow(places);
  const powerHigh = wideTenHigh(places);
  if (to >= from) {
    return multiplyMagnitudes<I128>(value.magnitudeLow, value.magnitudeHigh, powerLow, powerHigh, negative);
  }
  checkMode(mode);
  return quotientOf<I128>(value.magnitudeLow, value.magnitudeHigh, powerLow, powerHigh, negative, mode);
}
