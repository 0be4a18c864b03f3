/** Every reject of the exchange with its details, and which one wins when several hold. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Market, openMarket, type PlaceOptions, story } from "./market.ts";

let market: Market;
beforeEach(async () => {
  market = await openMarket();
  await market.bid(1n, 10n, 100n);
  await market.ask(2n, 10n, 110n, { account: 2 });
});
afterEach(async () => {
  expect(await market.finish()).toBe(true);
});

/** From the last guard of PlaceOrder to the first: each line breaks everything that the lines above it break. */
const PLACE: [string, bigint, bigint | null, PlaceOptions & { orderId?: bigint }][] = [
  ["NOT_FILLABLE available=10", 20n, 110n, { timeInForce: "Fok" }],
  ["WOULD_TRADE price=110", 20n, 110n, { timeInForce: "Fok", postOnly: true }],
  [
    "DUPLICATE_CLIENT_ORDER_ID orderId=1",
    20n,
    110n,
    { timeInForce: "Fok", postOnly: true, clientOrderId: 1n },
  ],
  ["DUPLICATE_ORDER_ID", 20n, 110n, { timeInForce: "Fok", postOnly: true, clientOrderId: 1n, orderId: 1n }],
  ["CANNOT_REST", 20n, null, { timeInForce: "Fok", postOnly: true, clientOrderId: 1n, orderId: 1n }],
  ["BAD_PRICE tickSize=5", 20n, 111n, { postOnly: true, clientOrderId: 1n, orderId: 1n }],
  ["BAD_QUANTITY lotSize=10", 21n, 111n, { postOnly: true, clientOrderId: 1n, orderId: 1n }],
  ["UNKNOWN_ACCOUNT accountId=9", 21n, 111n, { account: 9, orderId: 1n }],
  ["UNKNOWN_INSTRUMENT instrumentId=9", 21n, 111n, { instrumentId: 9, account: 9, orderId: 1n }],
];

describe("PlaceOrder", () => {
  test.each(PLACE)("%s", async (expected, quantity, price, { orderId = 5n, ...options }) => {
    expect(story(await market.bid(orderId, quantity, price, options))).toEqual([expected]);
    expect(await market.book("Bid")).toEqual(["1: 10 @ 100"]);
  });

  test("INSTRUMENT_HALTED stands before UNKNOWN_ACCOUNT", async () => {
    await market.setState("Halted");
    expect(story(await market.bid(5n, 21n, 111n, { account: 9 }))).toEqual(["INSTRUMENT_HALTED"]);
    await market.setState("Trading");
    expect((await market.bid(5n, 10n, 100n)).outcome).toBe("committed");
  });

  test.each([
    [0n, 100n, "BAD_QUANTITY lotSize=10"],
    [10n, 0n, "BAD_PRICE tickSize=5"],
  ])("quantity %s at price %s", async (quantity, price, expected) => {
    expect(story(await market.bid(5n, quantity, price))).toEqual([expected]);
  });

  test("another account may use the same client order id", async () => {
    expect((await market.bid(5n, 10n, 100n, { account: 2, clientOrderId: 1n })).outcome).toBe("committed");
  });
});

describe("the other commands", () => {
  test("CancelOrder", async () => {
    expect(story(await market.cancel(9n))).toEqual(["UNKNOWN_ORDER orderId=9"]);
  });

  test("ReduceOrder", async () => {
    expect(story(await market.reduce(9n, 5n))).toEqual(["UNKNOWN_ORDER orderId=9"]);
    expect(story(await market.reduce(1n, 5n))).toEqual(["BAD_QUANTITY lotSize=10"]);
    expect(story(await market.reduce(1n, 0n))).toEqual(["BAD_QUANTITY lotSize=10"]);
  });

  test("ReplaceOrder", async () => {
    expect(story(await market.replace(9n, 5n, 1n))).toEqual(["UNKNOWN_ORDER orderId=9"]);
    expect(story(await market.replace(1n, 5n, 1n))).toEqual(["BAD_QUANTITY lotSize=10"]);
    expect(story(await market.replace(1n, 10n, 1n))).toEqual(["BAD_PRICE tickSize=5"]);
    expect(story(await market.replace(1n, 0n, 100n))).toEqual(["BAD_QUANTITY lotSize=10"]);
    await market.setState("Halted");
    expect(story(await market.replace(1n, 5n, 1n))).toEqual(["INSTRUMENT_HALTED"]);
  });

  test("a halted instrument still lets orders go", async () => {
    await market.setState("Halted");
    expect((await market.cancel(1n)).outcome).toBe("committed");
    expect((await market.reduce(2n, 10n)).outcome).toBe("committed");
  });

  test("AddInstrument and OpenAccount", async () => {
    const { engine } = market;
    const instrument = { instrumentId: 2, symbol: "TWO", tickSize: 1n, lotSize: 1n };
    expect(story(await engine.submit("AddInstrument", { ...instrument, tickSize: 0n }))).toEqual([
      "BAD_INSTRUMENT",
    ]);
    expect(story(await engine.submit("AddInstrument", { ...instrument, lotSize: 0n }))).toEqual([
      "BAD_INSTRUMENT",
    ]);
    expect(story(await engine.submit("AddInstrument", { ...instrument, instrumentId: 1 }))[0]).toMatch(
      /^UNIQUE_KEY_TAKEN uk=.*byInstrumentId/,
    );
    expect(story(await engine.submit("AddInstrument", { ...instrument, symbol: "ONE" }))[0]).toMatch(
      /^UNIQUE_KEY_TAKEN uk=.*bySymbol/,
    );
    expect(story(await engine.submit("OpenAccount", { accountId: 1 }))[0]).toMatch(
      /^UNIQUE_KEY_TAKEN uk=.*byAccountId/,
    );
    expect(story(await engine.submit("SetInstrumentState", { instrumentId: 9, state: "Halted" }))).toEqual([
      "UNKNOWN_INSTRUMENT instrumentId=9",
    ]);
  });
});
