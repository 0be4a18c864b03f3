/**
 * Sorts pairs of words (key, value) by key: least significant digit first, 11 bits a pass, as many passes as the largest
 * key needs.
 */
import { allocate, release } from "./memory";

const BUCKETS: usize = 2048;
const counts: usize = memory.data(2048 * 4, 16);

export function sortPairs(pairs: usize, count: u32): void {
  const bytes = (<usize>count) << 4;
  let largest: u64 = 0;
  for (let i: usize = 0; i < bytes; i += 16) largest |= load<u64>(pairs + i);
  const spare = allocate(<u64>bytes + 16);
  let from = pairs;
  let to = spare;
  for (let shift: u64 = 0; shift < 64 && largest >> shift != 0; shift += 11) {
    pass(from, to, bytes, shift);
    const swap = from;
    from = to;
    to = swap;
  }
  if (from != pairs) memory.copy(pairs, from, bytes);
  release(spare, <u64>bytes + 16);
}

function pass(from: usize, to: usize, bytes: usize, shift: u64): void {
  memory.fill(counts, 0, BUCKETS << 2);
  for (let i: usize = 0; i < bytes; i += 16) {
    const bucket = counts + ((<usize>((load<u64>(from + i) >> shift) & (BUCKETS - 1))) << 2);
    store<u32>(bucket, load<u32>(bucket) + 1);
  }
  let sum: u32 = 0;
  for (let b: usize = 0; b < BUCKETS << 2; b += 4) {
    const size = load<u32>(counts + b);
    store<u32>(counts + b, sum);
    sum += size;
  }
  for (let i: usize = 0; i < bytes; i += 16) {
    const key = load<u64>(from + i);
    const bucket = counts + ((<usize>((key >> shift) & (BUCKETS - 1))) << 2);
    const place = to + ((<usize>load<u32>(bucket)) << 4);
    store<u32>(bucket, load<u32>(bucket) + 1);
    store<u64>(place, key);
    store<u64>(place, load<u64>(from + i, 8), 8);
  }
}
