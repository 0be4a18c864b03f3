/**
 * Handlers of the vectors: unique keys, canonical indexes, and walks over them while they change.
 */
import type { Tx } from "statevec";
import type { Infer } from "statevec/schema";
import {
  Around,
  type ChangeEntry,
  type DeleteKey,
  type Drain,
  Entry,
  type FindKey,
  Full,
  Key,
  KeyFound,
  type LookAround,
  type Path,
  type PeekBook,
  Peeked,
  type PutEntry,
  type PutKey,
  type ScanBook,
  Sparse,
  type Sweep,
  type Walk,
  Walked,
} from "./kinds.schema.ts";

interface Identified {
  readonly id: number;
}

// ---- unique keys -----------------------------------------------------------------------------------------

export function putKey(tx: Tx, cmd: Infer<typeof PutKey>): void {
  tx.create(Key, {
    id: cmd.id,
    flag: cmd.flag,
    tiny: cmd.tiny,
    small: cmd.small,
    medium: cmd.medium,
    large: cmd.large,
    huge: cmd.huge,
    signedTiny: cmd.signedTiny,
    signedSmall: cmd.signedSmall,
    signedMedium: cmd.signedMedium,
    signedLarge: cmd.signedLarge,
    signedHuge: cmd.signedHuge,
    price: cmd.price,
    wealth: cmd.wealth,
    time: cmd.time,
    color: cmd.color,
    weather: cmd.weather,
    label: cmd.label,
    blob: cmd.blob,
    anchor: cmd.anchor,
    code: cmd.code,
  });
}

export function findKey(tx: Tx, cmd: Infer<typeof FindKey>): void {
  const { flag, tiny, small, medium, large, huge, signedTiny, signedSmall } = cmd;
  const byBits = tx.find(Key.byBits, flag, tiny, small, medium, large, huge, signedTiny, signedSmall);
  const byBlob = tx.find(Key.byBlob, cmd.blob);
  const byCode = tx.find(Key.byCode, cmd.code);
  const byHuge = tx.find(Key.byHuge, huge);
  const byLabel = tx.find(Key.byLabel, cmd.label);
  const { signedMedium, signedLarge, signedHuge, price, wealth, time, color, weather } = cmd;
  const bySigned = tx.find(
    Key.bySigned,
    signedMedium,
    signedLarge,
    signedHuge,
    price,
    wealth,
    time,
    color,
    weather,
  );
  const byTexts = tx.find(Key.byTexts, cmd.anchor, cmd.label, cmd.blob);
  tx.emit(KeyFound, {
    byBits: idOf(byBits),
    byBlob: idOf(byBlob),
    byCode: idOf(byCode),
    byHuge: idOf(byHuge),
    byLabel: idOf(byLabel),
    bySigned: idOf(bySigned),
    byTexts: idOf(byTexts),
  });
}

export function deleteKey(tx: Tx, { label }: Infer<typeof DeleteKey>): void {
  tx.delete(tx.get(Key.byLabel, label));
}

function idOf(record: Identified | undefined): number | null {
  return record === undefined ? null : record.id;
}

// ---- whole indexes ---------------------------------------------------------------------------------------

export function walk(tx: Tx, { path, reverse, limit }: Infer<typeof Walk>): void {
  const ids: number[] = [];
  for (const record of listOf(tx, path, limit === null ? { reverse } : { reverse, limit })) {
    ids.push(record.id);
  }
  tx.emit(Walked, { ids });
}

function listOf(
  tx: Tx,
  path: Infer<typeof Path>,
  options: { readonly reverse: boolean; readonly limit?: number },
): Iterable<Identified> {
  switch (path) {
    case "SparseFlag":
      return tx.list(Sparse.flagFirst, [], options);
    case "SparseTiny":
      return tx.list(Sparse.tinyFirst, [], options);
    case "SparseSmall":
      return tx.list(Sparse.smallFirst, [], options);
    case "SparseMedium":
      return tx.list(Sparse.mediumFirst, [], options);
    case "SparseLarge":
      return tx.list(Sparse.largeFirst, [], options);
    case "SparseHuge":
      return tx.list(Sparse.hugeFirst, [], options);
    case "SparseSignedTiny":
      return tx.list(Sparse.signedTinyFirst, [], options);
    case "SparseSignedSmall":
      return tx.list(Sparse.signedSmallFirst, [], options);
    case "SparseSignedMedium":
      return tx.list(Sparse.signedMediumFirst, [], options);
    case "SparseSignedLarge":
      return tx.list(Sparse.signedLargeFirst, [], options);
    case "FullSignedHuge":
      return tx.list(Full.signedHugeFirst, [], options);
    case "FullPrice":
      return tx.list(Full.priceFirst, [], options);
    case "FullWealth":
      return tx.list(Full.wealthFirst, [], options);
    case "FullTime":
      return tx.list(Full.timeFirst, [], options);
    case "FullColor":
      return tx.list(Full.colorFirst, [], options);
    case "FullWeather":
      return tx.list(Full.weatherFirst, [], options);
    case "FullLabel":
      return tx.list(Full.labelFirst, [], options);
    case "FullBlob":
      return tx.list(Full.blobFirst, [], options);
    case "FullAnchor":
      return tx.list(Full.anchorFirst, [], options);
    case "FullSignedLarge":
      return tx.list(Full.signedLargeLast, [], options);
    case "EntryBook":
      return tx.list(Entry.book, [], options);
    case "EntryMirror":
      return tx.list(Entry.mirror, [], options);
    case "EntryOpened":
      return tx.list(Entry.opened, [], options);
    case "EntryAsks":
      return tx.list(Entry.asks, [], options);
    case "EntryLong":
      return tx.list(Entry.long, [], options);
  }
}

// ---- the book --------------------------------------------------------------------------------------------

export function putEntry(tx: Tx, cmd: Infer<typeof PutEntry>): void {
  tx.create(Entry, {
    id: cmd.id,
    side: cmd.side,
    open: cmd.open,
    rank: cmd.rank,
    score: cmd.score,
    label: cmd.label,
    note: cmd.note,
    blob: cmd.blob,
  });
}

export function changeEntry(tx: Tx, { id, side, open, rank }: Infer<typeof ChangeEntry>): void {
  tx.update(tx.get(Entry.byId, id), { side, open, rank });
}

/** Null is an open bound. */
function orOpen(bound: bigint | null): bigint | undefined {
  return bound === null ? undefined : bound;
}

export function scanBook(tx: Tx, cmd: Infer<typeof ScanBook>): void {
  const range = {
    from: orOpen(cmd.from),
    after: orOpen(cmd.after),
    to: orOpen(cmd.to),
    before: orOpen(cmd.before),
    reverse: cmd.reverse,
  };
  const options = cmd.limit === null ? range : { ...range, limit: cmd.limit };
  const ids: number[] = [];
  for (const entry of tx.list(Entry.book, [cmd.side], options)) ids.push(entry.id);
  tx.emit(Walked, { ids });
}

export function peekBook(tx: Tx, cmd: Infer<typeof PeekBook>): void {
  const range = {
    from: orOpen(cmd.from),
    after: orOpen(cmd.after),
    to: orOpen(cmd.to),
    before: orOpen(cmd.before),
  };
  const first = tx.first(Entry.book, [cmd.side], range);
  const last = tx.last(Entry.book, [cmd.side], range);
  const count = tx.count(Entry.book, [cmd.side], { ...range, limit: cmd.limit });
  tx.emit(Peeked, { first: idOf(first), last: idOf(last), count });
}

export function lookAround(tx: Tx, { id }: Infer<typeof LookAround>): void {
  const entry = tx.get(Entry.byId, id);
  tx.emit(Around, { previous: idOf(tx.prev(Entry.book, entry)), next: idOf(tx.next(Entry.book, entry)) });
}

export function sweep(tx: Tx, { side, step, below }: Infer<typeof Sweep>): void {
  const ids: number[] = [];
  for (const entry of tx.list(Entry.book, [side])) {
    ids.push(entry.id);
    if (entry.rank < below) tx.update(entry, { rank: entry.rank + step });
  }
  tx.emit(Walked, { ids });
}

export function drain(tx: Tx, { side }: Infer<typeof Drain>): void {
  const ids: number[] = [];
  for (const entry of tx.list(Entry.book, [side])) {
    tx.delete(entry);
    ids.push(entry.id);
  }
  tx.emit(Walked, { ids });
}
