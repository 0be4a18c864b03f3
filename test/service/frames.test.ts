/** Frame streams: backpressure, readers that stop or leave, following across many commits, an end that shows. */
import { get, type IncomingMessage } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { largeDeed, openLab, TestHistory } from "../engine/lab.ts";
import {
  call,
  delimited,
  put,
  raw,
  type Serving,
  serveEngine,
  serveLab,
  sleep,
  submit,
  until,
} from "./serving.ts";

let serving: Serving;
beforeAll(async () => {
  serving = await serveLab({ limits: { answerSeconds: 1 } });
});
afterAll(() => serving.end());

function stream(path: string, accept = "application/json", port = serving.port): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get({ port, host: "127.0.0.1", path, headers: { accept } }, resolve).on("error", reject);
  });
}

/** Seqs of a stream of lines as they come. */
function follow(response: IncomingMessage) {
  const seqs: number[] = [];
  let rest = "";
  response.on("data", (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    for (const line of lines) seqs.push(Number(JSON.parse(line).seq));
  });
  const ended = new Promise<boolean>((resolve) => {
    response.on("error", () => resolve(false));
    response.on("end", () => resolve(response.complete));
  });
  return { seqs, ended };
}
const upTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, n) => from + n);

describe("following", () => {
  test("goes on across many commits, from any seq, to a seq, in both types", async () => {
    const start = Number(serving.engine.frontier.seq);
    const abort = await stream("/v1/frames?follow=true");
    const { seqs } = follow(abort);
    const later = follow(await stream(`/v1/frames?follow=true&from=${start + 5}&to=${start + 20}`));
    const bytes = call(serving, `/v1/frames?follow=true&from=${start + 1}&to=${start + 30}`, {
      headers: { accept: "application/x-protobuf" },
    });
    for (let n = 1; n <= 30; n++) {
      await submit(serving, [put(n, n)]);
      await until(() => seqs.at(-1) === start + n);
    }
    expect(seqs).toEqual(upTo(start + 30));
    expect(await later.ended).toBe(true);
    expect(later.seqs).toEqual(upTo(start + 20, start + 5));
    const frames = delimited("statevec.v1.Frame", (await bytes).bytes);
    expect(frames.map(({ seq }) => Number(seq))).toEqual(upTo(start + 30, start + 1));
    abort.destroy();
    await until(() => serving.service.metrics().streams.open === 0);
  });

  test("has its head before the first frame", async () => {
    const response = await stream(`/v1/frames?follow=true&from=${serving.engine.frontier.seq + 100n}`);
    expect(response.statusCode).toBe(200);
    response.destroy();
    await until(() => serving.service.metrics().streams.open === 0);
  });

  test("ends whole when the engine closes", async () => {
    const own = await serveLab();
    const { seqs, ended } = follow(await stream("/v1/frames?follow=true", undefined, own.port));
    await submit(own, [put(1, 1), put(2, 2)]);
    await own.engine.close();
    expect(await ended).toBe(true);
    expect(seqs).toEqual([1, 2, 3]);
    await own.listener.close();
  });

  test("breaks off, so that its reader sees it, when the history fails", async () => {
    const history = new TestHistory();
    const own = await serveLab({}, { history });
    const { seqs, ended } = follow(await stream("/v1/frames?follow=true", undefined, own.port));
    await submit(own, [put(1, 1)]);
    await until(() => seqs.length === 2);
    history.failNext(false);
    await submit(own, [put(2, 2)]);
    expect(await ended).toBe(false);
    expect(own.told.length).toBeGreaterThan(0);
    await own.end();
  });
});

describe("a reader", () => {
  let large: Serving;
  beforeAll(async () => {
    const engine = await openLab();
    // About 40 MB of frames, 80 MB of JSON.
    for (let n = 0; n < 10; n++)
      await engine.submitMany(
        Array.from({ length: 100 }, () => ({ name: "Do", payload: largeDeed() }) as const),
      );
    large = await serveEngine(engine, { limits: { answerSeconds: 2 } });
  });
  afterAll(() => large.end());

  test("that stops holds a piece or two, not the history, and loses its place in time", async () => {
    const connection = await raw(large);
    connection.socket.pause();
    connection.write("GET /v1/frames HTTP/1.1\r\nhost: x\r\n\r\n");
    await until(() => large.service.metrics().streams.open === 1);
    await sleep(300);
    const { sent } = large.service.metrics().bytes;
    await sleep(300);
    // What the system buffers beside, on both ends, is a few MiB at the most.
    expect(large.service.metrics().bytes.sent).toBe(sent);
    expect(sent).toBeLessThan(16_000_000);
    await until(() => large.service.metrics().streams.open === 0);
    connection.socket.destroy();
  });

  test("that is slow gets all of it", { timeout: 120_000 }, async () => {
    const response = await stream("/v1/frames", "application/x-protobuf", large.port);
    let bytes = 0;
    let chunks = 0;
    for await (const chunk of response) {
      bytes += chunk.length;
      if (chunks++ % 50 === 0) await sleep(5);
    }
    expect(response.complete).toBe(true);
    expect(bytes).toBeGreaterThan(39_000_000);
  });

  test("that leaves in the middle is noticed, and others go on", async () => {
    const leaving = await Promise.all(
      Array.from({ length: 10 }, () => stream("/v1/frames", undefined, large.port)),
    );
    const staying = follow(await stream("/v1/frames?from=1&to=300", undefined, large.port));
    for (const response of leaving) response.once("data", () => response.destroy());
    expect(await staying.ended).toBe(true);
    expect(staying.seqs).toEqual(upTo(300));
    await until(() => large.service.metrics().streams.open === 0);
    expect((await call(large, "/v1/health")).status).toBe(200);
  });
});
