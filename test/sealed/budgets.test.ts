/**
 * Every limit of an epoch at its exact edge: a command that uses just the budget commits, one unit more ends as
 * docs/reference/execution.md says and leaves no trace; in both lanes with the same bytes, and again from a snapshot loaded
 * and from frames applied.
 *
 * Edges are measured, by trying limits for a fixed command, and compared with what the rules say it uses.
 */
import { memoryHistory, sealedDomain } from "statevec";
import { beforeAll, describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import type { Domain, SealedLimits } from "../../src/engine/domain.ts";
import { frameDecoder } from "../../src/history/frame.ts";
import { modelOf, type Schema } from "../../src/schema/define-schema.ts";
import { budgetsOf } from "./budgets/budgets.handlers.ts";
import { schema } from "./budgets/budgets.schema.ts";
import {
  beyond,
  COMMITTED,
  DEFAULTS,
  EDGES,
  type Ending,
  FIRST_CAUSES,
  faulted,
  INSERT,
  ITEMS,
  type LaneName,
  type LimitName,
  NUMBERS,
  WIDE_OPEN,
} from "./budgets/cases.ts";
import {
  allocate,
  from,
  hear,
  ITEM_STATE,
  LISTED_STATE,
  make,
  makeFrameBytes,
  openLists,
  rewrite,
  SMALL_STATE,
  spin,
  store,
  WIDE_STATE,
} from "./budgets/costs.ts";
import { buildFolder, folderOf } from "./building.ts";
import type { Command } from "./executing.ts";
import {
  type Answer,
  allCommit,
  expectSame,
  type Ground,
  groundOf,
  lowest,
  runEverywhere,
  type Step,
} from "./frontiers.ts";
import { bodiesFrom, openFixed } from "./lanes.ts";

let module: Uint8Array;
beforeAll(async () => {
  module = await buildFolder(folderOf("budgets"));
}, 240_000);

const BOTH: readonly LaneName[] = ["open", "sealed"];

/** Handler code has all it may have, but where its own budgets are asked for. */
const HANDLER_LIMITS = { fuel: abi.FUEL_HARD, arenaBytes: abi.ARENA_BYTES_HARD };

function limitsIn(lane: LaneName, limits: SealedLimits): SealedLimits {
  return lane === "open" ? limits : { ...HANDLER_LIMITS, ...limits };
}

function domainIn(lane: LaneName, limits: SealedLimits = {}, revision = 1): Domain {
  const own = limitsIn(lane, limits);
  const domain = lane === "open" ? budgetsOf(own, revision) : sealedDomain(module, { schema, limits: own });
  return domain as unknown as Domain;
}

const items = [make({ first: 1, items: ITEMS })];

function groundIn(lane: LaneName, commands: readonly Command[] = items): Promise<Ground> {
  return groundOf(domainIn(lane), commands);
}

/** Goes round the lanes; what they answered must be the same bytes. */
async function inLanes(
  lanes: readonly LaneName[],
  answersIn: (lane: LaneName) => Promise<readonly Answer[]>,
): Promise<void> {
  let expected: readonly Answer[] | undefined;
  for (const lane of lanes) {
    const answers = await answersIn(lane);
    expectSame(answers, expected ?? answers, `the ${lane} lane and the other`);
    expected = answers;
  }
}

// ---- how a command ends ------------------------------------------------------------------------------------

const decoder = frameDecoder(modelOf(schema as unknown as Schema));

function expectEndings(answers: readonly Answer[], endings: readonly Ending[]): void {
  expect(answers.length).toBe(endings.length);
  for (const [at, answer] of answers.entries()) {
    const ending = endings[at]!;
    if (typeof ending === "number" || typeof answer === "number") expect(answer).toBe(ending);
    else expect(decoder.decode(answer)).toMatchObject(ending);
  }
}

// ---- limits that a command can pass ------------------------------------------------------------------------

/** The lowest limit under which all of a script commits. */
function measured(lane: LaneName, on: Ground, limit: LimitName, script: readonly Step[]): Promise<number> {
  return lowest(DEFAULTS[limit], (tried) => allCommit(on, limitsIn(lane, { [limit]: tried }), script));
}

describe("a command at the edge of", () => {
  test.each(EDGES)("$about", async ({ limit, lanes = BOTH, exact, more, ending, cost }) => {
    await inLanes(lanes, async (lane) => {
      const on = await groundIn(lane);
      const used = await measured(lane, on, limit, [exact]);
      expect(used).toBeGreaterThan(1);
      if (cost !== undefined) expect(used).toBe(cost);
      const runUnder = (value: number, script: readonly Step[]) =>
        runEverywhere(on, limitsIn(lane, { [limit]: value }), script);

      const within = await runUnder(used, [...more, exact, hear(0)]);
      expectEndings(within, [...more.map(() => ending), COMMITTED, COMMITTED]);
      const without = await runUnder(used - 1, [more[0]!, exact, hear(0)]);
      expectEndings(without, [ending, ending, COMMITTED]);
      const far = await runUnder(1, [exact]);
      expectEndings(far, [ending]);
      return [...within, ...without, ...far];
    });
  });
});

test("fuel and memory of handler code grow with what it does, by the same for each step", async () => {
  const on = await groundIn("sealed");
  const fuel = (rounds: number) => measured("sealed", on, "fuel", [spin(rounds)]);
  const [none, one, many] = [await fuel(0), await fuel(1), await fuel(1_000)];
  expect(one).toBeGreaterThan(none);
  expect(many - none).toBe(1_000 * (one - none));
  // So the edge of the default can be told.
  const rounds = Math.floor((abi.FUEL_DEFAULT - none) / (one - none));
  const answers = await runEverywhere(on, {}, [spin(rounds + 1), spin(rounds)]);
  expectEndings(answers, [faulted("FUEL_EXHAUSTED", {}), COMMITTED]);

  const arena = (bytes: number) => measured("sealed", on, "arenaBytes", [allocate(bytes)]);
  const [small, large] = [await arena(16), await arena(16 + 1_000)];
  expect(large - small).toBe(1_008); // whole units of 16
});

// ---- at the numbers of the table ----------------------------------------------------------------------------

describe("defaults and the most there may be", () => {
  test.each(NUMBERS)("$limit of $value", async ({ limit, value, exact, more }) => {
    const ending = limit === "work" ? faulted("WORK_EXHAUSTED", {}) : beyond(limit);
    await inLanes(BOTH, async (lane) => {
      const on = await groundIn(lane);
      const limits = limitsIn(lane, { ...WIDE_OPEN, [limit]: value });
      const answers = await runEverywhere(on, limits, [more, exact]);
      expectEndings(answers, [ending, COMMITTED]);
      return answers;
    });
  });
});

// ---- the size of the state ----------------------------------------------------------------------------------

const MIB = 1 << 20;
const STORED = 250;
const stored = [make({ first: 1, items: STORED })];

/** So many Small and Wide records, with what is deleted before them and listed behind them, fill a MiB to its last byte. */
function filling(drop: number, list: number) {
  const room = MIB - (STORED - drop) * ITEM_STATE - list * LISTED_STATE;
  const records = Math.ceil(room / WIDE_STATE);
  return { drop, list, records, small: records - (room - records * SMALL_STATE) };
}

describe("the size of the state", () => {
  test.each([
    ["creating", filling(0, 0)],
    ["creating and listing: index entries count when they settle", filling(0, 3)],
    ["deleting before: there is room at once", filling(1, 0)],
    ["all of them", filling(2, 5)],
  ])("%s", async (_, { drop, list, records, small }) => {
    const storing = (smaller: number) => store({ drop, small: smaller, wide: records - smaller, list });
    const full = [
      store({ first: 5_000, small: 1 }), // a creation
      store({ list: list + 1 }), // an index entry, when the command ends
      store({ list: list + 2 }), // two of them: the first settles at a lookup
    ];
    await inLanes(BOTH, async (lane) => {
      const on = await groundIn(lane, stored);
      const limits = limitsIn(lane, { stateMiB: 1 });
      // Each Small in place of a Wide is one byte fewer.
      const used = await lowest(records, (tried) => allCommit(on, limits, [storing(tried)]));
      expect(used).toBe(small);
      const script = [storing(used - 1), storing(used), ...full, rewrite(9, STORED - 1), full[0]!];
      const answers = await runEverywhere(on, limits, script);
      const endings = [beyond("stateMiB"), COMMITTED, ...full.map(() => beyond("stateMiB"))];
      expectEndings(answers, [...endings, COMMITTED, COMMITTED]);
      // A limit of one MiB more lets through what this one does not.
      expect(await allCommit(on, limitsIn(lane, { stateMiB: 2 }), [storing(used - 1), full[0]!])).toBe(true);
      return answers;
    });
  });
});

// ---- sources ------------------------------------------------------------------------------------------------

/** The first command of a source, or a later one. */
const sent = (stream: number, seq = 1n, command = hear(0)) => from({ client: 7n, stream, seq }, command);

describe("sources", () => {
  test("as many as the limit says are known at once, whatever became of their commands", async () => {
    const three = [sent(1), sent(2, 1n, openLists(0, 2)), sent(3)];
    await inLanes(BOTH, async (lane) => {
      const on = await groundIn(lane);
      const used = await measured(lane, on, "sources", [sent(1), sent(2), sent(3)]);
      expect(used).toBe(3);
      const limits = limitsIn(lane, { sources: used, cursors: 1, payloadBytes: 100 });
      const answers = await runEverywhere(on, limits, [
        ...three,
        sent(4), // one more
        sent(4, 9n), // FULL comes before GAP
        sent(4, 1n, hear(200)), // and behind TOO_LARGE
        sent(2), // the faulted command has used its seq
        sent(3, 2n), // those that are known go on
        sent(3, 4n),
        { retire: { client: 7n, stream: 2 } },
        sent(4, 9n),
        sent(4),
        sent(2),
      ]);
      expectEndings(answers, [
        COMMITTED,
        beyond("cursors"),
        COMMITTED,
        abi.ADMIT_SOURCES_FULL,
        abi.ADMIT_SOURCES_FULL,
        abi.ADMIT_TOO_LARGE,
        abi.ADMIT_DUPLICATE,
        COMMITTED,
        abi.ADMIT_GAP,
        { type: "retire", stream: 2 },
        abi.ADMIT_GAP,
        COMMITTED,
        abi.ADMIT_SOURCES_FULL,
      ]);
      return answers;
    });
  });

  test("the default number of them", async () => {
    const streams = Array.from({ length: abi.SOURCES_DEFAULT - 1 }, (_, at) => sent(at));
    await inLanes(BOTH, async (lane) => {
      const on = await groundIn(lane, streams);
      const next = abi.SOURCES_DEFAULT;
      const answers = await runEverywhere(on, limitsIn(lane, {}), [sent(next), sent(next + 1), sent(0, 2n)]);
      expectEndings(answers, [COMMITTED, abi.ADMIT_SOURCES_FULL, COMMITTED]);
      return answers;
    });
  });
});

// ---- several budgets ----------------------------------------------------------------------------------------

describe("where budgets end at one operation, the rules say which one is told", () => {
  test.each(FIRST_CAUSES)("%s", async (_, limits, command, ending) => {
    await inLanes(BOTH, async (lane) => {
      const answers = await runEverywhere(await groundIn(lane), limitsIn(lane, limits), [command]);
      expectEndings(answers, [ending]);
      return answers;
    });
  });
});

// ---- through the engine -------------------------------------------------------------------------------------

describe.each(BOTH)("a history of the %s lane", (lane) => {
  /** An item from an id on, and an event with more letters than the limit lets through. */
  const making = (first: number, more: number) => make({ ...INSERT, first, last: INSERT.last! + more });
  const low = { frameBytes: makeFrameBytes(INSERT) };

  test("that is opened again ends commands at the same edges, and moves them with its epoch alone", async () => {
    const history = memoryHistory();
    const submit = async (limits: SealedLimits, revision: number, commands: readonly Command[]) => {
      const engine = await openFixed(domainIn(lane, limits, revision), history);
      const receipts = await engine.submitMany(commands as never);
      expect(await engine.audit()).toMatchObject({ identical: true });
      await engine.close();
      return receipts;
    };
    const beyondIt = { outcome: "faulted", code: "LIMIT", detail: { limit: "frameBytes" } };
    const committed = { outcome: "committed" };
    expect(await submit(low, 1, [making(100, 1), making(100, 0)])).toMatchObject([beyondIt, committed]);
    expect(await submit(low, 1, [making(200, 1), making(200, 0)])).toMatchObject([beyondIt, committed]);
    const raised = { frameBytes: low.frameBytes + 1 };
    expect(await submit(raised, 2, [making(300, 2), making(300, 1)])).toMatchObject([beyondIt, committed]);
    expect(await submit(low, 3, [making(400, 1), making(400, 0)])).toMatchObject([beyondIt, committed]);
    expect(await bodiesFrom(history, 1n)).toHaveLength(3 + 4 * 2); // an epoch frame for each change of limits
  });

  test("turns away what is beyond payload and sources, without a frame", async () => {
    const history = memoryHistory();
    const limits = { payloadBytes: 12, sources: 1 };
    for (const first of [true, false]) {
      const engine = await openFixed(domainIn(lane, limits), history);
      const send = ({ name, payload, source }: Command) => engine.submit(name, payload as never, { source });
      if (first) await send(sent(1, 1n, hear(10)));
      await expect(send(hear(11))).rejects.toMatchObject({ code: "TOO_LARGE" });
      await expect(send(sent(2))).rejects.toMatchObject({ code: "SOURCES_FULL" });
      expect(engine.frontier.seq).toBe(2n);
      await engine.close();
    }
  });
});
