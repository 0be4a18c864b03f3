/** One line of progress on a terminal, drawn over itself; silent where stderr is no terminal. */

/** Time between two drawings. */
const INTERVAL_MS = 100;

export class Progress {
  readonly #stream: NodeJS.WriteStream;
  #startedAt = 0;
  #drawnAt = 0;

  /** @param stream where the line is drawn: stderr, so that stdout holds results only */
  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(step: string, done: number, total: number): void {
    if (!this.#stream.isTTY) return;
    const now = performance.now();
    if (this.#startedAt === 0) this.#startedAt = now;
    if (now - this.#drawnAt < INTERVAL_MS) return;
    this.#drawnAt = now;
    const rate = Math.round(done / Math.max((now - this.#startedAt) / 1000, 0.001));
    const percent = Math.floor((done / total) * 100);
    this.#draw(
      `${step} ${percent} %  ${done.toLocaleString("en")} of ${total.toLocaleString("en")}  ${rate.toLocaleString("en")}/s`,
    );
  }

  say(step: string): void {
    if (this.#stream.isTTY) this.#draw(step);
  }

  clear(): void {
    if (this.#stream.isTTY) this.#draw("");
  }

  #draw(text: string): void {
    this.#stream.write(`\r\u001b[2K${text}`);
  }
}
