/**
 * The domain of the vectors about limits: low ones, so that a file shows the last command within each and the first beyond.
 */
import { defineDomain, type Tx } from "statevec";
import type { Infer } from "statevec/schema";
import {
  Bulk,
  type Fill,
  type FillBulk,
  type OpenLists,
  Said,
  type Say,
  Small,
  type Spend,
  type Spin,
  Spun,
  schema,
  type Write,
} from "./limits.schema.ts";

function fill(tx: Tx, { first, count }: Infer<typeof Fill>): void {
  for (let done = 0; done < count; done++) tx.create(Small, { id: first + done });
}

function fillBulk(tx: Tx, { first, count }: Infer<typeof FillBulk>): void {
  for (let done = 0; done < count; done++) tx.create(Bulk, { id: first + done, a: "", b: "", c: "" });
}

function write(tx: Tx, { id, a, b, c }: Infer<typeof Write>): void {
  tx.create(Bulk, { id, a: "a".repeat(a), b: "b".repeat(b), c: "c".repeat(c) });
}

function say(tx: Tx, { count, size }: Infer<typeof Say>): void {
  for (let done = 0; done < count; done++) tx.emit(Said, { words: "x".repeat(size) });
}

function openLists(tx: Tx, { count }: Infer<typeof OpenLists>): void {
  for (let done = 0; done < count; done++) tx.list(Small.ids, []);
}

function spend(tx: Tx, { lookups }: Infer<typeof Spend>): void {
  for (let done = 0; done < lookups; done++) tx.exists(Small.byId, 0);
}

function spin(tx: Tx, { rounds }: Infer<typeof Spin>): void {
  let value = 1n;
  for (let round = 0; round < rounds; round++) value = (value * 31n + 7n) % 1_000_003n;
  tx.emit(Spun, { value });
}

/** In both lanes. */
export const lowLimits = {
  work: 3_000,
  payloadBytes: 100,
  frameBytes: 1_000,
  events: 4,
  eventBytes: 100,
  touchedRecords: 20,
  cursors: 3,
  sources: 2,
  stateMiB: 1,
};

export const limits = defineDomain(schema, {
  revision: 1,
  limits: lowLimits,
  handlers: {
    Fill: fill,
    FillBulk: fillBulk,
    Write: write,
    Say: say,
    OpenLists: openLists,
    Spend: spend,
    Hear: () => {},
    Spin: spin,
  },
});
