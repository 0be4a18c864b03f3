/** How problems are shown: the line, and the mark under the place. */
import { expect, test } from "vitest";
import { placeOf, problemText, withoutRepeats } from "../../src/compile/problem.ts";

const TEXT = "first\n\tconst a = b;\nlast";

test("the mark stands under the place, tabs or not", () => {
  const start = TEXT.indexOf("b;");
  const at = placeOf("assembly/index.ts", TEXT, start, start + 1);
  expect(problemText({ code: "TS2304", message: "Cannot find name 'b'.", at })).toBe(
    [
      "assembly/index.ts:2:12 TS2304: Cannot find name 'b'.",
      "     2 | \tconst a = b;",
      "       | \t          ^",
    ].join("\n"),
  );
});

test("a place of several lines is marked to the end of its first", () => {
  const at = placeOf("a.ts", TEXT, TEXT.indexOf("const"), TEXT.length);
  expect(problemText({ message: "m", at }).split("\n")[2]).toBe("       | \t^^^^^^^^^^^^");
});

test("the first and the last place of a text", () => {
  expect(placeOf("a.ts", TEXT, 0, 5)).toMatchObject({ line: 1, column: 1, text: "first", length: 5 });
  expect(placeOf("a.ts", TEXT, TEXT.length, TEXT.length)).toMatchObject({ line: 3, column: 5, length: 1 });
});

test("a file alone, and no place at all", () => {
  const at = { file: "till.schema.ts", line: 0, column: 0, text: "", length: 0 };
  expect(problemText({ message: "m", at })).toBe("till.schema.ts: m");
  expect(problemText({ message: "m" })).toBe("m");
});

test("what is met twice is said once", () => {
  const at = placeOf("a.ts", TEXT, 0, 5);
  const other = placeOf("a.ts", TEXT, 7, 8);
  expect(
    withoutRepeats([
      { message: "m", at },
      { message: "m", at },
      { message: "m", at: other },
    ]),
  ).toHaveLength(2);
});
