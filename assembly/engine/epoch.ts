/**
 * The epoch payload (docs/reference/frame.md): the part the core acts on, its limits.
 *
 *   0      4           8         40       56     64       96      98
 *   | lane | semantics | program | parent id | seq | digest | limits | (number u16, value u64) ... | schema ...
 */
import {
  ARENA_BYTES_HARD,
  CORE_SEMANTICS,
  CURSORS_HARD,
  EVENT_BYTES_HARD,
  EVENTS_HARD,
  FRAME_BYTES_HARD,
  FUEL_HARD,
  LIMIT_ARENA_BYTES,
  LIMIT_COUNT,
  LIMIT_COUNT_SEALED,
  LIMIT_CURSORS,
  LIMIT_EVENT_BYTES,
  LIMIT_EVENTS,
  LIMIT_FRAME_BYTES,
  LIMIT_FUEL,
  LIMIT_PAYLOAD_BYTES,
  LIMIT_SOURCES,
  LIMIT_STATE_BYTES,
  LIMIT_TOUCHED_RECORDS,
  LIMIT_WORK,
  PAYLOAD_BYTES_HARD,
  SOURCES_HARD,
  STATE_MIB_HARD,
  TOUCHED_RECORDS_HARD,
  WORK_HARD,
} from "../abi";
import { setEpoch } from "./frontier";
import { setLimit } from "./limits";

const EPOCH_SEMANTICS: u32 = 4;
const LANE_SEALED: u32 = 2;
const EPOCH_LIMITS: u32 = 96;
const EPOCH_LIMIT_BYTES: u32 = 10;

function hardMaximum(number: u32): u64 {
  if (number == <u32>LIMIT_WORK) return WORK_HARD;
  if (number == <u32>LIMIT_PAYLOAD_BYTES) return PAYLOAD_BYTES_HARD;
  if (number == <u32>LIMIT_FRAME_BYTES) return FRAME_BYTES_HARD;
  if (number == <u32>LIMIT_EVENTS) return EVENTS_HARD;
  if (number == <u32>LIMIT_EVENT_BYTES) return EVENT_BYTES_HARD;
  if (number == <u32>LIMIT_TOUCHED_RECORDS) return TOUCHED_RECORDS_HARD;
  if (number == <u32>LIMIT_CURSORS) return CURSORS_HARD;
  if (number == <u32>LIMIT_SOURCES) return SOURCES_HARD;
  if (number == <u32>LIMIT_STATE_BYTES) return STATE_MIB_HARD;
  if (number == <u32>LIMIT_FUEL) return FUEL_HARD;
  if (number == <u32>LIMIT_ARENA_BYTES) return ARENA_BYTES_HARD;
  return 0;
}

/** An epoch of the sealed lane has limits for handler code too. */
function limitCount(at: usize): u32 {
  return load<u8>(at) == LANE_SEALED ? LIMIT_COUNT_SEALED : LIMIT_COUNT;
}

/** Whether the payload is one this core understands: its semantics version, all limits in order and in range. */
export function isEpochPayload(at: usize, bytes: u32): bool {
  if (bytes < EPOCH_LIMITS + 2) return false;
  if (load<u32>(at + EPOCH_SEMANTICS) != CORE_SEMANTICS) return false;
  const count = limitCount(at);
  if (<u32>load<u16>(at + EPOCH_LIMITS) != count) return false;
  const schema = EPOCH_LIMITS + 2 + count * EPOCH_LIMIT_BYTES;
  if (bytes < schema + 4) return false;
  for (let i: u32 = 0; i < count; i++) {
    const entry = at + EPOCH_LIMITS + 2 + i * EPOCH_LIMIT_BYTES;
    if (<u32>load<u16>(entry) != i + 1) return false;
    const value = load<u64>(entry, 2);
    if (value > hardMaximum(i + 1)) return false;
  }
  return <u64>load<u32>(at + schema) + schema + 4 == bytes;
}

/** Opens an epoch with a checked payload. */
export function openEpoch(number: u32, at: usize, bytes: u32): void {
  for (let i: u32 = 0, n = limitCount(at); i < n; i++) {
    setLimit(i + 1, load<u64>(at + EPOCH_LIMITS + 2 + i * EPOCH_LIMIT_BYTES + 2));
  }
  setEpoch(number, at, bytes);
}
