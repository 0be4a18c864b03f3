/**
 * Names of the codes, reasons and limits of the engine itself.
 *
 * Responsible for: the one list of names beside the numbers of the ABI.
 * Not responsible for: what they mean (docs/reference/execution.md) or detail bytes (src/history/frame.ts).
 */
import * as abi from "../../assembly/abi.ts";

/** Framework codes by name: two reject codes, then the faults. */
export const FRAMEWORK_CODES: ReadonlyMap<string, number> = new Map([
  ["PAYLOAD_CHECK", abi.CODE_PAYLOAD_CHECK],
  ["UNIQUE_KEY_TAKEN", abi.CODE_UNIQUE_KEY_TAKEN],
  ["WORK_EXHAUSTED", abi.CODE_WORK_EXHAUSTED],
  ["FUEL_EXHAUSTED", abi.CODE_FUEL_EXHAUSTED],
  ["LIMIT", abi.CODE_LIMIT],
  ["OVERFLOW", abi.CODE_OVERFLOW],
  ["INVARIANT", abi.CODE_INVARIANT],
  ["RECORD_MISSING", abi.CODE_RECORD_MISSING],
  ["MISUSE", abi.CODE_MISUSE],
  ["HANDLER_FAILED", abi.CODE_HANDLER_FAILED],
]);

/** Names of the framework codes by number. */
export const FRAMEWORK_CODE_NAMES: ReadonlyMap<number, string> = new Map(
  [...FRAMEWORK_CODES].map(([name, number]) => [number, name]),
);

/** Names of the reasons of MISUSE by number. */
export const MISUSE_NAMES: ReadonlyMap<number, string> = new Map([
  [abi.MISUSE_BAD_REFERENCE, "BAD_REFERENCE"],
  [abi.MISUSE_DELETED_RECORD, "DELETED_RECORD"],
  [abi.MISUSE_STALE_HANDLE, "STALE_HANDLE"],
  [abi.MISUSE_BAD_VALUE, "BAD_VALUE"],
  [abi.MISUSE_IMMUTABLE_FIELD, "IMMUTABLE_FIELD"],
  [abi.MISUSE_BAD_ARGUMENT, "BAD_ARGUMENT"],
]);

/** A limit of execution; the value in force is in the epoch frame. */
export interface Limit {
  readonly number: number;
  readonly name: LimitName | HandlerLimitName;
  readonly default: number;
  /** Hard maximum. */
  readonly hard: number;
}

export type LimitName =
  | "work"
  | "payloadBytes"
  | "frameBytes"
  | "events"
  | "eventBytes"
  | "touchedRecords"
  | "cursors"
  | "sources"
  | "stateMiB";

/** Limits of handler code: only the sealed lane has them. */
export type HandlerLimitName = "fuel" | "arenaBytes";

function limit<Name extends Limit["name"]>(number: number, name: Name, standard: number, hard: number) {
  return { number, name, default: standard, hard };
}

/** The limits of both lanes, by number. */
export const LIMITS: readonly (Limit & { readonly name: LimitName })[] = [
  limit(abi.LIMIT_WORK, "work", abi.WORK_DEFAULT, abi.WORK_HARD),
  limit(abi.LIMIT_PAYLOAD_BYTES, "payloadBytes", abi.PAYLOAD_BYTES_DEFAULT, abi.PAYLOAD_BYTES_HARD),
  limit(abi.LIMIT_FRAME_BYTES, "frameBytes", abi.FRAME_BYTES_DEFAULT, abi.FRAME_BYTES_HARD),
  limit(abi.LIMIT_EVENTS, "events", abi.EVENTS_DEFAULT, abi.EVENTS_HARD),
  limit(abi.LIMIT_EVENT_BYTES, "eventBytes", abi.EVENT_BYTES_DEFAULT, abi.EVENT_BYTES_HARD),
  limit(abi.LIMIT_TOUCHED_RECORDS, "touchedRecords", abi.TOUCHED_RECORDS_DEFAULT, abi.TOUCHED_RECORDS_HARD),
  limit(abi.LIMIT_CURSORS, "cursors", abi.CURSORS_DEFAULT, abi.CURSORS_HARD),
  limit(abi.LIMIT_SOURCES, "sources", abi.SOURCES_DEFAULT, abi.SOURCES_HARD),
  limit(abi.LIMIT_STATE_BYTES, "stateMiB", abi.STATE_MIB_DEFAULT, abi.STATE_MIB_HARD),
];

/** The limits of the sealed lane alone, by number; they come after the others. */
export const HANDLER_LIMITS: readonly (Limit & { readonly name: HandlerLimitName })[] = [
  limit(abi.LIMIT_FUEL, "fuel", abi.FUEL_DEFAULT, abi.FUEL_HARD),
  limit(abi.LIMIT_ARENA_BYTES, "arenaBytes", abi.ARENA_BYTES_DEFAULT, abi.ARENA_BYTES_HARD),
];

/** The limits that an epoch of a lane records, by number. */
export function limitsOfLane(lane: "open" | "sealed"): readonly Limit[] {
  return lane === "open" ? LIMITS : [...LIMITS, ...HANDLER_LIMITS];
}
