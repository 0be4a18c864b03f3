/**
 * Replay of recorded frames: their commands as a batch of envelopes, and the comparison of what they make with what is
 * recorded.
 *
 * Responsible for: both, for runs of command frames whose lengths the host has checked. Not responsible for: running them.
 */
import {
  COMMAND_CLIENT,
  COMMAND_HAS_SOURCE,
  COMMAND_KIND,
  COMMAND_PAYLOAD,
  COMMAND_PAYLOAD_BYTES,
  COMMAND_SOURCE_SEQ,
  COMMAND_STREAM,
  COMMAND_TIME,
  DIGEST_BYTES,
  FRAME_CLIENT,
  FRAME_FLAG_SOURCE,
  FRAME_FLAGS,
  FRAME_HEADER,
  FRAME_KIND,
  FRAME_LENGTH,
  FRAME_PAYLOAD,
  FRAME_SOURCE_SEQ,
  FRAME_STREAM,
  FRAME_TIME,
} from "../abi";
import { ASSERT_FRAME_BYTES, assertThat } from "../base/assert";
import { bytesEqual, copyBytes } from "../base/words";

/**
 * Writes the commands of the frames between `at` and `end` as envelopes, one behind the other, to `out`. They take less
 * room than the frames. One whose payload leaves its body becomes a command of no kind, which nobody admits.
 * @returns the end of the envelopes
 */
export function writeEnvelopes(at: usize, end: usize, out: usize): usize {
  while (at < end) {
    const length = <usize>load<u32>(at, FRAME_LENGTH);
    assertThat(<u64>length + DIGEST_BYTES <= <u64>(end - at), ASSERT_FRAME_BYTES);
    const isWhole = <u64>load<u32>(at, FRAME_PAYLOAD) + FRAME_HEADER <= <u64>length;
    const bytes: u32 = isWhole ? load<u32>(at, FRAME_PAYLOAD) : 0;
    store<u64>(out, load<u64>(at, FRAME_CLIENT), COMMAND_CLIENT);
    store<u64>(out, load<u64>(at, FRAME_SOURCE_SEQ), COMMAND_SOURCE_SEQ);
    store<u64>(out, load<u64>(at, FRAME_TIME), COMMAND_TIME);
    store<u32>(out, load<u32>(at, FRAME_STREAM), COMMAND_STREAM);
    store<u32>(out, load<u8>(at, FRAME_FLAGS) & FRAME_FLAG_SOURCE, COMMAND_HAS_SOURCE);
    store<u32>(out, isWhole ? load<u16>(at, FRAME_KIND) : 0, COMMAND_KIND);
    store<u32>(out, bytes, COMMAND_PAYLOAD_BYTES);
    copyBytes(out + COMMAND_PAYLOAD, at + FRAME_HEADER, bytes);
    out += (COMMAND_PAYLOAD + bytes + 7) & ~7;
    at += length + DIGEST_BYTES;
  }
  return out;
}

/**
 * Compares the bodies of two runs of frames, digests left out.
 * @param bytes of the run at `made`; that at `recorded` has `recordedBytes`
 * @returns the offset of the first body that differs, or `bytes`
 */
export function firstOtherFrame(made: usize, bytes: u32, recorded: usize, recordedBytes: u32): u32 {
  let at: u32 = 0;
  while (at < bytes) {
    const length = load<u32>(made + at);
    if (<u64>at + length > <u64>recordedBytes) return at;
    if (load<u32>(recorded + at) != length || !bytesEqual(made + at, recorded + at, length)) return at;
    at += length + DIGEST_BYTES;
  }
  return bytes;
}
