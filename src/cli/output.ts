/**
 * What the command line writes: results on stdout, everything else on stderr.
 *
 * Responsible for: backpressure, a reader that goes away (`statevec log DIR | head`).
 * Not responsible for: what the lines say, the JSON form of values (src/schema/values-json.ts).
 */
import { jsonText } from "../schema/values-json.ts";

/** Writes to one stream and waits when it is full. */
export class Output {
  readonly #stream: NodeJS.WriteStream;
  #waiting = "";

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** Adds a line; what is waiting is written in large pieces. */
  async line(text: string): Promise<void> {
    this.#waiting += `${text}\n`;
    if (this.#waiting.length > 65_536) await this.flush();
  }

  async json(value: unknown): Promise<void> {
    await this.line(jsonText(value));
  }

  async flush(): Promise<void> {
    if (this.#waiting === "") return;
    const text = this.#waiting;
    this.#waiting = "";
    if (this.#stream.write(text)) return;
    await new Promise<void>((resolve) => this.#stream.once("drain", resolve));
  }
}

/** A reader that closes our stdout has seen enough: that ends the program, and well. */
export function endQuietlyWhenReaderLeaves(stream: NodeJS.WriteStream): void {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? 0 : 1);
  });
}
