/**
 * A small domain whose frames show everything that `statevec.v1` can say: every op, events, rejects with and without
 * details, faults of the engine's own codes.
 */
import { defineDomain, memoryHistory, open } from "statevec";
import {
  command,
  defineSchema,
  enumeration,
  enumOf,
  event,
  invariant,
  record,
  reject,
  repeated,
  text,
  u8,
  u64,
} from "statevec/schema";

export const Act = enumeration("Act", {
  Open: 1,
  Note: 2,
  Close: 3,
  Refuse: 4,
  RefuseSilently: 5,
  Miss: 6,
  Break: 7,
  Fail: 8,
  Overflow: 9,
  Exhaust: 10,
  Nothing: 11,
});
export const Ticket = record(
  "Ticket",
  3,
  { ticket: u64(1).immutable(), note: text(2, { maxBytes: 30 }).nullable(), level: u8(5), count: u64(16) },
  { unique: { byTicket: ["ticket"] } },
);
export const Touch = command("Touch", 2, {
  ticket: u64(1, { max: 1_000_000n }),
  act: enumOf(2, Act),
  notes: repeated(text(3, { maxBytes: 30 }), { maxItems: 3 }),
});
export const Touched = event("Touched", 1, {
  ticket: u64(1),
  act: enumOf(2, Act),
  note: text(3, { maxBytes: 30 }).nullable(),
});
export const Quiet = event("Quiet", 2, {});
export const Reject = {
  NO_SUCH: reject(7, "There is no such ticket.", { ticket: u64(1), act: enumOf(2, Act) }),
  NO: reject(8, "No."),
};

export const desk = defineDomain(
  defineSchema("desk", {
    records: { Ticket },
    commands: { Touch },
    events: { Touched, Quiet },
    rejects: Reject,
    invariants: { LOW: invariant(4, Ticket, "Levels stay low.", { level: { lte: 9 } }) },
  }),
  {
    revision: 3,
    limits: { work: 5_000 },
    handlers: {
      Touch(tx, { ticket, act, notes }) {
        if (act === "Nothing") return;
        if (act === "RefuseSilently") tx.reject(Reject.NO);
        if (act === "Refuse") tx.reject(Reject.NO_SUCH, { ticket, act });
        if (act === "Fail") throw new Error("no");
        const found = tx.find(Ticket.byTicket, ticket);
        if (act === "Open") tx.create(Ticket, { ticket, level: 1, count: 1n });
        else {
          const one = found ?? tx.get(Ticket.byTicket, ticket);
          if (act === "Note") tx.update(one, { note: notes[0] ?? null, count: one.count + 1n });
          if (act === "Break") tx.update(one, { level: 10 });
          if (act === "Overflow") tx.update(one, { level: one.level + 1_000 });
          if (act === "Close") tx.delete(one);
          if (act === "Exhaust") for (;;) tx.exists(Ticket.byTicket, ticket);
        }
        tx.emit(Touched, { ticket, act, note: notes[0] ?? null });
        tx.emit(Quiet, {});
      },
    },
  },
);

export type TouchPayload = {
  readonly ticket: bigint;
  readonly act: string;
  readonly notes: readonly string[];
};

/** What each command comes to, in order. */
export const story: readonly (readonly [payload: TouchPayload, outcome: string])[] = [
  [{ ticket: 1n, act: "Open", notes: ["first"] }, "committed"],
  [{ ticket: 1n, act: "Note", notes: ["a", "b"] }, "committed"],
  [{ ticket: 1n, act: "Note", notes: [] }, "committed"],
  [{ ticket: 2n, act: "Open", notes: [] }, "committed"],
  [{ ticket: 2n, act: "Nothing", notes: [] }, "committed"],
  [{ ticket: 2n, act: "Open", notes: [] }, "rejected UNIQUE_KEY_TAKEN"],
  [{ ticket: 1_000_001n, act: "Open", notes: [] }, "rejected PAYLOAD_CHECK"],
  [{ ticket: 5n, act: "Refuse", notes: [] }, "rejected NO_SUCH"],
  [{ ticket: 5n, act: "RefuseSilently", notes: [] }, "rejected NO"],
  [{ ticket: 5n, act: "Miss", notes: [] }, "faulted RECORD_MISSING"],
  [{ ticket: 1n, act: "Break", notes: [] }, "faulted INVARIANT"],
  [{ ticket: 1n, act: "Overflow", notes: [] }, "faulted OVERFLOW"],
  [{ ticket: 1n, act: "Fail", notes: [] }, "faulted HANDLER_FAILED"],
  [{ ticket: 1n, act: "Exhaust", notes: [] }, "faulted WORK_EXHAUSTED"],
  [{ ticket: 1n, act: "Close", notes: [] }, "committed"],
];

export const SOURCE = { client: 2n ** 63n + 5n, stream: 7 } as const;

/** An engine whose clock stands and whose history always has the same id. */
export function openDesk() {
  return open({
    domain: desk,
    history: memoryHistory(),
    clock: { nowNs: () => 1_700_000_000_000_000_000n },
    historyId: Uint8Array.from({ length: 16 }, (_, index) => index),
  });
}
