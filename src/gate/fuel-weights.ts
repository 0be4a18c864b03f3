/**
 * What an instruction of handler code costs in fuel.
 *
 * Responsible for: the weights. They are part of the module that `injectFuel` makes, and so of its hash: a change
 * makes other modules, and never changes what an existing module costs.
 * Not responsible for: work (assembly/abi.ts), which the core counts for what operations do.
 *
 * I1. One unit of fuel takes less than 5 ns, so that FUEL_DEFAULT ends within 50 ms, on every tier of an engine.
 * test/gate/fuel-time.test.ts measures the worst loops. Reads all over gigabytes of memory, each of which misses
 * every cache, are slower; code from checked sources can not make them, since it holds no addresses of its own.
 */
import { instructionName, isIntegerVector } from "./instructions.ts";

export const WEIGHT_PLAIN = 1;
/** Division and remainder of 32 and 64 bits. */
export const WEIGHT_DIVISION = 10;
/** Rotation by a variable: code of an engine's first tier moves registers around it. */
export const WEIGHT_ROTATION = 5;
/** Arithmetic on lanes: an instruction may take a dozen of the processor's (shifts and products of narrow or wide lanes). */
export const WEIGHT_VECTOR = 4;
/** Loads and stores, of vectors too. */
export const WEIGHT_MEMORY = 4;
/** Calling a function of the handler module; its body is charged on its own. */
export const WEIGHT_CALL = 4;
/** Calling an operation: after a reject operations cost no work, and some never do. */
export const WEIGHT_OPERATION = 20;
/** Operations that touch a whole slot or message without charging work for it. */
export const WEIGHT_LARGE_OPERATION = 100;
/** Entering a function or an iteration of a loop: what the charge itself takes. */
export const WEIGHT_CHARGE = 3;

/** Zeroes a slot of up to RECORD_BYTES_MAX bytes. */
const LARGE_OPERATIONS: ReadonlySet<string> = new Set(["opClear"]);

/** The weight of an instruction that calls nothing. */
export function weightOfInstruction(code: number): number {
  const name = instructionName(code);
  if (/\.(div|rem)_[su]$/.test(name)) return WEIGHT_DIVISION;
  if (/\.rot[lr]$/.test(name)) return WEIGHT_ROTATION;
  if (/\.(load|store)/.test(name)) return WEIGHT_MEMORY;
  return isIntegerVector(name) ? WEIGHT_VECTOR : WEIGHT_PLAIN;
}

/** The weight of calling an operation. */
export function weightOfOperation(name: string): number {
  return LARGE_OPERATIONS.has(name) ? WEIGHT_LARGE_OPERATION : WEIGHT_OPERATION;
}
