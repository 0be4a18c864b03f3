/**
 * Names that handler sources may not use.
 *
 * Responsible for: the lists, and what to do instead of each.
 * Not responsible for: where a name stands (source-rules.ts).
 *
 * I1. A name is judged without asking what it means there: a variable of the user's that hides a builtin is refused
 * like the builtin. So nothing can be hidden behind a declaration, and renaming helps whoever meant something else.
 */

export interface NameRule {
  readonly rule: string;
  readonly message: string;
}

const rename = "; a name of your own must be another one";

const MEMORY: NameRule = {
  rule: "memory-access",
  message: `it reads or writes memory by address; use records, arrays and the classes of statevec/assembly${rename}`,
};
const CHANGETYPE: NameRule = {
  rule: "changetype",
  message: `it turns addresses into objects and back, past every check; use the classes as they are${rename}`,
};
const UNSAFE: NameRule = {
  rule: "unsafe",
  message: `it goes past the checks of the language, or belongs to the runtime; use the ordinary form${rename}`,
};
const FLOAT: NameRule = {
  rule: "float",
  message: "floating-point numbers do not repeat on every machine; use integers or num",
};
const OUTSIDE: NameRule = {
  rule: "outside",
  message: `clock, entropy and output are no input of a handler; use tx.timeNs, command fields and events${rename}`,
};

function rules(names: string, rule: NameRule): [string, NameRule][] {
  return names.split(" ").map((name) => [name, rule]);
}

/** Refused wherever they stand as a value. */
export const REFUSED_VALUES: ReadonlyMap<string, NameRule> = new Map([
  ...rules("changetype", CHANGETYPE),
  ...rules("memory heap atomic v128 i8x16 i16x8 i32x4 i64x2 f32x4 f64x2", MEMORY),
  ...rules("unchecked call_indirect", UNSAFE),
  ...rules("Math Mathf NativeMath NativeMathf JSMath NaN Infinity parseFloat isNaN isFinite f32 f64", FLOAT),
  ...rules("Date console process crypto performance trace seed", OUTSIDE),
]);

/** Refused when they are called or handed on; else they are ordinary words. */
export const REFUSED_CALLS: ReadonlyMap<string, NameRule> = new Map([...rules("load store", MEMORY)]);

/** Refused as types. */
export const REFUSED_TYPES: ReadonlyMap<string, NameRule> = new Map([
  ...rules("f32 f64 number Float32Array Float64Array", FLOAT),
  ...rules("Date", OUTSIDE),
]);

/** Members that read or write memory when they belong to a type of WebAssembly: `i32.load`, `i64.store8`. */
export const MEMORY_MEMBER = /^(load|store|atomic)/;
export const NUMBER_TYPES: ReadonlySet<string> = new Set(
  "i8 i16 i32 i64 isize u8 u16 u32 u64 usize bool f32 f64".split(" "),
);

/** @returns the rule that a member of whatever object breaks by its name */
export function ruleOfMember(name: string): NameRule | undefined {
  if (name === "dataStart") return MEMORY;
  return name.endsWith("Unsafe") ? UNSAFE : undefined;
}

/** Names of the compiler's and the runtime's own, and of what the SDK keeps to itself. */
export function ruleOfAnyName(name: string): NameRule | undefined {
  return name.startsWith("__") ? UNSAFE : undefined;
}

export { FLOAT as FLOAT_RULE, MEMORY as MEMORY_RULE };
