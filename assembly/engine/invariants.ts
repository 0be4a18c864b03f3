/**
 * Invariants, checked at commit over the records the command touched: comparisons by number, then conserved sums by
 * number. The first that fails decides the command.
 */
import {
  CODE_INVARIANT,
  COMPARISON_FIELD,
  COMPARISON_KIND,
  COMPARISON_NUMBER,
  COMPARISON_OPERATOR,
  COMPARISON_OTHER,
  COMPARISON_VALUE_AT,
  COMPARISON_WORDS,
  FIELD_TYPE,
  NO_FIELD,
  OPERATOR_EQ,
  OPERATOR_GT,
  OPERATOR_GTE,
  OPERATOR_LT,
  OPERATOR_LTE,
  OPERATOR_NE,
  TABLE_COMPARISONS,
  TABLE_COMPARISONS_AT,
  TABLE_SUMS,
} from "../abi";
import { compareWide } from "../base/wide";
import { wideHigh, wideLow } from "../frame/message";
import { isPresent, isSigned, valueAt } from "../schema/field";
import { addressOf, fieldEntry, fieldsOf, headerWord, kindEntry, wordOf } from "../schema/table";
import { kindOfSlot } from "../state/record-store";
import { UNDO_CREATED, UNDO_UPDATED, undoEnd, undoNext, undoOp, undoSlot } from "../state/undo-log";
import { fault } from "./command";
import { brokenSum } from "./conserve";

function holds(operator: u32, order: i32): bool {
  if (operator == <u32>OPERATOR_EQ) return order == 0;
  if (operator == <u32>OPERATOR_NE) return order != 0;
  if (operator == <u32>OPERATOR_GT) return order > 0;
  if (operator == <u32>OPERATOR_GTE) return order >= 0;
  if (operator == <u32>OPERATOR_LT) return order < 0;
  return operator == <u32>OPERATOR_LTE && order <= 0;
}

/** Whether one comparison holds for a record. One with an absent value holds. */
function comparisonHolds(comparison: usize, fields: usize, slot: usize): bool {
  const position = wordOf(comparison, COMPARISON_FIELD);
  if (!isPresent(slot, position)) return true;
  const field = fieldEntry(fields, position);
  const at = valueAt(slot, field);
  const otherPosition = wordOf(comparison, COMPARISON_OTHER);
  let low: u64;
  let high: u64;
  if (otherPosition == <u32>NO_FIELD) {
    const value = addressOf(wordOf(comparison, COMPARISON_VALUE_AT));
    low = load<u64>(value);
    high = load<u64>(value, 8);
  } else {
    if (!isPresent(slot, otherPosition)) return true;
    const other = fieldEntry(fields, otherPosition);
    low = wideLow(other, valueAt(slot, other));
    high = wideHigh(other, valueAt(slot, other));
  }
  const order = compareWide(
    wideLow(field, at),
    wideHigh(field, at),
    low,
    high,
    isSigned(wordOf(field, FIELD_TYPE)),
  );
  return holds(wordOf(comparison, COMPARISON_OPERATOR), order);
}

/** Number of the first invariant whose comparisons a touched record breaks, or 0. */
function brokenComparison(): u32 {
  const count = headerWord(TABLE_COMPARISONS);
  const first = addressOf(headerWord(TABLE_COMPARISONS_AT));
  for (let i: u32 = 0; i < count; i++) {
    const comparison = first + <usize>i * (COMPARISON_WORDS << 2);
    const kind = wordOf(comparison, COMPARISON_KIND);
    const fields = fieldsOf(kindEntry(kind));
    for (let at: usize = 0, end = undoEnd(); at < end; at = undoNext(at)) {
      const slot = undoSlot(at);
      const op = undoOp(at);
      if (kindOfSlot(slot) != kind || (op != UNDO_CREATED && op != UNDO_UPDATED)) continue;
      if (!comparisonHolds(comparison, fields, slot)) return wordOf(comparison, COMPARISON_NUMBER);
    }
  }
  return 0;
}

/** Decides the command if an invariant does not hold. */
export function checkInvariants(): void {
  if (headerWord(TABLE_COMPARISONS) != 0) {
    const broken = brokenComparison();
    if (broken != 0) {
      fault(CODE_INVARIANT, broken);
      return;
    }
  }
  if (headerWord(TABLE_SUMS) != 0) {
    const broken = brokenSum();
    if (broken != 0) fault(CODE_INVARIANT, broken);
  }
}
