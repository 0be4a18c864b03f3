/** The budgets domain in the open lane. */
import { defineDomain, type Limits, type Tx } from "statevec";
import type { Infer } from "statevec/schema";
import {
  type Allocate,
  Counted,
  Item,
  type Make,
  type Mix,
  type OpenLists,
  type Rewrite,
  Said,
  Small,
  type Spin,
  type Store,
  schema,
  type Touch,
  Wide,
} from "./budgets.schema.ts";

function make(tx: Tx, { first, items, note, events, words, last }: Infer<typeof Make>): void {
  const noteText = "n".repeat(note);
  const wordsText = "w".repeat(words);
  for (let n = 0; n < items; n++) {
    tx.create(Item, { id: first + n, rank: first + n, listed: false, note: noteText });
  }
  for (let n = 0; n < events; n++) tx.emit(Said, { words: wordsText });
  if (last > 0) tx.emit(Said, { words: "l".repeat(last) });
}

function rewrite(tx: Tx, { id, note }: Infer<typeof Rewrite>): void {
  tx.update(tx.get(Item.byId, id), { note: "r".repeat(note) });
  tx.delete(tx.get(Item.byId, id + 1));
}

function touch(tx: Tx, { first, create, flash, update, remove }: Infer<typeof Touch>): void {
  const made = (id: number) => tx.create(Item, { id, rank: 0, listed: false, note: "" });
  for (let n = 0; n < create; n++) made(first + n);
  for (let n = 0; n < flash; n++) tx.delete(made(first + create + n));
  for (let n = 0; n < update; n++) {
    const item = tx.get(Item.byId, 1 + n);
    tx.update(item, { listed: true });
    tx.update(item, { rank: first });
  }
  for (let n = 0; n < remove; n++) tx.delete(tx.get(Item.byId, 1 + update + n));
}

function openLists(tx: Tx, { left, kept }: Infer<typeof OpenLists>): void {
  for (let n = 0; n < left; n++) for (const _ of tx.list(Item.byRank, [])) break;
  for (let n = 0; n < kept; n++) tx.list(Item.byRank, []);
}

function mix(tx: Tx, { id, note }: Infer<typeof Mix>): void {
  tx.find(Item.byId, 0);
  tx.exists(Item.byId, 1);
  const item = tx.get(Item.byId, 1);
  tx.first(Item.byRank, []);
  tx.last(Item.byRank, []);
  tx.next(Item.byRank, item);
  tx.prev(Item.byRank, item);
  for (const _ of tx.list(Item.byRank, []));
  for (const _ of tx.list(Item.byRank, [], { limit: 2 }));
  tx.count(Item.byRank, [], { limit: 2 });
  tx.count(Item.byRank, [], { limit: 99 });
  tx.create(Item, { id, rank: 7, listed: true, note: "n".repeat(note) });
  tx.update(item, { rank: 9, listed: true });
  tx.delete(tx.get(Item.byId, 2));
  tx.emit(Said, { words: "w" });
}

function store(tx: Tx, { first, drop, small, wide, list }: Infer<typeof Store>): void {
  for (let n = 0; n < drop; n++) tx.delete(tx.get(Item.byId, 1 + n));
  for (let n = 0; n < small; n++) tx.create(Small, { id: first + n, listed: false });
  for (let n = 0; n < wide; n++) tx.create(Wide, { id: first + n, listed: false, more: 1 });
  for (let n = 0; n < list; n++) tx.update(tx.get(Small.byId, first + n), { listed: true });
}

function spin(tx: Tx, { rounds }: Infer<typeof Spin>): void {
  let value = 1n;
  for (let n = 0; n < rounds; n++) value = (value * 31n + 7n) % 1_000_003n;
  tx.emit(Counted, { value });
}

function allocate(tx: Tx, { bytes }: Infer<typeof Allocate>): void {
  tx.emit(Counted, { value: BigInt(bytes) });
}

/** @param revision rises where a history goes on under other limits */
export function budgetsOf(limits: Limits = {}, revision = 1) {
  return defineDomain(schema, {
    revision,
    limits,
    handlers: {
      Hear() {},
      Make: make,
      Rewrite: rewrite,
      Touch: touch,
      OpenLists: openLists,
      Mix: mix,
      Store: store,
      Spin: spin,
      Allocate: allocate,
    },
  });
}
