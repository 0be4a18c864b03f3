/**
 * A domain of the kinds of values that JavaScript engines implement each in their own way: 128-bit integers, decimals and
 * their rounding, text in UTF-8, bytes, and indexes over all of them that are walked while they change.
 *
 * Not responsible for: sense. Every handler writes, reads back, and lets what it read decide what it writes next.
 */
import { defineDomain, num, type Tx } from "statevec";
import {
  bool,
  bytes,
  command,
  decimal,
  defineSchema,
  enumeration,
  enumOf,
  event,
  type Infer,
  i8,
  i64,
  i128,
  invariant,
  record,
  ref,
  reject,
  repeated,
  text,
  timestamp,
  u16,
  u32,
  u64,
  u128,
} from "statevec/schema";

export const Grade = enumeration("Grade", { Poor: 1, Fair: 2, Fine: 40_000 });
export const Rounding = enumeration("Rounding", { truncate: 1, floor: 2, ceil: 3, halfUp: 4, halfEven: 5 });

export const Ware = record(
  "Ware",
  1,
  {
    id: u32(1).immutable(),
    label: text(2, { maxBytes: 24 }).immutable(),
    note: text(3, { maxBytes: 40 }).nullable(),
    amount: u128(4),
    debt: i128(5),
    price: decimal(6, { precision: 38, scale: 8 }),
    share: decimal(7, { precision: 18, scale: 4 }).nullable(),
    count: i64(8),
    small: i8(9),
    changedAt: timestamp(10),
    grade: enumOf(11, Grade),
    open: bool(12),
    raw: bytes(13, { maxBytes: 16 }),
    before: ref(14, "Ware").nullable(),
  },
  {
    unique: { byId: ["id"], byLabel: ["label"] },
    indexes: {
      byPrice: ["open", { desc: "price", when: { open: true } }, "count"],
      byNote: ["grade", { desc: "note" }, { desc: "changedAt" }],
      byDebt: { on: ["debt", { desc: "amount" }, "share"], where: { grade: ["Fair", "Fine"] } },
      byRaw: ["raw", "small"],
    },
  },
);

const values = {
  note: text(3, { maxBytes: 40 }).nullable(),
  amount: u128(4),
  debt: i128(5),
  price: decimal(6, { precision: 38, scale: 8 }),
  share: decimal(7, { precision: 18, scale: 4 }).nullable(),
  count: i64(8),
  small: i8(9),
  grade: enumOf(11, Grade),
  open: bool(12),
  raw: bytes(13, { maxBytes: 16 }),
};
const Make = command("Make", 1, { id: u32(1), label: text(2, { maxBytes: 24, notEmpty: true }), ...values });
const Change = command("Change", 2, { id: u32(1), ...values });
const Reckon = command("Reckon", 3, {
  id: u32(1),
  factor: i128(2),
  divisor: i64(3),
  rounding: enumOf(4, Rounding),
});
const Walk = command("Walk", 4, { open: bool(1), down: bool(2), limit: u16(3, { max: 50 }) });
const Drop = command("Drop", 5, { ids: repeated(u32(1), { maxItems: 4 }) });

const Seen = event("Seen", 1, {
  label: text(1, { maxBytes: 24 }),
  price: decimal(2, { precision: 38, scale: 8 }),
  note: text(3, { maxBytes: 40 }).nullable(),
  neighbours: repeated(u64(4), { maxItems: 8 }),
});
const Reckoned = event("Reckoned", 2, { quotient: i128(1), price: decimal(2, { precision: 38, scale: 8 }) });

const Reject = {
  UNKNOWN: reject(1, "No ware has this id.", { id: u32(1) }),
  CLOSED: reject(2, "The ware is closed.", { label: text(1, { maxBytes: 24 }), debt: i128(2) }),
};

export const warehouse = defineDomain(
  defineSchema("warehouse", {
    records: { Ware },
    commands: { Make, Change, Reckon, Walk, Drop },
    events: { Seen, Reckoned },
    rejects: Reject,
    invariants: { SMALL: invariant(1, Ware, "No ware is too small.", { small: { gt: -126 } }) },
  }),
  { revision: 1, handlers: { Make: make, Change: change, Reckon: reckon, Walk: walk, Drop: drop } },
);

function make(tx: Tx, cmd: Infer<typeof Make>): void {
  const before = tx.last(Ware.byDebt, [])?.sysId ?? null;
  tx.create(Ware, { ...cmd, changedAt: tx.timeNs, before });
}

function change(tx: Tx, { id, ...rest }: Infer<typeof Change>): void {
  const ware = tx.find(Ware.byId, id) ?? tx.reject(Reject.UNKNOWN, { id });
  const { label, debt } = ware;
  if (!ware.open && rest.small < 0) return tx.reject(Reject.CLOSED, { label, debt });
  tx.update(ware, { ...rest, changedAt: tx.timeNs });
  const neighbour = tx.next(Ware.byNote, ware) ?? tx.prev(Ware.byNote, ware);
  if (neighbour)
    tx.update(neighbour, { amount: neighbour.amount / 2n, note: `${label} ${rest.note ?? "é"}` });
}

function reckon(tx: Tx, { id, factor, divisor, rounding }: Infer<typeof Reckon>): void {
  const ware = tx.get(Ware.byId, id);
  const quotient = num.i128.mulDiv(ware.debt, factor, divisor, rounding);
  const price = num.i128.rescale(ware.price, 8, 4, rounding) * 10_000n;
  tx.update(ware, { debt: quotient, price: price as typeof ware.price, changedAt: tx.timeNs });
  tx.emit(Reckoned, { quotient, price: price as typeof ware.price });
}

/** Changes the key it walks along, so that wares are met again further on. */
function walk(tx: Tx, { open, down, limit }: Infer<typeof Walk>): void {
  for (const ware of tx.list(Ware.byPrice, [open], { reverse: down, limit })) {
    const neighbours: bigint[] = [];
    for (const other of tx.list(Ware.byRaw, [], { from: ware.raw, limit: 8 })) neighbours.push(other.sysId);
    const { label, price, note } = ware;
    tx.emit(Seen, { label, price, note, neighbours });
    if (ware.count % 3n === 0n) tx.update(ware, { open: !open, count: ware.count + 1n });
    else tx.update(ware, { count: num.i64.add(ware.count, BigInt(neighbours.length)) });
  }
}

function drop(tx: Tx, { ids }: Infer<typeof Drop>): void {
  for (const id of ids) {
    const ware = tx.find(Ware.byId, id);
    if (ware && tx.count(Ware.byDebt, [], { limit: 100 }) > 20) tx.delete(ware);
    else if (!ware && id % 2 === 0) tx.get(Ware.byId, id);
  }
}
