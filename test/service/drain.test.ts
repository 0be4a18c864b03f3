/** Draining under load: what was acknowledged is in the history, what was not may be, and no answer lies. */
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Frame, fileHistory } from "statevec/node";
import { afterAll, describe, expect, test } from "vitest";
import { openLab, TestHistory } from "../engine/lab.ts";
import {
  call,
  keepAlive,
  put,
  raw,
  serveEngine,
  serveLab,
  sleep,
  sourceJson,
  submit,
  until,
} from "./serving.ts";

const directory = mkdtempSync(join(tmpdir(), "statevec-drain-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe.each([1, 2, 3])("under load, round %i", (round) => {
  test("nothing acknowledged is lost, and the answers agree with the history", {
    timeout: 120_000,
  }, async () => {
    const place = join(directory, `load-${round}`);
    const engine = await openLab(undefined, { history: fileHistory(place) });
    const serving = await serveEngine(engine);
    const acknowledged = new Map<string, { seq: string; digest: string }>();
    const refused = new Map<string, string>();
    const unanswered = new Set<string>();
    let stop = false;
    const client = async (number: number) => {
      const agent = keepAlive();
      for (let seq = 1; !stop; seq += 3) {
        const name = String(number);
        const many = [0, 1, 2].map((n) => put(number, seq + n, sourceJson(seq + n, name)));
        const answer = await submit(serving, many, { agent }).catch(() => undefined);
        if (answer === undefined) {
          for (const n of [0, 1, 2]) unanswered.add(`${name}/${seq + n}`);
          break;
        }
        const { receipts = [], refusal } = answer.json;
        receipts.forEach((receipt: any, n: number) => {
          acknowledged.set(`${name}/${seq + n}`, receipt);
        });
        if (answer.status !== 200) expect(answer).toMatchObject({ status: 503, json: { code: "DRAINING" } });
        const stopped = answer.status === 200 ? refusal : answer.json;
        if (stopped === undefined) continue;
        for (let n = receipts.length; n < 3; n++) refused.set(`${name}/${seq + n}`, stopped.code);
        break;
      }
      agent.destroy();
    };
    const clients = Array.from({ length: 16 }, (_, number) => client(number));
    await until(() => engine.frontier.seq > 200n);
    const ended = serving.listener.close();
    await ended;
    stop = true;
    await engine.close();
    await Promise.all(clients);

    const again = await openLab(undefined, { history: fileHistory(place) });
    const bySource = new Map<string, Frame>();
    for await (const frame of again.frames()) {
      if (frame.type === "command") bySource.set(`${frame.source!.client}/${frame.source!.seq}`, frame);
    }
    expect(acknowledged.size).toBeGreaterThan(199);
    for (const [source, { seq, digest }] of acknowledged) {
      expect(bySource.get(source), source).toMatchObject({ seq: BigInt(seq), digest });
    }
    for (const source of refused.keys()) expect(bySource.has(source), source).toBe(false);
    expect(new Set(refused.values())).toEqual(new Set(refused.size === 0 ? [] : ["DRAINING"]));
    for (const source of bySource.keys())
      expect(acknowledged.has(source) || unanswered.has(source), source).toBe(true);
    expect((await again.audit()).identical).toBe(true);
    await again.close();
  });
});

test("requests under way end with their answers, new ones hear DRAINING, and close waits for them", async () => {
  const history = new TestHistory();
  const serving = await serveLab({}, { history });
  const agent = keepAlive();
  await call(serving, "/v1/health", { agent });
  history.hold();
  const underWay = submit(serving, [put(1, 1)]);
  const half = await raw(serving);
  const body = JSON.stringify({ submissions: [put(2, 2)] });
  half.write(
    `POST /v1/submit HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`,
  );
  await until(() => serving.service.metrics().requests.executing === 1);
  await until(() => serving.service.metrics().requests.open === 2);
  let isClosed = false;
  const closed = serving.service.close().then(() => {
    isClosed = true;
  });
  await sleep(0);
  const late = await submit(serving, [put(3, 3)], { agent });
  expect(late).toMatchObject({ status: 503, json: { code: "DRAINING" }, headers: { connection: "close" } });
  expect(late.headers["retry-after"]).toBe("1");
  const health = await call(serving, "/v1/health");
  expect(health).toMatchObject({ status: 503, json: { status: "draining", seq: "1" } });
  half.write(body);
  await sleep(50);
  expect(isClosed).toBe(false);
  history.release();
  expect(await underWay).toMatchObject({ status: 200, headers: { connection: "close" } });
  await closed;
  await until(() => half.received().includes('"receipts"'));
  expect(serving.engine.frontier.seq).toBe(3n);
  expect(serving.service.close()).toBe(serving.service.close());
  agent.destroy();
  await serving.end();
});

test("a client that left does not keep its command from being waited for", async () => {
  const history = new TestHistory();
  const serving = await serveLab({}, { history });
  history.hold();
  const sent = request({
    port: serving.port,
    method: "POST",
    path: "/v1/submit",
    headers: { "content-type": "application/json" },
  });
  sent.on("error", () => {});
  sent.end(JSON.stringify({ submissions: [put(1, 1)] }));
  await until(() => serving.service.metrics().requests.executing === 1);
  sent.destroy();
  await until(() => serving.service.metrics().requests.open === 0);
  let isClosed = false;
  const closed = serving.service.close().then(() => {
    isClosed = true;
  });
  await sleep(50);
  expect(isClosed).toBe(false);
  history.release();
  await closed;
  expect(serving.engine.frontier.seq).toBe(2n);
  await serving.end();
});

test("frame streams end behind a whole frame, also one whose reader is slow", async () => {
  const serving = await serveLab({ limits: { answerSeconds: 1 } });
  await submit(
    serving,
    Array.from({ length: 4_000 }, (_, n) => put(n, n)),
  );
  const follower = call(serving, "/v1/frames?follow=true");
  const stalled = await raw(serving);
  stalled.socket.pause();
  stalled.write("GET /v1/frames?follow=true HTTP/1.1\r\nhost: x\r\n\r\n");
  await until(() => serving.service.metrics().streams.open === 2);
  await sleep(100);
  await serving.service.close();
  const { text } = await follower;
  const seqs = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).seq);
  expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, n) => String(n + 1)));
  expect(serving.service.metrics().streams.open).toBe(0);
  stalled.socket.destroy();
  await serving.end();
});

test("a frame stream ends where its reader stands, not at the end of what is there", async () => {
  const serving = await serveLab();
  const words = Array<string>(15).fill("w".repeat(4_000));
  await serving.engine.submitMany(
    Array.from({ length: 400 }, () => ({ name: "Do" as const, payload: { n: 1n, words } })),
  );
  const reader = await raw(serving);
  reader.socket.pause();
  reader.write("GET /v1/frames HTTP/1.1\r\nhost: x\r\n\r\n");
  await until(() => serving.service.metrics().streams.frames > 0);
  await sleep(200);
  const ended = serving.end();
  await sleep(50);
  reader.socket.resume();
  await ended;
  expect(serving.service.metrics().streams.frames).toBeLessThan(400);
  // The last chunk of the body is there: it is whole.
  expect((await reader.closed).endsWith("\r\n0\r\n\r\n")).toBe(true);
});

test("clients that go on asking do not keep it from ending", async () => {
  const serving = await serveLab();
  let stop = false;
  const clients = Array.from({ length: 32 }, async () => {
    const agent = keepAlive();
    while (!stop) await submit(serving, [put(1, 1)], { agent }).catch(() => sleep(5));
    agent.destroy();
  });
  await until(() => serving.engine.frontier.seq > 20n);
  await serving.service.close();
  const { seq } = serving.engine.frontier;
  await sleep(100);
  expect(serving.engine.frontier.seq).toBe(seq);
  expect(serving.service.metrics().refusals.DRAINING).toBeGreaterThan(0);
  stop = true;
  await Promise.all(clients);
  await serving.end();
});

test("a request that comes later is not waited for, however long its refusal takes", async () => {
  const serving = await serveLab();
  const head = (length: number) =>
    `POST /v1/submit HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
  const body = JSON.stringify({ submissions: [put(1, 1)] });
  const early = await raw(serving);
  early.write(head(body.length));
  await until(() => serving.service.metrics().requests.open === 1);
  const ended = serving.service.close();
  const late = await raw(serving);
  // Its body never comes: the service takes it in for a second, so that the refusal is read.
  late.write(head(1_000_000));
  await until(() => late.received().includes("DRAINING"));
  early.write(body);
  const start = performance.now();
  await ended;
  expect(performance.now() - start).toBeLessThan(600);
  await until(() => early.received().includes('"outcome":"committed"'));
  await serving.end();
});

test("of a service without requests, close resolves at once", async () => {
  const serving = await serveLab();
  await serving.service.close();
  await serving.end();
});

test("a stream whose authorization comes when the service drains already ends too", async () => {
  let authorize: (answer: boolean) => void = () => {};
  const serving = await serveLab({
    authorize: () =>
      new Promise((resolve) => {
        authorize = resolve;
      }),
  });
  const answer = call(serving, "/v1/frames?follow=true");
  await until(() => serving.service.metrics().requests.open === 1);
  const ended = serving.end();
  await sleep(50);
  authorize(true);
  await ended;
  expect((await answer).status).toBe(200);
});
