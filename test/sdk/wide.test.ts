/** `U128` and `I128`: values, comparisons, operators, conversions and text, against exact arithmetic. */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { type Answer, compileAgainstSdk, type HandlerModule } from "./handler-module.ts";

const TYPES = [
  { name: "U128", min: 0n, max: 2n ** 128n - 1n },
  { name: "I128", min: -(2n ** 127n), max: 2n ** 127n - 1n },
] as const;
type WideType = (typeof TYPES)[number];

const COMPARISONS = {
  "==": (a: bigint, b: bigint) => a === b,
  "!=": (a: bigint, b: bigint) => a !== b,
  "<": (a: bigint, b: bigint) => a < b,
  "<=": (a: bigint, b: bigint) => a <= b,
  ">": (a: bigint, b: bigint) => a > b,
  ">=": (a: bigint, b: bigint) => a >= b,
};
const OPERATORS = {
  "+": (a: bigint, b: bigint) => a + b,
  "-": (a: bigint, b: bigint) => a - b,
  "*": (a: bigint, b: bigint) => a * b,
  "/": (a: bigint, b: bigint) => (b === 0n ? undefined : a / b),
  "%": (a: bigint, b: bigint) => (b === 0n ? undefined : a % b),
};

/** Exports `U128 +` and so on by position, as names of exports are identifiers. */
function programOf({ name }: WideType): string {
  const two = "a0: u64, a1: u64, b0: u64, b1: u64";
  const [a, b] = [`new ${name}(a0, a1)`, `new ${name}(b0, b1)`];
  return [
    ...Object.keys(COMPARISONS).map(
      (operator, i) => `export function ${name}_compares${i}(${two}): bool { return ${a} ${operator} ${b}; }`,
    ),
    ...Object.keys(OPERATORS).map(
      (operator, i) =>
        `export function ${name}_makes${i}(${two}): usize { return changetype<usize>(${a} ${operator} ${b}); }`,
    ),
    `export function ${name}_compare(${two}): i32 { return ${a}.compare(${b}); }`,
    `export function ${name}_equals(${two}): bool { return ${a}.equals(${b}); }`,
    `export function ${name}_isZero(a0: u64, a1: u64): bool { return ${a}.isZero; }`,
    `export function ${name}_toText(a0: u64, a1: u64): string { return ${a}.toString(); }`,
    ...["u64", "i64"].map(
      (type) =>
        `export function ${name}_to_${type}(a0: u64, a1: u64): ${type} { return ${a}.to${type.toUpperCase()}(); }`,
    ),
    ...["u8", "i8", "u32", "i32", "u64", "i64"].map(
      (type) =>
        `export function ${name}_from_${type}(a: ${type}): usize { return changetype<usize>(${name}.from(a)); }`,
    ),
    `export function ${name}_five(): usize { return changetype<usize>(${name}.from(5)); }`,
    `export function ${name}_large(): usize { return changetype<usize>(${name}.from(12345678901234)); }`,
  ].join("\n");
}

let program: HandlerModule;
beforeAll(async () => {
  Error.stackTraceLimit = 0; // hundreds of traps, each of which would record its stack
  program = await compileAgainstSdk(`
    import { I128, U128 } from "./wide";
    ${TYPES.map(programOf).join("\n")}
    export function I128_negated(a0: u64, a1: u64): usize { return changetype<usize>(-new I128(a0, a1)); }
    export function I128_isNegative(a0: u64, a1: u64): bool { return new I128(a0, a1).isNegative; }
    export function I128_toOther(a0: u64, a1: u64): usize { return changetype<usize>(new I128(a0, a1).toU128()); }
    export function U128_toOther(a0: u64, a1: u64): usize { return changetype<usize>(new U128(a0, a1).toI128()); }
    export function I128_minusFive(): usize { return changetype<usize>(I128.from(-5)); }
  `);
});

const wordsOf = (values: bigint[]) => {
  return values.flatMap((value) => [BigInt.asIntN(64, value), BigInt.asIntN(64, value >> 64n)]);
};

/** Reads the value at the address that an export answers. */
function wideAt(answer: Answer<bigint | number>, { name }: WideType): Answer<bigint> {
  if (typeof answer !== "number") return answer;
  const low = program.memory.getBigUint64(answer, true);
  const bits = (program.memory.getBigUint64(answer + 8, true) << 64n) | low;
  return name === "I128" ? BigInt.asIntN(128, bits) : bits;
}

function within(exact: bigint | undefined, { min, max }: { min: bigint; max: bigint }): Answer<bigint> {
  if (exact === undefined) return "TRAP";
  return exact < min || exact > max ? "OVERFLOW" : exact;
}

function textAt(at: number): string {
  const length = program.memory.getUint32(at - 4, true) / 2;
  return String.fromCharCode(...Array.from({ length }, (_, i) => program.memory.getUint16(at + 2 * i, true)));
}

const EDGE_WORDS = [0n, 1n, 2n, 10n, 2n ** 32n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n];
const word = fc.oneof(fc.constantFrom(...EDGE_WORDS), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
const RUNS = { numRuns: 600 };

describe.each(TYPES)("$name", (type) => {
  const { name, min, max } = type;
  const wrap = (value: bigint) => (name === "I128" ? BigInt.asIntN : BigInt.asUintN)(128, value);
  const small = fc.bigInt({ min: -20n, max: 20n }).map((value) => (value < min ? -value : value));
  const value = fc.oneof(
    fc.tuple(word, word).map(([low, high]) => wrap((high << 64n) | low)),
    fc.constantFrom(min, min + 1n, max - 1n, max),
    small,
  );
  const OTHER = TYPES.find((other) => other !== type)!;

  test("comparisons", () => {
    const pair = fc.oneof(
      fc.tuple(value, value),
      value.map((a) => [a, a] as const),
    );
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const words = wordsOf([a, b]);
        for (const [i, [operator, holds]] of Object.entries(COMPARISONS).entries()) {
          const answer = program.call(`${name}_compares${i}`, ...words);
          if (answer !== Number(holds(a, b))) throw new Error(`${a} ${operator} ${b} is ${answer}`);
        }
        expect(program.call(`${name}_compare`, ...words)).toBe(a < b ? -1 : a > b ? 1 : 0);
        expect(program.call(`${name}_equals`, ...words)).toBe(Number(a === b));
      }),
      RUNS,
    );
  });

  test("operators are checked", () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const words = wordsOf([a, b]);
        for (const [i, [operator, exact]] of Object.entries(OPERATORS).entries()) {
          const answer = wideAt(program.call(`${name}_makes${i}`, ...words), type);
          const expected = within(exact(a, b), type);
          if (answer !== expected)
            throw new Error(`${a} ${operator} ${b} is ${answer}, expected ${expected}`);
        }
      }),
      RUNS,
    );
  });

  test("decimal text", () => {
    const digits = fc.integer({ min: 0, max: 38 }).map((n) => 10n ** BigInt(n));
    const near = fc.tuple(digits, fc.bigInt({ min: -1n, max: 1n })).map(([a, b]) => wrap(a + b));
    fc.assert(
      fc.property(fc.oneof(value, near), (a) => {
        expect(textAt(program.call(`${name}_toText`, ...wordsOf([a])) as number)).toBe(String(a));
      }),
      RUNS,
    );
  });

  test("from integers of any width", () => {
    const cases: [string, bigint | number][] = [
      ["u8", 255],
      ["i8", -128],
      ["u32", -1],
      ["i32", -1],
      ["i32", 2 ** 31 - 1],
      ["u64", -1n],
      ["i64", -1n],
      ["i64", -(2n ** 63n)],
      ["i64", 2n ** 63n - 1n],
    ];
    for (const [from, given] of cases) {
      const bits = Number(from.slice(1));
      const exact = (from[0] === "u" ? BigInt.asUintN : BigInt.asIntN)(bits, BigInt(given));
      expect([from, wideAt(program.call(`${name}_from_${from}`, given), type)]).toEqual([
        from,
        within(exact, type),
      ]);
    }
    expect(wideAt(program.call(`${name}_five`), type)).toBe(5n);
    expect(wideAt(program.call(`${name}_large`), type)).toBe(12_345_678_901_234n);
  });

  test("to narrower integers, and to the other type", () => {
    const u64 = { min: 0n, max: 2n ** 64n - 1n };
    const i64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
    const edges = [u64.max, u64.max + 1n, i64.max, i64.max + 1n, i64.min, i64.min - 1n, -1n].map(wrap);
    fc.assert(
      fc.property(fc.oneof(value, fc.constantFrom(...edges)), (a) => {
        const words = wordsOf([a]);
        const asWord = program.call(`${name}_to_u64`, ...words) as Answer<bigint>;
        expect(typeof asWord === "bigint" ? BigInt.asUintN(64, asWord) : asWord).toBe(within(a, u64));
        expect(program.call(`${name}_to_i64`, ...words)).toBe(within(a, i64));
        expect(wideAt(program.call(`${name}_toOther`, ...words), OTHER)).toBe(within(a, OTHER));
        expect(program.call(`${name}_isZero`, ...words)).toBe(Number(a === 0n));
      }),
      RUNS,
    );
  });
});

test("the sign of an I128", () => {
  const [, type] = TYPES;
  for (const a of [0n, 1n, -1n, 2n ** 64n, -(2n ** 64n), type.min, type.min + 1n, type.max]) {
    expect(wideAt(program.call("I128_negated", ...wordsOf([a])), type)).toBe(within(-a, type));
    expect(program.call("I128_isNegative", ...wordsOf([a]))).toBe(Number(a < 0n));
  }
  expect(wideAt(program.call("I128_minusFive"), type)).toBe(-5n);
});

test("the module holds integers and constants only", () => {
  expect(program.text).not.toMatch(/f32|f64|v128|\(mut |\((memory\.copy|memory\.fill)/);
});
