/** Protobuf at the engine: submitBytes and addBytes come to the frames that objects come to, and refuse with the field. */
import { memoryHistory, open } from "statevec";
import { expect, test } from "vitest";
import { DomainMessages, messageToBytes } from "../../src/proto/domain-messages.ts";
import { modelOf } from "../../src/schema/define-schema.ts";
import { desk, openDesk, SOURCE, story, type TouchPayload } from "./desk.ts";

const touch = new DomainMessages(modelOf(desk.schema)).commands.named("Touch")!;
const bytesOf = (payload: TouchPayload) => messageToBytes(touch, payload);
const sourceAt = (index: number) => ({ ...SOURCE, seq: BigInt(index + 1) });

async function digestAfter(submit: (engine: Awaited<ReturnType<typeof openDesk>>) => Promise<unknown>) {
  const engine = await openDesk();
  const answer = await submit(engine);
  const { digest, seq } = engine.frontier;
  await engine.close();
  return { answer, digest, seq };
}

const asObjects = () =>
  digestAfter((engine) =>
    Promise.all(
      story.map(([payload], index) => engine.submit("Touch", payload as never, { source: sourceAt(index) })),
    ),
  );

test("submitBytes makes the frames and receipts that submit makes", async () => {
  const bytes = await digestAfter((engine) =>
    Promise.all(
      story.map(([payload], index) =>
        engine.submitBytes("Touch", bytesOf(payload), { source: sourceAt(index) }),
      ),
    ),
  );
  expect(bytes).toEqual(await asObjects());
});

test("addBytes fills a batch as add does", async () => {
  const bytes = await digestAfter(async (engine) => {
    const batch = engine.newBatch();
    for (const [index, [payload]] of story.entries()) {
      if (index % 2 === 0) batch.addBytes("Touch", bytesOf(payload), { source: sourceAt(index) });
      else batch.add("Touch", payload as never, { source: sourceAt(index) });
    }
    return [...(await engine.submitBatch(batch))];
  });
  expect(bytes).toEqual(await asObjects());
});

test("a message that is none is MALFORMED, naming the field, and what was gathered stays", async () => {
  const engine = await openDesk();
  const good = bytesOf({ ticket: 1n, act: "Open", notes: [] });
  const first = engine.submitBytes("Touch", good);
  const bad = engine.submitBytes("Touch", new Uint8Array([8, 1, 16, 99]));
  const second = engine.submitBytes("Touch", bytesOf({ ticket: 1n, act: "Note", notes: ["x"] }));
  await expect(bad).rejects.toMatchObject({
    name: "AdmissionError",
    code: "MALFORMED",
    field: "act",
    message: expect.stringMatching(
      /^MALFORMED: Touch\.act: found enum value 99, expected a value of Act: 1 \(Open\)/,
    ),
  });
  expect((await first).outcome).toBe("committed");
  expect((await second).outcome).toBe("committed");
  expect(engine.frontier.seq).toBe(3n);
  await engine.close();
});

test("a batch is as before when a message is none", async () => {
  const engine = await openDesk();
  const batch = engine.newBatch();
  batch.addBytes("Touch", bytesOf({ ticket: 1n, act: "Open", notes: ["a", "b", "c"] }));
  const long = [...bytesOf({ ticket: 2n, act: "Open", notes: ["x".repeat(30), "y".repeat(30)] }), 8, 1];
  expect(() => batch.addBytes("Touch", new Uint8Array(long))).toThrow(
    "MALFORMED: Touch.ticket: found the field twice, expected it once",
  );
  expect(batch.length).toBe(1);
  batch.addBytes("Touch", bytesOf({ ticket: 1n, act: "Note", notes: [] }));
  const receipts = await engine.submitBatch(batch);
  expect([...receipts].map((receipt) => receipt.outcome)).toEqual(["committed", "committed"]);
  await engine.close();
});

test("unknown fields follow the policy of the call", async () => {
  const engine = await openDesk();
  const bytes = new Uint8Array([...bytesOf({ ticket: 1n, act: "Open", notes: [] }), 0xa0, 6, 1]);
  await expect(engine.submitBytes("Touch", bytes)).rejects.toThrow(
    "MALFORMED: Touch: found field number 100, expected one of 1, 2, 3",
  );
  expect((await engine.submitBytes("Touch", bytes, { unknownFields: "ignore" })).outcome).toBe("committed");
  const batch = engine.newBatch();
  expect(() => batch.addBytes("Touch", bytes, { unknownFields: "refuse" })).toThrow("field number 100");
  batch.addBytes("Touch", bytes, { unknownFields: "ignore" });
  expect(batch.length).toBe(1);
  await engine.close();
});

test("the caller's bytes are not looked at after the call", async () => {
  const engine = await openDesk();
  const bytes = bytesOf({ ticket: 1n, act: "Open", notes: ["kept"] });
  const receipt = engine.submitBytes("Touch", bytes);
  bytes.fill(0xff);
  expect((await receipt).events[0]).toMatchObject({ values: { ticket: 1n, note: "kept" } });
  await engine.close();
});

test("bytes within a larger buffer, and a Buffer", async () => {
  const engine = await openDesk();
  const bytes = bytesOf({ ticket: 1n, act: "Open", notes: [] });
  const larger = new Uint8Array(bytes.length + 20).fill(0xff);
  larger.set(bytes, 9);
  await engine.submitBytes("Touch", larger.subarray(9, 9 + bytes.length));
  const again = await engine.submitBytes("Touch", Buffer.from(bytes));
  expect(again).toMatchObject({ outcome: "rejected", code: "UNIQUE_KEY_TAKEN" });
  await engine.close();
});

test.each([
  ["no command", (engine: any) => engine.submitBytes("Nothing", new Uint8Array(0)), 'name: found "Nothing"'],
  ["no bytes", (engine: any) => engine.submitBytes("Touch", "text"), "bytes: found"],
  [
    "no policy",
    (engine: any) => engine.submitBytes("Touch", new Uint8Array(0), { unknownFields: "drop" }),
    "options.unknownFields: found",
  ],
  [
    "no source",
    (engine: any) =>
      engine.submitBytes("Touch", new Uint8Array(0), { source: { client: 1n, stream: 0, seq: 0n } }),
    "source.seq",
  ],
])("misuse is said as such: %s", async (_, use, message) => {
  const engine = await openDesk();
  await expect(use(engine)).rejects.toMatchObject({
    name: "UsageError",
    message: expect.stringContaining(message),
  });
  expect(engine.frontier.seq).toBe(1n);
  await engine.close();
});

test("a getter of a payload can submit no bytes, and add none to the batch it is added to", async () => {
  const engine = await openDesk();
  const bytes = bytesOf({ ticket: 2n, act: "Open", notes: [] });
  const batch = engine.newBatch();
  const tries: unknown[] = [];
  const payload = {
    ticket: 1n,
    get act(): "Open" {
      for (const use of [() => batch.addBytes("Touch", bytes), () => batch.clear()]) {
        try {
          use();
          tries.push("done");
        } catch (error) {
          tries.push((error as Error).message);
        }
      }
      return "Open";
    },
    notes: [],
  };
  batch.add("Touch", payload);
  expect(tries).toEqual(new Array(2).fill("payload: a getter of it uses the batch; read it first, then add"));
  expect(batch.length).toBe(1);
  let inner: Promise<unknown> | undefined;
  const other = {
    ticket: 3n,
    get act(): "Open" {
      inner = engine.submitBytes("Touch", bytes);
      inner.catch(() => {});
      return "Open";
    },
    notes: [],
  };
  const outer = engine.submit("Touch", other);
  await expect(inner).rejects.toThrow("a getter of it uses the engine");
  expect((await outer).outcome).toBe("committed");
  await engine.close();
});

test("a closed engine takes no bytes", async () => {
  const engine = await open({ domain: desk, history: memoryHistory() });
  await engine.close();
  await expect(engine.submitBytes("Touch", new Uint8Array(0))).rejects.toMatchObject({ code: "CLOSED" });
});
