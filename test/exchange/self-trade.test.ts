/** Self-trade prevention in each mode, for new orders, fill-or-kill orders and replacements. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Market, openMarket, story } from "./market.ts";

let market: Market;
beforeEach(async () => {
  market = await openMarket();
  // In trading order: an own order between two of another account.
  await market.ask(1n, 10n, 100n, { account: 2 });
  await market.ask(2n, 10n, 105n, { account: 1 });
  await market.ask(3n, 10n, 110n, { account: 2 });
});
afterEach(async () => {
  expect(await market.finish()).toBe(true);
});

const trade = (maker: number, price: number) =>
  `Trade instrumentId=1 makerOrderId=${maker} takerOrderId=9 takerSide=Bid price=${price} quantity=10`;
const filled = (maker: number) => `OrderDone orderId=${maker} reason=Filled remaining=0`;
const prevented = (order: number, remaining: number) =>
  `OrderDone orderId=${order} reason=SelfTrade remaining=${remaining}`;

/** What an order for 30 up to 110 of account 1 sets off, after the first order is taken. */
const MODES = {
  Allow: [trade(2, 105), filled(2), trade(3, 110), filled(3), filled(9)],
  ExpireMaker: [prevented(2, 10), trade(3, 110), filled(3)],
  ExpireTaker: [prevented(9, 20)],
  ExpireBoth: [prevented(2, 10), prevented(9, 20)],
} as const;
const BOOKS = {
  Allow: { Bid: [], Ask: [] },
  ExpireMaker: { Bid: ["9: 10 @ 110"], Ask: [] },
  ExpireTaker: { Bid: [], Ask: ["2: 10 @ 105", "3: 10 @ 110"] },
  ExpireBoth: { Bid: [], Ask: ["3: 10 @ 110"] },
} as const;
const NAMES = Object.keys(MODES) as (keyof typeof MODES)[];

describe.each(NAMES)("%s", (selfTrade) => {
  test("a new order", async () => {
    const events = story(await market.bid(9n, 30n, 110n, { account: 1, selfTrade }));
    expect(events.slice(1)).toEqual([trade(1, 100), filled(1), ...MODES[selfTrade]]);
    expect({ Bid: await market.book("Bid"), Ask: await market.book("Ask") }).toEqual(BOOKS[selfTrade]);
  });

  test("a replacement that crosses: the order itself never counts as its own maker", async () => {
    await market.bid(9n, 10n, 50n, { account: 1 });
    const events = story(await market.replace(9n, 30n, 110n, { selfTrade }));
    const changed = "OrderChanged orderId=9 price=110 remaining=10 keptPriority=false";
    const rests = selfTrade === "ExpireMaker" ? [changed] : [];
    expect(events).toEqual([trade(1, 100), filled(1), ...MODES[selfTrade], ...rests]);
    expect({ Bid: await market.book("Bid"), Ask: await market.book("Ask") }).toEqual(BOOKS[selfTrade]);
  });

  test("orders of other accounts are never prevented", async () => {
    const events = story(await market.bid(9n, 30n, 110n, { account: 3, selfTrade }));
    expect(events.filter((line) => line.startsWith("Trade"))).toHaveLength(3);
  });
});

describe("fill-or-kill counts only what would trade", () => {
  const fok = (selfTrade: keyof typeof MODES, quantity: bigint) =>
    market.bid(9n, quantity, 110n, { account: 1, selfTrade, timeInForce: "Fok" });

  test("Allow: own orders too", async () => {
    expect((await fok("Allow", 30n)).outcome).toBe("committed");
  });

  test("ExpireMaker: own orders are passed over", async () => {
    expect(story(await fok("ExpireMaker", 30n))).toEqual(["NOT_FILLABLE available=20"]);
    const events = story(await fok("ExpireMaker", 20n));
    expect(events.slice(1)).toEqual([
      trade(1, 100),
      filled(1),
      prevented(2, 10),
      trade(3, 110),
      filled(3),
      filled(9),
    ]);
  });

  test.each(["ExpireTaker", "ExpireBoth"] as const)("%s: nothing behind an own order", async (selfTrade) => {
    expect(story(await fok(selfTrade, 20n))).toEqual(["NOT_FILLABLE available=10"]);
    expect(story(await fok(selfTrade, 10n)).slice(1)).toEqual([trade(1, 100), filled(1), filled(9)]);
  });
});
