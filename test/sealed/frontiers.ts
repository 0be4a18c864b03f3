/**
 * Commands at the edge of a budget, run from one frontier in every way an executor can have come there.
 *
 * Responsible for: executors at a frontier under given limits; the lowest limit that commands commit under; that what does
 * not commit leaves no trace; that executors which loaded a snapshot or applied frames answer the rest of a script with the
 * same bytes. Not responsible for: what the edge should be, how a command beyond it should end.
 */
import { expect } from "vitest";
import * as abi from "../../assembly/abi.ts";
import type { Domain, SealedLimits } from "../../src/engine/domain.ts";
import { Bench, type Command, START_NS } from "./executing.ts";

export interface Retire {
  readonly retire: { readonly client: bigint; readonly stream: number };
}
export type Step = Command | Retire;

/** The body of a frame, or what admission answered. */
export type Answer = Uint8Array | number;

/** A domain in one lane, and frames to start from: they were made under its own limits, which are wide. */
export interface Ground {
  readonly domain: Domain;
  readonly bodies: readonly Uint8Array[];
}

/** One time for all commands: batches have one for all of theirs. */
const TIME_NS = START_NS + 1n;

export async function groundOf(domain: Domain, commands: readonly Command[]): Promise<Ground> {
  const bench = await Bench.start(domain);
  const bodies = [bench.openEpoch()];
  for (const command of commands) {
    const body = bench.run(command, START_NS);
    if (body[abi.FRAME_OUTCOME] !== abi.OUTCOME_COMMITTED) throw new Error(`${command.name} did not commit`);
    bodies.push(body);
  }
  return { domain, bodies };
}

function answer(bench: Bench, step: Step): Answer {
  if ("retire" in step) return bench.retire(step.retire.client, step.retire.stream, TIME_NS);
  return bench.ask(step, TIME_NS);
}

/** An executor on the ground, behind the epoch frame of other limits. */
async function standOn({ domain, bodies }: Ground, limits: SealedLimits, hashSeed = 1) {
  const bench = (await Bench.start(domain, { limits, hashSeed })).apply(bodies);
  return { bench, history: [...bodies, bench.openEpoch()] };
}

export function commits(answer: Answer): boolean {
  return typeof answer !== "number" && answer[abi.FRAME_OUTCOME] === abi.OUTCOME_COMMITTED;
}

/**
 * Finds an edge: doubles until it is enough, then halves.
 *
 * @param most where doubling ends
 * @returns the lowest number from 1 that is enough, if every higher one is
 */
export async function lowest(most: number, isEnough: (tried: number) => Promise<boolean>): Promise<number> {
  let [below, above] = [0, 1];
  while (!(await isEnough(above))) {
    if (above === most) throw new Error(`not even ${most} is enough`);
    below = above;
    above = Math.min(2 * above, most);
  }
  while (above - below > 1) {
    const tried = Math.floor((below + above) / 2);
    if (await isEnough(tried)) above = tried;
    else below = tried;
  }
  return above;
}

/** Whether every command of a script commits under limits. */
export async function allCommit(ground: Ground, limits: SealedLimits, script: readonly Step[]) {
  const { bench } = await standOn(ground, limits);
  return script.every((step) => commits(answer(bench, step)));
}

// ---- no trace --------------------------------------------------------------------------------------------

const SNAPSHOT_SEQ = 8;
const SNAPSHOT_NEXT_SYS_ID = 24;

/** A snapshot without its frontier: next SysId, limits, sources, records. */
function contentOf(snapshot: Uint8Array): Uint8Array {
  return snapshot.slice().fill(0, SNAPSHOT_SEQ, SNAPSHOT_NEXT_SYS_ID);
}

/** Every structure of the state, and how large it counts. */
const shapeOf = (bench: Bench) => ({
  wrong: bench.check(),
  stateBytes: bench.executor.core.exports.stateBytes(),
});

/** A command without a source moves nothing but the frontier, or, refused, not even that. */
function checkNoTrace(step: Step, made: Answer, before: Uint8Array, after: Uint8Array): void {
  if (typeof made === "number") expect(same(after, before), "a refusal leaves no trace").toBe(true);
  else if (!commits(made) && !("retire" in step) && step.source === undefined) {
    expect(same(contentOf(after), contentOf(before)), "all is undone").toBe(true);
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

// ---- the same from every frontier ------------------------------------------------------------------------

interface Frontier {
  readonly snapshot: Uint8Array;
  readonly history: readonly Uint8Array[];
}

/**
 * Runs a script under limits; then its rest again from each frontier in it, on an executor that loaded a snapshot of it and
 * on one that applied all frames up to it, the one command by command and the other in batches, by turns.
 *
 * @returns what the steps came to
 */
export async function runEverywhere(
  ground: Ground,
  limits: SealedLimits,
  script: readonly Step[],
): Promise<Answer[]> {
  const { bench: live, history } = await standOn(ground, limits);
  const frontiers: Frontier[] = [];
  const answers: Answer[] = [];
  let snapshot = live.snapshot();
  for (const step of script) {
    frontiers.push({ snapshot, history: [...history] });
    const before = shapeOf(live);
    const made = answer(live, step);
    answers.push(made);
    if (typeof made !== "number") history.push(made);
    const after = live.snapshot();
    checkNoTrace(step, made, snapshot, after);
    if (!commits(made)) expect(shapeOf(live)).toEqual({ ...before, wrong: 0 });
    snapshot = after;
  }
  const end = { ...shapeOf(live), fingerprint: live.fingerprint() };
  expect(end.wrong).toBe(0);
  for (const [at, frontier] of frontiers.entries()) {
    const rest = script.slice(at);
    const expected = answers.slice(at);
    for (const { how, other, batched } of await arrivals(ground.domain, frontier, at)) {
      const where = `${how} before step ${at}${batched ? ", in batches" : ""}`;
      expect(same(other.snapshot(), frontier.snapshot), `${where}: the snapshot`).toBe(true);
      const made = batched ? inBatches(other, rest, expected) : rest.map((step) => answer(other, step));
      expectSame(made, expected, where);
      expect({ ...shapeOf(other), fingerprint: other.fingerprint() }, where).toEqual(end);
      expect(same(other.snapshot(), snapshot), `${where}: the last snapshot`).toBe(true);
    }
  }
  return answers;
}

/**
 * Executors at a frontier, one of which is to run batches. Their domain has its own limits: those in force come with the
 * snapshot or the epoch frame.
 */
async function arrivals(domain: Domain, { snapshot, history }: Frontier, turn: number) {
  const start = (memoryPages: number) => Bench.start(domain, { hashSeed: 2 + turn, memoryPages });
  return [
    { how: "loaded", other: (await start(70)).load(snapshot), batched: turn % 2 === 1 },
    { how: "applied", other: (await start(0)).apply(history), batched: turn % 2 === 0 },
  ];
}

/** In as few batches as can be: what is to be refused, and what is no command, goes alone. */
function inBatches(bench: Bench, script: readonly Step[], expected: readonly Answer[]): Answer[] {
  const made: Answer[] = [];
  let batch: Command[] = [];
  const flush = () => {
    if (batch.length > 0) made.push(...bench.runBatch(batch, TIME_NS));
    batch = [];
  };
  for (const [at, step] of script.entries()) {
    if (!("retire" in step) && typeof expected[at] !== "number") batch.push(step);
    else {
      flush();
      made.push(answer(bench, step));
    }
  }
  flush();
  return made;
}

export function expectSame(made: readonly Answer[], expected: readonly Answer[], where: string): void {
  const text = (answers: readonly Answer[]) =>
    answers.map((one) => (typeof one === "number" ? `refused ${one}` : Buffer.from(one).toString("hex")));
  if (made.length === expected.length && made.every((one, at) => sameAnswer(one, expected[at]!))) return;
  expect(text(made), where).toEqual(text(expected));
}

function sameAnswer(a: Answer, b: Answer): boolean {
  return typeof a === "number" || typeof b === "number" ? a === b : same(a, b);
}
