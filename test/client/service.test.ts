/**
 * The client against the service, over real sockets: what an engine answers, and what happens when a service goes, comes
 * back, or says no.
 */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Domain, type Engine, memoryHistory, open, type ServiceError, type Submission } from "statevec";
import { type Client, type ConnectOptions, connect } from "statevec/client";
import { command, type Decimal, defineSchema } from "statevec/schema";
import { bearerToken, createService, type Service, type ServiceOptions } from "statevec/service";
import { afterEach, describe, expect, it } from "vitest";
import { Customer, Order, shop } from "../cli/shop.ts";

/** A service on a port of its own. */
class Place {
  readonly engine: Engine;
  readonly server: Server;
  readonly service: Service;

  private constructor(engine: Engine, server: Server, service: Service) {
    this.engine = engine;
    this.server = server;
    this.service = service;
  }

  static async open(engine: Engine, options: ServiceOptions = {}, port = 0): Promise<Place> {
    const service = createService(engine, options);
    const server = createServer((request, response) => void service.handle(request, response));
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return new Place(engine, server, service);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Cuts every connection and listens no more. */
  async cut(): Promise<void> {
    const closed = once(this.server, "close");
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end().catch(() => {});
});

async function openPlace(options: ServiceOptions = {}): Promise<Place> {
  const engine = (await open({ domain: shop, history: memoryHistory() })) as unknown as Engine;
  const place = await Place.open(engine, options);
  ends.push(
    () => engine.close(),
    () => place.cut(),
  );
  return place;
}

type Cents = Decimal<2>;
type Shop = typeof shop extends Domain<infer Parts> ? Parts : never;

async function connectTo(
  place: { readonly url: string },
  options: Partial<ConnectOptions<Shop>> = {},
): Promise<Client<Shop>> {
  const client = await connect({ url: place.url, schema: shop, client: 7n, ...options });
  ends.push(() => client.close({ giveUp: true }));
  return client;
}

describe("submitting", () => {
  it("answers as the engine does: every outcome, with events and details", async () => {
    const place = await openPlace();
    const client = await connectTo(place);
    const submissions: Submission<Shop>[] = [
      { name: "Join", payload: { login: "ada", badge: Uint8Array.of(1, 2) } },
      { name: "Buy", payload: { login: "ada", number: 1, amount: 1_250n as Cents } },
      { name: "Pay", payload: { login: "ada", number: 1 } },
      { name: "Buy", payload: { login: "eve", number: 1, amount: 1n as Cents } },
      { name: "Join", payload: { login: "ada" } },
      { name: "Join", payload: { login: "" } },
      { name: "Pay", payload: { login: "ada", number: 9 } },
    ];
    const receipts = await Promise.all(
      submissions.map(({ name, payload }) => client.submit(name as never, payload as never)),
    );
    const expected = await Promise.all(
      submissions.map((_, at) => place.engine.receipt({ client: 7n, stream: 1, seq: BigInt(at + 1) })),
    );
    expect(receipts).toEqual(expected.map((receipt) => ({ ...receipt, duplicate: false })));
    const outcomes = receipts.map(({ outcome }) => outcome);
    expect(outcomes.filter((one) => one === "committed")).toHaveLength(3);
    expect(new Set(outcomes)).toEqual(new Set(["committed", "rejected", "faulted"]));
    // All of one turn went in one request.
    expect(place.service.metrics().requests.total).toBe(2);
    expect(await client.lastSeq()).toBe(7n);
    expect(await client.receipt(2n)).toEqual({ ...receipts[1], duplicate: true });
    expect(await client.receipt(8n)).toBeUndefined();
  });

  it("refuses a payload before it is sent, as the engine would, and goes on", async () => {
    const place = await openPlace();
    const client = await connectTo(place);
    const bad = client.submit("Join", { login: 7 as never });
    const good = client.submit("Join", { login: "ada" });
    await expect(bad).rejects.toMatchObject({ name: "AdmissionError", code: "MALFORMED", field: "login" });
    await expect(client.submit("Leave" as never, {} as never)).rejects.toMatchObject({ name: "UsageError" });
    expect((await good).outcome).toBe("committed");
    expect(await client.lastSeq()).toBe(1n);
  });

  it("goes on behind its last command when it connects again", async () => {
    const place = await openPlace();
    const first = await connectTo(place);
    await first.submit("Join", { login: "ada" });
    await first.close();
    await expect(first.submit("Join", { login: "bob" })).rejects.toMatchObject({ code: "CLOSED" });
    const second = await connectTo(place);
    expect((await second.submit("Join", { login: "bob" })).outcome).toBe("committed");
    expect(await second.lastSeq()).toBe(2n);
  });

  it("ends with CONFLICT when another client has its name", async () => {
    const place = await openPlace();
    const [first, second] = [await connectTo(place), await connectTo(place)];
    await first.submit("Join", { login: "ada" });
    await expect(second.submit("Join", { login: "bob" })).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(second.submit("Join", { login: "eve" })).rejects.toMatchObject({ code: "CONFLICT" });
    expect((await first.submit("Join", { login: "eve" })).outcome).toBe("committed");
  });

  it("sends again, to one frame each, while connections are cut and the service comes and goes", async () => {
    const engine = (await open({ domain: shop, history: memoryHistory() })) as unknown as Engine;
    let place = await Place.open(engine);
    ends.push(
      () => engine.close(),
      () => place.cut(),
    );
    const { port } = place;
    const retries: unknown[] = [];
    const client = await connectTo(place, {
      batch: 5,
      timeoutMilliseconds: 500,
      onRetry: (error) => retries.push(error),
    });
    const receipts: Promise<{ readonly seq: bigint; readonly outcome: string }>[] = [];
    for (let round = 0; round < 12; round++) {
      for (let one = 0; one < 40; one++) receipts.push(client.submit("Join", { login: `${round}-${one}` }));
      await new Promise((resolve) => setTimeout(resolve, 15));
      if (round % 3 === 0) place.server.closeAllConnections();
      if (round % 3 === 1) {
        await place.cut();
        await new Promise((resolve) => setTimeout(resolve, 30));
        place = await Place.open(engine, {}, port);
      }
    }
    const seqs = (await Promise.all(receipts)).map(({ seq }) => seq);
    expect(seqs).toEqual(Array.from({ length: 480 }, (_, at) => BigInt(at + 2)));
    expect(retries.length).toBeGreaterThan(2);
    expect(engine.frontier.seq).toBe(481n);
  });

  it("waits out a service that is full, or drains", async () => {
    const place = await openPlace({ limits: { perSecond: 10 } });
    const waits: string[] = [];
    const client = await connectTo(place, {
      batch: 10,
      onRetry: (error) => waits.push((error as ServiceError).code),
    });
    const receipts = await Promise.all(
      Array.from({ length: 30 }, (_, at) => client.submit("Join", { login: `${at}` })),
    );
    expect(receipts.map(({ seq }) => seq)).toEqual(Array.from({ length: 30 }, (_, at) => BigInt(at + 2)));
    expect(waits).toContain("RATE");

    const end = new AbortController();
    await place.service.close();
    const late = connect({
      url: place.url,
      schema: shop,
      client: 8n,
      signal: end.signal,
      onRetry: () => end.abort(),
    });
    await expect(late).rejects.toMatchObject({ name: "AbortError" });
  });

  it("cuts what is too large for one request, and tells of what is too large for any", async () => {
    const place = await openPlace({ limits: { bodyBytes: 4_096 } });
    const client = await connectTo(place);
    const about = "x".repeat(1_000);
    const receipts = await Promise.all(
      Array.from({ length: 20 }, (_, at) => client.submit("Join", { login: `${at}`, about })),
    );
    expect(receipts.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, at) => BigInt(at + 2)));
    expect(place.service.metrics().requests.total).toBeGreaterThan(6);
  });
});

describe("being refused", () => {
  it("says which schema the service has", async () => {
    const place = await openPlace();
    const other = defineSchema("shop", { records: {}, commands: { Join: command("Join", 1, {}) } });
    const client = await connect({ url: place.url, schema: other, client: 7n });
    ends.push(() => client.close({ giveUp: true }));
    const refused = client.submit("Join", {});
    await expect(refused).rejects.toMatchObject({ name: "ServiceError", code: "SCHEMA_MISMATCH" });
    expect(place.engine.frontier.seq).toBe(1n);
  });

  it("says that the token is none", async () => {
    const place = await openPlace({ authorize: bearerToken("open-sesame-please") });
    await expect(connectTo(place)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
    await expect(connectTo(place, { token: "open-sesame-now-please" })).rejects.toMatchObject({
      code: "UNAUTHORIZED",
    });
    const client = await connectTo(place, { token: "open-sesame-please" });
    expect((await client.submit("Join", { login: "ada" })).outcome).toBe("committed");
  });

  it("goes on whatever becomes of the error that onRetry was told", async () => {
    const place = await openPlace();
    let failures = 2;
    const client = await connectTo(place, {
      pauseMilliseconds: 1,
      fetch: async (url, request) => {
        if (failures-- > 0) throw new TypeError("fetch failed");
        return fetch(url, request);
      },
      onRetry: () => {
        failures = Math.max(failures, 0);
        throw new Error("the log is full");
      },
    });
    failures = 1;
    expect((await client.submit("Join", { login: "ada" })).outcome).toBe("committed");
  });

  it("knows an address of something else", async () => {
    const server = createServer((_, response) => response.end("welcome"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    ends.push(async () => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(connectTo({ url })).rejects.toMatchObject({ name: "ServiceError", code: "PROTOCOL" });
  });

  it.each([
    ["client", { client: -1n }],
    ["client", { client: 7 }],
    ["stream", { stream: 1.5 }],
    ["batch", { batch: 0 }],
    ["schema", { schema: {} }],
    ["url", { url: "127.0.0.1:7411" }],
    ["url", { url: "not an address" }],
    ["url", { url: "http://ada:secret@127.0.0.1:7411" }],
    ["url", { url: "http://127.0.0.1:7411/?a=1" }],
    ["token", { token: "two words" }],
    ["token", { token: "" }],
  ])("names an option that is none: %s", async (name, options) => {
    const wrong = connect({ url: "http://127.0.0.1:1", schema: shop, client: 1n, ...options } as never);
    await expect(wrong).rejects.toMatchObject({ name: "UsageError", argument: `options.${name}` });
  });
});

describe("reading", () => {
  async function filled() {
    const place = await openPlace();
    const client = await connectTo(place);
    await client.submit("Join", { login: "ada & co/?#", badge: Uint8Array.of(255) });
    await client.submit("Join", { login: "bob" });
    const amounts = [300n, 100n, 500n, 200n, 400n] as Cents[];
    for (const [at, amount] of amounts.entries()) {
      await client.submit("Buy", { login: "bob", number: at + 1, amount });
    }
    await client.submit("Pay", { login: "bob", number: 3 });
    return { place, client };
  }

  it("finds records by SysId and unique key, equal to what the engine reads", async () => {
    const { place, client } = await filled();
    const ada = await client.find(Customer.byLogin, "ada & co/?#");
    expect(ada).toEqual(await place.engine.read((view) => view.get(Customer.byLogin, "ada & co/?#")));
    expect(Object.isFrozen(ada)).toBe(true);
    expect(await client.find(Customer, ada!.sysId)).toEqual(ada);
    expect(await client.find(Customer.byLogin, "nobody")).toBeUndefined();
    expect(await client.find(Customer, 99n as never)).toBeUndefined();
    const bob = await client.find(Customer.byLogin, "bob");
    const order = await client.find(Order.byNumber, bob!.sysId, 3);
    expect(order).toEqual(await place.engine.read((view) => view.get(Order.byNumber, bob!.sysId, 3)));
  });

  it("pages along an index, both ways, within bounds", async () => {
    const { place, client } = await filled();
    const all = await place.engine.read((view) => [...view.list(Order.byAmount, ["Open"])]);
    const pages: (readonly object[])[] = [];
    let cursor: bigint | undefined;
    do {
      const page = await client.list(Order.byAmount, ["Open"], { limit: 3, cursor });
      pages.push(page.records);
      cursor = page.next;
    } while (cursor !== undefined);
    expect(pages.map((page) => page.length)).toEqual([3, 1]);
    expect(pages.flat()).toEqual(all);
    const back = await client.list(Order.byAmount, ["Open"], { reverse: true });
    expect(back.records).toEqual([...all].reverse());
    expect(back.seq).toBe(place.engine.frontier.seq);
    const bounded = await client.list(Order.byAmount, ["Open"], {
      from: 300n as never,
      before: 100n as never,
    });
    expect(bounded.records.map(({ amount }) => amount)).toEqual([300n, 200n]);
    expect((await client.list(Order.open, [])).records).toEqual(
      await place.engine.read((view) => [...view.list(Order.open, [])]),
    );
  });

  it("names what is wrong before it asks", async () => {
    const { client } = await filled();
    await expect(client.find(Order.byNumber, ...([1n] as unknown as [never, number]))).rejects.toThrow(
      "found 1 key parts, expected 2",
    );
    await expect(client.find({} as typeof Customer, 1n as never)).rejects.toThrow(
      "expected a record or unique key",
    );
    await expect(client.list({} as typeof Order.open, [])).rejects.toThrow("expected an index");
    await expect(client.list(Order.byAmount, ["Open", 1n, 2n] as unknown as ["Open"])).rejects.toThrow(
      "at most 2 values",
    );
    await expect(client.receipt(0n)).rejects.toThrow("expected a bigint from 1");
  });

  it("streams all frames though the service ends a stream early, as one that drains does", async () => {
    const { place } = await filled();
    const asked: string[] = [];
    const client = await connectTo(place, {
      client: 8n,
      pauseMilliseconds: 1,
      fetch: async (url, request) => {
        if (!url.includes("/v1/frames")) return fetch(url, request);
        const { searchParams } = new URL(url);
        asked.push(String(searchParams));
        return fetch(asked.length < 3 ? url.replace(/to=\d+/, `to=${1 + asked.length * 2}`) : url, request);
      },
    });
    const seqs: bigint[] = [];
    for await (const { seq } of client.frames({ to: 99n })) seqs.push(seq);
    expect(seqs).toEqual([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n]);
    expect(asked).toEqual(["from=1&to=9", "from=4&to=9", "from=6&to=9"]);
    for await (const { seq } of client.frames({ from: 10n })) seqs.push(seq);
    expect(seqs).toHaveLength(9);
  });

  it("streams frames equal to the engine's, goes on after a cut, and follows", async () => {
    const { place, client } = await filled();
    const own: unknown[] = [];
    for await (const frame of place.engine.frames({ from: 2n })) own.push(frame);
    const got: unknown[] = [];
    for await (const frame of client.frames({ from: 2n })) got.push(frame);
    expect(got).toEqual(own);
    expect(await client.frontier()).toEqual(place.engine.frontier);

    const end = new AbortController();
    const followed: bigint[] = [];
    const reading = (async () => {
      for await (const { seq } of client.frames({ from: 8n, follow: true, signal: end.signal })) {
        followed.push(seq);
        if (seq === 10n || seq === 12n) place.server.closeAllConnections();
        if (seq === 14n) end.abort();
      }
    })();
    for (let one = 0; one < 5; one++) {
      await client.submit("Join", { login: `more ${one}` });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await reading;
    expect(followed).toEqual([8n, 9n, 10n, 11n, 12n, 13n, 14n]);
  });

  it("gives up a stream of frames that breaks off again and again at one place", async () => {
    let streams = 0;
    const server = createServer((request, response) => {
      response.setHeader("content-type", "application/x-protobuf");
      if (!request.url!.startsWith("/v1/frames")) {
        response.end();
        return;
      }
      streams++;
      response.write(Uint8Array.of(100, 8, 2), () => response.destroy());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    ends.push(async () => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = await connectTo({ url }, { pauseMilliseconds: 1 });
    const reading = client.frames({ from: 7n, follow: true })[Symbol.asyncIterator]().next();
    await expect(reading).rejects.toThrow("PROTOCOL: the stream of frames broke off 10 times before frame 7");
    expect(streams).toBe(10);
  });
});
