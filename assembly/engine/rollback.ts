/**
 * Undoing a command: first everything that is there now is taken out, then everything that was there before is put back,
 * so that keys never collide half way. And the end of a command that stays: what only served undoing is cleared.
 */
import { SLOT_LAST_FRAME, SLOT_MARKS, SLOT_REVISION, SLOT_UNDO } from "../abi";
import { ASSERT_UNDO, assertThat } from "../base/assert";
import { copyUp } from "../base/words";
import { linkRecord, unlinkRecord } from "../state/record";
import { giveSlot, kindOfSlot, slotBytes } from "../state/record-store";
import { settleMarks } from "../state/settle";
import {
  clearUndoLog,
  UNDO_CREATED,
  UNDO_DELETED,
  UNDO_GONE,
  UNDO_UPDATED,
  undoEnd,
  undoFields,
  undoImage,
  undoNext,
  undoOp,
  undoSlot,
} from "../state/undo-log";
import { setNextSysId } from "./frontier";

/** Takes back everything the command did. `nextSysId` is the one before it. */
export function rollBack(nextSysId: u64): void {
  settleMarks();
  const end = undoEnd();
  for (let at: usize = 0; at < end; at = undoNext(at)) {
    const op = undoOp(at);
    if (op == UNDO_CREATED || op == UNDO_UPDATED) unlinkRecord(undoSlot(at));
  }
  let at: usize = 0;
  while (at < end) {
    const next = undoNext(at);
    const slot = undoSlot(at);
    const op = undoOp(at);
    if (op == UNDO_UPDATED || op == UNDO_DELETED) {
      copyUp(slot, undoImage(at), slotBytes(kindOfSlot(slot)));
      assertThat(linkRecord(slot) < 0, ASSERT_UNDO);
    } else {
      giveSlot(slot);
    }
    at = next;
  }
  setNextSysId(nextSysId);
  clearUndoLog();
}

/** Keeps everything the command did, its delta written: revisions and last frames move, deleted slots are given back. */
export function keep(seq: u64): void {
  const end = undoEnd();
  let at: usize = 0;
  while (at < end) {
    const next = undoNext(at);
    const slot = undoSlot(at);
    const op = undoOp(at);
    store<u32>(slot + SLOT_UNDO, 0);
    store<u32>(slot + SLOT_MARKS, 0);
    if (op == UNDO_DELETED || op == UNDO_GONE) {
      giveSlot(slot);
    } else if (op == UNDO_CREATED) {
      store<u64>(slot + SLOT_LAST_FRAME, seq);
    } else if (undoFields(at) != 0) {
      store<u32>(slot + SLOT_REVISION, load<u32>(slot + SLOT_REVISION) + 1);
      store<u64>(slot + SLOT_LAST_FRAME, seq);
    }
    at = next;
  }
  clearUndoLog();
}
