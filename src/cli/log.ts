/** `statevec log DIR`: lists frames, a line each. */
import { framesOf } from "../engine/frames.ts";
import type { CommandFrame, DecodedFrame, OutcomeName } from "../history/frame.ts";
import { detailFields, fieldsOf, frameForJson } from "../history/frame-json.ts";
import type { SchemaModel } from "../schema/model.ts";
import { CliError, EXIT_GOOD, EXIT_USAGE } from "./exit-codes.ts";
import { FrameReader } from "./frame-reader.ts";
import type { Output } from "./output.ts";
import { openPlace, tearText, unacknowledgedFrom, unacknowledgedText } from "./place.ts";
import { Progress } from "./progress.ts";
import { timeText, valuesText } from "./values-text.ts";

export interface LogOptions {
  readonly from: bigint;
  readonly to: bigint | undefined;
  readonly kind: string | undefined;
  readonly outcome: OutcomeName | undefined;
  readonly json: boolean;
}

/** Names of the engine's own frames. */
const OWN_KINDS = { epoch: "Epoch", retire: "Retire", checkpoint: "Checkpoint" } as const;

/** The name that `--kind` takes. */
function kindOf(frame: DecodedFrame): string {
  return frame.type === "command" ? frame.command : OWN_KINDS[frame.type];
}

function outcomeOf(frame: DecodedFrame): OutcomeName {
  return frame.type === "command" ? frame.outcome : "committed";
}

/** @returns the exit code */
export async function log(directory: string, options: LogOptions, output: Output): Promise<number> {
  const { history, info } = await openPlace(directory);
  const reader = await FrameReader.of(history);
  if (options.kind !== undefined) requireKind(options.kind, reader.model);
  const unacknowledged = unacknowledgedFrom(info);
  // A line for each frame is progress enough; a filter can find nothing for long.
  const progress = new Progress("searching");
  for await (const batch of history.read({ from: options.from, to: options.to })) {
    for (const stored of framesOf(batch)) {
      const frame = reader.decode(stored);
      if (options.kind !== undefined && kindOf(frame) !== options.kind) continue;
      if (options.outcome !== undefined && outcomeOf(frame) !== options.outcome) continue;
      progress.clear();
      const mayBeUnacknowledged = unacknowledged !== undefined && frame.seq >= unacknowledged;
      if (options.json) {
        const mark = mayBeUnacknowledged ? { mayBeUnacknowledged } : {};
        await output.json({ ...frameForJson(frame, reader.model), ...mark });
      } else {
        await output.line(
          lineOf(frame, reader.model) + (mayBeUnacknowledged ? " (may not be acknowledged yet)" : ""),
        );
      }
    }
    progress.show(batch.firstSeq + BigInt(batch.count - 1), info.frontier.seq);
  }
  progress.clear();
  await output.flush();
  const notes = [info.tear && tearText(info.tear), unacknowledgedText(info)];
  for (const note of notes) if (note !== undefined) process.stderr.write(`${note}\n`);
  return EXIT_GOOD;
}

function requireKind(kind: string, model: SchemaModel): void {
  const names = [...model.commands.map(({ name }) => name), ...Object.values(OWN_KINDS)];
  if (names.includes(kind)) return;
  throw new CliError(EXIT_USAGE, `--kind: found "${kind}", expected one of ${names.join(", ")}`);
}

/** `12  2012-...Z  committed  PlaceOrder orderId=1 ...  => 1 created; OrderAccepted, 2 Trade` */
function lineOf(frame: DecodedFrame, model: SchemaModel): string {
  const head = `${frame.seq}  ${timeText(frame.timeNs)}  ${outcomeOf(frame).padEnd(9)}  ${kindOf(frame)}`;
  switch (frame.type) {
    case "epoch":
      return `${head} ${frame.epoch}: schema ${frame.schema.name} ${frame.fingerprint.slice(0, 12)}, ${programText(frame.program)}`;
    case "retire":
      return `${head} client=${frame.client} stream=${frame.stream}`;
    case "checkpoint":
      return `${head} seq=${frame.stateSeq} digest=${frame.stateDigest}`;
    case "command":
      return `${head} ${valuesText(fieldsOf(model.commands, frame.command), frame.payload)}  => ${resultText(frame, model)}`;
  }
}

function programText(program: Extract<DecodedFrame, { type: "epoch" }>["program"]): string {
  return program.lane === "open"
    ? `open lane, revision ${program.revision}`
    : `sealed lane, module ${program.module}`;
}

/** What the command came to, in short. */
function resultText(frame: CommandFrame, model: SchemaModel): string {
  if (frame.outcome !== "committed") return codeText(frame, model);
  const ops = { insert: 0, update: 0, delete: 0 };
  for (const { op } of frame.deltas) ops[op]++;
  const changes = [
    ops.insert > 0 ? `${ops.insert} created` : "",
    ops.update > 0 ? `${ops.update} changed` : "",
    ops.delete > 0 ? `${ops.delete} deleted` : "",
  ].filter((text) => text !== "");
  const events = new Map<string, number>();
  for (const { name } of frame.events) events.set(name, (events.get(name) ?? 0) + 1);
  const emitted = [...events].map(([name, count]) => (count === 1 ? name : `${count} ${name}`));
  return [changes.join(", ") || "nothing changed", emitted.join(", ")]
    .filter((text) => text !== "")
    .join("; ");
}

/** `NOT_FILLABLE available=10` */
function codeText(frame: CommandFrame, model: SchemaModel): string {
  const fields = detailFields(frame, model);
  const detail = frame.detail ?? {};
  const plain = Object.entries(detail).map(([name, value]) => `${name}=${value}`);
  const text = fields.length > 0 ? valuesText(fields, detail) : plain.join(" ");
  return `${frame.code} ${text}`.trimEnd();
}
