/**
 * Integers of 128 and 256 bits, as far as range checks, comparisons and conserved sums need them.
 *
 * A 128-bit value is two words (low, high) in memory, little-endian like every value. Signed values are compared as
 * two's complement.
 */

/** 10^0 .. 10^38, two words each, made once. */
const powers: usize = memory.data(39 * 16, 16);
let powersMade = false;

function makePowers(): void {
  if (powersMade) return;
  powersMade = true;
  store<u64>(powers, 1);
  for (let i = 1; i < 39; i++) {
    const from = powers + ((<usize>i - 1) << 4);
    const low = load<u64>(from);
    const high = load<u64>(from, 8);
    // 10 x = 8 x + 2 x
    const low8 = low << 3;
    const low2 = low << 1;
    const sum = low8 + low2;
    const carry: u64 = sum < low8 ? 1 : 0;
    store<u64>(from + 16, sum);
    store<u64>(from + 16, ((high << 3) | (low >> 61)) + ((high << 1) | (low >> 63)) + carry, 8);
  }
}

/** Whether a signed 128-bit mantissa has at most `precision` digits. */
export function fitsPrecision(low: u64, high: i64, precision: u32): bool {
  makePowers();
  const limit = powers + ((<usize>precision) << 4);
  let absoluteLow = low;
  let absoluteHigh = <u64>high;
  if (high < 0) {
    absoluteLow = ~low + 1;
    absoluteHigh = ~(<u64>high) + (absoluteLow == 0 ? 1 : 0);
  }
  const limitHigh = load<u64>(limit, 8);
  if (absoluteHigh != limitHigh) return absoluteHigh < limitHigh;
  return absoluteLow < load<u64>(limit);
}

/** Compares two 128-bit values, as signed or unsigned: -1, 0 or 1. */
export function compareWide(lowA: u64, highA: u64, lowB: u64, highB: u64, signed: bool): i32 {
  if (highA != highB) {
    if (signed) return <i64>highA < <i64>highB ? -1 : 1;
    return highA < highB ? -1 : 1;
  }
  if (lowA == lowB) return 0;
  return lowA < lowB ? -1 : 1;
}

/**
 * Adds a 128-bit value (`extension` is its sign, 0 or all ones) to a 256-bit sum of four words, or takes it away.
 * 65,535 records times 8 terms of 128 bits stay far below 256 bits.
 */
export function addToSum(sum: usize, low: u64, high: u64, extension: u64, negate: bool): void {
  let carry: u64 = 0;
  if (negate) {
    low = ~low;
    high = ~high;
    extension = ~extension;
    carry = 1;
  }
  for (let i: usize = 0; i < 32; i += 8) {
    const word = i == 0 ? low : i == 8 ? high : extension;
    const a = load<u64>(sum + i);
    const b = a + word;
    const c = b + carry;
    carry = (b < a ? 1 : 0) | (c < b ? 1 : 0);
    store<u64>(sum + i, c);
  }
}

export function isZeroSum(sum: usize): bool {
  return (load<u64>(sum) | load<u64>(sum, 8) | load<u64>(sum, 16) | load<u64>(sum, 24)) == 0;
}
