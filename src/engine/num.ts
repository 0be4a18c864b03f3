/**
 * Checked arithmetic: results that leave the type fault the command with OVERFLOW, in both lanes alike.
 *
 * Responsible for: `num`. Inside a handler an overflow ends the command; outside it is a RangeError. Division by zero
 * throws as it does in TypeScript (HANDLER_FAILED). Decimals are their mantissas: i64 up to 18 digits, else i128.
 */
import { runningCommand } from "./guard.ts";

/**
 * How a quotient becomes an integer: toward zero, down, up, to the nearest (halves away from zero), to the nearest
 * (halves to the even neighbour).
 */
export type Rounding = "truncate" | "floor" | "ceil" | "halfUp" | "halfEven";

/** Arithmetic within one integer type. */
export interface Arithmetic {
  add(a: bigint, b: bigint): bigint;
  sub(a: bigint, b: bigint): bigint;
  mul(a: bigint, b: bigint): bigint;
  /** @param mode `truncate` when left out */
  div(a: bigint, b: bigint, mode?: Rounding): bigint;
  /** `a * b / c`, the product unbounded. @param mode `truncate` when left out */
  mulDiv(a: bigint, b: bigint, c: bigint, mode?: Rounding): bigint;
  /** A mantissa of `from` decimal places as one of `to`. @param mode `truncate` when left out */
  rescale(value: bigint, from: number, to: number, mode?: Rounding): bigint;
}

function overflow(): never {
  const command = runningCommand();
  if (command !== undefined) command.overflow();
  throw new RangeError("OVERFLOW: the result leaves the type");
}

const MODES: ReadonlySet<string> = new Set(["truncate", "floor", "ceil", "halfUp", "halfEven"]);

/** The integer that a quotient rounds to. @throws RangeError for a division by zero, and for a mode that is none */
function quotient(a: bigint, b: bigint, mode: Rounding): bigint {
  if (!MODES.has(mode)) throw new RangeError(`rounding ${String(mode)}: expected ${[...MODES].join(", ")}`);
  const whole = a / b;
  const rest = a % b;
  if (rest === 0n || mode === "truncate") return whole;
  const away = a < 0n === b < 0n ? 1n : -1n;
  if (mode === "floor") return away < 0n ? whole - 1n : whole;
  if (mode === "ceil") return away > 0n ? whole + 1n : whole;
  const doubled = (rest < 0n ? -rest : rest) * 2n;
  const divisor = b < 0n ? -b : b;
  if (doubled !== divisor) return doubled > divisor ? whole + away : whole;
  if (mode === "halfUp") return whole + away;
  return whole % 2n === 0n ? whole : whole + away;
}

const DECIMALS_MAX = 38;

function arithmetic(min: bigint, max: bigint): Arithmetic {
  const within = (value: bigint): bigint => (value < min || value > max ? overflow() : value);
  return Object.freeze({
    add: (a: bigint, b: bigint) => within(within(a) + within(b)),
    sub: (a: bigint, b: bigint) => within(within(a) - within(b)),
    mul: (a: bigint, b: bigint) => within(within(a) * within(b)),
    div: (a: bigint, b: bigint, mode: Rounding = "truncate") => within(quotient(within(a), within(b), mode)),
    mulDiv: (a: bigint, b: bigint, c: bigint, mode: Rounding = "truncate") =>
      within(quotient(within(a) * within(b), within(c), mode)),
    rescale: (value: bigint, from: number, to: number, mode: Rounding = "truncate") => {
      if (!(from >= 0 && from <= DECIMALS_MAX && to >= 0 && to <= DECIMALS_MAX)) {
        throw new RangeError(`scales ${from} and ${to}: expected 0 to ${DECIMALS_MAX}`);
      }
      if (to >= from) return within(within(value) * 10n ** BigInt(to - from));
      return within(quotient(within(value), 10n ** BigInt(from - to), mode));
    },
  });
}

const unsigned = (bits: bigint) => arithmetic(0n, (1n << bits) - 1n);
const signed = (bits: bigint) => arithmetic(-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n);

/** Checked arithmetic by type: `num.u64.add(a, b)`, `num.i64.mulDiv(price, quantity, 10_000n, "halfEven")`. */
export const num = Object.freeze({
  u64: unsigned(64n),
  i64: signed(64n),
  u128: unsigned(128n),
  i128: signed(128n),
});
