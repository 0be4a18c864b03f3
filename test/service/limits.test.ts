/** Limits: of requests and streams at once, of what is held, of commands a second. Each gives way again. */
import { afterAll, describe, expect, test } from "vitest";
import { TokenBucket } from "../../src/service/token-bucket.ts";
import { openLab, TestHistory } from "../engine/lab.ts";
import {
  call,
  PROTOBUF,
  put,
  raw,
  type Serving,
  serveEngine,
  serveLab,
  sleep,
  submit,
  until,
} from "./serving.ts";

const open: Serving[] = [];
const keep = (serving: Serving) => {
  open.push(serving);
  return serving;
};
afterAll(async () => {
  for (const serving of open) await serving.end();
});

test("so many requests are executed at once; the next are BUSY, and taken when those are done", async () => {
  const history = new TestHistory();
  const serving = keep(await serveLab({ limits: { requests: 3 } }, { history }));
  history.hold();
  const held = [1, 2, 3].map((n) => submit(serving, [put(n, n)]));
  await until(() => serving.service.metrics().requests.executing === 3);
  const busy = await submit(serving, [put(4, 4)]);
  expect(busy).toMatchObject({ status: 503, json: { code: "BUSY" }, headers: { "retry-after": "1" } });
  expect(busy.json.message).toContain("found 3 requests being executed");
  expect((await call(serving, "/v1/health")).status).toBe(200);
  expect((await call(serving, "/v1/frontier")).status).toBe(200);
  history.release();
  expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200, 200]);
  expect((await submit(serving, [put(4, 4)])).status).toBe(200);
});

test("who only sends slowly takes no place of those that are executed", async () => {
  const serving = keep(await serveLab({ limits: { requests: 1 } }));
  const slow = await Promise.all(Array.from({ length: 20 }, () => raw(serving)));
  for (const { write } of slow)
    write(
      "POST /v1/submit HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{",
    );
  await until(() => serving.service.metrics().requests.open === 20);
  for (let n = 0; n < 20; n++) expect((await submit(serving, [put(n, n)])).status).toBe(200);
  for (const { socket } of slow) socket.destroy();
});

test("bodies of all requests together are bounded", async () => {
  const serving = keep(await serveLab({ limits: { heldBytes: 50_000 } }));
  const first = await raw(serving);
  first.write(`POST /v1/submit HTTP/1.1\r\nhost: x\r\ncontent-length: 60000\r\n\r\n${"x".repeat(40_000)}`);
  await until(() => serving.service.metrics().bytes.held === 40_000);
  const large = await call(serving, "/v1/submit", { headers: PROTOBUF, body: new Uint8Array(20_000) });
  expect(large.status).toBe(503);
  expect((await submit(serving, [put(1, 1)])).status).toBe(200);
  first.socket.destroy();
  await until(() => serving.service.metrics().bytes.held === 0);
  const again = await call(serving, "/v1/submit", { headers: PROTOBUF, body: new Uint8Array(20_000) });
  expect(again.status).toBe(400);
});

test("so many frame streams are open at once", async () => {
  const serving = keep(await serveLab({ limits: { streams: 2 } }));
  const streams = await Promise.all([raw(serving), raw(serving)]);
  for (const { write } of streams) write("GET /v1/frames?follow=true HTTP/1.1\r\nhost: x\r\n\r\n");
  await until(() => serving.service.metrics().streams.open === 2);
  expect(await call(serving, "/v1/frames")).toMatchObject({ status: 503, json: { code: "BUSY" } });
  expect((await submit(serving, [put(1, 1)])).status).toBe(200);
  streams[0]!.socket.destroy();
  await until(() => serving.service.metrics().streams.open === 1);
  expect((await call(serving, "/v1/frames")).status).toBe(200);
});

describe("commands a second", () => {
  test("are limited over all requests, with the time to wait", async () => {
    const serving = keep(await serveLab({ limits: { perSecond: 50 } }));
    const many = (count: number) =>
      submit(
        serving,
        Array.from({ length: count }, (_, n) => put(n, n)),
      );
    expect((await many(30)).status).toBe(200);
    // There is something left: so it passes, and the next ones wait for what it owes.
    expect((await many(100)).status).toBe(200);
    const late = await many(1);
    expect(late).toMatchObject({ status: 429, json: { code: "RATE" } });
    expect(Number(late.headers["retry-after"])).toBeGreaterThanOrEqual(1);
    expect(Number(late.headers["retry-after"])).toBeLessThanOrEqual(3);
    expect((await call(serving, "/v1/frontier")).status).toBe(200);
    await sleep(Number(late.headers["retry-after"]) * 1_000);
    expect((await many(1)).status).toBe(200);
    expect(serving.engine.frontier.seq).toBe(132n);
  });

  test("that are refused are not executed, and cost nothing", async () => {
    const serving = keep(await serveLab({ limits: { perSecond: 1 } }));
    expect((await submit(serving, [put(1, 1)])).status).toBe(200);
    for (let n = 0; n < 5; n++) expect((await submit(serving, [put(2, 2)])).status).toBe(429);
    expect(serving.engine.frontier.seq).toBe(2n);
    expect((await submit(serving, [])).status).toBe(429);
    await sleep(1_100);
    expect((await submit(serving, [put(2, 2)])).status).toBe(200);
  });

  test("a bucket never holds more than a second's worth", () => {
    const bucket = new TokenBucket(10, 0);
    expect(bucket.take(10, 0)).toBe(0);
    expect(bucket.take(1, 0)).toBeCloseTo(0.1);
    expect(bucket.take(1, 100)).toBe(0);
    expect(bucket.take(1, 1e9)).toBe(0);
    for (let n = 0; n < 9; n++) expect(bucket.take(1, 1e9)).toBe(0);
    expect(bucket.wait(1e9)).toBeGreaterThan(0);
    const debt = new TokenBucket(10, 0);
    expect(debt.take(1_000, 0)).toBe(0);
    expect(debt.wait(0)).toBeCloseTo(99.1);
  });
});

test("requests that wait for the history share its next append", async () => {
  const history = new TestHistory();
  const engine = await openLab(undefined, { history });
  const serving = keep(await serveEngine(engine));
  history.hold();
  const answers = Array.from({ length: 20 }, (_, n) => submit(serving, [put(n, n)]));
  await until(() => serving.service.metrics().requests.executing === 20);
  expect(engine.frontier.seq).toBe(1n);
  history.release();
  for (const { status } of await Promise.all(answers)) expect(status).toBe(200);
  expect(history.batches.length).toBeLessThan(5);
});

test("requests that arrive in one turn share an append, even where an append takes no time", async () => {
  const history = new TestHistory();
  const serving = keep(await serveLab({}, { history }));
  const body = JSON.stringify({ submissions: [put(1, 1)] });
  const head = `POST /v1/submit HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
  const connection = await raw(serving);
  connection.write(`${head}\r\n\r\n${body}`.repeat(20));
  await until(() => serving.engine.frontier.seq === 21n);
  expect(history.batches).toEqual([1, 20]);
  connection.socket.destroy();
});
