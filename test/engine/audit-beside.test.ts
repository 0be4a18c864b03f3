/** Digests that are checked in a second thread: whatever is wrong, an audit says the same as with one. */
import { auditHistory, type History, memoryHistory } from "statevec/node";
import { beforeAll, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { framesOf } from "../../src/engine/frames.ts";
import { sealFrames } from "../../src/history/chain.ts";
import { compileCore, createSealer } from "../../src/wasm.ts";
import { fixedClock, HISTORY_ID, makeLab, openLab, put } from "./lab.ts";

const FRAMES = 24_001n;
const domain = makeLab();
let history: History;
let offsets: number[];
let recorded: Uint8Array;

beforeAll(async () => {
  history = memoryHistory();
  const engine = await openLab(undefined, { history, clock: fixedClock, historyId: HISTORY_ID });
  const commands = Array.from({ length: Number(FRAMES) - 1 }, (_, index) =>
    put(BigInt(index % 100), BigInt(index)),
  );
  await engine.submitMany(commands);
  await engine.close();
  const parts: Uint8Array[] = [];
  for await (const { bytes } of history.read()) parts.push(bytes);
  recorded = Uint8Array.from(Buffer.concat(parts));
  offsets = [];
  for (const { body } of framesOf({ firstSeq: 1n, count: 0, bytes: recorded })) offsets.push(body.byteOffset);
  expect(offsets.length).toBe(Number(FRAMES));
});

/** The frames in batches of 4,000, changed; with a second thread or without. */
function changed(bytes: Uint8Array, isBeside: boolean): { history: History; started: () => number } {
  let started = 0;
  const { startVerifying, ...rest } = history;
  const read: History["read"] = async function* () {
    for (let first = 0; first < offsets.length; first += 4_000) {
      const count = Math.min(4_000, offsets.length - first);
      const part = bytes.slice(offsets[first], offsets[first + count]);
      yield { firstSeq: BigInt(first + 1), count, bytes: part };
    }
  };
  const start: History["startVerifying"] = (sealer) => {
    started += 1;
    return startVerifying!(sealer);
  };
  const startOf = isBeside ? { startVerifying: start } : {};
  return { history: { ...rest, read, ...startOf }, started: () => started };
}

async function audited(bytes: Uint8Array, isBeside: boolean): Promise<unknown> {
  const { history, started } = changed(bytes, isBeside);
  const found = await auditHistory({ domain: domain as never, history }).catch((error: Error) => ({
    ...error,
    message: error.message,
  }));
  expect(started()).toBe(isBeside ? 1 : 0);
  return found;
}

/** The frames with one byte other; with `isSealed`, the chain from there on is made anew, so that only the bytes tell. */
async function withOther(seq: number, at: number, isSealed: boolean): Promise<Uint8Array> {
  const bytes = recorded.slice();
  const from = offsets[seq - 1]!;
  bytes[from + at]! ^= 1;
  if (isSealed) {
    const part = bytes.subarray(from);
    const count = offsets.length - seq + 1;
    sealFrames(
      createSealer(await compileCore()),
      { firstSeq: BigInt(seq), count, bytes: part },
      recorded.slice(from - 32, from),
    );
  }
  return bytes;
}

const bodyBytes = (seq: number) => new DataView(recorded.buffer).getUint32(offsets[seq - 1]!, true);

test("a good history", async () => {
  const found = await audited(recorded, true);
  expect(found).toEqual(await audited(recorded, false));
  expect(found).toMatchObject({ identical: true, frames: FRAMES });
});

test.each([1, 2, 7_999, 8_000, 8_001, 24_001])("a wrong digest at frame %s", async (seq) => {
  const bytes = await withOther(seq, bodyBytes(seq) + 5, false);
  const found = await audited(bytes, true);
  expect(found).toEqual(await audited(bytes, false));
  expect(found).toMatchObject({ name: "HistoryError", code: "DAMAGED", seq: BigInt(seq) });
});

test.each([2, 8_000, 8_001, 24_001])(
  "another byte in the body of frame %s, before and behind the frame that tells",
  async (seq) => {
    const bytes = await withOther(seq, bodyBytes(seq) - 1, false);
    const found = await audited(bytes, true);
    expect(found).toEqual(await audited(bytes, false));
    expect(found).toMatchObject({ code: "DAMAGED", seq: BigInt(seq) });
  },
);

test.each([2, 8_000, 24_001])("frame %s is another one, and the chain is right", async (seq) => {
  const bytes = await withOther(seq, bodyBytes(seq) - 1, true);
  const found = await audited(bytes, true);
  expect(found).toEqual(await audited(bytes, false));
  expect(found).toMatchObject({ identical: false, difference: { seq: BigInt(seq) } });
});

test("a length that leads nowhere", async () => {
  const bytes = recorded.slice();
  new DataView(bytes.buffer).setUint32(offsets[9_000]! + abi.FRAME_LENGTH, 0x7fffffff, true);
  const found = await audited(bytes, true);
  expect(found).toEqual(await audited(bytes, false));
  expect(found).toMatchObject({ code: "DAMAGED", seq: 9_001n });
});
