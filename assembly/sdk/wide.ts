/**
 * Integers of 128 bits.
 */

/** An unsigned integer of 128 bits. */
@final
export class U128 {
  constructor(
    readonly lo: u64,
    readonly hi: u64,
  ) {}
}

/** A signed integer of 128 bits. */
@final
export class I128 {
  constructor(
    readonly lo: u64,
    readonly hi: i64,
  ) {}
}
