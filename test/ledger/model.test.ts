/**
 * Random commands against a plain ledger that shares no code, in both lanes: the same answers, the same frames, and after
 * every frame everything that a ledger promises, told from the frames alone.
 *
 * A failure prints its seed and the shrunk commands. STATEVEC_SEED=n repeats it.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Domain } from "../../src/engine/domain.ts";
import { START_NS } from "../sealed/executing.ts";
import { compareOneByOne } from "../sealed/lanes.ts";
import { openLedger, sealedLedger } from "./bank.ts";
import { Folded } from "./folded.ts";
import { PlainLedger } from "./plain-ledger.ts";

const SEED = Number(process.env.STATEVEC_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Runs go on in batches until everything wanted was seen so often; if the last batch ends before, the test fails. */
const BATCH = 25;
const BATCHES_MAX = Number(process.env.STATEVEC_RUNS ?? 500) / BATCH;
const OFTEN = 4;
/** A failure is made smaller for so long at most. */
const SHRINK_MS = 20_000;
const UNIT = 10n ** 8n;

interface Command {
  readonly name: string;
  readonly payload: unknown;
}

// ---- commands: few ids, so that they meet ----------------------------------------------------------------

const accountId = fc.oneof(
  { weight: 3, arbitrary: fc.bigInt({ min: 1n, max: 9n }) },
  { weight: 1, arbitrary: fc.bigInt({ min: 10n, max: 16n }) },
);
const trader = fc.oneof(fc.constantFrom(1n, 4n, 5n, 7n, 9n), accountId);
const transferId = fc.oneof(
  { weight: 5, arbitrary: fc.bigInt({ min: 100n, max: 100_000n }) },
  { weight: 1, arbitrary: fc.bigInt({ min: 1n, max: 9n }) },
);
const holdId = fc.bigInt({ min: 1n, max: 30n });
const currency = fc.constantFrom("EUR", "JPY", "BTC", "XAU");
const bound = fc.constantFrom(10n ** 34n - 1n, 1n - 10n ** 34n, 10n ** 34n - UNIT, 0n, -UNIT, 1n);
const amount = fc.oneof(
  { weight: 14, arbitrary: fc.constantFrom(1n, 2n, 5n, 10n, 20n, 100n).map((units) => units * UNIT) },
  { weight: 3, arbitrary: fc.bigInt({ min: 1n, max: 6_000n }).map((cents) => cents * (UNIT / 100n)) },
  { weight: 1, arbitrary: fc.bigInt({ min: -10n, max: 10n ** 10n }) },
  { weight: 2, arbitrary: bound },
);
const rate = fc.oneof(
  { weight: 6, arbitrary: fc.bigInt({ min: 1n, max: 10n ** 13n }) },
  { weight: 2, arbitrary: fc.constantFrom(5n * 10n ** 11n, 10n ** 12n, 15n * 10n ** 11n, 25n * 10n ** 11n) },
  { weight: 2, arbitrary: fc.constantFrom(1n, 1n, 0n, -1n, 10n ** 24n - 1n) },
);
const state = fc.constantFrom("Open", "Open", "Open", "Frozen", "Closed");
const role = fc.constantFrom("Customer", "Customer", "Clearing", "External", "Position");
const expiresNs = fc.bigInt({ min: 15n, max: 140n }).map((after) => START_NS + after);
const named = <T>(weight: number, name: string, fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) => ({
  weight,
  arbitrary: fc.record(fields).map((payload): Command => ({ name, payload })),
});

const command = fc.oneof(
  named(1, "AddCurrency", { currency: fc.constantFrom("EUR", "XAU", ""), places: fc.nat(10) }),
  named(3, "OpenAccount", {
    accountId,
    owner: fc.constant(1n),
    currency,
    role,
    overdraft: fc.option(amount, { freq: 2 }),
  }),
  named(3, "SetAccountState", { accountId, state }),
  named(2, "SetAccountState", {
    accountId: fc.constantFrom(2n, 3n, 6n),
    state: fc.constantFrom("Open", "Frozen"),
  }),
  named(12, "PostTransfer", { transferId, from: accountId, to: accountId, amount }),
  named(14, "PlaceHold", { holdId, from: accountId, to: accountId, amount, expiresNs }),
  named(14, "CaptureHold", {
    transferId,
    holdId,
    amount: fc.option(amount, { freq: 2 }),
    releaseRest: fc.boolean(),
  }),
  named(5, "ReleaseHold", { holdId }),
  named(6, "ExpireHolds", { atMost: fc.nat(3) }),
  named(8, "Exchange", { transferId, from: trader, to: trader, amount, rate }),
  named(5, "SettleDay", {
    transferId,
    currency,
    day: fc.constantFrom(...[2, 3, 4, 5, 6, 7, 8].map((day) => 2026_03_00 + day), 0),
    to: fc.oneof(fc.constantFrom(1n, 7n), accountId),
  }),
);

const open = (id: bigint, inCurrency: string, as: string, overdraft: bigint | null = null): Command => ({
  name: "OpenAccount",
  payload: { accountId: id, owner: id, currency: inCurrency, role: as, overdraft },
});
const OPENING: readonly Command[] = [
  { name: "AddCurrency", payload: { currency: "EUR", places: 2 } },
  { name: "AddCurrency", payload: { currency: "JPY", places: 0 } },
  { name: "AddCurrency", payload: { currency: "BTC", places: 8 } },
  open(1n, "EUR", "External"),
  open(2n, "EUR", "Position"),
  open(3n, "EUR", "Clearing"),
  open(4n, "EUR", "Customer"),
  open(5n, "EUR", "Customer", 20n * UNIT),
  open(6n, "EUR", "Clearing"),
  open(7n, "JPY", "External"),
  open(8n, "JPY", "Position"),
  open(9n, "JPY", "Customer"),
  { name: "PostTransfer", payload: { transferId: 10n, from: 1n, to: 4n, amount: 100n * UNIT } },
  { name: "PostTransfer", payload: { transferId: 11n, from: 7n, to: 9n, amount: 9_000n * UNIT } },
];

// ---- the law ---------------------------------------------------------------------------------------------

const WANTED = [
  ...["AddCurrency", "OpenAccount", "SetAccountState", "PostTransfer", "PlaceHold", "CaptureHold"],
  ...["ReleaseHold", "ExpireHolds", "Exchange", "SettleDay"],
].map((name) => `${name} committed`);

describe(`random commands, seed ${SEED}`, () => {
  test("both lanes answer as the plain ledger does, and no frame makes or loses money", async () => {
    const lanes = { open: openLedger as unknown as Domain, sealed: sealedLedger() as unknown as Domain };
    const seen = new Map<string, number>();
    const count = (key: string) => seen.set(key, (seen.get(key) ?? 0) + 1);
    const law = fc.asyncProperty(
      fc.array(command, { minLength: 60, maxLength: 120, size: "max" }),
      async (commands) => {
        const [plain, folded] = [new PlainLedger(), new Folded()];
        await compareOneByOne(lanes, [...OPENING, ...commands], undefined, (frame) => {
          if (frame.type !== "command") return;
          const { outcome, code, detail, events } = frame;
          const expected = plain.execute(frame.command, frame.payload, frame.seq, frame.timeNs);
          const where = `frame ${frame.seq}, ${frame.command}`;
          expect({ outcome, code, detail, events }, where).toEqual(expected);
          expect(folded.add(frame).wrongs(), where).toEqual([]);
          count(`${frame.command} ${outcome}`);
          if (code !== null) count(code);
        });
        expect(folded.accounts()).toEqual(plain.accounts());
        expect(folded.holds()).toEqual(plain.holds());
      },
    );
    const wanted = [...WANTED, ...Object.keys(openLedger.schema.rejects), "UNIQUE_KEY_TAKEN", "OVERFLOW"];
    const missing = () => wanted.filter((key) => (seen.get(key) ?? 0) < OFTEN);
    for (let batch = 0; batch < BATCHES_MAX && (batch < 2 || missing().length > 0); batch++) {
      await fc.assert(law, { numRuns: BATCH, seed: SEED + batch, interruptAfterTimeLimit: SHRINK_MS });
    }
    expect(missing()).toEqual([]);
    // The rules answer before an invariant would have to.
    expect(seen.get("INVARIANT") ?? 0).toBe(0);
  }, 120_000);
});
