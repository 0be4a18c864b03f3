/**
 * Money is neither made nor lost: told from the frames of generated days alone, and by the core where handlers are wrong on
 * purpose.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { sealedDomain } from "statevec";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generateCommands } from "../../examples/ledger/generate.ts";
import { Sums } from "../../examples/ledger/sums.ts";
import type { Domain } from "../../src/engine/domain.ts";
import { frameDecoder } from "../../src/history/frame.ts";
import { modelOf } from "../../src/schema/define-schema.ts";
import { buildFolder } from "../sealed/building.ts";
import { Bench } from "../sealed/executing.ts";
import { type Bank, openBank, openLedger, sealedLedger, story } from "./bank.ts";
import { Folded } from "./folded.ts";

const EXAMPLE = new URL("../../examples/ledger/", import.meta.url);
/** Inside the project, so that package names resolve; ignored by git. */
const FOLDER = fileURLToPath(new URL("../../build/test-ledger-mutants/", import.meta.url));

describe("generated days", () => {
  const COMMANDS = 7_000;

  test("make the same frames in both lanes, every one of which leaves the ledger in balance", async () => {
    const lanes = [openLedger, sealedLedger()] as unknown as Domain[];
    const [open, sealed] = await Promise.all(lanes.map((domain) => Bench.open(domain)));
    const decoder = frameDecoder(modelOf(openLedger.schema)!);
    const [folded, sums] = [new Folded(), new Sums()];
    const seen = new Map<string, number>();
    let made = 0;
    for (const { timeNs, ...command } of generateCommands(COMMANDS, 11)) {
      const body = open!.run(command, timeNs);
      expect(Buffer.compare(body, sealed!.run(command, timeNs)), `command ${made}`).toBe(0);
      const frame = decoder.decode(body, new Uint8Array(32));
      if (frame.type !== "command") throw new Error(frame.type);
      folded.add(frame);
      expect(sums.add({ ...frame, digest: "" })).toEqual([]);
      if (made++ % 500 === 0) expect(folded.wrongs(), `frame ${frame.seq}`).toEqual([]);
      for (const key of [`${frame.command} ${frame.outcome}`, frame.code ?? "none"]) {
        seen.set(key, (seen.get(key) ?? 0) + 1);
      }
    }
    expect(made).toBe(COMMANDS);
    expect(folded.wrongs()).toEqual([]);
    expect(open!.fingerprint()).toBe(sealed!.fingerprint());
    // Most commands do something, and every one of a day is there.
    expect(seen.get("none")).toBeGreaterThan(COMMANDS * 0.8);
    const names = Object.keys(openLedger.schema.commands).filter((name) => name !== "SetAccountState");
    expect(names.filter((name) => !seen.has(`${name} committed`))).toEqual([]);
    expect([...seen.keys()].filter((key) => key.endsWith("faulted"))).toEqual([]);
  });

  test("are those of their seed", () => {
    const of = (seed: number) => [...generateCommands(800, seed)];
    expect(of(3)).toEqual(of(3));
    expect(of(3)).not.toEqual(of(4));
    expect([...generateCommands(100, 3)]).toEqual(of(3).slice(0, 100));
  });

  test("a sum that is not zero is told", () => {
    const sums = new Sums();
    const frame = (deltas: object[]) => ({ type: "command", deltas }) as never;
    const insert = (sysId: bigint, after: object) => ({ op: "insert", kind: "Account", sysId, after });
    const account = { currency: 1n, role: "Customer" };
    expect(
      sums.add(frame([insert(2n, { ...account, posted: 0n }), insert(3n, { ...account, posted: 0n })])),
    ).toEqual([]);
    const update = (sysId: bigint, posted: bigint) => ({
      op: "update",
      kind: "Account",
      sysId,
      after: { posted },
    });
    expect(sums.add(frame([update(2n, -5n), update(3n, 4n)]))).toEqual(["1"]);
    expect(sums.add(frame([update(3n, 5n)]))).toEqual([]);
  });
});

// ---- handlers that are wrong -----------------------------------------------------------------------------

type Step = (bank: Bank) => Promise<Parameters<typeof story>[0]>;
/** The amount that mutants look for: those of the set-up are others. */
const pay: Step = (bank) => bank.transfer(10n, 11n, "10");

/** What is wrong, in which file, the text, what stands there instead; the steps, the last of which is caught; by which rule. */
const MUTANTS: [string, "posting" | "ledger.handlers", string, string, Step[], string][] = [
  [
    "a transfer loses a cent on its way",
    "posting",
    "book(tx, transfer, to, amount)",
    "book(tx, transfer, to, amount === 1_000_000_000n ? minus(amount, 1_000_000n as Amount) : amount)",
    [pay],
    "BALANCED",
  ],
  [
    "an account loses a cent behind its entry",
    "posting",
    "tx.update(account, { posted, available })",
    "const lost = (amount === 1_000_000_000n ? 1_000_000n : 0n) as Amount;\n" +
      "  tx.update(account, { posted: minus(posted, lost), available: minus(available, lost) })",
    [pay],
    "MONEY",
  ],
  [
    "a hold keeps nothing",
    "posting",
    "available: minus(from.available, hold.amount)",
    "available: from.available",
    [(bank) => bank.hold(1n, 10n, 3n, "10")],
    "RESERVED",
  ],
  [
    "a hold gives back less than it kept",
    "posting",
    "available: plus(from.available, amount)",
    "available: plus(from.available, minus(amount, 1_000_000n as Amount))",
    [(bank) => bank.hold(1n, 10n, 3n, "10"), (bank) => bank.release(1n)],
    "RESERVED",
  ],
  [
    "a hold gives back more than it kept",
    "posting",
    "available: plus(from.available, amount)",
    "available: plus(from.available, plus(amount, 1_000_000n as Amount))",
    [(bank) => bank.hold(1n, 10n, 3n, "10"), (bank) => bank.release(1n)],
    "HELD",
  ],
  [
    "funds are not looked at",
    "posting",
    "account.floor === null || spendable(account) >= amount",
    "account !== undefined || spendable(account) >= amount",
    [(bank) => bank.transfer(10n, 11n, "100.01")],
    "FLOOR",
  ],
  [
    "more is captured than held",
    "ledger.handlers",
    "if (amount > held)",
    "if (amount < 0n)",
    [
      (bank) => bank.hold(1n, 10n, 3n, "50"),
      (bank) => bank.hold(2n, 10n, 3n, "10"),
      (bank) => bank.capture(2n, "11", false),
    ],
    "HOLD",
  ],
  [
    "an exchange makes the other currency out of nothing",
    "ledger.handlers",
    "move(tx, transfer, boughtFrom, to, received)",
    "book(tx, transfer, to, received)",
    [(bank) => bank.exchange(10n, 20n, "10", "160")],
    "BALANCED",
  ],
  [
    "a settlement forgets the outside",
    "ledger.handlers",
    "if (net !== 0n) book",
    "if (net === 0n) book",
    [(bank) => bank.transfer(10n, 3n, "10"), (bank) => bank.settle("EUR", 2026_03_02, 1n)],
    "BALANCED",
  ],
  [
    "a settlement books nothing as an entry",
    "ledger.handlers",
    "if (net !== 0n) book",
    "book",
    [(bank) => bank.settle("EUR", 2026_03_02, 1n)],
    "ENTRY",
  ],
];

describe("a handler that makes or loses money is faulted by the rule it breaks", () => {
  beforeAll(() => mkdirSync(FOLDER, { recursive: true }));
  afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));
  const sourceOf = (path: string) => readFileSync(new URL(path, EXAMPLE), "utf8");

  function replaceOnce(source: string, text: string, replacement: string): string {
    expect(source.split(text), "the text stands there exactly once").toHaveLength(2);
    return source.replace(text, () => replacement);
  }

  async function catches(domain: typeof openLedger, steps: readonly Step[], rule: string): Promise<void> {
    const bank = await openBank(domain);
    const balancesNow = () => bank.balances(1n, 2n, 3n, 10n, 11n, 20n, 22n);
    for (const step of steps.slice(0, -1)) expect((await step(bank)).outcome).toBe("committed");
    const balances = await balancesNow();
    expect(story(await steps.at(-1)!(bank))).toEqual([`faulted INVARIANT invariant=${rule}`]);
    expect(await balancesNow()).toEqual(balances);
    expect(await bank.finish()).toBe(true);
  }

  test.each(MUTANTS)("%s", async (name, file, text, replacement, steps, rule) => {
    const folder = `${FOLDER}${MUTANTS.findIndex(([other]) => other === name)}/`;
    mkdirSync(folder);
    for (const each of ["posting", "ledger.handlers"]) {
      const source = sourceOf(`${each}.ts`);
      const changed = each === file ? replaceOnce(source, text, replacement) : source;
      const schema = fileURLToPath(new URL("ledger.schema.ts", EXAMPLE));
      writeFileSync(`${folder}${each}.ts`, changed.replace("./ledger.schema.ts", schema));
    }
    const { ledger } = await import(/* @vite-ignore */ `${folder}ledger.handlers.ts`);
    await catches(ledger, steps, rule);
  });

  test("in the sealed lane too", async () => {
    const source = sourceOf("assembly/posting.ts");
    const changed = replaceOnce(
      source,
      "book(transfer, to, amount)",
      "book(transfer, to, amount == I128.from<u64>(1_000_000_000) ? I128.from<u64>(999_000_000) : amount)",
    );
    const module = await buildFolder(
      fileURLToPath(EXAMPLE),
      { "assembly/posting.ts": changed },
      { optimize: false },
    );
    const { schema } = openLedger;
    await catches(sealedDomain(module, { schema }), [pay], "BALANCED");
  });
});
