/** What the types of a large schema cost: tsc on 40 records of 20 fields stays under 3 seconds; declarations can be emitted. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "statevec-types-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const RECORDS = 40;
const FIELDS = 20;
const SECONDS_MAX = 3;

/** Text of one generated record with its keys and indexes, a command, an event, and code that uses them. */
function recordText(position: number): string {
  const fields = ["id: u64(1).immutable()", "owner: u32(2).immutable()", "side: enumOf(3, Side)"];
  const types = ["u64(#)", "u32(#)", "text(#, { maxBytes: 16 })", "i64(#).nullable()", "bool(#)"];
  for (let number = 4; number <= FIELDS; number++) {
    fields.push(`f${number}: ${types[number % types.length]!.replace("#", String(number))}`);
  }
  const target = position === 0 ? "" : `, parent: ref(${FIELDS + 1}, "R${position - 1}").nullable()`;
  return `
export const R${position} = record("R${position}", ${position + 1}, { ${fields.join(", ")}${target} }, {
  unique: { byId: ["id"], byBoth: ["owner", "id"] },
  indexes: { plain: ["f5", "id"], book: ["side", { desc: "f5", when: { side: "Bid" } }, "id"] },
});
export const C${position} = command("C${position}", ${position + 1}, { ${fields.join(", ").replaceAll(".immutable()", "")} });
export const E${position} = event("E${position}", ${position + 1}, { id: u64(1), f: u32(2).nullable() });
export function use${position}(one: Infer<typeof R${position}>, cmd: Infer<typeof C${position}>): boolean {
  return one.id === cmd.id && one.side === cmd.side && R${position}.byBoth.name !== R${position}.book.name;
}`;
}

function write(): void {
  const names = (letter: string) =>
    Array.from({ length: RECORDS }, (_, index) => `${letter}${index}`).join(", ");
  const text = `
import {
  bool, command, defineSchema, enumeration, enumOf, event, i64, type Infer, record, ref, text, u32, u64,
} from "statevec/schema";
export const Side = enumeration("Side", { Bid: 1, Ask: 2 });
${Array.from({ length: RECORDS }, (_, index) => recordText(index)).join("\n")}
export const schema = defineSchema("large", {
  records: { ${names("R")} }, commands: { ${names("C")} }, events: { ${names("E")} },
});`;
  writeFileSync(join(directory, "large.ts"), text);
  const options = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: {
      types: [],
      rootDir: ".",
      outDir: "out",
      paths: { "statevec/schema": ["./statevec/src/schema/index.d.ts"] },
    },
    files: ["large.ts"],
    include: [],
  };
  writeFileSync(join(directory, "tsconfig.json"), JSON.stringify(options));
}

/** Makes the compiler say what processor time it took. */
const REPORT =
  "process.on('exit', () => { const { user, system } = process.cpuUsage(); console.log('cpu', user + system); })";

/** Seconds are those of the clock or of the processor, whichever are fewer: other processes only add to the former. */
function tsc(...flags: string[]): { readonly output: string; readonly seconds: number } {
  const start = performance.now();
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const report = `data:text/javascript,${encodeURIComponent(REPORT)}`;
  const run = spawnSync(process.execPath, ["--import", report, compiler, "-p", directory, ...flags], {
    encoding: "utf8",
  });
  expect(run.stdout.split("\n").filter((line) => line.includes("error TS"))).toEqual([]);
  expect(run.status).toBe(0);
  const cpu = Number(/^cpu (\d+)$/m.exec(run.stdout)![1]) / 1e6;
  return { output: run.stdout, seconds: Math.min((performance.now() - start) / 1000, cpu) };
}

/** What a consumer has of the package: its declarations. */
function writeDeclarations(): void {
  const options = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: {
      rootDir: root,
      outDir: join(directory, "statevec"),
      emitDeclarationOnly: true,
      paths: {},
      typeRoots: [join(root, "node_modules/@types")],
    },
    files: [join(root, "src/schema/index.ts")],
    include: [],
  };
  writeFileSync(join(directory, "tsconfig.json"), JSON.stringify(options));
  tsc();
}

beforeAll(() => {
  writeFileSync(join(directory, "package.json"), '{ "type": "module" }');
  writeDeclarations();
  write();
});

test("40 records of 20 fields: tsc under 3 seconds", () => {
  let best = tsc("--noEmit", "--extendedDiagnostics");
  for (let attempt = 1; attempt < 5 && best.seconds >= SECONDS_MAX; attempt++) {
    const next = tsc("--noEmit", "--extendedDiagnostics");
    if (next.seconds < best.seconds) best = next;
  }
  const figures = best.output
    .split("\n")
    .filter((line) => /^(Types|Instantiations|Check time|Total time)/.test(line));
  console.log([`tsc: ${best.seconds.toFixed(2)} s`, ...figures].join("\n"));
  // The work itself does not depend on the machine: 77 k when the shape of the DSL was chosen.
  const instantiations = Number(/Instantiations:\s+(\d+)/.exec(best.output)![1]);
  expect(instantiations).toBeLessThan(80_000);
  expect(best.seconds).toBeLessThan(SECONDS_MAX);
});

test("declarations of a schema can be emitted", () => {
  const emitted = tsc("--declaration", "--emitDeclarationOnly", "--listEmittedFiles").output;
  const path = emitted.split("\n").find((line) => line.endsWith("large.d.ts"))!;
  const declaration = readFileSync(path.replace("TSFILE: ", ""), "utf8");
  expect(declaration).toContain("export declare const R0");
  expect(declaration).toContain("readonly f5: bigint");
});
