/**
 * The slow twin of the text of a frame: from the decoded frame, in TypeScript.
 *
 * It shares no code with assembly/inspect: values come from src/history/frame.ts, their texts from src/cli/values-text.ts.
 */
import { timeText, valuesText, valueText } from "../../src/cli/values-text.ts";
import type { CommandFrame, DecodedFrame, FrameDelta } from "../../src/history/frame.ts";
import { detailFields, fieldsOf } from "../../src/history/frame-json.ts";
import type { FieldModel, SchemaModel } from "../../src/schema/model.ts";
import type { FieldValues } from "../../src/schema/values-json.ts";

/** A frame as the sentence that says what a frame is. @param before @param after hex digests */
export function sentence(frame: DecodedFrame, model: SchemaModel, before: string, after: string): string {
  return [
    `Frame ${frame.seq} (epoch ${frame.epoch}, ${frame.bytes} bytes, ${timeText(frame.timeNs)})`,
    `this command              ${kindOf(frame)}`,
    ...subject(frame, model),
    `executed against frontier ${frame.seq - 1n}${before && `:${before}`}`,
    ...(frame.type === "command" ? result(frame, model) : ["produced this outcome     committed"]),
    `and advanced the frontier ${frame.seq}${after && `:${after}`}`,
  ].join("\n");
}

function kindOf(frame: DecodedFrame): string {
  if (frame.type === "command") return frame.command;
  return frame.type[0]!.toUpperCase() + frame.type.slice(1);
}

function subject(frame: DecodedFrame, model: SchemaModel): string[] {
  switch (frame.type) {
    case "epoch": {
      const { program, parent } = frame;
      const limits = Object.entries(frame.limits).map(([name, value]) => `${name}=${value}`);
      const lane =
        program.lane === "open"
          ? `open lane, revision ${program.revision}`
          : `sealed lane, module ${program.module}`;
      return [
        `  schema ${frame.schema.name}, fingerprint ${frame.fingerprint}`,
        `  ${lane}, core semantics ${frame.semantics}`,
        `  limits ${limits.join(" ")}`,
        ...(parent ? [`  goes on from history ${parent.historyId} at ${parent.seq}:${parent.digest}`] : []),
      ];
    }
    case "retire":
      return [`  client ${frame.client}, stream ${frame.stream}`];
    case "checkpoint":
      return [`  state at frame ${frame.stateSeq}: ${frame.stateDigest}`];
    case "command":
      return [
        ...fieldLines(fieldsOf(model.commands, frame.command), frame.payload, "  "),
        ...sourceLines(frame),
      ];
  }
}

function sourceLines({ source }: CommandFrame): string[] {
  if (source === null) return [];
  const previous = source.previous > 0n ? `its previous frame ${source.previous}` : "its first";
  return [`  from client ${source.client}, stream ${source.stream}, seq ${source.seq}, ${previous}`];
}

/** `NOT_FILLABLE available=10` */
export function codeText(frame: CommandFrame, model: SchemaModel): string {
  const fields = detailFields(frame, model);
  const detail = frame.detail ?? {};
  const plain = Object.entries(detail).map(([name, value]) => `${name}=${value}`);
  return `${frame.code} ${fields.length > 0 ? valuesText(fields, detail) : plain.join(" ")}`.trimEnd();
}

function result(frame: CommandFrame, model: SchemaModel): string[] {
  if (frame.outcome !== "committed") {
    return [
      `produced this outcome     ${frame.outcome}: ${codeText(frame, model)}`,
      "applied this delta        none",
    ];
  }
  const { deltas, events } = frame;
  return [
    "produced this outcome     committed",
    `applied this delta        ${deltas.length || "none"}${[" records", " record", ""][deltas.length === 0 ? 2 : deltas.length === 1 ? 1 : 0]}`,
    ...deltas.flatMap((delta) => deltaLines(delta, fieldsOf(model.kinds, delta.kind))),
    `emitted these events      ${events.length || "none"}`,
    ...events.map(({ name, values }) =>
      `  ${name} ${valuesText(fieldsOf(model.events, name), values)}`.trimEnd(),
    ),
  ];
}

function deltaLines(delta: FrameDelta, fields: readonly FieldModel[]): string[] {
  const name = `  ${delta.kind} ${delta.sysId}`;
  if (delta.op === "insert") return [`${name} created`, ...fieldLines(fields, delta.after, "    ")];
  const link = `last changed by frame ${delta.previous}`;
  if (delta.op === "delete") {
    const head = `${name} deleted (revision ${delta.revision}, ${link})`;
    return [head, ...fieldLines(fields, delta.before, "    ")];
  }
  const changed = fields.filter((field) => field.name in delta.after);
  const width = widest(changed);
  return [
    `${name} changed (revision ${delta.revision - 1} -> ${delta.revision}, ${link})`,
    ...changed.map((field) => {
      const [before, after] = [delta.before, delta.after].map((values) => {
        return valueText(field, values[field.name]);
      });
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
  return Math.max(0, ...fields.map(({ name }) => name.length));
}
