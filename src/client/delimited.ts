/**
 * Messages that follow on each other, each behind its length as a varint.
 *
 * Responsible for: cutting a stream of bytes, in pieces of any size, into messages. A message that is longer than any frame can
 * be is refused before it is gathered.
 */

/** The largest frame, as a message of `statevec.v1`, with room to spare. */
const MESSAGE_BYTES_MAX = 1 << 28;

/** @throws {Error} the stream ends within a message, or a length is none */
export async function* cutMessages(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const reader = stream.getReader();
  const held = new Held();
  try {
    for (;;) {
      for (let one = held.take(); one !== undefined; one = held.take()) yield one;
      const { done, value } = await reader.read();
      if (value !== undefined) held.add(value);
      if (done) break;
    }
    if (held.length > 0) throw new Error(`the stream ended within a message, ${held.length} bytes into it`);
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** Bytes that have come and were not taken. */
class Held {
  #bytes = new Uint8Array(1 << 12);
  #from = 0;
  #to = 0;

  get length(): number {
    return this.#to - this.#from;
  }

  add(piece: Uint8Array): void {
    if (this.#to + piece.length > this.#bytes.length) this.#makeRoom(piece.length);
    this.#bytes.set(piece, this.#to);
    this.#to += piece.length;
  }

  #makeRoom(more: number): void {
    const needed = this.length + more;
    const target = needed * 2 > this.#bytes.length ? new Uint8Array(needed * 2) : this.#bytes;
    target.set(this.#bytes.subarray(this.#from, this.#to));
    this.#to -= this.#from;
    this.#from = 0;
    this.#bytes = target;
  }

  /** The next message, copied, if it is whole. */
  take(): Uint8Array | undefined {
    let length = 0;
    let at = this.#from;
    for (let shift = 1; ; shift *= 128) {
      if (at === this.#to) return undefined;
      const byte = this.#bytes[at++]!;
      length += (byte & 127) * shift;
      if (length > MESSAGE_BYTES_MAX) throw new Error(`a message of ${length} bytes or more`);
      if (byte < 128) break;
      if (shift > MESSAGE_BYTES_MAX) throw new Error("a length that does not end");
    }
    if (this.#to - at < length) return undefined;
    this.#from = at + length;
    return this.#bytes.slice(at, this.#from);
  }
}
