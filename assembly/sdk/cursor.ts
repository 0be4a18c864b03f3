/**
 * Cursors: the records of a range, one by one.
 *
 * A cursor goes on strictly behind the record it gave last, so it stays right while the handler writes. It is open until
 * it finds its end or is closed; a loop that is left early closes it, for a command has 64 at most.
 */
import { CODE_MISUSE, DUMMY_ROW_AT, MISUSE_STALE_HANDLE } from "../abi";
import { opAllocate, opClose, opFault, opStep } from "./operations";

/** What `opList` answers when it has no cursor to give: the command is decided. */
export const NO_CURSOR: u32 = 0xffffffff;

/** Records in index order. */
@unmanaged
export abstract class Cursor<T> {
  private cursor: u32;
  private left: u32;
  private row: usize;
  private isDone: bool;

  /** Moves to the next record; false at the end of the range, and when the limit of the list is reached. */
  next(): bool {
    if (this.isDone) return false;
    if (this.left == 0) {
      this.close();
      return false;
    }
    this.left--;
    this.row = opStep(this.cursor);
    this.isDone = this.row == 0;
    return !this.isDone;
  }

  /** The record that `next` moved to. Without one, it is MISUSE. */
  get record(): T {
    return changetype<T>(this.row != 0 ? this.row : noRecord());
  }

  /** Ends the cursor. One that is at its end is closed already, and closing it again does nothing. */
  close(): void {
    if (this.isDone) return;
    this.isDone = true;
    this.row = 0;
    opClose(this.cursor);
  }
}

function noRecord(): usize {
  opFault(CODE_MISUSE, MISUSE_STALE_HANDLE);
  return DUMMY_ROW_AT;
}

/** Makes the object of a cursor of the core, over at most `limit` records. */
export function cursorOver<T>(cursor: u32, limit: u32): Cursor<T> {
  const object = opAllocate(offsetof<Cursor<T>>());
  store<u32>(object, cursor, offsetof<Cursor<T>>("cursor"));
  store<u32>(object, limit, offsetof<Cursor<T>>("left"));
  store<bool>(object, cursor == NO_CURSOR, offsetof<Cursor<T>>("isDone"));
  return changetype<Cursor<T>>(object);
}
