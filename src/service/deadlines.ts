/**
 * Deadlines of one length: one timer for all, however many there are.
 *
 * Responsible for: calling what has not been done in time. Not responsible for: what happens then.
 */
export class Deadlines {
  private readonly milliseconds: number;
  /** In the order in which they end. */
  private readonly ends = new Map<() => void, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(milliseconds: number) {
    this.milliseconds = milliseconds;
  }

  /** Calls `late` in time, unless it is taken back; its time starts anew if it is there already. */
  set(late: () => void): void {
    this.ends.delete(late);
    this.ends.set(late, performance.now() + this.milliseconds);
    this.timer ??= setTimeout(this.look, this.milliseconds).unref();
  }

  clear(late: () => void): void {
    this.ends.delete(late);
  }

  private readonly look = (): void => {
    this.timer = undefined;
    const now = performance.now();
    for (const [late, end] of this.ends) {
      if (end > now) {
        this.timer ??= setTimeout(this.look, Math.ceil(end - now)).unref();
        return;
      }
      this.ends.delete(late);
      late();
    }
  };
}
