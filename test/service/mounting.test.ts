/** Mounting: on any server of node:http, beside other handlers, several services on one engine, sealed or open. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createService, listen, type Service } from "statevec/service";
import { expect, test } from "vitest";
import { openLab } from "../engine/lab.ts";
import { call, keepAlive, put, serveEngine, serveLab, submit } from "./serving.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function host(handler: Handler): Promise<{ server: Server; port: number }> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, port: (server.address() as { port: number }).port };
}

test("handle is a listener by itself, and resolves when the answer is on its way", async () => {
  const engine = await openLab();
  const service = createService(engine);
  const settled: string[] = [];
  const { handle } = service;
  const { server, port } = await host((request, response) => {
    handle(request, response).then(() => settled.push(request.url!));
  });
  expect((await submit({ port }, [put(1, 1)])).status).toBe(200);
  expect((await call({ port }, "/v1/nothing")).status).toBe(404);
  expect(settled).toEqual(["/v1/submit", "/v1/nothing"]);
  server.close();
  await engine.close();
});

test("beside other handlers it passes on what is not its own", async () => {
  const engine = await openLab();
  const service = createService(engine);
  const passed: string[] = [];
  const { server, port } = await host((request, response) => {
    // As express does for app.use("/bank", service.handle).
    if (request.url!.startsWith("/bank/")) request.url = request.url!.slice("/bank".length);
    service.handle(request, response, () => {
      passed.push(request.url!);
      response.end("another handler");
    });
  });
  expect((await submit({ port }, [put(1, 1)])).status).toBe(200);
  expect((await call({ port }, "/bank/v1/frontier")).json.seq).toBe("2");
  expect((await call({ port }, "/v1/nothing")).status).toBe(404);
  expect((await call({ port }, "/")).text).toBe("another handler");
  expect((await call({ port }, "/v10/submit")).text).toBe("another handler");
  expect(passed).toEqual(["/", "/v10/submit"]);
  server.close();
  await engine.close();
});

test("a body that was read before is taken as bytes, and otherwise refused with what to do", async () => {
  const engine = await openLab();
  const told: unknown[] = [];
  const service = createService(engine, { onError: (error) => told.push(error) });
  const { server, port } = await host(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const keeps = request.headers["x-keeps"];
    if (keeps === "raw") Object.assign(request, { body: JSON.parse(bytes.toString()), rawBody: bytes });
    else if (keeps === "body") Object.assign(request, { body: bytes });
    else Object.assign(request, { body: JSON.parse(bytes.toString()) });
    await service.handle(request, response);
  });
  for (const keeps of ["raw", "body"])
    expect((await submit({ port }, [put(1, 1)], { headers: { "x-keeps": keeps } })).status).toBe(200);
  const lost = await submit({ port }, [put(1, 1)]);
  expect(lost).toMatchObject({ status: 500, json: { code: "FAILED" } });
  expect(String(told)).toContain("mount it before what parses bodies");
  server.close();
  await engine.close();
});

test("two services on one engine have limits and a life of their own, and one order of frames", async () => {
  const engine = await openLab();
  const one = await serveEngine(engine, { limits: { submissions: 1 } });
  const two = await serveEngine(engine);
  const many = (n: number) => [put(n, n), put(n, n + 1)];
  expect((await submit(one, many(1))).status).toBe(413);
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? submit(one, [put(n, n)]) : submit(two, [put(n, n)]))),
  );
  const seqs = answers.map(({ json }) => Number(json.receipts[0].seq));
  expect(seqs.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, n) => n + 2));
  await one.listener.close();
  expect((await submit(two, many(2))).status).toBe(200);
  expect(one.service.metrics().commands.committed).toBe(20);
  expect(two.service.metrics().commands.committed).toBe(22);
  await two.listener.close();
  await engine.close();
});

test("listen says what is wrong with its options, and which port is taken", async () => {
  const serving = await serveLab();
  const { service } = serving;
  await expect(listen(service, { port: 70_000 })).rejects.toThrow("options.port: found 70000");
  await expect(listen(service, { connections: 0 })).rejects.toThrow("options.connections: found 0");
  await expect(listen(service, { port: serving.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  const other = await listen(service as Service, { port: 0, host: "localhost" });
  expect(other.url).toMatch(/^http:\/\/(127\.0\.0\.1|\[::1\]):\d+$/);
  await other.close();
  await serving.end();
});

test("a connection serves many requests, refused ones among them", async () => {
  const serving = await serveLab();
  const agent = keepAlive();
  const ports = new Set<number | undefined>();
  agent.on("free", (socket) => ports.add(socket.localPort));
  for (let n = 0; n < 10; n++) {
    expect((await submit(serving, [put(n, n)], { agent })).status).toBe(200);
    expect((await submit(serving, [{ name: "Sell" }], { agent })).status).toBe(400);
    expect(
      (await call(serving, "/v1/submit", { agent, body: "{}", headers: { "content-type": "x/y" } })).status,
    ).toBe(415);
  }
  expect(ports.size).toBe(1);
  agent.destroy();
  await serving.end();
});
