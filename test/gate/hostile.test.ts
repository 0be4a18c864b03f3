/** Bytes that nobody has checked: the gate always ends, never throws, and sees what an engine would execute. */

import { describe, expect, test } from "vitest";
import * as wasmparser from "wasmparser";
import { checkAnyModule, checkHandlerModule, type Finding, MODULE_BYTES_MAX } from "../../src/gate/index.ts";
import { instructionName, ruleOfInstruction } from "../../src/gate/instructions.ts";
import { readModule } from "../../src/gate/module-reader.ts";
import * as codes from "../../src/gate/wasm-codes.ts";
import { callOf, concatenated, handlers, named, rawHandlers, section } from "./modules.ts";

const NOP = 0x01;

function rules(findings: readonly Finding[]): string[] {
  return findings.map(({ rule }) => rule);
}

/** A linear congruential generator: the same bytes each time for a seed. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}

const RICH = handlers({
  fields: `(global $base i32 (i32.const 1024)) (data (i32.const 1024) "hello") (table 3 3 funcref)
    (elem (i32.const 1) $inner) (type $step (func (param i32) (result i32)))
    (func $inner (param i32) (result i32) (block $a (result i32) (br_table $a $a (local.get 0) (i32.const 1))))`,
  run: `(loop $l (br_if $l (call_indirect (type $step) (i64.eqz (call $opSeq)) (i32.const 1))))
    (if (local.get 0) (then (i64.store (i32.const 2048) (i64.const -5))))`,
});

describe("broken bytes", () => {
  test("the module that is broken here is good", () => {
    expect(checkHandlerModule(RICH)).toEqual([]);
  });

  test("every length", () => {
    for (let length = 0; length < RICH.length; length += 1) {
      const cut = RICH.slice(0, length);
      expect(Array.isArray(checkHandlerModule(cut)), `length ${length}`).toBe(true);
      checkAnyModule(cut);
    }
  });

  test("every byte changed, three ways", () => {
    let stillModules = 0;
    for (let at = 0; at < RICH.length; at += 1) {
      for (const change of [0x01, 0x80, 0xff]) {
        const bytes = RICH.slice();
        bytes[at] = bytes[at]! ^ change;
        if (!rules(checkHandlerModule(bytes)).includes("malformed")) stillModules += 1;
      }
    }
    expect(stillModules).toBeGreaterThan(50);
  });

  test("random bytes behind a good header", () => {
    const seed = 20_250_117;
    const next = generator(seed);
    for (let round = 0; round < 2_000; round += 1) {
      const noise = Array.from({ length: next() % 60 }, () => next() % 256);
      expect(Array.isArray(checkHandlerModule(concatenated(RICH.slice(0, 8), noise))), `seed ${seed}`).toBe(
        true,
      );
    }
  });

  test("something that is no module at all, and nothing", () => {
    for (const bytes of [new Uint8Array(), new TextEncoder().encode("#!/bin/sh\n")]) {
      const [finding] = checkHandlerModule(bytes);
      expect(finding).toMatchObject({ rule: "malformed", place: "module" });
    }
  });

  test("a file that is too large is not read", () => {
    const [finding] = checkHandlerModule(new Uint8Array(MODULE_BYTES_MAX + 1));
    expect(finding!.message).toContain(`has ${MODULE_BYTES_MAX + 1} bytes, at most ${MODULE_BYTES_MAX}`);
  });

  test("a module in the middle of a larger buffer", () => {
    const buffer = concatenated([9, 9, 9], RICH, [9]);
    expect(checkHandlerModule(buffer.subarray(3, 3 + RICH.length))).toEqual([]);
  });
});

describe("custom sections, which no engine checks", () => {
  const custom = (name: string, content: readonly number[]) => section(0, concatenated(named(name), content));

  test.each([
    ["more names than bytes", "name", [1, 5, 0xff, 0xff, 0xff, 0xff, 0x0f]],
    ["a name longer than the section", "name", [1, 4, 1, 0, 0xff, 0x7f]],
    ["a number without an end", "name", [1, 3, 0x80, 0x80, 0x80]],
    ["a subsection that is cut", "name", [1, 100, 1]],
    ["relocations", "reloc.code", [0xff, 0xff, 0xff, 0xff, 0x0f]],
    ["linking", "linking", [0xff, 0xff, 0xff, 0xff, 0x0f]],
    ["a source map", "sourceMappingURL", [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])("%s", (_, name, content) => {
    expect(checkHandlerModule(rawHandlers([NOP], { customs: custom(name, content) }))).toEqual([]);
  });

  test("a name can not write to the terminal that shows it", () => {
    const name = concatenated([1], new Uint8Array([1]), [0], named("\u001b[2Jevil\n\u202e"));
    const names = section(0, concatenated(named("name"), [1], [name.length - 1], name.slice(1)));
    const [finding] = checkHandlerModule(rawHandlers([0x3f, 0x00, 0x1a], { customs: names }));
    expect(finding).toMatchObject({ rule: "memory-size", place: "function ?[2Jevil??" });
  });
});

describe("what the parser reads otherwise than an engine", () => {
  const table = section(4, [1, 0x70, 0x00, 0x01]);
  const CALL = (index: readonly number[]) => [0x41, 0x00, 0x11, 0x01, ...index];

  test("a table index in its shortest form is good", () => {
    expect(checkHandlerModule(rawHandlers(CALL([0x00]), { tables: table }))).toEqual([]);
  });

  test("a table index spelt at length could hide the byte behind it", () => {
    const found = checkHandlerModule(rawHandlers(CALL([0x80, 0x00]), { tables: table }));
    expect(rules(found)).toEqual(expect.arrayContaining(["instruction"]));
  });

  test("a second table", () => {
    const found = checkHandlerModule(
      rawHandlers(CALL([0x01]), { tables: section(4, [2, 0x70, 0, 1, 0x70, 0, 1]) }),
    );
    expect(rules(found)).toEqual(expect.arrayContaining(["instruction", "table"]));
  });

  test("an alignment spelt at length is the same instruction", () => {
    const load = [0x41, 0x00, 0x28, 0x82, 0x00, 0x80, 0x00, 0x1a];
    expect(checkHandlerModule(rawHandlers(load))).toEqual([]);
  });

  test("the bytes of a float instruction inside a constant are no float instruction", () => {
    const constant = [0x42, 0x92, 0xa2, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x12, 0x1a];
    expect(checkHandlerModule(rawHandlers(constant))).toEqual([]);
  });

  test("a count of data segments, which the parser reads twice", () => {
    const bytes = rawHandlers([NOP], { elements: section(12, [0]) });
    expect(checkHandlerModule(bytes)).toEqual([]);
  });

  test("a byte order mark is part of a name", () => {
    const bytes = handlers({
      imports: '(import "env" "\\ef\\bb\\bfopGet" (func (param i32 i64) (result i32)))',
    });
    expect(rules(checkHandlerModule(bytes))).toEqual(["import"]);
  });
});

describe("size", () => {
  test("blocks nested 100,000 deep", () => {
    const depth = 100_000;
    const nested = [...Array(depth).fill([0x02, 0x40]).flat(), ...Array(depth).fill(0x0b)];
    expect(checkHandlerModule(rawHandlers(nested))).toEqual([]);
  });

  test("a chain of 20,000 calls, and one that closes", () => {
    const count = 20_000;
    const chain = (last: readonly number[]) => {
      const calls = Array.from({ length: count }, (_, index) => callOf(index + 2));
      return rawHandlers(callOf(1), { others: [...calls, last] });
    };
    expect(checkHandlerModule(chain([NOP]))).toEqual([
      {
        rule: "call-depth",
        place: "function 0",
        message: expect.stringMatching(/^0 calls 1 calls 2 .* calls 20001: /),
      },
    ]);
    const [finding, ...others] = checkHandlerModule(chain(callOf(7)));
    expect(finding).toMatchObject({ rule: "recursion", place: "function 7" });
    expect(finding!.message).toMatch(/^7 calls 8 calls 9 .* calls \.\.\. calls 7: /);
    expect(finding!.message.length).toBeLessThan(500);
    expect(others).toEqual([]);
  });

  test("more findings than anybody reads", () => {
    const fields = Array.from({ length: 500 }, (_, index) => `(func $f${index} (drop (memory.size)))`).join(
      "\n",
    );
    const found = checkHandlerModule(handlers({ fields }));
    expect(found).toHaveLength(101);
    expect(found.at(-1)).toMatchObject({ rule: "more", message: expect.stringContaining("400 further") });
  });
});

describe("the numbers of the format", () => {
  type Numbers = Readonly<Record<string, number>>;
  const { BinaryReaderState, OperatorCode, SectionCode } = wasmparser as unknown as Record<string, Numbers>;

  test("states are those of the parser that is installed", () => {
    for (const [name, value] of Object.entries(codes.STATE))
      expect(BinaryReaderState![name], name).toBe(value);
  });

  test("sections and instructions too", () => {
    const plain = (name: string) => name.toLowerCase().replace(/_/g, "");
    const groups: readonly (readonly [RegExp, Numbers])[] = [
      [/^SECTION_/, SectionCode!],
      [/^OP_/, OperatorCode!],
    ];
    for (const [prefix, numbers] of groups) {
      const known = new Map(Object.entries(numbers).map(([name, value]) => [plain(name), value]));
      for (const [name, value] of Object.entries(codes)) {
        if (prefix.test(name)) expect(known.get(plain(name.replace(prefix, ""))), name).toBe(value);
      }
    }
  });

  test("every instruction that the parser knows is judged", () => {
    const counts: Record<string, number> = {};
    for (const code of Object.values(OperatorCode!).filter((value) => typeof value === "number")) {
      const name = instructionName(code);
      if (/^0x/.test(name)) continue;
      const rule = ruleOfInstruction(code)?.rule ?? "allowed";
      counts[rule] = (counts[rule] ?? 0) + 1;
      if (/f32|f64/.test(name)) expect([name, rule]).not.toEqual([name, "allowed"]);
      if (rule === "allowed")
        expect(name).not.toMatch(/atomic|relaxed|memory\.|table\.|ref|try|throw|struct|array/);
    }
    expect(counts).toMatchInlineSnapshot(`
      {
        "allowed": 286,
        "bulk-memory": 4,
        "float": 134,
        "instruction": 51,
        "memory-size": 2,
        "relaxed-simd": 20,
        "table": 8,
        "threads": 67,
      }
    `);
  });

  test("an instruction that nobody knows is refused", () => {
    expect(ruleOfInstruction(0xfd1ff)).toMatchObject({ rule: "instruction" });
    expect(ruleOfInstruction(0xfd100)).toMatchObject({ rule: "relaxed-simd" });
  });
});

test("what is read is the whole function", () => {
  const codesOf = (bytes: Uint8Array) =>
    readModule(bytes).model!.functions.map(({ codes: found }) => [...found]);
  expect(codesOf(rawHandlers([NOP, NOP, 0x41, 0x05, 0x1a]))).toEqual([[0x01, 0x41, 0x1a, 0x0b]]);
});
