/** docs/reference/gate.md lists every rule and every weight, as they are. */
import { expect, test } from "vitest";
import { FUEL_DEFAULT } from "../../assembly/abi.ts";
import { STACK_BYTES_MAX } from "../../src/gate/call-graph.ts";
import * as weights from "../../src/gate/fuel-weights.ts";
import { checkAnyModule, SOURCE_RULES } from "../../src/gate/index.ts";
import { textOf } from "../docs/reading.ts";
import { handlers } from "./modules.ts";

const PAGE = textOf("docs/reference/gate.md");

function sectionOf(heading: string): string {
  return PAGE.split(`\n## ${heading}\n`)[1]!.split("\n## ")[0]!;
}

/** First cells of the rows of a table, without their code marks. */
function rules(heading: string): string[] {
  return [...sectionOf(heading).matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, rule]) => rule!);
}

test("rules of the module", () => {
  expect(rules("Rules of the module").sort()).toEqual([...checkAnyModule(handlers({})).judged].sort());
});

test("rules of the sources", () => {
  expect(rules("Rules of the sources")).toEqual([...SOURCE_RULES]);
});

test("weights, budget, stack", () => {
  const found = [...sectionOf("Fuel").matchAll(/^\| [^|]+ \| (\d[^|]*) \|$/gm)].map(([, cell]) => cell!);
  expect(found.map((cell) => cell.match(/\d+/g)!.map(Number))).toEqual([
    [weights.WEIGHT_PLAIN],
    [weights.WEIGHT_VECTOR],
    [weights.WEIGHT_MEMORY],
    [weights.WEIGHT_ROTATION],
    [weights.WEIGHT_DIVISION],
    [weights.WEIGHT_CALL],
    [weights.WEIGHT_OPERATION, weights.WEIGHT_LARGE_OPERATION],
    [weights.WEIGHT_CHARGE],
  ]);
  expect(PAGE).toContain(`default ${FUEL_DEFAULT.toLocaleString("en")}`);
  expect(PAGE).toContain(`more than ${STACK_BYTES_MAX / 1_024} KiB of stack`);
});
