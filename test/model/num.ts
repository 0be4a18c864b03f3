/**
 * The reference model's checked arithmetic, the twin of `num`.
 *
 * Responsible for: exact results; OVERFLOW(0) where an operand or a result leaves the type; rounding as fractions are.
 * Not responsible for: division by zero, which throws as BigInt does.
 */
import type { Model } from "./model.ts";
import { Code } from "./tx.ts";
import { rangeOfInteger } from "./values.ts";

/** The two integers beside a fraction are candidates; the mode chooses. */
function rounded(over: bigint, under: bigint, mode: string): bigint {
  const [top, bottom] = under < 0n ? [-over, -under] : [over, under];
  const low = top >= 0n || top % bottom === 0n ? top / bottom : top / bottom - 1n;
  const below = top - low * bottom; // how far the fraction is above `low`, in parts of `bottom`
  if (below === 0n || mode === "floor") return low;
  const high = low + 1n;
  if (mode === "ceil") return high;
  const toZero = top > 0n ? low : high;
  if (mode === "truncate") return toZero;
  if (2n * below !== bottom) return 2n * below < bottom ? low : high;
  if (mode === "halfUp") return toZero === low ? high : low;
  return low % 2n === 0n ? low : high;
}

/** @param model of whose running command a fault is */
export function modelNum(model: () => Model) {
  const typed = (type: string) => {
    const [low, high] = rangeOfInteger(type);
    const within = (value: bigint): bigint => {
      const { running } = model().rules;
      return value >= low && value <= high ? value : (running?.fault(Code.OVERFLOW, 0) ?? value);
    };
    const mulDiv = (a: bigint, b: bigint, c: bigint, mode = "truncate") =>
      within(rounded(within(a) * within(b), within(c) || 1n / 0n, mode));
    return {
      add: (a: bigint, b: bigint) => within(within(a) + within(b)),
      sub: (a: bigint, b: bigint) => within(within(a) - within(b)),
      mul: (a: bigint, b: bigint) => within(within(a) * within(b)),
      div: (a: bigint, b: bigint, mode?: string) => mulDiv(a, 1n, b, mode),
      mulDiv,
      rescale: (value: bigint, from: number, to: number, mode = "truncate") =>
        within(rounded(within(value) * 10n ** BigInt(to), 10n ** BigInt(from), mode)),
    };
  };
  return { u64: typed("u64"), i64: typed("i64"), u128: typed("u128"), i128: typed("i128") };
}
