/**
 * The digest chain over runs of frames as histories hold them: body, 32 bytes, body, 32 bytes ...
 *
 * The digest before the first body stands in the 32 bytes in front of the run, so that every step reads the bytes it
 * links to from where they are.
 */
import { DIGEST_BYTES, FRAME_HEADER, FRAME_LENGTH } from "../abi";
import { leafOf, linkOf } from "../base/sha256";
import { leavesOf } from "../base/sha256-lanes";
import { bytesEqual } from "../base/words";

/** Leaves are made for so many frames at a time; fewer than this many are made one by one. */
const GROUP: u32 = 128;
const GROUP_MIN: u32 = 3;

/** Body and bytes of each frame of a group; their leaves. */
const bodies: usize = memory.data(128 * 8, 16);
const leaves: usize = memory.data(128 * 32, 16);
const computed: usize = memory.data(32, 16);

/** Length of the body at `at`, or 0 if it and its digest do not fit before `end`. */
function bodyBytes(at: usize, end: usize): usize {
  const left = end - at;
  if (left < <usize>(FRAME_HEADER + DIGEST_BYTES)) return 0;
  const bytes = <usize>load<u32>(at + FRAME_LENGTH);
  return bytes < <usize>FRAME_HEADER || bytes > left - DIGEST_BYTES ? 0 : bytes;
}

/** Makes the leaves of the next frames, up to `end` or to one whose length is bad; how many. */
function makeLeaves(at: usize, end: usize): u32 {
  let count: u32 = 0;
  while (at < end && count < GROUP) {
    const bytes = bodyBytes(at, end);
    if (bytes == 0) break;
    const entry = bodies + ((<usize>count) << 3);
    store<u32>(entry, <u32>at);
    store<u32>(entry, <u32>bytes, 4);
    at += bytes + DIGEST_BYTES;
    count++;
  }
  if (count >= GROUP_MIN) {
    leavesOf(bodies, count, leaves);
  } else {
    for (let i: u32 = 0; i < count; i++) leafOf(bodyOf(i), bytesOf(i), leaves + ((<usize>i) << 5));
  }
  return count;
}

function bodyOf(index: u32): usize {
  return <usize>load<u32>(bodies + ((<usize>index) << 3));
}

function bytesOf(index: u32): usize {
  return <usize>load<u32>(bodies + ((<usize>index) << 3), 4);
}

/** Writes the digest behind every body. The number of frames, or 0 if the lengths do not add up. */
export function sealRun(from: usize, bytes: usize): u32 {
  const end = from + bytes;
  let frames: u32 = 0;
  let at = from;
  while (at < end) {
    const count = makeLeaves(at, end);
    if (count == 0) return 0;
    for (let i: u32 = 0; i < count; i++) {
      const digest = at + bytesOf(i);
      linkOf(at - DIGEST_BYTES, leaves + ((<usize>i) << 5), digest);
      at = digest + DIGEST_BYTES;
    }
    frames += count;
  }
  return frames;
}

/** 0 if every digest is right, else the position, from 1, of the first frame that is not. */
export function verifyRun(from: usize, bytes: usize): u32 {
  const end = from + bytes;
  let frames: u32 = 0;
  let at = from;
  while (at < end) {
    const count = makeLeaves(at, end);
    if (count == 0) return frames + 1;
    for (let i: u32 = 0; i < count; i++) {
      frames++;
      const digest = at + bytesOf(i);
      linkOf(at - DIGEST_BYTES, leaves + ((<usize>i) << 5), computed);
      if (!bytesEqual(computed, digest, DIGEST_BYTES)) return frames;
      at = digest + DIGEST_BYTES;
    }
  }
  return 0;
}
