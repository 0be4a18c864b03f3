/**
 * The limits in force: those of the current epoch frame.
 */
import { LIMIT_COUNT_SEALED } from "../abi";
import { ASSERT_POSITION, assertThat } from "../base/assert";

const limits: usize = memory.data((LIMIT_COUNT_SEALED + 1) * 8, 16);

/** The limit with a number (LIMIT_... of abi.ts). */
export function limitOf(number: u32): u32 {
  return load<u32>(limits + ((<usize>number) << 3));
}

export function setLimit(number: u32, value: u64): void {
  assertThat(number >= 1 && number <= <u32>LIMIT_COUNT_SEALED, ASSERT_POSITION);
  store<u64>(limits + ((<usize>number) << 3), value);
}
