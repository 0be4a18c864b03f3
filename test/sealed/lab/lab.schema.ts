/** A sealed domain whose handlers fail in every way that a handler can. */
import { command, defineSchema, enumeration, enumOf, event, record, u32, u64 } from "statevec/schema";

/** What the compiler lets through, and what ends a handler where it stands. */
export const Failure = enumeration("Failure", {
  Null: 1,
  Bounds: 2,
  Assert: 3,
  DivisionByZero: 4,
  SignedDivision: 5,
  Cast: 6,
  Unreachable: 7,
});

export const Item = record(
  "Item",
  1,
  { id: u64(1).immutable(), value: u64(2) },
  { unique: { byId: ["id"] }, indexes: { byValue: [{ desc: "value" }] } },
);

export const Put = command("Put", 1, { id: u64(1), value: u64(2) });
/** Changes, creates, deletes and emits, then fails. */
export const Fail = command("Fail", 2, { how: enumOf(1, Failure), zero: u64(2) });
/** Writes as `Fail` does, then allocates so many times so many bytes. */
export const Allocate = command("Allocate", 3, { times: u32(1), bytes: u32(2) });
/** Writes as `Fail` does, then turns so often and does nothing. */
export const Burn = command("Burn", 4, { turns: u32(1) });
/** Calls function after function, each with much on the stack. */
export const Deep = command("Deep", 5, { value: u64(1) });
/** Rejected by its key if the item is there, and traps in any case. */
export const Late = command("Late", 6, { id: u64(1) });
export const Done = event("Done", 1, { value: u64(1) });

export const schema = defineSchema("lab", {
  records: { Item },
  commands: { Put, Fail, Allocate, Burn, Deep, Late },
  events: { Done },
});
