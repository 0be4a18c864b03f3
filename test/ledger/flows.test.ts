/** What the ledger does when it says yes: transfers, holds to their edges, exchanges, settlement, in both lanes. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Account, Settlement, Transfer } from "../../examples/ledger/ledger.schema.ts";
import { type Answer, type Bank, LANES, money, openBank, openLedger, sealedLedger, story } from "./bank.ts";

const LARGEST = "99999999999999999999999999.99999999"; // 34 digits

describe.each(LANES)("in the %s lane", (lane) => {
  let bank: Bank;
  beforeEach(async () => {
    bank = await openBank(lane === "open" ? openLedger : sealedLedger());
  });
  afterEach(async () => {
    expect(await bank.finish()).toBe(true);
  });
  const balances = async (...accountIds: bigint[]) => bank.balances(...accountIds);
  const amounts = (...pairs: [string, string][]) => pairs.map((pair) => pair.map(money));
  const committed = async (...steps: Promise<Answer>[]) => {
    for (const { outcome } of await Promise.all(steps)) expect(outcome).toBe("committed");
  };

  describe("transfers", () => {
    test("move what is there to the last cent, and tell both entries", async () => {
      expect(story(await bank.transfer(10n, 11n, "100", 5n))).toEqual([
        "EntryBooked transferId=5 accountId=10 amount=-100 balance=0",
        "EntryBooked transferId=5 accountId=11 amount=100 balance=100",
      ]);
      expect(await balances(10n, 11n)).toEqual(amounts(["0", "0"], ["100", "100"]));
      const purpose = await bank.engine.read((view) => view.get(Transfer.byTransferId, 5n).purpose);
      expect(purpose).toBe("Payment");
    });

    test("an account goes as far below zero as its overdraft, an external one without end", async () => {
      await committed(bank.transfer(12n, 11n, "50"));
      expect(story(await bank.transfer(12n, 11n, "0.01"))).toEqual(["INSUFFICIENT_FUNDS spendable=0"]);
      await committed(bank.transfer(1n, 11n, "1000000"));
      expect(await balances(1n, 12n)).toEqual(amounts(["-1000100", "-1000100"], ["-50", "-50"]));
    });

    test("a frozen account takes money in", async () => {
      await committed(bank.setState(11n, "Frozen"), bank.transfer(10n, 11n, "1"), bank.setState(11n, "Open"));
      await committed(bank.transfer(11n, 10n, "1"), bank.setState(11n, "Closed"));
    });

    test("a statement has the entries of an account in order, and those of a time by its bounds", async () => {
      bank.clock.timeNs = 1_100n;
      await committed(bank.transfer(10n, 11n, "10"), bank.transfer(11n, 10n, "3"));
      bank.clock.timeNs = 1_200n;
      await committed(bank.transfer(10n, 11n, "5"));
      expect(await bank.statement(10n)).toEqual(
        amounts(["100", "100"], ["-10", "90"], ["3", "93"], ["-5", "88"]),
      );
    });
  });

  describe("decimals", () => {
    test("a currency has its places: none, two, eight", async () => {
      await committed(
        bank.transfer(21n, 20n, "1"),
        bank.transfer(1n, 10n, "0.01"),
        bank.openAccount(31n, "BTC", "External"),
        bank.transfer(31n, 30n, "0.00000001"),
      );
      expect(story(await bank.transfer(21n, 20n, "0.1"))).toEqual(["TOO_PRECISE places=0"]);
      expect(story(await bank.transfer(1n, 10n, "0.001"))).toEqual(["TOO_PRECISE places=2"]);
    });

    test("the largest amount moves; a cent more on top is no balance and faults", async () => {
      await committed(
        bank.openAccount(31n, "BTC", "External"),
        bank.openAccount(32n, "BTC", "External"),
        bank.transfer(31n, 30n, LARGEST),
      );
      expect(await balances(31n, 30n)).toEqual(amounts([`-${LARGEST}`, `-${LARGEST}`], [LARGEST, LARGEST]));
      // The giver's posted is field 6 of an account; of another giver the taker's.
      expect(story(await bank.transfer(31n, 32n, "0.00000001"))).toEqual(["faulted OVERFLOW field=6"]);
      expect(story(await bank.transfer(32n, 30n, "0.00000001"))).toEqual(["faulted OVERFLOW field=6"]);
      expect(await balances(32n)).toEqual(amounts(["0", "0"]));
      await committed(bank.transfer(30n, 31n, LARGEST));
    });

    test("holds may take available as low as it goes, and no lower", async () => {
      await committed(bank.openAccount(31n, "BTC", "External"), bank.hold(1n, 31n, 30n, LARGEST));
      expect(story(await bank.hold(2n, 31n, 30n, "0.00000001"))).toEqual(["faulted OVERFLOW field=7"]);
      await committed(bank.capture(1n, null));
      expect(await balances(31n, 30n)).toEqual(amounts([`-${LARGEST}`, `-${LARGEST}`], [LARGEST, LARGEST]));
    });

    test("what an exchange comes to may leave the type, and faults in both lanes alike", async () => {
      const worth = (rate: string) => bank.exchange(1n, 20n, "99999999999999999999999999", rate);
      expect(story(await worth("999999999999"))).toEqual(["faulted OVERFLOW field=0"]);
      expect(story(await worth("2"))).toEqual(["faulted OVERFLOW field=6"]);
    });
  });

  describe("holds", () => {
    test("keep money from being spent until they are released", async () => {
      expect(story(await bank.hold(1n, 10n, 3n, "60"))).toEqual([
        "HoldChanged holdId=1 state=Open amount=60",
      ]);
      expect(await balances(10n)).toEqual(amounts(["100", "40"]));
      expect(story(await bank.transfer(10n, 11n, "40.01"))).toEqual(["INSUFFICIENT_FUNDS spendable=40"]);
      expect(story(await bank.release(1n))).toEqual(["HoldChanged holdId=1 state=Released amount=0"]);
      expect(await balances(10n)).toEqual(amounts(["100", "100"]));
      expect(await bank.statement(10n)).toHaveLength(1);
    });

    test("are captured whole", async () => {
      await committed(bank.hold(1n, 10n, 3n, "60"));
      expect(story(await bank.capture(1n, null, false, 5n))).toEqual([
        "HoldChanged holdId=1 state=Captured amount=0",
        "EntryBooked transferId=5 accountId=10 amount=-60 balance=40",
        "EntryBooked transferId=5 accountId=3 amount=60 balance=60",
      ]);
      expect(await balances(10n, 3n)).toEqual(amounts(["40", "40"], ["60", "60"]));
    });

    test("are captured in part, and the rest goes back", async () => {
      await committed(bank.hold(1n, 10n, 3n, "60"));
      expect(story(await bank.capture(1n, "45", true))[0]).toBe(
        "HoldChanged holdId=1 state=Captured amount=0",
      );
      expect(await balances(10n, 3n)).toEqual(amounts(["55", "55"], ["45", "45"]));
      expect(await bank.openHolds()).toEqual([]);
    });

    test("are captured in part, again and again, to the last cent", async () => {
      await committed(bank.hold(1n, 10n, 3n, "60"));
      expect(story(await bank.capture(1n, "45", false))[0]).toBe("HoldChanged holdId=1 state=Open amount=15");
      expect(await balances(10n)).toEqual(amounts(["55", "40"]));
      expect(story(await bank.capture(1n, "15.01", false))).toEqual(["ABOVE_HOLD held=15"]);
      expect(story(await bank.capture(1n, "15", false))[0]).toBe(
        "HoldChanged holdId=1 state=Captured amount=0",
      );
      expect(await balances(10n, 3n)).toEqual(amounts(["40", "40"], ["60", "60"]));
      expect(story(await bank.capture(1n, null))).toEqual(["HOLD_ENDED state=Captured"]);
    });

    test("of a frozen account are captured: it pays what it promised before", async () => {
      await committed(bank.hold(1n, 10n, 3n, "60"), bank.setState(10n, "Frozen"), bank.capture(1n, null));
      expect(await balances(10n)).toEqual(amounts(["40", "40"]));
    });

    test("end at their time: a nanosecond before they are captured, at it they expire", async () => {
      await committed(bank.hold(1n, 10n, 3n, "10", 2_000n), bank.hold(2n, 10n, 3n, "10", 2_001n));
      bank.clock.timeNs = 1_999n;
      expect(story(await bank.expire(10))).toEqual([]);
      await committed(bank.capture(1n, "1", false));
      bank.clock.timeNs = 2_000n;
      expect(story(await bank.capture(1n, "1"))).toEqual(["HOLD_EXPIRED expiresNs=2000"]);
      expect(story(await bank.expire(10))).toEqual(["HoldChanged holdId=1 state=Expired amount=0"]);
      expect(await balances(10n)).toEqual(amounts(["99", "89"]));
      await committed(bank.capture(2n, null));
      expect(story(await bank.capture(1n, null))).toEqual(["HOLD_ENDED state=Expired"]);
    });

    test("expire the oldest first, no more at once than asked for, and what has ended not again", async () => {
      await committed(
        bank.hold(1n, 10n, 3n, "1", 1_003n),
        bank.hold(2n, 10n, 3n, "2", 1_001n),
        bank.hold(3n, 10n, 3n, "3", 1_002n),
        bank.hold(4n, 10n, 3n, "4", 1_001n),
        bank.hold(5n, 10n, 3n, "5", 1_002n),
        bank.release(3n),
      );
      bank.clock.timeNs = 1_003n;
      expect(story(await bank.expire(2)).map((line) => line.slice(0, 20))).toEqual([
        "HoldChanged holdId=2",
        "HoldChanged holdId=4",
      ]);
      expect(await bank.openHolds()).toEqual([5n, 1n]);
      expect(story(await bank.expire(1_000))).toHaveLength(2);
      expect(story(await bank.expire(1_000))).toEqual([]);
      expect(await balances(10n)).toEqual(amounts(["100", "100"]));
    });

    test("an overdraft can be held", async () => {
      await committed(bank.hold(1n, 12n, 3n, "50"), bank.capture(1n, null));
      expect(await balances(12n)).toEqual(amounts(["-50", "-50"]));
    });
  });

  describe("exchanges", () => {
    test("go through the positions of both currencies", async () => {
      expect(story(await bank.exchange(10n, 20n, "10", "163.5", 5n))).toEqual([
        "EntryBooked transferId=5 accountId=10 amount=-10 balance=90",
        "EntryBooked transferId=5 accountId=2 amount=10 balance=10",
        "EntryBooked transferId=5 accountId=22 amount=-1635 balance=-1635",
        "EntryBooked transferId=5 accountId=20 amount=1635 balance=10635",
      ]);
    });

    test.each([
      ["0.51", "1", "1"],
      ["1.50", "1", "2"],
      ["2.50", "1", "2"],
      ["2.50", "1.000000000001", "3"],
      ["3.49", "1", "3"],
      ["0.01", "50", null],
      ["0.01", "50.000000000001", "1"],
    ])("%s euro at %s yen are %s, rounded once, half to even", async (amount, rate, received) => {
      const receipt = await bank.exchange(10n, 20n, amount, rate);
      const expected =
        received === null ? ["NOTHING_RECEIVED"] : expect.stringMatching(` amount=${received} `);
      expect(received === null ? story(receipt) : story(receipt)[3]).toEqual(expected);
    });

    test("a frozen position stops them, a closed one makes room for another", async () => {
      await committed(bank.setState(2n, "Frozen"));
      expect(story(await bank.exchange(10n, 20n, "10", "1"))).toEqual(["NO_POSITION currency=EUR"]);
      await committed(bank.setState(2n, "Closed"), bank.openAccount(6n, "EUR", "Position"));
      await committed(bank.exchange(10n, 20n, "10", "1"));
      expect(await balances(2n, 6n)).toEqual(amounts(["0", "0"], ["10", "10"]));
    });
  });

  describe("settlement", () => {
    const settlements = () =>
      bank.engine.read((view) => {
        const { currency } = view.get(Account.byAccountId, 1n);
        const { accounts, net } = view.get(Settlement.byDay, currency, 2026_03_02);
        return { accounts, net };
      });

    test("nets the clearing accounts of a currency into one entry outside", async () => {
      await committed(
        bank.transfer(10n, 3n, "70"),
        bank.transfer(4n, 11n, "20"),
        bank.transfer(20n, 21n, "1"),
      );
      expect(story(await bank.settle("EUR", 2026_03_02, 1n, 5n))).toEqual([
        "EntryBooked transferId=5 accountId=3 amount=-70 balance=0",
        "EntryBooked transferId=5 accountId=4 amount=20 balance=0",
        "EntryBooked transferId=5 accountId=1 amount=50 balance=-50",
        "DaySettled currency=EUR day=20260302 accounts=2 net=50",
      ]);
      expect(await settlements()).toEqual({ accounts: 2, net: money("50") });
    });

    test("has no entry outside where the clearing accounts cancel out", async () => {
      await committed(bank.transfer(10n, 3n, "20"), bank.transfer(4n, 11n, "20"));
      expect(story(await bank.settle("EUR", 2026_03_02, 1n))).toHaveLength(3);
      expect(await settlements()).toEqual({ accounts: 2, net: 0n });
    });

    test("takes money in where more is due to the bank, and settles a day without any", async () => {
      await committed(bank.transfer(4n, 11n, "20"));
      expect(story(await bank.settle("EUR", 2026_03_02, 1n))[1]).toContain(
        "accountId=1 amount=-20 balance=-120",
      );
      expect(story(await bank.settle("EUR", 2026_03_03, 1n))).toEqual([
        "DaySettled currency=EUR day=20260303 accounts=0 net=0",
      ]);
    });

    test("leaves what is held, and what is frozen for a later day", async () => {
      await committed(
        bank.transfer(10n, 3n, "70"),
        bank.hold(1n, 3n, 11n, "15"),
        bank.transfer(10n, 4n, "30"),
        bank.setState(4n, "Frozen"),
        bank.settle("EUR", 2026_03_02, 1n),
      );
      expect(await settlements()).toEqual({ accounts: 1, net: money("55") });
      expect(await balances(3n, 4n)).toEqual(amounts(["15", "0"], ["30", "30"]));
      await committed(bank.setState(4n, "Open"), bank.release(1n), bank.settle("EUR", 2026_03_03, 1n));
      expect(await balances(1n, 3n, 4n)).toEqual(amounts(["0", "0"], ["0", "0"], ["0", "0"]));
    });

    test("a currency has a hundred clearing accounts at most, and a day settles them all", async () => {
      const clearings = Array.from({ length: 98 }, (_, at) => BigInt(500 + at));
      await committed(...clearings.map((accountId) => bank.openAccount(accountId, "EUR", "Clearing")));
      expect(story(await bank.openAccount(700n, "EUR", "Clearing"))).toEqual(["ROLE_FULL atMost=100"]);
      await committed(...[3n, 4n, ...clearings].map((accountId) => bank.transfer(1n, accountId, "1")));
      expect(story(await bank.settle("EUR", 2026_03_02, 1n))).toHaveLength(102);
      await committed(bank.setState(597n, "Closed"), bank.openAccount(700n, "EUR", "Clearing"));
    });
  });
});
