/**
 * Which instructions handler code may use.
 *
 * Responsible for: the list of what is allowed, and for everything else the rule it breaks and what to do.
 * Not responsible for: what an instruction costs (fuel-weights.ts).
 *
 * I1. What is allowed is listed; what is not listed is refused. An instruction that a later parser or engine knows
 * is refused until somebody has thought about it.
 */
import { OperatorCodeNames } from "wasmparser";

/** A rule that an instruction breaks. */
export interface InstructionRule {
  readonly rule: string;
  /** What it is about, as a sentence part. */
  readonly why: string;
  readonly todo: string;
}

const FLOAT: InstructionRule = {
  rule: "float",
  why: "floating-point results differ between machines in NaN bits, and money does not survive rounding",
  todo: "use integers or num; in AssemblyScript Math.*, f32, f64, parseFloat and a number literal with a point bring it in",
};
const THREADS: InstructionRule = {
  rule: "threads",
  why: "atomic instructions let other threads be seen",
  todo: "compile without threads",
};
const RELAXED: InstructionRule = {
  rule: "relaxed-simd",
  why: "relaxed SIMD answers differently from machine to machine",
  todo: "compile without relaxed SIMD",
};
const BULK: InstructionRule = {
  rule: "bulk-memory",
  why: "its cost depends on a length, so fuel can not measure it",
  todo: "compile with bulk memory disabled (asc --disable bulk-memory): a copy becomes a loop that is metered",
};
const MEMORY_SIZE: InstructionRule = {
  rule: "memory-size",
  why: "the size of memory is physical: it differs between an engine that ran on and one that was recovered",
  todo: "take memory from the arena of the command (the runtime of statevec/assembly does)",
};
const TABLE: InstructionRule = {
  rule: "table",
  why: "a table that changes is state that outlives the command",
  todo: "call functions directly, or through a table that never changes",
};
const OTHER: InstructionRule = {
  rule: "instruction",
  why: "it is not among the instructions that are known to repeat on every engine",
  todo: "compile for WebAssembly 1.0 with sign extension; SIMD on integers is allowed too",
};

/** Control, locals, globals, calls. */
const CONTROL =
  "unreachable nop block loop if else end br br_if br_table return call call_indirect drop select local.get " +
  "local.set local.tee global.get global.set";
const INTEGER =
  "const eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u clz ctz popcnt add sub mul div_s div_u rem_s rem_u and " +
  "or xor shl shr_s shr_u rotl rotr load load8_s load8_u load16_s load16_u store store8 store16 extend8_s extend16_s";
const INTEGER_32 = "wrap_i64";
const INTEGER_64 = "load32_s load32_u store32 extend32_s extend_i32_s extend_i32_u";

/** Every name starts with the type of its lanes: an integer one is allowed unless floats or relaxed come into it. */
const INTEGER_VECTOR = /^(v128|v?(8x16|16x8|32x4|64x2)|i(8x16|16x8|32x4|64x2))[._]/;
const FLOAT_NAME = /(^|[._])f(32|64)/;
const TABLE_NAME = /^(table|elem)\./;
const BULK_NAME = /^(memory\.(copy|fill|init)|data\.drop)$/;

function withPrefix(prefix: string, names: string): string[] {
  return names.split(" ").map((name) => `${prefix}.${name}`);
}

const SCALAR: ReadonlySet<string> = new Set([
  ...CONTROL.split(" "),
  ...withPrefix("i32", INTEGER),
  ...withPrefix("i32", INTEGER_32),
  ...withPrefix("i64", INTEGER),
  ...withPrefix("i64", INTEGER_64),
]);

/** `i64.div_s`; what has no name is `0xfe20`. */
export function instructionName(code: number): string {
  return OperatorCodeNames[code] ?? `0x${code.toString(16)}`;
}

/** An instruction on the lanes of a v128, of integers. */
export function isIntegerVector(name: string): boolean {
  return INTEGER_VECTOR.test(name) && !FLOAT_NAME.test(name);
}

/** Rules that hold for every code of a domain, the core included. */
export function ruleOfAnyCode(code: number): InstructionRule | undefined {
  const name = instructionName(code);
  if (name.includes("relaxed")) return RELAXED;
  if (name.includes("atomic")) return THREADS;
  return FLOAT_NAME.test(name) ? FLOAT : undefined;
}

/** @returns the rule that an instruction breaks in handler code; undefined if it is allowed */
export function ruleOfInstruction(code: number): InstructionRule | undefined {
  const name = instructionName(code);
  const general = ruleOfAnyCode(code);
  if (general) return general;
  if (SCALAR.has(name) || INTEGER_VECTOR.test(name)) return undefined;
  if (BULK_NAME.test(name)) return BULK;
  if (name === "memory.grow" || name === "memory.size") return MEMORY_SIZE;
  return TABLE_NAME.test(name) ? TABLE : OTHER;
}
