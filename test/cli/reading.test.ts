/** log, show, state and receipt on a real history, by the real binary. */
import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeShop, statevec, statevecJson, temporaryDirectory } from "./run-cli.ts";

let directory: string;
let digests: string[];
beforeAll(async () => {
  directory = temporaryDirectory();
  const receipts = await makeShop(directory);
  digests = receipts.map(({ digest }) => digest);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const numbersOf = (frames: { seq: string }[]) => frames.map(({ seq }) => Number(seq));

describe("log", () => {
  test("lists every frame, a line each", () => {
    const { status, stdout, stderr } = statevec("log", directory);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(10);
    expect(lines[0]).toMatch(
      /^1 {2}\S+Z {2}committed {2}Epoch 1: schema shop [0-9a-f]{12}, open lane, revision 1$/,
    );
    expect(lines[1]).toBe(
      '2  2012-06-21T09:30:00.000000002Z  committed  Join login="ada" badge=0xcafe about=null  => 1 created',
    );
    expect(lines[6]).toMatch(/Pay login="ada" number=1 {2}=> 1 changed; Paid$/);
    expect(lines[7]).toMatch(
      /rejected {3}Buy login="eve" number=1 amount=0\.01 {2}=> UNKNOWN_CUSTOMER login="eve"$/,
    );
    expect(lines[8]).toMatch(/faulted {4}Pay login="ada" number=9 {2}=> RECORD_MISSING kind=Order$/);
    expect(lines[9]).toMatch(/UNIQUE_KEY_TAKEN uk=Customer\.byLogin$/);
  });

  test("takes a range, a kind, an outcome", () => {
    expect(numbersOf(statevecJson("log", directory, "--from", "3", "--to", "5"))).toEqual([3, 4, 5]);
    expect(numbersOf(statevecJson("log", directory, "--kind", "Buy"))).toEqual([4, 5, 6, 8]);
    expect(numbersOf(statevecJson("log", directory, "--kind", "Epoch"))).toEqual([1]);
    expect(numbersOf(statevecJson("log", directory, "--outcome", "rejected"))).toEqual([8, 10]);
    expect(numbersOf(statevecJson("log", directory, "--kind", "Buy", "--outcome", "rejected"))).toEqual([8]);
    expect(statevec("log", directory, "--from", "11")).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("--json carries the whole frame", () => {
    expect(statevecJson("log", directory, "--from", "7", "--to", "7")).toEqual([
      {
        seq: "7",
        type: "command",
        timeNs: expect.stringMatching(/^134027100000000000\d$/),
        epoch: 1,
        bytes: expect.any(Number),
        digest: digests[5],
        command: "Pay",
        source: { client: "5", stream: 2, seq: "4", previous: "5" },
        payload: { login: "ada", number: 1 },
        outcome: "committed",
        code: null,
        detail: null,
        sysIds: 0,
        delta: [
          {
            op: "update",
            kind: "Order",
            sysId: "3",
            revision: 2,
            previous: "4",
            before: { status: "Open" },
            after: { status: "Paid" },
          },
        ],
        events: [{ name: "Paid", values: { number: 1, amount: "12.50" } }],
      },
    ]);
  });
});

describe("show", () => {
  test("is the sentence of a committed frame", () => {
    const { status, stdout } = statevec("show", directory, "--seq", "7");
    expect(status).toBe(0);
    expect(stdout.split("\n")).toEqual([
      expect.stringMatching(/^Frame 7 \(epoch 1, \d+ bytes, 2012-06-21T09:30:00\.00000000\dZ\)$/),
      "this command              Pay",
      '  login   "ada"',
      "  number  1",
      "  from client 5, stream 2, seq 4, its previous frame 5",
      `executed against frontier 6:${digests[4]}`,
      "produced this outcome     committed",
      "applied this delta        1 record",
      "  Order 3 changed (revision 1 -> 2, last changed by frame 4)",
      "    status  Open -> Paid",
      "emitted these events      1",
      "  Paid number=1 amount=12.50",
      `and advanced the frontier 7:${digests[5]}`,
      "",
    ]);
  });

  test("shows created records whole, rejects with their details, the epoch with its limits", () => {
    expect(statevec("show", directory, "--seq", "4").stdout).toContain(
      "  Order 3 created\n    number    1\n    customer  1\n    amount    12.50\n    status    Open\n    isGift    false\n",
    );
    expect(statevec("show", directory, "--seq", "8").stdout).toContain(
      'produced this outcome     rejected: UNKNOWN_CUSTOMER login="eve"\napplied this delta        none\n',
    );
    const { stdout } = statevec("show", directory, "--seq", "1");
    expect(stdout).toMatch(/^executed against frontier 0:[0-9a-f]{64}$/m);
    expect(stdout).toMatch(/^ {2}limits work=1000000 .*stateMiB=3072$/m);
  });

  test("--json names the frontier before", () => {
    const [frame] = statevecJson("show", directory, "--seq", "8");
    expect(frame).toMatchObject({
      seq: "8",
      outcome: "rejected",
      code: "UNKNOWN_CUSTOMER",
      detail: { login: "eve" },
      frontierBefore: { seq: "7", digest: digests[5] },
    });
  });

  test("a frame that is not there", () => {
    const result = statevec("show", directory, "--seq", "11");
    expect(result).toEqual({ status: 4, stdout: "", stderr: "there is no frame 11: the last one is 10\n" });
  });
});

describe("state", () => {
  const numbers = (...args: string[]) =>
    statevecJson("state", directory, "--kind", "Order", ...args).map(({ values }) => values.amount);

  test("lists a kind by SysId", () => {
    const { stdout } = statevec("state", directory, "--kind", "Customer");
    expect(stdout).toBe(
      'Customer 1 (revision 1, frame 2)  login="ada" badge=0xcafe about=null\n' +
        'Customer 2 (revision 1, frame 3)  login="bob, the second" badge=null about=null\n',
    );
    expect(numbers()).toEqual(["12.50", "0.99", "5.00"]);
  });

  test("--json", () => {
    expect(statevecJson("state", directory, "--kind", "Order", "--uk", "byNumber=1,1")).toEqual([
      {
        sysId: "3",
        revision: 2,
        lastFrame: "7",
        values: { number: 1, customer: "1", amount: "12.50", status: "Paid", isGift: false },
      },
    ]);
  });

  test("finds by unique key, a value with a comma in quotes", () => {
    const found = statevecJson("state", directory, "--kind", "Customer", "--uk", 'byLogin="bob, the second"');
    expect(found.map(({ sysId }) => sysId)).toEqual(["2"]);
    const missing = statevec("state", directory, "--kind", "Customer", "--uk", "byLogin=eve");
    expect(missing).toEqual({ status: 4, stdout: "", stderr: "no Customer has this unique key\n" });
  });

  test("lists a canonical index in its order, whole or under a prefix; a partial one has only what it selects", () => {
    expect(numbers("--index", "byAmount")).toEqual(["5.00", "0.99", "12.50"]);
    expect(numbers("--index", "byAmount=Open")).toEqual(["5.00", "0.99"]);
    expect(numbers("--index", "byAmount=Open,0.99")).toEqual(["0.99"]);
    expect(numbers("--index", "open")).toEqual(["0.99", "5.00"]);
  });

  test("--size", () => {
    expect(statevecJson("state", directory, "--size")).toEqual([
      {
        records: { Customer: 2, Order: 3 },
        stateBytes: expect.stringMatching(/^\d{4,}$/),
        memoryBytes: expect.stringMatching(/^\d{5,}$/),
      },
    ]);
    expect(statevec("state", directory, "--size").stdout).toMatch(
      /^Customer {2}2 records\nOrder {2}3 records\nstate {3}/,
    );
  });

  test.each([
    [["--kind", "Nobody"], '--kind: found "Nobody", expected one of Customer, Order\n'],
    [[], "--kind is missing: one of Customer, Order\n"],
    [["--kind", "Order", "--uk", "byLogin=1"], '--uk: found "byLogin", expected one of byNumber\n'],
    [["--kind", "Order", "--uk", "byNumber=1"], "--uk byNumber: found 1 values, expected customer,number\n"],
    [
      ["--kind", "Order", "--index", "byAmount=Late"],
      '--index byAmount status: found "Late", expected one of Open, Paid\n',
    ],
    [["--kind", "Order", "--index", "open=1,2"], "--index open: found 2 values, expected at most 1\n"],
  ])("refuses %o", (args, message) => {
    expect(statevec("state", directory, ...args)).toEqual({ status: 2, stdout: "", stderr: message });
  });
});

describe("receipt", () => {
  test("is the frame of the source", () => {
    expect(statevec("receipt", directory, "5", "2", "4").stdout).toBe(
      statevec("show", directory, "--seq", "7").stdout,
    );
    expect(statevecJson("receipt", directory, "5", "2", "1")).toMatchObject([{ seq: "2", command: "Join" }]);
  });

  test("says what is known where there is none", () => {
    expect(statevec("receipt", directory, "5", "2", "9")).toEqual({
      status: 4,
      stdout: "",
      stderr: "no frame of client 5, stream 2, seq 9: its last seq is 6\n",
    });
    expect(statevec("receipt", directory, "5", "1", "1")).toMatchObject({
      status: 4,
      stderr: "no frame of client 5, stream 1, seq 1: the history has no command of this source\n",
    });
  });
});
