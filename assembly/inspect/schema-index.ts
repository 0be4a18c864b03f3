/**
 * A schema as inspection holds it: the bytes of its descriptor, and words that say where in them things stand.
 *
 * Responsible for: the layout of these words, finding entries, which schema is open.
 * Not responsible for: reading a descriptor (descriptor.ts). The core table (schema/table.ts) has no names; this has.
 * I1: all words of a schema stand in one block, behind the bytes of its descriptor. I2: lists are in the order of the
 * descriptor: by number, unique keys, indexes and enumerations by name.
 *
 *   | schema | descriptor | entries of lists, each list in one run ...
 */
import {
  TYPE_BOOL,
  TYPE_BYTES,
  TYPE_DECIMAL128,
  TYPE_ENUM8,
  TYPE_ENUM16,
  TYPE_I8,
  TYPE_I16,
  TYPE_I32,
  TYPE_I128,
  TYPE_TEXT,
  TYPE_U8,
  TYPE_U16,
  TYPE_U32,
  TYPE_U128,
} from "../abi";
import { release } from "../base/memory";
import { asciiText, putAscii } from "./text";

/** The schema: a count and the address of the first entry for each list. */
export const SCHEMA_WORDS: u32 = 16;
export const SCHEMA_BLOCK_BYTES: u32 = 0;
export const SCHEMA_DESCRIPTOR: u32 = 1;
export const SCHEMA_DESCRIPTOR_BYTES: u32 = 2;
export const SCHEMA_NAME: u32 = 3;
export const SCHEMA_ENUMERATIONS: u32 = 4;
export const SCHEMA_KINDS: u32 = 6;
export const SCHEMA_COMMANDS: u32 = 8;
export const SCHEMA_EVENTS: u32 = 10;
export const SCHEMA_REJECTS: u32 = 12;
export const SCHEMA_INVARIANTS: u32 = 14;

/** An enumeration; its values stand in the descriptor: value u16, name. */
export const ENUMERATION_WORDS: u32 = 3;
export const ENUMERATION_NAME: u32 = 0;
export const ENUMERATION_VALUES: u32 = 1;
export const ENUMERATION_VALUES_AT: u32 = 2;

/** A kind, command, event or reject code. Unique keys and indexes are those of a kind. */
export const OWNER_WORDS: u32 = 8;
export const OWNER_NUMBER: u32 = 0;
export const OWNER_NAME: u32 = 1;
export const OWNER_FIELDS: u32 = 2;
export const OWNER_UNIQUE: u32 = 4;
export const OWNER_INDEXES: u32 = 6;

export const MEMBER_WORDS: u32 = 9;
export const MEMBER_NUMBER: u32 = 0;
export const MEMBER_NAME: u32 = 1;
export const MEMBER_TYPE: u32 = 2;
export const MEMBER_FLAGS: u32 = 3;
/** Precision of a decimal, position of the enumeration, maxBytes, number of the kind that a ref points to. */
export const MEMBER_PARAMETER: u32 = 4;
export const MEMBER_SCALE: u32 = 5;
export const MEMBER_ITEMS_MAX: u32 = 6;
/** Addresses of 16 bytes, 0: no bound. */
export const MEMBER_MIN_AT: u32 = 7;
export const MEMBER_MAX_AT: u32 = 8;

/** A unique key or canonical index; segments and conditions stand in the descriptor. */
export const WAY_WORDS: u32 = 5;
export const WAY_NAME: u32 = 0;
export const WAY_SEGMENTS: u32 = 1;
export const WAY_SEGMENTS_AT: u32 = 2;
export const WAY_WHERES: u32 = 3;
export const WAY_WHERES_AT: u32 = 4;

/** An invariant; what it says stands in the descriptor, behind its form. */
export const RULE_WORDS: u32 = 4;
export const RULE_NUMBER: u32 = 0;
export const RULE_NAME: u32 = 1;
export const RULE_FORM: u32 = 2;
export const RULE_BODY_AT: u32 = 3;

/** The word at position `index` of an entry. */
export function word(entry: usize, index: u32): u32 {
  return load<u32>(entry + ((<usize>index) << 2));
}

export function setWord(entry: usize, index: u32, value: u32): void {
  store<u32>(entry + ((<usize>index) << 2), value);
}

/** The entry at a position of a list of entries of `words` words. */
export function entryAt(owner: usize, list: u32, words: u32, position: u32): usize {
  return <usize>word(owner, list + 1) + <usize>position * ((<usize>words) << 2);
}

// ---- the open schema -------------------------------------------------------------------------------------

let open: usize = 0;

/** The open schema, 0: none. */
export function openedSchema(): usize {
  return open;
}

/** Opens a schema in the place of the one before. */
export function replaceSchema(schema: usize): void {
  dropSchema(open);
  open = schema;
}

export function dropSchema(schema: usize): void {
  if (schema != 0) release(schema, word(schema, SCHEMA_BLOCK_BYTES));
}

/** The entry with a number in a list of entries of `words` words that begin with their number; 0: none. */
export function entryNumbered(schema: usize, list: u32, words: u32, number: u32): usize {
  let low: u32 = 0;
  let high = word(schema, list);
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = entryAt(schema, list, words, middle);
    if (word(entry, 0) == number) return entry;
    if (word(entry, 0) < number) low = middle + 1;
    else high = middle;
  }
  return 0;
}

/** The kind, command, event or reject code with a number; 0: none. */
export function ownerNumbered(list: u32, number: u32): usize {
  return open == 0 ? 0 : entryNumbered(open, list, OWNER_WORDS, number);
}

/** The field at a position. */
export function memberAt(owner: usize, position: u32): usize {
  return entryAt(owner, OWNER_FIELDS, MEMBER_WORDS, position);
}

/** The field with a number; 0: none. */
export function memberNumbered(owner: usize, number: u32): usize {
  return entryNumbered(owner, OWNER_FIELDS, MEMBER_WORDS, number);
}

// ---- names -----------------------------------------------------------------------------------------------

export function nameLength(name: usize): u32 {
  return load<u8>(name);
}

export function putName(name: usize): void {
  putAscii(name + 1, nameLength(name));
}

export function nameText(name: usize): string {
  return asciiText(name + 1, nameLength(name));
}

/** Whether a name is the text from one unit to another. */
export function isNamed(name: usize, text: string, from: i32, to: i32): bool {
  if (<i32>nameLength(name) != to - from) return false;
  for (let i = from; i < to; i++) {
    if (<i32>load<u8>(name + 1 + (i - from)) != text.charCodeAt(i)) return false;
  }
  return true;
}

// ---- types -----------------------------------------------------------------------------------------------

/** Encoded bytes of a value, 0 for text and bytes. */
export function widthOf(type: u32): u32 {
  switch (type) {
    case TYPE_BOOL:
    case TYPE_U8:
    case TYPE_I8:
    case TYPE_ENUM8:
      return 1;
    case TYPE_U16:
    case TYPE_I16:
    case TYPE_ENUM16:
      return 2;
    case TYPE_U32:
    case TYPE_I32:
      return 4;
    case TYPE_U128:
    case TYPE_I128:
    case TYPE_DECIMAL128:
      return 16;
    case TYPE_TEXT:
    case TYPE_BYTES:
      return 0;
    default:
      return 8;
  }
}

/** Whether a value is two's complement. */
export function isSignedType(type: u32): bool {
  return type >= <u32>TYPE_I8 && type <= <u32>TYPE_DECIMAL128;
}

/** The name of a value of an enumeration; 0: it has no such value. */
export function enumName(schema: usize, position: u32, value: u32): usize {
  const enumeration = entryAt(schema, SCHEMA_ENUMERATIONS, ENUMERATION_WORDS, position);
  let at = <usize>word(enumeration, ENUMERATION_VALUES_AT);
  for (let i: u32 = 0; i < word(enumeration, ENUMERATION_VALUES); i++) {
    if (load<u16>(at) == value) return at + 2;
    at += 3 + nameLength(at + 2);
  }
  return 0;
}
