/**
 * `tx.source`: read when a handler asks, the same for as long as its command runs.
 */
import { defineDomain, memoryHistory, open, type Source, type Tx } from "statevec";
import { command, defineSchema, record, u64 } from "statevec/schema";
import { expect, it } from "vitest";

const Note = record("Note", 1, { id: u64(1).immutable() }, { unique: { byId: ["id"] } });
const Write = command("Write", 1, { id: u64(1), more: u64(2) });
const schema = defineSchema("notes", { records: { Note }, commands: { Write } });

it("is that of the running command, before and after the memory grew", async () => {
  const seen: (Source | undefined)[] = [];
  let kept: Tx | undefined;
  const notes = defineDomain(schema, {
    revision: 1,
    limits: { work: 100_000_000, touchedRecords: 65_000, frameBytes: 16 << 20 },
    handlers: {
      Write(tx, { id, more }) {
        if (id === 2n) seen.push(tx.source);
        for (let one = 0n; one < more; one++) tx.create(Note, { id: (id << 32n) + one });
        seen.push(tx.source, tx.source);
        kept = tx;
      },
    },
  });
  const engine = await open({ domain: notes, history: memoryHistory() });
  const source = (seq: bigint): Source => ({ client: 2n ** 64n - 1n, stream: 2 ** 32 - 1, seq });
  await engine.submitMany([
    { name: "Write", payload: { id: 1n, more: 60_000n }, source: source(1n) },
    { name: "Write", payload: { id: 2n, more: 60_000n }, source: source(2n) },
    { name: "Write", payload: { id: 3n, more: 1n } },
  ]);
  const [first, second] = [source(1n), source(2n)];
  expect(seen).toEqual([first, first, second, second, second, undefined, undefined]);
  expect(seen[0]).toBe(seen[1]);
  expect(Object.isFrozen(seen[0])).toBe(true);
  expect(kept!.source).toBeUndefined();
  await engine.close();
});
