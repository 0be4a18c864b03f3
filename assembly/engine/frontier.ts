/**
 * Where the engine stands: the parts of the engine state that are not records or sources.
 */
import { allocate, release } from "../base/memory";

/** The last frame that was executed or applied. */
export let executedSeq: u64 = 0;
/** Its reference time. */
export let lastTime: u64 = 0;
/** The current epoch; 0 before the first epoch frame. */
export let epoch: u32 = 0;
/** The SysId that the next record gets. */
export let nextSysId: u64 = 1;

/** Payload of the current epoch frame, kept for snapshots. */
export let epochPayload: usize = 0;
export let epochPayloadBytes: u32 = 0;

export function advance(seq: u64, time: u64): void {
  executedSeq = seq;
  lastTime = time;
}

export function giveSysId(): u64 {
  const sysId = nextSysId;
  nextSysId = sysId + 1;
  return sysId;
}

export function setNextSysId(sysId: u64): void {
  nextSysId = sysId;
}

export function setEpoch(number: u32, payload: usize, bytes: u32): void {
  epoch = number;
  if (epochPayload != 0) release(epochPayload, epochPayloadBytes);
  epochPayload = allocate(bytes);
  epochPayloadBytes = bytes;
  memory.copy(epochPayload, payload, bytes);
}
