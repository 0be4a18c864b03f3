/**
 * Modules of generated code keep the rules of handler modules by themselves: no warning, no mutable global, no float,
 * nothing imported but operations, nothing exported but `run`; at either level of optimisation.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test, vi } from "vitest";
import { schema as exchange } from "../../examples/exchange/exchange.schema.ts";
import { generateDomain } from "../../src/compile/generate/index.ts";
import { checkHandlerModule } from "../../src/gate/index.ts";
import type { Schema } from "../../src/schema/define-schema.ts";
import { schema as fixture } from "../schema/fixture.ts";
import { assemble } from "./assemble.ts";
import { webAssembly } from "./mock-core.ts";
import { probeSources } from "./probe.ts";

vi.setConfig({ testTimeout: 300_000 });

const exampleFile = (name: string) => {
  return readFileSync(
    fileURLToPath(new URL(`../../examples/exchange/assembly/${name}`, import.meta.url)),
    "utf8",
  );
};

async function sourcesOf(schema: Schema, handlers: Readonly<Record<string, string>>) {
  const generated = [...(await generateDomain(schema, ""))].map(
    ([name, text]) => [`build/${name}`, text] as const,
  );
  return new Map([...generated, ...Object.entries(handlers)]);
}

const domains: readonly [string, () => Promise<ReadonlyMap<string, string>>][] = [
  [
    "exchange",
    () =>
      sourcesOf(exchange, {
        "assembly/index.ts": exampleFile("index.ts"),
        "assembly/matching.ts": exampleFile("matching.ts"),
      }),
  ],
  [
    "fixture",
    () =>
      sourcesOf(fixture as never, {
        "assembly/index.ts": `
          import { Do, Nothing } from "../build/fixture.schema";
          export function do_(cmd: Do): void {}
          export function nothing(cmd: Nothing): void {}`,
      }),
  ],
  ["probe", async () => probeSources],
];

/** The largest of them is compiled without optimisation only: a minute of it shows nothing that the others do not. */
const cases = domains.flatMap(([name, sources]) => {
  return (name === "probe" ? [false] : [false, true]).map((optimize) => ({ name, sources, optimize }));
});

describe.each(cases)("$name, optimised: $optimize", ({ sources, optimize }) => {
  test("compiles without a word, exports `run`, and passes the gate", async () => {
    const { wasm, messages } = await assemble(await sources(), optimize);
    expect(messages).toBe("");
    expect(webAssembly.Module.exports(new webAssembly.Module(wasm))).toEqual([
      { name: "run", kind: "function" },
    ]);
    expect(checkHandlerModule(wasm)).toEqual([]);
  });
});
