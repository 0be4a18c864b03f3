/**
 * Handlers of the vectors, sealed lane: unique keys, canonical indexes, and walks over them while they change. Line for
 * line those of paths.handlers.ts.
 */
import { Cursor, Prefix } from "statevec/assembly";
import {
  Around,
  ChangeEntry,
  DeleteKey,
  Drain,
  Entry,
  EntryBookSide,
  FindKey,
  Full,
  Key,
  KeyFound,
  LookAround,
  Path,
  PeekBook,
  Peeked,
  PutEntry,
  PutKey,
  ScanBook,
  Sparse,
  Sweep,
  Walk,
  Walked,
} from "../build/kinds.schema";

// ---- unique keys -----------------------------------------------------------------------------------------

export function putKey(cmd: PutKey): void {
  Key.create({
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

export function findKey(cmd: FindKey): void {
  const byBits = Key.byBits.find(
    cmd.flag,
    cmd.tiny,
    cmd.small,
    cmd.medium,
    cmd.large,
    cmd.huge,
    cmd.signedTiny,
    cmd.signedSmall,
  );
  const byBlob = Key.byBlob.find(cmd.blob);
  const byCode = Key.byCode.find(cmd.code);
  const byHuge = Key.byHuge.find(cmd.huge);
  const byLabel = Key.byLabel.find(cmd.label);
  const bySigned = Key.bySigned.find(
    cmd.signedMedium,
    cmd.signedLarge,
    cmd.signedHuge,
    cmd.price,
    cmd.wealth,
    cmd.time,
    cmd.color,
    cmd.weather,
  );
  const byTexts = Key.byTexts.find(cmd.anchor, cmd.label, cmd.blob);
  KeyFound.emit({
    hasByBits: byBits != null,
    byBits: idOfKey(byBits),
    hasByBlob: byBlob != null,
    byBlob: idOfKey(byBlob),
    hasByCode: byCode != null,
    byCode: idOfKey(byCode),
    hasByHuge: byHuge != null,
    byHuge: idOfKey(byHuge),
    hasByLabel: byLabel != null,
    byLabel: idOfKey(byLabel),
    hasBySigned: bySigned != null,
    bySigned: idOfKey(bySigned),
    hasByTexts: byTexts != null,
    byTexts: idOfKey(byTexts),
  });
}

export function deleteKey(cmd: DeleteKey): void {
  Key.byLabel.get(cmd.label).delete();
}

function idOfKey(key: Key | null): u32 {
  return key ? key.id : 0;
}

// ---- whole indexes ---------------------------------------------------------------------------------------

export function walk(cmd: Walk): void {
  Walked.emit({ ids: idsOf(cmd) });
}

/** The records of a whole index as a command wants them. */
function range<T>(index: Prefix<T>, cmd: Walk): Cursor<T> {
  if (cmd.hasLimit) return cmd.reverse ? index.reverse(cmd.limit) : index.list(cmd.limit);
  return cmd.reverse ? index.reverse() : index.list();
}

function idsOf(cmd: Walk): u32[] {
  switch (cmd.path) {
    case Path.SparseFlag:
      return sparseIds(Sparse.flagFirst, cmd);
    case Path.SparseTiny:
      return sparseIds(Sparse.tinyFirst, cmd);
    case Path.SparseSmall:
      return sparseIds(Sparse.smallFirst, cmd);
    case Path.SparseMedium:
      return sparseIds(Sparse.mediumFirst, cmd);
    case Path.SparseLarge:
      return sparseIds(Sparse.largeFirst, cmd);
    case Path.SparseHuge:
      return sparseIds(Sparse.hugeFirst, cmd);
    case Path.SparseSignedTiny:
      return sparseIds(Sparse.signedTinyFirst, cmd);
    case Path.SparseSignedSmall:
      return sparseIds(Sparse.signedSmallFirst, cmd);
    case Path.SparseSignedMedium:
      return sparseIds(Sparse.signedMediumFirst, cmd);
    case Path.SparseSignedLarge:
      return sparseIds(Sparse.signedLargeFirst, cmd);
    case Path.FullSignedHuge:
      return fullIds(Full.signedHugeFirst, cmd);
    case Path.FullPrice:
      return fullIds(Full.priceFirst, cmd);
    case Path.FullWealth:
      return fullIds(Full.wealthFirst, cmd);
    case Path.FullTime:
      return fullIds(Full.timeFirst, cmd);
    case Path.FullColor:
      return fullIds(Full.colorFirst, cmd);
    case Path.FullWeather:
      return fullIds(Full.weatherFirst, cmd);
    case Path.FullLabel:
      return fullIds(Full.labelFirst, cmd);
    case Path.FullBlob:
      return fullIds(Full.blobFirst, cmd);
    case Path.FullAnchor:
      return fullIds(Full.anchorFirst, cmd);
    case Path.FullSignedLarge:
      return fullIds(Full.signedLargeLast, cmd);
    case Path.EntryBook:
      return entryIds(Entry.book, cmd);
    case Path.EntryMirror:
      return entryIds(Entry.mirror, cmd);
    case Path.EntryOpened:
      return entryIds(Entry.opened, cmd);
    case Path.EntryAsks:
      return entryIds(Entry.asks, cmd);
    case Path.EntryLong:
      return entryIds(Entry.long, cmd);
    default:
      return [];
  }
}

function sparseIds(index: Prefix<Sparse>, cmd: Walk): u32[] {
  const ids: u32[] = [];
  const cursor = range<Sparse>(index, cmd);
  while (cursor.next()) ids.push(cursor.record.id);
  return ids;
}

function fullIds(index: Prefix<Full>, cmd: Walk): u32[] {
  const ids: u32[] = [];
  const cursor = range<Full>(index, cmd);
  while (cursor.next()) ids.push(cursor.record.id);
  return ids;
}

function entryIds(index: Prefix<Entry>, cmd: Walk): u32[] {
  const ids: u32[] = [];
  const cursor = range<Entry>(index, cmd);
  while (cursor.next()) ids.push(cursor.record.id);
  return ids;
}

// ---- the book --------------------------------------------------------------------------------------------

export function putEntry(cmd: PutEntry): void {
  Entry.create({
    id: cmd.id,
    side: cmd.side,
    open: cmd.open,
    rank: cmd.rank,
    hasScore: cmd.hasScore,
    score: cmd.score,
    label: cmd.label,
    hasNote: cmd.hasNote,
    note: cmd.note,
    hasBlob: cmd.hasBlob,
    blob: cmd.blob,
  });
}

export function changeEntry(cmd: ChangeEntry): void {
  const entry = Entry.byId.get(cmd.id);
  entry.side = cmd.side;
  entry.open = cmd.open;
  entry.rank = cmd.rank;
}

export function scanBook(cmd: ScanBook): void {
  let book = Entry.book.side(cmd.side);
  if (cmd.hasFrom) book = book.rankFrom(cmd.from);
  if (cmd.hasAfter) book = book.rankAfter(cmd.after);
  if (cmd.hasTo) book = book.rankTo(cmd.to);
  if (cmd.hasBefore) book = book.rankBefore(cmd.before);
  const ids: u32[] = [];
  const cursor = scanned(book, cmd);
  while (cursor.next()) ids.push(cursor.record.id);
  Walked.emit({ ids });
}

function scanned(book: EntryBookSide, cmd: ScanBook): Cursor<Entry> {
  if (cmd.hasLimit) return cmd.reverse ? book.reverse(cmd.limit) : book.list(cmd.limit);
  return cmd.reverse ? book.reverse() : book.list();
}

export function peekBook(cmd: PeekBook): void {
  let book = Entry.book.side(cmd.side);
  if (cmd.hasFrom) book = book.rankFrom(cmd.from);
  if (cmd.hasAfter) book = book.rankAfter(cmd.after);
  if (cmd.hasTo) book = book.rankTo(cmd.to);
  if (cmd.hasBefore) book = book.rankBefore(cmd.before);
  const first = book.first();
  const last = book.last();
  const count = book.count(cmd.limit);
  Peeked.emit({
    hasFirst: first != null,
    first: idOfEntry(first),
    hasLast: last != null,
    last: idOfEntry(last),
    count,
  });
}

function idOfEntry(entry: Entry | null): u32 {
  return entry ? entry.id : 0;
}

export function lookAround(cmd: LookAround): void {
  const entry = Entry.byId.get(cmd.id);
  const previous = Entry.book.prev(entry);
  const next = Entry.book.next(entry);
  Around.emit({
    hasPrevious: previous != null,
    previous: idOfEntry(previous),
    hasNext: next != null,
    next: idOfEntry(next),
  });
}

export function sweep(cmd: Sweep): void {
  const ids: u32[] = [];
  const cursor = Entry.book.side(cmd.side).list();
  while (cursor.next()) {
    const entry = cursor.record;
    ids.push(entry.id);
    if (entry.rank < cmd.below) entry.rank += cmd.step;
  }
  Walked.emit({ ids });
}

export function drain(cmd: Drain): void {
  const ids: u32[] = [];
  const cursor = Entry.book.side(cmd.side).list();
  while (cursor.next()) {
    const entry = cursor.record;
    entry.delete();
    ids.push(entry.id);
  }
  Walked.emit({ ids });
}
