/**
 * Schemas of the tests of this folder: every field type in every form, and names that protobuf or JavaScript trip over.
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

export const Color = enumeration("Color", { Red: 1, Green: 2, DarkBlue: 200 });
export const Wide = enumeration("Wide", { Small: 1, Large: 40_000 });

const Thing = record("Thing", 9, { label: text(1, { maxBytes: 4 }) });

/** One field of each type. */
const each = () => ({
  flag: bool(1),
  a8: u8(2),
  a16: u16(3),
  a32: u32(4),
  a64: u64(5),
  a128: u128(6),
  s8: i8(7),
  s16: i16(8),
  s32: i32(9),
  s64: i64(10),
  s128: i128(11),
  price: decimal(12, { precision: 18, scale: 4 }),
  total: decimal(13, { precision: 38, scale: 2 }),
  count: decimal(14, { precision: 9, scale: 0 }),
  at: timestamp(15),
  color: enumOf(16, Color),
  wide: enumOf(17, Wide),
  note: text(18, { maxBytes: 40 }),
  raw: bytes(19, { maxBytes: 9 }),
  thing: ref(20, Thing),
});

type Each = ReturnType<typeof each>;

/** The same, each of them made into something else. */
function mapped<K extends "nullable" | "repeated">(form: K) {
  const fields = each();
  const change = (field: any) => (form === "nullable" ? field.nullable() : repeated(field, { maxItems: 5 }));
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, change(field)]),
  ) as unknown as Each;
}

export const All = command("All", 1, each());
export const Maybe = command("Maybe", 2, mapped("nullable"));
export const Lists = command("Lists", 3, mapped("repeated"));
export const None = command("None", 4, {});
/** Numbers that take tags of one to three bytes, required, nullable and repeated mixed. */
export const Mixed = command("Mixed", 5, {
  first: u32(15),
  second: text(16, { maxBytes: 8 }).nullable(),
  third: repeated(u16(17), { maxItems: 4 }),
  fourth: i64(2047),
  fifth: repeated(text(2048, { maxBytes: 5 }), { maxItems: 3 }),
  sixth: u64(18_999).nullable(),
});
export const Everything = record("Everything", 1, { ...each(), maybe: u64(30).nullable() });
export const Happened = event("Happened", 7, {
  ...mapped("nullable"),
  list: repeated(u64(40), { maxItems: 3 }),
});

export const types = defineSchema("types", {
  records: { Thing, Everything },
  commands: { All, Maybe, Lists, None, Mixed },
  events: { Happened },
  rejects: {
    NO: reject(1, "No."),
    TOO_MUCH: reject(59_999, "Too much.", {
      most: u64(1),
      color: enumOf(2, Color),
      why: text(3, { maxBytes: 9 }),
    }),
  },
});

/** Names that are words of protobuf or JavaScript, or that meet when they are spelled its way. */
const keywords = [
  "message",
  "optional",
  "repeated",
  "required",
  "reserved",
  "extensions",
  "option",
  "oneof",
  "map",
  "group",
  "enum",
  "string",
  "uint64",
  "package",
  "syntax",
  "import",
  "returns",
  "rpc",
  "stream",
  "service",
  "to",
  "max",
  "inf",
  "nan",
  "class",
  "delete",
  "function",
  "arguments",
  "then",
  "length",
  "HTTPStatusCode",
  "x1y2Z3",
  "snake_case_name",
  "UPPER_CASE",
  "a",
  "B",
];
export const Keywords = command(
  "keywords",
  1,
  Object.fromEntries(keywords.map((name, index) => [name, u32(index + 1)])) as Record<
    string,
    ReturnType<typeof u32>
  >,
);
const side = enumeration("side", { none: 1, BothWays: 2, UPPER_ONE: 3 });
const Order = enumeration("Order", { a1: 1, B2: 2 });
export const awkward = defineSchema("AwkwardNames2", {
  records: {
    Order: record("Order", 1, { side: enumOf(1, side), fill: enumOf(2, Order) }),
    Trade: record("Trade", 2, { at: u8(1) }),
  },
  commands: {
    keywords: Keywords,
    Order: command("Order", 2, { side: enumOf(1, side), atNs: timestamp(2), when: timestamp(3) }),
    Command: command("Command", 3, { command: u8(1) }),
    string: command("string", 4, { value: text(1, { maxBytes: 3 }) }),
    Record: command("Record", 5, {}),
  },
  events: {
    Order: event("Order", 1, { order: u64(1) }),
    Trade: event("Trade", 2, {}),
    Event: event("Event", 3, { string: bool(1) }),
  },
  rejects: {
    NOT_FOUND: reject(2, "No.", { a: u8(1) }),
    alreadyThere: reject(3, "There.", { b: enumOf(1, Order) }),
  },
});
