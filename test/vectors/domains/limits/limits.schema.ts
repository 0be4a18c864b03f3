/**
 * The schema of the vectors about limits. It never changes once vectors of it are released.
 */
import { command, defineSchema, event, record, text, u32, u64 } from "statevec/schema";

/** Small: many of them fit. */
export const Small = record(
  "Small",
  1,
  { id: u32(1).immutable() },
  { unique: { byId: ["id"] }, indexes: { ids: ["id"] } },
);

/** Large in the state, whatever its texts hold: 64 + 4 + 3 * 4098 bytes, and 32 for its unique key. */
export const Bulk = record(
  "Bulk",
  2,
  {
    id: u32(1).immutable(),
    a: text(2, { maxBytes: 4_096 }),
    b: text(3, { maxBytes: 4_096 }),
    c: text(4, { maxBytes: 4_096 }),
  },
  { unique: { byId: ["id"] } },
);

/** Creates Small records. */
export const Fill = command("Fill", 1, { first: u32(1), count: u32(2) });
/** Creates Bulk records without texts. */
export const FillBulk = command("FillBulk", 2, { first: u32(1), count: u32(2) });
/** Creates a Bulk record with texts of these sizes. */
export const Write = command("Write", 3, { id: u32(1), a: u32(2), b: u32(3), c: u32(4) });
/** Emits events with a text of this size each. */
export const Say = command("Say", 4, { count: u32(1), size: u32(2) });
/** Opens so many lists and leaves them open. */
export const OpenLists = command("OpenLists", 5, { count: u32(1) });
/** Looks a missing record up so often. */
export const Spend = command("Spend", 6, { lookups: u32(1) });
/** Computes so many rounds, and asks the core for nothing. */
export const Spin = command("Spin", 8, { rounds: u32(1) });
/** Does nothing with a text. */
export const Hear = command("Hear", 7, { words: text(1, { maxBytes: 200 }) });

export const Said = event("Said", 1, { words: text(1, { maxBytes: 200 }) });

export const Spun = event("Spun", 2, { value: u64(1) });

export const schema = defineSchema("limits", {
  records: { Small, Bulk },
  commands: { Fill, FillBulk, Write, Say, OpenLists, Spend, Hear, Spin },
  events: { Said, Spun },
});
