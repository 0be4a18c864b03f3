/**
 * The budgets domain in the sealed lane: what the handlers of budgets.handlers.ts do.
 *
 * A literal takes memory each time, so loops fill one object again: there may be more records and events than literals.
 */
import { Text } from "statevec/assembly";
import {
  Allocate,
  Counted,
  Hear,
  Item,
  ItemValues,
  Make,
  Mix,
  OpenLists,
  Rewrite,
  Said,
  Small,
  SmallValues,
  Spin,
  Store,
  Touch,
  Wide,
  WideValues,
} from "../build/budgets.schema";

function repeated(letter: string, times: u32): Text {
  return Text.of(letter.repeat(<i32>times));
}

export function hear(cmd: Hear): void {}

export function make(cmd: Make): void {
  const item: ItemValues = { id: 0, rank: 0, listed: false, note: repeated("n", cmd.note) };
  for (let n: u32 = 0; n < cmd.items; n++) {
    item.id = cmd.first + n;
    item.rank = cmd.first + n;
    Item.create(item);
  }
  const said: Said = { words: repeated("w", cmd.words) };
  for (let n: u32 = 0; n < cmd.events; n++) Said.emit(said);
  if (cmd.last > 0) Said.emit({ words: repeated("l", cmd.last) });
}

export function rewrite(cmd: Rewrite): void {
  Item.byId.get(cmd.id).note = repeated("r", cmd.note);
  Item.byId.get(cmd.id + 1).delete();
}

function made(id: u32): Item {
  return Item.create({ id, rank: 0, listed: false, note: Text.EMPTY });
}

export function touch(cmd: Touch): void {
  for (let n: u32 = 0; n < cmd.create; n++) made(cmd.first + n);
  for (let n: u32 = 0; n < cmd.flash; n++) made(cmd.first + cmd.create + n).delete();
  for (let n: u32 = 0; n < cmd.update; n++) {
    const item = Item.byId.get(1 + n);
    item.listed = true;
    item.rank = cmd.first;
  }
  for (let n: u32 = 0; n < cmd.remove; n++) Item.byId.get(1 + cmd.update + n).delete();
}

export function openLists(cmd: OpenLists): void {
  for (let n: u32 = 0; n < cmd.left; n++) {
    const cursor = Item.byRank.list();
    cursor.next();
    cursor.close();
  }
  for (let n: u32 = 0; n < cmd.kept; n++) Item.byRank.list();
}

export function mix(cmd: Mix): void {
  Item.byId.find(0);
  Item.byId.exists(1);
  const item = Item.byId.get(1);
  Item.byRank.first();
  Item.byRank.last();
  Item.byRank.next(item);
  Item.byRank.prev(item);
  const all = Item.byRank.list();
  while (all.next()) {}
  const two = Item.byRank.list(2);
  while (two.next()) {}
  Item.byRank.count(2);
  Item.byRank.count(99);
  Item.create({ id: cmd.id, rank: 7, listed: true, note: repeated("n", cmd.note) });
  item.rank = 9;
  item.listed = true;
  Item.byId.get(2).delete();
  Said.emit({ words: repeated("w", 1) });
}

export function store(cmd: Store): void {
  for (let n: u32 = 0; n < cmd.drop; n++) Item.byId.get(1 + n).delete();
  const small: SmallValues = { id: 0, listed: false };
  for (let n: u32 = 0; n < cmd.small; n++) {
    small.id = cmd.first + n;
    Small.create(small);
  }
  const wide: WideValues = { id: 0, listed: false, more: 1 };
  for (let n: u32 = 0; n < cmd.wide; n++) {
    wide.id = cmd.first + n;
    Wide.create(wide);
  }
  for (let n: u32 = 0; n < cmd.list; n++) Small.byId.get(cmd.first + n).listed = true;
}

export function spin(cmd: Spin): void {
  let value: u64 = 1;
  for (let n: u32 = 0; n < cmd.rounds; n++) value = (value * 31 + 7) % 1_000_003;
  Counted.emit({ value });
}

export function allocate(cmd: Allocate): void {
  const piece = new StaticArray<u8>(<i32>cmd.bytes);
  Counted.emit({ value: <u64>piece.length });
}
