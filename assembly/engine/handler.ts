/**
 * What a sealed handler runs on: fuel, an arena for its allocations, its static data.
 *
 * Responsible for: giving each command the same start, and telling handler code from core code. Not responsible for: the
 * handler itself, which is compiled apart and merged with the core.
 *
 * Invariants: I1 `RESULT_IN_HANDLER` is 1 exactly while handler code runs: a trap then is the handler's; I2 nothing a
 * handler allocates or writes outlives its command; I3 the arena is zero from its top on: what a command has used is
 * cleared when the next one starts, in one go.
 */
import {
  ARENA_START,
  CODE_FUEL_EXHAUSTED,
  CODE_HANDLER_FAILED,
  HANDLER_DATA_END,
  HANDLER_DATA_START,
  LIMIT_ARENA_BYTES,
  LIMIT_FUEL,
  RESULT_IN_HANDLER,
} from "../abi";
import { ASSERT_HANDLER_DATA, ASSERT_POSITION, assertThat, result } from "../base/assert";
import { reserve } from "../base/memory";
import { bytesEqual, clearWords } from "../base/words";
import { fault, faultLimit } from "./command";
import { limitOf } from "./limits";

/** What is left for the running command. Code that is injected into handlers counts it down. */
export let fuel: i32 = 0;

let arenaTop: usize = ARENA_START;
let arenaEnd: usize = ARENA_START;

/** A copy of the handlers' static data as it was at first, and its size; 0: nobody compares. */
let dataCopy: usize = 0;
let dataBytes: usize = 0;

/** From here on core code runs. To be called first by everything a handler calls. */
export function enterCore(): void {
  store<u32>(result + RESULT_IN_HANDLER, 0);
}

/** From here on handler code runs. */
export function enterHandler(): void {
  store<u32>(result + RESULT_IN_HANDLER, 1);
}

/** Full fuel and an empty arena. */
export function startHandler(): void {
  fuel = <i32>limitOf(LIMIT_FUEL);
  clearWords(ARENA_START, arenaTop - ARENA_START);
  arenaTop = ARENA_START;
  arenaEnd = <usize>ARENA_START + <usize>limitOf(LIMIT_ARENA_BYTES);
  enterHandler();
}

/** The handler has returned or trapped. */
export function endHandler(): void {
  enterCore();
  if (dataBytes != 0) assertThat(bytesEqual(HANDLER_DATA_START, dataCopy, dataBytes), ASSERT_HANDLER_DATA);
}

/** Keeps the handlers' static data, up to `end`, to compare it with what every command leaves. */
export function watchHandlerData(end: usize): void {
  assertThat(end >= <usize>HANDLER_DATA_START && end <= <usize>HANDLER_DATA_END, ASSERT_POSITION);
  dataBytes = end - HANDLER_DATA_START;
  if (dataBytes == 0) return;
  dataCopy = reserve(dataBytes);
  memory.copy(dataCopy, HANDLER_DATA_START, dataBytes);
}

/** Zeroed memory to the end of the command, or a fault and a trap of the handler. */
export function allocateInArena(bytes: u32): usize {
  const at = arenaTop;
  const size = (<u64>bytes + 15) & ~(<u64>15);
  if (<u64>at + size > <u64>arenaEnd) {
    faultLimit(LIMIT_ARENA_BYTES);
    enterHandler();
    unreachable();
  }
  arenaTop = at + <usize>size;
  return at;
}

export function faultFuel(): void {
  fault(CODE_FUEL_EXHAUSTED, 0);
}

/** Faults the command whose handler was cut off by a trap; false if it was not the handler that trapped. */
export function faultTrapped(): bool {
  if (load<u32>(result + RESULT_IN_HANDLER) == 0) return false;
  endHandler();
  fault(CODE_HANDLER_FAILED, 0);
  return true;
}
