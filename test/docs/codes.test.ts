/** docs/reference/codes.md lists every class and code of the errors, and every code and reason of the framework, once. */
import { describe, expect, test } from "vitest";
import * as errors from "../../src/errors.ts";
import { FRAMEWORK_CODES, MISUSE_NAMES } from "../../src/schema/framework-codes.ts";
import { textOf } from "./reading.ts";

const PAGE = textOf("docs/reference/codes.md");

/** First and second cells of the rows below a heading, up to the next one. */
function rowsBelow(heading: string): string[][] {
  const section = PAGE.split(`\n## ${heading}\n`)[1]!.split("\n## ")[0]!;
  const rows = section.split("\n").filter((line) => /^\| [A-Z]/.test(line));
  return rows.map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The codes that the comment above each `...Code` type explains, in its order. */
function codesInSource(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const comments = textOf("src/errors.ts").matchAll(
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport type (\w+)Code =/g,
  );
  for (const [, comment, name] of comments) {
    found.set(
      name!,
      [...comment!.matchAll(/- `([A-Z_]+)`:/g)].map(([, code]) => code!),
    );
  }
  return found;
}

describe("codes.md", () => {
  const inSource = codesInSource();

  test("knows every class", () => {
    const classes = Object.keys(errors).filter((name) => name !== "StateVecError");
    expect([...inSource.keys()].sort()).toEqual(classes.sort());
    const headings = [...PAGE.matchAll(/^## (\w+)$/gm)].map(([, heading]) => heading);
    expect(headings.filter((heading) => heading !== "Outcomes").sort()).toEqual(classes);
  });

  test("has the codes of each class, in the order of the source", () => {
    for (const [name, codes] of inSource) {
      expect(codes.length, name).toBeGreaterThan(0);
      expect(
        rowsBelow(name).map(([code]) => code),
        name,
      ).toEqual(codes);
    }
  });

  test("has the framework's codes and the reasons of MISUSE, with their numbers", () => {
    const rows = rowsBelow("Outcomes").map(([name, number]) => [name, Number(number)]);
    const reasons = [...MISUSE_NAMES].map(([number, name]) => [name, number]);
    expect(rows).toEqual([...FRAMEWORK_CODES, ...reasons]);
  });
});
