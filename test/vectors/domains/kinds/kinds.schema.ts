/**
 * The schema of the vectors: every field type, key form and invariant form.
 *
 * Released vectors hold for this schema byte for byte, so it never changes: what is new gets a domain of its own beside it.
 * The same types stand in records, payloads, events and details under the same names and numbers, so that a vector reads
 * alike everywhere: `tiny` is a u8, `wealth` a decimal of 16 bytes.
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

// ---- enumerations ----------------------------------------------------------------------------------------

/** One byte. */
export const Color = enumeration("Color", { Red: 1, Green: 2, Blue: 255 });
/** Two bytes. */
export const Weather = enumeration("Weather", { Calm: 1, Windy: 256, Storm: 65_535 });
export const Side = enumeration("Side", { Bid: 1, Ask: 2 });
export const Mode = enumeration("Mode", { truncate: 1, floor: 2, ceil: 3, halfUp: 4, halfEven: 5 });
export const Operation = enumeration("Operation", { add: 1, sub: 2, mul: 3, div: 4, mulDiv: 5, rescale: 6 });

/** Every canonical index, as `Walk` names it: the kind, then the index. */
export const Path = enumeration("Path", {
  SparseFlag: 1,
  SparseTiny: 2,
  SparseSmall: 3,
  SparseMedium: 4,
  SparseLarge: 5,
  SparseHuge: 6,
  SparseSignedTiny: 7,
  SparseSignedSmall: 8,
  SparseSignedMedium: 9,
  SparseSignedLarge: 10,
  FullSignedHuge: 11,
  FullPrice: 12,
  FullWealth: 13,
  FullTime: 14,
  FullColor: 15,
  FullWeather: 16,
  FullLabel: 17,
  FullBlob: 18,
  FullAnchor: 19,
  FullSignedLarge: 20,
  EntryBook: 21,
  EntryMirror: 22,
  EntryOpened: 23,
  EntryAsks: 24,
  EntryLong: 25,
});

/** What `Misbehave` does wrong. */
export const Misdeed = enumeration("Misdeed", {
  ReferToNothing: 1,
  ReferToTheFuture: 2,
  ReferToAnotherKind: 3,
  UpdateDeleted: 4,
  DeleteTwice: 5,
  UnknownEnumValue: 6,
  KeyTooLong: 7,
  BoundTooLarge: 8,
  PriceTooLarge: 9,
  LabelTooLong: 10,
  BlobTooLong: 11,
  EventTooLong: 12,
  DetailTooLarge: 13,
  SumTooLarge: 14,
  GetMissingSysId: 15,
  GetMissingKey: 16,
});

// ---- fields of every type --------------------------------------------------------------------------------

const priceSize = { precision: 12, scale: 2 } as const;
const wealthSize = { precision: 30, scale: 4 } as const;

/** A ref in a message is a plain SysId, so the record it points to may be declared later. */
function everyType() {
  return {
    flag: bool(2),
    tiny: u8(3),
    small: u16(4),
    medium: u32(5),
    large: u64(6),
    huge: u128(7),
    signedTiny: i8(8),
    signedSmall: i16(9),
    signedMedium: i32(10),
    signedLarge: i64(11),
    signedHuge: i128(12),
    price: decimal(13, priceSize),
    wealth: decimal(14, wealthSize),
    time: timestamp(15),
    color: enumOf(16, Color),
    weather: enumOf(17, Weather),
    label: text(18, { maxBytes: 16 }),
    blob: bytes(19, { maxBytes: 8 }),
    anchor: ref(20, "Anchor"),
  };
}

function everyTypeOrNull() {
  return {
    flag: bool(2).nullable(),
    tiny: u8(3).nullable(),
    small: u16(4).nullable(),
    medium: u32(5).nullable(),
    large: u64(6).nullable(),
    huge: u128(7).nullable(),
    signedTiny: i8(8).nullable(),
    signedSmall: i16(9).nullable(),
    signedMedium: i32(10).nullable(),
    signedLarge: i64(11).nullable(),
    signedHuge: i128(12).nullable(),
    price: decimal(13, priceSize).nullable(),
    wealth: decimal(14, wealthSize).nullable(),
    time: timestamp(15).nullable(),
    color: enumOf(16, Color).nullable(),
    weather: enumOf(17, Weather).nullable(),
    label: text(18, { maxBytes: 16 }).nullable(),
    blob: bytes(19, { maxBytes: 8 }).nullable(),
    anchor: ref(20, "Anchor").nullable(),
  };
}

function listsOfEveryType() {
  const three = { maxItems: 3 };
  return {
    flags: repeated(bool(2), three),
    tinies: repeated(u8(3), three),
    smalls: repeated(u16(4), three),
    mediums: repeated(u32(5), three),
    larges: repeated(u64(6), three),
    huges: repeated(u128(7), three),
    signedTinies: repeated(i8(8), three),
    signedSmalls: repeated(i16(9), three),
    signedMediums: repeated(i32(10), three),
    signedLarges: repeated(i64(11), three),
    signedHuges: repeated(i128(12), three),
    prices: repeated(decimal(13, priceSize), three),
    wealths: repeated(decimal(14, wealthSize), three),
    times: repeated(timestamp(15), three),
    colors: repeated(enumOf(16, Color), three),
    weathers: repeated(enumOf(17, Weather), three),
    labels: repeated(text(18, { maxBytes: 16 }), three),
    blobs: repeated(bytes(19, { maxBytes: 8 }), three),
    anchors: repeated(ref(20, "Anchor"), three),
  };
}

// ---- records ---------------------------------------------------------------------------------------------

/** What refs point to. */
export const Anchor = record("Anchor", 1, { id: u32(1).immutable() }, { unique: { byId: ["id"] } });

/** Every type, required. Its indexes begin with the types that end those of Sparse, and the other way round. */
export const Full = record(
  "Full",
  2,
  { id: u32(1).immutable(), ...everyType() },
  {
    unique: { byId: ["id"] },
    indexes: {
      signedHugeFirst: ["signedHuge", { desc: "flag" }],
      priceFirst: ["price", { desc: "tiny" }],
      wealthFirst: ["wealth", { desc: "small" }],
      timeFirst: ["time", { desc: "medium" }],
      colorFirst: ["color", { desc: "large" }],
      weatherFirst: ["weather", { desc: "huge" }],
      labelFirst: ["label", { desc: "signedTiny" }],
      blobFirst: ["blob", { desc: "signedSmall" }],
      anchorFirst: ["anchor", { desc: "signedMedium" }],
      signedLargeLast: [{ desc: "signedLarge" }],
    },
  },
);

/** Every type, nullable: null comes before every value, descending behind it. */
export const Sparse = record(
  "Sparse",
  3,
  { id: u32(1).immutable(), ...everyTypeOrNull() },
  {
    unique: { byId: ["id"] },
    indexes: {
      flagFirst: ["flag", { desc: "signedHuge" }],
      tinyFirst: ["tiny", { desc: "price" }],
      smallFirst: ["small", { desc: "wealth" }],
      mediumFirst: ["medium", { desc: "time" }],
      largeFirst: ["large", { desc: "color" }],
      hugeFirst: ["huge", { desc: "weather" }],
      signedTinyFirst: ["signedTiny", { desc: "label" }],
      signedSmallFirst: ["signedSmall", { desc: "blob" }],
      signedMediumFirst: ["signedMedium", { desc: "anchor" }],
      signedLargeFirst: ["signedLarge", { desc: "id" }],
    },
  },
);

/** Unique keys: of every type, of one and of eight, and one of exactly 128 bytes (the length of a text takes two). */
export const Key = record(
  "Key",
  4,
  {
    id: u32(1).immutable(),
    flag: bool(2).immutable(),
    tiny: u8(3).immutable(),
    small: u16(4).immutable(),
    medium: u32(5).immutable(),
    large: u64(6).immutable(),
    huge: u128(7).immutable(),
    signedTiny: i8(8).immutable(),
    signedSmall: i16(9).immutable(),
    signedMedium: i32(10).immutable(),
    signedLarge: i64(11).immutable(),
    signedHuge: i128(12).immutable(),
    price: decimal(13, priceSize).immutable(),
    wealth: decimal(14, wealthSize).immutable(),
    time: timestamp(15).immutable(),
    color: enumOf(16, Color).immutable(),
    weather: enumOf(17, Weather).immutable(),
    label: text(18, { maxBytes: 12 }).immutable(),
    blob: bytes(19, { maxBytes: 6 }).immutable(),
    anchor: ref(20, Anchor).immutable(),
    code: text(21, { maxBytes: 126 }).immutable(),
  },
  {
    unique: {
      byBits: ["flag", "tiny", "small", "medium", "large", "huge", "signedTiny", "signedSmall"],
      byBlob: ["blob"],
      byCode: ["code"],
      byHuge: ["huge"],
      byLabel: ["label"],
      bySigned: ["signedMedium", "signedLarge", "signedHuge", "price", "wealth", "time", "color", "weather"],
      byTexts: ["anchor", "label", "blob"],
    },
  },
);

/** Conditional, partial and long canonical indexes. */
export const Entry = record(
  "Entry",
  5,
  {
    id: u32(1).immutable(),
    side: enumOf(2, Side),
    open: bool(3),
    rank: u64(4),
    score: i32(5).nullable(),
    label: text(6, { maxBytes: 12 }),
    note: text(7, { maxBytes: 8 }).nullable(),
    blob: bytes(8, { maxBytes: 6 }).nullable(),
  },
  {
    unique: { byId: ["id"] },
    indexes: {
      book: ["side", { desc: "rank", when: { side: "Bid" } }],
      mirror: ["side", { asc: "rank", when: { side: "Bid" } }],
      opened: { on: ["rank"], where: { open: [true] } },
      asks: { on: [{ desc: "score" }, "label"], where: { side: ["Ask"], open: [false, true] } },
      long: [
        "side",
        "open",
        { desc: "rank", when: { open: true } },
        "score",
        { desc: "label" },
        "note",
        { desc: "blob" },
        "id",
      ],
    },
  },
);

/** Money and points: what no command may make or lose. */
export const Account = record(
  "Account",
  6,
  {
    id: u32(1).immutable(),
    color: enumOf(2, Color),
    balance: decimal(3, { precision: 18, scale: 2 }),
    points: i128(4),
  },
  { unique: { byId: ["id"] } },
);

/** Money set aside. */
export const Hold = record(
  "Hold",
  7,
  {
    id: u32(1).immutable(),
    account: ref(2, Account).immutable(),
    color: enumOf(3, Color),
    amount: decimal(4, { precision: 18, scale: 2 }),
  },
  { unique: { byId: ["id"] } },
);

/** A field for each comparison of an invariant. */
export const Rule = record(
  "Rule",
  8,
  {
    id: u32(1).immutable(),
    seven: u8(2),
    notThirteen: u8(3),
    above: i64(4),
    base: i64(5),
    atLeastBase: i64(6),
    belowBase: i64(7),
    atMost: u128(8).nullable(),
  },
  { unique: { byId: ["id"] } },
);

// ---- commands --------------------------------------------------------------------------------------------

const id = u32(1);

export const PutAnchor = command("PutAnchor", 1, { id });
export const DeleteAnchor = command("DeleteAnchor", 2, { id });
export const PutFull = command("PutFull", 3, { id, ...everyType() });
/** Assigns every field, then emits what the record says. */
export const ChangeFull = command("ChangeFull", 4, { id, ...everyType() });
export const PutSparse = command("PutSparse", 5, { id, ...everyTypeOrNull() });
/** Assigns every field, null too, then emits what the record says. */
export const ChangeSparse = command("ChangeSparse", 6, { id, ...everyTypeOrNull() });
export const DeleteFull = command("DeleteFull", 7, { id });
export const DeleteSparse = command("DeleteSparse", 8, { id });
/** Rejects with values of a Full record: details 1 to 5. */
export const RefuseWith = command("RefuseWith", 9, { id, details: u8(2) });
/** Emits its lists. */
export const SendLists = command("SendLists", 10, listsOfEveryType());

export const PutKey = command("PutKey", 11, { id, ...everyType(), code: text(21, { maxBytes: 126 }) });
/** Emits what each unique key of Key finds under the parts of the payload. */
export const FindKey = command("FindKey", 12, { id, ...everyType(), code: text(21, { maxBytes: 126 }) });
export const DeleteKey = command("DeleteKey", 13, { label: text(1, { maxBytes: 12 }) });

/** Emits the ids of a whole canonical index. */
export const Walk = command("Walk", 14, {
  path: enumOf(1, Path),
  reverse: bool(2),
  limit: u32(3).nullable(),
});
export const PutEntry = command("PutEntry", 15, {
  id,
  side: enumOf(2, Side),
  open: bool(3),
  rank: u64(4),
  score: i32(5).nullable(),
  label: text(6, { maxBytes: 12 }),
  note: text(7, { maxBytes: 8 }).nullable(),
  blob: bytes(8, { maxBytes: 6 }).nullable(),
});
export const ChangeEntry = command("ChangeEntry", 16, {
  id,
  side: enumOf(2, Side),
  open: bool(3),
  rank: u64(4),
});

const bounds = {
  side: enumOf(1, Side),
  from: u64(2).nullable(),
  after: u64(3).nullable(),
  to: u64(4).nullable(),
  before: u64(5).nullable(),
};
/** Emits the ids of one side of the book within bounds. */
export const ScanBook = command("ScanBook", 17, { ...bounds, reverse: bool(6), limit: u32(7).nullable() });
/** Emits first, last and count within bounds. */
export const PeekBook = command("PeekBook", 18, { ...bounds, limit: u32(6) });
/** Emits the neighbours of an entry in the book. */
export const LookAround = command("LookAround", 19, { id });
/** Adds to the rank of every entry that the walk over one side meets, while it is below a bound. */
export const Sweep = command("Sweep", 20, { side: enumOf(1, Side), step: u64(2), below: u64(3) });
/** Deletes every entry of one side during the walk, and emits their ids. */
export const Drain = command("Drain", 21, { side: enumOf(1, Side) });

const money = { precision: 18, scale: 2 } as const;
export const OpenAccount = command("OpenAccount", 22, {
  id,
  color: enumOf(2, Color),
  balance: decimal(3, money),
  points: i128(4),
});
/** Moves money and points, and checks nothing: the invariants do. */
export const Transfer = command("Transfer", 23, {
  from: u32(1),
  to: u32(2),
  amount: decimal(3, money),
  points: i128(4),
});
export const PlaceHold = command("PlaceHold", 24, { id, account: u32(2), amount: decimal(3, money) });
export const ReleaseHold = command("ReleaseHold", 25, { id, account: u32(2) });
export const Repaint = command("Repaint", 26, { id, color: enumOf(2, Color) });
export const Mint = command("Mint", 27, { id, amount: decimal(2, money), points: i128(3) });
export const PutRule = command("PutRule", 28, {
  id,
  seven: u8(2),
  notThirteen: u8(3),
  above: i64(4),
  base: i64(5),
  atLeastBase: i64(6),
  belowBase: i64(7),
  atMost: u128(8).nullable(),
});

/** A payload check of each form. The handler does nothing. */
export const Check = command("Check", 29, {
  least: u8(1, { min: 3 }),
  most: i64(2, { max: 10n }),
  between: i128(3, { min: -5n, max: 5n }).nullable(),
  word: text(4, { maxBytes: 8, notEmpty: true }),
  raw: bytes(5, { maxBytes: 8, notEmpty: true }).nullable(),
  times: repeated(timestamp(6, { min: 100n }), { maxItems: 4 }),
});
/** Looks a missing Anchor up so often. */
export const Burn = command("Burn", 30, { lookups: u32(1) });
export const Misbehave = command("Misbehave", 31, { misdeed: enumOf(1, Misdeed) });
/** Emits the quotient. */
export const Divide = command("Divide", 32, { dividend: i64(1), divisor: i64(2) });
/** Emits seq, time and source. */
export const TellContext = command("TellContext", 33, {});
/** Creates an Anchor and deletes it. */
export const Flash = command("Flash", 34, { id });
/** Assigns a Full record the values that it has. */
export const Touch = command("Touch", 35, { id });
/** Creates, emits, then rejects. */
export const WriteThenReject = command("WriteThenReject", 36, { id });

const compute = { operation: enumOf(1, Operation), mode: enumOf(2, Mode) };
export const ComputeU64 = command("ComputeU64", 37, { ...compute, a: u64(3), b: u64(4), c: u64(5) });
export const ComputeI64 = command("ComputeI64", 38, { ...compute, a: i64(3), b: i64(4), c: i64(5) });
export const ComputeU128 = command("ComputeU128", 39, { ...compute, a: u128(3), b: u128(4), c: u128(5) });
export const ComputeI128 = command("ComputeI128", 40, { ...compute, a: i128(3), b: i128(4), c: i128(5) });

// ---- events ----------------------------------------------------------------------------------------------

export const FullSeen = event("FullSeen", 1, { id, ...everyType() });
export const SparseSeen = event("SparseSeen", 2, { id, ...everyTypeOrNull() });
export const Listed = event("Listed", 3, listsOfEveryType());
/** The id that each unique key found. */
export const KeyFound = event("KeyFound", 4, {
  byBits: u32(1).nullable(),
  byBlob: u32(2).nullable(),
  byCode: u32(3).nullable(),
  byHuge: u32(4).nullable(),
  byLabel: u32(5).nullable(),
  bySigned: u32(6).nullable(),
  byTexts: u32(7).nullable(),
});
export const Walked = event("Walked", 5, { ids: repeated(u32(1), { maxItems: 64 }) });
export const Peeked = event("Peeked", 6, {
  first: u32(1).nullable(),
  last: u32(2).nullable(),
  count: u32(3),
});
export const Around = event("Around", 7, { previous: u32(1).nullable(), next: u32(2).nullable() });
export const ContextTold = event("ContextTold", 8, {
  seq: u64(1),
  time: timestamp(2),
  client: u64(3).nullable(),
  stream: u32(4).nullable(),
  sourceSeq: u64(5).nullable(),
});
export const Divided = event("Divided", 9, { quotient: i64(1) });
export const ComputedU64 = event("ComputedU64", 10, { value: u64(1) });
export const ComputedI64 = event("ComputedI64", 11, { value: i64(1) });
export const ComputedU128 = event("ComputedU128", 12, { value: u128(1) });
export const ComputedI128 = event("ComputedI128", 13, { value: i128(1) });
/** Without fields. */
export const Noted = event("Noted", 14, {});

// ---- reject codes ----------------------------------------------------------------------------------------

/** Four details at the most: five codes hold every type. */
export const Reject = {
  NO: reject(1, "Without details."),
  BITS: reject(2, "Details.", { flag: bool(1), tiny: u8(2), small: u16(3), medium: u32(4) }),
  WORDS: reject(3, "Details.", { large: u64(1), huge: u128(2), signedTiny: i8(3), signedSmall: i16(4) }),
  SIGNED: reject(4, "Details.", {
    signedMedium: i32(1),
    signedLarge: i64(2),
    signedHuge: i128(3),
    price: decimal(4, priceSize),
  }),
  NAMED: reject(5, "Details.", {
    wealth: decimal(1, wealthSize),
    time: timestamp(2),
    color: enumOf(3, Color),
    weather: enumOf(4, Weather),
  }),
  TEXTS: reject(6, "Details, one of them null.", {
    label: text(1, { maxBytes: 16 }),
    blob: bytes(2, { maxBytes: 8 }),
    anchor: ref(3, Anchor),
    note: text(4, { maxBytes: 4 }).nullable(),
  }),
  LAST: reject(59_999, "The highest number."),
};

export const schema = defineSchema("kinds", {
  records: { Anchor, Full, Sparse, Key, Entry, Account, Hold, Rule },
  commands: {
    PutAnchor,
    DeleteAnchor,
    PutFull,
    ChangeFull,
    PutSparse,
    ChangeSparse,
    DeleteFull,
    DeleteSparse,
    RefuseWith,
    SendLists,
    PutKey,
    FindKey,
    DeleteKey,
    Walk,
    PutEntry,
    ChangeEntry,
    ScanBook,
    PeekBook,
    LookAround,
    Sweep,
    Drain,
    OpenAccount,
    Transfer,
    PlaceHold,
    ReleaseHold,
    Repaint,
    Mint,
    PutRule,
    Check,
    Burn,
    Misbehave,
    Divide,
    TellContext,
    Flash,
    Touch,
    WriteThenReject,
    ComputeU64,
    ComputeI64,
    ComputeU128,
    ComputeI128,
  },
  events: {
    FullSeen,
    SparseSeen,
    Listed,
    KeyFound,
    Walked,
    Peeked,
    Around,
    ContextTold,
    Divided,
    ComputedU64,
    ComputedI64,
    ComputedU128,
    ComputedI128,
    Noted,
  },
  rejects: Reject,
  invariants: {
    SEVEN: invariant(1, Rule, "Equal to a constant.", { seven: { eq: 7 } }),
    NOT_THIRTEEN: invariant(2, Rule, "Not equal.", { notThirteen: { ne: 13 } }),
    ABOVE: invariant(3, Rule, "Above a constant.", { above: { gt: -10n } }),
    AT_LEAST: invariant(4, Rule, "At least another field.", { atLeastBase: { gte: { field: "base" } } }),
    BELOW: invariant(5, Rule, "Below another field.", { belowBase: { lt: { field: "base" } } }),
    AT_MOST: invariant(6, Rule, "At most a constant; null is.", { atMost: { lte: 1n << 100n } }),
    MONEY: conserve(7, "Money of a color is neither made nor lost.", [
      { of: Account, field: "balance", by: ["color"] },
      { of: Hold, field: "amount", by: ["color"] },
    ]),
    POINTS: conserve(8, "Points are neither made nor lost.", [{ of: Account, field: "points" }]),
  },
});
