/** Each bytecode rule has modules that break it, and good modules pass. */
import { describe, expect, test } from "vitest";
import { HANDLER_DATA_END, HANDLER_DATA_START } from "../../assembly/abi.ts";
import { checkHandlerModule, staticDataEnd } from "../../src/gate/index.ts";
import { handlers, type Parts } from "./modules.ts";

const FUNCTIONS_IN_TABLE = `
  (type $compare (func (param i32 i32) (result i32)))
  (table 3 3 funcref) (elem (i32.const 1) $less $more)
  (func $less (param i32 i32) (result i32) (i32.lt_u (local.get 0) (local.get 1)))
  (func $more (param i32 i32) (result i32) (i32.gt_u (local.get 0) (local.get 1)))`;

describe("good modules", () => {
  const good: Readonly<Record<string, Parts>> = {
    "a handler that does nothing": {},
    "operations, memory, loops, integers": {
      imports: '(import "env" "opFind" (func $opFind (param i32 i64) (result i32)))',
      fields: `(global $base i32 (i32.const 1024)) (data (i32.const 1024) "hello")
        (func $sum (param i32) (result i64) (local i64)
          (loop $again
            (local.set 1 (i64.add (local.get 1) (i64.load (local.get 0))))
            (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 8)))))
          (i64.div_s (local.get 1) (i64.const 3)))`,
      run: `(drop (call $opFind (i32.const 0) (call $opSeq)))
        (drop (call $sum (i32.extend8_s (global.get $base))))`,
    },
    "integer SIMD": {
      run: `(local.set $v (i64x2.add (v128.load (i32.const 1024)) (i8x16.popcnt (v128.const i64x2 1 2))))
        (v128.store (i32.const 1024) (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (local.get $v) (local.get $v)))`,
    },
    "function values in a table that never changes": {
      fields: FUNCTIONS_IN_TABLE,
      run: "(drop (call_indirect (type $compare) (i32.const 1) (i32.const 2) (local.get 0)))",
    },
    "a diamond of calls is no recursion": {
      fields: "(func $a (call $b) (call $c)) (func $b (call $c)) (func $c)",
      run: "(call $a) (call $c)",
    },
    "every byte of the static data": {
      fields: `(data (i32.const ${HANDLER_DATA_START}) "\\01") (data (i32.const ${HANDLER_DATA_END - 1}) "\\01")`,
    },
  };
  test.each(Object.entries(good))("%s", (_, parts) => {
    expect(checkHandlerModule(handlers(parts))).toEqual([]);
  });
});

type Case = readonly [what: string, rule: string, place: string, parts: Parts];

const CASES: readonly Case[] = [
  // imports
  ["a clock", "import", "import env.Date.now", { imports: '(import "env" "Date.now" (func (result i64)))' }],
  [
    "an abort",
    "import",
    "import env.abort",
    { imports: '(import "env" "abort" (func (param i32 i32 i32 i32)))' },
  ],
  [
    "an operation from elsewhere",
    "import",
    "import other.opSeq",
    { imports: '(import "other" "opSeq" (func))' },
  ],
  [
    "an operation that is a global",
    "import",
    "import env.opGet",
    { imports: '(import "env" "opGet" (global i32))' },
  ],
  [
    "the fuel, before it is injected",
    "import",
    "import env.fuel",
    { imports: '(import "env" "fuel" (global (mut i32)))' },
  ],
  ["a table", "import", "import env.table", { imports: '(import "env" "table" (table 1 funcref))' }],
  [
    "an operation of another type",
    "import-type",
    "import env.opGet",
    { imports: '(import "env" "opGet" (func (param i32 i32) (result i32)))' },
  ],
  // memory
  ["a memory of its own", "memory", "module", { memory: "(memory 1)" }],
  ["two memories", "memory", "module", { fields: "(memory $other 1)" }],
  [
    "a memory that reaches into the core",
    "memory",
    "module",
    { memory: '(import "env" "memory" (memory 33))' },
  ],
  ["a shared memory", "threads", "module", { memory: '(import "env" "memory" (memory 16 32 shared))' }],
  // exports
  ["no run", "export", "module", { exports: "" }],
  ["run under another name", "export", "export start", { exports: '(export "start" (func $run))' }],
  [
    "a second export",
    "export",
    "export also",
    { exports: '(export "run" (func $run)) (export "also" (func $run))' },
  ],
  [
    "the memory",
    "export",
    "export memory",
    { exports: '(export "run" (func $run)) (export "memory" (memory 0))' },
  ],
  [
    "a run of another type",
    "export",
    "export run",
    { fields: "(func $walk (param i32))", exports: '(export "run" (func $walk))' },
  ],
  // globals
  [
    "a mutable global",
    "mutable-global",
    "global count",
    { fields: "(global $count (mut i32) (i32.const 0))" },
  ],
  [
    "an imported mutable global",
    "mutable-global",
    "global count",
    { imports: '(import "env" "count" (global $count (mut i32)))' },
  ],
  [
    "a global of a reference",
    "global",
    "global target",
    { fields: "(global $target funcref (ref.func $run)) (elem declare func $run)" },
  ],
  ["a global of a float", "float", "global rate", { fields: "(global $rate f64 (f64.const 1))" }],
  ["a start function", "start", "function boot", { fields: "(func $boot) (start $boot)" }],
  // tables
  ["two tables", "table", "module", { fields: "(table 1 funcref) (table 1 funcref)" }],
  ["a table of other values", "table", "module", { fields: "(table 1 externref)" }],
  [
    "an exported table",
    "table",
    "export table",
    { fields: "(table $t 1 funcref)", exports: '(export "run" (func $run)) (export "table" (table $t))' },
  ],
  [
    "a passive element segment",
    "table",
    "element segment 0",
    { fields: "(table 1 funcref) (elem func $run)" },
  ],
  [
    "an element segment with a hole",
    "table",
    "element segment 0",
    { fields: "(table 2 funcref) (elem (i32.const 0) funcref (ref.null func))" },
  ],
  [
    "a write to a table",
    "table",
    "function run",
    { fields: FUNCTIONS_IN_TABLE, run: "(table.set 0 (i32.const 0) (ref.null func))" },
  ],
  // data
  ["data below", "data", "data segment 0", { fields: `(data (i32.const ${HANDLER_DATA_START - 1}) "x")` }],
  [
    "data beyond",
    "data",
    "data segment 1",
    { fields: `(data (i32.const 1024) "x") (data (i32.const ${HANDLER_DATA_END}) "x")` },
  ],
  ["data at the end of memory", "data", "data segment 0", { fields: '(data (i32.const -1) "x")' }],
  [
    "data at a computed offset",
    "data",
    "data segment 0",
    { fields: '(global $at i32 (i32.const 1024)) (data (global.get $at) "x")' },
  ],
  ["passive data", "data", "data segment 0", { fields: '(data "x")' }],
  // instructions
  ["a float constant", "float", "function run", { run: "(drop (f32.const 1))" }],
  ["a float operation", "float", "function rate", { fields: "(func $rate (drop (f64.sqrt (f64.const 2))))" }],
  [
    "a conversion from floats",
    "float",
    "function run",
    { run: "(drop (i64.trunc_sat_f64_s (f64.const 2)))" },
  ],
  [
    "a reinterpretation",
    "float",
    "function run",
    { run: "(f32.store (i32.const 2048) (f32.reinterpret_i32 (local.get 0)))" },
  ],
  [
    "float lanes",
    "float",
    "function run",
    { run: "(local.set $v (f32x4.add (local.get $v) (local.get $v)))" },
  ],
  [
    "lanes converted from floats",
    "float",
    "function run",
    { run: "(local.set $v (i32x4.trunc_sat_f32x4_u (local.get $v)))" },
  ],
  ["a float parameter", "float", "type 1", { fields: "(func $f (param f64))" }],
  ["a float local", "float", "function f", { fields: "(func $f (local f32))" }],
  ["an atomic instruction", "threads", "function run", { run: "(drop (i32.atomic.load (i32.const 1024)))" }],
  ["a fence", "threads", "function run", { run: "(atomic.fence)" }],
  [
    "relaxed SIMD",
    "relaxed-simd",
    "function run",
    { run: "(local.set $v (i8x16.relaxed_swizzle (local.get $v) (local.get $v)))" },
  ],
  [
    "memory.copy",
    "bulk-memory",
    "function run",
    { run: "(memory.copy (local.get 0) (local.get 1) (i32.const 8))" },
  ],
  [
    "memory.fill",
    "bulk-memory",
    "function run",
    { run: "(memory.fill (local.get 0) (local.get 1) (i32.const 8))" },
  ],
  [
    "memory.init",
    "bulk-memory",
    "function run",
    { fields: '(data $d "x")', run: "(memory.init $d (local.get 0) (i32.const 0) (i32.const 1))" },
  ],
  ["memory.grow", "memory-size", "function run", { run: "(drop (memory.grow (i32.const 1)))" }],
  ["memory.size", "memory-size", "function run", { run: "(drop (memory.size))" }],
  ["a tail call", "instruction", "function run", { fields: "(func $f)", run: "(return_call $f)" }],
  [
    "a reference",
    "instruction",
    "function run",
    { run: "(drop (ref.func $run))", fields: "(elem declare func $run)" },
  ],
  ["an exception", "instruction", "function run", { fields: "(tag $t)", run: "(throw $t)" }],
  // recursion
  ["a function that calls itself", "recursion", "function loop", { fields: "(func $loop (call $loop))" }],
  [
    "a run that calls itself",
    "recursion",
    "function run",
    { run: "(call $run (local.get 0) (local.get 1))" },
  ],
  [
    "functions that call each other",
    "recursion",
    "function a",
    { fields: "(func $a (call $b)) (func $b (call $c)) (func $c (call $a))" },
  ],
];

/** What engines learnt later than the oldest one we run on; there the module is malformed as a whole. */
const NEWER = ["two memories", "relaxed SIMD", "data at a computed offset"];

function isValid(bytes: Uint8Array): boolean {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: { validate(bytes: Uint8Array): boolean } };
  return WebAssembly.validate(bytes);
}

describe("broken rules", () => {
  test.each(CASES)("%s: %s", (what, rule, place, parts) => {
    const bytes = handlers(parts);
    const found = checkHandlerModule(bytes);
    if (isValid(bytes))
      expect(found).toContainEqual({ rule, place, message: expect.stringMatching(/.{20}/) });
    else expect(NEWER, JSON.stringify(found)).toContain(what);
  });

  test("recursion through a table: any function of the called type may be meant", () => {
    const fields = `
      (type $compare (func (param i32 i32) (result i32)))
      (table 2 2 funcref) (elem (i32.const 1) $less)
      (func $less (param i32 i32) (result i32) (call $sort))
      (func $sort (result i32) (call_indirect (type $compare) (i32.const 1) (i32.const 2) (i32.const 1)))`;
    const found = checkHandlerModule(handlers({ fields, run: "(drop (call $sort))" }));
    expect(found).toEqual([
      {
        rule: "recursion",
        place: "function less",
        message: expect.stringContaining("less calls sort calls less: "),
      },
    ]);
  });

  test("a cycle is named function by function, once", () => {
    const fields = "(func $a (call $b)) (func $b (call $c)) (func $c (call $b))";
    const [finding, ...others] = checkHandlerModule(handlers({ fields, run: "(call $a)" }));
    expect(finding).toMatchObject({ rule: "recursion", place: "function b" });
    expect(finding!.message).toMatch(/^b calls c calls b: /);
    expect(others).toEqual([]);
  });

  test("every rule that a function breaks is named, with its instructions", () => {
    const run = "(drop (memory.size)) (drop (f64.const 1)) (drop (f64.add (f64.const 1) (f64.const 1)))";
    const found = checkHandlerModule(handlers({ run }));
    expect(found.map(({ rule }) => rule).sort()).toEqual(["float", "memory-size"]);
    expect(found.find(({ rule }) => rule === "float")!.message).toMatch(/^found f64.const, f64.add: /);
  });
});

describe("depth of calls", () => {
  const locals = (count: number) => Array(count).fill("(local i64)").join(" ");

  test("many locals in a chain may not fit a stack; beside each other they do", () => {
    const functions = `(func $a ${locals(9_000)} (call $b)) (func $b ${locals(9_000)})`;
    const apart = handlers({ fields: functions.replace("(call $b)", ""), run: "(call $a) (call $b)" });
    expect(checkHandlerModule(apart)).toEqual([]);
    const message = expect.stringMatching(/^run calls a calls b: together they may need 144\d+ bytes /);
    const chained = handlers({ fields: functions, run: "(call $a)" });
    expect(checkHandlerModule(chained)).toEqual([{ rule: "call-depth", place: "function run", message }]);
  });

  test("a call through a table counts the deepest function of its type", () => {
    const fields = `(type $t (func)) (table 2 2 funcref) (elem (i32.const 0) $small $large)
      (func $small (type $t)) (func $large (type $t) ${locals(9_000)})
      (func $more ${locals(9_000)} (call_indirect (type $t) (i32.const 0)))`;
    const [finding] = checkHandlerModule(handlers({ fields, run: "(call $more)" }));
    expect(finding).toMatchObject({ rule: "call-depth", place: "function run" });
    expect(finding!.message).toMatch(/^run calls more calls large: /);
  });
});

describe("staticDataEnd", () => {
  test("the end of the last segment, by address", () => {
    const fields = '(data (i32.const 5000) "abc") (data (i32.const 2000) "abcdef")';
    expect(staticDataEnd(handlers({ fields }))).toBe(5003);
  });

  test("without data, the start", () => {
    expect(staticDataEnd(handlers({}))).toBe(HANDLER_DATA_START);
  });

  test("bytes that are no module", () => {
    expect(() => staticDataEnd(new Uint8Array(3))).toThrow("no valid WebAssembly module");
  });
});
