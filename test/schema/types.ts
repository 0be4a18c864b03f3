/**
 * What the types of the DSL infer and refuse. `tsc` is the test: each `@ts-expect-error` line must be an error, and no
 * line around one may be.
 *
 * Responsible for: the types of src/schema, through a `tx` that is declared here as the engine declares it.
 * Not responsible for: the engine's own types.
 */
import {
  type AnyRecord,
  bool,
  bytes,
  type CanonicalIndex,
  command,
  conserve,
  decimal,
  defineSchema,
  enumeration,
  enumOf,
  event,
  type Infer,
  i8,
  i16,
  i32,
  i64,
  i128,
  invariant,
  type Lookup,
  type RecordHeader,
  record,
  ref,
  reject,
  repeated,
  type SysId,
  text,
  timestamp,
  u8,
  u16,
  u32,
  u64,
  u128,
} from "statevec/schema";
import type { DETAIL, KEY, PATCH, PREFIX, TAKES, VIEW } from "../../src/schema/phantom.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<_T extends true>(): void {}

type AnyLookup = Lookup<unknown, readonly any[]>;
type AnyIndex = CanonicalIndex<unknown, readonly any[]>;
interface Range<Value> {
  readonly from?: Value | undefined;
  readonly to?: Value | undefined;
}
interface Tx {
  get<L extends AnyLookup>(by: L, ...key: L[typeof KEY]): L[typeof VIEW];
  find<L extends AnyLookup>(by: L, ...key: L[typeof KEY]): L[typeof VIEW] | undefined;
  list<I extends AnyIndex, const P extends I[typeof PREFIX]>(
    index: I,
    prefix: readonly [...P],
    options?: Range<I[typeof KEY][P["length"]]>,
  ): Iterable<I[typeof VIEW]>;
  create<D extends AnyRecord>(kind: D, values: D[typeof TAKES]): D[typeof VIEW];
  update<R extends RecordHeader<string, any, any>>(record: R, patch: R[typeof PATCH]): void;
  emit<E extends { readonly role: "event"; readonly [TAKES]: unknown }>(
    event: E,
    values: E[typeof TAKES],
  ): void;
  reject<C extends { readonly [DETAIL]: readonly any[] }>(code: C, ...detail: C[typeof DETAIL]): never;
}

const Side = enumeration("Side", { Bid: 1, Ask: 2 });
const Account = record(
  "Account",
  2,
  { accountId: u32(1).immutable() },
  { unique: { byAccountId: ["accountId"] } },
);
const Order = record(
  "Order",
  3,
  {
    orderId: u64(1).immutable(),
    account: ref(2, Account).immutable(),
    side: enumOf(5, Side).immutable(),
    price: u64(6),
    remaining: u64(7),
    note: text(8, { maxBytes: 8 }).nullable(),
  },
  {
    unique: { byOrderId: ["orderId"], byBoth: ["account", "orderId"] },
    indexes: {
      book: ["account", "side", { desc: "price", when: { side: "Bid" } }],
      bids: { on: ["price"], where: { side: ["Bid"] } },
    },
  },
);
const Place = command("Place", 3, { orderId: u64(1), price: u64(6).nullable() });
const Done = event("Done", 4, { orderId: u64(1), reason: enumOf(2, Side) });
const Reject = { UNKNOWN: reject(1, "x", { orderId: u64(1) }), HALTED: reject(2, "x") };
export const schema = defineSchema("types", {
  records: { Account, Order },
  commands: { Place },
  events: { Done },
  rejects: Reject,
  invariants: {
    LEFT: invariant(1, Order, "x", { remaining: { gt: 0n, lte: { field: "price" } } }),
    SUM: conserve(2, "x", [{ of: Order, field: "remaining", by: ["account"] }]),
  },
});

// ---- inference -------------------------------------------------------------------------------------------
type O = Infer<typeof Order>;
same<Equal<O["price"], bigint>>();
same<Equal<O["side"], "Bid" | "Ask">>();
same<Equal<O["note"], string | null>>();
same<Equal<O["account"], SysId<"Account">>>();
same<Equal<O["sysId"], SysId<"Order">>>();
same<Equal<Infer<typeof Place>["price"], bigint | null>>();
same<Equal<Infer<typeof Side>, "Bid" | "Ask">>();
same<Equal<typeof schema.records.Order, typeof Order>>();
same<Equal<typeof schema.name, string>>();
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
same<Equal<W["a"], boolean>>();
same<Equal<W["d"], number>>();
same<Equal<W["h"], number>>();
same<Equal<W["j"], bigint>>();
same<Equal<W["m"], bigint>>();
same<Equal<W["o"], Uint8Array>>();
same<Equal<W["p"], W["sysId"] | null>>();
const Fill = event("Fill", 9, { prices: repeated(u64(1), { maxItems: 8 }) });
same<Equal<Infer<typeof Fill>["prices"], readonly bigint[]>>();

// ---- what a handler may write ----------------------------------------------------------------------------
export function mistakes(tx: Tx, order: O, account: Infer<typeof Account>, wide: W): void {
  tx.create(Account, { accountId: 1 });
  tx.create(Order, { orderId: 1n, account: account.sysId, side: "Bid", price: 1n, remaining: 1n });
  // @ts-expect-error u32 is number, not bigint
  tx.create(Account, { accountId: 1n });
  // @ts-expect-error missing field
  tx.create(Account, {});
  // @ts-expect-error unknown field
  tx.create(Account, { accountId: 1, name: "a" });
  tx.update(order, { remaining: 1n, note: null });
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

  tx.find(Order.byBoth, account.sysId, 7n);
  // @ts-expect-error half a key
  tx.find(Order.byBoth, account.sysId);
  // @ts-expect-error the SysId of another kind
  tx.find(Order.byBoth, order.sysId, 7n);
  // @ts-expect-error a made-up SysId
  tx.get(Order, 5n);
  // @ts-expect-error possibly undefined
  void tx.find(Order, order.sysId).price;
  // @ts-expect-error an index is not a unique key
  tx.find(Order.book, account.sysId);
  // @ts-expect-error no such access path
  void Order.byPrice;

  tx.list(Order.book, []);
  tx.list(Order.book, [account.sysId, "Ask"], { from: 1n, to: 9n });
  tx.list(Order.book, [account.sysId], { from: "Bid" });
  tx.list(Order.bids, [], { to: 5n });
  // @ts-expect-error wrong order of segments
  tx.list(Order.book, ["Ask", account.sysId]);
  // @ts-expect-error wrong enum value
  tx.list(Order.book, [account.sysId, "Buy"]);
  // @ts-expect-error too long
  tx.list(Order.book, [account.sysId, "Ask", 1n, 1n]);
  // @ts-expect-error a gap
  tx.list(Order.book, [account.sysId, undefined, 1n]);
  // @ts-expect-error the bound belongs to side
  tx.list(Order.book, [account.sysId], { from: 1n });
  // @ts-expect-error a unique key has no order
  tx.list(Order.byOrderId, []);

  // @ts-expect-error missing fields
  tx.emit(Done, { orderId: 1n });
  // @ts-expect-error a record is not an event
  tx.emit(Account, { accountId: 1 });
  // @ts-expect-error a reason that does not exist
  tx.emit(Done, { orderId: 1n, reason: "Bored" });
  // @ts-expect-error detail missing
  if (order.price < 0n) tx.reject(Reject.UNKNOWN);
  // @ts-expect-error wrong detail
  if (order.price < 0n) tx.reject(Reject.UNKNOWN, { order: 1n });
  // @ts-expect-error this code has no detail
  if (order.price < 0n) tx.reject(Reject.HALTED, { price: 1n });
  // @ts-expect-error undeclared code
  if (order.price < 0n) tx.reject(Reject.TOO_LATE);
}

export function nullable(cmd: Infer<typeof Place>): bigint {
  // @ts-expect-error null must be handled
  return cmd.price + 1n;
}

// ---- what a definition may say ---------------------------------------------------------------------------
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
command("C", 1, { prices: repeated(u64(1), { maxItems: 8 }) });
// @ts-expect-error records have no repeated fields
record("R", 1, { prices: repeated(u64(1), { maxItems: 8 }) });
// @ts-expect-error nor have reject details
reject(1, "x", { prices: repeated(u64(1), { maxItems: 8 }) });
// @ts-expect-error the elements of a repeated field are always there
repeated(u64(1).nullable(), { maxItems: 8 });
// @ts-expect-error a number is required
u64();
// @ts-expect-error a size is required
text(1);
// @ts-expect-error a bound is a value of the type
u64(1, { min: 1 });
// @ts-expect-error no such field
invariant(1, Order, "x", { owed: { gt: 0n } });
// @ts-expect-error a number is not a bigint
invariant(1, Order, "x", { remaining: { gt: 0 } });
// @ts-expect-error no such other field
invariant(1, Order, "x", { remaining: { gt: { field: "owed" } } });
// @ts-expect-error commands are required
defineSchema("s", { records: { Account } });
// @ts-expect-error an event is not a command
defineSchema("s", { records: { Account }, commands: { Done } });
