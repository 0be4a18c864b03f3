/**
 * Memory of managed objects: strings and typed arrays that come and go with one inspection call.
 *
 * The core itself makes no managed objects. Those of inspection (assembly/inspect) take their memory here, in chunks, and
 * none of them outlives its call: what the host hands over for a call and what the call hands back lie in the arena
 * until the first object after its end is made. So nothing is counted, marked or collected.
 *
 * Responsible for: where an object lies. Not responsible for: what asc calls an object (runtime.ts).
 * I1: an object is zero when it is given out, at a multiple of 16.
 * I2: every chunk comes from base/memory.ts, so objects and engine state never meet.
 *
 *   -16   -8   -4     0
 *   | 0   | id | size | the object
 *   |     |u32 |u32   |
 */
import { allocate, release } from "./memory";

const CHUNK_BYTES: u64 = 65536;
/** Address of the chunk before, u32; its own bytes, u64 at 8. */
const CHUNK_HEADER: usize = 16;
const OBJECT_HEADER: usize = 16;
const OBJECT_BYTES_MAX: usize = 1 << 30;

let newest: usize = 0;
let at: usize = 0;
let end: usize = 0;
let isOver = false;

/** Gives back every chunk. */
function clear(): void {
  while (newest != 0) {
    const chunk = newest;
    newest = <usize>load<u32>(chunk);
    release(chunk, load<u64>(chunk, 8));
  }
  at = 0;
  end = 0;
  isOver = false;
}

function openChunk(bytes: u64): void {
  const size = max<u64>(bytes + CHUNK_HEADER, CHUNK_BYTES);
  const chunk = allocate(size);
  store<u32>(chunk, <u32>newest);
  store<u64>(chunk, size, 8);
  newest = chunk;
  at = chunk + CHUNK_HEADER;
  end = chunk + <usize>size;
}

/** Makes an object of a class: its address. */
export function newObject(bytes: usize, id: u32): usize {
  if (bytes > OBJECT_BYTES_MAX) unreachable();
  if (isOver) clear();
  const whole = (OBJECT_HEADER + bytes + 15) & ~(<usize>15);
  if (whole > end - at) openChunk(whole);
  const object = at + OBJECT_HEADER;
  at += whole;
  store<u32>(object - 8, id);
  store<u32>(object - 4, <u32>bytes);
  return object;
}

/** The same object with another size: a new one that begins with the same bytes. */
export function resizedObject(object: usize, bytes: usize): usize {
  const resized = newObject(bytes, load<u32>(object - 8));
  memory.copy(resized, object, min<usize>(bytes, load<u32>(object - 4)));
  return resized;
}

/** An inspection call is over: the next object that is made takes the place of all that are there. */
export function endObjects(): void {
  isOver = true;
}
