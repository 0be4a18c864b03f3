/**
 * The command envelope: where the command that is admitted or runs stands in memory.
 *
 *   | client | source seq | time | stream | has source | kind | payload bytes | ... 64 | payload |      (COMMAND_... of abi.ts)
 *
 * Responsible for: the envelope of single commands, and walking a batch: envelopes one behind the other, each padded to
 * 8 bytes. Not responsible for: what is in them.
 * I1: the payload of the current envelope ends inside the memory that was handed over with it.
 */
import { COMMAND_PAYLOAD, COMMAND_PAYLOAD_BYTES, RESULT_NEXT } from "../abi";
import { ASSERT_ENVELOPE, assertThat, result } from "../base/assert";
import { allocate, release } from "../base/memory";

/** The current envelope. */
export let envelope: usize = 0;

let single: usize = 0;
let singleBytes: u64 = 0;
let end: u64 = 0;

/** The envelope of single commands, with room for a payload of `bytes`. What it held is gone when it had to grow. */
export function envelopeFor(bytes: u32): usize {
  const need = <u64>bytes + COMMAND_PAYLOAD;
  if (need > singleBytes) {
    if (single != 0) release(single, singleBytes);
    single = allocate(need);
    singleBytes = need;
  }
  envelope = single;
  end = <u64>single + singleBytes;
  return envelope;
}

/** Goes to the envelope at `at` of a batch that ends at `batchEnd`. */
export function enterEnvelope(at: usize, batchEnd: usize): void {
  assertThat(<u64>at + COMMAND_PAYLOAD <= <u64>batchEnd && (at & 7) == 0, ASSERT_ENVELOPE);
  envelope = at;
  end = batchEnd;
  assertThat(<u64>at + envelopeBytes() <= <u64>batchEnd, ASSERT_ENVELOPE);
  store<u32>(result + RESULT_NEXT, <u32>at);
}

/** The command of the current envelope is done: its batch goes on with the next one, whose address this is. */
export function leaveEnvelope(): usize {
  const next = envelope + <usize>envelopeBytes();
  store<u32>(result + RESULT_NEXT, <u32>next);
  return next;
}

/** Of the current envelope with its payload, padded. */
function envelopeBytes(): u64 {
  return (<u64>load<u32>(envelope, COMMAND_PAYLOAD_BYTES) + COMMAND_PAYLOAD + 7) & ~(<u64>7);
}

export function envelopeWord(at: usize): u32 {
  return load<u32>(envelope + at);
}

/** Asserts I1 for a payload of `bytes`. */
export function checkEnvelope(bytes: u32): void {
  assertThat(<u64>envelope + COMMAND_PAYLOAD + bytes <= end, ASSERT_ENVELOPE);
}
