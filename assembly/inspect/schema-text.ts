/**
 * A schema as text: everything that its descriptor says, a line for each definition and each field.
 *
 * Not responsible for: reading it (descriptor.ts). Texts and comments are not in a descriptor.
 */
import {
  DIRECTION_ASCENDING,
  DIRECTION_ASCENDING_WHEN,
  DIRECTION_DESCENDING,
  FIELD_FLAG_IMMUTABLE,
  FIELD_FLAG_NOT_EMPTY,
  FIELD_FLAG_NULLABLE,
  OPERATOR_EQ,
  OPERATOR_GT,
  OPERATOR_GTE,
  OPERATOR_LT,
  OPERATOR_NE,
  TYPE_BOOL,
  TYPE_BYTES,
  TYPE_DECIMAL64,
  TYPE_DECIMAL128,
  TYPE_ENUM8,
  TYPE_ENUM16,
  TYPE_REF,
  TYPE_TEXT,
} from "../abi";
import { FORM_COMPARISONS } from "./descriptor";
import { putFingerprint } from "./hash";
import { typeName } from "./names";
import { putNumber, putWide } from "./numerals";
import * as index from "./schema-index";
import { entryAt, enumName, memberAt, nameLength, putName, word } from "./schema-index";
import { putLine, putText } from "./text";
import { isRepeated } from "./value";

/** Puts all of a schema. */
export function putSchema(schema: usize): void {
  putText("schema ");
  putName(word(schema, index.SCHEMA_NAME));
  putText(", fingerprint ");
  putFingerprint(schema);
  for (let i: u32 = 0; i < word(schema, index.SCHEMA_ENUMERATIONS); i++) putEnumeration(schema, i);
  putOwners(schema, index.SCHEMA_KINDS, "record ");
  putOwners(schema, index.SCHEMA_COMMANDS, "command ");
  putOwners(schema, index.SCHEMA_EVENTS, "event ");
  putOwners(schema, index.SCHEMA_REJECTS, "reject ");
  for (let i: u32 = 0; i < word(schema, index.SCHEMA_INVARIANTS); i++) {
    putRule(schema, entryAt(schema, index.SCHEMA_INVARIANTS, index.RULE_WORDS, i));
  }
}

/** `enumeration Side: 1 Bid, 2 Ask` */
function putEnumeration(schema: usize, position: u32): void {
  const entry = entryAt(schema, index.SCHEMA_ENUMERATIONS, index.ENUMERATION_WORDS, position);
  putLine("enumeration ");
  putName(word(entry, index.ENUMERATION_NAME));
  let at = <usize>word(entry, index.ENUMERATION_VALUES_AT);
  for (let i: u32 = 0; i < word(entry, index.ENUMERATION_VALUES); i++) {
    putText(i == 0 ? ": " : ", ");
    putNumber(load<u16>(at));
    putText(" ");
    putName(at + 2);
    at += 3 + nameLength(at + 2);
  }
}

function putOwners(schema: usize, list: u32, label: string): void {
  for (let i: u32 = 0; i < word(schema, list); i++) {
    const owner = entryAt(schema, list, index.OWNER_WORDS, i);
    putLine(label);
    putNumber(word(owner, index.OWNER_NUMBER));
    putText(" ");
    putName(word(owner, index.OWNER_NAME));
    for (let m: u32 = 0; m < word(owner, index.OWNER_FIELDS); m++) {
      putLine("  ");
      putNumber(word(memberAt(owner, m), index.MEMBER_NUMBER));
      putText(" ");
      putMember(schema, owner, m);
    }
    if (list == index.SCHEMA_KINDS) putWays(schema, owner);
  }
}

// ---- fields ----------------------------------------------------------------------------------------------

/** `price decimal(20, 8), nullable` */
export function putMember(schema: usize, owner: usize, position: u32): void {
  const member = memberAt(owner, position);
  const flags = word(member, index.MEMBER_FLAGS);
  putName(word(member, index.MEMBER_NAME));
  putText(" ");
  putType(schema, member);
  if (isRepeated(member)) {
    putText(", up to ");
    putNumber(word(member, index.MEMBER_ITEMS_MAX));
    putText(" items");
  }
  if (flags & FIELD_FLAG_NULLABLE) putText(", nullable");
  if (flags & FIELD_FLAG_IMMUTABLE) putText(", immutable");
  if (flags & FIELD_FLAG_NOT_EMPTY) putText(", not empty");
  putBound(", min ", member, index.MEMBER_MIN_AT);
  putBound(", max ", member, index.MEMBER_MAX_AT);
}

function putType(schema: usize, member: usize): void {
  const type = word(member, index.MEMBER_TYPE);
  const parameter = word(member, index.MEMBER_PARAMETER);
  if (type == <u32>TYPE_ENUM8 || type == <u32>TYPE_ENUM16) {
    const entry = entryAt(schema, index.SCHEMA_ENUMERATIONS, index.ENUMERATION_WORDS, parameter);
    return putName(word(entry, index.ENUMERATION_NAME));
  }
  putText(typeName(type));
  if (type == <u32>TYPE_TEXT || type == <u32>TYPE_BYTES) {
    putText("(");
    putNumber(parameter);
    putText(")");
  } else if (type == <u32>TYPE_DECIMAL64 || type == <u32>TYPE_DECIMAL128) {
    putText("(");
    putNumber(parameter);
    putText(", ");
    putNumber(word(member, index.MEMBER_SCALE));
    putText(")");
  } else if (type == <u32>TYPE_REF) {
    putText(" ");
    const target = index.entryNumbered(schema, index.SCHEMA_KINDS, index.OWNER_WORDS, parameter);
    if (target != 0) putName(word(target, index.OWNER_NAME));
    else putNumber(parameter);
  }
}

function putBound(text: string, member: usize, bound: u32): void {
  const at = <usize>word(member, bound);
  if (at == 0) return;
  putText(text);
  putInteger(member, at);
}

/** An integer or mantissa of 16 bytes as a value of a field. */
function putInteger(member: usize, at: usize): void {
  const signed = index.isSignedType(word(member, index.MEMBER_TYPE));
  putWide(load<u64>(at), load<u64>(at, 8), signed, word(member, index.MEMBER_SCALE));
}

/** A value of a bool or enum field; 0 and others that none has as numbers. */
function putNarrow(schema: usize, member: usize, value: u32): void {
  const type = word(member, index.MEMBER_TYPE);
  if (type == <u32>TYPE_BOOL && value <= 1) return putText(value == 1 ? "true" : "false");
  const isEnum = type == <u32>TYPE_ENUM8 || type == <u32>TYPE_ENUM16;
  const name = isEnum ? enumName(schema, word(member, index.MEMBER_PARAMETER), value) : 0;
  if (name != 0) putName(name);
  else putNumber(value);
}

// ---- unique keys and indexes -----------------------------------------------------------------------------

function putFieldName(owner: usize, at: usize): void {
  putName(word(memberAt(owner, load<u8>(at)), index.MEMBER_NAME));
}

function putWays(schema: usize, owner: usize): void {
  for (let i: u32 = 0; i < word(owner, index.OWNER_UNIQUE); i++) {
    const way = entryAt(owner, index.OWNER_UNIQUE, index.WAY_WORDS, i);
    putLine("  unique key ");
    putName(word(way, index.WAY_NAME));
    const segments = word(way, index.WAY_SEGMENTS);
    for (let s: u32 = 0; s < segments; s++) {
      putText(s == 0 ? ": " : ", ");
      putFieldName(owner, <usize>word(way, index.WAY_SEGMENTS_AT) + s);
    }
  }
  for (let i: u32 = 0; i < word(owner, index.OWNER_INDEXES); i++) {
    putIndex(schema, owner, entryAt(owner, index.OWNER_INDEXES, index.WAY_WORDS, i));
  }
}

/** `index book: instrument, side, price descending when side=Bid, priority` */
function putIndex(schema: usize, owner: usize, way: usize): void {
  putLine("  index ");
  putName(word(way, index.WAY_NAME));
  let at = <usize>word(way, index.WAY_SEGMENTS_AT);
  for (let s: u32 = 0; s < word(way, index.WAY_SEGMENTS); s++) {
    putText(s == 0 ? ": " : ", ");
    putFieldName(owner, at);
    const direction = <u32>load<u8>(at, 1);
    at += 2;
    if (direction == <u32>DIRECTION_ASCENDING) continue;
    putText(direction == <u32>DIRECTION_ASCENDING_WHEN ? " ascending" : " descending");
    if (direction == <u32>DIRECTION_DESCENDING) continue;
    putText(" when ");
    putFieldName(owner, at);
    putText("=");
    putNarrow(schema, memberAt(owner, load<u8>(at)), load<u16>(at, 1));
    at += 3;
  }
  at = <usize>word(way, index.WAY_WHERES_AT);
  for (let w: u32 = 0; w < word(way, index.WAY_WHERES); w++) {
    putText(w == 0 ? " where " : " and ");
    const member = memberAt(owner, load<u8>(at));
    const values = <u32>load<u16>(at, 1);
    putFieldName(owner, at);
    at += 3;
    for (let v: u32 = 0; v < values; v++) {
      putText(v == 0 ? "=" : "|");
      putNarrow(schema, member, load<u16>(at));
      at += 2;
    }
  }
}

// ---- invariants ------------------------------------------------------------------------------------------

function kindAt(schema: usize, position: u32): usize {
  return entryAt(schema, index.SCHEMA_KINDS, index.OWNER_WORDS, position);
}

function putRule(schema: usize, rule: usize): void {
  putLine("invariant ");
  putNumber(word(rule, index.RULE_NUMBER));
  putText(" ");
  putName(word(rule, index.RULE_NAME));
  const body = <usize>word(rule, index.RULE_BODY_AT);
  if (word(rule, index.RULE_FORM) == FORM_COMPARISONS) putComparisons(schema, body);
  else putSum(schema, body);
}

function operatorText(operator: u32): string {
  switch (operator) {
    case OPERATOR_EQ:
      return " = ";
    case OPERATOR_NE:
      return " != ";
    case OPERATOR_GT:
      return " > ";
    case OPERATOR_GTE:
      return " >= ";
    case OPERATOR_LT:
      return " < ";
    default:
      return " <= ";
  }
}

/** ` of Order: remaining > 0 and price > 0` */
function putComparisons(schema: usize, at: usize): void {
  const kind = kindAt(schema, load<u16>(at));
  putText(" of ");
  putName(word(kind, index.OWNER_NAME));
  const count = <u32>load<u16>(at, 2);
  at += 4;
  for (let i: u32 = 0; i < count; i++) {
    putText(i == 0 ? ": " : " and ");
    const member = memberAt(kind, load<u8>(at));
    putFieldName(kind, at);
    putText(operatorText(load<u8>(at, 1)));
    const isField = load<u8>(at, 2) == 1;
    at += 3;
    if (isField) putFieldName(kind, at);
    else putConstant(schema, member, at);
    at += isField ? 1 : 16;
  }
}

function putConstant(schema: usize, member: usize, at: usize): void {
  const type = word(member, index.MEMBER_TYPE);
  const isNarrow = type == <u32>TYPE_BOOL || type == <u32>TYPE_ENUM8 || type == <u32>TYPE_ENUM16;
  if (isNarrow) putNarrow(schema, member, load<u32>(at));
  else putInteger(member, at);
}

/** `: Account.balance by currency + Hold.amount by currency is conserved` */
function putSum(schema: usize, at: usize): void {
  const terms = <u32>load<u16>(at);
  at += 2;
  for (let i: u32 = 0; i < terms; i++) {
    putText(i == 0 ? ": " : " + ");
    const kind = kindAt(schema, load<u16>(at));
    putName(word(kind, index.OWNER_NAME));
    putText(".");
    putFieldName(kind, at + 2);
    const by = <u32>load<u8>(at, 3);
    at += 4;
    for (let b: u32 = 0; b < by; b++) {
      putText(b == 0 ? " by " : ", ");
      putFieldName(kind, at++);
    }
  }
  putText(" is conserved");
}
