/** What a build refuses, and where it says so: one folder for each mistake, the step and the place it names. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compile, temporaryDirectory, tillIn } from "./folders.ts";
import { compileCases } from "./handler-module.ts";

/** A build takes seconds, on a busy machine more. */
const SLOW = 400_000;

let directory: string;
beforeAll(() => {
  directory = temporaryDirectory();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

type Change = string | ((text: string) => string);
const index = (from: string, to: string) => ({
  "assembly/index.ts": (text: string) => {
    if (!text.includes(from)) throw new Error(`the till has no ${from}`);
    return text.replace(from, to);
  },
});
const add = (text: string) => ({ "assembly/index.ts": (before: string) => before + text });

const MISTAKES: readonly (readonly [
  name: string,
  files: Readonly<Record<string, Change>>,
  step: string,
  message: RegExp,
  place: string | undefined,
])[] = [
  [
    "a schema that does not parse",
    { "till.schema.ts": (text) => text.replace("defineSchema(", "defineSchema((") },
    "schema",
    /^Expected/,
    "till.schema.ts:",
  ],
  [
    "a schema with mistakes",
    { "till.schema.ts": (text) => text.replace('command("Withdraw", 2', 'command("Withdraw", 1') },
    "schema",
    /schema "till" has 1 mistake.*\n.*Withdraw/,
    "till.schema.ts",
  ],
  [
    "a module without a schema",
    { "till.schema.ts": "export const nothing = 1;\n" },
    "schema",
    /found 0 exported schemas, expected one/,
    "till.schema.ts",
  ],
  [
    "two schemas",
    {
      "till.schema.ts": (text) =>
        `${text}\nexport const other = defineSchema("other", { records: { Account }, commands: { Deposit } });\n`,
    },
    "schema",
    /found 2 exported schemas, expected one/,
    "till.schema.ts",
  ],
  [
    "a missing handler",
    index("export function withdraw", "function withdraw"),
    "types",
    /exports no withdraw; the command Withdraw needs a handler: export function withdraw\(command: Withdraw\): void$/,
    "assembly/index.ts",
  ],
  [
    "a handler of another command",
    index("withdraw(cmd: Withdraw)", "withdraw(cmd: Deposit)"),
    "types",
    /^withdraw takes Deposit, expected export function withdraw\(command: Withdraw\): void$/,
    "assembly/index.ts:11:26",
  ],
  [
    "a handler with two parameters",
    index("withdraw(cmd: Withdraw)", "withdraw(cmd: Withdraw, other: u32)"),
    "types",
    /^withdraw has 2 parameters/,
    "assembly/index.ts:11:17",
  ],
  [
    "a handler that answers",
    index("  if (!account) return Reject.NO_ACCOUNT();", "  if (!account) return 1;"),
    "types",
    /not assignable to type 'void'/,
    "assembly/index.ts:13:17",
  ],
  [
    "a syntax error",
    index("const balance = account.balance;", "const balance = account.balance +;"),
    "types",
    /^Expression expected/,
    "assembly/index.ts:14:36",
  ],
  [
    "a type error",
    index("account.balance = balance - cmd.amount;", "account.balance = cmd.owner;"),
    "types",
    /^Type 'Text' is not assignable to type 'number'/,
    "assembly/index.ts:16:3",
  ],
  [
    "a field left out, which the other compiler takes for 0",
    index("NO_FUNDS({ balance })", "NO_FUNDS({})"),
    "types",
    /Property 'balance' is missing/,
    "assembly/index.ts:15:",
  ],
  [
    "a value of the wrong width, which this compiler does not know",
    index(
      "account.balance = balance - cmd.amount;",
      "const narrow: u32 = balance;\n  account.balance = narrow;",
    ),
    "compile",
    /^Conversion from type 'u64' to 'u32' requires an explicit cast/,
    "assembly/index.ts:16:23",
  ],
  [
    "operands of two widths",
    index("balance - cmd.amount", "balance - <u32>cmd.amount"),
    "compile",
    /^the operands of - are u64 and u32, expected one type for both/,
    "assembly/index.ts:16:21",
  ],
  [
    "a source finding",
    add("\nlet calls: u32 = 0;\nexport function count(): u32 { calls += 1; return calls; }\n"),
    "compile",
    /calls/,
    "assembly/index.ts:20:",
  ],
  [
    "a gate finding",
    {
      "assembly/index.ts": (text) =>
        `${text.replace("= balance - cmd.amount", "= down(balance)")}
function down(value: u64): u64 { return value < 2 ? value : down(value - 2) + 1; }
`,
    },
    "gate",
    /down.*calls itself|recursi/s,
    undefined,
  ],
];

describe("mistakes", () => {
  test.each(MISTAKES.map(([name, files, step, message, place]) => ({ name, files, step, message, place })))(
    "$name",
    async ({ name, files, step, message, place }) => {
      const folder = tillIn(join(directory, name.replaceAll(/\W/g, "-")), files);
      const result = await compile.buildDomain(folder, { optimize: false });
      expect(result.built, "it was built").toBe(false);
      if (result.built) return;
      const [first] = result.problems;
      expect({ step: result.step, message: first?.message }).toEqual({
        step,
        message: expect.stringMatching(message),
      });
      if (place === undefined) expect(first?.at).toBeUndefined();
      else expect(compile.problemText(first!)).toMatch(new RegExp(`^${place.replaceAll(".", "\\.")}`));
    },
    SLOW,
  );
});

test("arithmetic that can not be checked is refused at its line", async () => {
  const result = await compileCases({
    "assembly/index.ts": `
class Box { n: u64 = 1; next(): Box { return this; } }
export function runCase(number: u32): u64 {
  const box = new Box();
  const signed: i64 = 1;
  let total = box.n + signed;
  total = box.n * number;
  while (box.next().n++ < 3) {}
  total = total ** 2;
  total = 18446744073709551615 + 1;
  return total;
}
`,
  });
  expect(result.compiled).toBe(false);
  if (result.compiled) return;
  const found = result.problems.map(({ message, at }) => `${at?.line}:${at?.column} ${message}`).sort();
  expect(found).toEqual([
    expect.stringMatching(/^10:11 the value 18446744073709551616 has no integer type of 64 bits/),
    expect.stringMatching(/^6:15 the operands of \+ are u64 and i64/),
    expect.stringMatching(/^7:11 the operands of \* are u64 and u32/),
    expect.stringMatching(/^8:10 the object or index of this update would be evaluated twice/),
    expect.stringMatching(/^9:11 \*\* wraps without a trace/),
  ]);
});
