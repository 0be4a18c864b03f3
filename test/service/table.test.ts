/** Every row of the table of docs/reference/service.md, in JSON and in protobuf. */
import { bytesToHex } from "@noble/hashes/utils.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { protoText } from "../../src/proto/proto-text.ts";
import { modelOf } from "../../src/schema/define-schema.ts";
import { schema } from "../engine/lab.ts";
import {
  call,
  callJson,
  decode,
  delimited,
  encode,
  PROTOBUF,
  put,
  putBytes,
  type Serving,
  serveLab,
  sourceJson,
  submit,
  submitBytes,
} from "./serving.ts";

let serving: Serving;
let fingerprint: string;
beforeAll(async () => {
  serving = await serveLab(
    {},
    {
      deed: (tx: any, { n }) => {
        if (n === 3n) tx.count(undefined, [], { limit: 1 });
        if (n === 4n) (Date as any).now();
      },
    },
  );
  for await (const frame of serving.engine.frames({ to: 1n }))
    if (frame.type === "epoch") fingerprint = frame.fingerprint;
  await submit(serving, [put(1, 30, sourceJson(1)), put(2, 10), put(3, 20), put(4, 20)]);
});
afterAll(() => serving.end());

const PROTO = { accept: "application/x-protobuf" };
const digestAt = async (seq: bigint) => {
  for await (const { digest } of serving.engine.frames({ from: seq, to: seq })) return digest;
  return undefined;
};

describe("POST /v1/submit", () => {
  test("answers each submission with its receipt; an outcome is never a status", async () => {
    const other = { name: "Other", payload: { n: "5", words: [1, 2], why: null } };
    const rejected = { name: "Other", payload: { n: "6", words: [] } };
    const { status, json } = await submit(serving, [
      put(10, 1, sourceJson(1, "100")),
      other,
      { name: "Do", payload: { n: "3", words: [] } },
      { name: "Do", payload: { n: "5000", words: [] } },
      rejected,
      put(10, 1, sourceJson(1, "100")),
    ]);
    expect(status).toBe(200);
    expect(json.receipts.map(({ outcome, code, duplicate }: any) => [outcome, code, duplicate])).toEqual([
      ["committed", undefined, false],
      ["committed", undefined, false],
      ["faulted", "MISUSE", false],
      ["rejected", "PAYLOAD_CHECK", false],
      ["committed", undefined, false],
      ["committed", undefined, true],
    ]);
    expect(json.receipts[1].events).toEqual([{ name: "Done", values: { n: "5", small: 1, note: null } }]);
    expect(json.receipts[2].detail).toEqual({ reason: "BAD_ARGUMENT" });
    expect(json.receipts[3].detail).toEqual({ field: "n" });
    expect(json.receipts[5]).toEqual({ ...json.receipts[0], duplicate: true });
    expect(json.refusal).toBeUndefined();
    for (const { seq, digest } of json.receipts) expect(digest).toBe(await digestAt(BigInt(seq)));
  });

  test("the same in protobuf, by name and by number", async () => {
    const source = { client: 200, stream: 1, seq: 1 };
    const answer = await submitBytes(serving, [
      putBytes(20, 1, source),
      { command: 3, payload: encode("lab.Other", { n: 5, words: [1, 2] }) },
      { command: 2, name: "Do", payload: encode("lab.Do", { n: 3 }) },
      { name: "Do", payload: encode("lab.Do", { n: 5000 }) },
      putBytes(20, 1, source),
    ]);
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toBe("application/x-protobuf");
    const { receipts, refusal } = decode("statevec.v1.SubmitResponse", answer.bytes);
    expect(refusal).toBeUndefined();
    expect(receipts.map(({ outcome }: any) => outcome)).toEqual([
      "OUTCOME_COMMITTED",
      "OUTCOME_COMMITTED",
      "OUTCOME_FAULTED",
      "OUTCOME_REJECTED",
      "OUTCOME_COMMITTED",
    ]);
    const [event] = receipts[1].events;
    expect([event.event, event.name, decode("lab.Done", event.values)]).toEqual([
      1,
      "Done",
      { n: "5", small: 1 },
    ]);
    expect(receipts[2].reason).toMatchObject({ code: 60_008, name: "MISUSE" });
    expect(receipts[3].reason).toMatchObject({ code: 60_000, name: "PAYLOAD_CHECK", subject: "n" });
    expect(receipts[4]).toEqual({ ...receipts[0], duplicate: true });
    for (const { seq, digest } of receipts) expect(bytesToHex(digest)).toBe(await digestAt(BigInt(seq)));
  });

  test("holds the receipts before a submission that is refused, and the refusal", async () => {
    const many = [put(30, 1), put(31, 1, sourceJson(9)), put(32, 1)];
    const { status, json } = await submit(serving, many);
    expect(status).toBe(200);
    expect(json.receipts).toHaveLength(1);
    expect(json.refusal).toEqual({
      code: "GAP",
      message: "found source seq 9, expected 2; send those between first",
      index: 1,
      expectedSeq: "2",
    });
    const answer = await submitBytes(serving, [
      putBytes(33, 1),
      { name: "Put", payload: new Uint8Array([8]) },
    ]);
    const { receipts, refusal } = decode("statevec.v1.SubmitResponse", answer.bytes);
    expect([answer.status, receipts.length, refusal.code, refusal.index]).toEqual([200, 1, "MALFORMED", 1]);
    const read = await call(serving, "/v1/keys/Item/byId?id=32");
    expect(read.status).toBe(404);
  });

  test("a handler that can not be repeated ends a request, and those before it stay", async () => {
    const bad = { name: "Do", payload: { n: "4", words: [] } };
    const { status, json } = await submit(serving, [put(34, 1), bad, put(35, 1)]);
    expect([status, json.receipts.length, json.refusal.code, json.refusal.index]).toEqual([
      200,
      1,
      "DETERMINISM",
      1,
    ]);
    expect((await submit(serving, [bad])).status).toBe(422);
  });

  test("is refused with the status of its first submission", async () => {
    const { status, json } = await submit(serving, [put(31, 1, sourceJson(9)), put(32, 1)]);
    expect([status, json.code, json.index, json.expectedSeq]).toEqual([409, "GAP", 0, "2"]);
    const answer = await submitBytes(serving, [putBytes(1, 1, { client: 7, stream: 1, seq: 9 })]);
    expect(answer.status).toBe(409);
    expect(decode("statevec.v1.Refusal", answer.bytes)).toMatchObject({ code: "GAP", expected_seq: "2" });
  });

  test("an empty one is answered, in both types, and an answer may be of the other type", async () => {
    expect(await submit(serving, [])).toMatchObject({ status: 200, json: { receipts: [] } });
    expect(await submitBytes(serving, [])).toMatchObject({ status: 200, text: "" });
    const mixed = await submit(serving, [put(40, 1)], { headers: PROTO });
    expect(decode("statevec.v1.SubmitResponse", mixed.bytes).receipts).toHaveLength(1);
    const back = await submitBytes(serving, [putBytes(41, 1)], { headers: { accept: "application/json" } });
    expect(back.json.receipts).toHaveLength(1);
  });

  test("checks the schema of the sender", async () => {
    const body = { schema: fingerprint, submissions: [put(50, 1)] };
    expect(await callJson(serving, "/v1/submit", body)).toMatchObject({ status: 200 });
    const wrong = { ...body, schema: "00".repeat(32) };
    expect(await callJson(serving, "/v1/submit", wrong)).toMatchObject({
      status: 409,
      json: { code: "SCHEMA_MISMATCH" },
    });
    const bytes = (schema: Uint8Array) =>
      encode("statevec.v1.SubmitRequest", { submissions: [putBytes(51, 1)], schema });
    const post = (schema: Uint8Array) =>
      call(serving, "/v1/submit", { headers: PROTOBUF, body: bytes(schema) });
    expect((await post(Buffer.from(fingerprint, "hex"))).status).toBe(200);
    expect(decode("statevec.v1.Refusal", (await post(new Uint8Array(32))).bytes).code).toBe(
      "SCHEMA_MISMATCH",
    );
    expect(decode("statevec.v1.Refusal", (await post(new Uint8Array(31))).bytes).code).toBe("MALFORMED");
  });
});

describe("POST /v1/commands/NAME", () => {
  test("takes one command, its source from the header", async () => {
    const headers = { "statevec-source": "300/2/1" };
    const { status, json } = await callJson(
      serving,
      "/v1/commands/Put",
      { id: "60", value: "1" },
      { headers },
    );
    expect([status, json.outcome]).toEqual([200, "committed"]);
    const again = await call(serving, "/v1/commands/Put", {
      headers: { ...PROTOBUF, ...headers },
      body: encode("lab.Put", { id: 60, value: 1 }),
    });
    const receipt = decode("statevec.v1.Receipt", again.bytes);
    expect(receipt).toMatchObject({ seq: json.seq, duplicate: true, outcome: "OUTCOME_COMMITTED" });
    expect(bytesToHex(receipt.digest)).toBe(json.digest);
    const conflict = await callJson(serving, "/v1/commands/Put", { id: "61", value: "1" }, { headers });
    expect(conflict).toMatchObject({ status: 409, json: { code: "CONFLICT" } });
  });

  test.each(["300/2", "x/2/1", "1/4294967296/1", "1/1/0", "01/1/1", "18446744073709551616/1/1"])(
    "a source that is %s is named",
    async (text) => {
      const headers = { "statevec-source": text };
      const answer = await callJson(serving, "/v1/commands/Put", { id: "60", value: "1" }, { headers });
      expect(answer).toMatchObject({ status: 400, json: { code: "MALFORMED" } });
      expect(answer.json.message).toMatch(/^StateVec-Source/);
    },
  );

  test("an unknown command is not found", async () => {
    const answer = await callJson(serving, "/v1/commands/Sell", {});
    expect(answer).toMatchObject({ status: 404, json: { code: "NOT_FOUND" } });
    expect(answer.json.message).toContain("expected one of Put, Do, Other, Twin");
  });
});

describe("reading", () => {
  test("GET /v1/receipts and /v1/sources", async () => {
    const receipt = await call(serving, "/v1/receipts/7/1/1");
    expect(receipt.json).toMatchObject({ seq: "2", duplicate: true, outcome: "committed" });
    const bytes = await call(serving, "/v1/receipts/7/1/1", { headers: PROTO });
    expect(decode("statevec.v1.Receipt", bytes.bytes)).toMatchObject({ seq: "2", duplicate: true });
    expect(await call(serving, "/v1/receipts/7/1/2")).toMatchObject({
      status: 404,
      json: { code: "NOT_FOUND" },
    });
    expect(await call(serving, "/v1/receipts/7/1/0")).toMatchObject({ status: 400 });
    expect((await call(serving, "/v1/sources/7/1")).json).toEqual({ lastSeq: "1", frame: "2" });
    expect((await call(serving, "/v1/sources/7/2")).json).toEqual({ lastSeq: "0", frame: "0" });
    const position = await call(serving, "/v1/sources/7/1", { headers: PROTO });
    expect(decode("statevec.v1.Position", position.bytes)).toEqual({ last_seq: "1", frame: "2" });
    expect((await call(serving, "/v1/sources/7/2", { headers: PROTO })).bytes).toHaveLength(0);
  });

  test("GET /v1/records and /v1/keys", async () => {
    const values = { id: "1", value: "30", note: null, small: 1 };
    const found = { kind: "Item", sysId: "1", revision: 1, values };
    const { json } = await call(serving, "/v1/records/Item/1");
    expect(json).toMatchObject({ records: [found], next: null });
    expect(BigInt(json.seq)).toBe(serving.engine.frontier.seq);
    expect((await call(serving, "/v1/keys/Item/byId?id=1")).json.records).toEqual([found]);
    const answer = await call(serving, "/v1/keys/Item/byId?id=1", { headers: PROTO });
    const records = decode("statevec.v1.Records", answer.bytes);
    expect(records.records[0]).toMatchObject({ kind: 1, name: "Item", sys_id: "1", revision: 1 });
    expect(decode("lab.Item", records.records[0].values)).toEqual({ id: "1", value: "30", small: 1 });
    expect((await call(serving, "/v1/records/Item/999")).status).toBe(404);
    expect((await call(serving, "/v1/records/Thing/1")).json.message).toContain("expected one of Item, Tag");
    expect((await call(serving, "/v1/keys/Item/byName?id=1")).json.message).toContain("expected one of byId");
    expect((await call(serving, "/v1/keys/Item/byId")).json).toMatchObject({
      code: "MALFORMED",
      field: "id",
    });
    expect((await call(serving, "/v1/keys/Item/byId?id=x")).json).toMatchObject({
      code: "MALFORMED",
      field: "id",
    });
    expect((await call(serving, "/v1/keys/Item/byId?id=1&od=2")).json).toMatchObject({ field: "od" });
    expect((await call(serving, "/v1/keys/Item/byId?id=1&id=1")).json).toMatchObject({ field: "id" });
  });

  test("GET /v1/frames, /v1/frontier and /v1/schema", async () => {
    const frames = await call(serving, "/v1/frames?from=2&to=4");
    expect(frames.headers["content-type"]).toBe("application/x-ndjson");
    const lines = frames.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ seq, command }) => [seq, command])).toEqual([
      ["2", "Put"],
      ["3", "Put"],
      ["4", "Put"],
    ]);
    const bytes = await call(serving, "/v1/frames?to=3", { headers: PROTO });
    expect(bytes.headers["content-type"]).toBe("application/x-protobuf; encoding=delimited");
    const decoded = delimited("statevec.v1.Frame", bytes.bytes);
    expect(decoded.map(({ seq }) => seq)).toEqual(["1", "2", "3"]);
    expect(decoded[0].epoch_frame.lane).toBe("LANE_OPEN");
    expect(decode("lab.Put", decoded[1].command.payload)).toEqual({ id: "1", value: "30" });
    const { seq, digest } = serving.engine.frontier;
    expect((await call(serving, "/v1/frontier")).json).toEqual({ seq: String(seq), digest });
    const frontier = decode(
      "statevec.v1.Frontier",
      (await call(serving, "/v1/frontier", { headers: PROTO })).bytes,
    );
    expect([frontier.seq, bytesToHex(frontier.digest)]).toEqual([String(seq), digest]);
    const text = await call(serving, "/v1/schema");
    expect(text.headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(text.text).toBe(protoText(modelOf(schema as never)));
  });

  test("GET /v1/metrics and /v1/health", async () => {
    const metrics = (await call(serving, "/v1/metrics")).json;
    expect(metrics.requests.statuses["200"]).toBeGreaterThan(5);
    expect(metrics.commands).toMatchObject({ committed: expect.any(Number), duplicates: expect.any(Number) });
    expect(metrics.commands.committed).toBeGreaterThan(0);
    expect(metrics.refusals.GAP).toBeGreaterThan(0);
    expect(metrics.frontier).toBe(String(serving.engine.frontier.seq));
    expect(serving.service.metrics().requests.total).toBe(metrics.requests.total);
    const health = await call(serving, "/v1/health");
    expect(health).toMatchObject({ status: 200, json: { status: "ok", seq: metrics.frontier } });
    expect(await call(serving, "/v1/health", { method: "HEAD" })).toMatchObject({ status: 200, text: "" });
  });
});
