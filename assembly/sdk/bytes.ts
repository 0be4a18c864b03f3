/**
 * Bytes behind their length, wherever they stand. The same form as a text, and views and copies by the same rules.
 */
import { isSame, setLength } from "./lengthed";
import { opAllocate } from "./operations";
import { overflow } from "./overflow";

const EMPTY: usize = memory.data(2, 2);
const LENGTH_MAX: i32 = 0xffff;

/** A run of bytes. It never changes. */
@unmanaged
export abstract class Bytes {
  /** No bytes. */
  static get EMPTY(): Bytes {
    return changetype<Bytes>(EMPTY);
  }

  /** A copy of at most 65,535 bytes; more of them fault the command with OVERFLOW. */
  static of(values: u8[]): Bytes {
    const count = values.length;
    if (count > LENGTH_MAX) overflow();
    const bytes = opAllocate(2 + <u32>count);
    setLength(bytes, count);
    memory.copy(bytes + 2, values.dataStart, <usize>count);
    return changetype<Bytes>(bytes);
  }

  get length(): i32 {
    return <i32>load<u16>(changetype<usize>(this));
  }

  /** The byte at an index; beyond the length it traps. */
  @operator("[]")
  at(index: i32): u8 {
    if (<u32>index >= <u32>this.length) unreachable();
    return load<u8>(changetype<usize>(this) + <usize>index, 2);
  }

  @operator("==")
  equals(other: Bytes): bool {
    return isSame(changetype<usize>(this), changetype<usize>(other));
  }

  @operator("!=")
  private differs(other: Bytes): bool {
    return !isSame(changetype<usize>(this), changetype<usize>(other));
  }
}
