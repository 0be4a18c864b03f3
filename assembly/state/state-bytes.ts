/**
 * The logical size of the state: what docs/reference/execution.md counts for every live record and index entry. It says
 * nothing of addresses or capacities, so it may reach a frame (LIMIT 9).
 */
import { ASSERT_STATE_BYTES, assertThat } from "../base/assert";

let total: i64 = 0;

export function addStateBytes(change: i64): void {
  total += change;
  assertThat(total >= 0, ASSERT_STATE_BYTES);
}

export function stateBytes(): u64 {
  return <u64>total;
}
