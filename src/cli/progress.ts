/** A progress bar on stderr for what takes longer than a second; silent where stderr is no terminal. */

const SILENT_MS = 1_000;
const INTERVAL_MS = 100;
const WIDTH = 30;

export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #step: string;
  readonly #startedAt = performance.now();
  #drawnAt = 0;

  /**
   * @param step what is going on: `verifying`
   * @param stream where the bar is drawn
   */
  constructor(step: string, stream: NodeJS.WriteStream = process.stderr) {
    this.#step = step;
    this.#stream = stream;
  }

  /** @param total the last seq there was when the work began; it may grow beside a running engine */
  show(done: bigint, total: bigint): void {
    if (!this.#stream.isTTY) return;
    const now = performance.now();
    if (now - this.#startedAt < SILENT_MS || now - this.#drawnAt < INTERVAL_MS) return;
    this.#drawnAt = now;
    const share = total === 0n ? 1 : Math.min(Number(done) / Number(total), 1);
    const filled = Math.round(share * WIDTH);
    const bar = "#".repeat(filled) + "-".repeat(WIDTH - filled);
    const rate = Math.round(Number(done) / ((now - this.#startedAt) / 1000));
    const counts = `${done.toLocaleString("en")} of ${total.toLocaleString("en")} frames`;
    this.#stream.write(`\r\u001b[2K${this.#step} [${bar}] ${counts}  ${rate.toLocaleString("en")}/s`);
  }

  clear(): void {
    if (this.#drawnAt > 0) this.#stream.write("\r\u001b[2K");
    this.#drawnAt = 0;
  }
}
