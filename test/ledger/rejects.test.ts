/** Every reject of the ledger with its details, and which one wins when several hold, in both lanes. */
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Reject } from "../../examples/ledger/ledger.schema.ts";
import { type Answer, type Bank, LANES, openBank, openLedger, sealedLedger, story } from "./bank.ts";

const FAR = "999999999999";

describe.each(LANES)("in the %s lane", (lane) => {
  let bank: Bank;
  beforeEach(async () => {
    bank = await openBank(lane === "open" ? openLedger : sealedLedger());
  });
  afterEach(async () => {
    expect(await bank.finish()).toBe(true);
  });

  /** Each step breaks everything that the steps above it break, and one thing more, which wins. */
  async function refuses(steps: readonly [string, () => Promise<Answer>][]): Promise<void> {
    for (const [expected, step] of steps) expect(story(await step())).toEqual([expected]);
  }
  const setUp = async (...steps: Promise<Answer>[]) => {
    for (const { outcome } of await Promise.all(steps)) expect(outcome).toBe("committed");
  };

  test("PostTransfer", async () => {
    const { transfer, setState } = bank;
    await setUp(
      transfer(1n, 10n, "1", 7n),
      bank.openAccount(13n, "EUR", "Customer"),
      setState(13n, "Closed"),
    );
    await refuses([
      ["INSUFFICIENT_FUNDS spendable=101", () => transfer(10n, 11n, FAR)],
      ["TOO_PRECISE places=2", () => transfer(10n, 11n, `${FAR}.001`)],
      ["BAD_AMOUNT", () => transfer(10n, 11n, "0")],
      ["BAD_AMOUNT", () => transfer(10n, 11n, "-0.001")],
    ]);
    await setUp(setState(10n, "Frozen"));
    await refuses([
      ["ACCOUNT_FROZEN accountId=10", () => transfer(10n, 11n, "-0.001")],
      ["ACCOUNT_CLOSED accountId=13", () => transfer(10n, 13n, "-0.001")],
      ["ACCOUNT_CLOSED accountId=13", () => transfer(13n, 10n, "-0.001")],
      ["OTHER_CURRENCY accountId=20", () => transfer(13n, 20n, "-0.001")],
      ["SAME_ACCOUNT", () => transfer(13n, 13n, "-0.001")],
      ["UNKNOWN_ACCOUNT accountId=99", () => transfer(13n, 99n, "-0.001")],
      ["UNKNOWN_ACCOUNT accountId=98", () => transfer(98n, 99n, "-0.001")],
      ["ALREADY_POSTED seq=18", () => transfer(98n, 99n, "-0.001", 7n)],
    ]);
  });

  test("PlaceHold", async () => {
    const { hold, setState } = bank;
    await setUp(hold(7n, 10n, 3n, "1"), bank.openAccount(13n, "EUR", "Customer"), setState(13n, "Closed"));
    await refuses([
      ["INSUFFICIENT_FUNDS spendable=99", () => hold(1n, 10n, 3n, "99.01")],
      ["INSUFFICIENT_FUNDS spendable=50", () => hold(1n, 12n, 3n, "50.01")],
      ["BAD_EXPIRY", () => hold(1n, 10n, 3n, FAR, 1_000n)],
      ["TOO_PRECISE places=2", () => hold(1n, 10n, 3n, `${FAR}.001`, 1_000n)],
      ["BAD_AMOUNT", () => hold(1n, 10n, 3n, "-0.001", 1_000n)],
    ]);
    await setUp(setState(10n, "Frozen"));
    await refuses([
      ["ACCOUNT_FROZEN accountId=10", () => hold(1n, 10n, 3n, "-0.001", 1_000n)],
      ["ACCOUNT_CLOSED accountId=13", () => hold(1n, 10n, 13n, "-0.001", 1_000n)],
      ["ACCOUNT_CLOSED accountId=13", () => hold(1n, 13n, 10n, "-0.001", 1_000n)],
      ["OTHER_CURRENCY accountId=20", () => hold(1n, 13n, 20n, "-0.001", 1_000n)],
      ["SAME_ACCOUNT", () => hold(1n, 13n, 13n, "-0.001", 1_000n)],
      ["UNKNOWN_ACCOUNT accountId=99", () => hold(1n, 13n, 99n, "-0.001", 1_000n)],
      ["UNKNOWN_ACCOUNT accountId=98", () => hold(1n, 98n, 99n, "-0.001", 1_000n)],
      ["ALREADY_HELD seq=18", () => hold(7n, 98n, 99n, "-0.001", 1_000n)],
    ]);
  });

  test("CaptureHold and ReleaseHold", async () => {
    const { capture, release } = bank;
    await setUp(
      bank.openAccount(13n, "EUR", "Clearing"),
      bank.hold(1n, 10n, 13n, "5"),
      bank.transfer(1n, 10n, "1", 7n),
    );
    await refuses([
      ["ABOVE_HOLD held=5", () => capture(1n, "5.01")],
      ["TOO_PRECISE places=2", () => capture(1n, "5.001")],
      ["BAD_AMOUNT", () => capture(1n, "0")],
      ["BAD_AMOUNT", () => capture(1n, "-0.001")],
    ]);
    await setUp(bank.setState(13n, "Closed"));
    await refuses([["ACCOUNT_CLOSED accountId=13", () => capture(1n, "-0.001")]]);
    bank.clock.timeNs = 2_000n;
    await refuses([["HOLD_EXPIRED expiresNs=2000", () => capture(1n, "-0.001")]]);
    await setUp(release(1n));
    await refuses([
      ["HOLD_ENDED state=Released", () => capture(1n, "-0.001")],
      ["HOLD_ENDED state=Released", () => release(1n)],
      ["UNKNOWN_HOLD holdId=9", () => capture(9n, "-0.001")],
      ["UNKNOWN_HOLD holdId=9", () => release(9n)],
      ["ALREADY_POSTED seq=20", () => capture(9n, "-0.001", true, 7n)],
    ]);
  });

  test("Exchange", async () => {
    const { exchange, setState } = bank;
    await setUp(bank.transfer(1n, 10n, "1", 7n));
    await refuses([
      ["NOTHING_RECEIVED", () => exchange(10n, 20n, "0.50", "1")],
      ["INSUFFICIENT_FUNDS spendable=101", () => exchange(10n, 20n, "101.01", "0.000000000001")],
      ["TOO_PRECISE places=2", () => exchange(10n, 20n, "101.001", "0.000000000001")],
      ["BAD_AMOUNT", () => exchange(10n, 20n, "101.001", "0")],
      ["BAD_AMOUNT", () => exchange(10n, 20n, "-101.001", "1")],
    ]);
    await setUp(setState(10n, "Frozen"), bank.openAccount(23n, "JPY", "Customer"), setState(23n, "Closed"));
    await refuses([
      ["ACCOUNT_FROZEN accountId=10", () => exchange(10n, 20n, "-0.001", "1")],
      ["ACCOUNT_CLOSED accountId=23", () => exchange(10n, 23n, "-0.001", "1")],
      ["ACCOUNT_CLOSED accountId=23", () => exchange(23n, 10n, "-0.001", "1")],
      ["NO_POSITION currency=BTC", () => exchange(23n, 30n, "-0.001", "1")],
    ]);
    await setUp(setState(22n, "Frozen"));
    await refuses([
      ["NO_POSITION currency=JPY", () => exchange(23n, 30n, "-0.001", "1")],
      ["WRONG_ROLE accountId=2", () => exchange(23n, 2n, "-0.001", "1")],
      ["WRONG_ROLE accountId=22", () => exchange(22n, 2n, "-0.001", "1")],
      ["SAME_CURRENCY", () => exchange(2n, 2n, "-0.001", "1")],
      ["UNKNOWN_ACCOUNT accountId=99", () => exchange(2n, 99n, "-0.001", "1")],
      ["UNKNOWN_ACCOUNT accountId=98", () => exchange(98n, 99n, "-0.001", "1")],
      ["ALREADY_POSTED seq=18", () => exchange(98n, 99n, "-0.001", "1", 7n)],
    ]);
  });

  test("SettleDay", async () => {
    const { settle, setState } = bank;
    const day = 2026_03_02;
    await setUp(bank.openAccount(5n, "EUR", "External"), setState(5n, "Frozen"), settle("EUR", day, 1n, 7n));
    await refuses([["ACCOUNT_FROZEN accountId=5", () => settle("EUR", day + 1, 5n)]]);
    await setUp(setState(5n, "Closed"));
    await refuses([
      ["ACCOUNT_CLOSED accountId=5", () => settle("EUR", day + 1, 5n)],
      ["WRONG_ROLE accountId=3", () => settle("EUR", day + 1, 3n)],
      ["OTHER_CURRENCY accountId=20", () => settle("EUR", day + 1, 20n)],
      ["UNKNOWN_ACCOUNT accountId=99", () => settle("EUR", day + 1, 99n)],
      ["ALREADY_SETTLED seq=20", () => settle("EUR", day, 99n)],
      ["UNKNOWN_CURRENCY currency=XAU", () => settle("XAU", day, 99n)],
      ["ALREADY_POSTED seq=20", () => settle("XAU", day, 99n, 7n)],
      ["PAYLOAD_CHECK field=day", () => settle("XAU", 0, 99n, 7n)],
    ]);
  });

  test("AddCurrency, OpenAccount, SetAccountState and ExpireHolds", async () => {
    const { engine, openAccount, setState } = bank;
    const add = (currency: string, places: number) => engine.submit("AddCurrency", { currency, places });
    await refuses([
      ["UNIQUE_KEY_TAKEN uk=Currency.byCurrency", () => add("EUR", 3)],
      ["PAYLOAD_CHECK field=places", () => add("XAU", 9)],
      ["PAYLOAD_CHECK field=currency", () => add("", 9)],
      ["PAYLOAD_CHECK field=atMost", () => bank.expire(0)],
      ["PAYLOAD_CHECK field=atMost", () => bank.expire(1_001)],
      ["UNIQUE_KEY_TAKEN uk=Account.byAccountId", () => openAccount(10n, "EUR", "Customer")],
      ["TOO_PRECISE places=2", () => openAccount(10n, "EUR", "Customer", 1n as never)],
      ["BAD_OVERDRAFT", () => openAccount(10n, "EUR", "Customer", -1n as never)],
      ["BAD_OVERDRAFT", () => openAccount(10n, "EUR", "External", 0n as never)],
      ["ROLE_FULL atMost=1", () => openAccount(10n, "EUR", "Position", -1n as never)],
      ["UNKNOWN_CURRENCY currency=XAU", () => openAccount(10n, "XAU", "Position", -1n as never)],
      ["NOT_EMPTY posted=100 available=100", () => setState(10n, "Closed")],
      ["UNKNOWN_ACCOUNT accountId=99", () => setState(99n, "Closed")],
    ]);
    await setUp(setState(11n, "Closed"));
    await refuses([
      ["ACCOUNT_CLOSED accountId=11", () => setState(11n, "Open")],
      ["ACCOUNT_CLOSED accountId=11", () => setState(11n, "Closed")],
    ]);
  });

  test("an account that has only holds is not empty", async () => {
    await setUp(bank.hold(1n, 12n, 3n, "5"));
    await refuses([["NOT_EMPTY posted=0 available=-5", () => bank.setState(12n, "Closed")]]);
  });
});

describe("the guards stand in the order of the codes", () => {
  const numbers = new Map(Object.entries(Reject).map(([code, { number }]) => [code, number]));

  test.each(["ledger.handlers.ts", "assembly/index.ts"])("in %s", (file) => {
    const source = readFileSync(new URL(`../../examples/ledger/${file}`, import.meta.url), "utf8");
    const handlers = source.split(/^(?:export )?function /m).slice(1);
    const used = new Set<string>();
    for (const handler of handlers) {
      const codes = [...handler.matchAll(/\bReject\.([A-Z_]+)/g)].map(([, code]) => code!);
      for (const code of codes) used.add(code);
      const found = codes.map((code) => numbers.get(code)!);
      expect(found, handler.slice(0, handler.indexOf("("))).toEqual(found.toSorted((a, b) => a - b));
    }
    expect([...used].sort()).toEqual([...numbers.keys()].sort());
  });
});
