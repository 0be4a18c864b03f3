/** The lines of curl in docs/guide/service.md, run as they stand against the domain of that page. */
import { defineDomain, memoryHistory, open } from "statevec";
import { command, defineSchema, record, u32, u64 } from "statevec/schema";
import { createService, listen } from "statevec/service";
import { expect, test } from "vitest";
import { blocksOf } from "../docs/reading.ts";

const Counter = record(
  "Counter",
  1,
  { id: u32(1).immutable(), value: u64(2) },
  { unique: { byId: ["id"] }, indexes: { byValue: ["value"] } },
);
const Add = command("Add", 1, { id: u32(1), amount: u64(2, { min: 1n }) });
const counters = defineDomain(defineSchema("counters", { records: { Counter }, commands: { Add } }), {
  revision: 1,
  handlers: {
    Add(tx, { id, amount }) {
      const counter = tx.find(Counter.byId, id) ?? tx.create(Counter, { id, value: 0n });
      tx.update(counter, { value: counter.value + amount });
    },
  },
});

/** Words of a line as a shell takes them apart: single quotes and backslashes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|\\.|[^\s'\\])+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|\\(.)/g, (_, quoted = "", escaped = "") => quoted + escaped),
  );
}

test("every curl line does what it shows", async () => {
  const engine = await open({ domain: counters, history: memoryHistory() });
  const { url, close } = await listen(createService(engine), { port: 0 });
  const source = { client: 7n, stream: 0 };
  for (const seq of [1n, 2n, 3n])
    await engine.submit("Add", { id: 2, amount: 9n }, { source: { ...source, seq } });
  const lines = blocksOf("docs/guide/service.md", "sh")
    .flatMap((block) => block.split("\n"))
    .filter((line) => line.startsWith("curl") && line.includes("$URL"));
  expect(lines.length).toBeGreaterThan(5);
  for (const line of lines) {
    const headers: Record<string, string> = {};
    let body: string | undefined;
    let path = "";
    const words = wordsOf(line);
    for (let index = 1; index < words.length; index++) {
      const word = words[index]!;
      if (word === "-d") body = words[++index]!;
      else if (word === "-H") {
        const [name, value] = words[++index]!.split(/: (.*)/);
        headers[name!] = value!;
      } else path = word.replace("$URL", url);
    }
    const init = body === undefined ? {} : { method: "POST", headers, body };
    const answer = await fetch(path, init);
    const text = await answer.text();
    expect(answer.status, `${line}: ${text}`).toBe(200);
    if (body !== undefined) expect(text).toContain('"outcome":"committed"');
  }
  expect(engine.frontier.seq).toBe(6n);
  await close();
  await engine.close();
});
