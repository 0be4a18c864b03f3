/** A created record may be shorter than the header of an update: its frame is a message all the same. */
import { defineDomain, type Frame, memoryHistory, open } from "statevec";
import { command, defineSchema, record, u8 } from "statevec/schema";
import { expect, test } from "vitest";
import { StateVecDecoder } from "../../src/proto/frame-decoder.ts";
import { modelOf } from "../../src/schema/define-schema.ts";

const Flag = record("Flag", 1, { id: u8(1).immutable() }, { unique: { byId: ["id"] } });
const Raise = command("Raise", 1, { id: u8(1) });
const Lower = command("Lower", 2, { id: u8(1) });
const schema = defineSchema("flags", { records: { Flag }, commands: { Raise, Lower } });
const flags = defineDomain(schema, {
  revision: 1,
  handlers: {
    Raise: (tx, { id }) => void tx.create(Flag, { id }),
    Lower: (tx, { id }) => tx.delete(tx.get(Flag.byId, id)),
  },
});

test("created and deleted at the end of a frame", async () => {
  const engine = await open({ domain: flags, history: memoryHistory() });
  await engine.submit("Raise", { id: 1 });
  await engine.submit("Lower", { id: 1 });
  const frames: Frame[] = [];
  for await (const frame of engine.frames()) frames.push(frame);
  const messages: Uint8Array[] = [];
  for await (const message of engine.frames({ encoding: "protobuf" })) messages.push(message);
  await engine.close();

  expect(frames.map((frame) => frame.type)).toEqual(["epoch", "command", "command"]);
  const decoder = new StateVecDecoder(modelOf(schema));
  expect(messages.map((message) => decoder.frame(message))).toEqual(frames);
});
