/**
 * The digest chain over runs of frames as histories hold them: body, 32 bytes, body, 32 bytes ...
 *
 * The digest before the first body stands in the 32 bytes in front of the run, so that every step reads the bytes it
 * links to from where they are.
 */
import { DIGEST_BYTES, FRAME_HEADER, FRAME_LENGTH } from "../abi";
import { chainStep } from "../base/sha256";
import { bytesEqual } from "../base/words";

const computed: usize = memory.data(32, 16);

/** Length of the body at `at`, or 0 if it and its digest do not fit before `end`. */
function bodyBytes(at: usize, end: usize): usize {
  const left = end - at;
  if (left < <usize>(FRAME_HEADER + DIGEST_BYTES)) return 0;
  const bytes = <usize>load<u32>(at + FRAME_LENGTH);
  return bytes < <usize>FRAME_HEADER || bytes > left - DIGEST_BYTES ? 0 : bytes;
}

/** Writes the digest behind every body. The number of frames, or 0 if the lengths do not add up. */
export function sealRun(from: usize, bytes: usize): u32 {
  const end = from + bytes;
  let frames: u32 = 0;
  let at = from;
  while (at < end) {
    const length = bodyBytes(at, end);
    if (length == 0) return 0;
    chainStep(at - DIGEST_BYTES, at, length, at + length);
    at += length + DIGEST_BYTES;
    frames++;
  }
  return frames;
}

/** 0 if every digest is right, else the position, from 1, of the first frame that is not. */
export function verifyRun(from: usize, bytes: usize): u32 {
  const end = from + bytes;
  let frames: u32 = 0;
  let at = from;
  while (at < end) {
    frames++;
    const length = bodyBytes(at, end);
    if (length == 0) return frames;
    chainStep(at - DIGEST_BYTES, at, length, computed);
    if (!bytesEqual(computed, at + length, DIGEST_BYTES)) return frames;
    at += length + DIGEST_BYTES;
  }
  return 0;
}
