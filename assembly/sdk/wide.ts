/**
 * Integers of 128 bits: `U128` and `I128`.
 *
 * Responsible for: values, comparisons, the operators, decimal text.
 * Not responsible for: rounding (num/).
 *
 * Values never change. Operators are checked: what leaves the type faults the command with OVERFLOW, a division by zero
 * traps. Every result is an allocation in the arena of the command.
 */
import { overflow } from "./overflow";
import { compareWords, multiplyHigh, powerOfTen, quotientLow, WORD_DECIMALS } from "./word-arithmetic";

/** An unsigned integer of 128 bits. */
@final
export class U128 {
  /** @param lo the low 64 bits @param hi the high 64 bits */
  constructor(
    readonly lo: u64,
    readonly hi: u64,
  ) {}

  /** The value of any integer: `U128.from(5)`. Faults OVERFLOW below zero. */
  static from<T>(value: T): U128 {
    if (!isInteger<T>()) ERROR("U128.from takes an integer");
    if (isSigned<T>() && <i64>value < 0) overflow();
    return new U128(<u64>value, 0);
  }

  get isZero(): bool {
    return (this.lo | this.hi) == 0;
  }

  /** As a u64. Faults OVERFLOW beyond it. */
  toU64(): u64 {
    if (this.hi != 0) overflow();
    return this.lo;
  }

  /** As an i64. Faults OVERFLOW beyond it. */
  toI64(): i64 {
    if (this.hi != 0 || <i64>this.lo < 0) overflow();
    return <i64>this.lo;
  }

  /** As an I128. Faults OVERFLOW beyond it. */
  toI128(): I128 {
    return fromMagnitude<I128>(this.lo, this.hi, false);
  }

  /** -1, 0 or 1. */
  compare(other: U128): i32 {
    return compareWords(this.lo, this.hi, other.lo, other.hi);
  }

  @operator("==")
  equals(other: U128): bool {
    return this.lo == other.lo && this.hi == other.hi;
  }

  @operator("!=")
  differs(other: U128): bool {
    return !this.equals(other);
  }

  @operator("<")
  isLess(other: U128): bool {
    return this.compare(other) < 0;
  }

  @operator("<=")
  isLessOrEqual(other: U128): bool {
    return this.compare(other) <= 0;
  }

  @operator(">")
  isGreater(other: U128): bool {
    return this.compare(other) > 0;
  }

  @operator(">=")
  isGreaterOrEqual(other: U128): bool {
    return this.compare(other) >= 0;
  }

  @operator("+")
  plus(other: U128): U128 {
    const lo = this.lo + other.lo;
    const sum = this.hi + other.hi;
    const hi = sum + u64(lo < other.lo);
    if (sum < other.hi || hi < sum) overflow();
    return new U128(lo, hi);
  }

  @operator("-")
  minus(other: U128): U128 {
    if (this.compare(other) < 0) overflow();
    return new U128(this.lo - other.lo, this.hi - other.hi - u64(this.lo < other.lo));
  }

  @operator("*")
  times(other: U128): U128 {
    return multiplyMagnitudes<U128>(this.lo, this.hi, other.lo, other.hi, false);
  }

  /** The quotient, rounded down. */
  @operator("/")
  over(other: U128): U128 {
    return divideMagnitudes<U128>(this.lo, this.hi, other.lo, other.hi, false);
  }

  /** The rest of the division. */
  @operator("%")
  rest(other: U128): U128 {
    return restOfMagnitudes<U128>(this.lo, this.hi, other.lo, other.hi, false);
  }

  /** Decimal digits. */
  toString(): string {
    return decimalDigits(this.lo, this.hi);
  }
}

/** A signed integer of 128 bits, two's complement. */
@final
export class I128 {
  /** @param lo the low 64 bits @param hi the high 64 bits, with the sign */
  constructor(
    readonly lo: u64,
    readonly hi: i64,
  ) {}

  /** The value of any integer: `I128.from(-5)`. */
  static from<T>(value: T): I128 {
    if (!isInteger<T>()) ERROR("I128.from takes an integer");
    return isSigned<T>() ? new I128(<u64>value, <i64>value >> 63) : new I128(<u64>value, 0);
  }

  get isZero(): bool {
    return (this.lo | <u64>this.hi) == 0;
  }

  get isNegative(): bool {
    return this.hi < 0;
  }

  /** The low 64 bits of the absolute value. */
  get magnitudeLow(): u64 {
    return this.hi < 0 ? 0 - this.lo : this.lo;
  }

  /** The high 64 bits of the absolute value: 2^63 for the smallest value. */
  get magnitudeHigh(): u64 {
    return this.hi < 0 ? ~(<u64>this.hi) + u64(this.lo == 0) : <u64>this.hi;
  }

  /** As a u64. Faults OVERFLOW beyond it. */
  toU64(): u64 {
    if (this.hi != 0) overflow();
    return this.lo;
  }

  /** As an i64. Faults OVERFLOW beyond it. */
  toI64(): i64 {
    if (this.hi != <i64>this.lo >> 63) overflow();
    return <i64>this.lo;
  }

  /** As a U128. Faults OVERFLOW below zero. */
  toU128(): U128 {
    if (this.hi < 0) overflow();
    return new U128(this.lo, <u64>this.hi);
  }

  /** -1, 0 or 1. */
  compare(other: I128): i32 {
    if (this.hi != other.hi) return this.hi < other.hi ? -1 : 1;
    if (this.lo == other.lo) return 0;
    return this.lo < other.lo ? -1 : 1;
  }

  @operator("==")
  equals(other: I128): bool {
    return this.lo == other.lo && this.hi == other.hi;
  }

  @operator("!=")
  differs(other: I128): bool {
    return !this.equals(other);
  }

  @operator("<")
  isLess(other: I128): bool {
    return this.compare(other) < 0;
  }

  @operator("<=")
  isLessOrEqual(other: I128): bool {
    return this.compare(other) <= 0;
  }

  @operator(">")
  isGreater(other: I128): bool {
    return this.compare(other) > 0;
  }

  @operator(">=")
  isGreaterOrEqual(other: I128): bool {
    return this.compare(other) >= 0;
  }

  @operator.prefix("-")
  negated(): I128 {
    return fromMagnitude<I128>(this.magnitudeLow, this.magnitudeHigh, this.hi >= 0);
  }

  @operator("+")
  plus(other: I128): I128 {
    const lo = this.lo + other.lo;
    const hi = this.hi + other.hi + i64(lo < other.lo);
    if (((this.hi ^ hi) & (other.hi ^ hi)) < 0) overflow();
    return new I128(lo, hi);
  }

  @operator("-")
  minus(other: I128): I128 {
    const hi = this.hi - other.hi - i64(this.lo < other.lo);
    if (((this.hi ^ other.hi) & (this.hi ^ hi)) < 0) overflow();
    return new I128(this.lo - other.lo, hi);
  }

  @operator("*")
  times(other: I128): I128 {
    const negative = this.hi < 0 != other.hi < 0;
    return multiplyMagnitudes<I128>(
      this.magnitudeLow,
      this.magnitudeHigh,
      other.magnitudeLow,
      other.magnitudeHigh,
      negative,
    );
  }

  /** The quotient, rounded toward zero. */
  @operator("/")
  over(other: I128): I128 {
    const negative = this.hi < 0 != other.hi < 0;
    return divideMagnitudes<I128>(
      this.magnitudeLow,
      this.magnitudeHigh,
      other.magnitudeLow,
      other.magnitudeHigh,
      negative,
    );
  }

  /** The rest of the division, with the sign of the dividend. */
  @operator("%")
  rest(other: I128): I128 {
    return restOfMagnitudes<I128>(
      this.magnitudeLow,
      this.magnitudeHigh,
      other.magnitudeLow,
      other.magnitudeHigh,
      this.hi < 0,
    );
  }

  /** Decimal digits, behind a minus below zero. */
  toString(): string {
    const digits = decimalDigits(this.magnitudeLow, this.magnitudeHigh);
    return this.hi < 0 ? "-" + digits : digits;
  }
}

/** The value of type T, `U128` or `I128`, with this magnitude and sign. Faults OVERFLOW if the type has none. */
export function fromMagnitude<T>(lo: u64, hi: u64, negative: bool): T {
  if (idof<T>() == idof<U128>()) {
    if (negative && (lo | hi) != 0) overflow();
    return changetype<T>(new U128(lo, hi));
  }
  if (!negative) {
    if (<i64>hi < 0) overflow();
    return changetype<T>(new I128(lo, <i64>hi));
  }
  if (<i64>hi < 0 && (lo != 0 || hi << 1 != 0)) overflow();
  return changetype<T>(new I128(0 - lo, <i64>(~hi + u64(lo == 0))));
}

/** The product of two magnitudes, as a T. */
export function multiplyMagnitudes<T>(aLow: u64, aHigh: u64, bLow: u64, bHigh: u64, negative: bool): T {
  const isBeyond = aHigh != 0 && bHigh != 0;
  const crossOverflow = (multiplyHigh(aHigh, bLow) | multiplyHigh(aLow, bHigh)) != 0;
  if (isBeyond || crossOverflow) overflow();
  const cross = aHigh * bLow + aLow * bHigh;
  const hi = multiplyHigh(aLow, bLow) + cross;
  if (hi < cross) overflow();
  return fromMagnitude<T>(aLow * bLow, hi, negative);
}

function divideMagnitudes<T>(aLow: u64, aHigh: u64, bLow: u64, bHigh: u64, negative: bool): T {
  const hi = bHigh == 0 ? aHigh / bLow : 0;
  return fromMagnitude<T>(quotientLow(aLow, aHigh, bLow, bHigh), hi, negative);
}

function restOfMagnitudes<T>(aLow: u64, aHigh: u64, bLow: u64, bHigh: u64, negative: bool): T {
  const quotient = quotientLow(aLow, aHigh, bLow, bHigh);
  const productLow = quotient * bLow;
  // The high word of the quotient only moves words above those that the rest has.
  const productHigh = multiplyHigh(quotient, bLow) + quotient * bHigh;
  const high = bHigh == 0 ? 0 : aHigh - productHigh - u64(aLow < productLow);
  return fromMagnitude<T>(aLow - productLow, high, negative);
}

/** The digits of an unsigned value: words of 19 digits each, from the last one. */
function decimalDigits(lo: u64, hi: u64): string {
  const base = powerOfTen(WORD_DECIMALS);
  let digits = "";
  while (hi != 0) {
    const quotient = quotientLow(lo, hi, base, 0);
    digits = (lo - quotient * base).toString().padStart(WORD_DECIMALS, "0") + digits;
    lo = quotient;
    hi /= base;
  }
  return lo.toString() + digits;
}
