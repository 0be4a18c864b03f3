/** Scenarios that do not hold: each is found, and its message says where the frame differs. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryHistory, open } from "statevec";
import { auditHistory, fileHistory } from "statevec/node";
import { type Expectation, ExpectationError, type Trial, testDomain } from "statevec/testing";
import { afterAll, describe, expect, test } from "vitest";
import { bank } from "../../examples/quickstart/bank.ts";
import { makeShop, shop } from "./shop.ts";

const directory = mkdtempSync(join(tmpdir(), "statevec-testing-"));
afterAll(() => rmSync(directory, { recursive: true }));

async function failureOf(promise: Promise<unknown>): Promise<ExpectationError> {
  const error = await promise.then(
    () => new Error("it holds"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ExpectationError)) throw error;
  return error;
}

type Bank = (typeof bank)["schema"];
const funded = testDomain(bank).given({ name: "Deposit", payload: { owner: "ada", amount: 100n } });
const withdrawal: Trial<Bank> = funded.when({ name: "Withdraw", payload: { owner: "ada", amount: 25n } });
const tooMuch: Trial<Bank> = funded.when({ name: "Withdraw", payload: { owner: "ada", amount: 250n } });

describe("the whole message", () => {
  test("of an outcome that differs", async () => {
    const { message, frame } = await failureOf(
      tooMuch.then({
        outcome: "committed",
        changes: [{ op: "update", kind: "Account", after: { balance: 0n } }],
      }),
    );
    expect(frame.outcome).toBe("rejected");
    expect(message).toMatchInlineSnapshot(`
      "Withdraw did something else than expected

      frame 3 of bank, reference time 1767225600000000000n
        command       Withdraw { owner: "ada", amount: 250n }
      x outcome       rejected NO_FUNDS { balance: 100n }  expected committed
      x changes       none                                expected 1
      x   1           none                                expected update Account { balance: 0n }
        events        none

      given
        frame 2  Deposit { owner: "ada", amount: 100n }  committed"
    `);
  });

  test("of a field that differs", async () => {
    const { message } = await failureOf(
      withdrawal.then({
        outcome: "committed",
        changes: [{ op: "update", kind: "Account", before: { balance: 100n }, after: { balance: 74n } }],
      }),
    );
    expect(message).toMatchInlineSnapshot(`
      "Withdraw did something else than expected

      frame 3 of bank, reference time 1767225600000000000n
        command       Withdraw { owner: "ada", amount: 25n }
        outcome       committed
        changes
          1           update Account SysId 1, revision 2
      x     balance   100n -> 75n                         expected 74n after
        events        none

      given
        frame 2  Deposit { owner: "ada", amount: 100n }  committed"
    `);
  });

  test("of a handler that throws: what it threw, and where", async () => {
    const trial = testDomain(shop).when({ name: "Break", payload: { how: "hand" } });
    const { message } = await failureOf(trial.then({ outcome: "committed" }));
    expect(message).toMatch(/the handler threw\n {2}Error: broken by hand\n {2}at .*shop\.ts/);
  });
});

test("of a fault: what was wrong, in words, and nothing of the faults that were given", async () => {
  const misuse = { name: "Break", payload: { how: "misuse" } } as const;
  const { message } = await failureOf(testDomain(shop).when(misuse).then({ outcome: "committed" }));
  expect(message).toMatch(/outcome +faulted OVERFLOW \{ field: 2 \} +expected committed/);
  expect(message).toMatch(/it is faulted because\n {2}.*credit.*9223372036854775808n/);
  const after = testDomain(shop).given({ ...misuse, outcome: "faulted" });
  const pay = after.when({ name: "Pay", payload: { number: 1n } }).then({ outcome: "committed" });
  expect((await failureOf(pay)).message).not.toContain("because");
});

describe("each part is compared", () => {
  const deposit = testDomain(bank).when({ name: "Deposit", payload: { owner: "ada", amount: 5n } });
  const insert = { op: "insert", kind: "Account" } as const;

  const wrong: [string, Trial<Bank>, Expectation<Bank>, RegExp][] = [
    ["outcome", deposit, { outcome: "faulted" }, /^x outcome +committed +expected faulted$/m],
    [
      "code",
      tooMuch,
      { outcome: "rejected", code: "NO_ACCOUNT" },
      /^x outcome .* expected rejected NO_ACCOUNT$/m,
    ],
    [
      "detail",
      tooMuch,
      { outcome: "rejected", code: "NO_FUNDS", detail: { balance: 1n } },
      /expected rejected NO_FUNDS \{ balance: 1n \}$/m,
    ],
    [
      "no change",
      deposit,
      { outcome: "committed", changes: [] },
      /^x {3}1 +insert Account .* expected not there$/m,
    ],
    [
      "one change more",
      deposit,
      { outcome: "committed", changes: [insert, insert] },
      /^x {3}2 +none +expected insert Account \{\}$/m,
    ],
    [
      "operation",
      deposit,
      { outcome: "committed", changes: [{ op: "delete", kind: "Account" }] },
      /^x {3}1 +insert Account SysId 1, revision 1 +expected delete Account$/m,
    ],
    [
      "SysId",
      deposit,
      { outcome: "committed", changes: [{ ...insert, sysId: 2n }] },
      /expected insert Account SysId 2$/m,
    ],
    [
      "revision",
      withdrawal,
      { outcome: "committed", changes: [{ op: "update", kind: "Account", revision: 3 }] },
      /revision 2 +expected update Account, revision 3$/m,
    ],
    [
      "an inserted field",
      deposit,
      { outcome: "committed", changes: [{ ...insert, after: { balance: 4n } }] },
      /^x {5}balance +5n +expected 4n after$/m,
    ],
    [
      "a field before",
      withdrawal,
      { outcome: "committed", changes: [{ op: "update", kind: "Account", before: { balance: 1n } }] },
      /^x {5}balance +100n -> 75n +expected 1n before$/m,
    ],
    [
      "a field that changes without being named",
      withdrawal,
      { outcome: "committed", changes: [{ op: "update", kind: "Account", after: {} }] },
      /^x {5}balance +100n -> 75n +expected unchanged$/m,
    ],
  ];
  test.each(wrong)("%s", async (_name, trial, expected, message) => {
    expect((await failureOf(trial.then(expected))).message).toMatch(message);
  });

  const issue = testDomain(shop)
    .given({ kind: "Customer", values: { customer: "bank", credit: 0n } })
    .given({ kind: "Customer", values: { customer: "ada", credit: 0n } });

  test("events: missing, unexpected, another, another field", async () => {
    const dropping = issue
      .given({
        kind: "Invoice",
        values: { number: 7n, customer: 2n as never, amount: 0n, state: "Open", mark: new Uint8Array() },
      })
      .when({ name: "Drop", payload: { number: 7n } });
    const messageOf = async (expected: Parameters<typeof dropping.then>[0]) =>
      (await failureOf(dropping.then(expected as never))).message;
    expect(await messageOf({ outcome: "committed", events: [] } as never)).toMatch(
      /^x {3}1 +Dropped +expected not there$/m,
    );
    const twice = [{ name: "Dropped" }, { name: "Issued", values: { number: 1n } }];
    expect(await messageOf({ outcome: "committed", events: twice } as never)).toMatch(
      /^x {3}2 +none +expected Issued \{ number: 1n \}$/m,
    );
    expect(await messageOf({ outcome: "committed", events: [{ name: "Issued" }] } as never)).toMatch(
      /^x {3}1 +Dropped +expected Issued$/m,
    );
    const values = { number: 8n };
    expect(await messageOf({ outcome: "committed", events: [{ name: "Dropped", values }] } as never)).toMatch(
      /^x {5}number +7n +expected 8n$/m,
    );
  });
});

test("values of bytes and lists are compared byte by byte, item by item", async () => {
  const trial = testDomain(shop)
    .given({ name: "Fund", payload: { customer: "ada", credit: 10n } })
    .when({ name: "Issue", payload: { customer: "ada", number: 7n, amount: 4n } });
  const update = { op: "update", kind: "Customer" } as const;
  const insert = { op: "insert", kind: "Invoice" } as const;
  const { message } = await failureOf(
    trial.then({
      outcome: "committed",
      changes: [update, { ...insert, after: { mark: new Uint8Array([1, 3]) } }],
      events: [{ name: "Issued", values: { lines: [1n, 3n] } }],
    }),
  );
  expect(message).toMatch(/^x {5}mark +bytes \[1, 2\] +expected bytes \[1, 3\] after$/m);
  expect(message).toMatch(/^x {5}lines +\[1n, 2n\] +expected \[1n, 3n\]$/m);
});

describe("hidden state", () => {
  test("a handler that keeps state outside of its tx is found by replay", async () => {
    const trial = testDomain(makeShop("counting"))
      .given({ name: "Fund", payload: { customer: "ada", credit: 10n } })
      .when({ name: "Issue", payload: { customer: "ada", number: 1n, amount: 4n } });
    const { message } = await failureOf(trial.then({ outcome: "committed" }));
    expect(message).toMatch(/running the commands again made another frame 3 \(Issue\)/);
    expect(message).toMatch(/event 1 Issued, lines: at first \["1","1"\], in replay \["1","2"\]/);
  });

  test("the same domain without it passes", async () => {
    await testDomain(makeShop())
      .given({ name: "Fund", payload: { customer: "ada", credit: 10n } })
      .when({ name: "Issue", payload: { customer: "ada", number: 1n, amount: 4n } })
      .then({ outcome: "committed" });
  });
});

describe("keep", () => {
  test("the history of a failure is kept, whole and auditable", async () => {
    const place = join(directory, "kept");
    const trial = testDomain(bank, { keep: () => fileHistory(place) })
      .given({ name: "Deposit", payload: { owner: "ada", amount: 100n } })
      .when({ name: "Withdraw", payload: { owner: "ada", amount: 25n } });
    const { message, frame } = await failureOf(trial.then({ outcome: "rejected" }));
    expect(message).toContain(`history kept in file:${place}`);
    const report = await auditHistory({ domain: bank, history: fileHistory(place) });
    expect(report).toMatchObject({ identical: true, frontier: { seq: 3n, digest: frame.digest } });
  });

  test("a scenario that holds keeps nothing", async () => {
    let asked = 0;
    const keep = () => {
      asked++;
      return memoryHistory();
    };
    await testDomain(bank, { keep })
      .when({ name: "Deposit", payload: { owner: "ada", amount: 1n } })
      .then({ outcome: "committed" });
    expect(asked).toBe(0);
  });

  test("a place that holds something is left alone, and the failure is still told", async () => {
    const taken = memoryHistory();
    await (await open({ domain: bank, history: taken, historyId: new Uint8Array(16) })).close();
    const trial = testDomain(bank, { keep: () => taken }).when({
      name: "Withdraw",
      payload: { owner: "ada", amount: 1n },
    });
    const { message } = await failureOf(trial.then({ outcome: "committed" }));
    expect(message).toContain("rejected NO_ACCOUNT");
    expect(message).toContain("history not kept: memory holds a history of 1 frames already");
  });
});
