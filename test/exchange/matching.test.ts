/** The matching rules, one case each: priority, fills, times in force, post-only, market, cancel and reduce. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Market, openMarket, story } from "./market.ts";

let market: Market;
beforeEach(async () => {
  market = await openMarket();
});
afterEach(async () => {
  expect(await market.finish()).toBe(true);
});

describe("a resting order", () => {
  test("is accepted and rests with all its quantity", async () => {
    expect(story(await market.bid(1n, 20n, 100n, { clientOrderId: 7n }))).toEqual([
      "OrderAccepted orderId=1 accountId=1 clientOrderId=7 instrumentId=1 side=Bid price=100 quantity=20",
    ]);
    expect(await market.book("Bid")).toEqual(["1: 20 @ 100"]);
  });

  test("stands in the book best price first, then oldest first, on both sides", async () => {
    await market.bid(1n, 10n, 95n);
    await market.bid(2n, 10n, 100n);
    await market.bid(3n, 10n, 95n);
    await market.ask(4n, 10n, 115n);
    await market.ask(5n, 10n, 110n);
    await market.ask(6n, 10n, 115n);
    expect(await market.book("Bid")).toEqual(["2: 10 @ 100", "1: 10 @ 95", "3: 10 @ 95"]);
    expect(await market.book("Ask")).toEqual(["5: 10 @ 110", "4: 10 @ 115", "6: 10 @ 115"]);
  });
});

describe("a trade", () => {
  test("takes the best price first, then the oldest, at the maker's price, and rests with what is left", async () => {
    await market.ask(1n, 10n, 105n);
    await market.ask(2n, 10n, 100n);
    await market.ask(3n, 10n, 100n);
    expect(story(await market.bid(4n, 40n, 110n, { account: 2 }))).toEqual([
      "OrderAccepted orderId=4 accountId=2 clientOrderId=4 instrumentId=1 side=Bid price=110 quantity=40",
      "Trade instrumentId=1 makerOrderId=2 takerOrderId=4 takerSide=Bid price=100 quantity=10",
      "OrderDone orderId=2 reason=Filled remaining=0",
      "Trade instrumentId=1 makerOrderId=3 takerOrderId=4 takerSide=Bid price=100 quantity=10",
      "OrderDone orderId=3 reason=Filled remaining=0",
      "Trade instrumentId=1 makerOrderId=1 takerOrderId=4 takerSide=Bid price=105 quantity=10",
      "OrderDone orderId=1 reason=Filled remaining=0",
    ]);
    expect(await market.book("Ask")).toEqual([]);
    expect(await market.book("Bid")).toEqual(["4: 10 @ 110"]);
  });

  test("stops at the limit, on either side", async () => {
    await market.bid(1n, 10n, 100n);
    await market.bid(2n, 10n, 95n);
    const events = story(await market.ask(3n, 20n, 100n, { account: 2 }));
    expect(events.filter((line) => line.startsWith("Trade"))).toHaveLength(1);
    expect(await market.book("Bid")).toEqual(["2: 10 @ 95"]);
    expect(await market.book("Ask")).toEqual(["3: 10 @ 100"]);
  });

  test("leaves a partly filled maker its place", async () => {
    await market.ask(1n, 30n, 100n);
    await market.ask(2n, 10n, 100n);
    const events = story(await market.bid(3n, 10n, 100n, { account: 2 }));
    expect(events.slice(1)).toEqual([
      "Trade instrumentId=1 makerOrderId=1 takerOrderId=3 takerSide=Bid price=100 quantity=10",
      "OrderDone orderId=3 reason=Filled remaining=0",
    ]);
    expect(await market.book("Ask")).toEqual(["1: 20 @ 100", "2: 10 @ 100"]);
  });
});

describe("time in force", () => {
  test("IOC trades what it can, then expires", async () => {
    await market.ask(1n, 10n, 100n);
    const events = story(await market.bid(2n, 30n, 100n, { account: 2, timeInForce: "Ioc" }));
    expect(events.slice(1)).toEqual([
      "Trade instrumentId=1 makerOrderId=1 takerOrderId=2 takerSide=Bid price=100 quantity=10",
      "OrderDone orderId=1 reason=Filled remaining=0",
      "OrderDone orderId=2 reason=Expired remaining=20",
    ]);
    expect(await market.book("Bid")).toEqual([]);
  });

  test("IOC that meets nothing expires whole", async () => {
    expect(story(await market.bid(2n, 30n, 100n, { timeInForce: "Ioc" })).slice(1)).toEqual([
      "OrderDone orderId=2 reason=Expired remaining=30",
    ]);
  });

  test("FOK fills whole over several makers", async () => {
    await market.ask(1n, 10n, 100n);
    await market.ask(2n, 10n, 105n);
    const events = story(await market.bid(3n, 20n, 105n, { account: 2, timeInForce: "Fok" }));
    expect(events.at(-1)).toBe("OrderDone orderId=3 reason=Filled remaining=0");
    expect(await market.book("Ask")).toEqual([]);
  });

  test("FOK that cannot fill whole changes nothing and says what was available within its limit", async () => {
    await market.ask(1n, 10n, 100n);
    await market.ask(2n, 10n, 105n);
    expect(story(await market.bid(3n, 20n, 100n, { account: 2, timeInForce: "Fok" }))).toEqual([
      "NOT_FILLABLE available=10",
    ]);
    expect(await market.book("Ask")).toEqual(["1: 10 @ 100", "2: 10 @ 105"]);
  });
});

describe("post-only", () => {
  test("rests where it does not cross", async () => {
    await market.ask(1n, 10n, 105n);
    await market.bid(2n, 10n, 100n, { postOnly: true });
    expect(await market.book("Bid")).toEqual(["2: 10 @ 100"]);
  });

  test.each(["Bid", "Ask"] as const)(
    "a %s that would trade is rejected with the price it would meet",
    async (side) => {
      await market.place(1n, side === "Bid" ? "Ask" : "Bid", 10n, 100n);
      expect(story(await market.place(2n, side, 10n, 100n, { account: 2, postOnly: true }))).toEqual([
        "WOULD_TRADE price=100",
      ]);
    },
  );
});

describe("a market order", () => {
  test("takes any price and never rests", async () => {
    await market.bid(1n, 10n, 100n);
    await market.bid(2n, 10n, 5n);
    const events = story(await market.ask(3n, 30n, null, { account: 2, timeInForce: "Ioc" }));
    expect(events[0]).toContain("price=null quantity=30");
    expect(events.filter((line) => line.startsWith("Trade"))).toEqual([
      "Trade instrumentId=1 makerOrderId=1 takerOrderId=3 takerSide=Ask price=100 quantity=10",
      "Trade instrumentId=1 makerOrderId=2 takerOrderId=3 takerSide=Ask price=5 quantity=10",
    ]);
    expect(events.at(-1)).toBe("OrderDone orderId=3 reason=Expired remaining=10");
    expect(await market.book("Ask")).toEqual([]);
  });

  test("can be fill-or-kill", async () => {
    await market.bid(1n, 10n, 100n);
    expect(story(await market.ask(2n, 20n, null, { account: 2, timeInForce: "Fok" }))).toEqual([
      "NOT_FILLABLE available=10",
    ]);
  });

  test.each([{ timeInForce: "Gtc" as const }, { timeInForce: "Ioc" as const, postOnly: true }])(
    "can not rest: %o",
    async (options) => {
      expect(story(await market.bid(1n, 10n, null, options))).toEqual(["CANNOT_REST"]);
    },
  );
});

describe("cancel and reduce", () => {
  test("a cancelled order is gone, with what was left of it", async () => {
    await market.bid(1n, 30n, 100n);
    await market.ask(2n, 10n, 100n, { account: 2 });
    expect(story(await market.cancel(1n))).toEqual(["OrderDone orderId=1 reason=Cancelled remaining=20"]);
    expect(await market.book("Bid")).toEqual([]);
    expect(story(await market.cancel(1n))).toEqual(["UNKNOWN_ORDER orderId=1"]);
  });

  test("a reduced order keeps its place", async () => {
    await market.bid(1n, 30n, 100n);
    await market.bid(2n, 30n, 100n);
    expect(story(await market.reduce(1n, 10n))).toEqual([
      "OrderChanged orderId=1 price=100 remaining=20 keptPriority=true",
    ]);
    expect(await market.book("Bid")).toEqual(["1: 20 @ 100", "2: 30 @ 100"]);
  });

  test.each([30n, 40n])("an order of 30 reduced by %s is cancelled", async (by) => {
    await market.bid(1n, 30n, 100n);
    expect(story(await market.reduce(1n, by))).toEqual(["OrderDone orderId=1 reason=Cancelled remaining=30"]);
    expect(await market.book("Bid")).toEqual([]);
  });

  test("ids are free again when their order is done", async () => {
    await market.bid(1n, 30n, 100n);
    await market.cancel(1n);
    expect((await market.bid(1n, 10n, 95n)).outcome).toBe("committed");
    expect(await market.book("Bid")).toEqual(["1: 10 @ 95"]);
  });
});
