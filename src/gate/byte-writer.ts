/** Bytes of a WebAssembly module that grow at their end. Source: WebAssembly Core Specification 2.0, section 5.2. */
export class ByteWriter {
  #bytes = new Uint8Array(1_024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  bytes(source: Uint8Array): this {
    this.#reserve(source.length);
    this.#bytes.set(source, this.#length);
    this.#length += source.length;
    return this;
  }

  byte(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
    return this;
  }

  /** An unsigned LEB128 number in its shortest form. */
  unsigned(value: number): this {
    let rest = value;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    return this.byte(rest);
  }

  /** A signed LEB128 number of 32 bits in its shortest form. */
  signed(value: number): this {
    let rest = value | 0;
    while (rest < -0x40 || rest > 0x3f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    return this.byte(rest & 0x7f);
  }

  /** The length, then the bytes: a name, the content of a section, a function body. */
  sized(content: Uint8Array): this {
    return this.unsigned(content.length).bytes(content);
  }

  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/** How many bytes the LEB128 number at `at` takes. */
export function lengthOfNumber(bytes: Uint8Array, at: number): number {
  let length = 1;
  while (bytes[at + length - 1]! >= 0x80) length += 1;
  return length;
}
