/**
 * Random handler programs, printed in both languages: the same frames, byte for byte, and the same state.
 *
 * STATEVEC_PROGRAM_SEEDS names other seeds than the fixed ones, by commas, for long runs.
 */
import { sealedDomain } from "statevec";
import { describe, expect, test } from "vitest";
import type { Domain } from "../../../src/engine/domain.ts";
import { buildFolder, folderOf } from "../building.ts";
import { compareOneByOne } from "../lanes.ts";
import { tapesOf } from "./choices.ts";
import { commandsOf } from "./commands.ts";
import { Coverage } from "./coverage.ts";
import { programsOf } from "./generate-program.ts";
import type { Program } from "./language.ts";
import { openDomain } from "./open-domain.ts";
import { openText } from "./print-open.ts";
import { handlerText, sealedText } from "./print-sealed.ts";
import { PROGRAMS } from "./programs.schema.ts";

/** Programs that do something; the schema has room for more, which do nothing. */
const COUNT = 40;
const COMMANDS = 2_500;
/** Low, so that programs run into them. */
const LIMITS = {
  work: 4_000,
  touchedRecords: 6,
  events: 4,
  eventBytes: 400,
  cursors: 5,
  frameBytes: 2_500,
};
const named = process.env.STATEVEC_PROGRAM_SEEDS;
/** Together the fixed ones exercise everything that the last test asks for. */
const SEEDS = named?.split(",").map(Number) ?? [1, 29];

function allPrograms(seed: number): Program[] {
  const programs = programsOf(seed, COUNT);
  const idle = Array.from({ length: PROGRAMS - COUNT }, (_, at) => ({ command: `P${COUNT + at}`, body: [] }));
  return [...programs, ...idle];
}

describe("random programs", () => {
  const coverage = new Coverage();

  test.each(SEEDS)("of seed %i make the same frames in both lanes", { timeout: 400_000 }, async (seed) => {
    const programs = allPrograms(seed);
    const files = { "assembly/index.ts": sealedText(programs) };
    const module = await buildFolder(folderOf("programs"), files, { optimize: false });
    const lanes = {
      open: openDomain(programs, LIMITS, coverage.mark),
      sealed: sealedDomain(module, { limits: LIMITS }) as unknown as Domain,
    };
    const explain = (command: string) => {
      const program = programs.find((one) => one.command === command)!;
      return `${openText(program)}\n\n${handlerText(program)}`;
    };
    const commands = commandsOf(tapesOf(seed + 1, 1)[0]!, COUNT, COMMANDS);
    await compareOneByOne(lanes, commands, explain, (frame) => coverage.settle(frame));
  });

  test.runIf(named === undefined)("have exercised every statement, verb, rounding and outcome", () => {
    expect(coverage.missing(1)).toEqual([]);
  });
});
