/**
 * The code in README.md and docs/ runs and prints what it says. The convention, for who writes a page:
 *
 * - All blocks marked ```ts of a page are one program, in the order of the page. It may import `statevec` and its entries,
 *   and Node's modules; it runs in an empty directory.
 * - A heading that ends with a file name in backticks (## Write a domain: `bank.ts`) puts the blocks below it into that file.
 *   The last file of a page runs; it imports the others.
 * - A comment behind a `console.log(...);` is what it prints. It may go on behind a colon: `// true: every byte is the same`.
 * - A block without a language behind a ```ts block, in the same section, is all that the block prints.
 * - Code that should not run is marked with another language (```typescript), or stands in EXCERPTS below.
 *
 * All of it is type-checked too, with unused names allowed.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { format } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PROGRAMS, pagesWithCode, programOf, writeProgram } from "./programs.ts";

/** Pages whose code is part of something that another test checks. */
const EXCERPTS = ["docs/reference/descriptor.md"];

const root = fileURLToPath(new URL("../../", import.meta.url));
const home = process.cwd();
const scope = globalThis as { __printed?: (id: string, ...values: unknown[]) => void };
const pages = pagesWithCode().filter((page) => !EXCERPTS.includes(page));

/** Runs a file in an empty directory; what was printed, by the place of its `console.log`. */
async function run(file: string): Promise<Map<string, string[]>> {
  const directory = mkdtempSync(join(tmpdir(), "statevec-docs-"));
  const printed = new Map<string, string[]>();
  scope.__printed = (id, ...values) => {
    printed.set(id, [...(printed.get(id) ?? []), format(...values)]);
  };
  process.chdir(directory);
  try {
    await import(/* @vite-ignore */ file);
    return printed;
  } finally {
    process.chdir(home);
    delete scope.__printed;
    rmSync(directory, { recursive: true });
  }
}

/** A comment is what is printed, and may go on behind a colon. */
function agrees(expected: string, actual: string | undefined): boolean {
  return actual !== undefined && (expected === actual || expected.startsWith(`${actual}: `));
}

beforeAll(() => rmSync(PROGRAMS, { recursive: true, force: true }));
afterAll(() => process.chdir(home));

describe.each(pages)("%s", (page) => {
  test("runs, and prints what it says", async () => {
    const program = programOf(page);
    const printed = await run(writeProgram(program));
    for (const { id, expected } of program.printed) {
      const actual = printed.get(id)?.at(-1);
      if (!agrees(expected, actual)) expect(actual, id).toBe(expected);
    }
    for (const { ids, line, expected } of program.outputs) {
      const actual = ids.flatMap((id) => printed.get(id) ?? []).join("\n");
      expect(actual.trim(), `${page}:${line}`).toBe(expected);
    }
  });
});

test("the types of all of it hold", () => {
  for (const page of pages) writeProgram(programOf(page));
  const config = join(PROGRAMS, "tsconfig.json");
  const compilerOptions = { noEmit: true, noUnusedLocals: false, noUnusedParameters: false };
  writeFileSync(
    config,
    JSON.stringify({ extends: "../../tsconfig.json", compilerOptions, include: ["."], exclude: [] }),
  );
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { stdout } = spawnSync(process.execPath, [tsc, "-p", config], { cwd: root, encoding: "utf8" });
  expect(stdout).toBe("");
}, 120_000);

describe("the convention holds what it says", () => {
  const page = (...lines: string[]) => programOf("docs/example.md", lines.join("\n"));
  const code = (...lines: string[]) => ["```ts", ...lines, "```"];

  test("blocks of a page are one program", async () => {
    const program = page("# A", ...code("const a = 1;"), "text", ...code("console.log(a); // 1"));
    const printed = await run(writeProgram(program));
    expect(program.printed).toEqual([
      { id: "docs/example.md:7", page: "docs/example.md", line: 7, expected: "1" },
    ]);
    expect(printed.get("docs/example.md:7")).toEqual(["1"]);
  });

  test("other languages are no code, and a block of the next section is no output", () => {
    const program = page(
      "```typescript",
      "broken(",
      "```",
      ...code("console.log(1);"),
      "# Next",
      "```",
      "2",
      "```",
    );
    expect([...program.files.values()].join()).not.toContain("broken");
    expect(program.outputs).toEqual([]);
  });

  test("a block right behind is the output, a heading names a file", () => {
    const program = page(
      "## One: `one.ts`",
      ...code("console.log(1);"),
      "",
      "```",
      "1",
      "```",
      "## Rest",
      ...code("2;"),
    );
    expect([...program.files.keys()]).toEqual(["one.ts", "page.ts"]);
    expect(program.outputs).toEqual([{ ids: ["docs/example.md:3"], line: 7, expected: "1" }]);
  });

  test("a comment agrees only with what is printed", () => {
    expect(agrees("true: all of it", "true")).toBe(true);
    expect(agrees("true", "true")).toBe(true);
    expect(agrees("trueish", "true")).toBe(false);
    expect(agrees("false", "true")).toBe(false);
    expect(agrees("x", undefined)).toBe(false);
  });
});
