/** Values across the boundary: what our converters and our bindings section make of as-bind beside this compiler. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { converters, instantiate } from "#as-bind";
import { replaceConverters } from "../../src/inspect/converters.ts";

/** AssemblyScript: what can cross the boundary. */
const BOUNDARY = `
export function hello(name: string): string {
  return "hello " + name;
}
export function length(text: string | null): i32 {
  return text === null ? -1 : text.length;
}
export function maybe(there: bool, text: string): string | null {
  return there ? text : null;
}
export function reversed(bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) result[i] = bytes[bytes.length - 1 - i];
  return result;
}
export function words(words: Uint64Array): Uint64Array {
  return words;
}
export function smalls(smalls: Int16Array): Int16Array {
  return smalls;
}
export function joined(texts: Array<string>): string {
  return texts.join(",");
}
export function doubled(numbers: Array<u64>): Array<u64> {
  return numbers.map<u64>((number) => number * 2);
}
export function flags(flags: Array<bool>): Array<bool> {
  return flags;
}
export function nested(rows: Array<Array<string>>): Array<Array<string>> {
  rows.reverse();
  return rows;
}
export function buffer(bytes: ArrayBuffer): ArrayBuffer {
  return bytes.slice(1);
}
export function largest(text: string): u64 {
  return u64.MAX_VALUE - text.length;
}
export function largestWord(text: string): u32 {
  return u32.MAX_VALUE - text.length;
}
export function least(text: string, word: u32, number: u64): i64 {
  return <i64>number - word - text.length;
}
export function isEmpty(text: string): bool {
  return text.length == 0;
}
/** Only numbers: not bound. */
export function plain(a: u32): u32 {
  return a;
}
`;

let calls: Readonly<Record<string, any>>;

const pathOf = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Compiles with the runtime of the compiler itself, so that nothing here leans on ours. */
function compile(text: string): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), "statevec-inspect-"));
  try {
    writeFileSync(join(directory, "boundary.ts"), text);
    const transform = ["--transform", pathOf("scripts/bindings-transform.mjs")];
    const args = ["boundary.ts", "--outFile", "boundary.wasm", "--exportRuntime", ...transform];
    const options = { cwd: directory, encoding: "utf8" } as const;
    const asc = pathOf("node_modules/assemblyscript/bin/asc.js");
    const { status, stderr } = spawnSync(process.execPath, [asc, ...args], options);
    if (status !== 0) throw new Error(stderr);
    return readFileSync(join(directory, "boundary.wasm"));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

beforeAll(async () => {
  replaceConverters(converters);
  calls = (await instantiate(compile(BOUNDARY), {})).exports;
});

describe("values cross the boundary", () => {
  const long = "x😀".repeat(5_000);
  test.each([
    ["a text", "hello", ["wörld"], "hello wörld"],
    ["a text beyond 16 bits", "hello", ["a\0\u{1F600}\uFEFF"], "hello a\0\u{1F600}\uFEFF"],
    ["a lone surrogate", "hello", ["\ud800"], "hello \ud800"],
    ["a long text", "hello", [long], `hello ${long}`],
    ["no text", "length", [null], -1],
    ["nothing for a text", "length", [undefined], -1],
    ["an empty text", "length", [""], 0],
    ["a text or none", "maybe", [true, "a"], "a"],
    ["none", "maybe", [false, "a"], null],
    ["bytes", "reversed", [Uint8Array.of(1, 2, 255)], Uint8Array.of(255, 2, 1)],
    ["no bytes", "reversed", [new Uint8Array(0)], new Uint8Array(0)],
    ["a part of a buffer", "reversed", [new Uint8Array([9, 1, 2, 9]).subarray(1, 3)], Uint8Array.of(2, 1)],
    ["words", "words", [BigUint64Array.of(1n, 2n ** 64n - 1n)], BigUint64Array.of(1n, 2n ** 64n - 1n)],
    ["signed numbers", "smalls", [Int16Array.of(-1, 5)], Int16Array.of(-1, 5)],
    ["texts", "joined", [["a", "", "ü"]], "a,,ü"],
    ["u64 in an array", "doubled", [[1n, 2n ** 63n - 1n]], [2n, 2n ** 64n - 2n]],
    ["bools in an array", "flags", [[true, false]], [true, false]],
    ["arrays in an array", "nested", [[["a"], [], ["b", "c"]]], [["b", "c"], [], ["a"]]],
    ["a buffer", "buffer", [Uint8Array.of(1, 2, 3).buffer], Uint8Array.of(2, 3).buffer],
    ["u64", "largest", [""], 2n ** 64n - 1n],
    ["u32", "largestWord", [""], 2 ** 32 - 1],
    ["u32 and u64 as arguments", "least", ["", 2 ** 32 - 1, 2n ** 64n - 1n], -(2n ** 32n)],
    ["bool", "isEmpty", [""], true],
    ["not bool", "isEmpty", ["a"], false],
  ] as const)("%s", (_title, name, args, expected) => {
    expect(calls[name](...args)).toEqual(expected);
  });

  test("what comes out is a copy", () => {
    const first = calls.reversed(Uint8Array.of(1, 2));
    calls.reversed(Uint8Array.of(8, 9));
    expect(first).toEqual(Uint8Array.of(2, 1));
  });

  test("a call with too few arguments is refused", () => {
    expect(() => calls.hello()).toThrow("Expected 1 arguments, got 0");
  });

  test("an export of numbers alone stays as it is", () => {
    expect(calls.plain(-1)).toBe(-1);
  });
});

test("a type without a converter is refused by name", async () => {
  const module = compile("export function f(a: Map<i32, i32>): void {}");
  const binding = await instantiate(module, {});
  expect(() => binding.exports.f(new Map())).toThrow(/has no converter/);
});
