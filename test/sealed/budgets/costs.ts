/**
 * Commands of the budgets domain, and what docs/reference/execution.md and frame.md say that they use.
 *
 * Not responsible for: what they do use; that is measured.
 */
import * as abi from "../../../assembly/abi.ts";
import type { Source } from "../../../src/engine/view.ts";
import type { Command } from "../executing.ts";

const command = (name: string, fields: Readonly<Record<string, number | string>>): Command => ({
  name,
  payload: fields,
});

export const hear = (letters: number) => command("Hear", { words: "h".repeat(letters) });
export const from = (source: Source, sent: Command): Command => ({ ...sent, source });
export const rewrite = (note: number, id = 1) => command("Rewrite", { id, note });
export const openLists = (left: number, kept: number) => command("OpenLists", { left, kept });
export const mix = (note: number) => command("Mix", { id: 100, note });
export const spin = (rounds: number) => command("Spin", { rounds });
export const allocate = (bytes: number) => command("Allocate", { bytes });

const MAKE_NOTHING = { first: 100, items: 0, note: 0, events: 0, words: 0, last: 0 };
export type Making = typeof MAKE_NOTHING;
export const make = (parts: Partial<Making>) => command("Make", { ...MAKE_NOTHING, ...parts });

const TOUCH_NOTHING = { first: 100, create: 0, flash: 0, update: 0, remove: 0 };
export const touch = (parts: Partial<typeof TOUCH_NOTHING>) =>
  command("Touch", { ...TOUCH_NOTHING, ...parts });

const STORE_NOTHING = { first: 1_000, drop: 0, small: 0, wide: 0, list: 0 };
export const store = (parts: Partial<typeof STORE_NOTHING>) =>
  command("Store", { ...STORE_NOTHING, ...parts });

// ---- bytes ------------------------------------------------------------------------------------------------

/** Values of an item in a frame, without the letters of its note. */
export const ITEM_BYTES = 4 + 4 + 1 + 2;
/** Values of a Small; those of a Wide are one byte more. */
const SMALL_BYTES = 4 + 1;
/** An event without the letters of its words. */
export const EVENT_BYTES = abi.EVENT_HEADER + 2;

export function makeEventBytes({ events, words, last }: Making): number {
  return events * (EVENT_BYTES + words) + (last > 0 ? EVENT_BYTES + last : 0);
}

export function makeFrameBytes(parts: Partial<Making>): number {
  const all = { ...MAKE_NOTHING, ...parts };
  const payload = 6 * 4;
  const deltas = all.items * (abi.DELTA_HEADER + ITEM_BYTES + all.note);
  return abi.FRAME_HEADER + payload + deltas + makeEventBytes(all);
}

export function rewriteFrameBytes(note: number): number {
  const update = abi.DELTA_UPDATE_HEADER + 2 + (2 + note);
  return abi.FRAME_HEADER + 2 * 4 + update + abi.DELTA_HEADER + ITEM_BYTES;
}

/** An object or array of the language in the arena: a header of 16 bytes before it, whole units of 16. */
export const arenaBytes = (bytes: number) => Math.ceil((16 + bytes) / 16) * 16;

// ---- work -------------------------------------------------------------------------------------------------

const unitsOf = (bytes: number) => Math.ceil(bytes / abi.WORK_BYTES_UNIT);

export function makeWork(parts: Partial<Making>): number {
  const all = { ...MAKE_NOTHING, ...parts };
  const events = all.events + (all.last > 0 ? 1 : 0);
  const eventValues = makeEventBytes(all) - events * abi.EVENT_HEADER;
  const bytes = all.items * (ITEM_BYTES + all.note) + eventValues;
  return abi.WORK_COMMAND + all.items * abi.WORK_CREATE + events * abi.WORK_EMIT + unitsOf(bytes);
}

/** Values that `Mix` writes: an item, a rank and a flag, an event of one letter. */
export const mixBytes = (note: number) => ITEM_BYTES + note + (4 + 1) + (2 + 1);

/** @param items how many there are */
export function mixWork(note: number, items: number): number {
  const lookups = 7; // find, exists, get, first, last, next, prev
  const toTheEnd = abi.WORK_LOOKUP + (items + 1) * abi.WORK_ENTRY;
  const toALimitOf2 = abi.WORK_LOOKUP + 2 * abi.WORK_ENTRY;
  return (
    abi.WORK_COMMAND +
    lookups * abi.WORK_LOOKUP +
    2 * (toTheEnd + toALimitOf2) + // a list and a count of each
    abi.WORK_CREATE +
    2 * abi.WORK_ASSIGN +
    (abi.WORK_LOOKUP + abi.WORK_DELETE) +
    abi.WORK_EMIT +
    unitsOf(mixBytes(note))
  );
}

// ---- making so much, to the last byte and the last unit of work --------------------------------------------
const LETTERS_MAX = 4_000;

/** Events of so many bytes together; another letter of the last one is one byte more. */
export function makingOfEvents(bytes: number, words = LETTERS_MAX): Partial<Making> {
  const events = Math.floor(bytes / (EVENT_BYTES + words));
  const last = bytes - events * (EVENT_BYTES + words) - EVENT_BYTES;
  return last >= 1 ? { events, words, last } : makingOfEvents(bytes, words - 1);
}

/** A frame of so many bytes, half of them items; another letter of the last event is one byte more. */
export function makingOfFrame(bytes: number): Partial<Making> {
  const half = { note: LETTERS_MAX, items: Math.ceil(bytes / 2 / LETTERS_MAX) };
  return { ...half, ...makingOfEvents(bytes - makeFrameBytes(half)) };
}

/** Records that are so much work: a Wide in place of a Small is one unit more. */
export function storingOfWork(work: number): { readonly small: number; readonly wide: number } {
  for (let records = 0; ; records++) {
    const bytes = (work - abi.WORK_COMMAND - records * abi.WORK_CREATE) * abi.WORK_BYTES_UNIT;
    const wide = bytes - records * SMALL_BYTES;
    if (wide <= records) return { small: records - wide, wide };
  }
}

// ---- the state --------------------------------------------------------------------------------------------

const RECORD_STATE = 64;
const UNIQUE_STATE = 32;
const indexState = (keyBytes: number) => 32 + 2 * keyBytes;

export const SMALL_STATE = RECORD_STATE + SMALL_BYTES + UNIQUE_STATE;
export const WIDE_STATE = SMALL_STATE + 1;
/** A note counts what it may have. */
export const ITEM_STATE = RECORD_STATE + (4 + 4 + 1 + 2 + 4_000) + UNIQUE_STATE + indexState(4);
/** What a Small counts more when it is listed. */
export const LISTED_STATE = indexState(4);
