/**
 * What the generated classes say to the core when they are done: look this key up, emit, reject, or refuse.
 *
 * Responsible for: what a flaw means where it stands: a bad argument in a key, a fault in details, the core's affair in
 * an event.
 */
import { CODE_MISUSE, CODE_OVERFLOW, DUMMY_ROW_AT, MISUSE_BAD_ARGUMENT, WORK_LOOKUP } from "../abi";
import { NO_FLAW } from "./flaw";
import { opEmit, opFault, opFaultAfter, opFindUnique, opGetUnique, opReject } from "./operations";

/** The record under the unique key in scratch slot A, or the dummy row. */
export function getUnique(kind: u32, key: u32, flaw: u32): usize {
  if (flaw == NO_FLAW) return opGetUnique(kind, key);
  opFaultAfter(WORK_LOOKUP, CODE_MISUSE, MISUSE_BAD_ARGUMENT);
  return DUMMY_ROW_AT;
}

/** The record under the unique key in scratch slot A, or 0. */
export function findUnique(kind: u32, key: u32, flaw: u32): usize {
  if (flaw == NO_FLAW) return opFindUnique(kind, key);
  opFaultAfter(WORK_LOOKUP, CODE_MISUSE, MISUSE_BAD_ARGUMENT);
  return 0;
}

/** Emits the event that stands at MESSAGE_AT. One with a flaw need not stand there. */
export function emitEvent(number: u32, bytes: u32, flaw: u32): void {
  opEmit(number, bytes, flaw >> 16, flaw & 0xffff);
}

/** Rejects with the details that stand at DETAILS_AT, or faults the command if one of them has a flaw. */
export function rejectWith(code: u32, bytes: u32, flaw: u32): void {
  if (flaw == NO_FLAW) return opReject(code, bytes);
  const reason = flaw & 0xffff;
  if (reason == 0) opFault(CODE_OVERFLOW, flaw >> 16);
  else opFault(CODE_MISUSE, reason);
}
