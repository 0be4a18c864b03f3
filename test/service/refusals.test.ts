/** What is turned away: the status and the reason of each, while nothing that follows is disturbed. */
import { AdmissionError } from "statevec";
import { bearerToken, createService } from "statevec/service";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { largeDeed, openLab, TestHistory } from "../engine/lab.ts";
import {
  call,
  callJson,
  decode,
  encode,
  PROTOBUF,
  put,
  raw,
  type Serving,
  serveEngine,
  serveLab,
  sourceJson,
  submit,
  submitBytes,
} from "./serving.ts";

let serving: Serving;
beforeAll(async () => {
  serving = await serveLab();
  await submit(serving, [put(1, 1, sourceJson(1)), put(1, 2, sourceJson(2))]);
});
afterAll(() => serving.end());

const JSON_TYPE = { "content-type": "application/json" };
const post = (body: string | Uint8Array, headers: Record<string, string> = JSON_TYPE) =>
  call(serving, "/v1/submit", { headers, body });

describe("MALFORMED", () => {
  test.each([
    ["", "no JSON"],
    ["{", "no JSON"],
    ['{"submissions":[]', "no JSON"],
    ["[]", "body: found [], expected an object"],
    ["null", "body: found null"],
    ["{}", "submissions: found nothing, expected an array"],
    ['{"submissions":{}}', "submissions: found {}"],
    ['{"submissions":[],"more":1}', "no other members than schema, submissions"],
    ['{"submissions":[],"schema":"ab"}', "schema: found"],
    ['{"submissions":[7]}', "submissions[0]: found 7"],
    ['{"submissions":[{"name":"Sell"}]}', 'submissions[0].name: found "Sell", expected a command'],
    ['{"submissions":[{"name":"Put"}]}', "Put.id: found nothing"],
    ['{"submissions":[{"name":"Put","payload":[]}]}', "found []"],
    ['{"submissions":[{"name":"Put","payload":{"id":1,"value":"1"}}]}', "Put.id: found 1, expected"],
    ['{"submissions":[{"name":"Put","payload":{"id":"-1","value":"1"}}]}', 'Put.id: found "-1"'],
    ['{"submissions":[{"name":"Put","payload":{"id":"1","value":"1","x":1}}]}', "found "],
    ['{"submissions":[{"name":"Put","payload":{"id":"1","value":"1","__proto__":1}}]}', "found "],
    ['{"submissions":[{"name":"Put","payload":{"id":"1","value":"1"},"source":{}}]}', "source.stream"],
    [
      '{"submissions":[{"name":"Put","payload":{"id":"1","value":"1"},"source":{"client":7,"stream":1,"seq":"1"}}]}',
      "submissions[0].source.client: found 7",
    ],
    [
      '{"submissions":[{"name":"Put","payload":{"id":"1","value":"1"},"source":{"client":"7","stream":1,"seq":"0"}}]}',
      "submissions[0].source.seq",
    ],
    ['{"submissions":[{"name":"Do","payload":{"n":"1","words":["\\ud800"]}}]}', "Do.words"],
    [`{"submissions":${"[".repeat(200_000)}`, "no JSON"],
  ])("JSON %s", async (body, message) => {
    const answer = await post(body);
    expect(answer).toMatchObject({ status: 400, json: { code: "MALFORMED" } });
    expect(answer.json.message).toContain(message);
    expect(answer.json.message.length).toBeLessThan(400);
  });

  test("bytes that are no UTF-8", async () => {
    const answer = await post(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]));
    expect(answer.json.message).toMatch(/^body: found bytes that are no UTF-8/);
  });

  const good = encode("statevec.v1.SubmitRequest", {
    submissions: [{ name: "Put", payload: encode("lab.Put", { id: 1, value: 1 }) }],
  });
  test.each([
    ["cut off", good.subarray(0, good.length - 1)],
    ["a group", new Uint8Array([0x0b])],
    ["a wrong wire type", new Uint8Array([0x08, 0x01])],
    ["a length beyond the end", new Uint8Array([0x0a, 0xff, 0xff, 0xff, 0xff, 0x07])],
    ["JSON", Buffer.from('{"submissions":[]}')],
  ])("protobuf: %s", async (_name, body) => {
    const answer = await post(body, PROTOBUF);
    expect(answer.status).toBe(400);
    const refusal = decode("statevec.v1.Refusal", answer.bytes);
    expect(refusal.code).toBe("MALFORMED");
    expect(refusal.message).toContain("SubmitRequest");
  });

  test("protobuf: submissions", async () => {
    const refusalOf = async (submission: object) =>
      decode("statevec.v1.Refusal", (await submitBytes(serving, [submission])).bytes);
    const payload = encode("lab.Put", { id: 1, value: 1 });
    expect(await refusalOf({ payload })).toMatchObject({ code: "MALFORMED", field: "submissions[0].name" });
    expect(await refusalOf({ command: 99, payload })).toMatchObject({ field: "submissions[0].command" });
    expect(await refusalOf({ command: 1, name: "Do", payload })).toMatchObject({
      field: "submissions[0].name",
    });
    expect(await refusalOf({ command: 1, payload: new Uint8Array([8]) })).toMatchObject({ field: "id" });
    expect(await refusalOf({ command: 1, payload: encode("lab.Put", { id: 1 }) })).toMatchObject({
      field: "value",
    });
    const source = { client: 1, stream: 1, seq: 0 };
    expect(await refusalOf({ command: 1, payload, source })).toMatchObject({ code: "MALFORMED" });
    const unknown = new Uint8Array([...payload, 0x98, 0x06, 0x01]);
    expect(await refusalOf({ command: 1, payload: unknown })).toMatchObject({ code: "MALFORMED" });
    const lenient = await serveEngine(serving.engine, { unknownFields: "ignore" });
    expect((await submitBytes(lenient, [{ command: 1, payload: unknown }])).status).toBe(200);
    await lenient.listener.close();
  });

  test("paths and queries", async () => {
    expect(await call(serving, "/v1/commands/%ff", { body: "{}" })).toMatchObject({ status: 400 });
    expect(await call(serving, "/v1/records/Item/x")).toMatchObject({ status: 400 });
    expect(await call(serving, "/v1/frames?from=0")).toMatchObject({ status: 400, json: { field: "from" } });
    expect(await call(serving, "/v1/frames?follow=maybe")).toMatchObject({
      status: 400,
      json: { field: "follow" },
    });
    expect(await call(serving, "/v1/frontier?at=1")).toMatchObject({ status: 400, json: { field: "at" } });
  });
});

describe("other statuses", () => {
  test("404 and 405 say what there is", async () => {
    for (const path of [
      "/",
      "/v2/submit",
      "/v1/",
      "/v1/submit/",
      "/v1/nothing",
      "/v1/constructor",
      "/v1/records/Item",
    ]) {
      expect(await call(serving, path), path).toMatchObject({ status: 404, json: { code: "NOT_FOUND" } });
    }
    const wrong = await call(serving, "/v1/submit");
    expect(wrong).toMatchObject({ status: 405, json: { code: "METHOD" }, headers: { allow: "POST" } });
    expect((await call(serving, "/v1/frontier", { method: "DELETE" })).headers.allow).toBe("GET");
  });

  test("409: CONFLICT, GAP, DUPLICATE's kin, with what the sender needs", async () => {
    const conflict = await submit(serving, [put(9, 9, sourceJson(2))]);
    expect(conflict).toMatchObject({ status: 409, json: { code: "CONFLICT", lastSeq: "2", index: 0 } });
    const gap = await submit(serving, [put(9, 9, sourceJson(4))]);
    expect(gap).toMatchObject({ status: 409, json: { code: "GAP", expectedSeq: "3" } });
  });

  test("413: a payload that is too large, and too many submissions", async () => {
    const small = await serveLab({ limits: { submissions: 2 } }, { limits: { payloadBytes: 1_000 } });
    const { n, words } = largeDeed();
    const large = await callJson(small, "/v1/commands/Do", { n: String(n), words });
    expect(large).toMatchObject({ status: 413, json: { code: "TOO_LARGE" } });
    const many = await submit(small, [put(1, 1), put(2, 1), put(3, 1)]);
    expect(many).toMatchObject({ status: 413, json: { code: "REQUEST_TOO_LARGE" } });
    expect(many.json.message).toContain("found 3, expected at most 2");
    expect(small.engine.frontier.seq).toBe(1n);
    await small.end();
  });

  test.each([
    [{ "content-type": "text/plain" }],
    [{ "content-type": "application/x-www-form-urlencoded" }],
    [{ "content-type": "application/json; charset=latin1" }],
    [{ "content-type": "application/json", "content-encoding": "gzip" }],
  ])("415: %o", async (headers) => {
    expect(await post("{}", headers as never)).toMatchObject({
      status: 415,
      json: { code: "UNSUPPORTED_TYPE" },
    });
  });

  test("types with parameters, in capitals, or none are taken", async () => {
    const body = JSON.stringify({ submissions: [] });
    for (const headers of [{ "content-type": "Application/JSON; charset=UTF-8" }, {}]) {
      expect(await post(body, headers as never)).toMatchObject({ status: 200, json: { receipts: [] } });
    }
    const accepted = await call(serving, "/v1/frontier", {
      headers: { accept: "text/html, application/json;q=0, application/protobuf;q=0.5" },
    });
    expect(accepted.headers["content-type"]).toBe("application/x-protobuf");
    const anything = await call(serving, "/v1/frontier", { headers: { accept: "text/html, */*" } });
    expect(anything.headers["content-type"]).toBe("application/json");
  });

  test("422 tells the log, not the client, what the handler called", async () => {
    const bad = await serveLab({}, { deed: () => void Math.random() });
    const answer = await callJson(bad, "/v1/commands/Do", { n: "1", words: [] });
    expect(answer).toMatchObject({ status: 422, json: { code: "DETERMINISM" } });
    expect(bad.told).toMatchObject([{ name: "DeterminismError", called: "Math.random" }]);
    await bad.end();
  });

  test("500 and 503 of an engine whose history fails", async () => {
    const history = new TestHistory();
    const bad = await serveLab({}, { history });
    history.failNext(false, new Error("the secret disk is gone"));
    const unknown = await submit(bad, [put(1, 1, sourceJson(1))]);
    expect(unknown).toMatchObject({ status: 500, json: { code: "OUTCOME_UNKNOWN", index: 0 } });
    expect(unknown.text).not.toContain("secret");
    expect(bad.told).toHaveLength(1);
    for (const answer of [
      await submit(bad, [put(1, 1)]),
      await call(bad, "/v1/records/Item/1"),
      await call(bad, "/v1/frames"),
      await call(bad, "/v1/sources/7/1"),
    ]) {
      expect(answer).toMatchObject({ status: 503, json: { code: "POISONED" } });
    }
    const health = await call(bad, "/v1/health");
    expect(health).toMatchObject({ status: 503, json: { status: "poisoned", seq: "1" } });
    await bad.end();
  });

  test("503 of an engine that is closed, with Retry-After", async () => {
    const closed = await serveLab();
    await closed.engine.close();
    const answer = await submit(closed, [put(1, 1)]);
    expect(answer).toMatchObject({ status: 503, json: { code: "CLOSED" }, headers: { "retry-after": "1" } });
    expect((await call(closed, "/v1/health")).json.status).toBe("closed");
    await closed.listener.close();
  });

  test("500 says nothing of a bug but that there was one", async () => {
    const clock = {
      nowNs() {
        if (broken) throw new TypeError("secret");
        return 1_000n;
      },
    };
    let broken = false;
    const bad = await serveLab(
      {
        onError: () => {
          throw new Error("the log is broken too");
        },
      },
      { clock },
    );
    broken = true;
    const answer = await submit(bad, [put(1, 1)]);
    expect(answer).toMatchObject({ status: 500, json: { code: "FAILED" } });
    expect(answer.text).not.toContain("secret");
    broken = false;
    expect((await submit(bad, [put(1, 1)])).status).toBe(200);
    await bad.end();
  });
});

test("of two submissions that are refused the first is named, though the other is found earlier", async () => {
  const own = await serveLab();
  const submissions = [
    put(1, 1, sourceJson(1)),
    put(1, 2, sourceJson(9)),
    { name: "Put", payload: { id: "none", value: "1" } },
  ];
  const answer = await submit(own, submissions);
  expect(answer.json).toMatchObject({
    receipts: [{ outcome: "committed" }],
    refusal: { code: "GAP", index: 1, expectedSeq: "2" },
  });
  const alone = await submit(own, submissions.slice(1));
  expect(alone).toMatchObject({ status: 409, json: { code: "GAP", index: 0 } });
  await own.end();
});

describe("authorization", () => {
  const token = "correct-horse-battery-staple";
  let guarded: Serving;
  beforeAll(async () => {
    guarded = await serveLab({ authorize: bearerToken(token) });
  });
  afterAll(() => guarded.end());

  test.each([
    [undefined, 401],
    ["", 401],
    ["Bearer", 401],
    ["Bearer ", 401],
    [`Basic ${token}`, 401],
    [`Bearer ${token}x`, 401],
    [`Bearer ${token.slice(1)}`, 401],
    [`Bearer ${token} ${token}`, 401],
    [`Bearer ${token}`, 200],
    [`bearer  ${token} `, 200],
  ])("%s", async (authorization, status) => {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const answer = await submit(guarded, [], { headers });
    expect(answer.status).toBe(status);
    if (status === 401) {
      expect(answer.headers["www-authenticate"]).toBe("Bearer");
      expect(answer.json.code).toBe("UNAUTHORIZED");
    }
  });

  test("is asked for everything but the health, unknown paths included", async () => {
    for (const path of [
      "/v1/metrics",
      "/v1/schema",
      "/v1/frontier",
      "/v1/frames",
      "/v1/nothing",
      "/v1/healthy",
    ])
      expect((await call(guarded, path)).status, path).toBe(401);
    expect((await call(guarded, "/v1/health")).status).toBe(200);
  });

  test("may be asked elsewhere; a hook that throws or rejects lets nobody through", async () => {
    const answers = [
      async () => true,
      async () => false,
      async () => {
        throw new Error("secret");
      },
      () => {
        throw new Error("secret");
      },
      () => 1 as never,
      async () => "yes" as never,
    ];
    const statuses: number[] = [];
    for (const authorize of answers) {
      const one = await serveEngine(guarded.engine, { authorize });
      const answer = await submit(one, []);
      statuses.push(answer.status);
      expect(answer.text).not.toContain("secret");
      await one.listener.close();
    }
    expect(statuses).toEqual([200, 401, 500, 500, 401, 401]);
  });

  test("a hook that never answers is a request that takes too long", async () => {
    const one = await serveEngine(guarded.engine, {
      authorize: () => new Promise(() => {}),
      limits: { bodySeconds: 1 },
    });
    const answer = await submit(one, []);
    expect(answer).toMatchObject({ status: 408, json: { code: "TIMEOUT" } });
    await one.listener.close();
  });

  test("another token is none, whatever its digest has in common with that of the right one", () => {
    const authorize = bearerToken(token);
    const given = (text: string) => authorize({ headers: { authorization: `Bearer ${text}` } } as never);
    expect(given(token)).toBe(true);
    const others = Array.from({ length: 5_000 }, (_, n) => `another-token-${n}`).filter(given);
    expect(others).toEqual([]);
  });

  test.each(["", "short", "with a space in the middle", 7 as never])("a token that is %j is none", (bad) => {
    expect(() => bearerToken(bad)).toThrow("token: found");
  });
});

describe("options that are wrong are named", () => {
  test.each([
    [{ limits: { bodyByte: 1 } }, "options.limits.bodyByte: no such limit; there are bodyBytes"],
    [
      { limits: { bodyBytes: 0 } },
      "options.limits.bodyBytes: found 0, expected an integer from 1 to 67108864",
    ],
    [{ limits: { requests: 1.5 } }, "options.limits.requests: found 1.5"],
    [
      { limits: { streams: 5_000 } },
      "options.limits.streams: found 5000, expected an integer from 1 to 4096",
    ],
    [{ authorise: () => true }, "options.authorise: no such option; there are authorize"],
    [{ authorize: "token" }, "options.authorize: found string, expected a function"],
    [{ unknownFields: "keep" }, 'options.unknownFields: found "keep"'],
    [7, "options: found 7"],
  ])("%o", async (options, message) => {
    expect(() => createService(serving.engine, options as never)).toThrow(message);
  });

  test("an engine that is none", () => {
    expect(() => createService({} as never)).toThrow("engine: expected an engine, as open resolves with");
  });
});

test("what is no HTTP is answered with 400 by the server, and the connection ends", async () => {
  const connection = await raw(serving);
  connection.write("GET / SPDY/9\r\n\r\n");
  expect(await connection.closed).toMatch(/^HTTP\/1\.1 400 /);
  expect((await call(serving, "/v1/health")).status).toBe(200);
});

test("an engine that throws an AdmissionError of a code without a status does not exist", async () => {
  const { STATUSES } = await import("../../src/service/refusal.ts");
  const { readFileSync } = await import("node:fs");
  const text = readFileSync(new URL("../../src/errors.ts", import.meta.url), "utf8");
  const codesOf = (type: string) => {
    const union = new RegExp(`export type ${type} =([^;]+);`).exec(text)![1]!;
    return [...union.matchAll(/"(\w+)"/g)].map(([, code]) => code!);
  };
  const codes = [...codesOf("AdmissionErrorCode"), ...codesOf("OperationalErrorCode")];
  expect(codes.length).toBeGreaterThan(10);
  for (const code of codes) if (code !== "OWNED") expect(Object.keys(STATUSES)).toContain(code);
  expect(new AdmissionError("BUSY", "x").code).toBe("BUSY");
  await (await openLab()).close();
});
