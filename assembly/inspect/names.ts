/**
 * Names of what the engine itself numbers: outcomes, framework codes, reasons, limits, types.
 *
 * Responsible for: the words, the same as in src/schema/framework-codes.ts (a test compares the lists).
 * Not responsible for: the numbers (abi.ts), names of a schema (schema-index.ts).
 */
import * as abi from "../abi";

export function outcomeName(outcome: u32): string {
  if (outcome == <u32>abi.OUTCOME_COMMITTED) return "committed";
  return outcome == <u32>abi.OUTCOME_REJECTED ? "rejected" : "faulted";
}

/** The name of a framework code; null: it is none. */
export function frameworkCodeName(code: u32): string | null {
  switch (code) {
    case abi.CODE_PAYLOAD_CHECK:
      return "PAYLOAD_CHECK";
    case abi.CODE_UNIQUE_KEY_TAKEN:
      return "UNIQUE_KEY_TAKEN";
    case abi.CODE_WORK_EXHAUSTED:
      return "WORK_EXHAUSTED";
    case abi.CODE_FUEL_EXHAUSTED:
      return "FUEL_EXHAUSTED";
    case abi.CODE_LIMIT:
      return "LIMIT";
    case abi.CODE_OVERFLOW:
      return "OVERFLOW";
    case abi.CODE_INVARIANT:
      return "INVARIANT";
    case abi.CODE_RECORD_MISSING:
      return "RECORD_MISSING";
    case abi.CODE_MISUSE:
      return "MISUSE";
    case abi.CODE_HANDLER_FAILED:
      return "HANDLER_FAILED";
    default:
      return null;
  }
}

/** What a framework code says, and its detail; for a known code. */
export function frameworkCodeMeaning(code: u32): string {
  switch (code) {
    case abi.CODE_PAYLOAD_CHECK:
      return "a min, max or notEmpty of the command is broken; detail: field";
    case abi.CODE_UNIQUE_KEY_TAKEN:
      return "a record was created whose unique key a live record has; detail: uk";
    case abi.CODE_WORK_EXHAUSTED:
      return "the command passed its work budget";
    case abi.CODE_FUEL_EXHAUSTED:
      return "the handler passed its fuel budget";
    case abi.CODE_LIMIT:
      return "the command passed a limit; detail: limit";
    case abi.CODE_OVERFLOW:
      return "a value does not fit its field, or arithmetic left its type; detail: field, 0 for arithmetic";
    case abi.CODE_INVARIANT:
      return "an invariant is broken at commit; detail: invariant";
    case abi.CODE_RECORD_MISSING:
      return "a record that must be there is not; detail: kind";
    case abi.CODE_MISUSE:
      return "the handler used an operation in a way that can not be; detail: reason";
    default:
      return "the handler threw or trapped";
  }
}

/** The name of a reason of MISUSE; null: it is none. */
export function misuseName(reason: u32): string | null {
  switch (reason) {
    case abi.MISUSE_BAD_REFERENCE:
      return "BAD_REFERENCE";
    case abi.MISUSE_DELETED_RECORD:
      return "DELETED_RECORD";
    case abi.MISUSE_STALE_HANDLE:
      return "STALE_HANDLE";
    case abi.MISUSE_BAD_VALUE:
      return "BAD_VALUE";
    case abi.MISUSE_IMMUTABLE_FIELD:
      return "IMMUTABLE_FIELD";
    case abi.MISUSE_BAD_ARGUMENT:
      return "BAD_ARGUMENT";
    default:
      return null;
  }
}

/** The name of a limit; null: there is no such limit. */
export function limitName(limit: u32): string | null {
  switch (limit) {
    case abi.LIMIT_WORK:
      return "work";
    case abi.LIMIT_PAYLOAD_BYTES:
      return "payloadBytes";
    case abi.LIMIT_FRAME_BYTES:
      return "frameBytes";
    case abi.LIMIT_EVENTS:
      return "events";
    case abi.LIMIT_EVENT_BYTES:
      return "eventBytes";
    case abi.LIMIT_TOUCHED_RECORDS:
      return "touchedRecords";
    case abi.LIMIT_CURSORS:
      return "cursors";
    case abi.LIMIT_SOURCES:
      return "sources";
    case abi.LIMIT_STATE_BYTES:
      return "stateMiB";
    case abi.LIMIT_FUEL:
      return "fuel";
    case abi.LIMIT_ARENA_BYTES:
      return "arenaBytes";
    default:
      return null;
  }
}

/** The greatest value that a limit may have. */
export function limitHard(limit: u32): u64 {
  switch (limit) {
    case abi.LIMIT_WORK:
      return abi.WORK_HARD;
    case abi.LIMIT_PAYLOAD_BYTES:
      return abi.PAYLOAD_BYTES_HARD;
    case abi.LIMIT_FRAME_BYTES:
      return abi.FRAME_BYTES_HARD;
    case abi.LIMIT_EVENTS:
      return abi.EVENTS_HARD;
    case abi.LIMIT_EVENT_BYTES:
      return abi.EVENT_BYTES_HARD;
    case abi.LIMIT_TOUCHED_RECORDS:
      return abi.TOUCHED_RECORDS_HARD;
    case abi.LIMIT_CURSORS:
      return abi.CURSORS_HARD;
    case abi.LIMIT_SOURCES:
      return abi.SOURCES_HARD;
    case abi.LIMIT_STATE_BYTES:
      return abi.STATE_MIB_HARD;
    case abi.LIMIT_FUEL:
      return abi.FUEL_HARD;
    default:
      return abi.ARENA_BYTES_HARD;
  }
}

/** The word of the DSL for a type without parameters. */
export function typeName(type: u32): string {
  switch (type) {
    case abi.TYPE_BOOL:
      return "bool";
    case abi.TYPE_U8:
      return "u8";
    case abi.TYPE_U16:
      return "u16";
    case abi.TYPE_U32:
      return "u32";
    case abi.TYPE_U64:
      return "u64";
    case abi.TYPE_U128:
      return "u128";
    case abi.TYPE_I8:
      return "i8";
    case abi.TYPE_I16:
      return "i16";
    case abi.TYPE_I32:
      return "i32";
    case abi.TYPE_I64:
      return "i64";
    case abi.TYPE_I128:
      return "i128";
    case abi.TYPE_DECIMAL64:
    case abi.TYPE_DECIMAL128:
      return "decimal";
    case abi.TYPE_TIMESTAMP:
      return "timestamp";
    case abi.TYPE_TEXT:
      return "text";
    case abi.TYPE_BYTES:
      return "bytes";
    case abi.TYPE_REF:
      return "ref";
    default:
      return "enum";
  }
}
