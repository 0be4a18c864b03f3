/** One forged value with every checksum and digest made to fit: what sees it, what can not, and where it is named. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { auditHistory, type Frame, type FrameDifference } from "statevec";
import { fileHistory, open } from "statevec/node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { exchange } from "../../examples/exchange/exchange.handlers.ts";
import { Order } from "../../examples/exchange/exchange.schema.ts";
import { Feed, MessageClock } from "../../examples/exchange/feed.ts";
import { generateLobster } from "../../examples/exchange/generate.ts";
import { parseLobster } from "../../examples/exchange/lobster.ts";
import type { HistoryErrorCode } from "../../src/errors.ts";
import { statevec, statevecJson } from "../cli/run-cli.ts";
import { batchesOf, type Forgery, forge, STEPS, segmentFiles } from "./forger.ts";

const SIZES = { segmentSizeMin: 4096, segmentSizeMax: 16_384 };
const MESSAGES = 400;
const PER_ROUND = 7;
const HANDLERS = fileURLToPath(new URL("../../examples/exchange/exchange.handlers.ts", import.meta.url));

type CommandFrame = Extract<Frame, { readonly type: "command" }>;

/** Of the history as it was made: its directory, its frames, the digests that its callers were answered. */
let made: string;
let frames: CommandFrame[];
const kept = new Map<bigint, string>();

/** The forger's copy. */
let directory: string;

beforeAll(async () => {
  made = mkdtempSync(join(tmpdir(), "statevec-forger-"));
  const clock = new MessageClock();
  const history = fileHistory(made, SIZES);
  const engine = await open({ domain: exchange, history, clock, historyId: new Uint8Array(16) });
  const feed = new Feed(engine);
  await feed.openMarket();
  const messages = parseLobster(generateLobster(MESSAGES, 11));
  for (let from = 0; from < messages.length; from += PER_ROUND) {
    const receipts = messages.slice(from, from + PER_ROUND).map((message) => {
      clock.set(message.timeNs);
      return feed.send(message);
    });
    for (const receipt of await Promise.all(receipts)) if (receipt) kept.set(receipt.seq, receipt.digest);
  }
  frames = [];
  for await (const frame of engine.frames()) if (frame.type === "command") frames.push(frame);
  await engine.close();
});
afterAll(() => rmSync(made, { recursive: true, force: true }));

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "statevec-forged-"));
  cpSync(made, directory, { recursive: true });
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Committed reductions, which touch one order; by whether a later frame touches it too. */
function reductions(isTouchedLater: boolean): CommandFrame[] {
  return frames.filter(({ seq, command, outcome, deltas }) => {
    if (command !== "ReduceOrder" || outcome !== "committed" || deltas[0]?.op !== "update") return false;
    const { sysId } = deltas[0];
    const later = frames.some((one) => one.seq > seq && one.deltas.some((delta) => delta.sysId === sysId));
    return later === isTouchedLater;
  });
}

/**
 * A committed reduction in bytes (docs/reference/frame.md): payload, one delta entry, event `OrderChanged`.
 *
 *   0        72        80   88     120                128               136
 *   | header | orderId | by | head | before.remaining | after.remaining |
 *
 *   136             140       148     156         164            165
 *   | number, bytes | orderId | price | remaining | keptPriority |
 */
const TIME = 16;
const BY = 80;
const BEFORE = 120;
const AFTER = 128;
const EVENT_REMAINING = 156;

/** One more than what stands there. */
function raised(seq: bigint, offset: number): Forgery {
  return {
    seq,
    edit(body) {
      const view = new DataView(body.buffer, body.byteOffset, body.length);
      view.setBigUint64(offset, view.getBigUint64(offset, true) + 1n, true);
    },
  };
}

const reopened = () => open({ domain: exchange, history: fileHistory(directory, SIZES) });
const audited = () => auditHistory({ domain: exchange, history: fileHistory(directory, SIZES) });
const lastSeq = () => frames.at(-1)!.seq;

/** The reduction to forge: one in the middle, with segments before and behind it. */
function target(
  isTouchedLater = false,
): CommandFrame & { readonly remaining: bigint; readonly sysId: bigint } {
  const found = reductions(isTouchedLater);
  const frame = found[found.length >> 1]!;
  const delta = frame.deltas[0]!;
  const remaining = "after" in delta ? (delta.after as { remaining: bigint }).remaining : 0n;
  return { ...frame, remaining, sysId: delta.sysId };
}

test("the history has segments, batches and frames enough, and is good", async () => {
  const segments = segmentFiles(made).map((name) => readFileSync(join(made, name)));
  expect(segments.length).toBeGreaterThan(5);
  for (const segment of segments.slice(0, -1)) expect(batchesOf(segment).length).toBeGreaterThan(1);
  expect(frames.length).toBeGreaterThan(300);
  const firstSeqs = segmentFiles(made).map((name) => BigInt(name.slice(0, 20)));
  expect(firstSeqs.filter((seq) => seq <= target().seq).length).toBeGreaterThan(1);
  expect(firstSeqs.filter((seq) => seq > target().seq).length).toBeGreaterThan(1);
  expect(reductions(true).length).toBeGreaterThan(3);
  expect(reductions(false).length).toBeGreaterThan(3);
  expect(await audited()).toMatchObject({ identical: true, frames: lastSeq() });
  expect(statevec("verify", directory, "--expect", `${lastSeq()}:${kept.get(lastSeq())}`).status).toBe(0);
});

test("a forger who changes nothing writes the same bytes", () => {
  forge(directory, { seq: 9n, edit: () => {} });
  for (const file of segmentFiles(made)) {
    expect(readFileSync(join(directory, file)).equals(readFileSync(join(made, file))), file).toBe(true);
  }
});

describe.each(STEPS)("a forger who forgets %s", (step) => {
  test("is caught by verify", () => {
    forge(directory, raised(target().seq, AFTER), step);
    const { status, stdout, stderr } = statevec("verify", directory);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/^DAMAGED: /);
  });
});

/** What is forged, where it stands, how an open with a kept digest objects, and where audit does. */
const forgeries: [string, number, HistoryErrorCode, () => Partial<FrameDifference>][] = [
  [
    "the value a record has after",
    AFTER,
    "EXPECTATION_FAILED",
    () => ({
      part: "delta 1",
      record: { kind: "Order", sysId: target().sysId },
      field: "after.remaining",
      recorded: String(target().remaining + 1n),
      replayed: String(target().remaining),
    }),
  ],
  [
    "the value a record had before",
    BEFORE,
    "DIVERGED",
    () => {
      const before = target().remaining + (target().payload.by as bigint);
      return {
        part: "delta 1",
        record: { kind: "Order", sysId: target().sysId },
        field: "before.remaining",
        recorded: String(before + 1n),
        replayed: String(before),
      };
    },
  ],
  [
    "a value of an event",
    EVENT_REMAINING,
    "EXPECTATION_FAILED",
    () => ({
      part: "event 1 OrderChanged",
      field: "remaining",
      recorded: String(target().remaining + 1n),
      replayed: String(target().remaining),
    }),
  ],
  [
    "a value of a payload",
    BY,
    "EXPECTATION_FAILED",
    () => ({
      part: "delta 1",
      record: { kind: "Order", sysId: target().sysId },
      field: "after.remaining",
      recorded: String(target().remaining),
      replayed: String(target().remaining - 1n),
    }),
  ],
];

describe.each(forgeries)("%s", (_, offset, code, place) => {
  let seq: bigint;
  beforeEach(() => {
    seq = target().seq;
    forge(directory, raised(seq, offset));
  });

  test("verify finds every checksum and digest good", () => {
    const [answer] = statevecJson("verify", directory);
    expect(answer).toMatchObject({ verified: true, frontier: { seq: `${lastSeq()}` }, tear: null });
    expect(answer.frontier.digest).not.toBe(kept.get(lastSeq()));
  });

  test("verify --expect objects to it with any digest kept from then on", () => {
    const verify = (at: bigint) => statevec("verify", directory, "--expect", `${at}:${kept.get(at)}`);
    expect(verify(seq - 1n)).toMatchObject({ status: 0, stderr: "" });
    for (const at of [seq, lastSeq()]) {
      const { status, stdout, stderr } = verify(at);
      expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
      expect(stderr).toMatch(new RegExp(`^EXPECTATION_FAILED: .*seq ${at}, .*expected ${kept.get(at)}`));
    }
  });

  test("open with a kept digest objects", async () => {
    const expected = { seq: lastSeq(), digest: kept.get(lastSeq())! };
    const history = fileHistory(directory, SIZES);
    const opening = open({ domain: exchange, history, expect: expected });
    await expect(opening).rejects.toMatchObject({ name: "HistoryError", code });
  });

  test("audit names frame, record, field and both values", async () => {
    const report = await audited();
    expect(report.identical).toBe(false);
    expect(report.difference).toEqual({ seq, command: "ReduceOrder", ...place() });
  });
});

test("audit at the command line names them too, and exits with 1", () => {
  const { seq, sysId, remaining } = target();
  forge(directory, raised(seq, AFTER));
  const { status, stdout } = statevec("audit", directory, "--domain", HANDLERS);
  expect(status).toBe(1);
  expect(stdout).toBe(
    `frame ${seq} differs: ReduceOrder, delta 1, Order ${sysId}, field after.remaining: ` +
      `recorded ${remaining + 1n}, replayed ${remaining}\n`,
  );
});

describe("opening without a kept digest notices only what apply can see", () => {
  test("a forged value after is believed", async () => {
    const { seq, remaining, payload } = target(false);
    forge(directory, raised(seq, AFTER));
    const engine = await reopened();
    const read = await engine.read((view) => view.get(Order.byOrderId, payload.orderId as bigint).remaining);
    expect(read).toBe(remaining + 1n);
    const report = await engine.audit();
    expect(report.difference).toMatchObject({ seq, field: "after.remaining" });
    await engine.close();
  });

  test("until a later frame says what stood there before", async () => {
    const { seq, sysId } = target(true);
    const later = frames.find((one) => one.seq > seq && one.deltas.some((delta) => delta.sysId === sysId))!;
    forge(directory, raised(seq, AFTER));
    await expect(reopened()).rejects.toMatchObject({ code: "DIVERGED", seq: later.seq });
  });

  test("a forged value before is not what the record has", async () => {
    const { seq } = target(false);
    forge(directory, raised(seq, BEFORE));
    const found = { code: "DIVERGED", seq, expected: "the values that the record has" };
    await expect(reopened()).rejects.toMatchObject(found);
  });

  test.each([
    ["an event", EVENT_REMAINING],
    ["a payload", BY],
  ])("a forged value of %s is believed", async (_, offset) => {
    forge(directory, raised(target().seq, offset));
    const engine = await reopened();
    expect(engine.frontier.seq).toBe(lastSeq());
    await engine.close();
  });
});

test("an input that no handler looks at is seen by a kept digest alone", async () => {
  const { seq } = target();
  forge(directory, raised(seq, TIME));
  // The exchange does not ask for the time: the forged command has the recorded answer.
  expect(statevec("verify", directory).status).toBe(0);
  expect((await audited()).identical).toBe(true);
  const wrong = statevec("verify", directory, "--expect", `${lastSeq()}:${kept.get(lastSeq())}`);
  expect(wrong.status).toBe(1);
});
