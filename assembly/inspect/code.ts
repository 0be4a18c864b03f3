/**
 * Reject and fault codes: their details in bytes to text, and what a code means.
 *
 * Responsible for: `NOT_FILLABLE available=10`, `UNIQUE_KEY_TAKEN uk=Order.byOrderId`, `LIMIT limit=events`.
 * Not responsible for: which codes an outcome may have (frame-header.ts).
 * I1: what was put is the text of bytes that have been checked to their last one, or the call is refused.
 */
import {
  CODE_INVARIANT,
  CODE_LIMIT,
  CODE_MISUSE,
  CODE_OVERFLOW,
  CODE_PAYLOAD_CHECK,
  CODE_RECORD_MISSING,
  CODE_UNIQUE_KEY_TAKEN,
  NUMBER_MAX,
  OUTCOME_FAULTED,
  OUTCOME_REJECTED,
} from "../abi";
import { putGroup, readMessage } from "./group";
import { frameworkCodeMeaning, frameworkCodeName, limitName, misuseName, outcomeName } from "./names";
import { numeral, putNumber } from "./numerals";
import { bytesLeft, damaged, place, readU8, readU16, readU32, within } from "./reader";
import { isRefused, refuseArgument } from "./refusal";
import {
  entryAt,
  entryNumbered,
  MEMBER_NAME,
  memberNumbered,
  OWNER_FIELDS,
  OWNER_NAME,
  OWNER_UNIQUE,
  openedSchema,
  ownerNumbered,
  putName,
  RULE_NAME,
  RULE_WORDS,
  SCHEMA_INVARIANTS,
  SCHEMA_KINDS,
  SCHEMA_REJECTS,
  WAY_NAME,
  WAY_WORDS,
  word,
} from "./schema-index";
import { putMember } from "./schema-text";
import { putText } from "./text";

/** Puts the name of a code of the schema or the engine. @param at its place in the bytes, for the refusal */
function putCodeName(code: u32, at: usize): void {
  const reject = ownerNumbered(SCHEMA_REJECTS, code);
  if (reject != 0) {
    putName(word(reject, OWNER_NAME));
    return;
  }
  const name = frameworkCodeName(code);
  if (name === null) damaged("code", at, numeral(code), "a code of the schema or the engine");
  else putText(name);
}

/** Puts a name that must be known. */
function putKnown(detail: string, name: string | null, at: usize, number: u32, expected: string): void {
  if (isRefused()) return;
  if (name === null) return damaged("detail", at, numeral(number), expected);
  putText(detail);
  putText(name);
}

/** The same for a name of the schema; `entry` 0: there is none. */
function putDeclared(
  detail: string,
  entry: usize,
  name: u32,
  at: usize,
  number: u32,
  expected: string,
): void {
  if (isRefused()) return;
  if (entry == 0) return damaged("detail", at, numeral(number), expected);
  putText(detail);
  putName(word(entry, name));
}

/** The field of a payload check, by its number in the command. */
function putCheckedField(command: usize): void {
  const at = place();
  const number = readU16("field");
  if (isRefused()) return;
  const member = memberNumbered(command, number);
  if (member == 0) return damaged("field", at, numeral(number), "a field of the command");
  putText(" field=");
  putName(word(member, MEMBER_NAME));
}

/** The unique key of a kind, by its position. */
function putUniqueKey(): void {
  const at = place();
  const number = readU16("kind");
  if (isRefused()) return;
  const kind = ownerNumbered(SCHEMA_KINDS, number);
  if (kind == 0) return damaged("kind", at, numeral(number), "a kind of the schema");
  const position = readU8("unique key");
  if (isRefused()) return;
  const count = word(kind, OWNER_UNIQUE);
  if (position >= count) {
    return damaged("unique key", at + 2, numeral(position), "below " + numeral(count));
  }
  putText(" uk=");
  putName(word(kind, OWNER_NAME));
  putText(".");
  putName(word(entryAt(kind, OWNER_UNIQUE, WAY_WORDS, position), WAY_NAME));
}

function putFaultDetail(code: u32): void {
  const at = place();
  const number = readU32("detail");
  switch (code) {
    case CODE_LIMIT:
      return putKnown(" limit=", limitName(number), at, number, "a limit");
    case CODE_MISUSE:
      return putKnown(" reason=", misuseName(number), at, number, "a reason");
    case CODE_INVARIANT: {
      const rule = entryNumbered(openedSchema(), SCHEMA_INVARIANTS, RULE_WORDS, number);
      return putDeclared(" invariant=", rule, RULE_NAME, at, number, "an invariant of the schema");
    }
    case CODE_RECORD_MISSING: {
      const kind = ownerNumbered(SCHEMA_KINDS, number);
      return putDeclared(" kind=", kind, OWNER_NAME, at, number, "a kind of the schema");
    }
    case CODE_OVERFLOW:
      within("detail", number, 0, NUMBER_MAX, 4);
      putText(" field=");
      return putNumber(number);
    default:
      within("detail", number, 0, 0, 4);
  }
}

/**
 * Reads details to the end of the reader and puts the code with them.
 * @param command entry of the command that was answered so
 * @param at place of the code, for its refusal
 */
export function putCode(code: u32, command: usize, at: usize): void {
  putCodeName(code, at);
  if (isRefused()) return;
  const reject = ownerNumbered(SCHEMA_REJECTS, code);
  if (reject != 0) {
    readMessage(openedSchema(), reject, bytesLeft());
    if (!isRefused()) putGroup(openedSchema(), reject, true);
  } else if (code == <u32>CODE_PAYLOAD_CHECK) putCheckedField(command);
  else if (code == <u32>CODE_UNIQUE_KEY_TAKEN) putUniqueKey();
  else putFaultDetail(code);
}

/** What a code means: `POOR (12), rejected; details: balance i64, level u8`. */
export function putExplanation(code: u32): void {
  const reject = ownerNumbered(SCHEMA_REJECTS, code);
  const name = frameworkCodeName(code);
  if (reject == 0 && name === null) {
    return refuseArgument("code", numeral(code), "a code of the schema or the engine");
  }
  if (reject != 0) putName(word(reject, OWNER_NAME));
  else putText(name!);
  putText(" (");
  putNumber(code);
  putText("), ");
  const isReject = reject != 0 || code <= <u32>CODE_UNIQUE_KEY_TAKEN;
  putText(outcomeName(isReject ? OUTCOME_REJECTED : OUTCOME_FAULTED));
  if (reject == 0) {
    putText(": ");
    return putText(frameworkCodeMeaning(code));
  }
  const fields = word(reject, OWNER_FIELDS);
  for (let i: u32 = 0; i < fields; i++) {
    putText(i == 0 ? "; details: " : ", ");
    putMember(openedSchema(), reject, i);
  }
}
