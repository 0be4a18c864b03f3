/**
 * Every kind of mistake in a schema is reported with its path, and all of them at once.
 *
 * Longer than most files: a table with a line or two for each mistake there is, which is read best in one place.
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
  i32,
  i64,
  invariant,
  record,
  ref,
  reject,
  repeated,
  SchemaError,
  type SchemaMistake,
  text,
  timestamp,
  u8,
  u32,
  u64,
  u128,
} from "statevec/schema";
import { expect, test } from "vitest";

/** The types refuse many of these; at run time anything may come. */
const loose = { record, command, event, reject, invariant, conserve } as unknown as Record<
  string,
  (...parts: any[]) => any
>;
const raw = { u64, u8, text, bytes, decimal, ref, repeated, enumOf, enumeration } as unknown as Record<
  string,
  (...parts: any[]) => any
>;
const Side = enumeration("Side", { Bid: 1, Ask: 2 });
const Fine = record("Fine", 900, { id: u64(1).immutable() });
const Noop = command("Noop", 900, {});

function mistakesOf(parts: Record<string, unknown>, name: unknown = "test"): readonly SchemaMistake[] {
  const whole = { commands: { Noop }, ...parts, records: { Fine, ...(parts.records as object) } };
  try {
    defineSchema(name as string, whole as never);
  } catch (error) {
    if (error instanceof SchemaError) return error.mistakes;
    throw error;
  }
  return [];
}

/** One mistake: the parts that make it, its path, and words of what was found and expected. */
type Case = readonly [
  title: string,
  parts: Record<string, unknown>,
  path: string,
  found: RegExp,
  expected: RegExp,
];

function ofRecord(fields: object, paths?: object, kind: unknown = 1): Record<string, unknown> {
  return { records: { R: loose.record!("R", kind, fields, paths) } };
}
function ofFields(fields: object): Record<string, unknown> {
  return ofRecord(fields);
}
function ofCommand(fields: object, number: unknown = 1): Record<string, unknown> {
  return { commands: { C: loose.command!("C", number, fields) } };
}

const F = "records.R.fields";
const id = u64(1).immutable();
const many = (count: number, make: (number: number) => unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, make(index + 1)]));
const base = { id, side: enumOf(2, Side), flag: bool(3), price: u64(4), note: text(5, { maxBytes: 126 }) };

const fieldCases: readonly Case[] = [
  ["missing number", ofFields({ a: raw.u64!() }), `${F}.a.number`, /nothing/, /1 to 18999/],
  ["number 0", ofFields({ a: u64(0) }), `${F}.a.number`, /0/, /1 to 18999/],
  ["number too large", ofFields({ a: u64(19_000) }), `${F}.a.number`, /19000/, /1 to 18999/],
  ["number no integer", ofFields({ a: u64(1.5) }), `${F}.a.number`, /1.5/, /whole/],
  ["number a bigint", ofFields({ a: raw.u64!(1n) }), `${F}.a.number`, /1n/, /whole/],
  [
    "duplicate number",
    ofFields({ a: u64(1), b: u8(1) }),
    `${F}.b.number`,
    /number of field a/,
    /nothing else/,
  ],
  ["reserved name", ofFields({ sysId: u64(1) }), `${F}.sysId`, /sysId/, /reserved/],
  ["reserved revision", ofFields({ revision: u64(1) }), `${F}.revision`, /revision/, /reserved/],
  ["reserved name of all objects", ofFields({ toString: u64(1) }), `${F}.toString`, /toString/, /reserved/],
  ["not an identifier", ofFields({ "a-b": u64(1) }), `${F}.a-b`, /a-b/, /letters/],
  ["name too long", ofFields({ ["a".repeat(64)]: u64(1) }), `${F}.${"a".repeat(64)}`, /aaa/, /1\.\.63/],
  ["leading underscore", ofFields({ _a: u64(1) }), `${F}._a`, /_a/, /letter first/],
  ["not a field", ofFields({ a: 5 }), `${F}.a`, /5/, /a field/],
  ["no fields", ofFields({}), F, /no fields/, /at least one/],
  ["fields no object", ofRecord(null as never), F, /null/, /object of fields/],
  ["65 fields", ofFields(many(65, (n) => u8(n))), F, /65 fields/, /at most 64/],
  ["text size missing", ofFields({ a: raw.text!(1) }), `${F}.a.maxBytes`, /nothing/, /1 to 4096/],
  ["text size 0", ofFields({ a: text(1, { maxBytes: 0 }) }), `${F}.a.maxBytes`, /0/, /1 to 4096/],
  ["bytes too large", ofFields({ a: bytes(1, { maxBytes: 4097 }) }), `${F}.a.maxBytes`, /4097/, /1 to 4096/],
  [
    "precision 0",
    ofFields({ a: decimal(1, { precision: 0, scale: 0 }) }),
    `${F}.a.precision`,
    /0/,
    /1 to 38/,
  ],
  [
    "precision 39",
    ofFields({ a: decimal(1, { precision: 39, scale: 0 }) }),
    `${F}.a.precision`,
    /39/,
    /1 to 38/,
  ],
  ["scale too large", ofFields({ a: decimal(1, { precision: 4, scale: 5 }) }), `${F}.a.scale`, /5/, /0 to 4/],
  [
    "scale negative",
    ofFields({ a: decimal(1, { precision: 4, scale: -1 }) }),
    `${F}.a.scale`,
    /-1/,
    /0 to 4/,
  ],
  ["ref to nothing", ofFields({ a: ref(1, "Ghost") }), `${F}.a`, /Ghost/, /record of this schema/],
  ["enum missing", ofFields({ a: raw.enumOf!(1) }), `${F}.a`, /nothing/, /enumeration/],
  [
    "enum empty",
    ofFields({ a: enumOf(1, enumeration("E", {})) }),
    "enumerations.E",
    /no values/,
    /at least one/,
  ],
  [
    "enum value 0",
    ofFields({ a: enumOf(1, enumeration("E", { A: 0 })) }),
    "enumerations.E.A",
    /0/,
    /1 to 65535/,
  ],
  [
    "enum value too large",
    ofFields({ a: enumOf(1, enumeration("E", { A: 65_536 })) }),
    "enumerations.E.A",
    /65536/,
    /1 to 65535/,
  ],
  [
    "enum values equal",
    ofFields({ a: enumOf(1, enumeration("E", { A: 1, B: 1 })) }),
    "enumerations.E.B",
    /number of A/,
    /nothing else/,
  ],
  [
    "enum of other values",
    ofFields({ a: enumOf(1, Side), b: enumOf(2, enumeration("Side", { Bid: 2, Ask: 1 })) }),
    `${F}.b`,
    /other values/,
    /used elsewhere/,
  ],
  [
    "enum name",
    ofFields({ a: enumOf(1, enumeration("a b", { A: 1 })) }),
    `${F}.a.enumeration`,
    /a b/,
    /letters/,
  ],
  [
    "repeated in a record",
    ofFields({ a: repeated(u8(1), { maxItems: 2 }) }),
    `${F}.a`,
    /repeated/,
    /only commands/,
  ],
  ["check in a record", ofFields({ a: u64(1, { min: 1n }) }), `${F}.a.min`, /payload check/, /commands only/],
  [
    "notEmpty in a record",
    ofFields({ a: text(1, { maxBytes: 4, notEmpty: true }) }),
    `${F}.a.notEmpty`,
    /payload check/,
    /commands only/,
  ],
  ["record too large", ofFields(many(5, (n) => text(n, { maxBytes: 4096 }))), F, /20496 bytes/, /16384/],
];

const messageCases: readonly Case[] = [
  [
    "immutable in a command",
    ofCommand({ a: u8(1).immutable() }),
    "commands.C.fields.a",
    /immutable/,
    /records only/,
  ],
  [
    "items 0",
    ofCommand({ a: repeated(u8(1), { maxItems: 0 }) }),
    "commands.C.fields.a.maxItems",
    /0/,
    /1 to 4096/,
  ],
  [
    "items 4097",
    ofCommand({ a: repeated(u8(1), { maxItems: 4097 }) }),
    "commands.C.fields.a.maxItems",
    /4097/,
    /4096/,
  ],
  [
    "repeated nullable",
    ofCommand({ a: raw.repeated!(u8(1).nullable(), { maxItems: 2 }) }),
    "commands.C.fields.a",
    /nullable elements/,
    /always there/,
  ],
  [
    "repeated nothing",
    ofCommand({ a: raw.repeated!(7, { maxItems: 2 }) }),
    "commands.C.fields.a",
    /no field/,
    /field/,
  ],
  [
    "min above max",
    ofCommand({ a: u64(1, { min: 5n, max: 4n }) }),
    "commands.C.fields.a",
    /min 5 above max 4/,
    /at most/,
  ],
  [
    "bound out of range",
    ofCommand({ a: u8(1, { max: 256 }) }),
    "commands.C.fields.a.max",
    /256/,
    /from 0 to 255/,
  ],
  [
    "bound of a wide type",
    ofCommand({ a: u128(1, { min: -1n }) }),
    "commands.C.fields.a.min",
    /-1/,
    /from 0/,
  ],
  [
    "bound of another type",
    ofCommand({ a: raw.u64!(1, { min: 5 }) }),
    "commands.C.fields.a.min",
    /5/,
    /bigint/,
  ],
  [
    "bound with a fraction",
    ofCommand({ a: u8(1, { min: 0.5 }) }),
    "commands.C.fields.a.min",
    /0.5/,
    /whole number/,
  ],
  [
    "message too large",
    ofCommand({ a: repeated(text(1, { maxBytes: 4096 }), { maxItems: 16 }) }),
    "commands.C.fields",
    /65570 encoded/,
    /65535/,
  ],
  ["command number", ofCommand({}, 19_000), "commands.C.number", /19000/, /18999/],
  [
    "command numbers equal",
    { commands: { A: command("A", 4, {}), B: command("B", 4, {}) } },
    "commands.B.number",
    /number of commands.A/,
    /nothing else/,
  ],
  ["event name differs", { events: { E: event("F", 1, {}) } }, "events.E.name", /"F"/, /"E"/],
  ["event is a command", { events: { E: Noop } }, "events.E", /object/, /event\(\)/],
  ["command is nothing", { commands: { C: undefined } }, "commands.C", /nothing/, /command\(\)/],
  ["record is a command", { records: { R: Noop } }, "records.R", /object/, /record\(\)/],
  ["record name differs", { records: { R: record("S", 1, { id }) } }, "records.R.name", /"S"/, /"R"/],
  ["kind missing", ofRecord({ id }, {}, null), "records.R.kind", /null/, /18999/],
  ["kinds equal", ofRecord({ id }, {}, 900), "records.R.kind", /number of records.Fine/, /nothing else/],
  ["reject number", { rejects: { X: reject(60_000, "x") } }, "rejects.X.number", /60000/, /59999/],
  [
    "reject of the engine's name",
    { rejects: { LIMIT: reject(1, "x") } },
    "rejects.LIMIT",
    /LIMIT/,
    /not a code/,
  ],
  ["reject text", { rejects: { X: loose.reject!(1) } }, "rejects.X.text", /nothing/, /text/],
  [
    "reject details",
    { rejects: { X: reject(1, "x", many(5, (n) => u8(n)) as never) } },
    "rejects.X.detail",
    /5/,
    /4/,
  ],
  [
    "reject detail repeated",
    { rejects: { X: loose.reject!(1, "x", { a: repeated(u8(1), { maxItems: 2 }) }) } },
    "rejects.X.detail.a",
    /repeated/,
    /only commands/,
  ],
  ["unknown part", { tables: {} }, "tables", /tables/, /one of records/],
  ["part no object", { events: [] }, "events", /\[\]/, /object of events/],
  ["definition name", { events: { "E-1": event("E-1", 1, {}) } }, "events.E-1", /E-1/, /letters/],
];

function indexed(index: unknown, fields: object = base): Record<string, unknown> {
  return ofRecord(fields, { indexes: { i: index } });
}
function keyed(key: unknown, fields: object = base): Record<string, unknown> {
  return ofRecord(fields, { unique: { byK: key } });
}
const I = "records.R.indexes.i";
const K = "records.R.unique.byK";

const pathCases: readonly Case[] = [
  ["unknown field in a key", keyed(["ghost"]), `${K}[0]`, /ghost/, /field of this record/],
  ["mutable field in a key", keyed(["price"]), `${K}[0]`, /mutable/, /immutable/],
  [
    "nullable field in a key",
    keyed(["n"], { n: u8(1).immutable().nullable() }),
    `${K}[0]`,
    /nullable/,
    /required/,
  ],
  ["field twice in a key", keyed(["id", "id"]), K, /id twice/, /at most once/],
  ["empty key", keyed([]), K, /0 segments/, /1\.\.8/],
  ["9 segments", keyed(many9(), fields9()), K, /9 segments/, /1\.\.8/],
  ["key no list", keyed("id"), K, /"id"/, /1\.\.8/],
  ["key too long", keyed(["t"], { t: text(1, { maxBytes: 127 }).immutable() }), K, /129 bytes/, /128/],
  ["index key too long", indexed(["note", "flag"]), I, /129 bytes/, /128/],
  ["unknown field in an index", indexed(["ghost"]), `${I}[0]`, /ghost/, /field of this record/],
  ["unknown descending field", indexed([{ desc: "ghost" }]), `${I}[0]`, /ghost/, /field of this record/],
  ["segment of both", indexed([{ asc: "id", desc: "id" }]), `${I}[0]`, /asc, desc/, /asc: field/],
  ["segment of more", indexed([{ asc: "id", wen: {} }]), `${I}[0]`, /wen/, /asc: field/],
  ["segment of nothing", indexed([7]), `${I}[0]`, /7/, /asc: field/],
  [
    "when of a later field",
    indexed([{ desc: "id", when: { side: "Bid" } }, "side"]),
    `${I}[0].when`,
    /side/,
    /earlier/,
  ],
  ["when of no segment", indexed([{ desc: "id", when: { side: "Bid" } }]), `${I}[0].when`, /side/, /earlier/],
  [
    "when of an integer",
    indexed(["price", { desc: "id", when: { price: 1n } }]),
    `${I}[1].when`,
    /u64/,
    /enum or bool/,
  ],
  [
    "when of a nullable enum",
    indexed(["e", { desc: "id", when: { e: "Bid" } }], { id, e: enumOf(2, Side).nullable() }),
    `${I}[1].when`,
    /nullable/,
    /required enum/,
  ],
  [
    "when of two fields",
    indexed(["side", { desc: "id", when: { side: "Bid", flag: true } }]),
    `${I}[1].when`,
    /2/,
    /one/,
  ],
  [
    "when of another value",
    indexed(["side", { desc: "id", when: { side: "Buy" } }]),
    `${I}[1].when.side`,
    /Buy/,
    /Bid/,
  ],
  [
    "when of no bool",
    indexed(["flag", { desc: "id", when: { flag: 1 } }]),
    `${I}[1].when.flag`,
    /1/,
    /true or false/,
  ],
  ["where of nothing", indexed({ on: ["id"], where: {} }), `${I}.where`, /no fields/, /at least one/],
  ["where missing", indexed({ on: ["id"] }), `${I}.where`, /nothing/, /object/],
  [
    "where of an unknown field",
    indexed({ on: ["id"], where: { x: [1] } }),
    `${I}.where.x`,
    /"x"/,
    /field of this/,
  ],
  [
    "where of an integer",
    indexed({ on: ["id"], where: { price: [1n] } }),
    `${I}.where.price`,
    /u64/,
    /enum or bool/,
  ],
  ["where of no list", indexed({ on: ["id"], where: { side: "Bid" } }), `${I}.where.side`, /"Bid"/, /list/],
  [
    "where of no value",
    indexed({ on: ["id"], where: { side: [] } }),
    `${I}.where.side`,
    /\[\]/,
    /at least one/,
  ],
  [
    "where of one value twice",
    indexed({ on: ["id"], where: { side: ["Bid", "Bid"] } }),
    `${I}.where.side`,
    /Bid/,
    /once/,
  ],
  [
    "where of another value",
    indexed({ on: ["id"], where: { side: ["Buy"] } }),
    `${I}.where.side[0]`,
    /Buy/,
    /Bid/,
  ],
  ["no on", indexed({ where: { side: ["Bid"] } }), `${I}.on`, /nothing/, /1\.\.8/],
  [
    "reserved path name",
    ofRecord({ id }, { indexes: { name: ["id"] } }),
    "records.R.indexes.name",
    /name/,
    /reserved/,
  ],
  [
    "reserved key name",
    ofRecord({ id }, { unique: { kind: ["id"] } }),
    "records.R.unique.kind",
    /kind/,
    /reserved/,
  ],
  [
    "one name for two paths",
    ofRecord({ id }, { unique: { byId: ["id"] }, indexes: { byId: ["id"] } }),
    "records.R.indexes.byId",
    /unique key/,
    /own/,
  ],
  [
    "17 unique keys",
    ofRecord({ id }, { unique: many(17, () => ["id"]) }),
    "records.R.unique",
    /17 unique keys/,
    /at most 16/,
  ],
  [
    "17 indexes",
    ofRecord({ id }, { indexes: many(17, () => ["id"]) }),
    "records.R.indexes",
    /17 indexes/,
    /16/,
  ],
];

function many9(): string[] {
  return Array.from({ length: 9 }, (_, index) => `f${index}`);
}
function fields9(): object {
  return many(9, (number) => u8(number).immutable());
}

const M = record("M", 1, {
  a: i64(1),
  b: u64(2),
  c: u32(3),
  t: text(4, { maxBytes: 4 }),
  s: enumOf(5, Side),
  r: ref(6, "M").nullable(),
  q: ref(12, "Fine").nullable(),
  d2: decimal(7, { precision: 9, scale: 2 }),
  d4: decimal(8, { precision: 9, scale: 4 }),
  n: u64(9).nullable(),
  w: timestamp(10),
  p: i32(11),
});
function held(holds: unknown, kind: unknown = M): Record<string, unknown> {
  return { records: { M }, invariants: { V: loose.invariant!(1, kind, "v", holds) } };
}
function summed(...terms: unknown[]): Record<string, unknown> {
  return { records: { M }, invariants: { V: loose.conserve!(1, "v", terms) } };
}
const V = "invariants.V";

const invariantCases: readonly Case[] = [
  ["unknown field compared", held({ x: { gt: 1n } }), `${V}.x`, /"x"/, /field of M/],
  ["no comparison", held({}), V, /no comparison/, /at least one/],
  ["no comparison of a field", held({ a: {} }), `${V}.a`, /no comparison/, /at least one/],
  ["unknown operator", held({ a: { above: 1n } }), `${V}.a.above`, /above/, /one of eq/],
  ["unknown other field", held({ a: { gt: { field: "x" } } }), `${V}.a.gt.field`, /"x"/, /field of M/],
  ["different types", held({ a: { gt: { field: "b" } } }), `${V}.a.gt.field`, /u64/, /i64/],
  ["different widths", held({ b: { gt: { field: "c" } } }), `${V}.b.gt.field`, /u32/, /u64/],
  ["different scales", held({ d2: { gt: { field: "d4" } } }), `${V}.d2.gt.field`, /scale 4/, /scale 2/],
  ["different targets", held({ r: { ne: { field: "q" } } }), `${V}.r.ne.field`, /kind 900/, /kind 1/],
  ["text compared", held({ t: { eq: "a" } }), `${V}.t.eq`, /text/, /numbers/],
  ["refs in order", held({ r: { gt: { field: "r" } } }), `${V}.r.gt`, /order of refs/, /eq or ne/],
  ["ref with a constant", held({ r: { eq: 5n } }), `${V}.r.eq`, /5n/, /field/],
  ["constant of another type", held({ a: { gt: 1 } }), `${V}.a.gt`, /1/, /bigint/],
  ["constant of an enum", held({ s: { eq: "Buy" } }), `${V}.s.eq`, /Buy/, /value of Side/],
  ["constant null", held({ n: { ne: null } }), `${V}.n.ne`, /null/, /bigint/],
  ["constant out of range", held({ c: { lt: 2 ** 32 } }), `${V}.c.lt`, /4294967296/, /4294967295/],
  ["mantissa out of range", held({ d2: { lt: 10n ** 9n } }), `${V}.d2.lt`, /1000000000/, /999999999/],
  [
    "kind not in the schema",
    held({ id: { gt: 1n } }, record("Ghost", 9, { id })),
    `${V}.kind`,
    /Ghost/,
    /record of/,
  ],
  [
    "invariant number",
    { invariants: { V: loose.invariant!(0, Fine, "v", { id: { gt: 1n } }) } },
    `${V}.number`,
    /0/,
    /1/,
  ],
  [
    "one number space",
    {
      records: { M },
      invariants: {
        U: loose.conserve!(1, "u", [{ of: M, field: "a" }]),
        V: invariant(1, Fine, "v", { id: { gt: 1n } }),
      },
    },
    `${V}.number`,
    /invariants.U/,
    /nothing else/,
  ],
  ["not an invariant", { invariants: { V: {} } }, V, /object/, /invariant\(\) or conserve\(\)/],
  ["no terms", summed(), V, /\[\]/, /at least one term/],
  ["term no object", summed(5), `${V}.terms[0]`, /5/, /a term/],
  ["unknown summed field", summed({ of: M, field: "x" }), `${V}.terms[0].field`, /"x"/, /field of M/],
  ["text summed", summed({ of: M, field: "t" }), `${V}.terms[0].field`, /text/, /integer or decimal/],
  [
    "timestamp summed",
    summed({ of: M, field: "w" }),
    `${V}.terms[0].field`,
    /timestamp/,
    /integer or decimal/,
  ],
  ["nullable summed", summed({ of: M, field: "n" }), `${V}.terms[0].field`, /nullable/, /required/],
  [
    "mixed scales summed",
    summed({ of: M, field: "d2" }, { of: M, field: "d4" }),
    `${V}.terms[1].field`,
    /scale 4/,
    /scale 2/,
  ],
  [
    "integer and decimal",
    summed({ of: M, field: "d2" }, { of: M, field: "a" }),
    `${V}.terms[1].field`,
    /integer/,
    /2/,
  ],
  ["unknown by", summed({ of: M, field: "a", by: ["x"] }), `${V}.terms[0].by[0]`, /"x"/, /field of M/],
  ["nullable by", summed({ of: M, field: "a", by: ["n"] }), `${V}.terms[0].by[0]`, /nullable/, /required/],
  ["by twice", summed({ of: M, field: "a", by: ["s", "s"] }), `${V}.terms[0].by[1]`, /twice/, /once/],
  [
    "other by types",
    summed({ of: M, field: "a", by: ["s"] }, { of: M, field: "b", by: ["c"] }),
    `${V}.terms[1].by`,
    /u32/,
    /enum Side/,
  ],
  ["same term twice", summed({ of: M, field: "a" }, { of: M, field: "a" }), V, /twice/, /once/],
  [
    "term of another record",
    summed({ of: Noop, field: "a" }),
    `${V}.terms[0].of`,
    /object/,
    /record of this/,
  ],
];

const cases = [...fieldCases, ...messageCases, ...pathCases, ...invariantCases];

test.each(cases)("%s", (_title, parts, path, found, expected) => {
  const mistakes = mistakesOf(parts);
  expect(mistakes.map((one) => one.path)).toEqual([path]);
  expect(mistakes[0]!.found).toMatch(found);
  expect(mistakes[0]!.expected).toMatch(expected);
});

test("the name of the schema and missing parts", () => {
  expect(mistakesOf({}, "two words").map((one) => one.path)).toEqual(["name"]);
  expect(mistakesOf({}, null).map((one) => one.path)).toEqual(["name"]);
  expect(() => defineSchema("x", { records: { Fine } } as never)).toThrow(/commands: found nothing/);
  expect(() => defineSchema("x", undefined as never)).toThrow(/parts: found nothing/);
});

test("all mistakes are reported at once, in one message", () => {
  const R = loose.record!(
    "R",
    0,
    { a: u64(1), b: u64(1), sysId: u8(3), c: text(4, { maxBytes: 0 }), d: ref(5, "Ghost") },
    { unique: { byA: ["a", "ghost"] }, indexes: { i: ["c", "nope"], j: [{ desc: "a", when: { d: 1 } }] } },
  );
  const parts = {
    records: { R },
    commands: { C: command("D", 1, { x: u8(1, { min: 9, max: 3 }) }) },
    rejects: { LIMIT: reject(0, "x") },
    invariants: { V: loose.invariant!(1, Fine, "v", { id: { above: 1n } }) },
  };
  const mistakes = mistakesOf(parts);
  expect(mistakes.map((one) => one.path)).toEqual([
    "records.R.kind",
    "records.R.fields.b.number",
    "records.R.fields.sysId",
    "records.R.fields.c.maxBytes",
    "records.R.fields.d",
    "records.R.unique.byA[0]",
    "records.R.unique.byA[1]",
    "records.R.indexes.i[1]",
    "commands.C.name",
    "commands.C.fields.x",
    "rejects.LIMIT",
    "rejects.LIMIT.number",
    "invariants.V.id.above",
  ]);
  const message = new SchemaError("test", mistakes).message;
  for (const { path, found, expected } of mistakes) {
    expect(message).toContain(`${path}: found ${found}, expected ${expected}`);
  }
  expect(message).toContain("13 mistakes");
});

test("definitions never throw, whatever they are given", () => {
  for (const make of Object.values(loose)) {
    for (const junk of [undefined, null, 5, "x", {}, []])
      expect(() => make(junk, junk, junk, junk)).not.toThrow();
  }
  for (const make of Object.values(raw)) {
    for (const junk of [undefined, null, 5, "x", {}, []]) expect(() => make(junk, junk)).not.toThrow();
  }
});

test("a sound schema has none", () => {
  expect(mistakesOf(ofRecord(base, { indexes: { i: ["note"] } }))).toEqual([]);
  expect(mistakesOf({ events: undefined, rejects: undefined })).toEqual([]);
});
