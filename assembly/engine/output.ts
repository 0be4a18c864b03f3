/**
 * The output buffer: frames one behind the other, each body with 32 zero bytes behind it for its digest. The host takes
 * them out as one slice, and beside them where the events of each start, and empties the buffer.
 *
 * I1: a command starts only when the largest frame still fits.
 */
import {
  DELTA_UPDATE_HEADER,
  DIGEST_BYTES,
  FRAME_HEADER,
  LIMIT_FRAME_BYTES,
  LIMIT_PAYLOAD_BYTES,
  RECORD_BYTES_MAX,
  RESULT_FRAME_AT,
  RESULT_FRAME_BYTES,
} from "../abi";
import { ASSERT_FRAME_BYTES, ASSERT_OUTPUT_ROOM, assertThat, result } from "../base/assert";
import { allocate, release } from "../base/memory";
import { clearWords } from "../base/words";
import { DETAILS_BYTES } from "./command";
import { limitOf } from "./limits";

/** One delta entry may be written beyond the limit before its size is known. */
const SLACK: u64 = 2 * (RECORD_BYTES_MAX + 64) + DELTA_UPDATE_HEADER + 16;

export let outputBase: usize = 0;
let capacity: u64 = 0;
let used: usize = 0;
let frames: u32 = 0;
let places: usize = 0;
let placesBytes: u64 = 0;

/**
 * A committed body is bounded by its limit; that of a rejected or faulted command by header, payload and details.
 */
function largestFrame(): u64 {
  const decided = FRAME_HEADER + <u64>limitOf(LIMIT_PAYLOAD_BYTES) + DETAILS_BYTES;
  return max<u64>(limitOf(LIMIT_FRAME_BYTES), decided) + DIGEST_BYTES + SLACK;
}

/** Makes the buffer at least `bytes` long. It is empty then. */
export function openOutput(bytes: u64): void {
  const need = max(bytes, largestFrame());
  if (need <= capacity) return;
  assertThat(used == 0, ASSERT_OUTPUT_ROOM);
  if (outputBase != 0) release(outputBase, capacity);
  outputBase = allocate(need);
  capacity = need;
  used = 0;
  frames = 0;
  // A frame has a header and a digest at least.
  const most = need / (FRAME_HEADER + DIGEST_BYTES) + 1;
  if (places != 0) release(places, placesBytes);
  placesBytes = most << 2;
  places = allocate(placesBytes);
}

/** How many frames are in the buffer. */
export function outputFrames(): u32 {
  return frames;
}

/** For each frame in the buffer, a u32: where in its body its events start. */
export function outputPlaces(): usize {
  return places;
}

/** Whether the next frame fits, however large its command makes it. */
export function hasRoom(): bool {
  return <u64>used + largestFrame() <= capacity;
}

/** Room for a frame of the engine itself, which no limit bounds. */
export function hasRoomFor(bytes: u64): bool {
  return <u64>used + bytes + DIGEST_BYTES <= capacity;
}

export function outputUsed(): usize {
  return used;
}

/** Where the next body goes. */
export function nextBody(): usize {
  return outputBase + used;
}

/** Accepts the body that was written at `nextBody`, whose events start at `eventsFrom` in it. */
export function acceptBody(bytes: usize, eventsFrom: u32): void {
  assertThat(<u64>used + bytes + DIGEST_BYTES <= capacity, ASSERT_FRAME_BYTES);
  const body = nextBody();
  clearWords(body + bytes, DIGEST_BYTES);
  store<u32>(result + RESULT_FRAME_AT, <u32>body);
  store<u32>(result + RESULT_FRAME_BYTES, <u32>bytes);
  used += bytes + DIGEST_BYTES;
  store<u32>(places + ((<usize>frames) << 2), eventsFrom);
  frames++;
}

/** The host has taken what was there. */
export function emptyOutput(): void {
  used = 0;
  frames = 0;
}
