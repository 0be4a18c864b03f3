/**
 * Checked arithmetic: `num.u64.add(a, b)`, `num.i64.mulDiv(price, quantity, 10000, Rounding.HalfEven)`.
 *
 * The names and rules of the open lane (src/engine/num.ts): a result that leaves the type faults the command with
 * OVERFLOW; a division by zero, a scale outside of 0 to 38 and a rounding mode that is none trap (HANDLER_FAILED).
 */
import * as num from "./num/index";

export { Rounding } from "./rounding";
export { num };
