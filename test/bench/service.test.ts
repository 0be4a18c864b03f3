/** What the rows of the service send and read: streams with a right answer, protobuf written and read by hand. */
import { memoryHistory, open } from "statevec";
import { expect, test } from "vitest";
import { readReceipts } from "../../bench/answers.ts";
import { orderTraffic } from "../../bench/exchange-wire.ts";
import {
  CURRENCY,
  EXTERNAL,
  FUNDS_CENTS,
  PLACES,
  requireBalances,
  startBalances,
  tallyOf,
} from "../../bench/ledger-stream.ts";
import { paymentTraffic } from "../../bench/ledger-wire.ts";
import { positionsOf, RequestWriter, SENDERS, type Traffic } from "../../bench/traffic.ts";
import type { FieldReader } from "../../bench/wire.ts";
import { exchange } from "../../examples/exchange/exchange.handlers.ts";
import { ledger } from "../../examples/ledger/ledger.handlers.ts";
import { Account, type Amount, Reject } from "../../examples/ledger/ledger.schema.ts";
import { SUBMIT_REQUEST, SUBMIT_RESPONSE, type SubmissionMessage } from "../../src/proto/statevec-v1.ts";

/** Requests of every sender, the last sender first, as the service reads them. */
function* submissionsOf(traffic: Traffic): Generator<[position: number, submission: SubmissionMessage]> {
  const positions = positionsOf(traffic, 0, traffic.length);
  const writer = new RequestWriter(traffic, 100);
  for (let sender = SENDERS - 1; sender >= 0; sender--) {
    const all = positions[sender]!;
    for (let first = 0; first < all.length; first += 100) {
      const end = Math.min(first + 100, all.length);
      const { submissions } = SUBMIT_REQUEST.decode(writer.request(sender, all, first, end));
      expect(submissions).toHaveLength(end - first);
      for (const [index, submission] of submissions.entries()) yield [all[first + index]!, submission];
    }
  }
}

test("the payment stream has the outcomes and balances that it says, whichever sender comes first", async () => {
  const { traffic, stream } = paymentTraffic(SENDERS * 80);
  const engine = await open({ domain: ledger, history: memoryHistory() });
  const names = new Map(
    [...Object.entries(ledger.schema.commands)].map(([name, { number }]) => [number, name]),
  );
  const used = new Set([...stream.from, ...stream.to].filter((account) => account > 0 && account < EXTERNAL));
  await engine.submit("AddCurrency", { currency: CURRENCY, places: PLACES });
  const openAccount = (account: number, role: "Customer" | "External") =>
    engine.submit("OpenAccount", { accountId: BigInt(account), owner: 0n, currency: CURRENCY, role });
  await openAccount(EXTERNAL, "External");
  const amount = (BigInt(FUNDS_CENTS) * 1_000_000n) as Amount;
  for (const account of used) {
    await openAccount(account, "Customer");
    const [transferId, to] = [BigInt(account) << 40n, BigInt(account)];
    await engine.submit("PostTransfer", { transferId, from: BigInt(EXTERNAL), to, amount });
  }
  const outcomes = new Uint8Array(stream.length).fill(0xff);
  for (const [position, { command, payload, source }] of submissionsOf(traffic)) {
    const receipt = await engine.submitBytes(names.get(command) as "PostTransfer", payload, { source });
    outcomes[position] =
      receipt.outcome === "committed" ? 0 : Reject[receipt.code as keyof typeof Reject].number;
  }
  expect([...outcomes]).toEqual([...stream.outcomes]);
  expect(tallyOf(outcomes).filter((count) => count > 0)).toHaveLength(5);
  const balances = startBalances();
  await engine.read((view) => {
    for (const account of used) {
      const { posted, available } = view.get(Account.byAccountId, BigInt(account));
      balances.posted[account] = Number(posted / 1_000_000n);
      balances.available[account] = Number(available / 1_000_000n);
    }
  });
  requireBalances("the ledger", balances, stream.balances);
  await engine.close();
});

test("orders written by hand are payloads of the exchange, each sender with an instrument of its own", async () => {
  const { traffic } = orderTraffic(2_000);
  const engine = await open({ domain: exchange, history: memoryHistory() });
  const names = new Map(
    [...Object.entries(exchange.schema.commands)].map(([name, { number }]) => [number, name]),
  );
  const seqs = new Map<number, bigint>();
  for (const [, { command, payload, source }] of submissionsOf(traffic)) {
    const { stream, seq } = source!;
    expect(seq).toBe((seqs.get(stream) ?? 0n) + 1n);
    seqs.set(stream, seq);
    const batch = engine.newBatch();
    batch.addBytes(names.get(command) as "PlaceOrder", payload, { source });
  }
  expect(seqs.size).toBe(SENDERS);
  await engine.close();
});

test("receipts are read with seq, outcome and the values of their events; a refusal or a fault is an error", () => {
  const receipt = { seq: 300n, digest: new Uint8Array(32), duplicate: false, outcome: 1, events: [] };
  const reason = { code: 23, name: "INSUFFICIENT_FUNDS", detail: new Uint8Array(4), number: 0, subject: "" };
  const event = { event: 2, name: "Trade", values: Uint8Array.of(0x30, 0x2a) };
  const found: unknown[] = [];
  const sink = {
    receipt: (...all: unknown[]) => void found.push(all),
    event: (number: number, reader: FieldReader, end: number) =>
      void found.push([number, reader.varint(), reader.varint(), end === reader.at]),
  };
  const read = (receipts: object[], refusal?: object) =>
    readReceipts(Buffer.from(SUBMIT_RESPONSE.encode({ receipts, refusal } as never)), sink);
  const rejected = { ...receipt, seq: 301n, duplicate: true, outcome: 2, reason };
  expect(read([{ ...receipt, events: [event] }, rejected])).toBe(2);
  expect(found).toEqual([
    [2, 0x30, 42, true],
    [0, 300, 0, false],
    [1, 301, 23, true],
  ]);
  expect(() => read([{ ...receipt, outcome: 3, reason }])).toThrow("frame 300 has the outcome 3, 23");
  const refusal = { code: "GAP", message: "", index: 0, field: "", expectedSeq: 0n, lastSeq: 0n };
  expect(() => read([], refusal)).toThrow("refused");
});
