/** A small sealed domain of which tests build versions that answer otherwise. */
import { command, defineSchema, event, record, u32, u64 } from "statevec/schema";

export const Tally = record(
  "Tally",
  1,
  { id: u32(1).immutable(), value: u64(2) },
  { unique: { byId: ["id"] }, indexes: { byValue: [{ desc: "value" }] } },
);

export const Add = command("Add", 1, { id: u32(1), amount: u64(2) });
/** Turns so often before it adds one: a matter of fuel. */
export const Turn = command("Turn", 2, { id: u32(1), turns: u32(2) });
/** Says what became of the tally, and how high the highest tally is. */
export const Added = event("Added", 1, { value: u64(1), highest: u64(2) });

export const schema = defineSchema("tally", {
  records: { Tally },
  commands: { Add, Turn },
  events: { Added },
});
