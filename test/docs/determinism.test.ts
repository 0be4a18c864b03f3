/** Each function that docs/internals/determinism.md says is refused inside a handler is refused, with the code of its row. */
import { defineDomain, memoryHistory, open } from "statevec";
import { command, defineSchema, record, u32 } from "statevec/schema";
import { beforeEach, expect, test } from "vitest";
import { installGuards } from "../../src/engine/guard.ts";
import { textOf } from "./reading.ts";

const Thing = record("Thing", 1, { id: u32(1).immutable() });
const Make = command("Make", 1, { id: u32(1) });
const schema = defineSchema("things", { records: { Thing }, commands: { Make } });

let inside = (): unknown => undefined;
const things = defineDomain(schema, {
  revision: 1,
  handlers: {
    Make(tx, { id }) {
      tx.create(Thing, { id });
      inside();
    },
  },
});

const openThings = () => open({ domain: things, history: memoryHistory() });
let engine: Awaited<ReturnType<typeof openThings>>;

/**
 * `process.nextTick` as the guards left it: while the test runner reports, it puts the function of its own start there.
 */
installGuards();
const guardedNextTick = process.nextTick;

beforeEach(async () => {
  engine = await openThings();
});

/** Names and codes of the table on the page. */
const refused = Array.from(
  textOf("docs/internals/determinism.md").matchAll(/^\| (CLOCK|ENTROPY|IO) \| (.+) \|$/gm),
  ([, code, names]) => Array.from(names!.matchAll(/`([^`]+)`/g), ([, name]) => [name!, code!] as const),
).flat();

/** Calls what the page names: `new Date()`, `Date()`, or a path from the global object. */
function call(name: string): unknown {
  if (name === "new Date()") return new Date();
  if (name === "Date()") return Date();
  if (name === "process.nextTick") return guardedNextTick(() => undefined);
  const path = name.split(".");
  const last = path.pop()!;
  const owner = path.reduce((thing: any, part) => thing[part], globalThis);
  return owner[last]();
}

test("the page names what is guarded", () => {
  const guarded = textOf("src/engine/guard.ts").matchAll(/^ {2}\["(\w+)", "(\w+)", "(\w+)", \w+\],$/gm);
  const names = Array.from(guarded, ([, owner, name, code]) => {
    return [owner === "globalThis" ? name : `${owner}.${name}`, code];
  });
  const special = [
    ["new Date()", "CLOCK"],
    ["Date()", "CLOCK"],
    ["process.hrtime.bigint", "CLOCK"],
  ];
  const inBrowsers = [["requestAnimationFrame", "IO"]];
  expect(names.length).toBeGreaterThan(10);
  expect([...refused, ...inBrowsers].sort()).toEqual([...names, ...special].sort());
});

test.each(refused)("%s is refused", async (name, code) => {
  inside = () => call(name);
  await expect(engine.submit("Make", { id: 1 })).rejects.toMatchObject({
    name: "DeterminismError",
    code,
    called: name,
  });
  expect(engine.frontier.seq).toBe(1n);
});
