/**
 * Making a record findable, and the reverse: directory, unique keys, indexes, counts, all together.
 *
 * Used by create, delete, rollback, apply and bulk load, so that none of them can forget one.
 */
import { KIND_STATE_BYTES } from "../abi";
import { kindEntry, wordOf } from "../schema/table";
import { addToDirectory, askDirectory, removeFromDirectory } from "./directory";
import { enterIndexes, leaveIndexes } from "./membership";
import { countLive, kindOfSlot } from "./record-store";
import { addStateBytes } from "./state-bytes";
import { addUniqueKeys, removeUniqueKeys } from "./unique-key";

/** Enters a filled slot with a SysId everywhere but in the indexes; -1, or the position of the unique key that is taken. */
export function enterRecord(slot: usize): i32 {
  const taken = addUniqueKeys(slot);
  if (taken >= 0) return taken;
  const kind = kindOfSlot(slot);
  addToDirectory(slot);
  countLive(kind, 1);
  addStateBytes(<i64>wordOf(kindEntry(kind), KIND_STATE_BYTES));
  return -1;
}

/** The reverse of `enterRecord`. The slot stays as it is. */
export function leaveRecord(slot: usize): void {
  const kind = kindOfSlot(slot);
  askDirectory(slot);
  removeUniqueKeys(slot);
  removeFromDirectory(slot);
  countLive(kind, -1);
  addStateBytes(-(<i64>wordOf(kindEntry(kind), KIND_STATE_BYTES)));
}

/** Enters a record everywhere, its unique keys known to be free. */
export function linkRecord(slot: usize): i32 {
  const taken = enterRecord(slot);
  if (taken < 0) enterIndexes(slot);
  return taken;
}

export function unlinkRecord(slot: usize): void {
  leaveIndexes(slot);
  leaveRecord(slot);
}
