/** `statevec receipt DIR CLIENT STREAM SEQ`: finds the frame of a command by its source, and shows it. */
import {
  FRAME_CLIENT,
  FRAME_FLAG_SOURCE,
  FRAME_FLAGS,
  FRAME_SOURCE_SEQ,
  FRAME_STREAM,
} from "../../assembly/abi.ts";
import { framesOf } from "../engine/frames.ts";
import { CliError, EXIT_GOOD, EXIT_NOT_FOUND } from "./exit-codes.ts";
import type { Output } from "./output.ts";
import { openPlace, type Place } from "./place.ts";
import { Progress } from "./progress.ts";
import { showFrame } from "./show.ts";

export interface ReceiptSource {
  readonly client: bigint;
  readonly stream: number;
  readonly seq: bigint;
}

/** @returns the exit code */
export async function receipt(
  directory: string,
  source: ReceiptSource,
  options: { readonly json: boolean },
  output: Output,
): Promise<number> {
  const place = await openPlace(directory);
  const { found, last } = await findSource(place, source);
  if (found === undefined) {
    const name = `client ${source.client}, stream ${source.stream}`;
    const known = last === 0n ? "the history has no command of this source" : `its last seq is ${last}`;
    throw new CliError(EXIT_NOT_FOUND, `no frame of ${name}, seq ${source.seq}: ${known}`);
  }
  await showFrame(place, { seq: found, json: options.json }, output);
  return EXIT_GOOD;
}

/** Looks at the headers of all frames: a source that was retired may start again, and then its last command counts. */
async function findSource({ history, info }: Place, source: ReceiptSource) {
  const progress = new Progress("searching");
  let found: bigint | undefined;
  let last = 0n;
  for await (const batch of history.read()) {
    for (const { seq, body } of framesOf(batch)) {
      if ((body[FRAME_FLAGS]! & FRAME_FLAG_SOURCE) === 0) continue;
      const view = new DataView(body.buffer, body.byteOffset, body.length);
      if (view.getUint32(FRAME_STREAM, true) !== source.stream) continue;
      if (view.getBigUint64(FRAME_CLIENT, true) !== source.client) continue;
      last = view.getBigUint64(FRAME_SOURCE_SEQ, true);
      if (last === source.seq) found = seq;
    }
    progress.show(batch.firstSeq + BigInt(batch.count - 1), info.frontier.seq);
  }
  progress.clear();
  return { found, last };
}
