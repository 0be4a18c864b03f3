/** Payloads larger than the limit of a frame: that one is for what commits, and the output has room for every frame. */
import { defineDomain, memoryHistory, open } from "statevec";
import { command, defineSchema, record, reject, text, u64 } from "statevec/schema";
import { expect, test } from "vitest";

const FRAME_BYTES = 4096;
/** Sixteen of them, each behind its length, are about the largest payload there is. */
const WORD_BYTES = 4090;
const RECORDS = 1000n;
const FIELDS = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"] as const;
type Words = Record<(typeof FIELDS)[number], string>;

const Item = record("Item", 1, { id: u64(1).immutable(), value: u64(2) }, { unique: { byId: ["id"] } });
const wide = Object.fromEntries(
  FIELDS.map((name, index) => [name, text(index + 1, { maxBytes: WORD_BYTES })]),
) as { [Name in keyof Words]: ReturnType<typeof text> };
const Put = command("Put", 1, { id: u64(1), value: u64(2) });
const Large = command("Large", 2, wide);
const LargeAndRefused = command("LargeAndRefused", 3, wide);
const Refusal = { NO: reject(1, "Always.", { why: text(1, { maxBytes: WORD_BYTES }) }) };

const domain = defineDomain(
  defineSchema("large", { records: { Item }, commands: { Put, Large, LargeAndRefused }, rejects: Refusal }),
  {
    revision: 1,
    limits: { frameBytes: FRAME_BYTES },
    handlers: {
      Put: (tx, { id, value }) => void tx.create(Item, { id, value }),
      Large() {},
      LargeAndRefused: (tx, { a }) => tx.reject(Refusal.NO, { why: a }),
    },
  },
);

test.each(["Large", "LargeAndRefused"] as const)(
  "%s: a turn full of them leaves every record alone",
  async (name) => {
    const history = memoryHistory();
    const engine = await open({ domain, history, clock: { nowNs: () => 1n } });
    const ids = Array.from({ length: Number(RECORDS) }, (_, index) => BigInt(index + 1));
    await engine.submitMany(ids.map((id) => ({ name: "Put" as const, payload: { id, value: id } })));

    const payload = Object.fromEntries(FIELDS.map((field) => [field, "x".repeat(WORD_BYTES)])) as Words;
    const answers = await Promise.all(Array.from({ length: 120 }, () => engine.submit(name, payload)));
    const expected =
      name === "Large"
        ? { outcome: "faulted", code: "LIMIT", detail: { limit: "frameBytes" } }
        : { outcome: "rejected", code: "NO", detail: { why: payload.a } };
    for (const answer of answers) expect(answer).toMatchObject(expected);

    const lost = await engine.read((view) =>
      ids.filter(
        (id) => view.find(Item.byId, id)?.value !== id || view.find(Item, id as never)?.value !== id,
      ),
    );
    expect(lost).toEqual([]);
    for await (const frame of engine.frames({ from: RECORDS + 2n })) {
      expect(frame).toMatchObject({ command: name, payload });
    }
    expect((await engine.audit()).identical).toBe(true);
    await engine.close();
    const again = await open({ domain, history, clock: { nowNs: () => 1n } });
    expect(again.frontier.seq).toBe(RECORDS + 121n);
    await again.close();
  },
);
