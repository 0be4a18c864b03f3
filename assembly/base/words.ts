/**
 * Runs of 8-byte words: short copies without a call, comparison of key words.
 *
 * Key words are stored decoded: the order of unsigned words is the order of the key's bytes.
 */

/** Up to here a loop is quicker than the call behind memory.copy and memory.fill. */
const SHORT: usize = 256;

/** Copies any number of bytes between runs that do not overlap. */
export function copyBytes(target: usize, source: usize, bytes: usize): void {
  if (bytes > SHORT) {
    memory.copy(target, source, bytes);
    return;
  }
  if (bytes < 8) {
    copyFew(target, source, bytes);
    return;
  }
  // The last word may take in bytes of the one before it.
  const last = source + bytes - 8;
  const lastTarget = target + bytes - 8;
  while (source < last) {
    store<u64>(target, load<u64>(source));
    source += 8;
    target += 8;
  }
  store<u64>(lastTarget, load<u64>(last));
}

/** Fewer than eight bytes. */
function copyFew(target: usize, source: usize, bytes: usize): void {
  if (bytes >= 4) {
    const last = load<u32>(source + bytes - 4);
    store<u32>(target, load<u32>(source));
    store<u32>(target + bytes - 4, last);
    return;
  }
  while (bytes > 0) {
    store<u8>(target, load<u8>(source));
    source += 1;
    target += 1;
    bytes -= 1;
  }
}

/** Makes a multiple of 8 bytes zero. */
export function clearWords(target: usize, bytes: usize): void {
  if (bytes > SHORT) {
    memory.fill(target, 0, bytes);
    return;
  }
  const end = target + bytes;
  while (target < end) {
    store<u64>(target, 0);
    target += 8;
  }
}

/** Copies a multiple of 8 bytes; the runs may overlap if the target is below the source. */
export function copyUp(target: usize, source: usize, bytes: usize): void {
  if (bytes > SHORT) {
    memory.copy(target, source, bytes);
    return;
  }
  const end = source + bytes;
  while (source < end) {
    store<u64>(target, load<u64>(source));
    source += 8;
    target += 8;
  }
}

/** Copies a multiple of 8 bytes; the runs may overlap if the target is above the source. */
export function copyDown(target: usize, source: usize, bytes: usize): void {
  if (bytes > SHORT) {
    memory.copy(target, source, bytes);
    return;
  }
  while (bytes > 0) {
    bytes -= 8;
    store<u64>(target + bytes, load<u64>(source + bytes));
  }
}

export function wordsEqual(a: usize, b: usize, words: u32): bool {
  const end = a + ((<usize>words) << 3);
  while (a < end) {
    if (load<u64>(a) != load<u64>(b)) return false;
    a += 8;
    b += 8;
  }
  return true;
}

/** -1, 0 or 1. */
export function wordsCompare(a: usize, b: usize, words: u32): i32 {
  const end = a + ((<usize>words) << 3);
  while (a < end) {
    const x = load<u64>(a);
    const y = load<u64>(b);
    if (x != y) return x < y ? -1 : 1;
    a += 8;
    b += 8;
  }
  return 0;
}

/** Whether `bytes` bytes at `a` and `b` are the same. */
export function bytesEqual(a: usize, b: usize, bytes: usize): bool {
  return memory.compare(a, b, bytes) == 0;
}
