/** `statevec lint`: each rule on handlers that break it and on clean ones, and the command itself. */
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type Finding, RULES } from "../../src/cli/lint/finding.ts";
import { lintSources } from "../../src/cli/lint/lint.ts";
import { readSources } from "../../src/cli/lint/sources.ts";
import { loadTypeScript } from "../../src/cli/lint/typescript.ts";
import { BROKEN, CLEAN, type LintCase } from "./lint-cases.ts";
import { statevec } from "./run-cli.ts";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const INDEX = `${FOLDER}lint-index.ts`;

const SCHEMA = `
  import { command, defineSchema, record, text, u32, u64 } from "statevec/schema";
  export const Thing = record("Thing", 1, { n: u64(1), text: text(2, { maxBytes: 8 }) }, { indexes: { byText: ["text"] } });
  export const Do = command("Do", 1, {
    n: u64(1), small: u32(2), text: text(3, { maxBytes: 8 }), maybe: u64(4).nullable(),
  });
  export const schema = defineSchema("things", { records: { Thing }, commands: { Do } });
`;

/** A module with one domain, whose one handler is the case's body. */
function moduleOf(source: string): string {
  const [around = "", body = ""] = source.split(/^----\n/m);
  return `import { defineDomain, num } from "statevec";
import { schema, Thing } from "./lint-schema.ts";
export const used = [num, Thing];
${around}
export const domain = defineDomain(schema, { revision: 1, handlers: { Do(tx, cmd) {
${body}
} } });
`;
}

/** The findings that the comments of a module announce: `rule line:column`. */
function announced(text: string): string[] {
  return text.split("\n").flatMap((line, index) =>
    Array.from(line.matchAll(/\/\*!([\w-]+)\*\//g), ({ 0: comment, 1: rule, index: at }) => {
      return `${rule} ${index + 1}:${at + comment.length + 1}`;
    }),
  );
}

// Every case is a module of one program: making a program takes longer than all rules together.
const cases = [...BROKEN, ...CLEAN];
const fileOf = (index: number, name: string) => `${FOLDER}lint-case-${index}/${name.replace("./", "")}`;
const overlay = new Map([[`${FOLDER}lint-schema.ts`, SCHEMA]]);
for (const [index, { source, others = {} }] of cases.entries()) {
  const text = moduleOf(source).replace("./lint-schema.ts", "../lint-schema.ts");
  overlay.set(fileOf(index, "domain.ts"), text);
  for (const [name, other] of Object.entries(others)) overlay.set(fileOf(index, name), other);
}
overlay.set(
  INDEX,
  cases.map((_, index) => `export * as c${index} from "./lint-case-${index}/domain.ts";`).join("\n"),
);

let findings: readonly Finding[];
beforeAll(() => {
  const report = lintSources(readSources(ts, INDEX, overlay));
  expect(report.domains).toBe(cases.length);
  findings = report.findings;
}, 240_000);

/** What is found and what is expected in the modules of a case. */
function compare(one: LintCase) {
  const index = cases.indexOf(one);
  const names = ["domain.ts", ...Object.keys(one.others ?? {})];
  return names.map((name) => {
    const file = fileOf(index, name);
    const expected = announced(overlay.get(file)!);
    const rules = new Set(expected.map((line) => line.split(" ")[0]));
    // Information about arithmetic is everywhere; it counts where it is what the case is about.
    const found = findings
      .filter((finding) => finding.file === file)
      .filter(({ severity, rule }) => severity === "error" || rules.has(rule))
      .map(({ rule, line, column }) => `${rule} ${line}:${column}`);
    return { expected: expected.sort(), found: found.sort() };
  });
}

describe("broken", () => {
  test.each(BROKEN)("$name", (one) => {
    const compared = compare(one);
    expect(compared.flatMap(({ expected }) => expected)).not.toEqual([]);
    for (const { expected, found } of compared) expect(found).toEqual(expected);
  });

  test("there is a case for each rule", () => {
    const rules = BROKEN.flatMap(({ source, others = {} }) => [source, ...Object.values(others)])
      .flatMap((text) => announced(text))
      .map((line) => line.split(" ")[0]!);
    expect([...new Set(rules)].sort()).toEqual([...RULES].sort());
  });

  test("a message says what was found and what to do", () => {
    const of = (name: string) => {
      const index = cases.findIndex((one) => one.name === name);
      return findings.filter(({ file }) => file === fileOf(index, "domain.ts")).map(({ message }) => message);
    };
    expect(of("Date.now")).toEqual([
      "Date.now is not part of the command, no replay can repeat it: use tx.timeNs",
    ]);
    expect(of("a map that is filled")).toEqual([
      "seen outlives the command and is changed here, which no history records: keep it in a record, or make it inside the handler",
    ]);
  });
});

describe("clean", () => {
  test.each(CLEAN)("$name", (one) => {
    for (const { expected, found } of compare(one))
      expect({ expected, found }).toEqual({ expected: [], found: [] });
  });

  test("information is none of the findings that fail", () => {
    const severities = new Map(findings.map(({ rule, severity }) => [rule, severity]));
    expect(
      [...severities]
        .filter(([, severity]) => severity === "information")
        .map(([rule]) => rule)
        .sort(),
    ).toEqual(["package", "wide-arithmetic"]);
  });
});

describe("what can not be read", () => {
  const read = (text: string) => readSources(ts, INDEX, new Map([[INDEX, text]]));

  test("no such module", () => {
    expect(() => readSources(ts, "absent.ts")).toThrow("absent.ts: there is no such file");
  });

  test("an import that leads nowhere", () => {
    expect(() => read('\nimport "./nowhere.ts";')).toThrow(
      /lint-index.ts:2 imports .\/nowhere.ts: there is no such file/,
    );
  });

  test("a syntax error", () => {
    expect(() => read("export const a = ;")).toThrow(
      /lint-index.ts:1:18 can not be parsed: Expression expected/,
    );
  });
});

test("a module in CommonJS, where nothing else is known", () => {
  const file = `${FOLDER}lint-common.cjs`;
  const text = `const { defineDomain } = require("statevec");
const { readFileSync } = require(/*!environment*/"fs");
const os = require(/*!environment*/"node:os");
let /*!module-state*/count = 0;
exports.domain = defineDomain({}, { revision: 1, handlers: {
  Do() { count++; readFileSync("a"); os.hostname(); /*!clock*/Date.now(); },
} });`;
  const report = lintSources(readSources(ts, file, new Map([[file, text]])));
  expect(report.domains).toBe(1);
  expect(report.findings.map(({ rule, line, column }) => `${rule} ${line}:${column}`)).toEqual(
    announced(text),
  );
});

describe("typescript", () => {
  afterEach(() => {
    vi.doUnmock("typescript");
    vi.resetModules();
  });

  test("is named when it is missing", async () => {
    vi.doMock("typescript", () => {
      throw new Error("Cannot find package");
    });
    await expect(loadTypeScript()).rejects.toThrow(
      "lint needs the package typescript: npm install --save-dev typescript",
    );
  });

  test("is refused without a programming interface", async () => {
    vi.doMock("typescript", () => ({ default: { version: "7.0.2" } }));
    await expect(loadTypeScript()).rejects.toThrow(/found 7\.0\.2, npm install --save-dev typescript@6/);
  });
});

describe("the command", () => {
  const handlers = "examples/exchange/exchange.handlers.ts";

  test("finds nothing in the exchange but information", () => {
    const { status, stdout, stderr } = statevec("lint", `${ROOT}${handlers}`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const lines = stdout.trimEnd().split("\n");
    expect(lines.pop()).toMatch(/^2 files read: no findings, \d+ for information$/);
    for (const line of lines)
      expect(line).toMatch(/exchange\.handlers\.ts:\d+:\d+ wide-arithmetic \(information\): /);
  });

  test("--json, findings and their exit code", () => {
    const module = fileURLToPath(new URL("./lint-clock.ts", import.meta.url));
    const { status, stdout, stderr } = statevec("lint", module, "--json");
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({
      clean: false,
      files: [expect.stringMatching(/lint-clock\.ts$/)],
      findings: [
        {
          rule: "clock",
          severity: "error",
          file: expect.stringMatching(/lint-clock\.ts$/),
          line: 12,
          column: 39,
          message: "Date.now is not part of the command, no replay can repeat it: use tx.timeNs",
        },
      ],
    });
  });

  test("refuses a module without a domain", () => {
    const { status, stdout, stderr } = statevec("lint", `${ROOT}examples/exchange/exchange.schema.ts`);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/exchange\.schema\.ts: found no call of defineDomain, expected one there/);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});
