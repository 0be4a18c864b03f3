/** Commands of `submit` are gathered and run as a batch; nobody can tell, but for the time it takes. */
import { AdmissionError, DeterminismError, UsageError } from "statevec";
import { expect, test } from "vitest";
import { deed, executorOf, Item, type LabEngine, openLab, put, TestHistory } from "./lab.ts";

const source = (seq: bigint, client = 1n) => ({ client, stream: 0, seq });

/** Value, or name and code of the error. */
async function settled(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: Error & { code?: string }) => `${error.name} ${error.code ?? ""}`);
}

/** A trial of commands that commit, reject, fault, repeat a source seq, leave one out, and are malformed. */
function various(
  engine: LabEngine,
  submit: (name: never, payload: never, options?: never) => Promise<unknown>,
) {
  const call = submit.bind(engine) as (name: string, payload: unknown, options?: unknown) => Promise<unknown>;
  const calls: Promise<unknown>[] = [];
  for (let index = 0; index < 700; index++) {
    const n = BigInt(index);
    const seq = n / 10n + 1n;
    if (index % 10 === 3) calls.push(settled(call("Put", { id: n, value: n }, { source: source(seq) })));
    else if (index % 10 === 4)
      calls.push(settled(call("Put", { id: n - 1n, value: n - 1n }, { source: source(seq) })));
    else if (index % 10 === 5)
      calls.push(settled(call("Put", { id: n, value: n }, { source: source(seq + 5n) })));
    else if (index % 10 === 6) calls.push(settled(call("Put", { id: n })));
    else if (index % 10 === 7) calls.push(settled(call("Do", deed(n))));
    else if (index % 10 === 8) calls.push(settled(call("None", {})));
    else calls.push(settled(call("Put", { id: n % 40n, value: n })));
  }
  return calls;
}

const act = (tx: any, { n }: any) => {
  if (n % 20n === 7n) throw new Error("as it happens");
  tx.find(Item.byId, n);
};

test("in one turn or one turn each: the same answers and the same frames", async () => {
  const one = await openLab(act);
  const answers = await Promise.all(various(one, one.submit));
  const other = await openLab(act);
  const single: unknown[] = [];
  // Asking for the state of now runs each as it comes.
  const submit = ((...parameters: Parameters<LabEngine["submit"]>) => {
    const promise = other.submit(...parameters);
    other.readExecuted(() => 0);
    return promise;
  }) as never;
  for (const call of various(other, submit)) single.push(await call);
  expect(answers).toEqual(single);
  expect(one.frontier).toEqual(other.frontier);
  expect(new Set(answers.map((answer) => (typeof answer === "string" ? answer : "receipt"))).size).toBe(4);
  await Promise.all([one.close(), other.close()]);
});

test("whoever asks for the state of now sees them executed", async () => {
  const engine = await openLab();
  const receipts: Promise<unknown>[] = [];
  let id = 0n;
  const submit = () => {
    id += 1n;
    receipts.push(engine.submit("Put", { id, value: id }, { source: source(id) }));
    return id;
  };
  submit();
  expect(engine.readExecuted((view) => view.find(Item.byId, 1n)?.value)).toMatchObject({
    value: 1n,
    seq: 2n,
  });
  submit();
  expect(await engine.read((view) => view.find(Item.byId, 2n)?.value)).toBe(2n);
  submit();
  expect(await engine.receipt(source(3n))).toMatchObject({ seq: 4n });
  submit();
  expect((await engine.submitMany([put(70n, 1n)]))[0]).toMatchObject({ seq: 6n });
  submit();
  const batch = engine.newBatch();
  batch.add("Put", { id: 71n, value: 1n });
  expect((await engine.submitBatch(batch)).at(0)).toMatchObject({ seq: 8n });
  submit();
  expect(await engine.retire(1n, 0)).toMatchObject({ seq: 10n });
  id = 0n;
  submit();
  expect(await engine.audit()).toMatchObject({ identical: true, frames: 11n });
  submit();
  await engine.close();
  expect(receipts.length).toBe(8);
  expect((await Promise.all(receipts)).map((receipt: any) => receipt.seq)).toEqual([
    2n,
    3n,
    4n,
    5n,
    7n,
    9n,
    11n,
    12n,
  ]);
});

test("a handler that can not be repeated is its command's affair alone", async () => {
  const engine = await openLab((_tx, { n }) => {
    if (n === 2n) Date.now();
  });
  const calls = [1n, 2n, 3n].map((n) => engine.submit("Do", deed(n)).catch((error: unknown) => error));
  const [first, second, third] = await Promise.all(calls);
  expect([first, third]).toMatchObject([{ seq: 2n }, { seq: 3n }]);
  expect(second).toBeInstanceOf(DeterminismError);
  await engine.close();
});

test("reference times are those of the calls", async () => {
  let now = 1_000n;
  const engine = await openLab(undefined, { clock: { nowNs: () => now } });
  const calls = [];
  for (const at of [1_000n, 2_000n, 1_500n, 3_000n]) {
    now = at;
    calls.push(engine.submit("Put", { id: at, value: 1n }));
  }
  now = 9_000n;
  await Promise.all(calls);
  const times: bigint[] = [];
  for await (const frame of engine.frames({ from: 2n })) times.push(frame.timeNs);
  expect(times).toEqual([1_000n, 2_000n, 2_000n, 3_000n]);
  await engine.close();
});

test("a payload whose getter uses the engine is refused, and nothing is lost", async () => {
  const engine = await openLab();
  const before = engine.submit("Put", { id: 1n, value: 1n });
  const nested: Promise<unknown>[] = [];
  const payload = {
    id: 2n,
    get value() {
      nested.push(engine.submit("Put", { id: 3n, value: 3n }).catch((error: unknown) => error));
      return 2n;
    },
  };
  const call = await engine.submit("Put", payload).catch((error: unknown) => error);
  expect(await before).toMatchObject({ seq: 2n });
  for (const one of await Promise.all(nested)) expect(one).toBeInstanceOf(UsageError);
  expect(nested.length).toBeGreaterThan(0);
  expect(call).toMatchObject({ seq: 3n });
  expect(await engine.read((view) => view.find(Item.byId, 2n)?.value)).toBe(2n);
  expect(await engine.read((view) => view.find(Item.byId, 3n))).toBe(undefined);
  await engine.close();
});

test.each([
  ["readExecuted", (engine: LabEngine) => engine.readExecuted(() => 0)],
  ["receipt", (engine: LabEngine) => engine.receipt(source(1n))],
  ["submitMany", (engine: LabEngine) => engine.submitMany([put(9n, 9n)])],
])("a payload whose getter calls %s: its command is refused, those before it run", async (_, use) => {
  const engine = await openLab();
  const before = engine.submit("Put", { id: 1n, value: 1n });
  const payload = {
    id: 2n,
    get value() {
      void use(engine);
      return 2n;
    },
  };
  await expect(engine.submit("Put", payload)).rejects.toBeInstanceOf(UsageError);
  expect(await before).toMatchObject({ seq: 2n, outcome: "committed" });
  expect(await engine.submit("Put", { id: 3n, value: 3n })).toMatchObject({ seq: 3n });
  await engine.close();
});

test("where the history has no room, those that found none are told", async () => {
  const history = new TestHistory();
  const engine = await openLab(undefined, { history });
  history.hold();
  const calls: Promise<unknown>[] = [];
  for (let index = 0; index < 2_500; index++) {
    calls.push(
      engine
        .submit("Do", { n: 1n, words: Array(10).fill("x".repeat(4_000)) })
        .catch((error: unknown) => error),
    );
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  const executed = Number(executorOf(engine).executed);
  expect(executed).toBeLessThan(2_500);
  history.release();
  const answers = await Promise.all(calls);
  const refused = answers.filter((answer) => answer instanceof AdmissionError);
  expect(refused.every((error) => error.code === "BUSY")).toBe(true);
  expect(answers.length - refused.length).toBe(executed - 1);
  expect(answers.slice(0, executed - 1).every((answer) => !(answer instanceof AdmissionError))).toBe(true);
  expect(await engine.submit("Put", { id: 1n, value: 1n })).toMatchObject({ seq: BigInt(executed + 1) });
  await engine.close();
});
