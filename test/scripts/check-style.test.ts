/** The style check catches synonyms, unfinished places, machine paths and missing headers, and names the line. */
import { expect, test } from "vitest";
import { checkStyle } from "../../scripts/check-style.mjs";

const HEADER = "/** Header. */\n";

test.each([
  ["docs/a.md", "Frames go to the transaction log.", 'the word here is "history"'],
  ["src/a.ts", `${HEADER}// a secondary index`, 'the word here is "canonical index"'],
  ["src/a.ts", `${HEADER}// ${"TO"}DO later`, "unfinished"],
  ["test/a.test.ts", `${HEADER}test.${"on"}ly("a", () => {});`, "runs one test alone"],
  ["README.md", `see /${"work"}/main`, "place of one machine"],
  ["src/a.ts", "export const a = 1;", "no header comment"],
])("%s is objected to: %s", (path, text, message) => {
  const found = checkStyle(new Map([[path, text]]));
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(message);
  expect(found[0]).toContain(`${path}:${text.startsWith(HEADER) ? 2 : 1} `);
});

test("clean files pass", () => {
  const files = new Map([
    ["src/a.ts", `${HEADER}export const a = 1; // a unique key, a canonical index, a frame of the history\n`],
    ["scripts/a.mjs", `#!/usr/bin/env node\n${HEADER}`],
    ["docs/a.md", "How the framework works.\n"],
  ]);
  expect(checkStyle(files)).toEqual([]);
});
