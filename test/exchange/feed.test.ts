/** Which command a message becomes, and what the tally makes of the receipts. */
import { describe, expect, test } from "vitest";
import {
  type ExchangeEngine,
  type ExchangeReceipt,
  Feed,
  restingOrder,
  takingOrder,
} from "../../examples/exchange/feed.ts";
import { type Message, parseLobster } from "../../examples/exchange/lobster.ts";
import { quotesLine } from "../../examples/exchange/quotes.ts";
import { Tally } from "../../examples/exchange/tally.ts";

const FLOW = [
  "34200.000000001,1,11,100,10000,1",
  "34200.000000002,2,11,40,10000,1",
  "34200.000000003,4,11,60,10000,1",
  "34200.000000004,3,12,5,10100,-1",
  "34200.000000005,5,0,7,10050,1",
  "34200.000000006,7,0,0,-1,-1",
].join("\n");

/** An engine that remembers what it was sent. */
function recordingEngine() {
  const sent: unknown[] = [];
  const engine = {
    submit(name: string, payload: unknown, options: unknown) {
      sent.push({ name, payload, options });
      return Promise.resolve({ outcome: "committed" });
    },
  };
  return { sent, engine: engine as unknown as ExchangeEngine };
}

describe("feed", () => {
  test("sends one command for each message that changes a visible order, as one stream", () => {
    const { sent, engine } = recordingEngine();
    const feed = new Feed(engine);
    const answers = parseLobster(FLOW).map((message) => feed.send(message));
    expect(answers.map((answer) => answer !== undefined)).toEqual([true, true, true, true, false, false]);
    const source = (seq: bigint) => ({ source: { client: 1n, stream: 1, seq } });
    expect(sent).toMatchObject([
      { name: "PlaceOrder", options: source(1n) },
      { name: "ReduceOrder", payload: { orderId: 11n, by: 40n }, options: source(2n) },
      { name: "PlaceOrder", options: source(3n) },
      { name: "CancelOrder", payload: { orderId: 12n }, options: source(4n) },
    ]);
  });

  test("a new order rests for account 1", () => {
    expect(restingOrder(parseLobster(FLOW)[0]!)).toEqual({
      orderId: 11n,
      accountId: 1,
      clientOrderId: 11n,
      instrumentId: 1,
      side: "Bid",
      price: 10_000n,
      quantity: 100n,
      timeInForce: "Gtc",
      postOnly: false,
      selfTrade: "Allow",
    });
  });

  test("an execution takes from the other side for account 2, and never says which order it should hit", () => {
    const execution = parseLobster(FLOW)[2]!;
    const order = takingOrder(execution);
    const orderId = 2n ** 63n + 3n;
    expect(order).toEqual({
      orderId,
      accountId: 2,
      clientOrderId: orderId,
      instrumentId: 1,
      side: "Ask",
      price: 10_000n,
      quantity: 60n,
      timeInForce: "Ioc",
      postOnly: false,
      selfTrade: "Allow",
    });
    expect(takingOrder({ ...execution, orderId: 99n })).toEqual(order);
  });
});

describe("tally", () => {
  const [add, , execution] = parseLobster(FLOW) as [Message, Message, Message];
  const trades = (...makers: bigint[]) =>
    ({
      outcome: "committed",
      events: makers.map((makerOrderId) => ({ name: "Trade", values: { makerOrderId, quantity: 60n } })),
    }) as unknown as ExchangeReceipt;

  test("counts outcomes, codes and trades", () => {
    const tally = new Tally(6);
    tally.add(add, trades(1n, 2n), 1);
    tally.add(add, { outcome: "rejected", code: "BAD_PRICE" } as ExchangeReceipt, 1);
    expect(tally).toMatchObject({
      outcomes: { committed: 1, rejected: 1, faulted: 0 },
      trades: 2,
      executions: 0,
      codes: new Map([["BAD_PRICE", 1]]),
    });
  });

  test.each([
    ["the named order alone", [trades(11n)], 1, 1],
    ["another order", [trades(12n)], 0, 0],
    ["nothing", [trades()], 0, 0],
    ["the named order and another", [trades(11n, 12n)], 1, 0],
    ["each of two, the second too little", [trades(11n), trades(12n)], 1, 1],
  ])("an execution that hits %s", (_, receipts, hit, hitAtOnce) => {
    const tally = new Tally(2);
    for (const receipt of receipts) tally.add(execution, receipt, 1);
    expect(tally).toMatchObject({ executionsHit: hit, executionsHitAtOnce: hitAtOnce });
  });

  test("two executions in the other order are one miss, and two at once", () => {
    const tally = new Tally(2);
    tally.add({ ...execution, orderId: 12n }, trades(11n), 1);
    tally.add(execution, trades(12n), 1);
    expect(tally).toMatchObject({ executions: 2, executionsHit: 1, executionsHitAtOnce: 0 });
  });

  test("reports latencies in microseconds", () => {
    const tally = new Tally(200);
    for (let step = 100; step >= 1; step--) tally.add(add, trades(), step / 1000);
    expect(tally.latencyUs()).toEqual({ p50: 51, p99: 100 });
    expect(new Tally(5).latencyUs()).toEqual({ p50: 0, p99: 0 });
  });
});

test("a line of quotes leaves the fields of an empty side empty", () => {
  expect(quotesLine({ ask: [10_100n, 7n], bid: [10_000n, 5n] })).toBe("10100,7,10000,5\n");
  expect(quotesLine({ ask: undefined, bid: [10_000n, 5n] })).toBe(",,10000,5\n");
  expect(quotesLine({ ask: undefined, bid: undefined })).toBe(",,,\n");
});
