/** Vector files are untrusted text: what is no vector file is refused, with path, found and expected. */
import fc from "fast-check";
import { UsageError } from "statevec";
import { type CommandStep, parseScript, parseVectors } from "statevec/vectors";
import { describe, expect, test } from "vitest";

const RULES = {
  engine: { frameFormat: 1, coreSemantics: 1 },
  schema: { name: "bank", fingerprint: "ab".repeat(32) },
  limits: { work: 1 },
};
const STEP = { command: "Open", payload: {}, result: { frame: "2" } };
const GOOD = { vectors: 1, ...RULES, steps: [STEP] };
const step = (more: object) => ({ ...GOOD, steps: [STEP, { ...STEP, ...more }] });
const source = (more: object) => step({ source: { client: "1", stream: 1, seq: "1", ...more } });

const LONG = "a whole number of 64 bits from 0, as a string";

describe("what is refused", () => {
  test.each<[unknown, string]>([
    ["", "vectors: found text that is no JSON ("],
    ["{", "vectors: found text that is no JSON ("],
    ["null", "vectors: found null, expected an object"],
    [[], "vectors: found [], expected an object"],
    [{ ...GOOD, vectors: 2 }, "vectors.vectors: found 2, expected 1, the format that this release reads"],
    [{ steps: [] }, "vectors.vectors: found nothing, expected 1"],
    [{ ...GOOD, more: 1 }, 'vectors: found "more", expected no other members than vectors, about, lane'],
    [{ ...GOOD, about: 1 }, "vectors.about: found 1, expected a string"],
    [{ ...GOOD, lane: "both" }, 'vectors.lane: found "both", expected "open" or "sealed"'],
    [{ ...GOOD, engine: {} }, "vectors.engine.frameFormat: found nothing, expected a whole number from 1 to"],
    [
      { ...GOOD, engine: { ...RULES.engine, os: 1 } },
      'vectors.engine: found "os", expected no other members',
    ],
    [{ ...GOOD, engine: undefined }, "vectors.engine: found nothing, expected what recording writes there"],
    [
      { ...GOOD, schema: { name: "x", fingerprint: "AB" } },
      'vectors.schema.fingerprint: found "AB", expected 64',
    ],
    [{ ...GOOD, limits: { work: "1" } }, 'vectors.limits.work: found "1", expected a whole number from 1 to'],
    [{ ...GOOD, steps: {} }, "vectors.steps: found {}, expected an array of steps"],
    [{ ...GOOD, steps: [1] }, "vectors.steps[0]: found 1, expected an object"],
    [{ ...GOOD, steps: [{}] }, "vectors.steps[0].command: found nothing, expected a string"],
    [step({ payload: [] }), "vectors.steps[1].payload: found [], expected an object"],
    [step({ timeNs: 5 }), `vectors.steps[1].timeNs: found 5, expected ${LONG}`],
    [step({ timeNs: "05" }), `vectors.steps[1].timeNs: found "05", expected ${LONG}`],
    [step({ timeNs: "-1" }), `vectors.steps[1].timeNs: found "-1", expected ${LONG}`],
    [step({ timeNs: "18446744073709551616" }), "vectors.steps[1].timeNs: found"],
    [source({ client: 1 }), `vectors.steps[1].source.client: found 1, expected ${LONG}`],
    [source({ stream: "1" }), 'vectors.steps[1].source.stream: found "1", expected a whole number from 0'],
    [
      source({ stream: 2 ** 32 }),
      "vectors.steps[1].source.stream: found 4294967296, expected a whole number",
    ],
    [
      source({ seq: "0" }),
      'vectors.steps[1].source.seq: found "0", expected a whole number of 64 bits from 1',
    ],
    [source({ previous: "1" }), 'vectors.steps[1].source: found "previous", expected no other members'],
    [
      step({ wen: 1 }),
      'vectors.steps[1]: found "wen", expected no other members than about, timeNs, command',
    ],
    [step({ retire: { client: "1", stream: 1 } }), 'vectors.steps[1]: found "command", expected no other'],
    [step({ result: {} }), "vectors.steps[1].result: found {}, expected frame, refused or duplicateOf"],
    [step({ result: undefined }), "vectors.steps[1].result: found nothing, expected a result; record"],
  ])("%j", (input, message) => {
    expect(() => parseVectors(input)).toThrow(UsageError);
    expect(() => parseVectors(input)).toThrow(message);
  });

  test("found is cut where it is long", () => {
    const message = `vectors.about: found ["${"x".repeat(78)}..., expected a string`;
    expect(() => parseVectors({ ...GOOD, about: ["x".repeat(5_000)] })).toThrow(message);
  });

  test("whatever the JSON, nothing but a UsageError leaves", () => {
    const anything = fc.jsonValue({ maxDepth: 4 });
    const near = fc.record(
      {
        vectors: fc.constant(1),
        engine: anything,
        schema: anything,
        limits: anything,
        steps: fc.array(anything),
      },
      { requiredKeys: ["vectors", "steps"] },
    );
    const law = fc.property(fc.oneof(anything, near, fc.string()), (input) => {
      try {
        parseVectors(input);
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
      }
    });
    fc.assert(law, { numRuns: 500 });
  });
});

test("what recording adds may be missing in a script", () => {
  expect(parseScript('{ "vectors": 1, "steps": [{ "command": "Open" }] }')).toEqual({
    steps: [{ command: "Open", payload: {} }],
  });
});

test("a name of an object's own machinery is a name like any other", () => {
  const text = '{ "vectors": 1, "steps": [{ "command": "Open", "payload": { "__proto__": { "a": 1 } } }] }';
  const [step] = parseScript(text).steps;
  expect(Object.keys((step as CommandStep).payload)).toEqual(["__proto__"]);
});
