/**
 * What random handler programs work on: two kinds with every form of key, index and invariant, and one command a program.
 *
 * Responsible for: the schema of both lanes. The generator reads fields and indexes from it, so a field that is added here
 * is used at once.
 */
import {
  bool,
  bytes,
  command,
  conserve,
  type Decimal,
  decimal,
  defineSchema,
  enumeration,
  enumOf,
  event,
  i64,
  i128,
  invariant,
  record,
  ref,
  reject,
  repeated,
  text,
  timestamp,
  u32,
  u64,
  u128,
} from "statevec/schema";

/** One command for each program. */
export const PROGRAMS = 60;

export const Side = enumeration("Side", { Buy: 1, Sell: 2, Both: 7 });

export const Account = record(
  "Account",
  2,
  {
    id: u32(1).immutable(),
    side: enumOf(2, Side).immutable(),
    balance: i64(3),
    wide: i128(4),
    huge: u128(5),
  },
  { unique: { byId: ["id"] }, indexes: { richest: ["side", { desc: "balance" }] } },
);

export const Item = record(
  "Item",
  5,
  {
    id: u32(1).immutable(),
    label: text(2, { maxBytes: 6 }).immutable(),
    side: enumOf(3, Side),
    rank: u64(4),
    score: i64(5).nullable(),
    note: text(6, { maxBytes: 6 }).nullable(),
    owner: ref(7, Account).nullable(),
    price: decimal(8, { precision: 9, scale: 2 }),
    wealth: decimal(9, { precision: 24, scale: 4 }).nullable(),
    open: bool(10),
    pieces: u32(11),
    at: timestamp(12),
    raw: bytes(13, { maxBytes: 4 }),
  },
  {
    unique: { byId: ["id"], byLabel: ["label", "id"] },
    indexes: {
      book: ["side", { desc: "rank", when: { side: "Buy" } }, "score"],
      notes: [{ desc: "note" }, "price"],
      opened: { on: ["pieces", "at"], where: { open: [true] } },
      owners: ["owner", { desc: "wealth" }],
    },
  },
);

/** The payload of every program. */
const payload = {
  a: u64(1),
  b: i64(2),
  c: i128(3),
  d: u128(4),
  k: u32(5, { max: 60 }),
  t: text(6, { maxBytes: 12 }),
  s: enumOf(7, Side),
  f: bool(8),
  m: i64(9).nullable(),
  n: text(10, { maxBytes: 4 }).nullable(),
  raw: bytes(11, { maxBytes: 6 }),
  list: repeated(u64(12), { maxItems: 4 }),
};

const commands = Object.fromEntries(
  Array.from({ length: PROGRAMS }, (_, at) => [`P${at}`, command(`P${at}`, at + 1, payload)]),
);

export const Seen = event("Seen", 1, { hash: u64(1) });
export const Told = event("Told", 2, {
  a: u64(1),
  b: i64(2).nullable(),
  c: i128(3),
  d: u128(4).nullable(),
  t: text(5, { maxBytes: 8 }).nullable(),
  s: enumOf(6, Side),
  raw: bytes(7, { maxBytes: 5 }),
  list: repeated(u64(8), { maxItems: 4 }),
});

export const Reject = {
  PLAIN: reject(1, "No reason."),
  NUMBERS: reject(2, "Some numbers.", { a: u64(1), b: i64(2).nullable() }),
  WORDS: reject(3, "Some words.", { t: text(1, { maxBytes: 6 }), s: enumOf(2, Side) }),
};

export const schema = defineSchema("programs", {
  records: { Account, Item },
  commands,
  events: { Seen, Told },
  rejects: Reject,
  invariants: {
    BALANCED: conserve(1, "Balances of a side add up.", [{ of: Account, field: "balance", by: ["side"] }]),
    COVERED: invariant(2, Account, "Credit is small.", { balance: { gte: -20n } }),
    CHEAP: invariant(3, Item, "No item is worth less.", { price: { gte: -999n as Decimal<2> } }),
    LUCKY: invariant(4, Item, "No rank is 13.", { rank: { ne: 13n } }),
  },
});
