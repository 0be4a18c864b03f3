/**
 * A token bucket: so many commands a second, with a burst of one second.
 *
 * Responsible for: counting. Not responsible for: what a request hears that comes too early.
 */
export class TokenBucket {
  private readonly perSecond: number;
  private tokens: number;
  private filledAt: number;

  /** @param nowMilliseconds of a clock that does not go back */
  constructor(perSecond: number, nowMilliseconds: number) {
    this.perSecond = perSecond;
    this.tokens = perSecond;
    this.filledAt = nowMilliseconds;
  }

  private fill(nowMilliseconds: number): void {
    const added = ((nowMilliseconds - this.filledAt) / 1000) * this.perSecond;
    this.tokens = Math.min(this.perSecond, this.tokens + added);
    this.filledAt = nowMilliseconds;
  }

  /** Seconds until something may be taken; 0: now. */
  wait(nowMilliseconds: number): number {
    this.fill(nowMilliseconds);
    return this.tokens >= 1 ? 0 : (1 - this.tokens) / this.perSecond;
  }

  /**
   * Takes tokens if there is one. It may take more than there are: what a request of many commands owes, the next ones
   * wait for; else it could never pass.
   *
   * @returns seconds until something may be taken; 0: they were taken
   */
  take(count: number, nowMilliseconds: number): number {
    const wait = this.wait(nowMilliseconds);
    if (wait === 0) this.tokens -= count;
    return wait;
  }
}
