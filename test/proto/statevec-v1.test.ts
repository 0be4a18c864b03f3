/** The messages of `statevec.v1`: tables and `.proto` agree, bytes stay as they are, frames and receipts come back equal. */
import { readFileSync } from "node:fs";
import { hexToBytes } from "@noble/hashes/utils.js";
import fc from "fast-check";
import type { Frame } from "statevec";
import { beforeAll, describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { findProtoc } from "../../scripts/protoc.mjs";
import { HistoryError } from "../../src/errors.ts";
import { encodeEpochPayload } from "../../src/history/epoch-payload.ts";
import { frameDecoder, readHeader } from "../../src/history/frame.ts";
import { StateVecDecoder } from "../../src/proto/frame-decoder.ts";
import { FrameEncoder } from "../../src/proto/frame-encoder.ts";
import { PlainMessage } from "../../src/proto/plain-message.ts";
import * as tables from "../../src/proto/statevec-v1.ts";
import { WireError } from "../../src/proto/wire-error.ts";
import { modelOf } from "../../src/schema/define-schema.ts";
import { encodeDescriptor } from "../../src/schema/descriptor.ts";
import { limitsOfLane } from "../../src/schema/framework-codes.ts";
import { desk, openDesk, SOURCE, story } from "./desk.ts";
import { bytesOfListing, listing } from "./listing.ts";
import { protocDescriptors, reflected } from "./peers.ts";

const SEED = Number(process.env.STATEVEC_SEED ?? Math.floor(Math.random() * 2 ** 31));
const text = readFileSync(new URL("../../src/proto/statevec-v1.proto", import.meta.url), "utf8");
const root = reflected(text);
const all = Object.values(tables).filter((one) => one instanceof PlainMessage);
const model = modelOf(desk.schema);
const encoder = new FrameEncoder(model);
const decoder = new StateVecDecoder(model);

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

// ---- the tables ----------------------------------------------------------------------------------------------

test("every message of the file has a table, and every table is in the file", () => {
  const types = (root.lookup("statevec.v1") as any).nestedArray.filter((one: any) => "fieldsArray" in one);
  expect(all.map((one) => one.name).sort()).toEqual(types.map((one: any) => one.name).sort());
});

test.each(all.map((one) => [one.name, one] as const))("%s has the fields of the file", (name, message) => {
  const inFile = root.lookupType(`statevec.v1.${name}`).fieldsArray.map((field) => {
    const isEnum = field.resolvedType !== null && "values" in field.resolvedType;
    return [field.name, field.id, isEnum ? "uint32" : field.type, field.repeated];
  });
  const inTable = Object.entries(message.fields).map(([field, { number, type, isRepeated }]) => {
    return [snake(field), number, typeof type === "string" ? type : type.name, isRepeated];
  });
  expect(inTable.sort()).toEqual(inFile.sort());
});

test("protoc compiles the file", (context) => {
  const protoc = findProtoc();
  context.skip("missing" in protoc, "missing" in protoc ? protoc.missing : undefined);
  expect(protocDescriptors(text)!.length).toBeGreaterThan(1_000);
});

// ---- golden bytes --------------------------------------------------------------------------------------------

const digest = Uint8Array.from({ length: 32 }, (_, index) => 255 - index);
const source = { client: 2n ** 64n - 1n, stream: 2 ** 32 - 1, seq: 300n };
const refusal = {
  code: "GAP",
  message: "found source seq 9, expected 7",
  index: 3,
  field: "é",
  expectedSeq: 7n,
  lastSeq: 2n ** 63n,
};
const submission = { command: 2, name: "Touch", payload: new Uint8Array([8, 1]), source };
const record = { kind: 3, name: "Ticket", sysId: 9n, revision: 2, values: new Uint8Array([8, 1, 40, 0]) };

/** Of messages that frames do not show in `goldens` below. */
const samples: readonly (readonly [PlainMessage<any>, object])[] = [
  [tables.SOURCE, source],
  [tables.SUBMISSION, submission],
  [
    tables.SUBMIT_REQUEST,
    { submissions: [submission, { command: 0, name: "", payload: new Uint8Array(0) }], schema: digest },
  ],
  [tables.REFUSAL, refusal],
  [
    tables.REASON,
    { code: 60_005, name: "OVERFLOW", detail: new Uint8Array([1]), number: 5, subject: "level" },
  ],
  [tables.EVENT, { event: 1, name: "Touched", values: new Uint8Array([8, 1]) }],
  [
    tables.SUBMIT_RESPONSE,
    {
      receipts: [{ seq: 7n, digest, duplicate: true, outcome: 1, events: [] }],
      refusal,
    },
  ],
  [tables.FRONTIER, { seq: 2n ** 40n, digest }],
  [tables.LIMIT, { number: 1, name: "work", value: 1_000_000n }],
  [tables.PARENT, { historyId: digest.slice(16), seq: 4n, digest }],
  [tables.RECORD, record],
  [tables.RECORDS, { seq: 11n, records: [record, { ...record, sysId: 10n }], next: 10n }],
  [tables.POSITION, { lastSeq: 12n, frame: 2n ** 35n }],
];

test.each(samples.map(([message, values]) => [message.name, message, values] as const))(
  "golden bytes of %s",
  async (name, message, values) => {
    const bytes = message.encode(values);
    const shown = listing(message, bytes);
    expect(bytesOfListing(shown)).toEqual(bytes);
    await expect(`${shown}\n`).toMatchFileSnapshot(`golden/statevec.v1/${name}.hex`);
    expect(message.decode(bytes)).toEqual(values);
    // Another implementation reads the same fields, and writes the same bytes.
    const type = root.lookupType(`statevec.v1.${name}`);
    expect(new Uint8Array(type.encode(type.decode(bytes)).finish())).toEqual(bytes);
  },
);

// ---- frames and receipts of an engine ------------------------------------------------------------------------

interface Told {
  readonly frames: readonly Frame[];
  readonly encoded: readonly Uint8Array[];
  readonly receipts: readonly any[];
  readonly encodedReceipts: readonly Uint8Array[];
  readonly again: readonly any[];
  readonly encodedAgain: readonly Uint8Array[];
  readonly found: readonly (Uint8Array | undefined)[];
}

/** Runs the story, submits half of it again, and forgets the source. */
async function tell(): Promise<Told> {
  const engine = await openDesk();
  const fill = () => {
    const batch = engine.newBatch();
    for (const [index, [payload]] of story.entries())
      batch.add("Touch", payload as never, { source: { ...SOURCE, seq: BigInt(index + 1) } });
    return batch;
  };
  const receipts = await engine.submitBatch(fill());
  const again = await engine.submitBatch(fill());
  const sources = [1n, 7n, 9n, 99n].map((seq) => ({ ...SOURCE, seq }));
  const found = await Promise.all(sources.map((one) => engine.receipt(one, { encoding: "protobuf" })));
  await engine.submit("Touch", { ticket: 8n, act: "Nothing", notes: [] });
  await engine.retire(SOURCE.client, SOURCE.stream);
  const frames: Frame[] = [];
  for await (const frame of engine.frames()) frames.push(frame);
  const encoded: Uint8Array[] = [];
  for await (const frame of engine.frames({ encoding: "protobuf" })) encoded.push(frame);
  await engine.close();
  const bytesOf = (list: typeof receipts) =>
    Array.from({ length: list.length }, (_, index) => list.bytesAt(index)!);
  expect(receipts.bytesAt(receipts.length)).toBeUndefined();
  return {
    frames,
    encoded,
    receipts: [...receipts],
    encodedReceipts: bytesOf(receipts),
    again: [...again],
    encodedAgain: bytesOf(again),
    found,
  };
}

describe("frames and receipts", () => {
  let told: Told;
  beforeAll(async () => {
    told = await tell();
  });

  test("the story has every outcome", () => {
    const outcomes = told.receipts.map((one) =>
      one.code === undefined ? one.outcome : `${one.outcome} ${one.code}`,
    );
    expect(outcomes).toEqual(story.map(([, outcome]) => outcome));
  });

  test("frames come back equal", () => {
    expect(told.encoded.map((bytes) => decoder.frame(bytes))).toEqual(told.frames);
    expect(new Set(told.frames.map((frame) => frame.type))).toEqual(new Set(["epoch", "command", "retire"]));
    const ops = told.frames.flatMap((frame) =>
      frame.type === "command" ? frame.deltas.map(({ op }) => op) : [],
    );
    expect(new Set(ops)).toEqual(new Set(["insert", "update", "delete"]));
  });

  test("receipts come back equal, duplicates too", () => {
    expect(told.encodedReceipts.map((bytes) => decoder.receipt(bytes))).toEqual(told.receipts);
    expect(told.encodedAgain.map((bytes) => decoder.receipt(bytes))).toEqual(told.again);
    expect(told.again).toEqual(told.receipts.map((receipt) => ({ ...receipt, duplicate: true })));
  });

  test("a receipt that is asked for by its source is the one of the duplicate", () => {
    expect(told.found).toEqual([told.encodedAgain[0], told.encodedAgain[6], told.encodedAgain[8], undefined]);
  });

  test("golden bytes of frames and receipts", async () => {
    for (const [index, bytes] of told.encoded.entries()) {
      const frame = told.frames[index]!;
      const shown = listing(tables.FRAME, bytes);
      expect(bytesOfListing(shown)).toEqual(bytes);
      await expect(`${shown}\n`).toMatchFileSnapshot(
        `golden/statevec.v1/Frame-${frame.seq}-${frame.type}.hex`,
      );
    }
    for (const [index, bytes] of told.encodedReceipts.entries()) {
      const shown = listing(tables.RECEIPT, bytes);
      await expect(`${shown}\n`).toMatchFileSnapshot(`golden/statevec.v1/Receipt-${index + 1}.hex`);
    }
  });

  test("another implementation reads the same, and writes the same bytes", () => {
    const types = { Frame: told.encoded, Receipt: [...told.encodedReceipts, ...told.encodedAgain] };
    for (const [name, list] of Object.entries(types)) {
      const type = root.lookupType(`statevec.v1.${name}`);
      for (const bytes of list)
        expect(new Uint8Array(type.encode(type.decode(bytes)).finish())).toEqual(bytes);
    }
  });

  test("what is straight from bytes is what the tables write of the same fields", () => {
    for (const bytes of told.encoded) expect(tables.FRAME.encode(tables.FRAME.decode(bytes))).toEqual(bytes);
    for (const bytes of told.encodedReceipts) {
      expect(tables.RECEIPT.encode(tables.RECEIPT.decode(bytes))).toEqual(bytes);
    }
  });

  test("options of another kind are refused", async () => {
    const engine = await openDesk();
    expect(() => engine.frames({ encoding: "json" as never })).toThrow("options.encoding: found json");
    expect(() => engine.receipt({ ...SOURCE, seq: 1n }, { encoding: "json" as never })).toThrow(
      "options.encoding",
    );
    await engine.close();
  });

  test("records come back equal", () => {
    const frame = told.frames.find((one) => one.type === "command" && one.deltas.length > 0) as any;
    const { kind, sysId, revision, after } = frame.deltas[0];
    const given = { kind, sysId, revision, values: after };
    const bytes = tables.RECORD.encode(decoder.recordMessage(given));
    expect(decoder.record(tables.RECORD.decode(bytes))).toEqual(given);
  });

  test(`changed bytes: a WireError, or objects, seed ${SEED}`, () => {
    const messages = [
      ...told.encoded.map((bytes) => [true, bytes] as const),
      ...told.encodedReceipts.map((bytes) => [false, bytes] as const),
    ];
    const law = fc.property(
      fc.constantFrom(...messages),
      fc.nat(),
      fc.nat(255),
      fc.boolean(),
      ([isFrame, bytes], place, byte, cuts) => {
        const changed = cuts ? bytes.slice(0, place % bytes.length) : bytes.slice();
        if (!cuts) changed[place % bytes.length] = byte;
        try {
          const found = isFrame ? decoder.frame(changed) : decoder.receipt(changed);
          expect(typeof found.seq).toBe("bigint");
        } catch (error) {
          expect(error instanceof WireError || error instanceof HistoryError).toBe(true);
        }
      },
    );
    fc.assert(law, { numRuns: 3_000, seed: SEED });
  });

  test(`changed bodies: HistoryError(DAMAGED), or a message, seed ${SEED}`, async () => {
    const bodies = await bodiesOfStory();
    const law = fc.property(
      fc.constantFrom(...bodies),
      fc.nat(),
      fc.nat(255),
      fc.boolean(),
      (body, place, byte, cuts) => {
        const changed = cuts ? body.slice(0, place % body.length) : body.slice();
        if (!cuts) changed[place % body.length] = byte;
        for (const run of [
          () => encoder.frame(changed, digest),
          () => encoder.receipt(changed, digest, false),
        ]) {
          try {
            expect(run().length).toBeGreaterThan(0);
          } catch (error) {
            expect(error).toBeInstanceOf(HistoryError);
          }
        }
      },
    );
    fc.assert(law, { numRuns: 3_000, seed: SEED });
  });
});

test("a payload or an event that ends before its length is DAMAGED", async () => {
  const [body] = await bodiesOfStory();
  const { payloadBytes, deltas } = readHeader(body!);
  expect(deltas).toBe(1);
  const refused = (change: (bytes: Uint8Array, view: DataView) => void, message: string) => {
    const bytes = body!.slice();
    change(bytes, new DataView(bytes.buffer));
    expect(() => encoder.frame(bytes, digest)).toThrow(message);
  };
  // The last note is one byte shorter than the payload has room for.
  refused((_, view) => view.setUint16(abi.FRAME_HEADER + 11, 4, true), "expected the end of the payload");
  const eventAt = body!.length - abi.EVENT_HEADER - abi.EVENT_HEADER - 1 - 8 - 1 - 2 - 5;
  expect(body![eventAt]).toBe(1);
  refused(
    (_, view) => view.setUint16(eventAt + abi.EVENT_HEADER + 10, 4, true),
    "expected the end of the event",
  );
  expect(payloadBytes).toBe(18);
});

async function bodiesOfStory(): Promise<Uint8Array[]> {
  const { memoryHistory, open } = await import("statevec");
  const { framesOf } = await import("../../src/engine/frames.ts");
  const history = memoryHistory();
  const engine = await open({ domain: desk, history });
  for (const [payload] of story) await engine.submit("Touch", payload as never);
  await engine.close();
  const bodies: Uint8Array[] = [];
  for await (const batch of history.read({ from: 2n })) {
    for (const { body } of framesOf(batch)) bodies.push(body.slice());
  }
  return bodies;
}

// ---- frames that no engine of today writes -------------------------------------------------------------------

/** A frame body of the engine's own. */
function ownBody(kind: number, payload: Uint8Array): Uint8Array {
  const body = new Uint8Array(abi.FRAME_HEADER + payload.length);
  const view = new DataView(body.buffer);
  view.setUint32(abi.FRAME_LENGTH, body.length, true);
  view.setUint16(abi.FRAME_FORMAT_AT, abi.FRAME_FORMAT, true);
  view.setBigUint64(abi.FRAME_SEQ, 5n, true);
  view.setUint32(abi.FRAME_EPOCH, 2, true);
  view.setUint16(abi.FRAME_KIND, kind, true);
  view.setUint32(abi.FRAME_PAYLOAD, payload.length, true);
  body.set(payload, abi.FRAME_HEADER);
  return body;
}

const limits = Object.fromEntries(
  limitsOfLane("sealed").map((limit) => [limit.name, limit.default]),
) as never;
const sealedEpoch = encodeEpochPayload(
  {
    program: { lane: "sealed", module: "ab".repeat(32) },
    semantics: 1,
    parent: { historyId: "01".repeat(16), seq: 77n, digest: "cd".repeat(32) },
    limits,
  },
  encodeDescriptor(model),
);
const checkpoint = new Uint8Array([9, 0, 0, 0, 0, 0, 0, 0, ...hexToBytes("ef".repeat(32))]);

test.each([
  ["a sealed epoch with a parent", "Frame-sealed-epoch", ownBody(abi.KIND_EPOCH, sealedEpoch)],
  ["a checkpoint", "Frame-checkpoint", ownBody(abi.KIND_CHECKPOINT, checkpoint)],
])("%s comes back equal", async (_, file, body) => {
  const bytes = encoder.frame(body, digest);
  expect(decoder.frame(bytes)).toEqual(frameDecoder(model).decode(body, digest));
  await expect(`${listing(tables.FRAME, bytes)}\n`).toMatchFileSnapshot(`golden/statevec.v1/${file}.hex`);
});

// ---- reading strictly, and what is newer ---------------------------------------------------------------------

const bad: readonly (readonly [what: string, bytes: readonly number[], error: string])[] = [
  ["a field twice", [8, 1, 8, 1], "Frontier.seq: found the field twice, expected it once"],
  [
    "another wire type",
    [10, 0],
    "Frontier.seq: found wire type 2 (length-delimited), expected wire type 0 (varint)",
  ],
  [
    "needless bytes",
    [8, 0x81, 0],
    "Frontier.seq: found a number with needless bytes, expected its shortest form",
  ],
  [
    "an early end",
    [18, 5, 1],
    "Frontier.digest: found a length of 5, expected at most the 1 bytes that follow",
  ],
  ["a group", [99, 100], "Frontier: found a group, expected wire type 0, 1, 2 or 5"],
];

test.each(bad)("%s is refused", (_, bytes, expected) => {
  let error: unknown;
  try {
    tables.FRONTIER.decode(new Uint8Array(bytes));
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(WireError);
  const { field, found, expected: wanted } = error as WireError;
  expect(`${field}: found ${found}, expected ${wanted}`).toBe(expected);
});

test("fields that are not known are ignored, in nested messages too", () => {
  const frontier = new Uint8Array([8, 5, 0xa2, 6, 2, 1, 2, 18, 1, 7]);
  expect(tables.FRONTIER.decode(frontier)).toEqual({ seq: 5n, digest: new Uint8Array([7]) });
  expect(
    tables.SUBMIT_REQUEST.decode(new Uint8Array([10, 5, 8, 2, 0xa0, 6, 1])).submissions[0]!.command,
  ).toBe(2);
});

test.each([
  ["outcome 0", { outcome: 0 }, "Receipt.outcome"],
  ["outcome 4", { outcome: 4 }, "Receipt.outcome"],
  ["a rejected one without reason", { outcome: 2 }, "Receipt.reason"],
  ["a short digest", { outcome: 1, digest: digest.slice(1) }, "Receipt.digest"],
  [
    "an unknown code",
    { outcome: 2, reason: { code: 9, name: "", detail: new Uint8Array(0), number: 0, subject: "" } },
    "Reason.code",
  ],
  [
    "an unknown event",
    { outcome: 1, events: [{ event: 9, name: "", values: new Uint8Array(0) }] },
    "Event.event",
  ],
  [
    "values that are none",
    { outcome: 1, events: [{ event: 1, name: "", values: new Uint8Array(0) }] },
    "ticket",
  ],
])("a receipt with %s is refused", (_, parts, field) => {
  const message = { seq: 1n, digest, duplicate: false, events: [], ...parts } as never;
  let error: unknown;
  try {
    decoder.receipt(tables.RECEIPT.encode(message));
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(WireError);
  expect((error as WireError).field).toBe(field);
});
