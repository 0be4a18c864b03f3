/**
 * The operations of a sealed handler, as its module imports them (assembly/sdk/operations.ts declares them).
 *
 * Responsible for: the boundary between handler and core: each marks that core code runs, and yields a row of zeros where a
 * fault leaves none. Not responsible for: what an operation does; the open lane calls the same code.
 */
import {
  COMMAND_CLIENT,
  COMMAND_HAS_SOURCE,
  COMMAND_SOURCE_SEQ,
  COMMAND_STREAM,
  COMMAND_TIME,
  DUMMY_ROW_AT,
} from "../abi";
import { eventEntry } from "../schema/table";
import { giveCursor, isOpen } from "../state/cursor";
import { charge, fault, reject } from "./command";
import { envelope } from "./envelope";
import { executedSeq, lastTime } from "./frontier";
import { allocateInArena, enterCore, enterHandler, faultFuel } from "./handler";
import * as lookup from "./lookup";
import { messageAt, scratchA, scratchB } from "./scratch";
import * as write from "./write";

/** A row, or the row of zeros. */
function rowOf(slot: usize): usize {
  enterHandler();
  return slot != 0 ? slot : DUMMY_ROW_AT;
}

function found(slot: usize): usize {
  enterHandler();
  return slot;
}

// ---- writing ---------------------------------------------------------------------------------------------

/** Zeroes scratch slot A for a kind. */
export function opClear(kind: u32): void {
  enterCore();
  write.clearScratch(scratchA, kind);
  enterHandler();
}

/** Creates a record from scratch slot A. */
export function opCreate(kind: u32, badField: u32, badReason: u32): usize {
  enterCore();
  return rowOf(write.create(kind, scratchA, badField, badReason));
}

/** Assigns one field of scratch slot A to a record. */
export function opAssign(row: usize, position: u32, badField: u32, badReason: u32): void {
  enterCore();
  write.update(row, scratchA, (<u64>1) << position, badField, badReason);
  enterHandler();
}

export function opDelete(row: usize): void {
  enterCore();
  write.remove(row);
  enterHandler();
}

/** Emits the event whose encoded bytes stand in the message buffer. */
export function opEmit(number: u32, bytes: u32, badField: u32, badReason: u32): void {
  enterCore();
  write.emit(eventEntry(number), messageAt, bytes, badField, badReason);
  enterHandler();
}

/** Rejects with `bytes` bytes of details that stand in the details buffer. */
export function opReject(code: u32, bytes: u32): void {
  enterCore();
  reject(code, bytes);
  enterHandler();
}

export function opFault(code: u32, detail: u32): void {
  enterCore();
  fault(code, detail);
  enterHandler();
}

/** An operation that is refused for its arguments: its charge, then the fault. */
export function opFaultAfter(work: u32, code: u32, detail: u32): void {
  enterCore();
  if (charge(work)) fault(code, detail);
  enterHandler();
}

// ---- lookups ---------------------------------------------------------------------------------------------

export function opGet(kind: u32, sysId: u64): usize {
  enterCore();
  return rowOf(lookup.lookupSysId(kind, sysId, true));
}

export function opFind(kind: u32, sysId: u64): usize {
  enterCore();
  return found(lookup.lookupSysId(kind, sysId, false));
}

/** By the unique key whose fields are in scratch slot A. */
export function opGetUnique(kind: u32, key: u32): usize {
  enterCore();
  return rowOf(lookup.lookupUnique(kind, key, scratchA, true));
}

export function opFindUnique(kind: u32, key: u32): usize {
  enterCore();
  return found(lookup.lookupUnique(kind, key, scratchA, false));
}

/** Prefix and lower bound in scratch slot A, prefix and upper bound in scratch slot B. */
export function opFirst(kind: u32, index: u32, prefix: u32, from: u32, to: u32, reverse: bool): usize {
  enterCore();
  return found(lookup.firstOf(kind, index, prefix, scratchA, from, scratchB, to, reverse));
}

export function opList(kind: u32, index: u32, prefix: u32, from: u32, to: u32, reverse: bool): u32 {
  enterCore();
  const cursor = lookup.listOf(kind, index, prefix, scratchA, from, scratchB, to, reverse);
  enterHandler();
  return cursor;
}

export function opStep(cursor: u32): usize {
  enterCore();
  return found(isOpen(cursor) ? lookup.stepCursor(cursor) : 0);
}

export function opClose(cursor: u32): void {
  enterCore();
  if (isOpen(cursor)) giveCursor(cursor);
  enterHandler();
}

export function opCount(kind: u32, index: u32, prefix: u32, from: u32, to: u32, limit: u32): u32 {
  enterCore();
  const count = lookup.countOf(kind, index, prefix, scratchA, from, scratchB, to, limit);
  enterHandler();
  return count;
}

export function opNeighbour(row: usize, index: u32, reverse: bool): usize {
  enterCore();
  return found(row == <usize>DUMMY_ROW_AT ? 0 : lookup.neighbour(row, index, reverse));
}

// ---- the running command ---------------------------------------------------------------------------------

export function opSeq(): u64 {
  return executedSeq + 1;
}
export function opTimeNs(): u64 {
  return max(load<u64>(envelope, COMMAND_TIME), lastTime);
}
export function opHasSource(): bool {
  return load<u32>(envelope, COMMAND_HAS_SOURCE) != 0;
}
export function opClient(): u64 {
  return load<u64>(envelope, COMMAND_CLIENT);
}
export function opStream(): u32 {
  return load<u32>(envelope, COMMAND_STREAM);
}
export function opSourceSeq(): u64 {
  return load<u64>(envelope, COMMAND_SOURCE_SEQ);
}

/** Zeroed memory that lasts to the end of the command. */
export function opAllocate(bytes: u32): usize {
  enterCore();
  return found(allocateInArena(bytes));
}

/** The fuel of the command is used up; the code that calls this traps behind it. */
export function opFuelExhausted(): void {
  enterCore();
  faultFuel();
  enterHandler();
}
