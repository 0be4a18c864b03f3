/**
 * Commands at edges, and how they end there.
 *
 * Responsible for: for each limit of an epoch a command that uses all of it, those that use a little more, and the ending
 * that docs/reference/execution.md says. Not responsible for: running them.
 */
import * as abi from "../../../assembly/abi.ts";
import type { SealedLimits } from "../../../src/engine/domain.ts";
import type { LimitName as SharedName } from "../../../src/schema/framework-codes.ts";
import type { Command } from "../executing.ts";
import {
  allocate,
  arenaBytes,
  EVENT_BYTES,
  hear,
  type Making,
  make,
  makeFrameBytes,
  makeWork,
  makingOfEvents,
  makingOfFrame,
  mix,
  mixBytes,
  mixWork,
  openLists,
  rewrite,
  rewriteFrameBytes,
  spin,
  store,
  storingOfWork,
  touch,
} from "./costs.ts";

export type LimitName = keyof SealedLimits & string;
export type LaneName = "open" | "sealed";
/** Items that there are before, from 1 on, without notes. */
export const ITEMS = 9;

/** A part of a frame, or what admission answers. */
export type Ending = object | number;

export const COMMITTED = { outcome: "committed", code: null };
export const NOTHING_DONE = { deltas: [], events: [], sysIds: 0 };
export const faulted = (code: string, detail: object) => ({
  outcome: "faulted",
  code,
  detail,
  ...NOTHING_DONE,
});
export const beyond = (limit: LimitName) => faulted("LIMIT", { limit });

// ---- limits that a command can pass ------------------------------------------------------------------------

export interface Edge {
  readonly about: string;
  readonly limit: LimitName;
  readonly lanes?: readonly LaneName[];
  /** It uses exactly the budget. */
  readonly exact: Command;
  /** It uses more, by as little as can be, in each way there is. */
  readonly more: readonly Command[];
  /** How a command ends beyond the budget. */
  readonly ending: Ending;
  /** What the rules say it uses; absent where they leave it to the compiler. */
  readonly cost?: number;
}

/** Just whole units of bytes are paid for: one letter more is one unit more. */
const MIX_NOTE = 3 * abi.WORK_BYTES_UNIT - mixBytes(0);
export const INSERT: Partial<Making> = { items: 1, note: 50, last: 60 };
const THREE: Partial<Making> = { items: 3, note: 50 };
const TOUCHES = { create: 4, flash: 3, update: 2, remove: 5 };

export const EDGES: readonly Edge[] = [
  {
    about: "work: each operation, and bytes written",
    limit: "work",
    exact: mix(MIX_NOTE),
    more: [mix(MIX_NOTE + 1)],
    ending: faulted("WORK_EXHAUSTED", {}),
    cost: mixWork(MIX_NOTE, ITEMS),
  },
  {
    about: "work: a unit of bytes that is begun is a whole one, in each command anew",
    limit: "work",
    exact: mix(MIX_NOTE - abi.WORK_BYTES_UNIT + 1),
    more: [mix(MIX_NOTE + 1)],
    ending: faulted("WORK_EXHAUSTED", {}),
    cost: mixWork(MIX_NOTE, ITEMS),
  },
  {
    about: "payloadBytes: refused, no frame",
    limit: "payloadBytes",
    exact: hear(300),
    more: [hear(301)],
    ending: abi.ADMIT_TOO_LARGE,
    cost: 2 + 300,
  },
  {
    about: "frameBytes: inserts and events",
    limit: "frameBytes",
    exact: make(INSERT),
    more: [make({ ...INSERT, note: 51 }), make({ ...INSERT, last: 61 })],
    ending: beyond("frameBytes"),
    cost: makeFrameBytes(INSERT),
  },
  {
    about: "frameBytes: inserts alone",
    limit: "frameBytes",
    exact: make(THREE),
    more: [make({ ...THREE, note: 51 }), make({ ...THREE, items: 4 })],
    ending: beyond("frameBytes"),
    cost: makeFrameBytes(THREE),
  },
  {
    about: "frameBytes: an update and a delete",
    limit: "frameBytes",
    exact: rewrite(500),
    more: [rewrite(501)],
    ending: beyond("frameBytes"),
    cost: rewriteFrameBytes(500),
  },
  {
    about: "events",
    limit: "events",
    exact: make({ events: 7, words: 1 }),
    more: [make({ events: 8, words: 1 }), make({ events: 7, words: 1, last: 1 })],
    ending: beyond("events"),
    cost: 7,
  },
  {
    about: "events behind writes",
    limit: "events",
    exact: make({ items: 5, note: 9, events: 3 }),
    more: [make({ items: 5, note: 9, events: 4 })],
    ending: beyond("events"),
    cost: 3,
  },
  {
    about: "eventBytes",
    limit: "eventBytes",
    exact: make({ items: 2, events: 3, words: 20, last: 5 }),
    more: [make({ items: 2, events: 3, words: 20, last: 6 }), make({ events: 4, words: 20 })],
    ending: beyond("eventBytes"),
    cost: 3 * (EVENT_BYTES + 20) + EVENT_BYTES + 5,
  },
  {
    about: "touchedRecords: created, created and deleted, updated twice, deleted",
    limit: "touchedRecords",
    exact: touch(TOUCHES),
    more: [
      touch({ ...TOUCHES, create: 5 }),
      touch({ ...TOUCHES, flash: 4 }),
      touch({ ...TOUCHES, update: 3 }),
      touch({ ...TOUCHES, remove: 6 }),
    ],
    ending: beyond("touchedRecords"),
    cost: 4 + 3 + 2 + 5,
  },
  {
    about: "touchedRecords: updates alone",
    limit: "touchedRecords",
    exact: touch({ update: 6 }),
    more: [touch({ update: 7 }), touch({ update: 6, remove: 1 })],
    ending: beyond("touchedRecords"),
    cost: 6,
  },
  {
    about: "cursors: those left early count no more",
    limit: "cursors",
    exact: openLists(9, 5),
    more: [openLists(9, 6), openLists(0, 6)],
    ending: beyond("cursors"),
    cost: 5,
  },
  {
    about: "fuel",
    limit: "fuel",
    lanes: ["sealed"],
    exact: spin(100),
    more: [spin(101), spin(0xffff_ffff)],
    ending: faulted("FUEL_EXHAUSTED", {}),
  },
  {
    about: "fuel behind writes",
    limit: "fuel",
    lanes: ["sealed"],
    exact: touch(TOUCHES),
    more: [touch({ ...TOUCHES, flash: 4 })],
    ending: faulted("FUEL_EXHAUSTED", {}),
  },
  {
    about: "arenaBytes: one piece",
    limit: "arenaBytes",
    lanes: ["sealed"],
    exact: allocate(1_600),
    more: [allocate(1_601), allocate(0x3fff_0000)],
    ending: beyond("arenaBytes"),
    cost: arenaBytes(1_600) + arenaBytes(8),
  },
  {
    about: "arenaBytes: cursors and texts, behind writes",
    limit: "arenaBytes",
    lanes: ["sealed"],
    exact: mix(MIX_NOTE),
    more: [mix(MIX_NOTE + 16)],
    ending: beyond("arenaBytes"),
  },
];

export const DEFAULTS: Readonly<Record<LimitName, number>> = {
  work: abi.WORK_DEFAULT,
  payloadBytes: abi.PAYLOAD_BYTES_DEFAULT,
  frameBytes: abi.FRAME_BYTES_DEFAULT,
  events: abi.EVENTS_DEFAULT,
  eventBytes: abi.EVENT_BYTES_DEFAULT,
  touchedRecords: abi.TOUCHED_RECORDS_DEFAULT,
  cursors: abi.CURSORS_DEFAULT,
  sources: abi.SOURCES_DEFAULT,
  stateMiB: abi.STATE_MIB_DEFAULT,
  fuel: abi.FUEL_DEFAULT,
  arenaBytes: abi.ARENA_BYTES_DEFAULT,
};

// ---- at the numbers of the table ----------------------------------------------------------------------------

/** As wide as they may be. */
export const WIDE_OPEN: SealedLimits = {
  work: abi.WORK_HARD,
  frameBytes: abi.FRAME_BYTES_HARD,
  events: abi.EVENTS_HARD,
  eventBytes: abi.EVENT_BYTES_HARD,
  touchedRecords: abi.TOUCHED_RECORDS_HARD,
};

const withLast = (parts: Partial<Making>, more: number) => make({ ...parts, last: parts.last! + more });

/** A default or a hard maximum. */
export interface NumberCase {
  readonly limit: SharedName;
  readonly value: number;
  readonly exact: Command;
  readonly more: Command;
}

const busy = storingOfWork(abi.WORK_DEFAULT);
export const NUMBERS: readonly NumberCase[] = [
  ...[abi.EVENTS_DEFAULT, abi.EVENTS_HARD].map((value) => ({
    limit: "events" as const,
    value,
    exact: make({ events: value }),
    more: make({ events: value + 1 }),
  })),
  ...[abi.EVENT_BYTES_DEFAULT, abi.EVENT_BYTES_HARD].map((value) => ({
    limit: "eventBytes" as const,
    value,
    exact: make(makingOfEvents(value)),
    more: withLast(makingOfEvents(value), 1),
  })),
  ...[abi.TOUCHED_RECORDS_DEFAULT, abi.TOUCHED_RECORDS_HARD].map((value) => ({
    limit: "touchedRecords" as const,
    value,
    exact: store({ small: value }),
    more: store({ small: value + 1 }),
  })),
  ...[abi.FRAME_BYTES_DEFAULT, abi.FRAME_BYTES_HARD].map((value) => ({
    limit: "frameBytes" as const,
    value,
    exact: make(makingOfFrame(value)),
    more: withLast(makingOfFrame(value), 1),
  })),
  {
    limit: "work",
    value: abi.WORK_DEFAULT,
    exact: store(busy),
    more: store({ small: busy.small - 1, wide: busy.wide + 1 }),
  },
  {
    limit: "cursors",
    value: abi.CURSORS_HARD,
    exact: openLists(1, abi.CURSORS_HARD),
    more: openLists(0, abi.CURSORS_HARD + 1),
  },
];

// ---- several budgets at one operation -----------------------------------------------------------------------

const threeEvents = make({ events: 3, words: 1 });
const twoEventsBytes = 2 * (EVENT_BYTES + 1);
/** Up to the charge of the third. */
const thirdEvent = makeWork({ events: 2, words: 1 }) + abi.WORK_EMIT;
/** Item 0 is new, item 1 is there. */
const twoItems = make({ first: 0, items: 2 });
const secondItem = makeWork({ items: 2 });

export const FIRST_CAUSES: readonly (readonly [string, SealedLimits, Command, Ending])[] = [
  [
    "the charge of an event before their number",
    { work: thirdEvent - 1, events: 2, eventBytes: twoEventsBytes },
    threeEvents,
    faulted("WORK_EXHAUSTED", {}),
  ],
  [
    "the number of events before their bytes",
    { work: thirdEvent, events: 2, eventBytes: twoEventsBytes },
    threeEvents,
    beyond("events"),
  ],
  [
    "the bytes of events before the size of the frame",
    { events: 3, eventBytes: twoEventsBytes, frameBytes: 1 },
    threeEvents,
    beyond("eventBytes"),
  ],
  [
    "the charge of a record before how many are touched",
    { work: secondItem - 1, touchedRecords: 1 },
    twoItems,
    faulted("WORK_EXHAUSTED", {}),
  ],
  [
    "how many are touched before a taken key",
    { work: secondItem, touchedRecords: 1 },
    twoItems,
    beyond("touchedRecords"),
  ],
  [
    "a taken key last",
    { work: secondItem, touchedRecords: 2, frameBytes: 1 },
    twoItems,
    { outcome: "rejected", code: "UNIQUE_KEY_TAKEN", ...NOTHING_DONE },
  ],
];
