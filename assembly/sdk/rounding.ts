/**
 * How a quotient becomes an integer.
 *
 * Responsible for: the modes, and whether the magnitude of a quotient grows by one.
 * Not responsible for: dividing.
 */

/**
 * The modes of `num`, by the names of the open lane.
 *
 * Parameters write their default as the literal 0: for an expression the compiler would count arguments in a mutable
 * global, which a handler module may not have.
 */
export enum Rounding {
  /** Toward zero. */
  Truncate = 0,
  /** Down. */
  Floor = 1,
  /** Up. */
  Ceil = 2,
  /** To the nearest, halves away from zero. */
  HalfUp = 3,
  /** To the nearest, halves to the even neighbour. */
  HalfEven = 4,
}

/** Traps for a mode that is none: any integer converts to an enum. */
export function checkMode(mode: Rounding): void {
  if (<u32>mode > <u32>Rounding.HalfEven) unreachable();
}

/**
 * Whether the magnitude of a quotient that is not exact grows by one.
 * @param order how twice the rest compares with the divisor: -1, 0 or 1
 * @param odd whether the magnitude is odd
 * @param negative whether the true quotient is below zero
 */
export function growsMagnitude(order: i32, odd: bool, negative: bool, mode: Rounding): bool {
  if (mode == Rounding.Floor) return negative;
  if (mode == Rounding.Ceil) return !negative;
  if (mode == Rounding.HalfUp) return order >= 0;
  if (mode == Rounding.HalfEven) return order > 0 || (order == 0 && odd);
  return false;
}

/** How twice a rest compares with its divisor: -1, 0 or 1. `rest` is less than `divisor`. */
export function compareToHalf(rest: u64, divisor: u64): i32 {
  const other = divisor - rest;
  return rest > other ? 1 : rest < other ? -1 : 0;
}
