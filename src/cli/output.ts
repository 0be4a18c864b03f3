/**
 * What the command line writes: results on stdout, everything else on stderr.
 *
 * Responsible for: backpressure, a reader that goes away (`statevec log DIR | head`), the JSON form of values.
 * Not responsible for: what the lines say.
 *
 * I1. JSON carries integers of 64 bits and more as strings, bytes as hex.
 */
import { bytesToHex } from "@noble/hashes/utils.js";

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
    await this.line(toJson(value));
  }

  async flush(): Promise<void> {
    if (this.#waiting === "") return;
    const text = this.#waiting;
    this.#waiting = "";
    if (this.#stream.write(text)) return;
    await new Promise<void>((resolve) => this.#stream.once("drain", resolve));
  }
}

export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === "bigint") return item.toString();
    return item instanceof Uint8Array ? bytesToHex(item) : item;
  });
}

/** A reader that closes our stdout has seen enough: that ends the program, and well. */
export function endQuietlyWhenReaderLeaves(stream: NodeJS.WriteStream): void {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? 0 : 1);
  });
}
