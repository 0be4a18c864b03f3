/** Each source rule has sources that break it, at the right line and column; good sources pass. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { COMPILER_VERSION } from "../../src/gate/index.ts";
import * as syntax from "../../src/gate/sources/syntax.ts";
import { ENTRY, judge } from "./modules.ts";

const RUN = "export function run(kind: u32, payload: usize): void {}\n";

test("a good source", async () => {
  const { findings, diagnostics } = await judge(`
import { Row, view } from "statevec/assembly";
import { Side } from "../build/shop.schema";

const LIMIT: u64 = 1000;
const LOWEST = -5;
const NAME = "shop";
const PLAIN = \`shop\`;
const FIRST: Side = Side.Bid;
const MOST = u64.MAX_VALUE;
const WIDE = <u64>7, ALSO = 7 as u64, IS = true, NONE: Row | null = null;
enum Step { One = 1, Two, Three = -3 }
interface Sized { size: u64 }
type Amount = u64;
namespace Inner { export const ONE = 1; export function two(): i32 { return 2; } }

@final
class Cart implements Sized {
  static readonly most: i32 = 5;
  static half(): u64 { return LIMIT / 2; }
  size: u64 = 0;
  private store: Amount = 3;
  @inline add(load: u64): void { this.size += load; let memoryUsed = load; memoryUsed -= 1; }
  @operator("+") plus(other: Cart): Cart { return this; }
}

export function run(kind: u32, payload: usize): void {
  const cart = new Cart();
  let total: u64 = 0;
  for (let i = 0; i < 10; i++) total += <u64>i;
  const values = [1, 2, 3];
  values.sort((a, b) => a - b);
  cart.add(total + (FIRST == Side.Ask ? 1 : 2) + <u64>values[0]);
  const text = NAME + PLAIN + kind.toString();
  if (text.length > 5 && kind == Step.Two) view();
  abort();
}
`);
  expect(findings).toEqual([]);
  expect(diagnostics).not.toContain("ERROR");
});

/** The finding is expected where the text says ¦. */
type Case = readonly [what: string, rule: string, text: string];

const CASES: readonly Case[] = [
  // memory
  ["changetype", "changetype", "function f(): usize {\n  return ¦changetype<usize>(0);\n}"],
  ["load", "memory-access", "function f(): u32 { return ¦load<u32>(8); }"],
  ["store", "memory-access", "function f(): void { ¦store<u32>(8, 1); }"],
  ["i32.load", "memory-access", "function f(): i32 { return ¦i32.load(8); }"],
  ["i64.store8", "memory-access", "function f(): void { ¦i64.store8(8, 1); }"],
  ["v128.load", "memory-access", "function f(): void { ¦v128.load(8); }"],
  ["lanes", "memory-access", "function f(): void { ¦i32x4.splat(8); }"],
  ["memory.copy", "memory-access", "function f(): void { ¦memory.copy(0, 8, 8); }"],
  ["memory.data", "memory-access", "function f(): usize { return ¦memory.data(8); }"],
  ["heap.alloc", "memory-access", "function f(): usize { return ¦heap.alloc(8); }"],
  ["atomics", "memory-access", "function f(): void { ¦atomic.fence(); }"],
  ["an address", "memory-access", "function f(a: Array<u8>): usize { return a.¦dataStart; }"],
  ["a builtin exported by its name", "memory-access", "export { ¦load };"],
  // past the checks
  ["unchecked", "unsafe", "function f(a: Array<u8>): u8 { return ¦unchecked(a[9]); }"],
  ["decodeUnsafe", "unsafe", "function f(): string { return String.UTF8.¦decodeUnsafe(8, 8); }"],
  ["a function of the runtime", "unsafe", "function f(): usize { return ¦__new(8, 1); }"],
  ["a method of the compiler", "unsafe", "function f(a: Uint8Array): u8 { return a.¦__get(9); }"],
  ["the end of static data", "unsafe", "function f(): usize { return ¦__heap_base; }"],
  ["call_indirect", "unsafe", "function f(): void { ¦call_indirect<void>(1); }"],
  // imports
  ["a builtin under another name", "import-path", '¦import { changetype as c } from "builtins";'],
  ["a module of the library", "import-path", '¦import * as m from "~lib/memory";'],
  ["a builtin exported again", "import-path", '¦export * from "builtins";'],
  ["the inside of the SDK", "import-path", '¦import { offset } from "statevec/assembly/runtime";'],
  // declarations
  ["an external function", "decorator", '¦@external("env", "now")\ndeclare function now(): u64;'],
  ["an unsafe function", "decorator", "¦@unsafe\nfunction f(): void {}"],
  ["an unmanaged class", "decorator", "¦@unmanaged\nclass View { a: u64; }"],
  ["a global", "decorator", "¦@global\nfunction f(): void {}"],
  ["a lazy const", "decorator", "¦@lazy const a = 5;"],
  ["a decorator of nobody", "decorator", "class C { ¦@cached f(): void {} }"],
  ["a declared function", "declare", "¦declare function now(): u64;"],
  ["a declared variable", "declare", "declare const ¦now: u64;"],
  ["a declared namespace", "declare", "¦declare namespace n { function now(): u64; }"],
  ["a declared class", "declare", "¦declare class C { f(): u64; }"],
  // state
  ["let", "module-state", "let ¦count: u64 = 0;"],
  ["var", "module-state", "var ¦count: u64 = 0;"],
  ["exported let", "module-state", "export let ¦count: u64 = 0;"],
  ["let in a namespace", "module-state", "namespace n { namespace m { let ¦a = 5; } }"],
  ["a const array", "module-state", "const ¦list = [1, 2, 3];"],
  ["a const object", "module-state", "const ¦map = new Map<u64, u64>();"],
  ["a const call", "module-state", "const ¦one = f();\nfunction f(): i32 { return 1; }"],
  ["a const sum", "module-state", "const ¦hour: u64 = 60 * 60;"],
  ["a const function", "module-state", "const ¦f = (a: i32): i32 => a;"],
  ["a static field", "module-state", "class C { static ¦count: u64 = 0; }"],
  ["a static readonly object", "module-state", "class C { static readonly ¦list: u64[] = [1]; }"],
  ["a static field of an inner class", "module-state", "namespace n { class C { static ¦a: u64 = 0; } }"],
  ["a computed enum value", "module-state", "enum E { ¦A = f() }\nfunction f(): i32 { return 1; }"],
  ["a call at module level", "top-level-code", "function f(): void {}\n¦f();"],
  ["a loop at module level", "top-level-code", "¦for (let i = 0; i < 3; i++) {}"],
  ["a template with values", "template", "function f(a: string): string { return ¦`<$" + "{a}>`; }"],
  // floats, the outside
  ["a number with a point", "float", "function f(): void { let a = ¦0.5; }"],
  ["a float type", "float", "function f(a: ¦f64): void {}"],
  ["a cast to a float", "float", "function f(a: i32): void { <¦f32>a; }"],
  ["number", "float", "function f(a: ¦number): void {}"],
  ["Math", "float", "function f(): void { ¦Math.min(1, 2); }"],
  ["a float view", "float", "function f(): void { new ¦Float64Array(1); }"],
  ["a clock", "outside", "function f(): void { ¦Date.now(); }"],
  ["output", "outside", 'function f(): void { ¦console.log("a"); }'],
  ["entropy", "outside", "function f(): void { ¦crypto.getRandomValues(new Uint8Array(8)); }"],
  ["a type check switched off", "comment", "// ¦@ts-ignore\nfunction f(): void {}"],
];

/** `assembly/index.ts:1:7`, where ¦ stands. */
function placeOfMark(text: string): string {
  const lines = text.slice(0, text.indexOf("¦")).split("\n");
  return `${ENTRY}:${lines.length}:${lines.at(-1)!.length + 1}`;
}

describe("broken rules", () => {
  test.each(CASES)("%s: %s", async (_, rule, text) => {
    const { findings } = await judge(`${text.replace("¦", "")}\n${RUN}`);
    const message = expect.stringMatching(/.{30}/);
    expect(findings).toContainEqual({ rule, place: placeOfMark(text), message });
  });
});

test("a package in node_modules is judged like the user's own files", async () => {
  const { findings } = await judge(`import { peek } from "helpers";\n${RUN.replace("{}", "{ peek(8); }")}`);
  expect(findings).toEqual([
    { rule: "memory-access", place: "~lib/helpers/index.ts:1:47", message: expect.stringContaining("load") },
  ]);
});

test("findings come in the order of the text, each once", async () => {
  const { findings } = await judge(
    `let a = 1;\n${RUN.replace("{}", "{ store<u8>(8, load<u8>(9)); }")}let b = 1;\n`,
  );
  expect(findings.map(({ place }) => place.replace("assembly/index.ts:", ""))).toEqual([
    "1:5",
    "2:56",
    "2:69",
    "3:5",
  ]);
});

test("raw arithmetic is listed, and is no finding", async () => {
  const { findings, arithmetic } = await judge(`
export function run(kind: u32, payload: usize): void {
  let a: u64 = 5, list = [1];
  a = a + 7;
  a -= 3;
  a++;
  const product = a * a;
  const small = list.length + 1, sum = <u32>a + (kind as u32), known = 2 * 3, text = "a" + "b";
}
`);
  expect(findings).toEqual([]);
  expect(arithmetic.map(({ rule, place, message }) => [rule, place, message.split(" ")[0]])).toEqual([
    ["raw-arithmetic", "assembly/index.ts:4:7", "+"],
    ["raw-arithmetic", "assembly/index.ts:5:3", "-="],
    ["raw-arithmetic", "assembly/index.ts:6:3", "++"],
    ["raw-arithmetic", "assembly/index.ts:7:19", "*"],
  ]);
});

describe("the numbers of the tree", () => {
  const GROUPS = [
    ["NodeKind", syntax.NODE],
    ["LiteralKind", syntax.LITERAL],
    ["DecoratorKind", syntax.DECORATOR],
    ["CommonFlags", syntax.FLAG],
    ["Token", syntax.TOKEN],
  ] as const;

  test.each(GROUPS)("%s", async (name, numbers) => {
    const compiler = await import("assemblyscript" as string);
    for (const [member, value] of Object.entries(numbers)) expect(compiler[name][member], member).toBe(value);
  });

  test("the release is the one that is installed", () => {
    const file = createRequire(import.meta.url).resolve("assemblyscript/package.json");
    expect(JSON.parse(readFileSync(file, "utf8")).version).toBe(COMPILER_VERSION);
  });
});
