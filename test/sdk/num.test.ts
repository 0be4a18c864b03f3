/**
 * `num` of the sealed lane against its definition in exact arithmetic, and against `num` of the open lane: every type,
 * operation and rounding mode, over random operands and those at the edges; which of them fault, and which trap.
 */
import fc from "fast-check";
import { num, type Rounding } from "statevec";
import { beforeAll, describe, expect, test } from "vitest";
import { type Answer, compileAgainstSdk, type HandlerModule } from "./handler-module.ts";

const MODES: readonly Rounding[] = ["truncate", "floor", "ceil", "halfUp", "halfEven"];
type TypeName = keyof typeof num;
const TYPES: readonly { name: TypeName; bits: bigint; min: bigint; max: bigint }[] = [
  { name: "u64", bits: 64n, min: 0n, max: 2n ** 64n - 1n },
  { name: "i64", bits: 64n, min: -(2n ** 63n), max: 2n ** 63n - 1n },
  { name: "u128", bits: 128n, min: 0n, max: 2n ** 128n - 1n },
  { name: "i128", bits: 128n, min: -(2n ** 127n), max: 2n ** 127n - 1n },
];

// ---- the module under test -------------------------------------------------------------------------------

/** Exports `u64_mulDiv(a, b, c, mode)` and so on; wide operands are two words, wide results addresses. */
function programOf(name: TypeName): string {
  const isWide = name.endsWith("128");
  const Wide = name.toUpperCase();
  const type = isWide ? Wide : name;
  const parameters = (names: string[]) =>
    names.map((n) => (isWide ? `${n}0: u64, ${n}1: ${name[0]}64` : `${n}: ${name}`)).join(", ");
  const operands = (names: string[]) =>
    names.map((n) => (isWide ? `new ${Wide}(${n}0, ${n}1)` : n)).join(", ");
  const result = isWide ? `changetype<usize>` : "";
  const define = (operation: string, names: string[], more: string[]) => `
    export function ${name}_${operation}(${[parameters(names), ...more].join(", ")}): ${isWide ? "usize" : type} {
      return ${result}(num.${name}.${operation.replace("Default", "")}(${[
        operands(names),
        ...more.map((parameter) => parameter.split(":")[0]!),
      ].join(", ")}));
    }`;
  return [
    ...["add", "sub", "mul", "divDefault"].map((operation) => define(operation, ["a", "b"], [])),
    define("div", ["a", "b"], ["mode: Rounding"]),
    define("mulDiv", ["a", "b", "c"], ["mode: Rounding"]),
    define("mulDivDefault", ["a", "b", "c"], []),
    define("rescale", ["a"], ["from: i32", "to: i32", "mode: Rounding"]),
    define("rescaleDefault", ["a"], ["from: i32", "to: i32"]),
  ].join("\n");
}

let program: HandlerModule;
beforeAll(async () => {
  Error.stackTraceLimit = 0; // thousands of traps, each of which would record its stack
  const types = TYPES.map(({ name }) => programOf(name)).join("\n");
  program = await compileAgainstSdk(`
    import { num, Rounding } from "./num";
    import { I128, U128 } from "./wide";
    ${types}
  `);
});

/** Calls an operation of the sealed `num` with operands and numbers. */
function sealed(name: TypeName, operation: string, operands: bigint[], more: number[] = []): Answer<bigint> {
  const isWide = name.endsWith("128");
  const words = isWide
    ? operands.flatMap((value) => [BigInt.asIntN(64, value), BigInt.asIntN(64, value >> 64n)])
    : operands;
  const answer = program.call(`${name}_${operation}`, ...words, ...more);
  if (typeof answer === "string") return answer;
  if (!isWide) return name === "u64" ? BigInt.asUintN(64, answer as bigint) : (answer as bigint);
  const low = program.memory.getBigUint64(answer as number, true);
  const high = program.memory.getBigUint64((answer as number) + 8, true);
  const bits = (high << 64n) | low;
  return name === "i128" ? BigInt.asIntN(128, bits) : bits;
}

// ---- what is right ---------------------------------------------------------------------------------------

/** The rounded quotient by its definition: the two integers around it, and which of them a mode takes. */
function roundedQuotient(a: bigint, b: bigint, mode: Rounding): bigint {
  const [p, q] = b < 0n ? [-a, -b] : [a, b];
  const below = (p - (((p % q) + q) % q)) / q;
  if (below * q === p) return below;
  const above = below + 1n;
  const towardZero = p < 0n ? above : below;
  const awayFromZero = p < 0n ? below : above;
  const twice = 2n * p;
  const middle = (below + above) * q;
  switch (mode) {
    case "truncate":
      return towardZero;
    case "floor":
      return below;
    case "ceil":
      return above;
    case "halfUp":
      return twice === middle ? awayFromZero : twice < middle ? below : above;
    case "halfEven":
      return twice === middle ? (below % 2n === 0n ? below : above) : twice < middle ? below : above;
  }
}

/** What an exact result is in a type; undefined stands for a division by zero. */
function within(exact: bigint | undefined, { min, max }: { min: bigint; max: bigint }): Answer<bigint> {
  if (exact === undefined) return "TRAP";
  return exact < min || exact > max ? "OVERFLOW" : exact;
}

/** Like `expect(answer).toBe(expected)`, which takes longer than what is tested. */
function check(answer: Answer<bigint>, ...expected: Answer<bigint>[]): void {
  for (const value of expected) if (answer !== value) throw new Error(`found ${answer}, expected ${value}`);
}

/** What the open lane answers. */
function open(run: () => bigint): Answer<bigint> {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return error.message.startsWith("OVERFLOW") ? "OVERFLOW" : "TRAP";
  }
}

// ---- operands --------------------------------------------------------------------------------------------

const WORDS = [
  0n,
  1n,
  2n,
  3n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** Operands of a type: words at the edges of carries and digits, powers, halves, and anything. */
function operandOf({ name, bits, min, max }: (typeof TYPES)[number]): fc.Arbitrary<bigint> {
  const wrap = (value: bigint) => (name[0] === "i" ? BigInt.asIntN : BigInt.asUintN)(Number(bits), value);
  const word = fc.oneof(fc.constantFrom(...WORDS), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
  const fromWords = fc.tuple(word, word).map(([low, high]) => wrap((high << 64n) | low));
  const small = fc.bigInt({ min: -12n, max: 12n }).map((value) => (value < min ? -value : value));
  const power = fc
    .tuple(fc.constantFrom(2n, 10n), fc.integer({ min: 0, max: 127 }), fc.integer({ min: -1, max: 1 }))
    .map(([base, exponent, offset]) =>
      wrap(base ** BigInt(base === 10n ? exponent % 39 : exponent) + BigInt(offset)),
    );
  const edge = fc.constantFrom(min, min + 1n, max - 1n, max, max / 2n, max / 2n + 1n);
  const narrow = fc.integer({ min: 1, max: Number(bits) }).chain((size) => {
    return fc.bigInt({ min: 0n, max: 2n ** BigInt(size) - 1n }).map(wrap);
  });
  return fc.oneof(fromWords, small, power, edge, narrow);
}

const RUNS = { numRuns: 1_000 };
const modeNumber = fc.integer({ min: 0, max: MODES.length - 1 });

describe.each(TYPES)("$name", (type) => {
  const { name, max, min } = type;
  const operand = operandOf(type);
  const isWide = name.endsWith("128");

  test("add, sub, mul", () => {
    const exact = {
      add: (a: bigint, b: bigint) => a + b,
      sub: (a: bigint, b: bigint) => a - b,
      mul: (a: bigint, b: bigint) => a * b,
    };
    for (const operation of ["add", "sub", "mul"] as const) {
      fc.assert(
        fc.property(operand, operand, (a, b) => {
          const answer = sealed(name, operation, [a, b]);
          check(
            answer,
            within(exact[operation](a, b), type),
            open(() => num[name][operation](a, b)),
          );
        }),
        RUNS,
      );
    }
  });

  test("mul near the edges of the type", () => {
    fc.assert(
      fc.property(operand, fc.constantFrom(min, max), fc.bigInt({ min: -1n, max: 1n }), (a, edge, offset) => {
        fc.pre(a !== 0n);
        const b = edge / a + offset;
        fc.pre(b >= min && b <= max);
        check(sealed(name, "mul", [a, b]), within(a * b, type));
      }),
      RUNS,
    );
  });

  test("div", () => {
    fc.assert(
      fc.property(operand, operand, modeNumber, (a, b, mode) => {
        const answer = sealed(name, "div", [a, b], [mode]);
        const exact = b === 0n ? undefined : roundedQuotient(a, b, MODES[mode]!);
        check(
          answer,
          within(exact, type),
          open(() => num[name].div(a, b, MODES[mode])),
        );
      }),
      RUNS,
    );
  });

  test("mulDiv", () => {
    fc.assert(
      fc.property(operand, operand, operand, modeNumber, (a, b, c, mode) => {
        const answer = sealed(name, "mulDiv", [a, b, c], [mode]);
        const exact = c === 0n ? undefined : roundedQuotient(a * b, c, MODES[mode]!);
        check(
          answer,
          within(exact, type),
          open(() => num[name].mulDiv(a, b, c, MODES[mode])),
        );
      }),
      { numRuns: 2_500 },
    );
  });

  test("mulDiv near halves and near the edges of the type", () => {
    // (q c + c / 2 + d) / c by way of 1, and max (c + d) / c: quotients that rounding decides.
    const near = fc.tuple(operand, operand, fc.bigInt({ min: -2n, max: 2n }), modeNumber);
    fc.assert(
      fc.property(near, ([c, x, offset, mode]) => {
        const inside = (value: bigint) => value >= min && value <= max;
        fc.pre(c !== 0n);
        const half = (x / c) * c + c / 2n + offset;
        const cases = [
          [half, 1n],
          [max, c + offset],
          [min, c + offset],
        ].filter((pair) => pair.every(inside));
        for (const [a, b] of cases as [bigint, bigint][]) {
          const exact = roundedQuotient(a * b, c, MODES[mode]!);
          check(sealed(name, "mulDiv", [a, b, c], [mode]), within(exact, type));
          if (b === 1n) check(sealed(name, "div", [a, c], [mode]), within(exact, type));
        }
      }),
      RUNS,
    );
  });

  test("mulDiv that rounds from the largest value of the type", () => {
    for (const c of [max / 2n + 2n, max / 2n + 5n, max - 2n]) {
      for (const [mode, text] of MODES.entries()) {
        const exact = roundedQuotient((max - 1n) * (c + 1n), c, text);
        check(sealed(name, "mulDiv", [max - 1n, c + 1n, c], [mode]), within(exact, type));
      }
    }
  });

  test("rescale", () => {
    const scale = fc.oneof(
      { weight: 20, arbitrary: fc.integer({ min: 0, max: 38 }) },
      fc.constantFrom(-1, 39),
    );
    fc.assert(
      fc.property(operand, scale, scale, modeNumber, (value, from, to, mode) => {
        const answer = sealed(name, "rescale", [value], [from, to, mode]);
        const isScale = [from, to].every((places) => places >= 0 && places <= 38);
        const power = 10n ** BigInt(Math.abs(to - from));
        const exact = to >= from ? value * power : roundedQuotient(value, power, MODES[mode]!);
        const expected = isScale ? within(exact, type) : "TRAP";
        check(
          answer,
          expected,
          open(() => num[name].rescale(value, from, to, MODES[mode])),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  test("the mode left out is truncate", () => {
    expect(sealed(name, "divDefault", [11n, 4n])).toBe(2n);
    expect(sealed(name, "mulDivDefault", [11n, 1n, 4n])).toBe(2n);
    expect(sealed(name, "rescaleDefault", [19n], [1, 0])).toBe(1n);
    if (min === 0n) return;
    expect(sealed(name, "divDefault", [-11n, 4n])).toBe(-2n);
    expect(sealed(name, "mulDivDefault", [-11n, 1n, 4n])).toBe(-2n);
    expect(sealed(name, "rescaleDefault", [-19n], [1, 0])).toBe(-1n);
  });

  test("every pair of edges, in every mode", () => {
    const edges = [min, min + 1n, -1n, 0n, 1n, 2n, max / 2n, max / 2n + 1n, max - 1n, max];
    const inside = edges.filter((value) => value >= min);
    for (const a of inside) {
      for (const b of inside) {
        for (const [mode, text] of MODES.entries()) {
          const exact = b === 0n ? undefined : roundedQuotient(a, b, text);
          expect([a, b, text, sealed(name, "div", [a, b], [mode])]).toEqual([
            a,
            b,
            text,
            within(exact, type),
          ]);
          for (const c of inside) {
            const quotient = c === 0n ? undefined : roundedQuotient(a * b, c, text);
            check(sealed(name, "mulDiv", [a, b, c], [mode]), within(quotient, type));
          }
        }
      }
    }
  });

  test.each([-1, 5, 2 ** 31 - 1])("the rounding mode %d traps wherever a quotient is made", (mode) => {
    expect(sealed(name, "div", [6n, 3n], [mode])).toBe("TRAP");
    expect(sealed(name, "mulDiv", [6n, 3n, 2n], [mode])).toBe("TRAP");
    expect(sealed(name, "mulDiv", [max, max, 1n], [mode])).toBe("TRAP");
    expect(sealed(name, "rescale", [6n], [38, 0, mode])).toBe("TRAP");
    expect(sealed(name, "rescale", [6n], [2, 1, mode])).toBe("TRAP");
    expect(sealed(name, "rescale", [6n], [1, 2, mode])).toBe(60n);
  });

  test("allocates its result at most", () => {
    const calls: [string, bigint[], number[]][] = [
      ["add", [3n, 2n], []],
      ["sub", [3n, 2n], []],
      ["mul", [max, 1n], []],
      ["div", [max, 3n], [4]],
      ["mulDiv", [max, max - 1n, max], [4]],
      ["rescale", [max], [9, 0, 4]],
    ];
    for (const [operation, operands, more] of calls) {
      expect(typeof sealed(name, operation, operands, more)).toBe("bigint");
      expect(program.allocations).toBe(isWide ? operands.length + 1 : 0);
    }
  });
});

test("the module holds integers and constants only", () => {
  expect(program.text).not.toMatch(/f32|f64|v128|\((memory\.copy|memory\.fill)|\(mut /);
  const imports = [...program.text.matchAll(/\(import "(\w+)" "(\w+)"/g)].map(([, , name]) => name).sort();
  expect(imports).toEqual(["memory", "opAllocate", "opFault"]);
});
