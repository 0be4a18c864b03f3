/**
 * The rows of the benchmark: what is measured against what, and the bars.
 *
 * Responsible for: which sides take turns for which rows, with how much work. Rows of services, of protobuf, of keys and of
 * growth have files of their own (service-rows.ts, protobuf-rows.ts, key-rows.ts, growth-rows.ts).
 * Not responsible for: what a group of rows is (group.ts), measuring (sides/), printing (report.ts).
 */
import { diskNote, RAW_WRITES, WRITE_BYTES, withDirectories } from "./durable.ts";
import { alone, compared, contender, type Group, type Row, run } from "./group.ts";
import { growthGroup } from "./growth-rows.ts";
import { keyGroups } from "./key-rows.ts";
import { load } from "./machine.ts";
import { protobufGroup } from "./protobuf-rows.ts";
import { serviceGroups } from "./service-rows.ts";
import { peerName } from "./sides/peer-packages.ts";
import { medianOf } from "./turns.ts";

// ---- in memory -------------------------------------------------------------------------------------------

function memoryGroup(instruments: number): Group {
  const row: Row = {
    name: `memory-${instruments}`,
    unit: "commands/s",
    bar: 3.5,
    reachFor: 6,
    better: "more",
  };
  const sealed: Row = { ...row, name: `sealed-memory-${instruments}`, bar: 6, reachFor: 11 };
  const inline: Row = { ...row, name: `sealed-inline-${instruments}`, bar: 3, reachFor: 4.8 };
  const beside: Row = { ...row, name: `sealed-beside-${instruments}`, bar: 5, reachFor: 9 };
  return {
    rows: [row, sealed, inline, beside],
    durable: false,
    async measure(settings) {
      const turns = settings.quick ? 3 : 5;
      const options = { instruments, turns, perTurn: settings.quick ? 60_000 : 200_000 };
      const [peer, ...ours] = await run(settings, turns, [
        contender("order-book", options),
        contender("exchange", options),
        contender("sealed-executor", options),
        contender("sealed-batches", { ...options, digests: "inline" }),
        contender("sealed-batches", options),
      ]);
      const peerValue = medianOf(peer!, "perSecond");
      const results = [row, sealed, inline, beside].map((one, at) =>
        compared(one, medianOf(ours[at]!, "perSecond"), peerName("nodejs-order-book"), peerValue),
      );
      return { results, notes: [] };
    },
  };
}

// ---- durable ---------------------------------------------------------------------------------------------

const SQLITE_GROUP = 1_000;

function durableGroup(instruments: number): Group {
  const row: Row = {
    name: `durable-${instruments}`,
    unit: "commands/s",
    bar: 8,
    reachFor: 20,
    better: "more",
  };
  const batches: Row = { ...row, name: `sealed-durable-${instruments}`, bar: 15, reachFor: 30 };
  const each: Row = { ...row, name: `sealed-submit-${instruments}`, bar: 10, reachFor: 20 };
  return {
    rows: [row, batches, each],
    durable: true,
    measure: (settings) =>
      withDirectories(settings, 5, async ([exchange, sqlite, disk, first, second]) => {
        const turns = settings.quick ? 3 : 5;
        const options = { instruments, turns, perTurn: settings.quick ? 30_000 : 200_000 };
        const [peer, raw, ...ours] = await run(settings, turns, [
          contender("sqlite", { ...options, directory: sqlite!, group: SQLITE_GROUP }),
          contender("disk", { turns, perTurn: RAW_WRITES, directory: disk!, writeBytes: WRITE_BYTES }),
          contender("exchange", { ...options, directory: exchange! }),
          contender("sealed-batches", { ...options, directory: first! }),
          contender("sealed-submit", { ...options, directory: second! }),
        ]);
        const peerLabel = `${peerName("better-sqlite3")} FULL, groups of ${SQLITE_GROUP}`;
        const peerValue = medianOf(peer!, "perSecond");
        return {
          results: [row, batches, each].map((one, at) =>
            compared(one, medianOf(ours[at]!, "perSecond"), peerLabel, peerValue),
          ),
          notes: [diskNote(settings, medianOf(raw!, "perSecond"))],
        };
      }),
  };
}

const SINGLE: Row = {
  name: "durable-single",
  unit: "commands/s",
  bar: 0.85,
  reachFor: 0.95,
  better: "more",
};
const SINGLE_SQLITE: Row = {
  name: "durable-single-sqlite",
  unit: "commands/s",
  bar: null,
  reachFor: null,
  better: "more",
};

const singleGroup: Group = {
  rows: [SINGLE, SINGLE_SQLITE],
  durable: true,
  measure: (settings) =>
    withDirectories(settings, 3, async ([exchange, sqlite, disk]) => {
      // The disk changes its pace within seconds: many short turns.
      const turns = settings.quick ? 7 : 21;
      const options = { turns, perTurn: 500 };
      const [ours, raw, peer] = await run(settings, turns, [
        contender("exchange-single", { ...options, directory: exchange! }),
        contender("disk", { ...options, directory: disk!, writeBytes: WRITE_BYTES }),
        contender("sqlite", { ...options, directory: sqlite!, group: 1 }),
      ]);
      const value = medianOf(ours!, "perSecond");
      const rawValue = medianOf(raw!, "perSecond");
      const sqliteValue = medianOf(peer!, "perSecond");
      return {
        results: [
          compared(SINGLE, value, "raw write+fdatasync", rawValue),
          compared(SINGLE_SQLITE, value, `${peerName("better-sqlite3")} FULL, groups of 1`, sqliteValue),
        ],
        notes: [diskNote(settings, rawValue)],
      };
    }),
};

/** Commands that arrive each second, whatever the engine does. */
const OFFERED = 100_000;
const LATENCY_P50: Row = {
  name: "latency-p50",
  unit: "ms",
  bar: 1,
  reachFor: 0.4,
  better: "less",
  isLong: true,
};
const LATENCY_P99: Row = {
  name: "latency-p99",
  unit: "ms",
  bar: 10,
  reachFor: 5,
  better: "less",
  isLong: true,
};

const latencyGroup: Group = {
  rows: [LATENCY_P50, LATENCY_P99],
  durable: true,
  measure: (settings) =>
    withDirectories(settings, 1, async ([directory]) => {
      const turns = 5;
      const options = { turns, perTurn: 2 * OFFERED, group: OFFERED, directory: directory! };
      const [ours] = await run(settings, turns, [contender("sealed-latency", options)]);
      return {
        results: [alone(LATENCY_P50, medianOf(ours!, "p50")), alone(LATENCY_P99, medianOf(ours!, "p99"))],
        notes: [`latency: ${OFFERED} commands/s offered in an open loop, load ${load()}`],
      };
    }),
};

// ---- below the engine ------------------------------------------------------------------------------------

const APPLY: Row = { name: "apply", unit: "frames/s", bar: 1, reachFor: 1.35, better: "more" };
const AUDIT: Row = { name: "audit", unit: "frames/s", bar: 400_000, reachFor: 1_200_000, better: "more" };
const SNAPSHOT_WRITE: Row = {
  name: "snapshot-write",
  unit: "records/s",
  bar: 5_000_000,
  reachFor: 15_000_000,
  better: "more",
};
const SNAPSHOT_LOAD: Row = {
  name: "snapshot-load",
  unit: "records/s",
  bar: 1_000_000,
  reachFor: 2_000_000,
  better: "more",
};

const applyGroup: Group = {
  rows: [APPLY, AUDIT],
  durable: false,
  async measure(settings) {
    const turns = settings.quick ? 3 : 5;
    const perTurn = settings.quick ? 200_000 : 1_000_000;
    const [apply, audit, execution] = await run(settings, turns, [
      contender("apply", { turns, perTurn }),
      contender("audit", { turns, perTurn: settings.quick ? 100_000 : 300_000 }),
      contender("sealed-executor", { turns, perTurn: settings.quick ? 60_000 : 200_000 }),
    ]);
    const executed = medianOf(execution!, "perSecond");
    return {
      results: [
        compared(APPLY, medianOf(apply!, "perSecond"), "sealed execution in memory", executed),
        alone(AUDIT, medianOf(audit!, "perSecond")),
      ],
      notes: [],
    };
  },
};

const snapshotGroup: Group = {
  rows: [SNAPSHOT_WRITE, SNAPSHOT_LOAD],
  durable: false,
  async measure(settings) {
    const turns = settings.quick ? 3 : 5;
    const [ours] = await run(settings, turns, [
      contender("snapshot", { perTurn: settings.quick ? 200_000 : 1_000_000 }),
    ]);
    return {
      results: [
        alone(SNAPSHOT_WRITE, medianOf(ours!, "write")),
        alone(SNAPSHOT_LOAD, medianOf(ours!, "load")),
      ],
      notes: [],
    };
  },
};

// ---- sizes -----------------------------------------------------------------------------------------------

const ORDER_BYTES: Row = {
  name: "bytes-per-order",
  unit: "bytes",
  bar: 256,
  reachFor: 180,
  better: "less",
};
const FRAME_BYTES: Row = {
  name: "frame-bytes",
  unit: "bytes/command",
  bar: 270,
  reachFor: 200,
  better: "less",
};
const RESTING_ORDERS = 500_000;

const sizeGroup: Group = {
  rows: [ORDER_BYTES, FRAME_BYTES],
  durable: false,
  async measure(settings) {
    const [ours] = await run(settings, 1, [contender("sizes", { perTurn: RESTING_ORDERS })]);
    const figure = (name: string) => medianOf(ours!, name);
    const parts = `${Math.round(figure("indexBytesPerOrder"))} of the index, the rest record, two unique keys, directory`;
    return {
      results: [alone(ORDER_BYTES, figure("bytesPerOrder")), alone(FRAME_BYTES, figure("frameBytes"))],
      notes: [
        `bytes-per-order: ${RESTING_ORDERS} resting orders; ${parts}; logical state ${Math.round(figure("logicalBytesPerOrder"))}`,
      ],
    };
  },
};

export const GROUPS: readonly Group[] = [
  memoryGroup(1),
  memoryGroup(100),
  durableGroup(1),
  durableGroup(100),
  singleGroup,
  latencyGroup,
  ...serviceGroups,
  applyGroup,
  snapshotGroup,
  protobufGroup,
  ...keyGroups,
  growthGroup,
  sizeGroup,
];
