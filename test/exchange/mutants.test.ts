/**
 * One-line changes to the exchange: audit of a history that the unchanged exchange made names the first frame and the
 * field where each of them answers otherwise.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Domain, type FrameDifference, type History, memoryHistory, open } from "statevec";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Exchange } from "../../examples/exchange/feed.ts";
import { openMarket } from "./market.ts";

const SOURCE = new URL("../../examples/exchange/exchange.handlers.ts", import.meta.url);
const SCHEMA = fileURLToPath(new URL("../../examples/exchange/exchange.schema.ts", import.meta.url));
/** Inside the project, so that package names resolve; ignored by git. */
const FOLDER = fileURLToPath(new URL("../../build/test-mutants/", import.meta.url));

/** A history in which every rule decides something. The numbers are those of the frames. */
async function makeHistory(history: History): Promise<void> {
  const market = await openMarket(history);
  const steps: (() => Promise<{ seq: bigint }>)[] = [
    /*  6 */ () => market.bid(1n, 30n, 100n),
    /*  7 */ () => market.bid(2n, 30n, 100n, { account: 2 }),
    /*  8 */ () => market.ask(3n, 10n, 95n, { account: 3, timeInForce: "Ioc" }),
    /*  9 */ () => market.ask(4n, 40n, 100n, { account: 3, timeInForce: "Ioc" }),
    /* 10 */ () => market.ask(5n, 20n, 105n, { account: 3 }),
    /* 11 */ () => market.ask(6n, 20n, 105n, { account: 2 }),
    /* 12 */ () => market.ask(7n, 20n, 110n, { account: 3 }),
    /* 13 */ () => market.replace(5n, 10n, 105n),
    /* 14 */ () => market.replace(6n, 30n, 105n),
    /* 15 */ () => market.replace(5n, 10n, 105n),
    /* 16 */ () => market.reduce(6n, 10n),
    /* 17 */ () => market.reduce(5n, 10n),
    /* 18 */ () => market.bid(8n, 10n, 105n, { postOnly: true }),
    /* 19 */ () => market.bid(9n, 30n, 105n, { timeInForce: "Fok" }),
    /* 20 */ () => market.bid(10n, 20n, 110n, { account: 2, timeInForce: "Fok", selfTrade: "ExpireTaker" }),
    /* 21 */ () => market.bid(11n, 10n, 105n, { account: 2, selfTrade: "ExpireMaker" }),
    /* 22 */ () => market.ask(12n, 30n, null, { account: 3, timeInForce: "Ioc" }),
    /* 23 */ () => market.bid(13n, 10n, null),
    /* 24 */ () => market.bid(14n, 15n, 100n),
    /* 25 */ () => market.bid(15n, 10n, 101n),
    /* 26 */ () => market.bid(16n, 10n, 90n),
    /* 27 */ () => market.bid(16n, 10n, 90n, { account: 2 }),
    /* 28 */ () => market.bid(17n, 10n, 90n, { clientOrderId: 16n }),
    /* 29 */ () => market.setState("Halted"),
    /* 30 */ () => market.bid(18n, 10n, 90n),
    /* 31 */ () => market.replace(16n, 20n, 90n),
    /* 32 */ () => market.setState("Trading"),
    /* 33 */ () => market.ask(19n, 10n, 90n, { account: 2, timeInForce: "Fok" }),
    /* 34 */ () => market.bid(20n, 10n, 90n),
    /* 35 */ () => market.cancel(20n),
  ];
  let expected = 6n;
  for (const step of steps) expect((await step()).seq).toBe(expected++);
  expect(await market.finish()).toBe(true);
}

type Place = Partial<FrameDifference>;
const trade = (field: string, recorded: string, replayed: string): Place => {
  return { seq: 8n, part: "event 2 Trade", field, recorded, replayed };
};
const decision = (seq: bigint, recorded: string, replayed: string): Place => {
  return { seq, part: "outcome", recorded: `"${recorded}"`, replayed: `"${replayed}"` };
};
const code = (seq: bigint, recorded: string, replayed: string): Place => {
  return { seq, part: "code", recorded: `"${recorded}"`, replayed: `"${replayed}"` };
};
const order = (sysId: bigint) => ({ kind: "Order", sysId });

/** What is changed, the text, what stands there instead, where audit objects. */
const MUTANTS: [string, string, string, Place][] = [
  [
    "new orders tie",
    "priority: tx.seq,",
    "priority: 0n,",
    { seq: 6n, part: "delta 1", record: order(5n), field: "after.priority", recorded: "6", replayed: "0" },
  ],
  [
    "a replaced order keeps its place",
    "priority: tx.seq });",
    "priority: order.priority });",
    {
      seq: 14n,
      part: "delta 1",
      record: order(8n),
      field: "before.priority",
      recorded: "11",
      replayed: "nothing",
    },
  ],
  [
    "an unchanged order loses its place",
    "quantity <= order.remaining;",
    "quantity < order.remaining;",
    { seq: 15n, part: "delta 1", record: order(7n), recorded: "nothing", replayed: '"update Order 7"' },
  ],
  [
    "a partial fill takes nothing from the maker",
    "remaining: maker.remaining - quantity",
    "remaining: maker.remaining",
    { seq: 8n, part: "delta 1", record: order(5n), recorded: '"update Order 5"', replayed: "nothing" },
  ],
  [
    "any quantity is a multiple",
    "value % unit === 0n",
    "value % unit < unit",
    decision(24n, "rejected", "committed"),
  ],
  [
    "the tick is not checked",
    "!isMultiple(price, tickSize)) return tx.reject(Reject.BAD_PRICE, { tickSize });\n  if (price === null",
    "false) return tx.reject(Reject.BAD_PRICE, { tickSize });\n  if (price === null",
    decision(25n, "rejected", "committed"),
  ],
  [
    "a halted instrument takes orders",
    '  if (instrument.state !== "Trading") return tx.reject(Reject.INSTRUMENT_HALTED);\n  const account',
    "  const account",
    decision(30n, "rejected", "committed"),
  ],
  [
    "a halted instrument takes replacements",
    '  if (instrument.state !== "Trading") return tx.reject(Reject.INSTRUMENT_HALTED);\n  const { lotSize, tickSize } = instrument;\n  if (!isMultiple(quantity, lotSize)) return tx.reject(Reject.BAD_QUANTITY, { lotSize });\n  if (!isMultiple(price',
    "  const { lotSize, tickSize } = instrument;\n  if (!isMultiple(quantity, lotSize)) return tx.reject(Reject.BAD_QUANTITY, { lotSize });\n  if (!isMultiple(price",
    decision(31n, "rejected", "committed"),
  ],
  [
    "a market order may rest",
    'cmd.timeInForce === "Gtc" || cmd.postOnly)',
    "cmd.postOnly)",
    decision(23n, "rejected", "committed"),
  ],
  [
    "order ids are not checked",
    "if (tx.exists(Order.byOrderId, orderId))",
    "if (false)",
    code(27n, "DUPLICATE_ORDER_ID", "UNIQUE_KEY_TAKEN"),
  ],
  [
    "client order ids are not checked",
    "if (twin)",
    "if (!twin && false)",
    code(28n, "DUPLICATE_CLIENT_ORDER_ID", "UNIQUE_KEY_TAKEN"),
  ],
  ["post-only may trade", "if (best)", "if (!best && false)", decision(18n, "rejected", "committed")],
  [
    "there must be more than is asked for",
    "available < quantity",
    "available <= quantity",
    decision(6n, "committed", "rejected"),
  ],
  [
    "a reject says another number",
    "Reject.NOT_FILLABLE, { available }",
    "Reject.NOT_FILLABLE, { available: quantity }",
    { seq: 19n, part: "detail", field: "available", recorded: "20", replayed: "30" },
  ],
  [
    "fill-or-kill looks behind own orders",
    'taker.selfTrade !== "ExpireMaker") break;',
    'taker.selfTrade !== "ExpireMaker") continue;',
    decision(20n, "rejected", "committed"),
  ],
  [
    "a trade happens at the taker's price",
    "price: maker.price,",
    "price: taker.limit ?? 0n,",
    trade("price", "100", "95"),
  ],
  [
    "the wrong side takes",
    "takerSide: taker.side,",
    "takerSide: opposite(taker.side),",
    trade("takerSide", '"Ask"', '"Bid"'),
  ],
  [
    "the maker is the taker",
    "makerOrderId: maker.orderId,",
    "makerOrderId: taker.orderId,",
    trade("makerOrderId", "1", "3"),
  ],
  [
    "an order is not announced",
    "  tx.emit(OrderAccepted, { orderId, accountId, clientOrderId, instrumentId, side, price, quantity });\n",
    "",
    { seq: 6n, part: "event 1", recorded: '"OrderAccepted"', replayed: "nothing" },
  ],
  [
    "an expired order is called cancelled",
    'reason: "Expired"',
    'reason: "Cancelled"',
    { seq: 22n, field: "reason", recorded: '"Expired"', replayed: '"Cancelled"' },
  ],
  [
    "a cancelled order has nothing left",
    'tx.reject(Reject.UNKNOWN_ORDER, { orderId: cmd.orderId });\n  finish(tx, order, "Cancelled", order.remaining);',
    'tx.reject(Reject.UNKNOWN_ORDER, { orderId: cmd.orderId });\n  finish(tx, order, "Cancelled", 0n);',
    { seq: 35n, part: "event 1 OrderDone", field: "remaining", recorded: "10", replayed: "0" },
  ],
  [
    "a reduced order may have nothing left",
    "cmd.by >= order.remaining",
    "cmd.by > order.remaining",
    decision(17n, "committed", "faulted"),
  ],
  [
    "self-trade prevention stops where it should go on",
    '      if (taker.selfTrade === "ExpireMaker") continue;\n',
    "",
    { seq: 21n, part: "delta 2", record: order(10n), recorded: '"insert Order 10"', replayed: "nothing" },
  ],
];

let history: History;
let source: string;
beforeAll(async () => {
  history = memoryHistory();
  source = readFileSync(SOURCE, "utf8");
  mkdirSync(FOLDER, { recursive: true });
  await makeHistory(history);
});
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

/** The exchange with one text replaced by another. */
async function mutate(text: string, replacement: string): Promise<Domain<Exchange>> {
  expect(source.split(text), "the text stands there exactly once").toHaveLength(2);
  const changed = source.replace(text, () => replacement).replace("./exchange.schema.ts", SCHEMA);
  const file = `${FOLDER}mutant-${MUTANTS.findIndex(([, found]) => found === text)}.ts`;
  writeFileSync(file, changed);
  const module = await import(/* @vite-ignore */ file);
  return module.exchange;
}

test.each(MUTANTS)("%s", async (_, text, replacement, place) => {
  const domain = await mutate(text, replacement);
  const engine = await open({ domain, history, clock: { nowNs: () => 1_000n } });
  try {
    const report = await engine.audit();
    expect(report.identical).toBe(false);
    expect(report.difference).toMatchObject(place);
  } finally {
    await engine.close();
  }
});
