/** Requests that are malformed, oversized, slow or half there: each is refused, and a well-behaved client notices nothing. */
import { bearerToken } from "statevec/service";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  call,
  keepAlive,
  PROTOBUF,
  put,
  raw,
  type Serving,
  serveLab,
  sleep,
  sourceJson,
  submit,
  until,
} from "./serving.ts";

const HEAD = "POST /v1/submit HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
const BODY_MAX = 20_000;

let serving: Serving;
beforeAll(async () => {
  serving = await serveLab({ limits: { bodyBytes: BODY_MAX, bodySeconds: 1, answerSeconds: 2 } });
});
afterAll(() => serving.end());

/** Nothing of a request that has ended is held. */
const isClean = () => {
  const { requests, bytes, streams } = serving.service.metrics();
  return requests.open === 0 && requests.executing === 0 && bytes.held === 0 && streams.open === 0;
};

describe("a body that is too large", () => {
  test("by its own account is refused before it is sent", async () => {
    const connection = await raw(serving);
    connection.write(`${HEAD}content-length: 100000000\r\n\r\n`);
    await until(() => connection.received().includes("REQUEST_TOO_LARGE"));
    expect(connection.received()).toMatch(/^HTTP\/1\.1 413 /);
    expect(connection.received()).toContain(`found 100000000 bytes, expected at most ${BODY_MAX} bytes`);
    expect(connection.received().toLowerCase()).toContain("connection: close");
    await connection.closed;
  });

  test("but small is read to its end, so that the connection can be used on; if it does not come, it ends", async () => {
    const connection = await raw(serving);
    const length = BODY_MAX + 1;
    connection.write(`${HEAD}content-length: ${length}\r\n\r\n`);
    await until(() => connection.received().includes("REQUEST_TOO_LARGE"));
    connection.write(`${"x".repeat(length)}GET /v1/health HTTP/1.1\r\nhost: x\r\n\r\n`);
    await until(() => connection.received().includes('"status":"ok"'));
    connection.write(`${HEAD}content-length: ${length}\r\n\r\nxxx`);
    expect(await connection.closed).toContain("REQUEST_TOO_LARGE");
  });

  test("in chunks is refused once it is, and its sender reads why though it goes on sending", async () => {
    const connection = await raw(serving);
    connection.write(`${HEAD}transfer-encoding: chunked\r\n\r\n`);
    const chunk = `1000\r\n${"x".repeat(0x1000)}\r\n`;
    const sending = setInterval(() => connection.write(chunk), 1);
    const text = await connection.closed;
    clearInterval(sending);
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(text).toContain("REQUEST_TOO_LARGE");
    await until(isClean);
  });

  test("of just the limit is taken, one byte more is not", async () => {
    const body = JSON.stringify({ submissions: [put(1, 1)] });
    const padded = (length: number) =>
      call(serving, "/v1/submit", {
        headers: { "content-type": "application/json" },
        body: body.padEnd(length),
      });
    expect((await padded(BODY_MAX)).status).toBe(200);
    expect((await padded(BODY_MAX + 1)).status).toBe(413);
  });

  test("a client that sends everything before it reads sees the answer too", async () => {
    const connection = await raw(serving);
    connection.socket.pause();
    connection.write(`${HEAD}content-length: 8000000\r\n\r\n`);
    for (let sent = 0; sent < 8_000_000; sent += 100_000) {
      await new Promise((resolve) => connection.socket.write("x".repeat(100_000), resolve));
    }
    connection.socket.resume();
    expect(await connection.closed).toMatch(/^HTTP\/1\.1 413 /);
  });

  test("a client of node:http sees the answer, not a reset connection", async () => {
    for (let round = 0; round < 10; round++) {
      const answer = await call(serving, "/v1/submit", {
        headers: { "content-type": "application/json" },
        body: "x".repeat(10_000_000),
      });
      expect(answer).toMatchObject({ status: 413, json: { code: "REQUEST_TOO_LARGE" } });
    }
  });
});

describe("a body that is slow", () => {
  test("is refused in time, however its bytes trickle", async () => {
    const connection = await raw(serving);
    connection.write(`${HEAD}content-length: 1000\r\n\r\n`);
    const trickle = setInterval(() => connection.write(" "), 100);
    const start = performance.now();
    const text = await connection.closed;
    clearInterval(trickle);
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(text).toContain('"code":"TIMEOUT"');
    expect(performance.now() - start).toBeGreaterThan(900);
    expect(performance.now() - start).toBeLessThan(5_000);
    await until(isClean);
  });

  test("or never comes at all", async () => {
    const connections = await Promise.all(Array.from({ length: 50 }, () => raw(serving)));
    for (const { write } of connections) write(`${HEAD}content-length: 10\r\n\r\n`);
    for (const { closed } of connections) expect(await closed).toMatch(/^HTTP\/1\.1 408 /);
    await until(isClean);
  });

  test("of a client that leaves in the middle is forgotten, and nothing of it is executed", async () => {
    const before = serving.engine.frontier.seq;
    for (const end of ["destroy", "end"] as const) {
      const connection = await raw(serving);
      connection.write(`${HEAD}content-length: 1000\r\n\r\n{"submissions":[`);
      await until(() => serving.service.metrics().requests.open === 1);
      connection.socket[end]();
      await until(isClean);
    }
    expect(serving.engine.frontier.seq).toBe(before);
  });
});

test("a body in chunks of a byte takes no more memory than it is long", { timeout: 60_000 }, async () => {
  const large = await serveLab({ limits: { bodySeconds: 30 } });
  const connection = await raw(large);
  const before = process.memoryUsage().rss;
  connection.write(`${HEAD}transfer-encoding: chunked\r\n\r\n`);
  const pieces = "1\r\n \r\n".repeat(10_000);
  for (let sent = 0; sent < 100; sent++) {
    await new Promise((resolve) => connection.socket.write(pieces, resolve));
  }
  await until(() => large.service.metrics().bytes.held === 1_000_000);
  expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20);
  const body = JSON.stringify({ submissions: [put(1, 1)] });
  connection.write(`${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`);
  await until(() => connection.received().includes('"outcome":"committed"'));
  connection.socket.destroy();
  await large.end();
});

test("a body in chunks of any size is the same body", async () => {
  const body = JSON.stringify({
    submissions: Array.from({ length: 60 }, (_, n) => put(n, n, sourceJson(n + 1, "77"))),
  });
  const connection = await raw(serving);
  connection.write(`${HEAD}transfer-encoding: chunked\r\n\r\n`);
  for (let at = 0, size = 1; at < body.length; at += size, size = (size * 7) % 311) {
    const chunk = body.slice(at, at + size);
    connection.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
  }
  connection.write("0\r\n\r\n");
  await until(() => connection.received().includes("receipts"));
  await until(() => connection.received().split('"outcome":"committed"').length === 61);
  connection.socket.destroy();
});

test("submissions beyond the limit are counted, not made, whatever stands behind them", async () => {
  const large = await serveLab();
  const empty = Buffer.alloc(3 << 20, Buffer.of(0x0a, 0x00));
  for (const body of [empty, Buffer.concat([empty, Buffer.of(0xff)])]) {
    const start = performance.now();
    const answer = await call(large, "/v1/submit", {
      headers: { ...PROTOBUF, accept: "application/json" },
      body,
    });
    expect(answer).toMatchObject({ status: 413, json: { code: "REQUEST_TOO_LARGE" } });
    expect(answer.json.message).toContain(`found ${empty.length / 2}, expected at most 4096`);
    expect(performance.now() - start).toBeLessThan(400);
  }
  await large.end();
});

test("JSON that is nested deeper than the stack is MALFORMED, wherever it stands", async () => {
  const deep = "[".repeat(9_000) + "]".repeat(9_000);
  const told = serving.told.length;
  const submission = (members: string) => `{"submissions":[${members}]}`;
  const bodies = [
    deep,
    `{"submissions":{"a":${deep}}}`,
    submission(deep),
    submission(`{"name":${deep}}`),
    submission(`{"name":"Put","payload":${deep}}`),
    submission(`{"name":"Put","payload":{"id":${deep},"value":"1"}}`),
    `{"schema":${deep},"submissions":[]}`,
  ];
  for (const body of bodies) {
    const answer = await call(serving, "/v1/submit", {
      headers: { "content-type": "application/json" },
      body,
    });
    expect(answer, body.slice(0, 60)).toMatchObject({ status: 400, json: { code: "MALFORMED" } });
  }
  expect(serving.told.length).toBe(told);
});

test("a request that was told it took too long is not executed when its authorization comes after all", async () => {
  const late = await serveLab({
    authorize: () => sleep(1_300).then(() => true),
    limits: { bodySeconds: 1 },
  });
  const connection = await raw(late);
  connection.write(
    "POST /v1/commands/Other HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n{",
  );
  expect(await connection.closed).toMatch(/^HTTP\/1\.1 408 /);
  await sleep(500);
  expect(late.service.metrics().refusals).toEqual({ TIMEOUT: 1 });
  await late.end();
});

test("a request that its client gave up on is executed, and durable", async () => {
  const before = serving.engine.frontier.seq;
  const body = JSON.stringify({ submissions: [put(5, 5, sourceJson(1, "55"))] });
  const connection = await raw(serving);
  connection.write(`${HEAD}content-length: ${body.length}\r\n\r\n${body}`);
  connection.socket.destroySoon();
  await until(() => serving.engine.frontier.seq === before + 1n);
  expect((await call(serving, "/v1/receipts/55/1/1")).json).toMatchObject({ seq: String(before + 1n) });
  await until(isClean);
});

test("requests behind each other on one connection are answered in order", async () => {
  const connection = await raw(serving);
  const bodies = [1, 2, 3].map((n) => JSON.stringify({ submissions: [put(6, n, sourceJson(n, "66"))] }));
  connection.write(bodies.map((body) => `${HEAD}content-length: ${body.length}\r\n\r\n${body}`).join(""));
  await until(() => connection.received().split("HTTP/1.1 200").length === 4);
  const seqs = [...connection.received().matchAll(/"seq":"(\d+)"/g)].map(([, seq]) => Number(seq));
  expect(seqs).toEqual([seqs[0], seqs[0]! + 1, seqs[0]! + 2]);
  connection.socket.destroy();
});

test("a reader that never takes its answer loses its connection, and holds nothing", async () => {
  await submit(
    serving,
    Array.from({ length: 150 }, (_, n) => put(1_000 + n, n)),
  );
  const connection = await raw(serving);
  connection.socket.pause();
  // So many answers that no buffer of the system holds them.
  const ask = "GET /v1/indexes/Item/byValue?limit=1000 HTTP/1.1\r\nhost: x\r\n\r\n";
  connection.write(ask.repeat(1_000));
  await sleep(300);
  const { open } = serving.service.metrics().requests;
  expect(open).toBeGreaterThan(0);
  await until(isClean, 20_000);
  connection.socket.destroy();
});

test("streams that wait behind each other on one connection end with it", async () => {
  const connection = await raw(serving);
  connection.write("GET /v1/frames?follow=true HTTP/1.1\r\nhost: x\r\n\r\n".repeat(3));
  await until(() => serving.service.metrics().streams.open === 3);
  connection.socket.destroy();
  await until(isClean);
});

test("a well-behaved client loses nothing and keeps its pace while others misbehave", {
  timeout: 120_000,
}, async () => {
  const token = "correct-horse-battery-staple";
  const busy = await serveLab({
    authorize: bearerToken(token),
    limits: { bodyBytes: BODY_MAX, bodySeconds: 1 },
  });
  const agent = keepAlive();
  let seq = 0;
  const good = async (milliseconds: number) => {
    const took: number[] = [];
    for (const end = performance.now() + milliseconds; performance.now() < end; ) {
      const start = performance.now();
      seq++;
      const headers = { authorization: `Bearer ${token}` };
      const answer = await submit(busy, [put(1, seq, sourceJson(seq))], { headers, agent });
      took.push(performance.now() - start);
      expect(answer).toMatchObject({ status: 200, json: { receipts: [{ outcome: "committed" }] } });
      await sleep(2);
    }
    took.sort((a, b) => a - b);
    return took[Math.floor(took.length * 0.9)]!;
  };
  const alone = await good(1_000);
  let stop = false;
  let refused = 0;
  const authorization = `authorization: Bearer ${token}\r\n`;
  const evils = [
    `${HEAD}content-length: 50\r\n\r\n{"submissions":[]}`,
    `${HEAD}${authorization}content-length: 50\r\n\r\n{"sub`,
    `${HEAD}${authorization}transfer-encoding: chunked\r\n\r\nffffff\r\n${"x".repeat(BODY_MAX * 2)}`,
    `${HEAD}${authorization}content-length: 4\r\n\r\n{"a"`,
    `${HEAD}${authorization}content-length: 99999999\r\n\r\n`,
    `${HEAD}${authorization}transfer-encoding: chunked\r\n\r\nzz\r\n`,
    "\u0000\u0001\u0002\u0003garbage\r\n\r\n",
    "GET /v1/frames?follow=true HTTP/1.1\r\nhost: x\r\n\r\n",
    "POST /v1/submit HTTP/1.1\r\nhost:",
  ];
  const evil = async (text: string) => {
    while (!stop) {
      const connection = await raw(busy);
      connection.write(text);
      await Promise.race([connection.closed, sleep(300)]);
      if (/^HTTP\/1\.1 4/.test(connection.received())) refused++;
      connection.socket.destroy();
    }
  };
  const all = Promise.all(evils.flatMap((text) => [evil(text), evil(text)]));
  const beside = await good(4_000);
  stop = true;
  await all;
  expect(refused).toBeGreaterThan(50);
  expect(beside).toBeLessThan(Math.max(alone * 10, 50));
  const frames = await busy.engine.sourcePosition(7n, 1);
  expect(frames!.seq).toBe(BigInt(seq));
  expect(busy.engine.frontier.seq).toBe(BigInt(seq) + 1n);
  agent.destroy();
  await busy.end();
});

test("heads that do not end are cut off by the server that listen makes", async () => {
  expect(serving.listener.server.headersTimeout).toBe(10_000);
  expect(serving.listener.server.maxConnections).toBe(4_096);
});
