/**
 * 64-bit numbers as the Writer of protobufjs takes them: two halves of 32 bits, in one object that is used again.
 */
import type protobuf from "protobufjs/minimal.js";

/** What the Writer takes where it says Long: it reads `low` and `high` at once, and keeps neither. */
type Long = Exclude<Parameters<protobuf.Writer["uint64"]>[0], number | string>;

export class Halves {
  private readonly halves = { low: 0, high: 0, unsigned: true };

  /** The number in eight bytes, little-endian. Good until the next call. */
  at(view: DataView, at: number): Long {
    this.halves.low = view.getInt32(at, true);
    this.halves.high = view.getInt32(at + 4, true);
    return this.halves as Long;
  }

  /** A number of either sign. Good until the next call. */
  of(value: bigint): Long {
    this.halves.low = Number(BigInt.asIntN(32, value));
    this.halves.high = Number(BigInt.asIntN(32, value >> 32n));
    return this.halves as Long;
  }
}
