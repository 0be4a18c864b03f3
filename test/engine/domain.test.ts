/** What defineDomain refuses, argument by argument, before any engine runs. */
import { defineDomain, UsageError } from "statevec";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../src/schema/framework-codes.ts";
import { makeLab, schema } from "./lab.ts";

function mistake(make: () => unknown): UsageError {
  try {
    make();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

const handlers = Object.fromEntries(Object.keys(schema.commands).map((name) => [name, () => {}]));

describe.each(LIMITS.map((limit) => [limit.name, limit] as const))("the limit %s", (name, limit) => {
  const withLimit = (value: unknown) => makeLab(undefined, { limits: { [name]: value } });

  test("goes from 1 to its hard maximum", () => {
    for (const value of [1, limit.default, limit.hard]) withLimit(value);
  });

  test("is refused beyond, with the name, what was found and what was expected", () => {
    for (const value of [0, -1, 1.5, limit.hard + 1, Number.NaN, "8", 8n]) {
      const { argument, message } = mistake(() => withLimit(value));
      expect(argument).toBe(`limits.${name}`);
      expect(message).toContain(`found ${value}, expected an integer from 1 to ${limit.hard}`);
    }
  });
});

test("a limit that there is none of is refused with the names of those there are", () => {
  const { argument, message } = mistake(() => makeLab(undefined, { limits: { speed: 1 } as never }));
  expect(argument).toBe("limits.speed");
  for (const { name } of LIMITS) expect(message).toContain(name);
});

test.each([0, -1, 1.5, 2 ** 53, Number.NaN, "1", undefined])("the revision %s is refused", (revision) => {
  const parts = { revision: revision as number, handlers: handlers as never };
  const { argument } = mistake(() => defineDomain(schema, parts));
  expect(argument).toBe("revision");
});

test("a missing handler, one too many and one that is no function are named", () => {
  const { Other: _missing, ...others } = handlers;
  const cases: [object, string][] = [
    [others, "handlers.Other"],
    [{ ...handlers, Extra() {} }, "handlers.Extra"],
    [{ ...handlers, Do: 5 }, "handlers.Do"],
  ];
  for (const [given, argument] of cases) {
    const define = () => defineDomain(schema, { revision: 1, handlers: given as never });
    expect(mistake(define).argument).toBe(argument);
  }
});

test("what is no schema is refused", () => {
  for (const value of [{}, { records: {}, commands: {} }]) {
    expect(mistake(() => defineDomain(value as never, { revision: 1, handlers: {} as never })).argument).toBe(
      "schema",
    );
  }
});
