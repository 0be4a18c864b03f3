/**
 * The running command: what it may still do, and what it has come to.
 *
 * Responsible for: work accounting and the first cause. Not responsible for: carrying anything out.
 * I1: once decided, a command stays decided with its first code. I2: while reading outside of commands nothing is charged.
 */
import {
  CODE_LIMIT,
  CODE_MISUSE,
  CODE_OVERFLOW,
  CODE_WORK_EXHAUSTED,
  DETAILS_AT,
  LIMIT_WORK,
  OUTCOME_COMMITTED,
  OUTCOME_FAULTED,
  OUTCOME_REJECTED,
  RESULT_CODE,
  RESULT_DECIDED,
  RESULT_DETAIL,
  RESULT_OUTCOME,
  RESULT_WORK,
  WORK_BYTES_UNIT,
} from "../abi";
import { result } from "../base/assert";
import { copyBytes } from "../base/words";
import { limitOf } from "./limits";

/** Four text fields of the largest size, and then some. */
export const DETAILS_BYTES: u64 = 16640;
/** Details of the outcome, as they go into the frame. */
export const detailsAt: usize = memory.data(16640, 16);
export let detailsBytes: u32 = 0;
/** Where whoever rejects puts the details first: those of a later reject must not reach the ones that were decided. */
export const detailsOffered: usize = DETAILS_AT;

let work: u64 = 0;
let bytesWritten: u64 = 0;
let running = false;

export function startAccount(): void {
  work = 0;
  bytesWritten = 0;
  running = true;
  detailsBytes = 0;
  store<u32>(result + RESULT_DECIDED, 0);
  store<u32>(result + RESULT_OUTCOME, OUTCOME_COMMITTED);
  store<u32>(result + RESULT_CODE, 0);
  store<u32>(result + RESULT_DETAIL, 0);
  store<u32>(result + RESULT_WORK, 0);
}

export function endAccount(): void {
  running = false;
  store<u32>(result + RESULT_WORK, <u32>work);
}

export function isRunning(): bool {
  return running;
}

/** Whether the command may do nothing more. */
export function isDecided(): bool {
  return load<u32>(result + RESULT_DECIDED) != 0;
}

function decide(outcome: u32, code: u32, detail: u32): void {
  if (isDecided()) return;
  store<u32>(result + RESULT_DECIDED, 1);
  store<u32>(result + RESULT_OUTCOME, outcome);
  store<u32>(result + RESULT_CODE, code);
  store<u32>(result + RESULT_DETAIL, detail);
}

/** Faults the command, unless it is decided. */
export function fault(code: u32, detail: u32): void {
  if (isDecided()) return;
  decide(OUTCOME_FAULTED, code, detail);
  store<u32>(detailsAt, detail);
  detailsBytes = 4;
}

/** Rejects the command with `bytes` bytes of details that stand at `detailsOffered`, unless it is decided. */
export function reject(code: u32, bytes: u32): void {
  if (isDecided()) return;
  decide(OUTCOME_REJECTED, code, 0);
  copyBytes(detailsAt, detailsOffered, bytes);
  detailsBytes = bytes;
}

export function faultLimit(limit: u32): void {
  fault(CODE_LIMIT, limit);
}

export function faultOverflow(fieldNumber: u32): void {
  fault(CODE_OVERFLOW, fieldNumber);
}

export function faultMisuse(reason: u32): void {
  fault(CODE_MISUSE, reason);
}

/** Charges work before a step; false if the command may not take it. */
export function charge(amount: u32): bool {
  if (!running) return true;
  if (isDecided()) return false;
  if (work + amount > <u64>limitOf(LIMIT_WORK)) {
    fault(CODE_WORK_EXHAUSTED, 0);
    return false;
  }
  work += amount;
  return true;
}

/** Charges for bytes of values: 1 for each started unit of the command's sum. */
export function chargeBytes(bytes: u32): bool {
  const before = (bytesWritten + WORK_BYTES_UNIT - 1) / WORK_BYTES_UNIT;
  const sum = bytesWritten + bytes;
  const after = (sum + WORK_BYTES_UNIT - 1) / WORK_BYTES_UNIT;
  if (after != before && !charge(<u32>(after - before))) return false;
  bytesWritten = sum;
  return true;
}
