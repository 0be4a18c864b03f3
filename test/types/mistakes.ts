/**
 * Common mistakes against the real API: each line under a `@ts-expect-error` must be a type error, and no line around one
 * may be. `tsc` is the test.
 *
 * Not responsible for: the types of the DSL one by one (test/schema/types.ts). Nothing here runs.
 */
import {
  AdmissionError,
  type Domain,
  defineDomain,
  type Engine,
  type Frame,
  memoryHistory,
  num,
  open,
  type Tx,
} from "statevec";
import {
  bool,
  bytes,
  command,
  decimal,
  enumOf,
  event,
  type Infer,
  i8,
  i16,
  i32,
  i64,
  i128,
  invariant,
  record,
  ref,
  reject,
  repeated,
  text,
  timestamp,
  u8,
  u16,
  u32,
  u64,
  u128,
} from "statevec/schema";
import { exchange } from "../../examples/exchange/exchange.handlers.ts";
import {
  Account,
  Instrument,
  Order,
  OrderDone,
  type PlaceOrder,
  Reject,
  Side,
  schema,
  Trade,
} from "../../examples/exchange/exchange.schema.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function type<_T extends true>(): void {}

// ---- inference -------------------------------------------------------------------------------------------
type O = Infer<typeof Order>;
type<Equal<O["price"], bigint>>();
type<Equal<O["side"], "Bid" | "Ask">>();
type<Equal<Infer<typeof PlaceOrder>["price"], bigint | null>>();
type<Equal<Infer<typeof Side>, "Bid" | "Ask">>();
type<Equal<typeof exchange.records.Order, typeof Order>>();
const Wide = record("Wide", 9, {
  a: bool(1),
  b: u8(2),
  c: u16(3),
  d: u32(4),
  e: u64(5),
  f: i8(6),
  g: i16(7),
  h: i32(8),
  i: i64(9),
  j: u128(10),
  k: i128(11),
  l: decimal(12, { precision: 18, scale: 4 }),
  m: timestamp(13),
  n: text(14, { maxBytes: 8 }),
  o: bytes(15, { maxBytes: 8 }),
  p: ref(16, "Wide").nullable(),
  q: decimal(17, { precision: 18, scale: 2 }),
});
type W = Infer<typeof Wide>;
type<Equal<W["d"], number>>();
type<Equal<W["j"], bigint>>();
type<Equal<W["o"], Uint8Array>>();
type<Equal<W["p"], Infer<typeof Wide>["sysId"] | null>>();
const Fill = event("Fill", 9, { prices: repeated(u64(1), { maxItems: 8 }) });
type<Equal<Infer<typeof Fill>["prices"], readonly bigint[]>>();

type OrderView = Infer<typeof Order>;
export function mistakes(
  tx: Tx,
  order: OrderView,
  account: Infer<typeof Account>,
  instrument: Infer<typeof Instrument>,
  wide: W,
): void {
  // ---- create, update ------------------------------------------------------------------------------------
  tx.create(Account, { accountId: 1 });
  // @ts-expect-error u32 is number, not bigint
  tx.create(Account, { accountId: 1n });
  // @ts-expect-error missing field
  tx.create(Account, {});
  // @ts-expect-error unknown field
  tx.create(Account, { accountId: 1, name: "a" });
  // @ts-expect-error unknown enum value
  tx.create(Instrument, { instrumentId: 1, symbol: "A", tickSize: 1n, lotSize: 1n, state: "Open" });
  tx.update(order, { remaining: 1n });
  // @ts-expect-error immutable field
  tx.update(order, { side: "Bid" });
  // @ts-expect-error number for u64
  tx.update(order, { remaining: 1 });
  // @ts-expect-error misspelt field
  tx.update(order, { remainin: 1n });
  // @ts-expect-error a record is read-only: writes go through tx.update
  order.remaining = 1n;
  // @ts-expect-error the engine owns sysId
  tx.update(order, { sysId: order.sysId });
  // @ts-expect-error mixed scales
  tx.update(wide, { l: wide.q });
  // @ts-expect-error raw arithmetic leaves the decimal type
  tx.update(wide, { l: wide.l + wide.l });

  // ---- lookups -------------------------------------------------------------------------------------------
  tx.find(Order.byClientOrderId, account.sysId, 7n);
  // @ts-expect-error half a key
  tx.find(Order.byClientOrderId, account.sysId);
  // @ts-expect-error the SysId of another kind
  tx.find(Order.byClientOrderId, order.sysId, 7n);
  // @ts-expect-error a made-up SysId
  tx.get(Order, 5n);
  // @ts-expect-error possibly undefined
  void tx.find(Order, order.sysId).price;
  // @ts-expect-error an index is not a unique key
  tx.find(Order.book, instrument.sysId);
  // @ts-expect-error no such access path
  void Order.byPrice;

  // ---- index prefix and range ----------------------------------------------------------------------------
  tx.list(Order.book, []);
  tx.list(Order.book, [instrument.sysId]);
  tx.list(Order.book, [instrument.sysId, "Ask"], { reverse: true, limit: 5 });
  tx.list(Order.book, [instrument.sysId, "Ask"], { from: 1n, before: 9n, limit: 5 });
  tx.list(Order.book, [instrument.sysId], { from: "Bid", to: "Bid" });
  tx.first(Order.book, [instrument.sysId, "Bid"], { to: 5n });
  tx.count(Order.book, [instrument.sysId, "Bid"], { limit: 5 });
  // @ts-expect-error an unbounded count
  tx.count(Order.book, [instrument.sysId, "Bid"]);
  // @ts-expect-error a full key has no next segment
  tx.first(Order.book, [instrument.sysId, "Bid", 1n, 1n], { to: 5n });
  // @ts-expect-error wrong order of segments
  tx.list(Order.book, ["Ask", instrument.sysId]);
  // @ts-expect-error wrong enum value
  tx.list(Order.book, [instrument.sysId, "Buy"]);
  // @ts-expect-error too long
  tx.list(Order.book, [instrument.sysId, "Ask", 1n, 1n, 1n]);
  // @ts-expect-error a gap
  tx.list(Order.book, [instrument.sysId, undefined, 1n]);
  // @ts-expect-error the bound belongs to price
  tx.list(Order.book, [instrument.sysId, "Ask"], { from: "x" });
  // @ts-expect-error the bound belongs to side
  tx.list(Order.book, [instrument.sysId], { from: 1n });
  // @ts-expect-error a unique key has no order
  tx.list(Order.byOrderId, []);

  // ---- events, rejects -----------------------------------------------------------------------------------
  // @ts-expect-error missing fields
  tx.emit(Trade, { price: 1n });
  // @ts-expect-error a record is not an event
  tx.emit(Account, { accountId: 1 });
  // @ts-expect-error a reason that does not exist
  tx.emit(OrderDone, { orderId: 1n, reason: "Bored", remaining: 0n });
  // @ts-expect-error detail missing
  if (order.price < 0n) tx.reject(Reject.UNKNOWN_ACCOUNT);
  // @ts-expect-error wrong detail
  if (order.price < 0n) tx.reject(Reject.UNKNOWN_ACCOUNT, { account: 1 });
  // @ts-expect-error this code has no detail
  if (order.price < 0n) tx.reject(Reject.INSTRUMENT_HALTED, { price: 1n });
  // @ts-expect-error undeclared code
  if (order.price < 0n) tx.reject(Reject.TOO_LATE);
}

export function nullable(cmd: Infer<typeof PlaceOrder>): bigint {
  // @ts-expect-error null must be handled
  return cmd.price + 1n;
}

// ---- schema ----------------------------------------------------------------------------------------------
const fields = { id: u64(1).immutable(), owner: u32(2), rank: u64(3), note: u64(4).immutable().nullable() };
record("R", 1, fields, { unique: { byId: ["id"] }, indexes: { ranked: [{ desc: "rank" }, "id"] } });
// @ts-expect-error unknown field in a unique key
record("R", 1, fields, { unique: { byId: ["ident"] } });
// @ts-expect-error a mutable field in a unique key
record("R", 1, fields, { unique: { byOwner: ["owner"] } });
// @ts-expect-error a nullable field in a unique key
record("R", 1, fields, { unique: { byNote: ["note"] } });
// @ts-expect-error unknown field in an index
record("R", 1, fields, { indexes: { ranked: ["rnk"] } });
// @ts-expect-error unknown field in a descending segment
record("R", 1, fields, { indexes: { ranked: [{ desc: "rnk" }] } });
const sided = { ...fields, side: enumOf(9, Side) };
// @ts-expect-error unknown value in a direction
record("R", 1, sided, { indexes: { book: ["side", { desc: "rank", when: { side: "Buy" } }] } });
// @ts-expect-error unknown value in a partial index
record("R", 1, sided, { indexes: { bids: { on: ["rank"], where: { side: ["Buy"] } } } });
// @ts-expect-error repeated fields exist in events only
record("R", 1, { prices: repeated(u64(1), { maxItems: 8 }) });
command("C", 1, { prices: repeated(u64(1), { maxItems: 8 }) });
// @ts-expect-error records have no repeated fields
record("R", 1, { prices: repeated(u64(1), { maxItems: 8 }) });
// @ts-expect-error a number is required
u64();
// @ts-expect-error a size is required
text(1);
reject(1, "fine", { a: u8(1) });

// ---- domain, engine --------------------------------------------------------------------------------------
const handlers = {
  AddInstrument: () => {},
  OpenAccount: () => {},
  PlaceOrder: () => {},
  CancelOrder: () => {},
  ReduceOrder: () => {},
  ReplaceOrder: () => {},
  SetInstrumentState: () => {},
};
defineDomain(schema, { revision: 1, handlers });
// @ts-expect-error the revision is missing
defineDomain(schema, { handlers });
// @ts-expect-error no such field
invariant(1, Order, "x", { owed: { gt: 0n } });
// @ts-expect-error a number is not a bigint
invariant(1, Order, "x", { remaining: { gt: 0 } });
defineDomain(schema, {
  revision: 1,
  handlers: { ...handlers, CancelOrder: (tx, cmd) => tx.delete(tx.get(Order.byOrderId, cmd.orderId)) },
});
// @ts-expect-error a handler is missing
defineDomain(schema, { revision: 1, handlers: { PlaceOrder: () => {} } });
// @ts-expect-error no such command
defineDomain(schema, { revision: 1, handlers: { ...handlers, Withdraw: () => {} } });
// @ts-expect-error handlers are synchronous
defineDomain(schema, { revision: 1, handlers: { ...handlers, CancelOrder: async () => {} } });
const placing = (_tx: Tx, cmd: Infer<typeof PlaceOrder>) => void cmd;
// @ts-expect-error the payload of another command
defineDomain(schema, { revision: 1, handlers: { ...handlers, CancelOrder: placing } });

export async function engineMistakes(): Promise<void> {
  const engine = await open({ domain: exchange, history: memoryHistory() });
  await engine.submit("OpenAccount", { accountId: 1 });
  // @ts-expect-error no such command
  await engine.submit("CloseAccount", { accountId: 1 });
  // @ts-expect-error missing field
  await engine.submit("CancelOrder", {});
  const receipt = await engine.submit("CancelOrder", { orderId: 1n });
  // @ts-expect-error only a rejected or faulted receipt has a code
  void receipt.code;
  if (receipt.outcome === "rejected") {
    if (receipt.code === "UNKNOWN_ORDER") type<Equal<typeof receipt.detail.orderId, bigint>>();
    // @ts-expect-error not a code of this domain
    if (receipt.code === "TOO_LATE") return;
  }
  if (receipt.outcome === "committed") {
    for (const event of receipt.events) {
      if (event.name === "Trade") type<Equal<typeof event.values.price, bigint>>();
      // @ts-expect-error not every event has a price
      void event.values.price;
    }
  }
  const best = await engine.read((view) => view.first(Order.book, []));
  type<Equal<typeof best, O | undefined>>();
  // @ts-expect-error a view can not write
  await engine.read((view) => view.create(Account, { accountId: 1 }));

  // ---- the rest of the engine ------------------------------------------------------------------------------
  const source = { client: 1n, stream: 0, seq: 1n };
  await engine.submit("OpenAccount", { accountId: 1 }, { source });
  // @ts-expect-error a source has u64 as bigint
  await engine.submit("OpenAccount", { accountId: 1 }, { source: { client: 1, stream: 0, seq: 1n } });
  // @ts-expect-error no such option
  await engine.submit("OpenAccount", { accountId: 1 }, { from: source });
  const [first] = await engine.submitMany([
    { name: "OpenAccount", payload: { accountId: 1 } },
    { name: "CancelOrder", payload: { orderId: 1n }, source },
  ]);
  type<Equal<typeof first, typeof receipt | undefined>>();
  // @ts-expect-error the payload of another command
  await engine.submitMany([{ name: "CancelOrder", payload: { accountId: 1 } }]);
  type<Equal<Awaited<ReturnType<typeof engine.receipt>>, typeof receipt | undefined>>();
  // @ts-expect-error the client is a bigint
  await engine.retire(1, 0);
  const { value, seq, speculative } = engine.readExecuted((view) => view.count(Order.book, [], { limit: 1 }));
  type<Equal<[typeof value, typeof seq, typeof speculative], [number, bigint, boolean]>>();
  // @ts-expect-error a view deletes nothing
  await engine.read((view) => view.delete);
  // @ts-expect-error a record is possibly undefined
  await engine.read((view) => view.find(Order.byOrderId, 1n).price);
  for await (const frame of engine.frames({ from: 1n })) frameMistakes(frame);
  // @ts-expect-error a seq is a bigint
  engine.frames({ from: 1 });
  const report = await engine.audit();
  // @ts-expect-error there is a difference only where the replay is not identical
  void report.difference.field;
  // @ts-expect-error a domain is what is opened
  await open({ domain: schema, history: memoryHistory() });
  // @ts-expect-error a clock gives ns as bigint
  await open({ domain: exchange, history: memoryHistory(), clock: { nowNs: () => Date.now() } });
  // @ts-expect-error a history is a place, not its name
  await open({ domain: exchange, history: "data/exchange" });
  // @ts-expect-error an expectation has a digest
  await open({ domain: exchange, history: memoryHistory(), expect: { seq: 1n } });
  // @ts-expect-error no such limit
  defineDomain(schema, { revision: 1, handlers, limits: { fuel: 1 } });
}

function frameMistakes(frame: Frame): void {
  type<Equal<typeof frame.digest, string>>();
  // @ts-expect-error only a command's frame has an outcome
  void frame.outcome;
  if (frame.type === "epoch") type<Equal<typeof frame.limits.work, number>>();
  if (frame.type !== "command") return;
  for (const delta of frame.deltas) {
    // @ts-expect-error an insert has no values before
    void delta.before;
    if (delta.op === "update") void [delta.before, delta.after];
  }
}

/** A domain leads to the types of its engine. */
type Parts = typeof exchange extends Domain<infer P> ? P : never;
export function typed(engine: Engine<Parts>): Promise<unknown> {
  return engine.submit("CancelOrder", { orderId: 1n });
}

export function arithmetic(): bigint {
  num.u64.mulDiv(1n, 2n, 3n, "halfEven");
  // @ts-expect-error no such rounding
  num.u64.div(1n, 2n, "nearest");
  // @ts-expect-error a number is no bigint
  return num.i64.add(1, 2n);
}

export function caught(error: unknown): string | undefined {
  if (!(error instanceof AdmissionError)) return undefined;
  // @ts-expect-error not a code of admission
  if (error.code === "LATE") return error.field;
  return error.code === "MALFORMED" ? error.field : error.code;
}
