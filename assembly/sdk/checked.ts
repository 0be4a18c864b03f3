/**
 * Checked arithmetic: what the compiler makes of `+`, `-` and `*` in handlers.
 *
 * Responsible for: results that leave their type fault the command with OVERFLOW of field 0 and end the handler, where
 * the open lane's bigint could not be stored. Operands of one integer type; anything else (strings, classes with
 * operators of their own) is added as ever.
 * Not responsible for: division, which traps where it has no answer, and shifts.
 */
// @ts-nocheck: arithmetic on a type parameter, which AssemblyScript resolves for each type
import { overflow } from "./overflow";

/** `a + b` */
export function checkedAdd<T>(a: T, b: T): T {
  if (!isInteger<T>()) return a + b;
  const sum = <T>(a + b);
  if (isSigned<T>() ? b < 0 != sum < a : sum < a) overflow();
  return sum;
}

/** `a - b` */
export function checkedSub<T>(a: T, b: T): T {
  if (!isInteger<T>()) return a - b;
  const difference = <T>(a - b);
  if (isSigned<T>() ? b < 0 != difference > a : b > a) overflow();
  return difference;
}

/** `a * b` */
export function checkedMul<T>(a: T, b: T): T {
  if (!isInteger<T>()) return a * b;
  if (sizeof<T>() < 8) {
    const product = isSigned<T>() ? <u64>(<i64>a * <i64>b) : <u64>a * <u64>b;
    if (isSigned<T>() ? <i64>product != <i64>(<T>product) : product != <u64>(<T>product)) overflow();
    return <T>product;
  }
  const product = a * b;
  if (isSigned<T>()) {
    // Division undoes the product unless it wrapped; of the least number and -1 it has no answer of its own.
    if (a == -1 ? b == i64.MIN_VALUE : a != 0 && product / a != b) overflow();
  } else if ((<u64>a | <u64>b) >> 32 != 0 && a != 0 && product / a != b) overflow();
  return product;
}

/** `-a` */
export function checkedNegate<T>(a: T): T {
  if (!isInteger<T>()) return -a;
  return checkedSub<T>(<T>0, a);
}
