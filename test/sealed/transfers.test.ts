/**
 * Transfers: its rules by example and at random, the same in both lanes.
 */
import { type EngineOf, memoryHistory, open, sealedDomain } from "statevec";
import type { Decimal } from "statevec/schema";
import { describe, expect, test } from "vitest";
import { transfers } from "../../examples/transfers/transfers.handlers.ts";
import { Account, Hold, schema } from "../../examples/transfers/transfers.schema.ts";
import type { Domain } from "../../src/engine/domain.ts";
import { exampleModule } from "./examples.ts";
import type { Command } from "./executing.ts";
import { compareOneByOne, engineBodies } from "./lanes.ts";
import { type Choices, tapesOf } from "./programs/choices.ts";

const sealed = () => sealedDomain(exampleModule("transfers"), { schema });
const money = (units: number) => BigInt(Math.round(units * 10_000)) as Decimal<4>;

/** Accounts 1 (an issuer), 2 and 3 in euro, 4 in dollars; 100 euro on 2. The clock is at 1,000 ns. */
async function openBank(domain: typeof transfers) {
  let timeNs = 1_000n;
  const clock = { nowNs: () => timeNs };
  const engine = await open({ domain, history: memoryHistory(), clock });
  await engine.submitMany([
    { name: "OpenAccount", payload: { accountId: 1n, currency: "Eur", mayOverdraw: true } },
    { name: "OpenAccount", payload: { accountId: 2n, currency: "Eur", mayOverdraw: false } },
    { name: "OpenAccount", payload: { accountId: 3n, currency: "Eur", mayOverdraw: false } },
    { name: "OpenAccount", payload: { accountId: 4n, currency: "Usd", mayOverdraw: true } },
    { name: "Transfer", payload: { from: 1n, to: 2n, amount: money(100) } },
  ]);
  const setTime = (ns: bigint) => {
    timeNs = ns;
  };
  return { engine, setTime };
}

const balance = (engine: EngineOf<typeof transfers>, accountId: bigint) =>
  engine.read((view) => view.get(Account.byAccountId, accountId).balance);
const rejected = (code: string, detail: object = {}) => ({ outcome: "rejected", code, detail });

describe.each([["open"], ["sealed"]])("in the %s lane", (lane) => {
  const start = () => openBank(lane === "open" ? transfers : sealed());

  test("a transfer moves what is there, and an issuer goes below zero", async () => {
    const { engine } = await start();
    const receipt = await engine.submit("Transfer", { from: 2n, to: 3n, amount: money(30.5) });
    expect(receipt).toMatchObject({
      outcome: "committed",
      events: [{ name: "Moved", values: { from: 2n, to: 3n, currency: "Eur", amount: money(30.5) } }],
    });
    expect(await Promise.all([1n, 2n, 3n].map((id) => balance(engine, id)))).toEqual([
      money(-100),
      money(69.5),
      money(30.5),
    ]);
    await engine.close();
  });

  test("rejects of a transfer, in order of precedence", async () => {
    const { engine } = await start();
    const transfer = (from: bigint, to: bigint, amount: number) =>
      engine.submit("Transfer", { from, to, amount: money(amount) });
    expect(await transfer(9n, 8n, 0)).toMatchObject(rejected("UNKNOWN_ACCOUNT", { accountId: 9n }));
    expect(await transfer(2n, 8n, 0)).toMatchObject(rejected("UNKNOWN_ACCOUNT", { accountId: 8n }));
    expect(await transfer(2n, 2n, 0)).toMatchObject(rejected("BAD_AMOUNT"));
    expect(await transfer(2n, 2n, -1)).toMatchObject(rejected("BAD_AMOUNT"));
    expect(await transfer(2n, 2n, 1)).toMatchObject(rejected("SAME_ACCOUNT"));
    expect(await transfer(2n, 4n, 1_000)).toMatchObject(rejected("OTHER_CURRENCY"));
    expect(await transfer(2n, 3n, 100.0001)).toMatchObject(
      rejected("INSUFFICIENT_FUNDS", { balance: money(100) }),
    );
    expect(await transfer(2n, 3n, 100)).toMatchObject({ outcome: "committed" });
    expect(
      await engine.submit("OpenAccount", { accountId: 2n, currency: "Usd", mayOverdraw: false }),
    ).toMatchObject({ outcome: "rejected", code: "UNIQUE_KEY_TAKEN" });
    await engine.close();
  });

  test("a hold is captured in part, released, or released when its time is over", async () => {
    const { engine, setTime } = await start();
    const place = (holdId: bigint, amount: number, expiresNs: bigint) =>
      engine.submit("PlaceHold", { holdId, accountId: 2n, amount: money(amount), expiresNs, memo: "till" });
    expect(await place(1n, 40, 1_000n)).toMatchObject(rejected("EXPIRED"));
    expect(await place(1n, 40, 2_000n)).toMatchObject({ outcome: "committed" });
    expect(await place(2n, 60.0001, 3_000n)).toMatchObject(
      rejected("INSUFFICIENT_FUNDS", { balance: money(60) }),
    );
    expect(await place(2n, 25, 3_000n)).toMatchObject({ outcome: "committed" });
    expect(await place(3n, 5, 2_500n)).toMatchObject({ outcome: "committed" });
    expect(await balance(engine, 2n)).toBe(money(30));

    const capture = (holdId: bigint, to: bigint, amount: number | null) =>
      engine.submit("CaptureHold", { holdId, to, amount: amount === null ? null : money(amount) });
    expect(await capture(9n, 3n, 1)).toMatchObject(rejected("UNKNOWN_HOLD", { holdId: 9n }));
    expect(await capture(1n, 4n, 1)).toMatchObject(rejected("OTHER_CURRENCY"));
    expect(await capture(1n, 3n, 40.0001)).toMatchObject(rejected("ABOVE_HOLD", { held: money(40) }));
    expect(await capture(1n, 3n, 15)).toMatchObject({
      events: [
        { name: "HoldEnded", values: { reason: "Captured", captured: money(15), returned: money(25) } },
      ],
    });
    expect([await balance(engine, 2n), await balance(engine, 3n)]).toEqual([money(55), money(15)]);

    setTime(2_999n);
    expect(await engine.submit("ReleaseExpired", { atMost: 10 })).toMatchObject({
      events: [{ values: { holdId: 3n, reason: "Expired", returned: money(5) } }],
    });
    expect(await capture(2n, 3n, null)).toMatchObject({
      events: [{ values: { captured: money(25), returned: money(0) } }],
    });
    expect(await engine.submit("ReleaseHold", { holdId: 2n })).toMatchObject(
      rejected("UNKNOWN_HOLD", { holdId: 2n }),
    );
    expect(await engine.read((view) => view.count(Hold.expiring, [], { limit: 9 }))).toBe(0);
    expect(await engine.audit()).toMatchObject({ identical: true });
    await engine.close();
  });

  test("a fee is rounded half to even", async () => {
    const { engine } = await start();
    const fee = async (amount: number, basisPoints: number) => {
      const receipt = await engine.submit("ChargeFee", {
        from: 2n,
        to: 1n,
        amount: money(amount),
        basisPoints,
      });
      return receipt.outcome === "committed" ? (receipt.events[0] as any).values.amount : receipt.code;
    };
    expect(await fee(1, 25)).toBe(money(0.0025));
    expect(await fee(0.0002, 2_500)).toBe("BAD_AMOUNT"); // half of the last place, to the even 0
    expect(await fee(0.0006, 2_500)).toBe(money(0.0002)); // 1.5 of it, to the even 2
    expect(await fee(0.001, 2_500)).toBe(money(0.0002)); // 2.5 of it, to the even 2
    await engine.close();
  });
});

// ---- at random -------------------------------------------------------------------------------------------

const CURRENCIES = ["Eur", "Usd", "Jpy"];

function randomCommand(choices: Choices): Command {
  const account = () => BigInt(choices.below(9));
  const hold = () => BigInt(choices.below(12));
  const amount = () => {
    if (choices.chance(3)) return choices.pick([10n ** 30n - 1n, 1n - 10n ** 30n, -1n, 0n]);
    return BigInt(choices.below(60_000));
  };
  const name = choices.weighted({
    OpenAccount: 3,
    Transfer: 9,
    PlaceHold: 8,
    CaptureHold: 5,
    ReleaseHold: 3,
    ReleaseExpired: 1,
    ChargeFee: 4,
  });
  const payloads = {
    OpenAccount: () => ({
      accountId: account(),
      currency: choices.pick(CURRENCIES),
      mayOverdraw: choices.chance(40),
    }),
    Transfer: () => ({ from: account(), to: account(), amount: amount() }),
    PlaceHold: () => ({
      holdId: hold(),
      accountId: account(),
      amount: amount(),
      expiresNs: 1_700_000_000_000_000_000n + BigInt(choices.below(4_000)),
      memo: choices.pick([null, "", "lunch", "ümlaut"]),
    }),
    CaptureHold: () => ({ holdId: hold(), to: account(), amount: choices.chance(40) ? null : amount() }),
    ReleaseHold: () => ({ holdId: hold() }),
    ReleaseExpired: () => ({ atMost: choices.below(4) }),
    ChargeFee: () => ({
      from: account(),
      to: account(),
      amount: amount(),
      basisPoints: choices.below(65_536),
    }),
  };
  return { name, payload: payloads[name]() };
}

test("random commands make the same frames in both lanes, and none can make or lose money", async () => {
  const [choices] = tapesOf(20_261, 1);
  const commands = Array.from({ length: 3_000 }, () => randomCommand(choices!));
  const lanes = { open: transfers as unknown as Domain, sealed: sealed() as unknown as Domain };
  const seen = new Map<string, number>();
  const faults = new Set<string | null>();
  await compareOneByOne(lanes, commands, undefined, (frame) => {
    if (frame.type !== "command") return;
    const key = `${frame.command} ${frame.outcome}`;
    seen.set(key, (seen.get(key) ?? 0) + 1);
    if (frame.outcome === "faulted") faults.add(frame.code);
  });
  // Whatever is sent, the rules answer before an invariant would have to. Amounts may leave their type.
  expect([...faults].filter((code) => code !== "OVERFLOW")).toEqual([]);
  for (const name of Object.keys(schema.commands)) {
    expect([name, seen.get(`${name} committed`) ?? 0]).toEqual([
      name,
      expect.toSatisfy((count: number) => count > 8),
    ]);
  }
  const bodies = await engineBodies(lanes.open, commands, "submitMany");
  expect(await engineBodies(lanes.sealed, commands, "submitBatch")).toEqual(bodies);
}, 60_000);
