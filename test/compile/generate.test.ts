/**
 * The generator's text: stable, formatted as the project's own sources, with the schema's comments, and free of names
 * that collide.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  bool,
  command,
  decimal,
  defineSchema,
  enumeration,
  enumOf,
  event,
  record,
  reject,
  u32,
  u64,
} from "statevec/schema";
import { describe, expect, test, vi } from "vitest";
import { schema as exchange } from "../../examples/exchange/exchange.schema.ts";
import { generateDomain } from "../../src/compile/generate/index.ts";
import { schema as fixture } from "../schema/fixture.ts";
import { assemble } from "./assemble.ts";
import { schema as probe } from "./probe.ts";

vi.setConfig({ testTimeout: 180_000 });

const path = (place: string) => fileURLToPath(new URL(place, import.meta.url));
const source = (place: string) => readFileSync(path(place), "utf8");
const exchangeSource = source("../../examples/exchange/exchange.schema.ts");

/** What the generator makes of the exchange, kept for readers. `UPDATE_GOLDEN=1` writes it anew. */
const GOLDEN = "golden/exchange.schema.ts.txt";

test("the exchange's classes are those that were reviewed", async () => {
  const text = (await generateDomain(exchange, exchangeSource)).get("exchange.schema.ts")!;
  if (process.env.UPDATE_GOLDEN !== undefined) writeFileSync(path(GOLDEN), text);
  expect(text).toBe(source(GOLDEN));
});

test("the same schema and source make the same text", async () => {
  const once = await generateDomain(exchange, exchangeSource);
  expect([...(await generateDomain(exchange, exchangeSource))]).toEqual([...once]);
  expect([...once.keys()]).toEqual(["exchange.schema.ts", "entry.ts"]);
});

test.each([
  ["exchange", exchange],
  ["fixture", fixture],
  ["probe", probe],
])("the text of %s is as the formatter would have it", async (_, schema) => {
  for (const text of (await generateDomain(schema as never, exchangeSource)).values()) {
    const biome = path("../../node_modules/@biomejs/biome/bin/biome");
    const args = [biome, "format", "--stdin-file-path=generated.ts"];
    expect(text).toBe(execFileSync(process.execPath, args, { input: text, encoding: "utf8" }));
  }
});

describe("comments", () => {
  const Mood = enumeration("Mood", { Calm: 1, Wild: 7 });
  const schema = defineSchema("told", {
    records: { Told: record("Told", 1, { id: u64(1), price: decimal(2, { precision: 9, scale: 2 }) }) },
    commands: { Tell: command("Tell", 1, { mood: enumOf(1, Mood), by: u32(2).nullable() }) },
    events: { Heard: event("Heard", 1, { mood: enumOf(1, Mood) }) },
    rejects: { NO: reject(1, "Not now. */ Or ever.", { why: u32(1) }) },
  });
  const told = `/** Not of anything. */
import { record } from "statevec/schema";

/** How one feels. */
export const Mood = enumeration("Mood", {
  Calm: 1,
  /** Beyond help. */
  Wild: 7,
});
/**
 * What was told, in a sentence that is long enough to need a second line where it stands in the generated code, too.
 *
 * - once
 * - twice
 */
export const Told = record("Told", 1, {
  id: u64(1), // given by the teller
  /** What it costs. */
  price: decimal(2, { precision: 9, scale: 2 }),
});
// No documentation.
const Tell = command("Tell", 1, { mood: enumOf(1, Mood), by: u32(2).nullable() });
export const Reject = { NO: reject(1, "Not now. */ Or ever.", { /** The reason. */ why: u32(1) }) };
`;

  test("of definitions, fields, values and details are kept, and texts of codes added", async () => {
    const text = (await generateDomain(schema, told)).get("told.schema.ts")!;
    expect(text).toContain("/** How one feels. */\nexport enum Mood {\n  Calm = 1,\n  /** Beyond help. */\n");
    expect(text).toContain(`/**
 * What was told, in a sentence that is long enough to need a second line where it stands in the generated
 * code, too.
 *
 * - once
 * - twice
 */
@unmanaged
export abstract class Told extends Row {`);
    expect(text).toContain("  /** given by the teller */\n  get id(): u64 {");
    expect(text).toContain(
      "  /**\n   * What it costs.\n   * A mantissa with 2 decimal places, of at most 9 digits.\n   */\n  get price(): i64 {",
    );
    expect(text).toContain("  /** The reason. */\n  why: u32;");
    expect(text).toContain("  /** Not now. * / Or ever. */\n  static NO(values: NoDetail): void {");
    expect(text).not.toContain("Not of anything");
    expect(text).not.toContain("No documentation");
  });
});

describe("names", () => {
  const Text = enumeration("Text", { delete: 1, in: 2, Other: 9 });
  const schema = defineSchema("names", {
    records: {
      Row: record(
        "Row",
        1,
        {
          delete: u64(1).immutable(),
          step: u32(2).nullable(),
          hasStep: bool(3),
          count: u32(4),
          load: u64(5).immutable(),
          noStep: u32(6),
          type: enumOf(7, Text),
          static: u32(8),
        },
        {
          unique: { get: ["delete", "load"], find: ["load"] },
          indexes: { create: ["step", "noStep"], list: ["count", "static", "type"], x: ["type"] },
        },
      ),
      // The index Row.list would make the same name.
      RowList: record("RowList", 2, { of: u32(1) }),
      RowValues: record("RowValues", 3, { a: u32(1) }),
    },
    commands: {
      Do: command("Do", 1, { text: enumOf(1, Text), clearStep: u32(2), while: bool(3).nullable() }),
    },
    events: {
      Payload: event("Payload", 1, { emit: u32(1), for: u64(2).nullable() }),
      SysId: event("SysId", 2, {}),
      NoDetail: event("NoDetail", 3, { a: u32(1) }),
    },
    rejects: {
      NO: reject(1, "No.", { name_: u32(1), static: u64(2) }),
      name: reject(2, "A code in small letters."),
    },
  } as never);

  test("that are keywords, the SDK's, or another's give way", async () => {
    const files = await generateDomain(schema, "");
    const text = files.get("names.schema.ts")!;
    expect(text).toContain("  Row as Row_,\n");
    expect(text).toContain("export abstract class Row extends Row_ {");
    expect(text).toContain("get delete_(): u64 {");
    expect(text).toContain("get hasStep_(): bool {");
    expect(text).toContain("export class RowValues_ {");
    expect(text).toContain("export abstract class RowList_ extends Index<Row> {");
    expect(text).toContain("export class NoDetail_ {");
    const sources = new Map([...files].map(([name, one]) => [`build/${name}`, one]));
    sources.set(
      "assembly/index.ts",
      `import { Do, NoDetail, Payload, Reject, Row, RowList, Text } from "../build/names.schema";
export function do_(cmd: Do): void {
  if (cmd.hasWhile && cmd.while_) return Reject.name_();
  const row = Row.create({
    delete_: 1, hasStep_: true, step: 2, hasStep: false, count: 3, load: 4, noStep: 5, type: Text.delete_, static_: 6,
  });
  if (Row.get_.exists(row.delete_, row.load)) row.clearStep();
  Row.create_.step(1).noStep(7).count(5);
  Row.create_.noStep().list();
  Row.create_.stepFrom(5).noStepTo().first();
  Row.list.count_(5).static_From(1).count(3);
}
`,
    );
    const { messages } = await assemble(sources);
    expect(messages).toBe("");
  });

  test("that two definitions share are refused", async () => {
    const record_ = record("Twice", 1, { a: u32(1) });
    const one = (parts: object) => generateDomain(defineSchema("twice", parts as never) as never, "");
    await expect(
      one({ records: { Twice: record_ }, commands: { Twice: command("Twice", 1, {}) } }),
    ).rejects.toThrow("record and command are both called Twice; each becomes a class, rename one");
    await expect(one({ records: { u64: record("u64", 1, { a: u32(1) }) }, commands: {} })).rejects.toThrow(
      "the record u64 has the name of a word of AssemblyScript; rename it",
    );
  });
});
