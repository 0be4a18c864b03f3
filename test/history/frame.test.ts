/** Frames for hosts: what a body says, and that nothing else than a body is accepted. */
import {
  command,
  defineSchema,
  enumeration,
  enumOf,
  event as eventKind,
  i64,
  invariant,
  record,
  reject,
  text as textField,
  u8,
  u32,
  u64,
} from "statevec/schema";
import { expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { HistoryError, UsageError } from "../../src/errors.ts";
import {
  decodeEpochPayload,
  defaultLimits,
  type EpochRules,
  encodeEpochPayload,
} from "../../src/history/epoch-payload.ts";
import { type CommandFrame, decodeFrame, frameDecoder, readHeader } from "../../src/history/frame.ts";
import { modelOf } from "../../src/schema/define-schema.ts";
import { encodeDescriptor } from "../../src/schema/descriptor.ts";
import { LIMITS } from "../../src/schema/framework-codes.ts";
import { body, delta, event, little, text } from "./frame-bytes.ts";

const Side = enumeration("Side", { Bid: 1, Ask: 2 });
const Account = record(
  "Account",
  4,
  {
    owner: textField(1, { maxBytes: 8 }).immutable(),
    balance: i64(2),
    note: textField(3, { maxBytes: 8 }).nullable(),
    side: enumOf(4, Side).nullable(),
  },
  { unique: { byOwner: ["owner"] } },
);
const Pay = command("Pay", 3, { owner: textField(1, { maxBytes: 8 }), amount: u64(2, { min: 1n }) });
const Paid = eventKind("Paid", 9, { amount: u64(1) });
const schema = defineSchema("frames", {
  records: { Account },
  commands: { Pay },
  events: { Paid },
  rejects: { POOR: reject(12, "x", { balance: i64(1), level: u8(2) }) },
  invariants: { POSITIVE: invariant(5, Account, "x", { balance: { gte: 0n } }) },
});
const model = modelOf(schema);
const decoder = frameDecoder(model);
const descriptor = encodeDescriptor(model);

const payload = [...text("ada"), ...little(5, 8)];
const presence = (...bits: number[]) => [bits.reduce((byte, bit, index) => byte | (bit << index), 0)];
const committed = body(
  {
    kind: 3,
    seq: 7n,
    deltas: 3,
    events: 1,
    sysIds: 2,
    source: { client: 8n, seq: 2n, stream: 1, previous: 5n },
  },
  payload,
  delta(1, 4, 1, 21n, 0n, null, presence(1, 0), text("bob"), little(-3, 8), text("hi"), [0]),
  delta(2, 4, 3, 20n, 6n, 0b1010n, presence(0), little(10, 8), [0], presence(1), little(5, 8), [2]),
  delta(3, 4, 2, 19n, 4n, null, presence(0, 1), text("c"), little(0, 8), text(""), [1]),
  event(9, little(5, 8)),
);

test("a committed command", () => {
  const digest = new Uint8Array(32).fill(0xab);
  expect(decoder.decode(committed, digest)).toEqual({
    type: "command",
    seq: 7n,
    timeNs: 1000n,
    epoch: 1,
    digest: "ab".repeat(32),
    bytes: committed.length,
    command: "Pay",
    number: 3,
    payload: { owner: "ada", amount: 5n },
    source: { client: 8n, stream: 1, seq: 2n, previous: 5n },
    outcome: "committed",
    code: null,
    codeNumber: 0,
    detail: null,
    sysIds: 2,
    deltas: [
      {
        op: "insert",
        kind: "Account",
        sysId: 21n,
        revision: 1,
        previous: 0n,
        after: { owner: "bob", balance: -3n, note: "hi", side: null },
      },
      {
        op: "update",
        kind: "Account",
        sysId: 20n,
        revision: 3,
        previous: 6n,
        before: { balance: 10n, side: null },
        after: { balance: 5n, side: "Ask" },
      },
      {
        op: "delete",
        kind: "Account",
        sysId: 19n,
        revision: 2,
        previous: 4n,
        before: { owner: "c", balance: 0n, note: null, side: "Bid" },
      },
    ],
    events: [{ name: "Paid", values: { amount: 5n } }],
  });
  expect(decodeFrame(committed, model)).not.toHaveProperty("digest");
});

test("a header alone", () => {
  const around = new Uint8Array(committed.length + 9);
  around.set(committed.subarray(0, 72), 9);
  expect(readHeader(around.subarray(0, 81), 9)).toEqual({
    length: committed.length,
    outcome: 0,
    hasSource: true,
    seq: 7n,
    timeNs: 1000n,
    epoch: 1,
    kind: 3,
    code: 0,
    client: 8n,
    sourceSeq: 2n,
    stream: 1,
    deltas: 3,
    events: 1,
    previous: 5n,
    sysIds: 2,
    payloadBytes: payload.length,
  });
  expect(() => readHeader(around.subarray(0, 80), 9)).toThrow(/DAMAGED.*offset 9/);
});

test.each([
  [abi.OUTCOME_REJECTED, 12, [...little(-1, 8), 7], "POOR", { balance: -1n, level: 7 }],
  [abi.OUTCOME_REJECTED, abi.CODE_PAYLOAD_CHECK, little(2, 2), "PAYLOAD_CHECK", { field: "amount" }],
  [abi.OUTCOME_REJECTED, abi.CODE_UNIQUE_KEY_TAKEN, [4, 0, 0], "UNIQUE_KEY_TAKEN", { uk: "Account.byOwner" }],
  [abi.OUTCOME_FAULTED, abi.CODE_WORK_EXHAUSTED, little(0, 4), "WORK_EXHAUSTED", {}],
  [abi.OUTCOME_FAULTED, abi.CODE_FUEL_EXHAUSTED, little(0, 4), "FUEL_EXHAUSTED", {}],
  [abi.OUTCOME_FAULTED, abi.CODE_LIMIT, little(5, 4), "LIMIT", { limit: "eventBytes" }],
  [abi.OUTCOME_FAULTED, abi.CODE_OVERFLOW, little(0, 4), "OVERFLOW", { field: 0 }],
  [abi.OUTCOME_FAULTED, abi.CODE_INVARIANT, little(5, 4), "INVARIANT", { invariant: "POSITIVE" }],
  [abi.OUTCOME_FAULTED, abi.CODE_RECORD_MISSING, little(4, 4), "RECORD_MISSING", { kind: "Account" }],
  [abi.OUTCOME_FAULTED, abi.CODE_MISUSE, little(2, 4), "MISUSE", { reason: "DELETED_RECORD" }],
  [abi.OUTCOME_FAULTED, abi.CODE_HANDLER_FAILED, little(0, 4), "HANDLER_FAILED", {}],
])("outcome %i, code %i", (outcome, code, detail, name, expected) => {
  const frame = decoder.decode(body({ kind: 3, outcome, code }, payload, detail)) as CommandFrame;
  expect(frame.outcome).toBe(outcome === 1 ? "rejected" : "faulted");
  expect([frame.code, frame.codeNumber, frame.detail]).toEqual([name, code, expected]);
  expect([frame.deltas, frame.events, frame.source]).toEqual([[], [], null]);
});

// ---- the engine's own frames -----------------------------------------------------------------------------

const rules: EpochRules = {
  program: { lane: "open", revision: 3n },
  semantics: 1,
  parent: null,
  limits: { ...defaultLimits(), work: 5000 },
};
const epochPayload = encodeEpochPayload(rules, descriptor);

test("an epoch frame explains what follows, without a schema", () => {
  const frame = decodeFrame(body({ kind: abi.KIND_EPOCH, seq: 1n }, [...epochPayload]), null);
  if (frame.type !== "epoch") throw new Error(frame.type);
  expect(frame).toMatchObject({ type: "epoch", seq: 1n, ...rules, fingerprint: schema.fingerprint });
  expect(frame.schema).toEqual(model);
  expect(frame.descriptor).toEqual(descriptor);
});

test("epoch payloads, byte by byte", () => {
  const limits = LIMITS.flatMap((limit) => [
    ...little(limit.number, 2),
    ...little(limit.number === 1 ? 5000 : limit.default, 8),
  ]);
  const zeros = (count: number) => new Array<number>(count).fill(0);
  expect([...epochPayload]).toEqual([
    ...[1, 0, 0, 0, ...little(1, 4)],
    ...[...little(3, 8), ...zeros(24)],
    ...[...zeros(16), ...zeros(8), ...zeros(32)],
    ...[...little(9, 2), ...limits],
    ...[...little(descriptor.length, 4), ...descriptor],
  ]);
});

test("a sealed epoch with a parent", () => {
  const sealed: EpochRules = {
    ...rules,
    program: { lane: "sealed", module: "0a".repeat(32) },
    limits: { ...defaultLimits("sealed"), fuel: 7_000 },
    parent: { historyId: "01".repeat(16), seq: 9n, digest: "02".repeat(32) },
  };
  expect(decodeEpochPayload(encodeEpochPayload(sealed, descriptor))).toMatchObject(sealed);
});

test.each([
  [{ ...rules, limits: { ...rules.limits, events: 70_000 } }, "limits.events"],
  [{ ...rules, limits: { ...rules.limits, work: 0 } }, "limits.work"],
  [{ ...rules, program: { lane: "sealed", module: "zz" } }, "program.module"],
  [{ ...rules, program: { lane: "sealed", module: "0a".repeat(32) } }, "limits.fuel"],
  [{ ...rules, parent: { historyId: "01", seq: 9n, digest: "02".repeat(32) } }, "parent.historyId"],
] as const)("an epoch that can not be: %#", (wrong, argument) => {
  expect(() => encodeEpochPayload(wrong as EpochRules, descriptor)).toThrow(UsageError);
  expect(() => encodeEpochPayload(wrong as EpochRules, descriptor)).toThrow(argument);
});

test("retire and checkpoint", () => {
  const retire = body({ kind: abi.KIND_RETIRE }, [...little(8, 8), ...little(3, 4)]);
  expect(decodeFrame(retire, null)).toMatchObject({ type: "retire", seq: 7n, client: 8n, stream: 3 });
  const checkpoint = body({ kind: abi.KIND_CHECKPOINT }, [
    ...little(6, 8),
    ...new Array<number>(32).fill(0xcd),
  ]);
  expect(decodeFrame(checkpoint, null)).toMatchObject({
    type: "checkpoint",
    stateSeq: 6n,
    stateDigest: "cd".repeat(32),
  });
});

// ---- what is no frame ------------------------------------------------------------------------------------

function refusal(bytes: Uint8Array): HistoryError {
  try {
    decoder.decode(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(HistoryError);
    return error as HistoryError;
  }
  throw new Error("the bytes were accepted");
}

const insert = delta(1, 4, 1, 21n, 0n, null, presence(0, 0), text("bob"), little(0, 8), text(""), [0]);
const source = { client: 8n, seq: 2n, stream: 1, previous: 5n };
test.each([
  ["a shorter length", (bytes: Uint8Array) => bytes.fill(70, 0, 1), 0],
  ["a longer length", (bytes: Uint8Array) => bytes.fill(255, 0, 1), 0],
  ["an unknown outcome", (bytes: Uint8Array) => bytes.fill(3, 6, 7), 6],
  ["an unknown flag", (bytes: Uint8Array) => bytes.fill(3, 7, 8), 7],
  ["seq 0", (bytes: Uint8Array) => bytes.fill(0, 8, 16), 8],
  ["epoch 0", (bytes: Uint8Array) => bytes.fill(0, 24, 28), 24],
  ["an unknown command", (bytes: Uint8Array) => bytes.fill(5, 28, 29), 28],
  ["a code though committed", (bytes: Uint8Array) => bytes.fill(1, 30, 31), 30],
  ["a source without its flag", (bytes: Uint8Array) => bytes.fill(0, 7, 8), 32],
  ["source seq 0", (bytes: Uint8Array) => bytes.fill(0, 40, 48), 40],
  ["a link to itself", (bytes: Uint8Array) => bytes.fill(7, 56, 57), 56],
  ["no link though not the first", (bytes: Uint8Array) => bytes.fill(0, 56, 64), 56],
  ["a payload beyond the body", (bytes: Uint8Array) => bytes.fill(255, 68, 70), 68],
] as const)("%s", (_title, change, offset) => {
  const bytes = committed.slice();
  change(bytes);
  const error = refusal(bytes);
  expect([error.code, error.offset]).toEqual(["DAMAGED", offset]);
});

test.each([
  ["kind", delta(1, 5, 1, 21n, 0n, null)],
  ["op 0", delta(0, 4, 1, 21n, 0n, null)],
  ["op 4", delta(4, 4, 1, 21n, 0n, null)],
  ["revision of an insert", delta(1, 4, 2, 21n, 0n, null)],
  ["revision of an update", delta(2, 4, 1, 21n, 1n, 2n, little(0, 8), little(1, 8))],
  ["SysId 0", delta(1, 4, 1, 0n, 0n, null)],
  ["link of an insert", delta(1, 4, 1, 21n, 1n, null)],
  ["link of an update to none", delta(2, 4, 2, 21n, 0n, 2n, little(0, 8), little(1, 8))],
  ["link to the frame itself", delta(2, 4, 2, 21n, 7n, 2n, little(0, 8), little(1, 8))],
  ["no changed field", delta(2, 4, 2, 21n, 6n, 0n)],
  ["a changed field beyond the last", delta(2, 4, 2, 21n, 6n, 1n << 4n)],
  ["a changed immutable field", delta(2, 4, 2, 21n, 6n, 1n, text("a"), text("b"))],
  ["a value", delta(1, 4, 1, 21n, 0n, null, presence(0, 1), text("bob"), little(0, 8), text(""), [3])],
])("a delta entry with a bad %s", (_title, entry) => {
  expect(refusal(body({ kind: 3, deltas: 1 }, payload, entry))).toMatchObject({ code: "DAMAGED", seq: 7n });
});

test.each([
  ["an unknown event", body({ kind: 3, events: 1 }, payload, event(8, little(5, 8)))],
  ["an event of other length", body({ kind: 3, events: 1 }, payload, event(9, little(5, 7)))],
  ["an event that is cut", body({ kind: 3, events: 1 }, payload, event(9, little(5, 8)).slice(0, 11))],
  ["a missing delta entry", body({ kind: 3, deltas: 2 }, payload, insert)],
  ["a byte more", body({ kind: 3, deltas: 1 }, payload, insert, [0])],
  ["an unknown reject code", body({ kind: 3, outcome: 1, code: 13 }, payload, little(0, 9))],
  ["an unknown limit", body({ kind: 3, outcome: 2, code: abi.CODE_LIMIT }, payload, little(12, 4))],
  ["an unknown invariant", body({ kind: 3, outcome: 2, code: abi.CODE_INVARIANT }, payload, little(6, 4))],
  [
    "a detail where there is none",
    body({ kind: 3, outcome: 2, code: abi.CODE_HANDLER_FAILED }, payload, little(1, 4)),
  ],
  [
    "an unknown unique key",
    body({ kind: 3, outcome: 1, code: abi.CODE_UNIQUE_KEY_TAKEN }, payload, [4, 0, 1]),
  ],
  ["a check of no field", body({ kind: 3, outcome: 1, code: abi.CODE_PAYLOAD_CHECK }, payload, little(3, 2))],
  ["a fault as a rejection", body({ kind: 3, outcome: 1, code: abi.CODE_LIMIT }, payload, little(1, 4))],
  ["a rejection as a fault", body({ kind: 3, outcome: 2, code: 12 }, payload, little(1, 9))],
  [
    "deltas of a rejection",
    body({ kind: 3, outcome: 1, code: 12, deltas: 1 }, payload, little(0, 9), insert),
  ],
  [
    "SysIds of a fault",
    body({ kind: 3, outcome: 2, code: abi.CODE_HANDLER_FAILED, sysIds: 1 }, payload, little(0, 4)),
  ],
  ["a payload that is cut", body({ kind: 3 }, payload.slice(0, -1))],
  ["an own frame of a later release", body({ kind: 0xf003 }, [])],
  ["an own frame with a source", body({ kind: abi.KIND_RETIRE, source }, little(0, 12))],
  [
    "an own frame with events",
    body({ kind: abi.KIND_RETIRE, events: 1 }, little(0, 12), event(9, little(5, 8))),
  ],
  ["an own frame with a tail", body({ kind: abi.KIND_RETIRE }, little(0, 12), [0])],
  ["a short retire payload", body({ kind: abi.KIND_RETIRE }, little(0, 11))],
])("%s", (_title, bytes) => {
  expect(refusal(bytes)).toMatchObject({ code: "DAMAGED", seq: 7n });
});

test("a frame of another format, and a command before any epoch", () => {
  const later = committed.slice();
  later[4] = 2;
  expect(refusal(later)).toMatchObject({ code: "UNSUPPORTED_FORMAT", offset: 4, actual: "2", expected: "1" });
  expect(() => decodeFrame(committed, null)).toThrow(/expected an epoch frame first/);
});

/** Every changed byte is refused, or read as another value of the same place: no byte is passed over. */
test.each([
  ["command", committed],
  ["rejected", body({ kind: 3, outcome: 1, code: 12 }, payload, [...little(-1, 8), 7])],
  ["epoch", body({ kind: abi.KIND_EPOCH, seq: 1n }, [...epochPayload])],
  ["retire", body({ kind: abi.KIND_RETIRE }, [...little(8, 8), ...little(3, 4)])],
])("every byte of a body counts: %s", (_title, bytes) => {
  const print = (value: unknown) =>
    JSON.stringify(value, (_, one) => (typeof one === "bigint" ? `${one}n` : one));
  const original = print(decoder.decode(bytes));
  for (let at = 0; at < bytes.length; at++) {
    for (const mask of [1, 0x80, 0xff]) {
      const changed = bytes.slice();
      changed[at]! ^= mask;
      let found: string | undefined;
      try {
        found = print(decoder.decode(changed));
      } catch (error) {
        expect(error).toBeInstanceOf(HistoryError);
        expect((error as HistoryError).offset).toBeGreaterThanOrEqual(0);
      }
      expect(found, `byte ${at} ^ ${mask}`).not.toBe(original);
    }
  }
});

test("every cut is refused", () => {
  for (let length = 0; length < committed.length; length++) refusal(committed.slice(0, length));
});

test("u32 fields and large numbers keep all their bits", () => {
  const C = command("C", 1, { a: u32(1), b: u64(2) });
  const other = modelOf(defineSchema("s", { records: { Account }, commands: { C } }));
  const large = 2n ** 64n - 1n;
  const bytes = body({ kind: 1, seq: large, time: large, epoch: 2 ** 32 - 1 }, [
    ...little(-1, 4),
    ...little(-1, 8),
  ]);
  expect(decodeFrame(bytes, other)).toMatchObject({
    seq: large,
    timeNs: large,
    epoch: 2 ** 32 - 1,
    payload: { a: 2 ** 32 - 1, b: large },
  });
});
