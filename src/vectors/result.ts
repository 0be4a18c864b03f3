/**
 * What became of a step, as vectors say it.
 *
 * Responsible for: results from frames, and from what turned a command away. Not responsible for: comparing them.
 * I1: nothing of the lane, the machine or the place of a history is in a result: a leaf covers the body of one frame, and
 * the epoch frame, which names the program, is not among the steps.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import type { AdmissionError } from "../errors.ts";
import { leafOf } from "../history/chain.ts";
import type { CommandFrame, DecodedFrame } from "../history/frame.ts";
import { deltaForJson, detailForJson, eventForJson } from "../history/frame-json.ts";
import type { SchemaModel } from "../schema/model.ts";
import { plain } from "./payload.ts";
import type { VectorResult } from "./vectors.ts";

/** The result that a frame is. @param body its bytes */
export function resultOfFrame(frame: DecodedFrame, body: Uint8Array, model: SchemaModel): VectorResult {
  const said = frame.type === "command" ? commandResult(frame, model) : {};
  const leaf = bytesToHex(leafOf(body));
  return plain({ frame: frame.seq, ...said, leaf }) as unknown as VectorResult;
}

function commandResult(frame: CommandFrame, model: SchemaModel): object {
  const { source, outcome, code, sysIds, deltas, events } = frame;
  const head = { ...(source === null ? {} : { sourcePrevious: source.previous }), outcome };
  if (outcome !== "committed") return { ...head, code, detail: detailForJson(frame, model) ?? {} };
  return {
    ...head,
    sysIds,
    delta: deltas.map((delta) => deltaForJson(delta, model)),
    events: events.map((event) => eventForJson(event, model)),
  };
}

/** The result of a command that was turned away. */
export function refusal({ code, field, expected, lastSeq }: AdmissionError): VectorResult {
  return plain({ refused: code, field, expected, lastSeq }) as unknown as VectorResult;
}
