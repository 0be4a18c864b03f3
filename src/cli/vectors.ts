/**
 * `statevec vectors record|check`: vector files of a domain.
 *
 * Responsible for: files, what is said about them, exit codes. Not responsible for: running and comparing (src/vectors).
 * I1: a recorded result is never replaced unless `--overwrite` says so.
 */
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import type { Domain } from "../engine/domain.ts";
import { UsageError } from "../errors.ts";
import { changedVectors, checkVectors, runVectors } from "../vectors/check.ts";
import { differenceText, type VectorDifference } from "../vectors/difference.ts";
import { formatVectors } from "../vectors/format.ts";
import { vectorsOfHistory } from "../vectors/history-vectors.ts";
import { parseScript, parseVectors } from "../vectors/parse.ts";
import type { VectorStep, Vectors } from "../vectors/vectors.ts";
import { loadDomain } from "./domain-module.ts";
import { CliError, EXIT_DAMAGED, EXIT_GOOD, EXIT_USAGE } from "./exit-codes.ts";
import type { Output } from "./output.ts";
import { openPlace } from "./place.ts";

export interface RecordOptions {
  readonly domain: string;
  /** The vector file. */
  readonly out: string;
  /** Of a history: the last frame to record. */
  readonly to: bigint | undefined;
  readonly overwrite: boolean;
  readonly json: boolean;
}

/** @returns the exit code */
export async function recordVectors(source: string, options: RecordOptions, output: Output): Promise<number> {
  const { out, overwrite, json } = options;
  const domain = await loadDomain(options.domain);
  const stat = statSync(source, { throwIfNoEntry: false });
  if (stat === undefined) throw new CliError(EXIT_USAGE, `${source}: there is no such file or directory`);
  const vectors = stat.isDirectory()
    ? await fromHistory(source, domain, options.to)
    : await fromFile(source, domain, options.to);
  if (existsSync(out) && !overwrite) refuseChange(out, vectors);
  const unfinished = `${out}.new`;
  writeFileSync(unfinished, formatVectors(vectors));
  renameSync(unfinished, out);
  const counts = countsOf(vectors.steps);
  if (json) await output.json({ file: out, steps: vectors.steps.length, ...Object.fromEntries(counts) });
  else await output.line(`${out}: ${stepsText(vectors)} recorded (${countsText(counts)})`);
  return EXIT_GOOD;
}

/** @returns the exit code */
export async function checkVectorFiles(
  files: readonly string[],
  options: { readonly domain: string; readonly json: boolean },
  output: Output,
): Promise<number> {
  const domain = await loadDomain(options.domain);
  let agree = true;
  for (const file of files) {
    const vectors = inFile(file, () => parseVectors(textOf(file)));
    const differences = await ofFile(file, checkVectors(domain, vectors));
    agree &&= differences.length === 0;
    if (options.json) await output.json({ file, steps: vectors.steps.length, differences });
    else for (const line of reportLines(file, vectors, differences)) await output.line(line);
  }
  return agree ? EXIT_GOOD : EXIT_DAMAGED;
}

// ---- where vectors come from -----------------------------------------------------------------------------

async function fromHistory(directory: string, domain: Domain, to: bigint | undefined): Promise<Vectors> {
  const { history, info } = await openPlace(directory);
  const vectors = await ofFile(directory, vectorsOfHistory(history, { to: to ?? info.frontier.seq }));
  const [difference] = await checkVectors(domain, vectors);
  if (difference === undefined) return vectors;
  const problem = "the domain does something else than the history says";
  throw new CliError(EXIT_DAMAGED, `${directory}: ${problem}: ${differenceText(difference)}`);
}

async function fromFile(file: string, domain: Domain, to: bigint | undefined): Promise<Vectors> {
  if (to !== undefined) throw new CliError(EXIT_USAGE, `--to: ${file} is a file; it is for histories`);
  const script = inFile(file, () => parseScript(textOf(file)));
  const vectors = await ofFile(file, runVectors(domain, script));
  const [difference] = await checkVectors(domain, vectors);
  if (difference === undefined) return vectors;
  const problem = "a second run made something else, so a handler keeps something outside of its tx";
  throw new CliError(EXIT_DAMAGED, `${file}: ${problem}: ${differenceText(difference)}`);
}

function textOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) throw new CliError(EXIT_USAGE, `${file}: there is no such file`);
  if (!stat.isFile()) throw new CliError(EXIT_USAGE, `${file} is a directory, expected a vector file`);
  return readFileSync(file, "utf8");
}

/** What is there must stay as it is: results are what others rely on. */
function refuseChange(out: string, vectors: Vectors): void {
  const recorded = inFile(out, () => parseScript(textOf(out)));
  const change = changedVectors(recorded, vectors);
  if (change === undefined) return;
  const problem = "it has other vectors already, and nothing was written; --overwrite replaces them";
  throw new CliError(EXIT_DAMAGED, `${out}: ${problem}. ${differenceText(change)}`);
}

/** Names the file in front of what is wrong in it. */
function named(file: string, error: unknown): unknown {
  return error instanceof UsageError ? new CliError(EXIT_USAGE, `${file}: ${error.message}`) : error;
}

function inFile<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw named(file, error);
  }
}

async function ofFile<T>(file: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw named(file, error);
  }
}

// ---- what is said ----------------------------------------------------------------------------------------

function stepsText({ steps }: Vectors): string {
  return steps.length === 1 ? "1 step" : `${steps.length} steps`;
}

function kindOf({ result }: VectorStep): string {
  if ("outcome" in result) return result.outcome;
  if ("frame" in result) return "retired";
  return "refused" in result ? "refused" : "duplicate";
}

function countsOf(steps: readonly VectorStep[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const step of steps) counts.set(kindOf(step), (counts.get(kindOf(step)) ?? 0) + 1);
  return counts;
}

function countsText(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(", ");
}

function reportLines(file: string, vectors: Vectors, differences: readonly VectorDifference[]): string[] {
  const [first] = differences;
  if (first === undefined) return [`${file}: ${stepsText(vectors)}, all as recorded`];
  const rest = differences.length - 1;
  const more = rest === 1 ? ["  1 more step differs"] : [`  ${rest} more steps differ`];
  return [`${file}: ${differenceText(first)}`, ...(rest > 0 && first.step > 0 ? more : [])];
}
