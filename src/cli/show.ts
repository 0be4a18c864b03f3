/** `statevec show DIR --seq N`: one frame as the sentence that says what a frame is. */
import { bytesToHex } from "@noble/hashes/utils.js";
import { readFrame } from "../engine/frames.ts";
import { firstDigest } from "../history/chain.ts";
import type { CommandFrame, DecodedFrame, FrameDelta } from "../history/frame.ts";
import { fieldsOf, frameForJson } from "../history/frame-json.ts";
import type { FieldModel, SchemaModel } from "../schema/model.ts";
import type { FieldValues } from "../schema/values-json.ts";
import { CliError, EXIT_GOOD, EXIT_NOT_FOUND } from "./exit-codes.ts";
import { FrameReader } from "./frame-reader.ts";
import { codeText, kindOf, programText } from "./log.ts";
import type { Output } from "./output.ts";
import { openPlace, type Place, unacknowledgedFrom } from "./place.ts";
import { timeText, valuesText, valueText } from "./values-text.ts";

export interface ShowOptions {
  readonly seq: bigint;
  readonly json: boolean;
}

interface Frontier {
  readonly seq: bigint;
  readonly digest: string;
}

/** @returns the exit code */
export async function show(directory: string, options: ShowOptions, output: Output): Promise<number> {
  const place = await openPlace(directory);
  await showFrame(place, options, output);
  return EXIT_GOOD;
}

/** Prints a frame that must be there. */
export async function showFrame(place: Place, { seq, json }: ShowOptions, output: Output): Promise<void> {
  const { history, info } = place;
  if (seq > info.frontier.seq) {
    throw new CliError(EXIT_NOT_FOUND, `there is no frame ${seq}: the last one is ${info.frontier.seq}`);
  }
  const stored = await readFrame(history, seq);
  if (stored === undefined) throw new CliError(EXIT_NOT_FOUND, `there is no frame ${seq}`);
  const digestBefore =
    (seq > 1n && (await readFrame(history, seq - 1n))?.digest) || firstDigest(info.historyId);
  const reader = await FrameReader.of(history);
  const frame = reader.decode(stored);
  const before = { seq: seq - 1n, digest: bytesToHex(digestBefore) };
  const unacknowledged = unacknowledgedFrom(info);
  const mayBeUnacknowledged = unacknowledged !== undefined && seq >= unacknowledged;
  if (json) {
    const mark = mayBeUnacknowledged ? { mayBeUnacknowledged } : {};
    await output.json({ ...frameForJson(frame, reader.model), frontierBefore: before, ...mark });
    return;
  }
  for (const line of sentence(frame, before, reader.model)) await output.line(line);
  if (mayBeUnacknowledged)
    await output.line("It may not be acknowledged yet: its writer has not closed the history.");
}

function sentence(frame: DecodedFrame, before: Frontier, model: SchemaModel): string[] {
  const after = { seq: frame.seq, digest: frame.digest ?? "" };
  return [
    `Frame ${frame.seq} (epoch ${frame.epoch}, ${frame.bytes} bytes, ${timeText(frame.timeNs)})`,
    `this command              ${kindOf(frame)}`,
    ...subject(frame, model),
    `executed against frontier ${before.seq}:${before.digest}`,
    ...(frame.type === "command" ? result(frame, model) : ["produced this outcome     committed"]),
    `and advanced the frontier ${after.seq}:${after.digest}`,
  ];
}

/** What the command says. */
function subject(frame: DecodedFrame, model: SchemaModel): string[] {
  switch (frame.type) {
    case "epoch": {
      const limits = Object.entries(frame.limits).map(([name, value]) => `${name}=${value}`);
      const { parent } = frame;
      return [
        `  schema ${frame.schema.name}, fingerprint ${frame.fingerprint}`,
        `  ${programText(frame.program)}, core semantics ${frame.semantics}`,
        `  limits ${limits.join(" ")}`,
        ...(parent ? [`  goes on from history ${parent.historyId} at ${parent.seq}:${parent.digest}`] : []),
      ];
    }
    case "retire":
      return [`  client ${frame.client}, stream ${frame.stream}`];
    case "checkpoint":
      return [`  state at frame ${frame.stateSeq}: ${frame.stateDigest}`];
    case "command": {
      const { source } = frame;
      const from = source && `  from client ${source.client}, stream ${source.stream}, seq ${source.seq}`;
      const previous =
        source && (source.previous > 0n ? `, its previous frame ${source.previous}` : ", its first");
      return [
        ...fieldLines(fieldsOf(model.commands, frame.command), frame.payload, "  "),
        ...(source ? [`${from}${previous}`] : []),
      ];
    }
  }
}

/** Outcome, delta and events. */
function result(frame: CommandFrame, model: SchemaModel): string[] {
  if (frame.outcome !== "committed") {
    return [
      `produced this outcome     ${frame.outcome}: ${codeText(frame, model)}`,
      "applied this delta        none",
    ];
  }
  const events = frame.events.map(
    ({ name, values }) => `  ${name} ${valuesText(fieldsOf(model.events, name), values)}`,
  );
  return [
    "produced this outcome     committed",
    `applied this delta        ${frame.deltas.length === 0 ? "none" : frame.deltas.length === 1 ? "1 record" : `${frame.deltas.length} records`}`,
    ...frame.deltas.flatMap((delta) => deltaLines(delta, fieldsOf(model.kinds, delta.kind))),
    `emitted these events      ${events.length === 0 ? "none" : events.length}`,
    ...events,
  ];
}

function deltaLines(delta: FrameDelta, fields: readonly FieldModel[]): string[] {
  const name = `  ${delta.kind} ${delta.sysId}`;
  if (delta.op === "insert") return [`${name} created`, ...fieldLines(fields, delta.after, "    ")];
  const link = `last changed by frame ${delta.previous}`;
  if (delta.op === "delete") {
    return [
      `${name} deleted (revision ${delta.revision}, ${link})`,
      ...fieldLines(fields, delta.before, "    "),
    ];
  }
  const changed = fields.filter((field) => field.name in delta.after);
  const width = widest(changed);
  return [
    `${name} changed (revision ${delta.revision - 1} -> ${delta.revision}, ${link})`,
    ...changed.map((field) => {
      const [before, after] = [delta.before, delta.after].map((values) =>
        valueText(field, values[field.name]),
      );
      return `    ${field.name.padEnd(width)}  ${before} -> ${after}`;
    }),
  ];
}

function fieldLines(fields: readonly FieldModel[], values: FieldValues, indent: string): string[] {
  const width = widest(fields);
  return fields.map(
    (field) => `${indent}${field.name.padEnd(width)}  ${valueText(field, values[field.name])}`,
  );
}

function widest(fields: readonly FieldModel[]): number {
  return fields.reduce((width, { name }) => Math.max(width, name.length), 0);
}
