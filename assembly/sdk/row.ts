/**
 * Records: the base of every generated record class.
 *
 * A record object is the address of the record in the core's memory, so reading a field is one load, and it reads the
 * record as the running command sees it now. What a faulted `get` or `create` yields is a dummy row: it reads as zeros.
 */
import { DUMMY_ROW_AT, NO_FIELD, SCRATCH_A_AT, SLOT_PRESENCE, SLOT_REVISION, SLOT_SYS_ID } from "../abi";
import { NO_FLAW } from "./flaw";
import { opAssign, opCreate, opDelete } from "./operations";

/** Identity that the engine gives a record: never reused, never built by hand. */
export type SysId = u64;

/** A record. */
@unmanaged
export abstract class Row {
  get sysId(): SysId {
    return load<u64>(changetype<usize>(this), SLOT_SYS_ID);
  }
  /** 1 at creation, +1 for each frame that changes the record. */
  get revision(): u32 {
    return load<u32>(changetype<usize>(this), SLOT_REVISION);
  }
  /** Deletes the record. Its last values stay readable to the end of the command; writing one is a fault. */
  delete(): void {
    opDelete(changetype<usize>(this));
  }
}

// ---- for generated classes -------------------------------------------------------------------------------

/** The row of a lookup that was refused. */
export function dummyRow(): usize {
  return DUMMY_ROW_AT;
}

/** Creates a record from the fields in scratch slot A. `presence` says which of them are there. */
export function createRow(kind: u32, presence: u64, flaw: u32): usize {
  store<u64>(SCRATCH_A_AT, presence, SLOT_PRESENCE);
  return opCreate(kind, flaw >> 16, flaw & 0xffff);
}

/** Assigns the field at a position the value that stands in scratch slot A. */
export function assign(row: usize, position: u32): void {
  store<u64>(SCRATCH_A_AT, (<u64>1) << position, SLOT_PRESENCE);
  opAssign(row, position, NO_FIELD, 0);
}

/** As `assign`, of a value that may have a flaw. */
export function assignChecked(row: usize, position: u32, flaw: u32): void {
  store<u64>(SCRATCH_A_AT, (<u64>1) << position, SLOT_PRESENCE);
  opAssign(row, position, flaw >> 16, flaw & 0xffff);
}

/** Makes a nullable field absent; scratch slot A holds zeros in its place. */
export function assignAbsent(row: usize, position: u32): void {
  store<u64>(SCRATCH_A_AT, 0, SLOT_PRESENCE);
  opAssign(row, position, NO_FIELD, 0);
}
