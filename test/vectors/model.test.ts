/**
 * The reference model makes the frames of the vectors too, so that nothing was recorded only because the engine does it.
 *
 * Left out: payloads that are turned away, conflicts, properties that are no field, retiring and what comes after it.
 * Checked arithmetic is the engine's own on both sides here; it has tests and a model of its own.
 */
import type { Schema } from "statevec/schema";
import type { CommandStep, VectorStep } from "statevec/vectors";
import { expect, test } from "vitest";
import { enterHandler, leaveHandler } from "../../src/engine/guard.ts";
import { modelOf } from "../../src/schema/define-schema.ts";
import { LIMITS } from "../../src/schema/framework-codes.ts";
import { payloadValues } from "../../src/vectors/payload.ts";
import { startEngine } from "../model/executor.ts";
import type { ModelCommand } from "../model/frames.ts";
import { type Handlers, startModel } from "../model/harness.ts";
import { Code } from "../model/tx.ts";
import { openDomains, openProgramOf, vectorFiles } from "./files.ts";

const START_NS = 1_767_225_600_000_000_000n;

/** The handlers for the model: `num` faults the command that runs in it. */
function forModel(handlers: ReturnType<Handlers>): ReturnType<Handlers> {
  const wrapped = Object.entries(handlers).map(([name, handler]) => {
    const guarded = (tx: any, command: any) => {
      const overflow = (): never => {
        throw tx.fault(Code.OVERFLOW, 0);
      };
      enterHandler({ overflow });
      try {
        return handler(tx, command);
      } finally {
        leaveHandler();
      }
    };
    return [name, guarded] as const;
  });
  return Object.fromEntries(wrapped);
}

function commandOf(schema: Schema, step: CommandStep, timeNs: bigint): ModelCommand {
  const message = modelOf(schema).commands.find(({ name }) => name === step.command)!;
  const payload = payloadValues("payload", message, step.payload);
  const source = step.source && {
    client: BigInt(step.source.client),
    stream: step.source.stream,
    seq: BigInt(step.source.seq),
  };
  return { name: step.command, payload, timeNs, source };
}

const UNKNOWN_TO_MODEL = ["MALFORMED", "TOO_LARGE", "CONFLICT"];

/** What the model does not judge: payloads that are turned away, and values that only JavaScript can hold. */
function isForModel({ payload, result }: CommandStep & VectorStep): boolean {
  if ("refused" in result && UNKNOWN_TO_MODEL.includes(result.refused)) return false;
  return payload.misdeed !== "UnknownField";
}

/** The commands that both sides are given, with the step each is of. */
function commandsOf(schema: Schema, steps: readonly VectorStep[]) {
  const commands: { readonly step: VectorStep; readonly command: ModelCommand }[] = [];
  let timeNs = START_NS;
  for (const step of steps) {
    timeNs = step.timeNs === undefined ? timeNs : BigInt(step.timeNs);
    if ("retire" in step) break;
    if (!isForModel(step)) continue;
    commands.push({ step, command: commandOf(schema, step, timeNs) });
  }
  return commands;
}

const files = vectorFiles().filter(({ vectors }) => vectors.lane !== "sealed");

test.each(files)("$name", ({ vectors }) => {
  const domain = openDomains.get(vectors.schema.name)!;
  const { handlers: own, limits: named } = openProgramOf(domain);
  const handlers = own as unknown as ReturnType<Handlers>;
  const limits = Object.fromEntries(LIMITS.map(({ name, number }) => [number, named[name]]));
  const schema = domain.schema as Schema;
  const commands = commandsOf(schema, vectors.steps);
  // One side after the other: the handlers of the open lane's own vectors remember what they were given last.
  const run = (start: typeof startModel, given: ReturnType<Handlers>) => {
    const side = start(schema, () => given, { limits, timeNs: START_NS });
    return commands.map(({ command }) => side.execute(command));
  };
  const made = run(startEngine, handlers);
  const expected = run(startModel, forModel(handlers));
  for (const [index, { step, command }] of commands.entries()) {
    expect(made[index], `${command.name}: ${step.about ?? index}`).toEqual(expected[index]);
    const { frame } = made[index] as { readonly frame?: { readonly seq: bigint } };
    if ("frame" in step.result) expect(String(frame?.seq)).toBe(step.result.frame);
  }
  expect(commands.length).toBeGreaterThan(vectors.steps.length / 2);
});
