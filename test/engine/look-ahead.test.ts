/** Look-ahead: whatever bytes it is given, nothing comes of it but lines in caches. */
import fc from "fast-check";
import { expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { exchangeIn } from "../../examples/exchange/lane.ts";
import { EncodedCommands } from "../../src/engine/command-batch.ts";
import { type Domain, programOf } from "../../src/engine/domain.ts";
import { Executor } from "../../src/engine/executor.ts";
import { compileProgram } from "../../src/engine/sealed-domain.ts";

/** An exchange with resting orders, and an encoded batch that it has not run. */
async function market() {
  const domain = exchangeIn("open").domain as unknown as Domain;
  const executor = new Executor({ module: await compileProgram(programOf(domain)), domain });
  executor.executeEpoch(1n);
  const batch = new EncodedCommands(executor.binding);
  batch.add("AddInstrument", { instrumentId: 1, symbol: "A", tickSize: 1n, lotSize: 1n });
  for (let accountId = 1; accountId <= 20; accountId++) batch.add("OpenAccount", { accountId });
  const order = (orderId: bigint) => ({
    orderId,
    accountId: Number(orderId % 25n),
    clientOrderId: orderId,
    instrumentId: 1,
    side: orderId % 2n === 0n ? "Bid" : "Ask",
    price: orderId % 2n === 0n ? 90n : 110n,
    quantity: 5n,
    timeInForce: "Gtc",
    postOnly: false,
    selfTrade: "Allow",
  });
  for (let id = 1n; id <= 300n; id++) batch.add("PlaceOrder", order(id));
  for (let at = 0; at < batch.bytes.length; ) {
    const { status, next } = executor.runBatch(batch.bytes, at, batch.bytes.length);
    expect(status).toBe(abi.BATCH_DONE);
    at = next;
    executor.core.takeOutput();
  }
  batch.clear();
  for (let id = 290n; id <= 330n; id++) batch.add("PlaceOrder", order(id));
  for (let id = 1n; id <= 40n; id++) batch.add("CancelOrder", { orderId: id * 9n });
  return { executor, bytes: batch.bytes.slice() };
}

test("damaged, cut and random batches: no trap, and the state is as it was", async () => {
  const { executor, bytes } = await market();
  const { core } = executor;
  const before = core.exports.fingerprint();
  const run = (given: Uint8Array) => {
    const at = core.blockFor(given.length + 8);
    core.bytes.set(given, at);
    const end = at + given.length;
    let from = at;
    // To the end, or to where it gives up.
    for (let next = -1; from < end && next !== from; ) {
      next = from;
      from = core.exports.lookAhead(from, end) >>> 0;
      expect(from).toBeGreaterThanOrEqual(next);
      expect(from).toBeLessThanOrEqual(end);
    }
    return from - at;
  };
  expect(run(bytes)).toBe(bytes.length);
  const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 12 });
  const cut = fc.nat(bytes.length);
  fc.assert(
    fc.property(damage, cut, (changes, length) => {
      const given = bytes.slice(0, length & ~7);
      for (const [at, value] of changes) if (at < given.length) given[at] = value;
      run(given);
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4_000 }), (given) => void run(given.slice(0, given.length & ~7))),
    { numRuns: 200 },
  );
  expect(core.exports.fingerprint()).toBe(before);
});
