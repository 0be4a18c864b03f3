/** statevec check: what a third party's module and a merged domain show, and what they do not. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HANDLER_DATA_END } from "../../assembly/abi.ts";
import {
  checkAnyModule,
  injectFuel,
  OPERATIONS,
  SECTION_OF_MODULE,
  SECTION_OF_SCHEMA,
} from "../../src/gate/index.ts";
import { readModule } from "../../src/gate/module-reader.ts";
import { statevec } from "../cli/run-cli.ts";
import { assemble, concatenated, handlers, named, section } from "./modules.ts";

const CORE = readFileSync(new URL("../../build/statevec.wasm", import.meta.url));
const MODULE = '{"format":1,"semantics":1,"dataEnd":1024}';

interface DomainParts {
  readonly text?: string;
  readonly module?: string;
  /** null: no such section. */
  readonly schema?: string | null;
}

/** What a merge makes, in small: the state of a core, its fuel, code that does what the core may do. */
function domain({ text = "", module = MODULE, schema = "descriptor" }: DomainParts = {}): Uint8Array {
  const bytes =
    assemble(`(module (memory (export "memory") 32) (global (export "fuel") (mut i32) (i32.const 0))
    (global $next (mut i32) (i32.const 0))
    (func $grow (drop (memory.grow (i32.const 1))) (memory.fill (i32.const 0) (i32.const 0) (i32.const 8)) (call $grow))
    ${text})`);
  const custom = (name: string, content: string) =>
    section(0, concatenated(named(name), new TextEncoder().encode(content)));
  const schemas = schema === null ? [] : [custom(SECTION_OF_SCHEMA, schema)];
  return concatenated(bytes, ...schemas, custom(SECTION_OF_MODULE, module));
}

describe("a merged domain", () => {
  test("good: what the core may do is no finding, and what can not be judged is said", () => {
    const report = checkAnyModule(domain());
    expect(report.findings).toEqual([]);
    expect(report.kind).toBe("domain");
    const unjudged = report.notJudged.map(({ what }) => what).join("; ");
    for (const rule of [
      "recursion",
      "mutable-global",
      "memory-size",
      "bulk-memory",
      "fuel",
      "source rules",
    ]) {
      expect(unjudged).toContain(rule);
      expect(report.judged).not.toContain(rule);
    }
  });

  test.each([
    ["an import", "import", "import env.now", { text: "" }, '(import "env" "now" (func))'],
    ["a float instruction", "float", "function rate", { text: "(func $rate (drop (f64.const 1)))" }, ""],
    ["an atomic instruction", "threads", "function f", { text: "(func $f (atomic.fence))" }, ""],
    ["no schema", "section", `section ${SECTION_OF_SCHEMA}`, { schema: null }, ""],
    ["a section that is no JSON", "section", `section ${SECTION_OF_MODULE}`, { module: "{" }, ""],
    ["another format", "section", `section ${SECTION_OF_MODULE}`, { module: MODULE.replace("1", "2") }, ""],
    [
      "other semantics",
      "section",
      `section ${SECTION_OF_MODULE}`,
      { module: MODULE.replace('s":1', 's":99') },
      "",
    ],
    ["null", "section", `section ${SECTION_OF_MODULE}`, { module: "null" }, ""],
    [
      "data beyond its place",
      "section",
      `section ${SECTION_OF_MODULE}`,
      { module: MODULE.replace("1024", String(HANDLER_DATA_END + 1)) },
      "",
    ],
  ])("%s", (_, rule, place, options, imports) => {
    const bytes = imports === "" ? domain(options) : withImport(imports);
    const { kind, findings } = checkAnyModule(bytes);
    expect(kind).toBe("domain");
    expect(findings).toContainEqual({ rule, place, message: expect.stringMatching(/.{20}/) });
  });

  /** Imports stand before everything else, so this one is put together anew. */
  function withImport(imports: string): Uint8Array {
    const bytes = assemble(`(module ${imports} (memory (export "memory") 1)
      (global (export "fuel") (mut i32) (i32.const 0)))`);
    return concatenated(
      bytes,
      section(0, concatenated(named(SECTION_OF_MODULE), new TextEncoder().encode(MODULE))),
    );
  }

  test("memory and fuel that are not exported", () => {
    const bytes = concatenated(
      assemble("(module (memory 1))"),
      section(0, concatenated(named(SECTION_OF_MODULE), new TextEncoder().encode(MODULE))),
    );
    const messages = checkAnyModule(bytes).findings.map(({ rule, message }) => `${rule} ${message}`);
    expect(messages).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^export .* its memory/),
        expect.stringMatching(/^export .* its fuel/),
        expect.stringMatching(/^section found 0/),
      ]),
    );
  });

  test("the core that is built breaks no rule that holds for every code", () => {
    const rules = new Set(
      checkAnyModule(concatenated(CORE, section(0, named(SECTION_OF_MODULE)))).findings.map(
        ({ rule }) => rule,
      ),
    );
    for (const rule of ["import", "float", "threads", "relaxed-simd"]) expect(rules).not.toContain(rule);
  });
});

describe("a third party's handlers", () => {
  test("only bytecode rules, and it says so", () => {
    const report = checkAnyModule(handlers({}));
    expect(report).toMatchObject({ kind: "handlers", findings: [] });
    expect(report.judged).toContain("recursion");
    expect(report.notJudged.map(({ what }) => what)).toEqual(["fuel", "source rules", "static data"]);
  });

  test("a metered module is recognised", () => {
    const { findings } = checkAnyModule(injectFuel(handlers({})));
    expect(findings[0]!.message).toContain("metered already");
  });

  test("no module", () => {
    expect(checkAnyModule(new Uint8Array(20))).toMatchObject({ kind: "unknown", judged: ["malformed"] });
  });
});

describe("the operations", () => {
  const core = readModule(CORE).model!;
  const exported = core.exports.filter(({ name }) => /^op[A-Z]/.test(name));

  // A core that exports none is from before the sealed lane.
  test.skipIf(exported.length === 0)("are what the core exports, with the same types", () => {
    const found = exported.map(({ name, index }) => [name, core.signatureOf(index)] as const);
    expect(new Map(found)).toEqual(OPERATIONS);
  });
});

describe("the command", () => {
  let directory: string;
  const file = (name: string) => join(directory, name);
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "statevec-check-"));
    writeFileSync(file("good.wasm"), handlers({}));
    writeFileSync(file("domain.wasm"), domain());
    writeFileSync(file("bad.wasm"), handlers({ fields: "(func $rate (drop (f64.const 1)))" }));
    writeFileSync(file("text.wasm"), "(module)");
    writeFileSync(file("cut.wasm"), handlers({}).slice(0, 30));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test("a good module: 0, and what is not judged", () => {
    const { status, stdout, stderr } = statevec("check", file("good.wasm"));
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("good.wasm: a handler module, not yet merged with a core\n");
    expect(stdout).toContain("  every rule that can be judged holds\n");
    expect(stdout).toContain("\nnot judged: source rules: a module does not show its sources");
  });

  test("a broken rule: 1, rule, place, what to do", () => {
    const { status, stdout } = statevec("check", file("bad.wasm"));
    expect(status).toBe(1);
    expect(stdout).toContain("  float  function rate: found f64.const: ");
  });

  test("a domain", () => {
    const { status, stdout } = statevec("check", file("domain.wasm"));
    expect(status).toBe(0);
    expect(stdout).toContain("domain.wasm: a merged domain\n");
    expect(stdout).toContain("\nnot judged: rules of handler code alone: ");
  });

  test("JSON", () => {
    const good = JSON.parse(statevec("check", file("good.wasm"), "--json").stdout);
    expect(good).toMatchObject({ good: true, kind: "handlers", findings: [] });
    const { status, stdout } = statevec("check", file("bad.wasm"), "--json");
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      good: false,
      findings: [{ rule: "float", place: "function rate" }],
      notJudged: expect.arrayContaining([{ what: "source rules", why: expect.any(String) }]),
    });
  });

  test("a module that is cut is damage; what is no module is a wrong argument", () => {
    expect(statevec("check", file("cut.wasm")).status).toBe(1);
    const { status, stderr } = statevec("check", file("text.wasm"));
    expect(status).toBe(2);
    expect(stderr).toContain(
      "its first bytes are not those of a module, expected a WebAssembly file (.wasm)",
    );
    expect(statevec("check", file("absent.wasm"))).toMatchObject({ status: 2, stdout: "" });
    expect(statevec("check", directory)).toMatchObject({ status: 2, stdout: "" });
  });
});
