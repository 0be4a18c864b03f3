/** A domain whose handler reads the clock, for the tests of `statevec lint`. */
import { defineDomain } from "statevec";
import { command, defineSchema, record, u64 } from "statevec/schema";

const Visit = record("Visit", 1, { atMs: u64(1) });
const Enter = command("Enter", 1, {});

export const door = defineDomain(defineSchema("door", { records: { Visit }, commands: { Enter } }), {
  revision: 1,
  handlers: {
    Enter(tx) {
      tx.create(Visit, { atMs: BigInt(Date.now()) });
    },
  },
});
