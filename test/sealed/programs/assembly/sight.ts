/**
 * What a random handler saw, folded into one number that ends in its last event: a difference in anything read is a
 * difference of frames. The open lane folds in the same way (open-domain.ts).
 */
import { Bytes, I128, Text, tx, U128 } from "statevec/assembly";

export class Sight {
  hash: u64 = 0;
}

export function seeU64(seen: Sight, value: u64): void {
  seen.hash = ((seen.hash << 7) | (seen.hash >> 57)) ^ value;
}

export function seeI64(seen: Sight, value: i64): void {
  seeU64(seen, <u64>value);
}

export function seeU32(seen: Sight, value: u32): void {
  seeU64(seen, <u64>value);
}

export function seeBool(seen: Sight, value: bool): void {
  seeU64(seen, value ? 1 : 0);
}

export function seeU128(seen: Sight, value: U128): void {
  seeU64(seen, value.lo);
  seeU64(seen, value.hi);
}

export function seeI128(seen: Sight, value: I128): void {
  seeU64(seen, value.lo);
  seeI64(seen, value.hi);
}

export function seeText(seen: Sight, value: Text): void {
  const units = value.toString();
  for (let at = 0; at < units.length; at++) seeU32(seen, <u32>units.charCodeAt(at));
  seeU32(seen, <u32>value.length);
}

export function seeBytes(seen: Sight, value: Bytes): void {
  for (let at = 0; at < value.length; at++) seeU32(seen, <u32>value.at(at));
  seeU32(seen, <u32>value.length);
}

/** The seq that the source of the command has; 0 without one. */
export function sourceSeq(): u64 {
  const source = tx.source;
  return source ? source.seq : 0;
}
