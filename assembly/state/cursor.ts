/**
 * Cursors: walks over one canonical index between two bounds, forward or in reverse.
 *
 * I1: a cursor goes on strictly after the last key it returned, in the index as it is then. It remembers where that was;
 * the place is used only while the tree's version says it is still right.
 *
 *   | tree | reverse | leaf | at | version | started | next free | 0 | low key | high key | last key |
 */
import { reserve } from "../base/memory";
import { copyUp, wordsCompare } from "../base/words";
import {
  foundAt,
  foundKey,
  foundLeaf,
  foundSlot,
  resume,
  seek,
  seekLast,
  stepFrom,
  treeVersion,
  treeWords,
} from "./canonical-index";

const CURSOR_TREE: usize = 0;
const CURSOR_REVERSE: usize = 4;
const CURSOR_LEAF: usize = 8;
const CURSOR_AT: usize = 12;
const CURSOR_VERSION: usize = 16;
const CURSOR_STARTED: usize = 20;
const CURSOR_FREE: usize = 24;
const CURSOR_LOW: usize = 32;
const CURSOR_HIGH: usize = 168;
const CURSOR_LAST: usize = 304;
const CURSOR_BYTES: usize = 440;
export const CURSORS: u32 = 64;

let cursors: usize = 0;
let free: u32 = 0;
let open: u32 = 0;
/** Cursors from here on are as they were after `openCursors`. */
let untouched: u32 = CURSORS;

export function openCursors(): void {
  // One more than can be open, so that there is always a place for bounds.
  cursors = reserve((<u64>CURSORS + 1) * CURSOR_BYTES);
  closeAllCursors();
}

function cursorAt(cursor: u32): usize {
  return cursors + <usize>cursor * CURSOR_BYTES;
}

/** Closes what is open. Afterwards cursors are given out in the same order as at first, whatever happened before. */
export function closeAllCursors(): void {
  for (let i: u32 = 0; i < untouched; i++) {
    store<u32>(cursorAt(i) + CURSOR_TREE, 0);
    store<u32>(cursorAt(i) + CURSOR_FREE, i + 1);
  }
  untouched = 0;
  free = 0;
  open = 0;
}

export function cursorsOpen(): u32 {
  return open;
}

/** Where the caller writes the bounds of the cursor that `takeCursor` will give. */
export function nextLow(): usize {
  return cursorAt(free) + CURSOR_LOW;
}
export function nextHigh(): usize {
  return cursorAt(free) + CURSOR_HIGH;
}

/** Opens a cursor between the bounds at `nextLow` and `nextHigh`. */
export function takeCursor(tree: usize, reverse: bool): u32 {
  const cursor = free;
  const at = cursorAt(cursor);
  free = load<u32>(at + CURSOR_FREE);
  open++;
  untouched = max(untouched, cursor + 1);
  store<u32>(at + CURSOR_TREE, <u32>tree);
  store<u32>(at + CURSOR_REVERSE, reverse ? 1 : 0);
  store<u32>(at + CURSOR_STARTED, 0);
  return cursor;
}

export function isOpen(cursor: u32): bool {
  return cursor < CURSORS && load<u32>(cursorAt(cursor) + CURSOR_TREE) != 0;
}

export function giveCursor(cursor: u32): void {
  const at = cursorAt(cursor);
  store<u32>(at + CURSOR_TREE, 0);
  store<u32>(at + CURSOR_FREE, free);
  free = cursor;
  open--;
}

function moveOn(at: usize, tree: usize, reverse: bool): bool {
  if (load<u32>(at + CURSOR_STARTED) == 0) {
    store<u32>(at + CURSOR_STARTED, 1);
    return reverse ? seekLast(tree, at + CURSOR_HIGH, false) : seek(tree, at + CURSOR_LOW, false);
  }
  const version = load<u32>(at + CURSOR_VERSION);
  const leaf = <usize>load<u32>(at + CURSOR_LEAF);
  const position = load<u32>(at + CURSOR_AT);
  if (treeVersion(tree) == version) return stepFrom(leaf, position, reverse);
  const resumed = resume(tree, version, leaf, position, reverse);
  if (resumed != 0) return resumed == 1;
  return reverse ? seekLast(tree, at + CURSOR_LAST, true) : seek(tree, at + CURSOR_LAST, true);
}

/** The slot of the next entry within the bounds, or 0 at the end (the cursor is closed then). */
export function cursorNext(cursor: u32): usize {
  const at = cursorAt(cursor);
  const tree = <usize>load<u32>(at + CURSOR_TREE);
  const reverse = load<u32>(at + CURSOR_REVERSE) != 0;
  const words = treeWords(tree);
  if (moveOn(at, tree, reverse)) {
    const key = foundKey(tree);
    const within = reverse
      ? wordsCompare(key, at + CURSOR_LOW, words) >= 0
      : wordsCompare(key, at + CURSOR_HIGH, words) <= 0;
    if (within) {
      copyUp(at + CURSOR_LAST, key, (<usize>words) << 3);
      store<u32>(at + CURSOR_LEAF, <u32>foundLeaf);
      store<u32>(at + CURSOR_AT, foundAt);
      store<u32>(at + CURSOR_VERSION, treeVersion(tree));
      return foundSlot(tree);
    }
  }
  giveCursor(cursor);
  return 0;
}

/** The first (reverse: last) slot between two bounds, or 0, without a cursor. */
export function firstBetween(tree: usize, low: usize, high: usize, reverse: bool): usize {
  const words = treeWords(tree);
  if (reverse) {
    if (!seekLast(tree, high, false)) return 0;
    return wordsCompare(foundKey(tree), low, words) >= 0 ? foundSlot(tree) : 0;
  }
  if (!seek(tree, low, false)) return 0;
  return wordsCompare(foundKey(tree), high, words) <= 0 ? foundSlot(tree) : 0;
}

/** Moves the found position on; whether there is an entry that is not above `high`. */
export function stepWithin(tree: usize, high: usize): bool {
  if (!stepFrom(foundLeaf, foundAt, false)) return false;
  return wordsCompare(foundKey(tree), high, treeWords(tree)) <= 0;
}
