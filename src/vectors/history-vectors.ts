/**
 * Vectors out of a history that is there.
 *
 * Responsible for: its commands as steps, its frames as results. Not responsible for: whether a domain makes the same
 * (checkVectors), files.
 */
import { KIND_EPOCH } from "../../assembly/abi.ts";
import { type FrameSource, framesOf, readFrame } from "../engine/frames.ts";
import { HistoryError, UsageError } from "../errors.ts";
import { type DecodedFrame, frameDecoder } from "../history/frame.ts";
import { fieldsOf } from "../history/frame-json.ts";
import type { SchemaModel } from "../schema/model.ts";
import { valuesForJson } from "../schema/values-json.ts";
import { plain } from "./payload.ts";
import { resultOfFrame } from "./result.ts";
import { rulesOf } from "./run.ts";
import { type ScriptStep, START_NS, type VectorStep, type Vectors } from "./vectors.ts";

/**
 * The frames of a history as vectors.
 *
 * @param options.to the last frame; all when left out
 * @throws {UsageError} the history goes on under another epoch: vectors are of one
 * @throws {HistoryError} it is damaged, or empty
 */
export async function vectorsOfHistory(
  history: FrameSource,
  options: { readonly to?: bigint | undefined } = {},
): Promise<Vectors> {
  const first = await readFrame(history, 1n);
  const epoch = first && frameDecoder(null).decode(first.body);
  if (epoch?.type !== "epoch") {
    throw new HistoryError("NOT_FOUND", "the history has no frame yet; submit commands first");
  }
  const decoder = frameDecoder(epoch.schema);
  const steps: VectorStep[] = [];
  let timeNs = START_NS;
  for await (const batch of history.read({ from: 2n, to: options.to })) {
    for (const { seq, kind, body } of framesOf(batch)) {
      if (kind === KIND_EPOCH) throw anotherEpoch(seq);
      const frame = decoder.decode(body);
      const time = frame.timeNs === timeNs ? {} : { timeNs: String(frame.timeNs) };
      const result = resultOfFrame(frame, body, epoch.schema);
      steps.push({ ...time, ...stepOf(frame, epoch.schema), result });
      timeNs = frame.timeNs;
    }
  }
  return { ...rulesOf(epoch), steps };
}

function stepOf(frame: DecodedFrame, model: SchemaModel): ScriptStep {
  if (frame.type === "retire") return { retire: { client: String(frame.client), stream: frame.stream } };
  if (frame.type !== "command") {
    throw new UsageError("history", `frame ${frame.seq} is a ${frame.type} frame, which no step can make`);
  }
  const { command, source } = frame;
  const payload = plain(valuesForJson(fieldsOf(model.commands, command), frame.payload));
  if (source === null) return { command, payload };
  const { client, stream, seq } = source;
  return { command, payload, source: { client: String(client), stream, seq: String(seq) } };
}

function anotherEpoch(seq: bigint): UsageError {
  return new UsageError(
    "history",
    `frame ${seq} opens another epoch; vectors are of one: record up to frame ${seq - 1n}`,
  );
}
