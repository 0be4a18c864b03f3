/**
 * A schema with every field type in every place, and handlers that carry values from one place to another.
 *
 * Responsible for: the sources of the probe module. Its handlers are written from the field lists, so no field of the
 * generated classes is left out.
 */
import {
  bool,
  bytes,
  command,
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
import { generateDomain } from "../../src/compile/generate/index.ts";
import type { Fields } from "../../src/schema/fields.ts";

const Side = enumeration("Side", { Bid: 1, Ask: 2 });
const Wide = enumeration("Wide", { Small: 1, Middle: 300, Large: 40_000 });

/** A field of every type; numbers from `first` on. */
function everyType(first: number) {
  return {
    flag: bool(first),
    byte: u8(first + 1),
    short: u16(first + 2),
    int: u32(first + 3),
    long: u64(first + 4),
    huge: u128(first + 5),
    signedByte: i8(first + 6),
    signedShort: i16(first + 7),
    signedInt: i32(first + 8),
    signedLong: i64(first + 9),
    signedHuge: i128(first + 10),
    note: text(first + 11, { maxBytes: 12 }),
    money: decimal(first + 12, { precision: 18, scale: 4 }),
    bigMoney: decimal(first + 13, { precision: 38, scale: 2 }),
    at: timestamp(first + 14),
    side: enumOf(first + 15, Side),
    raw: bytes(first + 16, { maxBytes: 9 }),
    wide: enumOf(first + 17, Wide),
    other: ref(first + 18, "Thing"),
  };
}

/** The same, nullable, "maybe_" before each name. */
function everyNullable(first: number): Fields {
  const fields = Object.entries(everyType(first)).map(([name, field]) => [`maybe_${name}`, field.nullable()]);
  return Object.fromEntries(fields);
}

/** A list of every type, "all_" before each name. */
function everyList(first: number): Record<string, ReturnType<typeof repeated<bigint>>> {
  const lists = Object.entries(everyType(first)).map(([name, field]) => {
    return [`all_${name}`, repeated(field as ReturnType<typeof u64>, { maxItems: 4 })];
  });
  return Object.fromEntries(lists);
}

/** In one record, command or event: required and nullable fields of every type. */
const all = (): Fields => ({ ...everyType(1), ...everyNullable(101) });
const immutable = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.immutable()]));

/** Values as they come from a careless handler: wider than the fields they are for. */
const careless = {
  note: text(1, { maxBytes: 40 }),
  raw: bytes(2, { maxBytes: 40 }),
  side: u16(3),
  wide: u16(4),
  money: i64(5),
  bigMoney: i128(6),
  /** The text is no UTF-8. */
  lone: bool(7),
};
const KEYS = {
  byNumbers: ["flag", "byte", "short", "int", "long", "huge", "signedByte", "signedShort"],
  byMore: ["signedInt", "signedLong", "signedHuge", "money", "bigMoney", "at", "side", "wide"],
  byRest: ["note", "raw", "other", "wide"],
} as const;
const maybe = (names: readonly string[]) => names.map((name) => `maybe_${name}`);
const INDEXES = {
  more: KEYS.byMore,
  moreMaybe: maybe(KEYS.byMore),
  numbers: KEYS.byNumbers,
  numbersMaybe: maybe(KEYS.byNumbers),
  rest: KEYS.byRest,
  restMaybe: maybe(KEYS.byRest),
};

const Thing = record("Thing", 5, all(), { indexes: INDEXES as never });
const Kept = record("Kept", 6, immutable(all()), { unique: KEYS as never });
const message = { ...everyType(1), ...everyList(31), last: u16(99) };
const details = {
  note: text(1, { maxBytes: 12 }),
  money: decimal(3, { precision: 18, scale: 4 }).nullable(),
};

export const schema = defineSchema("probe", {
  records: { Thing, Kept },
  commands: {
    Copy: command("Copy", 1, all()),
    CopyLists: command("CopyLists", 2, message),
    Create: command("Create", 3, all()),
    Assign: command("Assign", 4, all()),
    Read: command("Read", 5, { kept: bool(1) }),
    Refuse: command("Refuse", 6, details),
    RefusePlainly: command("RefusePlainly", 7, {}),
    Snapshot: command("Snapshot", 8, { note: text(1, { maxBytes: 12 }) }),
    LookUp: command("LookUp", 9, { ...everyType(1), key: u8(50), verb: u8(51) }),
    Walk: command("Walk", 10, { ...all(), path: u8(50), depth: u8(51), lower: u8(52), upper: u8(53) }),
    Careless: command("Careless", 11, { ...careless, how: u8(20) }),
  },
  events: {
    Copied: event("Copied", 11, all()),
    ListsCopied: event("ListsCopied", 12, message),
  },
  rejects: {
    NO: reject(7, 'No, "never" */ at all.', details),
    PLAIN: reject(9, "Nothing to add."),
    LATE: reject(10, "A detail after others.", { side: enumOf(4, Side), bigMoney: message.bigMoney }),
  },
});

// ---- handlers ------------------------------------------------------------------------------------------------

const typeNames = Object.keys(everyType(1));
const capital = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

/** Members of a literal that takes every required and nullable field of `from`. */
function copied(from: string, names: readonly string[] = typeNames): string {
  const required = names.map((name) => `${name}: ${from}.${name}`);
  const nullable = names.flatMap((name) => {
    const has = `hasMaybe_${name}`;
    return [`${has}: ${from}.${has}`, `maybe_${name}: ${from}.maybe_${name}`];
  });
  return [...required, ...nullable].join(", ");
}

const listed = typeNames.map((name) => {
  const special = { huge: "u128s", signedHuge: "i128s", bigMoney: "i128s", note: "texts", raw: "bytesList" }[
    name
  ];
  return `all_${name}: ${special ?? "items"}(cmd.all_${name})`;
});

const assignments = typeNames.flatMap((name) => [
  `thing.${name} = cmd.${name};`,
  `if (cmd.hasMaybe_${name}) thing.maybe_${name} = cmd.maybe_${name}; else thing.clearMaybe_${name}();`,
]);

/** Looks a record up by each unique key: get, find, exists by `verb`. */
const lookups = Object.entries(KEYS).map(([key, names], at) => {
  const values = names.map((name) => `cmd.${name}`).join(", ");
  return `if (cmd.key == ${at}) {
    if (cmd.verb == 0) Kept.${key}.get(${values});
    else if (cmd.verb == 1) Kept.${key}.find(${values});
    else Kept.${key}.exists(${values});
  }`;
});

/** A step onto a segment, present or absent. */
function step(prefix: string, name: string, from: string, bound: string): string {
  if (!name.startsWith("maybe_")) return `${prefix}.${name}${bound}(${from}.${name})`;
  const there = `${prefix}.${name}${bound}(${from}.${name})`;
  return `(${from}.has${capital(name)} ? ${there} : ${prefix}.no${capital(name)}${bound}())`;
}

/** Walks each index under a prefix of each depth; bounds on the next segment by `lower` and `upper`. */
const walks = Object.entries(INDEXES).flatMap(([index, names], path) =>
  Array.from({ length: names.length + 1 }, (_, depth) => {
    const steps = names
      .slice(0, depth)
      .map((name, at) => `const p${at + 1} = ${step(`p${at}`, name, "cmd", "")};`);
    const next = names[depth];
    const bound = (word: string, from: string) => `range = ${step("range", next!, from, word)};`;
    const bounds =
      next === undefined
        ? ""
        : `if (cmd.lower == 1) ${bound("From", "cmd")}
    if (cmd.lower == 2) ${bound("After", "cmd")}
    if (cmd.upper == 1) ${bound("To", "other")}
    if (cmd.upper == 2) ${bound("Before", "other")}`;
    return `if (cmd.path == ${path} && cmd.depth == ${depth}) {
    const p0 = Thing.${index};
    ${steps.join("\n    ")}
    let range = p${depth};
    ${bounds}
    range.first(); range.last(); range.list(); range.reverse(5); range.count(7);
  }`;
  }),
);

const zeros = (names: readonly string[], without: readonly string[]) =>
  names
    .filter((name) => !without.includes(name))
    .map((name) => {
      if (name === "flag") return "flag: false";
      if (name === "huge") return "huge: new U128(0, 0)";
      return name === "signedHuge" ? "signedHuge: new I128(0, 0)" : `${name}: 1`;
    })
    .join(", ");
const CARELESS = ["note", "raw", "side", "wide", "money", "bigMoney"];
const absent = typeNames.map((name) => {
  const none: Record<string, string> = {
    flag: "false",
    huge: "new U128(0, 0)",
    signedHuge: "new I128(0, 0)",
    bigMoney: "new I128(0, 0)",
    note: "Text.EMPTY",
    raw: "Bytes.EMPTY",
  };
  return `hasMaybe_${name}: false, maybe_${name}: ${none[name] ?? "0"}`;
});
const spoilt =
  "note, raw: cmd.raw, side: <Side>cmd.side, wide: <Wide>cmd.wide, money: cmd.money, bigMoney: cmd.bigMoney";

const handlers = `
import { Bytes, BytesItems, I128, I128Items, Items, Text, TextItems, U128, U128Items } from "statevec/assembly";
import {
  Assign, Careless, Copied, Copy, CopyLists, Create, Kept, ListsCopied, LookUp, Read, Refuse, RefusePlainly,
  Reject, Side, Snapshot, Thing, Walk, Wide,
} from "../build/probe.schema";

function items<T, Stored>(items: Items<T, Stored>): T[] {
  const list: T[] = [];
  for (let i = 0; i < items.length; i++) list.push(items[i]);
  return list;
}
function u128s(items: U128Items): U128[] {
  const list: U128[] = [];
  for (let i = 0; i < items.length; i++) list.push(items[i]);
  return list;
}
function i128s(items: I128Items): I128[] {
  const list: I128[] = [];
  for (let i = 0; i < items.length; i++) list.push(items[i]);
  return list;
}
function texts(items: TextItems): Text[] {
  const list: Text[] = [];
  for (let i = 0; i < items.length; i++) list.push(items[i]);
  return list;
}
function bytesList(items: BytesItems): Bytes[] {
  const list: Bytes[] = [];
  for (let i = 0; i < items.length; i++) list.push(items[i]);
  return list;
}

export function copy(cmd: Copy): void {
  Copied.emit({ ${copied("cmd")} });
}
export function copyLists(cmd: CopyLists): void {
  ListsCopied.emit({ ${typeNames.map((name) => `${name}: cmd.${name}`).join(", ")}, ${listed.join(", ")}, last: cmd.last });
}
export function create(cmd: Create): void {
  Thing.create({ ${copied("cmd")} });
}
export function assign(cmd: Assign): void {
  const thing = Thing.get(5);
  ${assignments.join("\n  ")}
}
export function read(cmd: Read): void {
  if (cmd.kept) {
    const kept = Kept.get(5);
    Copied.emit({ ${copied("kept")} });
  } else {
    const thing = Thing.get(5);
    Copied.emit({ ${copied("thing")} });
  }
}
export function refuse(cmd: Refuse): void {
  return Reject.NO({ note: cmd.note, hasMoney: cmd.hasMoney, money: cmd.money });
}
export function refusePlainly(cmd: RefusePlainly): void {
  return Reject.PLAIN();
}
export function snapshot(cmd: Snapshot): void {
  const thing = Thing.get(5);
  const note = thing.note;
  thing.note = cmd.note;
  return Reject.NO({ note, hasMoney: false, money: 77 });
}
export function lookUp(cmd: LookUp): void {
  ${lookups.join("\n  ")}
}
export function walk(cmd: Walk): void {
  const other = Thing.get(5);
  ${walks.join("\n  ")}
}
export function careless(cmd: Careless): void {
  const note = cmd.lone ? Text.of("a\uD800") : cmd.note;
  const side = <Side>cmd.side;
  const wide = <Wide>cmd.wide;
  if (cmd.how == 0) Thing.create({ ${zeros(typeNames, CARELESS)}, ${spoilt}, ${absent.join(", ")} });
  if (cmd.how == 1) Copied.emit({ ${zeros(typeNames, CARELESS)}, ${spoilt}, ${absent.join(", ")} });
  if (cmd.how == 2) Reject.NO({ note, hasMoney: true, money: cmd.money });
  if (cmd.how == 3) Reject.LATE({ side, bigMoney: cmd.bigMoney });
  if (cmd.how == 4) {
    const thing = Thing.get(5);
    thing.note = note;
    thing.raw = cmd.raw;
    thing.side = side;
    thing.wide = wide;
    thing.money = cmd.money;
    thing.bigMoney = cmd.bigMoney;
    thing.maybe_note = note;
  }
  if (cmd.how == 5) Kept.byRest.get(note, cmd.raw, 7, wide);
  if (cmd.how == 6) Kept.byRest.exists(note, cmd.raw, 7, wide);
  if (cmd.how == 7) Thing.rest.note(note).raw(cmd.raw).other(7).wide(wide).first();
  if (cmd.how == 8) Thing.rest.noteTo(note).list().next();
  if (cmd.how == 9) Thing.more.signedInt(1).signedLong(2).signedHuge(new I128(1, 1)).moneyFrom(cmd.money).count(3);
  if (cmd.how == 10) {
    ListsCopied.emit({
      ${zeros(typeNames, CARELESS)}, note: Text.EMPTY, raw: Bytes.EMPTY, side: Side.Bid, wide: Wide.Large, money: 0,
      bigMoney: new I128(0, 0), last: 5, all_note: [Text.EMPTY, note], all_raw: [cmd.raw], all_side: [Side.Ask, side],
      all_wide: [wide], all_money: [1, cmd.money], all_bigMoney: [cmd.bigMoney], all_flag: [], all_byte: [],
      all_short: [], all_int: [], all_long: [], all_huge: [], all_signedByte: [], all_signedShort: [],
      all_signedInt: [], all_signedLong: [], all_signedHuge: [], all_at: [], all_other: [],
    });
  }
}
`;

/** The sources of the probe module, from which its entry is build/entry.ts. */
export const probeSources: ReadonlyMap<string, string> = new Map([
  ...[...(await generateDomain(schema, ""))].map(([file, text]) => [`build/${file}`, text] as const),
  ["assembly/index.ts", handlers],
]);
