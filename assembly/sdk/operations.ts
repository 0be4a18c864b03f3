/**
 * The operations of the core that handler code imports: the one place that names them.
 *
 * Responsible for: their declarations. A kind, unique key, index or field is given by its position in the schema's model
 * (numbers sorted, names in code-unit order); commands, events and reject codes by their number. Records are addresses
 * of slots (abi.ts, "a record in memory"), and so are the scratch slots in which keys, bounds and new values stand.
 * Not responsible for: what they do (docs/reference/execution.md). Once a command is decided they do nothing.
 */

// ---- writing ---------------------------------------------------------------------------------------------

/** Creates a record from scratch slot A; its row, or the dummy row if the command is decided. */
// @ts-ignore: decorator
@external("env", "opCreate")
export declare function opCreate(kind: u32, badField: u32, badReason: u32): usize;

/** Assigns one field from scratch slot A: its value and its presence bit. */
// @ts-ignore: decorator
@external("env", "opAssign")
export declare function opAssign(row: usize, position: u32, badField: u32, badReason: u32): void;

// @ts-ignore: decorator
@external("env", "opDelete")
export declare function opDelete(row: usize): void;

/** Emits the event whose canonical bytes stand at MESSAGE_AT. */
// @ts-ignore: decorator
@external("env", "opEmit")
export declare function opEmit(number: u32, bytes: u32, badField: u32, badReason: u32): void;

// ---- deciding --------------------------------------------------------------------------------------------

/** Rejects with the details whose canonical bytes stand at DETAILS_AT. */
// @ts-ignore: decorator
@external("env", "opReject")
export declare function opReject(code: u32, bytes: u32): void;

/** Records a fault; whoever must not go on behind it traps. */
// @ts-ignore: decorator
@external("env", "opFault")
export declare function opFault(code: u32, detail: u32): void;

/** Charges work, then records a fault: an operation that is refused for its arguments. */
// @ts-ignore: decorator
@external("env", "opFaultAfter")
export declare function opFaultAfter(work: u32, code: u32, detail: u32): void;

// ---- lookups ---------------------------------------------------------------------------------------------

/** The record with a SysId, or the dummy row behind the fault. */
// @ts-ignore: decorator
@external("env", "opGet")
export declare function opGet(kind: u32, sysId: u64): usize;

/** The record with a SysId, or 0. */
// @ts-ignore: decorator
@external("env", "opFind")
export declare function opFind(kind: u32, sysId: u64): usize;

/** The record under the unique key in scratch slot A, or the dummy row behind the fault. */
// @ts-ignore: decorator
@external("env", "opGetUnique")
export declare function opGetUnique(kind: u32, key: u32): usize;

/** The record under the unique key in scratch slot A, or 0. */
// @ts-ignore: decorator
@external("env", "opFindUnique")
export declare function opFindUnique(kind: u32, key: u32): usize;

// ---- indexes: prefix and lower bound in scratch slot A, prefix and upper bound in scratch slot B -----------

/** The first (reverse: last) record of a range, or 0. */
// @ts-ignore: decorator
@external("env", "opFirst")
export declare function opFirst(
  kind: u32,
  index: u32,
  prefix: u32,
  from: u32,
  to: u32,
  reverse: bool,
): usize;

/** A cursor over a range, or 0xffffffff behind the fault. */
// @ts-ignore: decorator
@external("env", "opList")
export declare function opList(
  kind: u32,
  index: u32,
  prefix: u32,
  from: u32,
  to: u32,
  reverse: bool,
): u32;

/** The next record of a cursor, or 0 at its end, which closes it. */
// @ts-ignore: decorator
@external("env", "opStep")
export declare function opStep(cursor: u32): usize;

// @ts-ignore: decorator
@external("env", "opClose")
export declare function opClose(cursor: u32): void;

/** How many records a range holds, counted up to `limit`. */
// @ts-ignore: decorator
@external("env", "opCount")
export declare function opCount(
  kind: u32,
  index: u32,
  prefix: u32,
  from: u32,
  to: u32,
  limit: u32,
): u32;

/** The record after (reverse: before) another in an index, or 0. */
// @ts-ignore: decorator
@external("env", "opNeighbour")
export declare function opNeighbour(row: usize, index: u32, reverse: bool): usize;

// ---- the running command ---------------------------------------------------------------------------------

// @ts-ignore: decorator
@external("env", "opSeq")
export declare function opSeq(): u64;

// @ts-ignore: decorator
@external("env", "opTimeNs")
export declare function opTimeNs(): u64;

// @ts-ignore: decorator
@external("env", "opHasSource")
export declare function opHasSource(): bool;

// @ts-ignore: decorator
@external("env", "opClient")
export declare function opClient(): u64;

// @ts-ignore: decorator
@external("env", "opStream")
export declare function opStream(): u32;

// @ts-ignore: decorator
@external("env", "opSourceSeq")
export declare function opSourceSeq(): u64;

/** Zeroed memory, 16-byte aligned, that the end of the command takes back. Traps behind LIMIT(11). */
// @ts-ignore: decorator
@external("env", "opAllocate")
export declare function opAllocate(bytes: u32): usize;
