/**
 * A schema with every field type, key form and invariant form, for the tests of this folder.
 */
import {
  bool,
  bytes,
  command,
  conserve,
  decimal,
  defineSchema,
  enumeration,
  enumOf,
  event,
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

export const Side = enumeration("Side", { Bid: 1, Ask: 2 });
export const Wide = enumeration("Wide", { Small: 1, Large: 40_000 });

export const Account = record(
  "Account",
  7,
  {
    owner: text(3, { maxBytes: 20 }).immutable(),
    currency: u16(1).immutable(),
    balance: i64(2),
    limit: decimal(9, { precision: 30, scale: 2 }),
  },
  { unique: { byOwner: ["currency", "owner"] } },
);

export const Everything = record(
  "Everything",
  2,
  {
    a: bool(1),
    b: u8(2).immutable(),
    c: u16(3),
    d: u32(4).nullable(),
    e: u64(5),
    f: i8(6),
    g: i16(7).nullable(),
    h: i32(8),
    i: i64(9),
    j: u128(10).nullable(),
    k: i128(11),
    l: decimal(12, { precision: 18, scale: 4 }),
    m: timestamp(13),
    n: text(14, { maxBytes: 8 }).nullable(),
    o: bytes(15, { maxBytes: 9 }),
    p: ref(16, "Account").nullable(),
    q: decimal(17, { precision: 38, scale: 2 }).nullable(),
    r: enumOf(18, Side),
    s: enumOf(19, Wide).nullable(),
    t: ref(20, Account).immutable(),
  },
  {
    unique: { byBoth: ["t", "b"], byB: ["b"] },
    indexes: {
      plain: ["e"],
      book: ["r", { desc: "e", when: { r: "Bid" } }, { asc: "k", when: { r: "Ask" } }, { desc: "n" }, "a"],
      some: { on: ["d", "s"], where: { r: ["Ask"], a: [false, true] } },
    },
  },
);

export const Do = command("Do", 5, {
  amount: u64(1, { min: 1n, max: 1_000_000n }),
  delta: i8(2, { min: -5 }).nullable(),
  note: text(3, { maxBytes: 30, notEmpty: true }).nullable(),
  legs: repeated(u64(4, { max: 7n }), { maxItems: 5 }),
  wide: i128(6, { min: -(1n << 100n) }),
  side: enumOf(7, Side),
  raw: bytes(8, { maxBytes: 16 }),
  names: repeated(text(9, { maxBytes: 6 }), { maxItems: 3 }),
  price: decimal(10, { precision: 20, scale: 8 }).nullable(),
  who: ref(11, Account),
  wides: repeated(enumOf(12, Wide), { maxItems: 3 }),
  flag: bool(13),
});
export const Nothing = command("Nothing", 1, {});
export const Done = event("Done", 3, { amount: u64(1), when: timestamp(2).nullable() });

export const schema = defineSchema("fixture", {
  records: { Account, Everything },
  commands: { Do, Nothing },
  events: { Done },
  rejects: {
    NO: reject(10, "No.", { balance: i64(2), side: enumOf(1, Side) }),
    NEVER: reject(4, "Never."),
  },
  invariants: {
    ORDERED: invariant(4, Everything, "e is large enough.", {
      m: { gte: { field: "m" } },
      e: { gt: 3n, lt: { field: "e" } },
      r: { ne: "Ask" },
      a: { eq: true },
      k: { gt: -4n },
      t: { ne: { field: "p" } },
    }),
    MONEY: conserve(2, "Money stays.", [
      { of: Account, field: "balance", by: ["currency"] },
      { of: Everything, field: "i", by: ["c"] },
    ]),
  },
});
