/**
 * Handlers that fail.
 */
import { tx } from "statevec/assembly";
import { Allocate, Burn, Done, Fail, Failure, Item, Late, Put } from "../build/lab.schema";
import { deep } from "./deep";

export function put(cmd: Put): void {
  const item = Item.byId.find(cmd.id);
  if (item) item.value = cmd.value;
  else Item.create({ id: cmd.id, value: cmd.value });
}

/** Something of every kind that a rollback has to undo. */
function write(): void {
  const first = Item.byId.find(1);
  if (first) first.value += 1;
  const second = Item.byId.find(2);
  if (second) second.delete();
  const made = Item.create({ id: 90 + tx.seq, value: 99 });
  Done.emit({ value: made.value });
  // Left open: the core closes it, whatever becomes of the handler.
  Item.byValue.list().next();
}

export function fail(cmd: Fail): void {
  write();
  const zero = cmd.zero;
  if (cmd.how == Failure.Null) Done.emit({ value: Item.byId.find(404)!.value });
  else if (cmd.how == Failure.Bounds) Done.emit({ value: [zero, zero][<i32>zero + 2] });
  else if (cmd.how == Failure.Assert) assert(zero != 0, "as it happens");
  else if (cmd.how == Failure.DivisionByZero) Done.emit({ value: 1 / zero });
  else if (cmd.how == Failure.SignedDivision) Done.emit({ value: <u64>(i64.MIN_VALUE / (<i64>zero - 1)) });
  else if (cmd.how == Failure.Cast) Done.emit({ value: (<Dog>animal(zero)).bark });
  else unreachable();
}

class Animal {
  legs: u64 = 4;
}
class Dog extends Animal {
  bark: u64 = 1;
}

function animal(zero: u64): Animal {
  return zero == 0 ? new Animal() : new Dog();
}

export function allocate(cmd: Allocate): void {
  write();
  let kept: u64 = 0;
  for (let n: u32 = 0; n < cmd.times; n++) kept += <u64>new StaticArray<u8>(<i32>cmd.bytes).length;
  Done.emit({ value: kept });
}

export function burn(cmd: Burn): void {
  write();
  let left = cmd.turns;
  while (left > 0) left--;
  Done.emit({ value: left });
}

export { deep };

export function late(cmd: Late): void {
  Item.create({ id: cmd.id, value: 7 });
  unreachable();
}
