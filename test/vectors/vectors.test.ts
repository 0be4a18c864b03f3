/** Every vector in every lane it is for. */
import type { Domain } from "statevec";
import { checkVectors, differenceText, formatVectors } from "statevec/vectors";
import { beforeAll, describe, expect, test } from "vitest";
import { lanes, vectorFiles } from "./files.ts";

const files = vectorFiles();

describe.each(lanes)("$lane lane", ({ lane, domains }) => {
  const held = files.filter(({ vectors }) => vectors.lane === undefined || vectors.lane === lane);
  let domainOf: ReadonlyMap<string, Domain>;
  beforeAll(async () => {
    domainOf = await domains();
  }, 600_000);

  test.each(held)("$name", async ({ vectors }) => {
    const differences = await checkVectors(domainOf.get(vectors.schema.name)!, vectors);
    expect(differences.map(differenceText)).toEqual([]);
  });
});

test.each(files)("$name is written as recording writes it", ({ text, vectors }) => {
  expect(formatVectors(vectors)).toBe(text);
});
