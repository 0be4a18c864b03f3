/**
 * The domain of the vectors about limits, in the sealed lane. Line for line the handlers of limits.ts.
 */
import { Text } from "statevec/assembly";
import {
  Bulk,
  Fill,
  FillBulk,
  Hear,
  OpenLists,
  Said,
  Say,
  Small,
  Spend,
  Spin,
  Spun,
  Write,
} from "../build/limits.schema";

export function fill(cmd: Fill): void {
  for (let done: u32 = 0; done < cmd.count; done++) Small.create({ id: cmd.first + done });
}

export function fillBulk(cmd: FillBulk): void {
  for (let done: u32 = 0; done < cmd.count; done++) {
    Bulk.create({ id: cmd.first + done, a: Text.EMPTY, b: Text.EMPTY, c: Text.EMPTY });
  }
}

export function write(cmd: Write): void {
  Bulk.create({ id: cmd.id, a: repeated("a", cmd.a), b: repeated("b", cmd.b), c: repeated("c", cmd.c) });
}

export function say(cmd: Say): void {
  for (let done: u32 = 0; done < cmd.count; done++) Said.emit({ words: repeated("x", cmd.size) });
}

function repeated(letter: string, times: u32): Text {
  return Text.of(letter.repeat(<i32>times));
}

export function openLists(cmd: OpenLists): void {
  for (let done: u32 = 0; done < cmd.count; done++) Small.ids.list();
}

export function spend(cmd: Spend): void {
  for (let done: u32 = 0; done < cmd.lookups; done++) Small.byId.exists(0);
}

export function hear(cmd: Hear): void {}

export function spin(cmd: Spin): void {
  let value: u64 = 1;
  for (let round: u32 = 0; round < cmd.rounds; round++) value = (value * 31 + 7) % 1_000_003;
  Spun.emit({ value });
}
