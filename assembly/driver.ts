/**
 * The batch loop of the sealed lane: the third module that is merged into a domain.wasm, between core and handlers.
 *
 * Responsible for: running the commands of a batch, one after the other, without leaving WebAssembly. Not responsible for:
 * what a step does; it holds no state and shares the core's memory.
 */
import {
  ADMIT_OK,
  BATCH_DONE,
  BATCH_FULL,
  BATCH_REFUSED,
  COMMAND_KIND,
  COMMAND_PAYLOAD,
} from "./abi";

// @ts-ignore: decorator
@external("env", "hasRoom")
declare function hasRoom(): bool;
// @ts-ignore: decorator
@external("env", "lookAhead")
declare function lookAhead(at: usize, end: usize): usize;
// @ts-ignore: decorator
@external("env", "admitAt")
declare function admitAt(at: usize, end: usize): u32;
// @ts-ignore: decorator
@external("env", "begin")
declare function begin(): bool;
// @ts-ignore: decorator
@external("env", "startHandler")
declare function startHandler(): void;
// @ts-ignore: decorator
@external("env", "endHandler")
declare function endHandler(): void;
// @ts-ignore: decorator
@external("env", "finishAt")
declare function finishAt(): usize;
// @ts-ignore: decorator
@external("handlers", "run")
declare function run(kind: u32, payload: usize): void;

/** Runs the admitted command whose envelope is at `at`. */
export function runAdmitted(at: usize): void {
  if (begin()) {
    startHandler();
    run(load<u32>(at, COMMAND_KIND), at + COMMAND_PAYLOAD);
    endHandler();
  }
  finishAt();
}

/**
 * Runs the envelopes between two addresses; BATCH_.... A trap of a handler leaves through it: the host then calls
 * `finishTrapped` and goes on behind that command.
 */
export function runBatch(at: usize, end: usize): u32 {
  let ahead = at;
  while (at < end) {
    if (at >= ahead) ahead = lookAhead(at, end);
    if (!hasRoom()) return BATCH_FULL;
    if (admitAt(at, end) != ADMIT_OK) return BATCH_REFUSED;
    if (begin()) {
      startHandler();
      run(load<u32>(at, COMMAND_KIND), at + COMMAND_PAYLOAD);
      endHandler();
    }
    at = finishAt();
  }
  return BATCH_DONE;
}
