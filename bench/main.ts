/**
 * The benchmark: `npm run bench -- [--row GLOB]... [--quick] [--json] [--dir DIR]`.
 *
 * Responsible for: arguments, the order of work, what goes to stdout (the table, or a JSON line a row) and what to stderr.
 */
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Group, Settings } from "./group.ts";
import { fileSystemOf, load, machineLine } from "./machine.ts";
import { root } from "./places.ts";
import { headLine, jsonLine, tableLine } from "./report.ts";
import { GROUPS } from "./rows.ts";

const USAGE = `npm run bench -- [options]
  --row GLOB   rows to run, more than once if you like; * and ? as in file names; all rows if left out
  --quick      fewer and shorter turns
  --json       one JSON object a row on stdout, everything else on stderr
  --dir DIR    where durable rows write; on a disk, not in memory; data/ of the project if left out
  --list       names the rows`;

interface Arguments {
  readonly selected: (name: string) => boolean;
  readonly quick: boolean;
  readonly json: boolean;
  readonly list: boolean;
  readonly directory: string;
}

/** A wish that can not be fulfilled: one line, no stack. */
class Refusal extends Error {}

function readArguments(): Arguments {
  const options = {
    row: { type: "string", multiple: true },
    quick: { type: "boolean" },
    json: { type: "boolean" },
    dir: { type: "string" },
    list: { type: "boolean" },
    help: { type: "boolean" },
  } as const;
  let values: ReturnType<typeof parseArgs<{ options: typeof options }>>["values"];
  try {
    values = parseArgs({ options }).values;
  } catch (error) {
    throw new Refusal(`${(error as Error).message}\n${USAGE}`);
  }
  if (values.help) throw new Refusal(USAGE);
  const globs = (values.row ?? ["*"]).map(globPattern);
  return {
    selected: (name) => globs.some((glob) => glob.test(name)),
    quick: values.quick ?? false,
    json: values.json ?? false,
    list: values.list ?? false,
    directory: values.dir ?? join(root, "data"),
  };
}

function globPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`);
}

/** @throws {Refusal} durable rows on a file system that has no disk behind it */
function requireDisk(directory: string): void {
  let place = resolve(directory);
  while (!existsSync(place)) place = dirname(place);
  const { inMemory, type } = fileSystemOf(place);
  if (inMemory) {
    throw new Refusal(
      `${directory} is on ${type}, where a sync means nothing: durable rows need --dir on a disk (or leave them out with --row)`,
    );
  }
  mkdirSync(directory, { recursive: true });
}

function showTurn(side: string, turn: number, turns: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${side}, turn ${turn + 1} of ${turns}`);
}

function clearTurn(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
}

async function runGroup(group: Group, settings: Settings, { json, selected }: Arguments): Promise<void> {
  const { results, notes } = await group.measure(settings);
  clearTurn();
  const print = json ? jsonLine : tableLine;
  for (const result of results) if (selected(result.name)) console.log(print(result));
  for (const note of notes) (json ? console.error : console.log)(`  ${note}`);
}

async function main(): Promise<void> {
  const given = readArguments();
  const wanted = ({ rows }: Group) =>
    rows.filter(({ name, isLong }) => given.selected(name) && !(given.quick && isLong));
  const groups = GROUPS.filter((group) => wanted(group).length > 0);
  if (given.list) {
    for (const group of groups) for (const { name } of wanted(group)) console.log(name);
    return;
  }
  if (groups.length === 0) throw new Refusal("no row has such a name; --list names them");
  if (groups.some(({ durable }) => durable)) requireDisk(given.directory);
  const settings = {
    quick: given.quick,
    directory: given.directory,
    build: join(root, "build", "bench"),
    onTurn: showTurn,
  };
  const say = given.json ? console.error : console.log;
  say(`${machineLine()}, load ${load()}`);
  if (!given.json) console.log(headLine());
  for (const group of groups) await runGroup(group, settings, given);
}

main().catch((error: unknown) => {
  clearTurn();
  process.exitCode = error instanceof Refusal ? 2 : 1;
  console.error(error instanceof Refusal ? error.message : error);
});
