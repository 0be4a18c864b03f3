/** Recording and checking: what is recorded reads back, what differs is named, another run makes the same. */
import { type Domain, defineDomain, memoryHistory, open, UsageError } from "statevec";
import {
  changedVectors,
  checkVectors,
  differenceText,
  formatVectors,
  parseVectors,
  runVectors,
  type VectorScript,
  type Vectors,
  vectorsOfHistory,
} from "statevec/vectors";
import { beforeAll, describe, expect, test } from "vitest";
import { shop } from "../cli/shop.ts";
import { openProgramOf } from "./files.ts";

const SCRIPT: VectorScript = {
  about: "A shop.",
  steps: [
    {
      about: "Ada joins.",
      command: "Join",
      payload: { login: "ada", badge: "cafe" },
      source: { client: "5", stream: 2, seq: "1" },
    },
    {
      command: "Join",
      payload: { login: "ada", badge: "cafe" },
      source: { client: "5", stream: 2, seq: "1" },
    },
    { command: "Join", payload: { login: "ada" }, source: { client: "5", stream: 2, seq: "3" } },
    { timeNs: "1767225600000000001", command: "Buy", payload: { login: "ada", number: 1, amount: "12.5" } },
    { command: "Pay", payload: { login: "ada", number: 1 } },
    { command: "Buy", payload: { login: "eve", number: 1, amount: "1.00" } },
    { command: "Pay", payload: { login: "ada", number: 2 } },
    { retire: { client: "5", stream: 2 } },
  ],
};

let recorded: Vectors;
beforeAll(async () => {
  recorded = await runVectors(shop, SCRIPT);
});

/** The vectors with one value changed, at a path as in `steps.0.result.outcome`. */
function changed(path: string, value: unknown): Vectors {
  const copy = structuredClone(recorded) as unknown as Record<string, unknown>;
  const names = path.split(".");
  const last = names.pop()!;
  let place = copy;
  for (const name of names) place = place[name] as Record<string, unknown>;
  if (value === undefined) delete place[last];
  else place[last] = value;
  return copy as unknown as Vectors;
}

async function differences(vectors: Vectors, domain: unknown = shop): Promise<string[]> {
  return (await checkVectors(domain as Domain, vectors)).map(differenceText);
}

describe("recording", () => {
  test("a step is a command, then what came of it", () => {
    const text = formatVectors({ ...recorded, steps: recorded.steps.slice(4, 5) });
    expect(text.slice(text.indexOf("    {"))).toBe(`    {
      "command": "Pay",
      "payload": { "login": "ada", "number": 1 },
      "result": {
        "frame": "4", "outcome": "committed", "sysIds": 0,
        "delta": [
          {
            "op": "update", "kind": "Order", "sysId": "2", "revision": 2, "previous": "3",
            "before": { "status": "Open" },
            "after": { "status": "Paid" }
          }
        ],
        "events": [{ "name": "Paid", "values": { "number": 1, "amount": "12.50" } }],
        "leaf": "${(recorded.steps[4]!.result as { leaf: string }).leaf}"
      }
    }
  ]
}
`);
  });

  test("every kind of answer is recorded", () => {
    expect(recorded.steps.map(({ result }) => result)).toMatchObject([
      { frame: "2", sourcePrevious: "0", outcome: "committed", sysIds: 1 },
      { duplicateOf: "2" },
      { refused: "GAP", expected: "2" },
      { frame: "3", outcome: "committed" },
      { frame: "4", outcome: "committed", sysIds: 0 },
      { frame: "5", outcome: "rejected", code: "UNKNOWN_CUSTOMER", detail: { login: "eve" } },
      { frame: "6", outcome: "faulted", code: "RECORD_MISSING", detail: { kind: "Order" } },
      { frame: "7", leaf: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
  });

  test("payloads are recorded in full, in their one form", () => {
    expect(recorded.steps[2]).toMatchObject({ payload: { login: "ada", badge: null, about: null } });
    expect(recorded.steps[3]).toMatchObject({ payload: { login: "ada", number: 1, amount: "12.50" } });
  });

  test("what is written reads back", () => {
    expect(parseVectors(formatVectors(recorded))).toEqual(recorded);
    expect(parseVectors(JSON.parse(JSON.stringify({ vectors: 1, ...recorded })))).toEqual(recorded);
  });

  test("a leaf is that of the frame in any history", async () => {
    const history = memoryHistory();
    const clock = { nowNs: () => 1_767_225_600_000_000_000n };
    const engine = await open({ domain: shop, history, clock });
    const source = { client: 5n, stream: 2, seq: 1n };
    await engine.submit("Join", { login: "ada", badge: Uint8Array.of(0xca, 0xfe) }, { source });
    await engine.close();
    const { steps } = await vectorsOfHistory(history);
    expect(steps).toEqual([{ ...recorded.steps[0], about: undefined }].map(({ about, ...step }) => step));
  });
});

describe("checking", () => {
  test("what was recorded is made again", async () => {
    expect(await differences(recorded)).toEqual([]);
  });

  test.each([
    [
      "steps.0.result.delta.0.after.badge",
      "ca",
      'step 1 (Join), delta 1 (Customer 1), after.badge: expected "ca", found "cafe"',
    ],
    [
      "steps.0.result.delta.0.revision",
      2,
      "step 1 (Join), delta 1 (Customer 1), revision: expected 2, found 1",
    ],
    [
      "steps.0.result.delta",
      [],
      'step 1 (Join), delta 1 (Customer 1): expected nothing, found {"op":"insert"',
    ],
    ["steps.0.result.sourcePrevious", "1", 'step 1 (Join), sourcePrevious: expected "1", found "0"'],
    ["steps.1.result", { duplicateOf: "3" }, 'step 2 (Join), duplicateOf: expected "3", found "2"'],
    ["steps.2.result.expected", "1", 'step 3 (Join), expected: expected "1", found "2"'],
    [
      "steps.4.result.events.0.values.amount",
      "1.00",
      'step 5 (Pay), event 1 (Paid), values.amount: expected "1.00", found "12.50"',
    ],
    [
      "steps.4.result.events.1",
      { name: "Paid", values: {} },
      'step 5 (Pay), event 2 (Paid): expected {"name":"Paid","values":{}}, found nothing',
    ],
    ["steps.4.result.leaf", "00", 'step 5 (Pay), leaf: expected "00", found "'],
    [
      "steps.5.result.outcome",
      "faulted",
      'step 6 (Buy), outcome: expected faulted UNKNOWN_CUSTOMER {"login":"eve"}, found rejected UNKNOWN_CUSTOMER',
    ],
    ["steps.5.result.detail.login", "bob", 'step 6 (Buy), detail.login: expected "bob", found "eve"'],
    ["steps.6.result.more", true, "step 7 (Pay), more: expected true, found nothing"],
    ["steps.7.result.frame", "8", 'step 8 (retire), frame: expected "8", found "7"'],
    ["engine.coreSemantics", 2, "engine.coreSemantics: expected 2, found 1"],
    ["schema.name", "store", 'schema.name: expected "store", found "shop"'],
    ["schema.fingerprint", "00", 'schema.fingerprint: expected "00", found "'],
    ["limits.work", 5, "limits.work: expected 5, found 1000000"],
    ["limits.speed", 5, "limits.speed: expected 5, found nothing"],
  ])("another %s is found", async (path, value, text) => {
    const [found, ...others] = await differences(changed(path, value));
    expect(found?.slice(0, text.length)).toBe(text);
    expect(others).toEqual([]);
  });

  test("each step that differs is told once", async () => {
    const vectors = changed("steps.4.result.frame", "9");
    const both = structuredClone(vectors) as any;
    both.steps[5].result.leaf = "00";
    both.steps[5].result.code = "NO";
    expect(await differences(both)).toEqual([
      'step 5 (Pay), frame: expected "9", found "4"',
      'step 6 (Buy), code: expected "NO", found "UNKNOWN_CUSTOMER"',
    ]);
  });

  test("under other limits nothing is run: steps would differ for that alone", async () => {
    const handlers = openProgramOf(shop as unknown as Domain).handlers as never;
    const strict = defineDomain(shop.schema, { revision: 1, handlers, limits: { work: 100 } });
    expect(await differences(recorded, strict)).toEqual(["limits.work: expected 1000000, found 100"]);
  });

  test("another revision of the handlers makes no difference, another answer does, and its cause is told", async () => {
    const { handlers } = openProgramOf(shop as unknown as Domain);
    const same = defineDomain(shop.schema, { revision: 2, handlers: handlers as never });
    expect(await differences(recorded, same)).toEqual([]);
    const broken = {
      ...handlers,
      Pay: () => {
        throw new Error("no more payments");
      },
    };
    const other = defineDomain(shop.schema, { revision: 2, handlers: broken as never });
    expect((await differences(recorded, other))[0]).toBe(
      "step 5 (Pay), outcome: expected committed, found faulted HANDLER_FAILED {}; it is faulted because no more payments",
    );
  });

  test("vectors of one lane are refused in the other", async () => {
    await expect(differences({ ...recorded, lane: "sealed" })).rejects.toThrow(
      'vectors.lane: found "sealed", expected open, the lane of the domain, or no lane',
    );
    expect(await differences({ ...recorded, lane: "open" })).toEqual([]);
  });

  test.each<[string, unknown, string]>([
    [
      "steps.0.command",
      "Leave",
      'vectors.steps[0].command: found "Leave", expected a command of schema shop: Join, Buy, Pay',
    ],
    [
      "steps.0.payload.login",
      undefined,
      "vectors.steps[0].payload.login: found nothing, expected a value of type text as a string",
    ],
    [
      "steps.0.payload.login",
      5,
      "vectors.steps[0].payload.login: found 5, expected a value of type text as a string",
    ],
    [
      "steps.0.payload.age",
      5,
      'vectors.steps[0].payload: found "age", expected fields of Join: login, badge, about',
    ],
    [
      "steps.0.payload.badge",
      "xy",
      'vectors.steps[0].payload.badge: found "xy", expected hex digits as a string, or null',
    ],
    [
      "steps.3.payload.amount",
      12.5,
      "vectors.steps[3].payload.amount: found 12.5, expected a decimal with up to 2 digits behind the point as a string",
    ],
    [
      "steps.3.payload.amount",
      "12.505",
      'vectors.steps[3].payload.amount: found "12.505", expected a decimal',
    ],
    ["steps.3.payload.number", -1, "vectors.steps[3].payload.number: found -1, expected a value of type u32"],
    [
      "steps.3.payload.number",
      1.5,
      "vectors.steps[3].payload.number: found 1.5, expected a value of type u32",
    ],
    [
      "steps.3.payload.number",
      "1",
      'vectors.steps[3].payload.number: found "1", expected a value of type u32',
    ],
    [
      "steps.3.payload.number",
      null,
      "vectors.steps[3].payload.number: found null, expected a value of type u32",
    ],
    [
      "steps.7.retire.client",
      "6",
      'vectors.steps[7].retire: found {"client":"6","stream":2}, expected a source that an earlier step has used',
    ],
  ])("a step that is none of the schema: %s %j", async (path, value, message) => {
    const error = await differences(changed(path, value)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message.slice(0, message.length)).toBe(message);
  });
});

describe("what recording would change", () => {
  test("nothing, where results are the same, steps are new, or texts are others", async () => {
    const longer = await runVectors(shop, { ...SCRIPT, steps: [...SCRIPT.steps, SCRIPT.steps[5]!] });
    expect(changedVectors(recorded, longer)).toBeUndefined();
    expect(changedVectors({ ...recorded, about: "Once." }, longer)).toBeUndefined();
    expect(changedVectors(changed("steps.0.about", "Once."), longer)).toBeUndefined();
    expect(changedVectors(SCRIPT, longer)).toBeUndefined();
    expect(changedVectors(changed("steps.6.result", undefined), recorded)).toBeUndefined();
  });

  test.each([
    ["steps.5.result.code", "NO", 'step 6 (Buy), result.code: expected "NO", found "UNKNOWN_CUSTOMER"'],
    ["steps.5.payload.login", "bob", 'step 6 (Buy), payload.login: expected "bob", found "eve"'],
    ["steps.3.timeNs", "5", 'step 4 (Buy), timeNs: expected "5", found "1767225600000000001"'],
    ["limits.work", 5, "limits.work: expected 5, found 1000000"],
    ["schema.name", "store", 'schema.name: expected "store", found "shop"'],
  ])("%s", (path, value, text) => {
    expect(differenceText(changedVectors(changed(path, value), recorded)!)).toBe(text);
  });

  test("a step that is gone", () => {
    const shorter = { ...recorded, steps: recorded.steps.slice(0, 7) };
    expect(differenceText(changedVectors(recorded, shorter)!)).toMatch(
      /^step 8 \(retire\), the step: expected .*, found nothing$/,
    );
  });
});
