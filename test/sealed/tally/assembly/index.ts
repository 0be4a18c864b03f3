/**
 * Handlers that add, at a rate that differs from version to version.
 */
import { Add, Added, Tally, Turn } from "../build/tally.schema";
import { RATE } from "./rate";

export function add(cmd: Add): void {
  raise(cmd.id, cmd.amount);
}

export function turn(cmd: Turn): void {
  let left = cmd.turns;
  while (left > 0) left--;
  raise(cmd.id, 1 + left);
}

function raise(id: u32, amount: u64): void {
  const tally = Tally.byId.find(id);
  let value = amount * RATE;
  if (tally) {
    value += tally.value;
    tally.value = value;
  } else Tally.create({ id, value });
  const list = Tally.byValue.list();
  list.next();
  Added.emit({ value, highest: list.record.value });
}
