/**
 * The same commands through both lanes: the same frames, byte for byte, and the same state.
 *
 * Responsible for: running and comparing; the first difference in words. Not responsible for: which commands.
 */
import { inspect } from "node:util";
import { memoryHistory, open } from "statevec/node";
import type { Domain } from "../../src/engine/domain.ts";
import { framesOf } from "../../src/engine/frames.ts";
import { type DecodedFrame, frameDecoder } from "../../src/history/frame.ts";
import type { History } from "../../src/history/history.ts";
import { Bench, type Command, START_NS } from "./executing.ts";

export interface Lanes {
  readonly open: Domain;
  readonly sealed: Domain;
}

/** What a caller has to say about a command that came out differently: the handler in both lanes. */
export type Explain = (command: string) => string;

/** Runs commands one by one in both lanes. @returns the sealed frames @throws {Error} the first difference */
export async function compareOneByOne(
  lanes: Lanes,
  commands: readonly Command[],
  explain: Explain = () => "",
  onFrame: (frame: DecodedFrame) => void = () => {},
): Promise<Uint8Array[]> {
  const open = await Bench.open(lanes.open, { hashSeed: 1 });
  const sealed = await Bench.open(lanes.sealed, { hashSeed: 2, memoryPages: 40 });
  const decoder = frameDecoder(open.executor.binding.model);
  const bodies = commands.map((command, at) => {
    const expected = open.run(command);
    const made = sealed.run(command);
    if (Buffer.compare(expected, made) !== 0) {
      const frames = { open: decoder.decode(expected), sealed: decoder.decode(made) };
      throw new Error(differenceText(at, command, frames, explain(command.name)));
    }
    onFrame(decoder.decode(made));
    return made;
  });
  const state = (bench: Bench) => ({ fingerprint: bench.fingerprint(), wrong: bench.check() });
  const [expected, made] = [state(open), state(sealed)];
  if (expected.fingerprint !== made.fingerprint || expected.wrong !== 0 || made.wrong !== 0) {
    throw new Error(`states differ: ${inspect({ open: expected, sealed: made })}`);
  }
  return bodies;
}

function differenceText(at: number, command: Command, frames: unknown, explanation: string): string {
  const show = (value: unknown) => inspect(value, { depth: 9, breakLength: 108, maxArrayLength: null });
  return [`command ${at} makes other frames in the two lanes`, show(command), show(frames), explanation].join(
    "\n\n",
  );
}

/** An engine of one time and a fixed history id, so that what it writes repeats, in whatever batches. */
export function openFixed(domain: Domain, history: History = memoryHistory()) {
  const clock = { nowNs: () => START_NS };
  return open({ domain, history, clock, historyId: new Uint8Array(16).fill(5) });
}

/** The bodies of a history's frames from a seq on. */
export async function bodiesFrom(history: History, from: bigint): Promise<Uint8Array[]> {
  const bodies: Uint8Array[] = [];
  for await (const batch of history.read({ from })) {
    for (const { body } of framesOf(batch)) bodies.push(body.slice());
  }
  return bodies;
}

/** Runs commands through an engine as a user does. @returns the bodies behind the epoch frame */
export async function engineBodies(
  domain: Domain,
  commands: readonly Command[],
  how: "submit" | "submitMany" | "submitBatch",
): Promise<Uint8Array[]> {
  const history = memoryHistory();
  const engine = await openFixed(domain, history);
  if (how === "submit") {
    await Promise.all(
      commands.map(({ name, payload, source }) => engine.submit(name, payload as never, { source })),
    );
  } else if (how === "submitMany") {
    await engine.submitMany(commands as never);
  } else {
    const batch = engine.newBatch();
    for (const { name, payload, source } of commands) batch.add(name, payload as never, { source });
    await engine.submitBatch(batch);
  }
  await engine.close();
  return bodiesFrom(history, 2n);
}
