/**
 * `+`, `-`, `*`, unary minus, updates: overflow is recorded and traps wherever an expression can stand; everything else
 * is what it was. All cases are functions of one module, compiled once.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { compileCases, instantiate } from "./handler-module.ts";

type Answer = bigint | "OVERFLOW";

/** What stands around the cases. */
const PRELUDE = `
class Box {
  n: u64 = 3 + 4;
  small: u8 = 250;
  list: StaticArray<u64> = [10, 20, 30];
  inner: Box | null = null;
  private held: u64 = 100;
  static calls: i32 = 0;
  get q(): u64 { return this.held; }
  set q(value: u64) { this.held = value; }
  add(by: u64): Box { this.n += by; return this; }
}
class Counter {
  calls: u32 = 0;
  constructor(public readonly box: Box) {}
  next(): Box { this.calls++; return this.box; }
  index(): i32 { this.calls++; return 1; }
}
class Pair<T> {
  constructor(public a: T, public b: T) {}
  sum(): T { return this.a + this.b; }
}
class Field {
  constructor(public a: u8) {}
  b: u8 = 200 + 1;
}
class Vector {
  constructor(public x: i32) {}
  @operator("+") plus(other: Vector): Vector { return new Vector(this.x + other.x); }
  @operator.prefix("-") negate(): Vector { return new Vector(0 - this.x); }
}
enum Level { Low = 1 + 2, High }
function same<T>(value: T): T { return value; }
function twice<T>(value: T): T { return value * 2; }
function withDefault(a: u64, b: u64 = a + 1): u64 { return b; }
`;

/** Body of a case and its answer. The bodies use same() so that nothing is known when they are compiled. */
const CASES: readonly (readonly [name: string, body: string, answer: Answer])[] = [
  // Every width and sign, at its edge and one beyond.
  ["u64 +", "return same<u64>(u64.MAX_VALUE) + 1;", "OVERFLOW"],
  ["u64 + at the edge", "return same<u64>(u64.MAX_VALUE - 1) + 1;", 0xffff_ffff_ffff_ffffn],
  ["u64 -", "return same<u64>(3) - same<u64>(4);", "OVERFLOW"],
  ["u64 - at the edge", "return same<u64>(4) - same<u64>(4);", 0n],
  ["u64 *", "return same<u64>(1 << 33) * same<u64>(1 << 31);", "OVERFLOW"],
  ["u64 * at the edge", "return same<u64>(1 << 33) * 0x7fff_ffff;", (1n << 64n) - (1n << 33n)],
  ["i64 +", "return <u64>(same<i64>(i64.MAX_VALUE) + 1);", "OVERFLOW"],
  ["i64 + of a negative", "return <u64>(same<i64>(i64.MIN_VALUE) + same<i64>(-1));", "OVERFLOW"],
  ["i64 -", "return <u64>(same<i64>(i64.MIN_VALUE) - 1);", "OVERFLOW"],
  ["i64 *", "return <u64>(same<i64>(i64.MIN_VALUE) * same<i64>(-1));", "OVERFLOW"],
  ["i64 * at the edge", "return <u64>(same<i64>(-4) * same<i64>(1 << 61));", 1n << 63n],
  ["u32 +", "return same<u32>(u32.MAX_VALUE) + 1;", "OVERFLOW"],
  ["u32 beyond i32", "return same<u32>(3000000000) + 1;", 3_000_000_001n],
  ["u32 *", "return same<u32>(65536) * same<u32>(65536);", "OVERFLOW"],
  ["i32 +", "return <u64>(same<i32>(i32.MAX_VALUE) + 1);", "OVERFLOW"],
  ["i32 *", "return <u64>(same<i32>(65536) * same<i32>(32768));", "OVERFLOW"],
  ["u16 -", "return same<u16>(0) - 1;", "OVERFLOW"],
  ["i16 +", "return <u64>(same<i16>(32767) + 1);", "OVERFLOW"],
  ["u8 +", "return same<u8>(255) + 1;", "OVERFLOW"],
  ["u8 + at the edge", "return same<u8>(254) + 1;", 255n],
  ["u8 *", "return same<u8>(16) * same<u8>(16);", "OVERFLOW"],
  ["i8 -", "return <u64>(same<i8>(-128) - 1);", "OVERFLOW"],

  // Literals take the other operand's type, on either side; among themselves they are exact.
  ["literal on the left", "return 1 + same<u64>(u64.MAX_VALUE);", "OVERFLOW"],
  ["literal on the left of -", "return 1 - same<u64>(2);", "OVERFLOW"],
  ["negative literal", "return <u64>(same<i64>(i64.MIN_VALUE) + -1);", "OVERFLOW"],
  ["literals alone", "return 24 * 60 * 60 * 1_000_000_000;", 86_400_000_000_000n],
  ["literals in parentheses", "return same<u64>(2) * (60 * (70 - 10));", 7_200n],
  ["hexadecimal literals", "return 0xff_ff_ff_ff + 0x1;", 0x1_0000_0000n],
  ["a choice of literals", "return (same<bool>(true) ? 1 : 2) + same<u64>(u64.MAX_VALUE);", "OVERFLOW"],
  ["enum values", "return <u64>(Level.High + same<i32>(1));", 5n],

  // Unary minus.
  ["-i64", "return <u64>(-same<i64>(i64.MIN_VALUE));", "OVERFLOW"],
  ["-u64", "return -same<u64>(1);", "OVERFLOW"],
  ["-u64 of 0", "return -same<u64>(0);", 0n],
  ["-(-i64)", "return <u64>(-(-same<i64>(7)));", 7n],
  ["-literal", "return <u64>(-9223372036854775808 + same<i64>(i64.MAX_VALUE)) + 1;", "OVERFLOW"],

  // Updates of locals.
  ["+=", "let a: u64 = u64.MAX_VALUE; a += 1; return a;", "OVERFLOW"],
  ["-=", "let a: u32 = 1; a -= same<u32>(2); return a;", "OVERFLOW"],
  ["*=", "let a: i32 = i32.MAX_VALUE; a *= 2; return <u64>a;", "OVERFLOW"],
  ["++", "let a: u8 = 255; a++; return a;", "OVERFLOW"],
  ["--", "let a: u64 = 0; --a; return a;", "OVERFLOW"],
  ["value of a++", "let a: u8 = 254; const b = a++; return <u64>a * 1000 + <u64>b;", 255_254n],
  ["value of a--", "let a: i8 = -127; const b = a--; return <u64>(<i64>b - <i64>a);", 1n],
  ["value of (a++)", "let a: u64 = 4; return (a++) + a * 10;", 54n],
  ["value of ++a", "let a: u64 = 4; return ++a * 10 + a;", 55n],
  ["value of +=", "let a: u64 = 4; const b = (a += 3); return a * 10 + b;", 77n],
  ["the target is read before the value", "let a: u64 = 1; a += (a = 10); return a;", 11n],

  // Properties and elements.
  ["field", "const b = new Box(); b.n = u64.MAX_VALUE; b.n += 1; return b.n;", "OVERFLOW"],
  ["accessor", "const b = new Box(); b.q -= 101; return b.q;", "OVERFLOW"],
  ["accessor at the edge", "const b = new Box(); b.q -= 100; return b.q;", 0n],
  ["u8 field", "const b = new Box(); b.small += 6; return b.small;", "OVERFLOW"],
  ["this", "const b = new Box(); b.n = u64.MAX_VALUE; return b.add(1).n;", "OVERFLOW"],
  ["element", "const b = new Box(); const l = b.list; l[1] -= 21; return l[1];", "OVERFLOW"],
  ["element by an expression", "const l = new Box().list; let i = 0; l[i + 1] *= 3; return l[1];", 60n],
  ["element of a property", "const b = new Box(); b.list[0]++; return b.list[0];", 11n],
  ["element of a call", "const b = new Box(); b.add(1).list[2] += 5; return b.list[2] + b.n;", 43n],
  [
    "the object of an update is evaluated once",
    "const c = new Counter(new Box()); c.next().n += 5; return c.box.n * 10 + <u64>c.calls;",
    121n,
  ],
  [
    "object and index of an update are evaluated once",
    "const c = new Counter(new Box()); c.next().list[c.index()]++; return c.box.list[1] * 10 + <u64>c.calls;",
    212n,
  ],
  [
    "an index that moves",
    "const l = new Box().list; let i = 0; l[i++] += 1; return l[0] * 10 + <u64>i;",
    111n,
  ],
  [
    "an index that assigns its object",
    "let l = new Box().list; const m = l; l[(l = new Box().list, l[0] = 5, 1)] += 1; return m[1] * 10 + l[1];",
    230n,
  ],
  ["an update under if", "const b = new Box(); if (b.n > 1) b.add(0).n -= 8; return b.n;", "OVERFLOW"],
  ["nullable property", "const b = new Box(); b.inner = new Box(); b.inner!.n += 1; return b.inner!.n;", 8n],

  // Every place where an expression can stand.
  ["field initialiser", "return new Box().n;", 7n],
  ["field initialiser of a small type", "return new Field(1).b;", 201n],
  ["default initialiser", "return withDefault(u64.MAX_VALUE);", "OVERFLOW"],
  ["argument", "return same<u64>(same<u64>(0) - 1);", "OVERFLOW"],
  ["new", "return new Pair<u64>(same<u64>(0) - 1, 0).a;", "OVERFLOW"],
  ["array literal", "const a: u64[] = [same<u64>(0) - 1]; return a[0];", "OVERFLOW"],
  ["condition of if", "if (same<u64>(0) - 1 > 5) return 1; return 2;", "OVERFLOW"],
  ["condition of while", "let a: u64 = 3; while (a - 1 >= 0) a -= 1; return a;", "OVERFLOW"],
  ["condition of do", "let a: u8 = 0; do { a += 50; } while (a + 10 < 255); return a;", "OVERFLOW"],
  ["for", "let s: u8 = 0; for (let i: u8 = 0; i < 200; i += 100) s = i; return s;", 100n],
  ["for whose counter overflows", "for (let i: u8 = 0; i <= 255; i++) {} return 1;", "OVERFLOW"],
  ["two counters", "let s = 0; for (let i = 0, j = 5; i < j; i++, j--) s += j - i; return <u64>s;", 9n],
  ["switch", "switch (same<u8>(255) + 1) { case 0: return 1; default: return 2; }", "OVERFLOW"],
  ["case", "switch (same<i32>(4)) { case same<i32>(3) + 1: return 1; default: return 2; }", 1n],
  ["ternary", "return same<bool>(false) ? 1 : same<u64>(0) - 1;", "OVERFLOW"],
  ["logical", "return u64(same<bool>(true) && same<u64>(0) - 1 > 0);", "OVERFLOW"],
  ["conversion", "return <u64>(same<u8>(255) + 1);", "OVERFLOW"],
  ["as", "return (same<u8>(255) + 1) as u64;", "OVERFLOW"],
  ["comma", "let a: u8 = 255; a++, (a = 1); return a;", "OVERFLOW"],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the case is a template of the other language
  ["template", "return <u64>`${same<u8>(255) + 1}`.length;", "OVERFLOW"],
  ["nested", "return ((same<u64>(5) * 3 - 1) * 2 + 4) * same<u64>(2) - 63;", 1n],
  ["function as a value", "const f = (a: u8): u8 => a + 1; return f(255);", "OVERFLOW"],
  ["update as the value of a function", "const f = (a: u64): u64 => a++; return f(7);", 7n],
  ["generic method", "return new Pair<u8>(200, 100).sum();", "OVERFLOW"],
  ["generic method of a wider type", "return new Pair<u32>(200, 100).sum();", 300n],
  ["generic function", "return twice<u16>(40000);", "OVERFLOW"],

  // What is not an integer, and what is no checked operator.
  ["string +", 'const s = "ab" + "c" + same<string>("de"); return <u64>s.length;', 5n],
  ["string +=", 'let s = "ab"; s += "cde"; return <u64>s.length;', 5n],
  ["generic string", 'return <u64>new Pair<string>("ab", "c").sum().length;', 3n],
  ["own operator", "return <u64>(new Vector(2) + new Vector(3)).x;", 5n],
  ["own prefix operator", "return <u64>(0 - (-new Vector(2)).x);", 2n],
  ["shift", "return same<u64>(1) << 63 << 1;", 0n],
  ["not", "return ~same<u64>(0);", 0xffff_ffff_ffff_ffffn],
  ["plus", "return +same<u64>(7);", 7n],
  ["wrapping on purpose", "return i64.add(u64.MAX_VALUE, 2);", 1n],
];

const PROGRAM = `${PRELUDE}
${CASES.map(([, body], index) => `function case${index}(): u64 { ${body} }`).join("\n")}
export function runCase(number: u32): u64 {
  switch (number) {
${CASES.map((_, index) => `    case ${index}: return case${index}();`).join("\n")}
  }
  return unreachable();
}
`;

describe.each([
  ["as it is", false],
  ["optimised", true],
])("%s", (_, optimize) => {
  let handlers: ReturnType<typeof instantiate>;
  beforeAll(async () => {
    const result = await compileCases({ "assembly/index.ts": PROGRAM }, { optimize });
    if (!result.compiled) throw new Error(JSON.stringify(result.problems, undefined, 1));
    handlers = instantiate(result.bytes);
  }, 400_000);

  test.each(CASES.map(([name, body, answer], index) => ({ name, body, answer, index })))(
    "$name: $body",
    ({ index, answer }) => {
      expect(handlers.run(index)).toBe(answer);
    },
  );
});
