/** A domain whose commands use as much of each budget as their payload says. */
import { bool, command, defineSchema, event, record, text, u8, u32, u64 } from "statevec/schema";

export const Item = record(
  "Item",
  1,
  {
    id: u32(1).immutable(),
    rank: u32(2),
    listed: bool(3),
    note: text(4, { maxBytes: 4_000 }),
  },
  {
    unique: { byId: ["id"] },
    indexes: { byRank: ["rank"] },
  },
);

/** Of one byte in the state less than a Wide; a listed one has an index entry more. */
export const Small = record(
  "Small",
  2,
  { id: u32(1).immutable(), listed: bool(2) },
  { unique: { byId: ["id"] }, indexes: { onList: { on: ["id"], where: { listed: [true] } } } },
);
export const Wide = record(
  "Wide",
  3,
  { id: u32(1).immutable(), listed: bool(2), more: u8(3) },
  { unique: { byId: ["id"] } },
);

/** Nothing but a payload. */
export const Hear = command("Hear", 1, { words: text(1, { maxBytes: 4_000 }) });
/** Creates items with so long notes, then emits so many events with so many letters, and one with `last` if that is not 0. */
export const Make = command("Make", 2, {
  first: u32(1),
  items: u32(2),
  note: u32(3),
  events: u32(4),
  words: u32(5),
  last: u32(6),
});
/** Gives an item another note and deletes the one behind it. */
export const Rewrite = command("Rewrite", 3, { id: u32(1), note: u32(2) });
/** Creates items, creates and deletes some, updates some twice, deletes some. */
export const Touch = command("Touch", 4, {
  first: u32(1),
  create: u32(2),
  flash: u32(3),
  update: u32(4),
  remove: u32(5),
});
/** Leaves so many lists early, one after the other, then keeps so many open. */
export const OpenLists = command("OpenLists", 5, { left: u32(1), kept: u32(2) });
/** One of each operation that is charged. */
export const Mix = command("Mix", 6, { id: u32(1), note: u32(2) });
/** Deletes items from 1 on, creates Small and Wide records, then lists some of the Small ones. */
export const Store = command("Store", 7, {
  first: u32(1),
  drop: u32(2),
  small: u32(3),
  wide: u32(4),
  list: u32(5),
});
/** Computes, and asks the core for nothing but one event. */
export const Spin = command("Spin", 8, { rounds: u32(1) });
/** Allocates one piece of so many bytes, in the lane where a handler's memory is counted. */
export const Allocate = command("Allocate", 9, { bytes: u32(1) });

export const Said = event("Said", 1, { words: text(1, { maxBytes: 4_000 }) });
export const Counted = event("Counted", 2, { value: u64(1) });

export const schema = defineSchema("budgets", {
  records: { Item, Small, Wide },
  commands: { Hear, Make, Rewrite, Touch, OpenLists, Mix, Store, Spin, Allocate },
  events: { Said, Counted },
});
