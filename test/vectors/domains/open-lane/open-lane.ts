/**
 * What only handlers in TypeScript can do wrong: the compiler or the generated classes of the sealed lane leave no way to it.
 *
 * The domain keeps a record beyond its command on purpose. Its vectors repeat all the same, since each uses what the one
 * before it kept. The schema never changes once vectors of it are released.
 */
import { defineDomain, type Tx } from "statevec";
import {
  command,
  defineSchema,
  enumeration,
  enumOf,
  event,
  type Infer,
  record,
  repeated,
  text,
  u8,
  u32,
} from "statevec/schema";

const Misdeed = enumeration("Misdeed", {
  ReadStale: 1,
  UpdateStale: 2,
  DeleteStale: 3,
  NextOfStale: 4,
  AssignImmutable: 5,
  WrongType: 6,
  Fraction: 7,
  LoneSurrogate: 8,
  NullForRequired: 9,
  MissingField: 10,
  UnknownField: 11,
  NumberTooLarge: 12,
  NumberTooSmall: 13,
  ListTooLong: 14,
  TooManyKeyParts: 15,
  PrefixTooLong: 16,
  HoleInPrefix: 17,
  FromBesideAfter: 18,
  BoundBehindWholeKey: 19,
  LimitBelowZero: 20,
  NoRecord: 21,
  Throw: 22,
  CatchAndGoOn: 23,
});

const Item = record(
  "Item",
  1,
  { id: u32(1).immutable(), small: u8(2), word: text(3, { maxBytes: 8 }) },
  { unique: { byId: ["id"] }, indexes: { bySmall: ["small", "word"] } },
);
const Put = command("Put", 1, { id: u32(1), small: u8(2), word: text(3, { maxBytes: 8 }) });
/** Remembers the record for the next command. */
const Keep = command("Keep", 2, { id: u32(1) });
const Misbehave = command("Misbehave", 3, { id: u32(1), misdeed: enumOf(2, Misdeed) });
const Counted = event("Counted", 1, { numbers: repeated(u8(1), { maxItems: 2 }) });

const schema = defineSchema("openLane", {
  records: { Item },
  commands: { Put, Keep, Misbehave },
  events: { Counted },
});

type Item = Infer<typeof Item>;

/** Whatever a handler without types would pass. */
const anything = (value: unknown) => value as never;

/** A misdeed each. @param kept the record of the command before */
const deeds: Readonly<Record<Infer<typeof Misdeed>, (tx: Tx, item: Item, kept: Item) => void>> = {
  ReadStale: (tx, item, kept) => tx.update(item, { small: kept.small }),
  UpdateStale: (tx, _, kept) => tx.update(kept, { small: 1 }),
  DeleteStale: (tx, _, kept) => tx.delete(kept),
  NextOfStale: (tx, _, kept) => void tx.next(Item.bySmall, kept),
  AssignImmutable: (tx, item) => tx.update(item, anything({ id: 9 })),
  WrongType: (tx, item) => tx.update(item, { small: anything("1") }),
  Fraction: (tx, item) => tx.update(item, { small: 1.5 }),
  LoneSurrogate: (tx, item) => tx.update(item, { word: "\ud800" }),
  NullForRequired: (tx, item) => tx.update(item, { word: anything(null) }),
  MissingField: (tx) => void tx.create(Item, anything({ id: 9, small: 1 })),
  UnknownField: (tx, item) => tx.update(item, anything({ large: 1 })),
  NumberTooLarge: (tx, item) => tx.update(item, { small: 256 }),
  NumberTooSmall: (tx, item) => tx.update(item, { small: -1 }),
  ListTooLong: (tx) => tx.emit(Counted, { numbers: [1, 2, 3] }),
  TooManyKeyParts: (tx) => void (tx as any).find(Item.byId, 1, 2),
  PrefixTooLong: (tx) => void tx.first(Item.bySmall, anything([1, "a", 2])),
  HoleInPrefix: (tx) => void tx.first(Item.bySmall, anything([undefined])),
  FromBesideAfter: (tx) => void tx.first(Item.bySmall, [], { from: 1, after: 2 }),
  BoundBehindWholeKey: (tx) => void tx.first(Item.bySmall, [1, "a"], anything({ from: 1 })),
  LimitBelowZero: (tx) => void tx.list(Item.bySmall, [], { limit: -1 }),
  NoRecord: (tx) => tx.delete(anything({})),
  Throw: () => {
    throw new Error("a mistake of the handler");
  },
  CatchAndGoOn(tx, item) {
    try {
      tx.get(Item.byId, 4_294_967_295);
    } catch {
      // The first cause wins: what follows does nothing.
    }
    tx.update(item, { small: 7 });
  },
};

function makeOpenLane() {
  let kept: Item | undefined;
  return defineDomain(schema, {
    revision: 1,
    handlers: {
      Put: (tx, { id, small, word }) => void tx.create(Item, { id, small, word }),
      Keep(tx, { id }) {
        kept = tx.get(Item.byId, id);
      },
      Misbehave: (tx, { id, misdeed }) => deeds[misdeed](tx, tx.get(Item.byId, id), kept!),
    },
  });
}

export const openLane = makeOpenLane();
