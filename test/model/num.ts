/**
 * The reference model's checked arithmetic, the twin of `num`.
 *
 * Responsible for: add, sub, mul, div of u64, i64, i128: OVERFLOW(0) where a result leaves the type.
 * Not responsible for: rounding (test/engine has tables for it).
 */
import type { Model } from "./model.ts";
import { Code } from "./tx.ts";

const RANGES = {
  u64: [0n, 2n ** 64n - 1n],
  i64: [-(2n ** 63n), 2n ** 63n - 1n],
  i128: [-(2n ** 127n), 2n ** 127n - 1n],
} as const;

/** @param model of whose running command a fault is */
export function modelNum(model: () => Model) {
  const typed = ([low, high]: readonly [bigint, bigint]) => {
    const within = (value: bigint): bigint => {
      const { running } = model().rules;
      return value >= low && value <= high ? value : (running?.fault(Code.OVERFLOW, 0) ?? value);
    };
    return {
      add: (left: bigint, right: bigint) => within(left + right),
      sub: (left: bigint, right: bigint) => within(left - right),
      mul: (left: bigint, right: bigint) => within(left * right),
      div: (left: bigint, right: bigint) => within(left / right),
    };
  };
  return { u64: typed(RANGES.u64), i64: typed(RANGES.i64), i128: typed(RANGES.i128) };
}
