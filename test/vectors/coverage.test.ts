/**
 * The vectors cover every member of each list: a type, code, reason, limit, outcome or operator that abi.ts gains fails a
 * test here until a vector shows it.
 */
import { expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { modelOf } from "../../src/schema/define-schema.ts";
import type { KindModel, PathModel } from "../../src/schema/model.ts";
import { abiNames, Coverage } from "./coverage.ts";
import { Path } from "./domains/kinds/kinds.schema.ts";
import { kinds } from "./domains/kinds/kinds.ts";
import { vectorFiles } from "./files.ts";

const files = vectorFiles();
const coverage = new Coverage();
for (const { vectors } of files) coverage.add(vectors);
const model = modelOf(kinds.schema);

function missing(prefix: string): string[] {
  const names = [...abiNames(prefix).values()];
  expect(names.length, prefix).toBeGreaterThan(2);
  return names.filter((name) => !coverage.seen.has(name));
}

test.each(["OUTCOME_", "CODE_", "MISUSE_", "LIMIT_", "OPERATOR_"])("every %s of abi.ts", (prefix) => {
  expect(missing(prefix)).toEqual([]);
});

test("every answer of admission but OK, every kind of change, retiring", () => {
  expect(missing("ADMIT_")).toEqual(["ADMIT_OK"]);
  const changes = ["DELTA_INSERT", "DELTA_UPDATE", "DELTA_DELETE", "KIND_RETIRE"];
  expect(changes.filter((name) => !coverage.seen.has(name))).toEqual([]);
  expect([...coverage.seen].filter((name) => name.startsWith("sum by "))).toEqual([
    "sum by 1 fields",
    "sum by 0 fields",
  ]);
});

test("every type, as value, null and list, wherever a value can stand", () => {
  const places = {
    payload: ["value", "null", "list"],
    before: ["value", "null"],
    after: ["value", "null"],
    event: ["value", "null", "list"],
    detail: ["value"],
  };
  const wanted = [...abiNames("TYPE_").values()].flatMap((type) =>
    Object.entries(places).flatMap(([place, forms]) => forms.map((form) => `${place} ${type} ${form}`)),
  );
  expect(wanted.length).toBe(19 * 11);
  expect(wanted.filter((name) => !coverage.seen.has(name))).toEqual([]);
});

// ---- keys ------------------------------------------------------------------------------------------------

/** `TYPE_TEXT descending null`, for each segment of the paths of all kinds. */
function segmentsOf(pathsOf: (kind: KindModel) => readonly PathModel[]): Set<string> {
  const types = abiNames("TYPE_");
  const found = model.kinds.flatMap((kind) =>
    pathsOf(kind).flatMap(({ segments }) =>
      segments.map(({ field, descending, when }) => {
        const { code, nullable } = kind.fields[field]!;
        const direction = `${descending ? "descending" : "ascending"}${when === null ? "" : " when"}`;
        return `${types.get(code)} ${direction}${nullable ? " or null" : ""}`;
      }),
    ),
  );
  return new Set(found);
}

test("a unique key of every type, and every unique key found and not found", () => {
  const segments = segmentsOf(({ unique }) => unique);
  const wanted = [...abiNames("TYPE_").values()].map((type) => `${type} ascending`);
  expect(wanted.filter((name) => !segments.has(name))).toEqual([]);
  const found = eventsOf("KeyFound");
  const { unique } = model.kinds.find(({ name }) => name === "Key")!;
  for (const { name } of unique) {
    expect(found.some((values) => values[name] === null) && found.some((values) => values[name] === 1)).toBe(
      true,
    );
  }
});

test("an index over every type, ascending and descending, null and not; conditional, partial, the longest", () => {
  const segments = segmentsOf(({ indexes }) => indexes);
  const has = (type: string, form: string) => segments.has(`${type} ${form}`);
  for (const type of abiNames("TYPE_").values()) {
    const [up, down] = ["ascending", "descending"].map((direction) => {
      return { plain: has(type, direction), nullable: has(type, `${direction} or null`) };
    });
    expect(up!.plain || up!.nullable, `${type} ascending`).toBe(true);
    expect(down!.plain || down!.nullable, `${type} descending`).toBe(true);
    expect(up!.nullable || down!.nullable, `${type} or null`).toBe(true);
    expect(up!.plain || down!.plain, `${type} required`).toBe(true);
  }
  expect([...segments].filter((name) => name.includes("when")).sort()).toEqual([
    "TYPE_U64 ascending when",
    "TYPE_U64 descending when",
  ]);
  const indexes = model.kinds.flatMap((kind) => kind.indexes);
  expect(indexes.map(({ where }) => where.length)).toEqual(expect.arrayContaining([0, 1, 2]));
  expect(Math.max(...indexes.map((index) => index.segments.length))).toBe(abi.INDEX_SEGMENTS_MAX);
});

test("every index is walked, in an order that is seen", () => {
  const walked = new Map<unknown, number>();
  for (const { vectors } of files) {
    for (const step of vectors.steps) {
      if (!("command" in step) || step.command !== "Walk" || !("events" in step.result)) continue;
      const { ids } = step.result.events[0]!.values as { readonly ids: readonly number[] };
      walked.set(step.payload.path, Math.max(walked.get(step.payload.path) ?? 0, ids.length));
    }
  }
  const paths = Object.keys(Path.values);
  expect(paths.length).toBe(model.kinds.flatMap((kind) => kind.indexes).length);
  expect(paths.filter((path) => (walked.get(path) ?? 0) < 3)).toEqual([]);
});

function eventsOf(wanted: string): Readonly<Record<string, unknown>>[] {
  return files.flatMap(({ vectors }) =>
    vectors.steps.flatMap(({ result }) =>
      "events" in result
        ? result.events
            .filter(({ name }) => name === wanted)
            .map(({ values }) => values as Record<string, unknown>)
        : [],
    ),
  );
}
