/**
 * The functions of `statevec/vectors` that run: record and check.
 *
 * Responsible for: what is compared with what. Not responsible for: running steps (run.ts), files.
 */
import type { Domain } from "../engine/domain.ts";
import type { SchemaParts } from "../schema/index.ts";
import { type Found, firstDifference, type VectorDifference } from "./difference.ts";
import { refuse } from "./parse.ts";
import { VectorRun } from "./run.ts";
import {
  type JsonObject,
  type ScriptStep,
  START_NS,
  type VectorResult,
  type VectorScript,
  type VectorStep,
  type Vectors,
} from "./vectors.ts";

/**
 * Runs the steps on an engine in memory with fixed clock and ids, and says what became of each. Results that the script
 * has already are not looked at.
 *
 * @returns the script with its rules, full payloads, and the results as they are now
 * @throws {UsageError} a step is none of the schema, or the vectors are of the other lane
 * @throws what `engine.submit` throws, but `AdmissionError`, which is a result
 */
export async function runVectors<P extends SchemaParts>(
  domain: Domain<P>,
  script: VectorScript,
): Promise<Vectors> {
  const run = await openRun(domain, script);
  try {
    return { ...headOf(script), ...run.rules, steps: await run.run(script.steps) };
  } finally {
    await run.close();
  }
}

/**
 * Runs recorded vectors and compares: rules first, then every result.
 *
 * @returns the first difference of each step that differs; none at all: the domain does what the vectors say. Under other
 *   rules (engine, schema, limits) nothing is run, and the differences are those of the rules.
 * @throws as `runVectors`
 * @example
 * const differences = await checkVectors(bank, parseVectors(readFileSync("test/bank.vectors.json", "utf8")));
 * assert.deepEqual(differences.map(differenceText), []);
 */
export async function checkVectors<P extends SchemaParts>(
  domain: Domain<P>,
  vectors: Vectors,
): Promise<readonly VectorDifference[]> {
  const run = await openRun(domain, vectors);
  try {
    const others = ruleDifferences(vectors, { ...run.rules });
    if (others.length > 0) return others;
    const steps = await run.run(vectors.steps);
    return stepDifferences(vectors.steps, steps, run.causes);
  } finally {
    await run.close();
  }
}

/**
 * What recording would change: the first place where `now` is not what `recorded` says. Steps that are new at the end, steps
 * that had no result, and texts (`about`) are no changes.
 */
export function changedVectors(recorded: VectorScript, now: Vectors): VectorDifference | undefined {
  const [rules] = ruleDifferences(recorded, { ...now });
  if (rules !== undefined) return rules;
  for (const [index, step] of recorded.steps.entries()) {
    if (step.result === undefined) continue;
    const next = now.steps[index];
    const difference =
      next === undefined
        ? { field: "the step", expected: JSON.stringify(step), found: "nothing" }
        : firstDifference({ ...step, about: undefined }, { ...next, about: undefined });
    if (difference !== undefined) return { step: index + 1, command: nameOf(step), ...difference };
  }
  return undefined;
}

async function openRun<P extends SchemaParts>(domain: Domain<P>, script: VectorScript): Promise<VectorRun> {
  const { lane, steps } = script;
  const [first] = steps;
  const startNs = first?.timeNs === undefined ? START_NS : BigInt(first.timeNs);
  const run = await VectorRun.open(domain as unknown as Domain, startNs);
  if (lane === undefined || lane === run.lane) return run;
  await run.close();
  return refuse("vectors.lane", lane, `${run.lane}, the lane of the domain, or no lane`);
}

function headOf({ about, lane }: VectorScript): Pick<Vectors, "about" | "lane"> {
  return { ...(about === undefined ? {} : { about }), ...(lane === undefined ? {} : { lane }) };
}

/** Rules that a script does not say are not compared; limits that a file does not know came later. */
function ruleDifferences(script: VectorScript, now: JsonObject): VectorDifference[] {
  return (["engine", "schema", "limits"] as const).flatMap((name) => {
    const expected = script[name];
    if (expected === undefined) return [];
    const found = now[name] as JsonObject;
    const known = Object.keys(expected).map((member) => [member, found[member]] as const);
    const difference = firstDifference(expected, Object.fromEntries(known), name);
    return difference === undefined ? [] : [{ step: 0, command: "", ...difference }];
  });
}

function stepDifferences(
  recorded: readonly VectorStep[],
  now: readonly VectorStep[],
  causes: ReadonlyMap<string, string>,
): VectorDifference[] {
  return recorded.flatMap((step, index) => {
    const { result } = now[index]!;
    const difference = resultDifference(step.result, result);
    if (difference === undefined) return [];
    const cause = "outcome" in result && result.outcome === "faulted" ? causes.get(result.frame) : undefined;
    const head = { step: index + 1, command: nameOf(step) };
    return [{ ...head, ...difference, ...(cause === undefined ? {} : { cause }) }];
  });
}

/** Another outcome says more with its code, another kind of result more as a whole. */
function resultDifference(expected: VectorResult, found: VectorResult): Found | undefined {
  const difference = firstDifference(expected, found);
  if (difference === undefined || difference.field !== "outcome") return difference;
  return { field: "outcome", expected: outcomeText(expected), found: outcomeText(found) };
}

function outcomeText(result: VectorResult): string {
  const { outcome, code, detail } = result as JsonObject;
  if (outcome === undefined) return JSON.stringify(result);
  return [outcome, code, detail && JSON.stringify(detail)].filter((part) => part !== undefined).join(" ");
}

function nameOf(step: ScriptStep): string {
  return "retire" in step ? "retire" : step.command;
}
