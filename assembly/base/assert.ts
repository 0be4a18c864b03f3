/**
 * Asserts that stay in release, and the result block where the core leaves its answers for the host.
 *
 * Responsible for: stopping at once when something believed is not so. A failed assert leaves its number in the
 * result block and traps; the host reports it as an EngineFault and never calls this instance again.
 * Not responsible for: anything a handler, a payload or a history can cause. Those have codes.
 */
import { RESULT_ASSERT, RESULT_BYTES } from "../abi";

/** Address of the result block (layout in abi.ts). */
export const result: usize = memory.data(RESULT_BYTES, 16);

export const ASSERT_OUT_OF_MEMORY: u32 = 1;
export const ASSERT_TABLE: u32 = 2;
export const ASSERT_HASH_ENTRY: u32 = 4;
export const ASSERT_INDEX_ENTRY: u32 = 5;
export const ASSERT_TREE_DEPTH: u32 = 6;
export const ASSERT_UNDO: u32 = 7;
export const ASSERT_RUNNING: u32 = 8;
export const ASSERT_OUTPUT_ROOM: u32 = 9;
export const ASSERT_FRAME_BYTES: u32 = 10;
export const ASSERT_STATE_BYTES: u32 = 11;
export const ASSERT_POSITION: u32 = 12;
export const ASSERT_ENVELOPE: u32 = 13;
export const ASSERT_HANDLER_DATA: u32 = 14;

/** Traps with `number` unless `condition` holds. */
export function assertThat(condition: bool, number: u32): void {
  if (condition) return;
  store<u32>(result + RESULT_ASSERT, number);
  unreachable();
}
