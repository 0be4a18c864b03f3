/** `statevec show DIR --seq N`: one frame as the sentence that says what a frame is. */
import { bytesToHex } from "@noble/hashes/utils.js";
import { readFrame } from "../engine/frames.ts";
import { firstDigest } from "../history/chain.ts";
import { frameForJson } from "../history/frame-json.ts";
import { openInspector } from "../inspect/index.ts";
import { CliError, EXIT_GOOD, EXIT_NOT_FOUND } from "./exit-codes.ts";
import { FrameReader } from "./frame-reader.ts";
import type { Output } from "./output.ts";
import { openPlace, type Place, unacknowledgedFrom } from "./place.ts";

export interface ShowOptions {
  readonly seq: bigint;
  readonly json: boolean;
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
  const unacknowledged = unacknowledgedFrom(info);
  const mayBeUnacknowledged = unacknowledged !== undefined && seq >= unacknowledged;
  if (json) {
    const before = { seq: seq - 1n, digest: bytesToHex(digestBefore) };
    const mark = mayBeUnacknowledged ? { mayBeUnacknowledged } : {};
    const frame = reader.decode(stored);
    await output.json({ ...frameForJson(frame, reader.model), frontierBefore: before, ...mark });
    return;
  }
  const inspector = await openInspector({ descriptor: reader.descriptor });
  await output.line(inspector.frameText(stored.body, { before: digestBefore, after: stored.digest }));
  if (mayBeUnacknowledged)
    await output.line("It may not be acknowledged yet: its writer has not closed the history.");
}
