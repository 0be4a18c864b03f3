/**
 * The rows of index and unique-key operations: the core against the prototype and against Abseil's containers.
 *
 * Responsible for: which sizes there are, compiling what is measured, what a row is compared with where a peer is not at hand.
 * Not responsible for: measuring (sides/key-costs.ts, sides/absl-costs.ts).
 */
import { join } from "node:path";
import { abslVersion, compileAbslCosts } from "./absl-program.ts";
import {
  compared,
  contender,
  type Group,
  type GroupResults,
  type ReachPeer,
  type Row,
  run,
  type Settings,
} from "./group.ts";
import { compileCoreCosts, compilePrototypeCosts, hasPrototype } from "./key-modules.ts";
import { PUBLISHED_COSTS, PUBLISHED_MACHINE } from "./published-costs.ts";
import { OPERATIONS, type Operation } from "./sides/key-costs.ts";
import { medianOf, type Outcome } from "./turns.ts";

const SIZES = [1_000, 100_000, 1_000_000];
/** Filling and emptying takes a minute a side. */
const LARGE_SIZES = [10_000_000];

const NO_ABSL = "g++ or libabsl-dev is not here (Debian: apt-get install g++ libabsl-dev)";

interface KeyRow {
  readonly row: Row;
  readonly operation: Operation;
  /** What the sides call it. */
  readonly figure: string;
}

function keyRows(sizes: readonly number[], isLong: boolean): KeyRow[] {
  return OPERATIONS.flatMap((operation) =>
    sizes.map((size) => ({
      row: {
        name: `${operation}-1e${Math.log10(size)}`,
        unit: operation === "index-scan" ? "ns/100 entries" : "ns/op",
        bar: 1.1,
        reachFor: 1,
        better: "less" as const,
        isLong,
      },
      operation,
      figure: `${operation}-${size}`,
    })),
  );
}

/** The sides of a run; those that are not at hand are undefined. */
interface Sides {
  readonly core: Outcome;
  readonly prototype: Outcome | undefined;
  readonly absl: Outcome | undefined;
}

async function measureSides(
  settings: Settings,
  turns: number,
  entries: readonly number[],
  hasAbsl: boolean,
): Promise<Sides> {
  const file = (name: string) => join(settings.build, name);
  const core = file("core-costs.wasm");
  await compileCoreCosts(core);
  const contenders = [contender("key-costs", { turns, module: core, entries })];
  if (hasPrototype()) {
    const prototype = file("prototype-costs.wasm");
    await compilePrototypeCosts(prototype);
    contenders.push(contender("key-costs", { turns, module: prototype, entries }));
  }
  if (hasAbsl) {
    const program = file("absl-costs");
    compileAbslCosts(program);
    contenders.push(contender("absl-costs", { turns, module: program, entries }));
  }
  const [ours, ...peers] = await run(settings, turns, contenders);
  const prototype = hasPrototype() ? peers.shift() : undefined;
  return { core: ours!, prototype, absl: peers.shift() };
}

function prototypeLabel(isMeasured: boolean, published: number | undefined): string {
  if (isMeasured) return "prototype, same run";
  return published === undefined ? "prototype: not here" : `prototype on ${PUBLISHED_MACHINE}`;
}

/** What a row reaches for: the container of Abseil that does the same. */
function abslPeer(
  { operation, figure }: KeyRow,
  value: number,
  absl: Outcome | undefined,
  version: string | null,
): ReachPeer {
  const container = operation.startsWith("index-") ? "absl::btree_map" : "absl::flat_hash_map";
  if (absl === undefined) return { name: `${container}: not here`, value: null, ratio: null };
  const peerValue = medianOf(absl, figure);
  return { name: `${container} ${version}`, value: peerValue, ratio: value / peerValue };
}

function noPrototypeNote(rows: readonly KeyRow[]): string {
  const isPublished = rows.every(({ figure }) => figure in PUBLISHED_COSTS);
  const instead = isPublished
    ? `compared with figures published for ${PUBLISHED_MACHINE}`
    : "nothing is compared, as no figures were published for so many entries";
  return `no prototype sources at hand: ${instead}`;
}

function keyGroup(entries: readonly number[], turns: number, isLong: boolean): Group {
  const rows = keyRows(entries, isLong);
  return {
    rows: rows.map(({ row }) => row),
    durable: false,
    async measure(settings): Promise<GroupResults> {
      const version = abslVersion();
      const { core, prototype, absl } = await measureSides(settings, turns, entries, version !== null);
      const results = rows.map((keyRow) => {
        const { row, figure } = keyRow;
        const value = medianOf(core, figure);
        const published = PUBLISHED_COSTS[figure];
        const peerValue = prototype === undefined ? (published ?? null) : medianOf(prototype, figure);
        const label = prototypeLabel(prototype !== undefined, published);
        return compared(row, value, label, peerValue, abslPeer(keyRow, value, absl, version));
      });
      const notes: string[] = [];
      if (prototype === undefined) notes.push(noPrototypeNote(rows));
      if (absl === undefined) notes.push(`${NO_ABSL}: nothing is compared with Abseil`);
      return { results, notes };
    },
  };
}

export const keyGroups: readonly Group[] = [keyGroup(SIZES, 5, false), keyGroup(LARGE_SIZES, 3, true)];
