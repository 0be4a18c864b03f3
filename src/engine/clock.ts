/**
 * The clock: where reference times come from.
 *
 * Responsible for: the host's clock and when not to trust it. Not responsible for: recording (the core takes the greater
 * of this and the last frame's time).
 */
import { OperationalError, UsageError } from "../errors.ts";

/** Where an engine takes reference times from. Replay uses the recorded ones. */
export interface Clock {
  /** ns since the Unix epoch, u64. */
  nowNs(): bigint;
}

/** How far the host's clock may be behind, in ms. */
const BEHIND_MAX_MS = 5_000;
const NS_PER_MS = 1_000_000n;

/**
 * The host's clock, of millisecond resolution.
 *
 * @throws {OperationalError} CLOCK, from `nowNs`: it moved back by more than 5 s against the monotonic clock. The engine
 *   stays usable.
 */
export function systemClock(): Clock {
  const skewAtStart = Date.now() - performance.now();
  let lastMs = -1;
  let lastNs = 0n;
  return {
    nowNs() {
      const nowMs = Date.now();
      if (nowMs === lastMs) return lastNs;
      const moved = nowMs - performance.now() - skewAtStart;
      if (moved < -BEHIND_MAX_MS) {
        throw new OperationalError(
          "CLOCK",
          `the host's clock moved back by ${Math.round(-moved / 1000)} s since open; set it right, or reopen`,
        );
      }
      lastMs = nowMs;
      lastNs = BigInt(nowMs) * NS_PER_MS;
      return lastNs;
    },
  };
}

const U64_MAX = (1n << 64n) - 1n;

/** What a clock says. @throws {UsageError} it is no time; whatever the clock throws */
export function readClock(clock: Clock): bigint {
  const now = clock.nowNs();
  if (typeof now === "bigint" && now >= 0n && now <= U64_MAX) return now;
  throw new UsageError(
    "clock",
    `nowNs answered ${String(now)}, expected a u64 bigint: ns since the Unix epoch`,
  );
}

/** @throws {OperationalError} CLOCK: the host's clock is more than 5 s behind the last frame */
export function checkClock(clock: Clock, lastTimeNs: bigint): void {
  const behindMs = (lastTimeNs - clock.nowNs()) / NS_PER_MS;
  if (behindMs <= BigInt(BEHIND_MAX_MS)) return;
  throw new OperationalError(
    "CLOCK",
    `the host's clock is ${behindMs / 1000n} s behind the last frame; set it right, or open with a clock of your own`,
  );
}
