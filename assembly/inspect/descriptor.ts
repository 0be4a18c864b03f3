/**
 * Reading a descriptor (docs/reference/descriptor.md) into a schema that inspection can use.
 *
 * Responsible for: its structure: every count, position, type and name, all within the bytes.
 * Not responsible for: whether a schema makes sense (a key over a nullable field, say): the host checks that before it
 * opens an engine (src/schema/descriptor-reader.ts), and a text can be made all the same.
 * I1: whatever the bytes, this ends, and no loop runs longer than they are. I2: a schema that was read refers to places
 * inside its own copy of the bytes only.
 */
import {
  DECIMAL_NARROW_MAX,
  DECIMAL_PRECISION_MAX,
  DIRECTION_DESCENDING,
  DIRECTION_DESCENDING_WHEN,
  FIELD_FLAG_REPEATED,
  FIELDS_MAX,
  NUMBER_MAX,
  OPERATOR_LTE,
  PATHS_MAX,
  REJECT_NUMBER_MAX,
  TYPE_BOOL,
  TYPE_BYTES,
  TYPE_DECIMAL64,
  TYPE_DECIMAL128,
  TYPE_ENUM8,
  TYPE_ENUM16,
  TYPE_REF,
  TYPE_TEXT,
} from "../abi";
import { allocate, release } from "../base/memory";
import { numeral } from "./numerals";
import {
  bytesLeft,
  damaged,
  finish,
  openReader,
  place,
  readName,
  readU8,
  readU16,
  readU32,
  refuseAt,
  take,
  within,
} from "./reader";
import { isRefused, UNSUPPORTED } from "./refusal";
import * as index from "./schema-index";
import { nameLength, setWord, word } from "./schema-index";

/** "SVSD" */
const MAGIC: u32 = 0x44535653;
const FORMAT: u32 = 1;
const FLAG_MIN: u32 = 16;
const FLAG_MAX: u32 = 32;
const FLAGS_ALL: u32 = 63;
export const FORM_COMPARISONS: u32 = 1;
const FORM_SUM: u32 = 2;

/**
 * Room for entries, for each byte of a descriptor. An entry takes less than 8 times its least bytes, and a list is opened
 * only if there are bytes for it; lists stand within lists, so a byte is counted twice at most.
 */
const ENTRY_BYTES_PER_BYTE: u64 = 16;

/** The schema that is being read, the owner of the fields that are being read, and where the next entry goes. */
let schema: usize = 0;
let owner: usize = 0;
let next: usize = 0;

/**
 * Reads the descriptor at `from`, which has an offset for refusals.
 * @returns the schema, to be opened or dropped; 0: refused
 */
export function readSchema(from: usize, bytes: usize, offset: usize): usize {
  const blockBytes = <u64>(index.SCHEMA_WORDS << 2) + (ENTRY_BYTES_PER_BYTE + 1) * bytes + 64;
  schema = allocate(blockBytes);
  const copy = schema + (index.SCHEMA_WORDS << 2);
  memory.copy(copy, from, bytes);
  next = (copy + bytes + 7) & ~(<usize>7);
  setWord(schema, index.SCHEMA_BLOCK_BYTES, <u32>blockBytes);
  setWord(schema, index.SCHEMA_DESCRIPTOR, <u32>copy);
  setWord(schema, index.SCHEMA_DESCRIPTOR_BYTES, <u32>bytes);
  openReader(copy, bytes, offset);
  readHead();
  readEnumerations();
  readOwners(index.SCHEMA_KINDS, "records", NUMBER_MAX);
  readOwners(index.SCHEMA_COMMANDS, "commands", NUMBER_MAX);
  readOwners(index.SCHEMA_EVENTS, "events", NUMBER_MAX);
  readOwners(index.SCHEMA_REJECTS, "rejects", REJECT_NUMBER_MAX);
  readRules();
  finish("descriptor");
  if (!isRefused()) return schema;
  release(schema, blockBytes);
  return 0;
}

function readHead(): void {
  const start = place();
  const magic = readU32("descriptor");
  if (magic != MAGIC) damaged("descriptor", start, numeral(magic), numeral(MAGIC) + ", its first word");
  const format = readU16("format of the descriptor");
  if (format != FORMAT) {
    const what = "this release does not read the descriptor";
    refuseAt(UNSUPPORTED, what, start + 4, numeral(format), numeral(FORMAT));
  }
  setWord(schema, index.SCHEMA_NAME, <u32>readName("schema name"));
}

/** Makes room for the entries of a list, each of which takes at least `least` bytes; how many there are. */
function openList(owner: usize, list: u32, count: u32, words: u32, least: u32, what: string): u32 {
  if (isRefused()) return 0;
  if (<u64>count * least > <u64>bytesLeft()) {
    damaged("count of " + what, place(), numeral(count), "as many as there are bytes for");
    return 0;
  }
  setWord(owner, list, count);
  setWord(owner, list + 1, <u32>next);
  next += <usize>count * ((<usize>words) << 2);
  return count;
}

/** Numbers rise from entry to entry. */
function requireRising(what: string, before: u32, number: u32, most: u32): void {
  within(what, number, <u64>before + 1, most, 2);
}

/** So do names, as runs of characters. */
function requireNameOrder(what: string, before: usize, name: usize): void {
  if (before == 0 || isRefused()) return;
  const length = min(nameLength(before), nameLength(name));
  const order = memory.compare(before + 1, name + 1, length);
  const rises = order != 0 ? order < 0 : nameLength(before) < nameLength(name);
  if (!rises) damaged(what, name, index.nameText(name), "behind " + index.nameText(before));
}

function readEnumerations(): void {
  const words = index.ENUMERATION_WORDS;
  const count = openList(
    schema,
    index.SCHEMA_ENUMERATIONS,
    readU16("count of enumerations"),
    words,
    4,
    "enumerations",
  );
  let before: usize = 0;
  for (let i: u32 = 0; i < count && !isRefused(); i++) {
    const entry = index.entryAt(schema, index.SCHEMA_ENUMERATIONS, words, i);
    const name = readName("enumeration");
    requireNameOrder("enumeration", before, name);
    before = name;
    setWord(entry, index.ENUMERATION_NAME, <u32>name);
    const values = readU16("count of enum values");
    setWord(entry, index.ENUMERATION_VALUES, values);
    setWord(entry, index.ENUMERATION_VALUES_AT, <u32>place());
    let last: u32 = 0;
    for (let v: u32 = 0; v < values && !isRefused(); v++) {
      const value = readU16("enum value");
      requireRising("enum value", last, value, 0xffff);
      last = value;
      readName("enum value");
    }
  }
}

// ---- kinds, commands, events, reject codes ---------------------------------------------------------------

function readOwners(list: u32, what: string, numberMax: u32): void {
  const isKind = list == index.SCHEMA_KINDS;
  const count = openList(schema, list, readU16("count of " + what), index.OWNER_WORDS, 5, what);
  let before: u32 = 0;
  for (let i: u32 = 0; i < count && !isRefused(); i++) {
    owner = index.entryAt(schema, list, index.OWNER_WORDS, i);
    const number = readU16("number of a definition");
    requireRising("number of a definition", before, number, numberMax);
    before = number;
    setWord(owner, index.OWNER_NUMBER, number);
    setWord(owner, index.OWNER_NAME, <u32>readName("name of a definition"));
    readMembers();
    if (!isKind) continue;
    readWays(index.OWNER_UNIQUE, "unique key");
    readWays(index.OWNER_INDEXES, "index");
  }
}

function readMembers(): void {
  const count = readU8("count of fields");
  within("count of fields", count, 0, FIELDS_MAX, 1);
  openList(owner, index.OWNER_FIELDS, count, index.MEMBER_WORDS, 6, "fields");
  let before: u32 = 0;
  for (let i: u32 = 0; i < count && !isRefused(); i++) {
    const member = index.memberAt(owner, i);
    const number = readU16("field number");
    requireRising("field number", before, number, NUMBER_MAX);
    before = number;
    setWord(member, index.MEMBER_NUMBER, number);
    setWord(member, index.MEMBER_NAME, <u32>readName("field name"));
    const type = readU8("field type");
    within("field type", type, TYPE_BOOL, TYPE_REF, 1);
    setWord(member, index.MEMBER_TYPE, type);
    const flags = readU8("field flags");
    within("field flags", flags, 0, FLAGS_ALL, 1);
    setWord(member, index.MEMBER_FLAGS, flags);
    readParameter(member, type);
    if (flags & FIELD_FLAG_REPEATED) setWord(member, index.MEMBER_ITEMS_MAX, readU16("count of items"));
    if (flags & FLAG_MIN) setWord(member, index.MEMBER_MIN_AT, <u32>take(16, "constant"));
    if (flags & FLAG_MAX) setWord(member, index.MEMBER_MAX_AT, <u32>take(16, "constant"));
  }
}

function readParameter(member: usize, type: u32): void {
  let parameter: u32 = 0;
  if (type == <u32>TYPE_DECIMAL64 || type == <u32>TYPE_DECIMAL128) {
    const isNarrow = type == <u32>TYPE_DECIMAL64;
    parameter = readU8("precision");
    const least: u32 = isNarrow ? 1 : DECIMAL_NARROW_MAX + 1;
    within("precision", parameter, least, isNarrow ? DECIMAL_NARROW_MAX : DECIMAL_PRECISION_MAX, 1);
    const scale = readU8("scale");
    within("scale", scale, 0, parameter, 1);
    setWord(member, index.MEMBER_SCALE, scale);
  } else if (type == <u32>TYPE_ENUM8 || type == <u32>TYPE_ENUM16) {
    const enumerations = word(schema, index.SCHEMA_ENUMERATIONS);
    parameter = readU16("enumeration of a field");
    if (parameter >= enumerations) {
      damaged("enumeration of a field", place() - 2, numeral(parameter), "below " + numeral(enumerations));
    }
  } else if (type == <u32>TYPE_TEXT || type == <u32>TYPE_BYTES) {
    parameter = readU16("maxBytes");
  } else if (type == <u32>TYPE_REF) {
    parameter = readU16("target of a ref");
  }
  setWord(member, index.MEMBER_PARAMETER, parameter);
}

// ---- unique keys and indexes -----------------------------------------------------------------------------

/** The position of a field among `count`. */
function readPosition(count: u32): u32 {
  const position = readU8("field position");
  if (position >= count) damaged("field position", place() - 1, numeral(position), "below " + numeral(count));
  return position;
}

function readWays(list: u32, what: string): void {
  const count = readU8("count of " + what);
  within("count of " + what, count, 0, PATHS_MAX, 1);
  openList(owner, list, count, index.WAY_WORDS, 3, what);
  let before: usize = 0;
  for (let i: u32 = 0; i < count && !isRefused(); i++) {
    const way = index.entryAt(owner, list, index.WAY_WORDS, i);
    const name = readName(what);
    requireNameOrder(what, before, name);
    before = name;
    setWord(way, index.WAY_NAME, <u32>name);
    const segments = readU8("count of segments");
    setWord(way, index.WAY_SEGMENTS, segments);
    setWord(way, index.WAY_SEGMENTS_AT, <u32>place());
    const fields = word(owner, index.OWNER_FIELDS);
    if (list == index.OWNER_UNIQUE) {
      for (let s: u32 = 0; s < segments && !isRefused(); s++) readPosition(fields);
      continue;
    }
    for (let s: u32 = 0; s < segments && !isRefused(); s++) readSegment(fields);
    const wheres = readU8("count of conditions");
    setWord(way, index.WAY_WHERES, wheres);
    setWord(way, index.WAY_WHERES_AT, <u32>place());
    for (let w: u32 = 0; w < wheres && !isRefused(); w++) {
      readPosition(fields);
      take((<usize>readU16("count of values")) << 1, "value");
    }
  }
}

function readSegment(fields: u32): void {
  readPosition(fields);
  const direction = readU8("direction");
  within("direction", direction, 0, DIRECTION_DESCENDING_WHEN, 1);
  if (direction <= <u32>DIRECTION_DESCENDING) return;
  readPosition(fields);
  readU16("value");
}

// ---- invariants ------------------------------------------------------------------------------------------

function readRules(): void {
  const list = index.SCHEMA_INVARIANTS;
  const count = openList(schema, list, readU16("count of invariants"), index.RULE_WORDS, 7, "invariants");
  let before: u32 = 0;
  for (let i: u32 = 0; i < count && !isRefused(); i++) {
    const rule = index.entryAt(schema, list, index.RULE_WORDS, i);
    const number = readU16("number of an invariant");
    requireRising("number of an invariant", before, number, 0xffff);
    before = number;
    setWord(rule, index.RULE_NUMBER, number);
    setWord(rule, index.RULE_NAME, <u32>readName("name of an invariant"));
    const form = readU8("form");
    within("form", form, FORM_COMPARISONS, FORM_SUM, 1);
    setWord(rule, index.RULE_FORM, form);
    setWord(rule, index.RULE_BODY_AT, <u32>place());
    if (form == FORM_COMPARISONS) readComparisons();
    else readTerms();
  }
}

/** Fields of the kind at the position that is read here. */
function readKindPosition(): u32 {
  const kinds = word(schema, index.SCHEMA_KINDS);
  const kind = readU16("kind position");
  if (kind >= kinds) damaged("kind position", place() - 2, numeral(kind), "below " + numeral(kinds));
  if (isRefused()) return 0;
  return word(index.entryAt(schema, index.SCHEMA_KINDS, index.OWNER_WORDS, kind), index.OWNER_FIELDS);
}

function readComparisons(): void {
  const fields = readKindPosition();
  const count = readU16("count of comparisons");
  for (let i: u32 = 0; i < count && !isRefused(); i++) {
    readPosition(fields);
    within("operator", readU8("operator"), 0, OPERATOR_LTE, 1);
    const operand = readU8("operand");
    within("operand", operand, 0, 1, 1);
    if (operand == 1) readPosition(fields);
    else take(16, "constant");
  }
}

function readTerms(): void {
  const count = readU16("count of terms");
  for (let i: u32 = 0; i < count && !isRefused(); i++) {
    const fields = readKindPosition();
    readPosition(fields);
    const by = readU8("count of by");
    for (let b: u32 = 0; b < by && !isRefused(); b++) readPosition(fields);
  }
}
