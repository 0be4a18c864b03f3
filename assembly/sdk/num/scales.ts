/** The scales of decimals. */
import { DECIMAL_PRECISION_MAX } from "../../abi";

/** Traps unless both are a number of decimal places that a decimal can have. */
export function checkScales(from: i32, to: i32): void {
  if (<u32>from > <u32>DECIMAL_PRECISION_MAX || <u32>to > <u32>DECIMAL_PRECISION_MAX) unreachable();
}
