/**
 * The runtime of handler code (asc `--runtime`): every allocation comes from the arena of the command.
 *
 * Responsible for: what the compiler and AssemblyScript's library call by name. Nothing is freed or collected, and the
 * runtime has no state of its own: the core resets the arena after each command.
 * Not responsible for: the arena and its limit (opAllocate).
 *
 *   -16     -12     -8     -4     0
 *   | 0     | 0     | id   | size | object ...          the header that AssemblyScript's library reads
 */
import { ARENA_BYTES_HARD } from "../abi";
import { opAllocate } from "./operations";

const HEADER: usize = 16;

/** Bytes to ask for; beyond any limit it is a number that no arena has, and that no sum wraps around. */
function allocate(bytes: usize): usize {
  return opAllocate(min<u32>(<u32>bytes, ARENA_BYTES_HARD + 1));
}

/** For objects without a header: unmanaged classes. */
// @ts-ignore: decorator
@global @unsafe
function __alloc(size: usize): usize {
  return allocate(size);
}

// @ts-ignore: decorator
@global @unsafe
function __new(size: usize, id: u32): usize {
  const object = allocate(min<usize>(size, ARENA_BYTES_HARD) + HEADER) + HEADER;
  store<u32>(object - 8, id);
  store<u32>(object - 4, <u32>size);
  return object;
}

/** Grows or shrinks a buffer. What it held stands where it was as well: an older view of it stays good. */
// @ts-ignore: decorator
@global @unsafe
function __renew(before: usize, size: usize): usize {
  const sizeBefore = <usize>load<u32>(before - 4);
  const object = __new(size, load<u32>(before - 8));
  memory.copy(object, before, min<usize>(size, sizeBefore));
  return object;
}

// What a collector would need to know of. There is none.

// @ts-ignore: decorator
@global @unsafe
function __link(parent: usize, child: usize, expectMultiple: bool): void {}

// @ts-ignore: decorator
@global @unsafe
function __visit(object: usize, cookie: u32): void {}

// @ts-ignore: decorator
@global @unsafe
function __pin(object: usize): usize {
  return object;
}

// @ts-ignore: decorator
@global @unsafe
function __unpin(object: usize): void {}

// @ts-ignore: decorator
@global @unsafe
function __collect(): void {}
