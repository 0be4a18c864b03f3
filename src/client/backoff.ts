/**
 * How long to wait before asking again.
 *
 * Responsible for: growing pauses with jitter, so that many clients of one service that comes back do not all come at once.
 */

const FIRST_MILLISECONDS = 20;

/** Pauses between attempts: each up to twice as long as the one before. */
export class Backoff {
  #attempts = 0;
  readonly #longest: number;
  readonly #random: () => number;

  /**
   * @param longestMilliseconds they grow up to that
   * @param random from 0 to below 1
   */
  constructor(longestMilliseconds: number, random: () => number) {
    this.#longest = longestMilliseconds;
    this.#random = random;
  }

  /** An attempt has succeeded. */
  reset(): void {
    this.#attempts = 0;
  }

  /**
   * @param atLeast what the service asked for
   * @returns milliseconds until the next attempt
   */
  next(atLeast = 0): number {
    const longest = Math.min(this.#longest, FIRST_MILLISECONDS * 2 ** this.#attempts);
    this.#attempts = Math.min(this.#attempts + 1, 16);
    return atLeast + longest * (0.5 + this.#random() / 2);
  }
}

/** Resolves after a time, or at once when the signal aborts. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done);
  });
}
