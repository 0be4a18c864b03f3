/**
 * Products and quotients of unsigned values that take more than one 64-bit word, one word of the result at a time.
 *
 * Responsible for: the high word of a product, a word of a quotient of two or three words, powers of ten.
 * Not responsible for: signs, rounding, results that leave a type. Nothing here allocates or traps, but a division by
 * zero.
 *
 * Division is Knuth's algorithm D (The Art of Computer Programming, volume 2, 4.3.1): a digit is guessed from the
 * leading digits of a divisor whose top bit is set, and lowered at most twice.
 */

const HALF_MASK: u64 = 0xffffffff;

/** The high word of `a * b`. The low word is what `*` gives. */
export function multiplyHigh(a: u64, b: u64): u64 {
  const aLow = a & HALF_MASK;
  const aHigh = a >> 32;
  const bLow = b & HALF_MASK;
  const bHigh = b >> 32;
  const middle = aHigh * bLow + ((aLow * bLow) >> 32);
  const other = aLow * bHigh + (middle & HALF_MASK);
  return aHigh * bHigh + (middle >> 32) + (other >> 32);
}

/** The next 32-bit digit of a quotient. `rest` is less than the divisor, whose top bit is set. */
function nextDigit(rest: u64, next: u64, divisor: u64): u64 {
  const high = divisor >> 32;
  const low = divisor & HALF_MASK;
  let digit = rest / high;
  let left = rest - digit * high;
  while (digit > HALF_MASK || digit * low > ((left << 32) | next)) {
    digit--;
    left += high;
    if (left > HALF_MASK) break;
  }
  return digit;
}

/** `high:low / divisor`, where `high` is less than `divisor`, so that the quotient is one word. */
export function divideTwoWords(high: u64, low: u64, divisor: u64): u64 {
  if (high == 0) return low / divisor;
  const shift = clz(divisor);
  const scaled = divisor << shift;
  const top = shift == 0 ? high : (high << shift) | (low >> (64 - shift));
  const bottom = low << shift;
  const first = nextDigit(top, bottom >> 32, scaled);
  const rest = ((top << 32) | (bottom >> 32)) - first * scaled;
  return (first << 32) | nextDigit(rest, bottom & HALF_MASK, scaled);
}

/**
 * `high:middle:low / divisorHigh:divisorLow`, where the top bit of the divisor is set and `high:middle` is less than it,
 * so that the quotient is one word.
 */
export function divideThreeWords(high: u64, middle: u64, low: u64, divisorHigh: u64, divisorLow: u64): u64 {
  let word: u64;
  let left: u64;
  if (high == divisorHigh) {
    word = u64.MAX_VALUE;
    left = middle + divisorHigh;
    if (left < middle) return word;
  } else {
    word = divideTwoWords(high, middle, divisorHigh);
    left = middle - word * divisorHigh;
  }
  while (true) {
    const productHigh = multiplyHigh(word, divisorLow);
    if (productHigh < left || (productHigh == left && word * divisorLow <= low)) return word;
    word--;
    left += divisorHigh;
    if (left < divisorHigh) return word;
  }
}

/**
 * The low word of the quotient of two 128-bit values. The high word is `dividendHigh / divisorLow` if the high word of
 * the divisor is 0, else 0.
 */
export function quotientLow(dividendLow: u64, dividendHigh: u64, divisorLow: u64, divisorHigh: u64): u64 {
  if (divisorHigh == 0) return divideTwoWords(dividendHigh % divisorLow, dividendLow, divisorLow);
  const shift = clz(divisorHigh);
  if (shift == 0) return divideThreeWords(0, dividendHigh, dividendLow, divisorHigh, divisorLow);
  const back = 64 - shift;
  return divideThreeWords(
    dividendHigh >> back,
    (dividendHigh << shift) | (dividendLow >> back),
    dividendLow << shift,
    (divisorHigh << shift) | (divisorLow >> back),
    divisorLow << shift,
  );
}

/** Compares two unsigned 128-bit values: -1, 0 or 1. */
export function compareWords(aLow: u64, aHigh: u64, bLow: u64, bHigh: u64): i32 {
  if (aHigh != bHigh) return aHigh < bHigh ? -1 : 1;
  if (aLow == bLow) return 0;
  return aLow < bLow ? -1 : 1;
}

/** The largest power of ten that is one word: 10^19. */
export const WORD_DECIMALS: i32 = 19;

/** 10^n as a word. @param n 0 to 19 */
export function powerOfTen(n: i32): u64 {
  let power: u64 = 1;
  let base: u64 = 10;
  for (let bits = n; bits != 0; bits >>= 1) {
    if (bits & 1) power *= base;
    base *= base;
  }
  return power;
}
