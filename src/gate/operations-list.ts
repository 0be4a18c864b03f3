/**
 * What a handler module may import and must export.
 *
 * Responsible for: the names and signatures of the operations of the core, the memory, the entry, the fuel.
 * Not responsible for: what an operation does (docs/reference/execution.md), its declaration for handlers
 * (assembly/sdk). A test holds this list to the exports of the core.
 */
import { VALUE_I32, VALUE_I64 } from "./wasm-codes.ts";

/** Types of WebAssembly: what the binary format calls a function type. */
export interface Signature {
  readonly params: readonly number[];
  readonly results: readonly number[];
}

/** The module name of every import of a handler module. */
export const IMPORT_MODULE = "env";
export const MEMORY_IMPORT = "memory";
/** A mutable global of 32 bits; `injectFuel` imports it, nobody else. */
export const FUEL_IMPORT = "fuel";
/** What the injected code calls before it traps. */
export const FUEL_EXHAUSTED = "opFuelExhausted";

const VALUES: Readonly<Record<string, number>> = { i: VALUE_I32, l: VALUE_I64 };

/** `i` stands for 32 bits, `l` for 64, as in `"il i"`: parameters, then the result if there is one. */
function signature(text: string): Signature {
  const [params = "", results = ""] = text.split(" ");
  return { params: [...params].map((one) => VALUES[one]!), results: [...results].map((one) => VALUES[one]!) };
}

/** The one function that a handler module exports: `run(kind: u32, payload: usize): void`. */
export const ENTRY_EXPORT = "run";
export const ENTRY_SIGNATURE: Signature = signature("ii");

/** Every operation: name and signature. Booleans and addresses are 32 bits wide. */
export const OPERATIONS: ReadonlyMap<string, Signature> = new Map(
  [
    // records
    ["opClear", "i"],
    ["opCreate", "iii i"],
    ["opAssign", "iiii"],
    ["opDelete", "i"],
    // lookups
    ["opGet", "il i"],
    ["opFind", "il i"],
    ["opGetUnique", "ii i"],
    ["opFindUnique", "ii i"],
    // indexes
    ["opFirst", "iiiiii i"],
    ["opList", "iiiiii i"],
    ["opStep", "i i"],
    ["opClose", "i"],
    ["opCount", "iiiiii i"],
    ["opNeighbour", "iii i"],
    // results
    ["opEmit", "iiii"],
    ["opReject", "ii"],
    ["opFault", "ii"],
    ["opFaultAfter", "iii"],
    // the running command
    ["opSeq", " l"],
    ["opTimeNs", " l"],
    ["opHasSource", " i"],
    ["opClient", " l"],
    ["opStream", " i"],
    ["opSourceSeq", " l"],
    // the machine
    ["opAllocate", "i i"],
    [FUEL_EXHAUSTED, ""],
  ].map(([name, text]) => [name!, signature(text!)]),
);
