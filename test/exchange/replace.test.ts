/** Replacing an order: when it keeps its place, when it gives it up, when it meets the market again. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Market, openMarket, story } from "./market.ts";

let market: Market;
beforeEach(async () => {
  market = await openMarket();
  await market.bid(1n, 30n, 100n);
  await market.bid(2n, 30n, 100n);
});
afterEach(async () => {
  expect(await market.finish()).toBe(true);
});

const changed = (price: number, remaining: number, kept: boolean) =>
  `OrderChanged orderId=1 price=${price} remaining=${remaining} keptPriority=${kept}`;

describe("priority", () => {
  test.each([
    ["less at the same price keeps it", 20n, 100n, false, true, ["1: 20 @ 100", "2: 30 @ 100"]],
    ["as much at the same price keeps it", 30n, 100n, false, true, ["1: 30 @ 100", "2: 30 @ 100"]],
    ["more at the same price loses it", 40n, 100n, false, false, ["2: 30 @ 100", "1: 40 @ 100"]],
    ["less, asked to lose it, loses it", 20n, 100n, true, false, ["2: 30 @ 100", "1: 20 @ 100"]],
    ["less at a better price stands first there", 20n, 105n, false, false, ["1: 20 @ 105", "2: 30 @ 100"]],
    ["less at a worse price stands behind", 20n, 95n, false, false, ["2: 30 @ 100", "1: 20 @ 95"]],
  ])("%s", async (_, quantity, price, losePriority, kept, book) => {
    const events = story(await market.replace(1n, quantity, price, { losePriority }));
    expect(events).toEqual([changed(Number(price), Number(quantity), kept)]);
    expect(await market.book("Bid")).toEqual(book);
  });

  test("moving away and back loses it", async () => {
    await market.replace(1n, 30n, 95n);
    await market.replace(1n, 30n, 100n);
    expect(await market.book("Bid")).toEqual(["2: 30 @ 100", "1: 30 @ 100"]);
  });

  test("what is left counts, not what was placed", async () => {
    await market.ask(3n, 20n, 100n, { account: 2 });
    expect(story(await market.replace(1n, 20n, 100n))).toEqual([changed(100, 20, false)]);
    expect(await market.book("Bid")).toEqual(["2: 30 @ 100", "1: 20 @ 100"]);
  });
});

describe("crossing", () => {
  beforeEach(async () => {
    await market.ask(3n, 20n, 110n, { account: 2 });
  });
  const tradeAndFill = [
    "Trade instrumentId=1 makerOrderId=3 takerOrderId=1 takerSide=Bid price=110 quantity=20",
    "OrderDone orderId=3 reason=Filled remaining=0",
  ];

  test("trades, and what is left rests at the new price", async () => {
    expect(story(await market.replace(1n, 50n, 110n))).toEqual([...tradeAndFill, changed(110, 30, false)]);
    expect(await market.book("Bid")).toEqual(["1: 30 @ 110", "2: 30 @ 100"]);
  });

  test("filled whole, the order is done", async () => {
    expect(story(await market.replace(1n, 20n, 115n))).toEqual([
      ...tradeAndFill,
      "OrderDone orderId=1 reason=Filled remaining=0",
    ]);
    expect(await market.book("Bid")).toEqual(["2: 30 @ 100"]);
  });
});

describe("the client order id and the order id stay taken through a replacement", () => {
  test("by the order itself", async () => {
    await market.replace(1n, 10n, 95n);
    expect(story(await market.bid(1n, 10n, 90n, { clientOrderId: 77n }))).toEqual(["DUPLICATE_ORDER_ID"]);
    expect(story(await market.bid(77n, 10n, 90n, { clientOrderId: 1n }))).toEqual([
      "DUPLICATE_CLIENT_ORDER_ID orderId=1",
    ]);
  });
});
