/**
 * The directory that a command is pointed at.
 *
 * Responsible for: one clear line where there is no history, and what is known of one from outside.
 * Not responsible for: its frames (frame-source.ts). Nothing here takes a lock or writes.
 */
import { statSync } from "node:fs";
import type { History, HistoryInfo, TearReport } from "../history/history.ts";
import { fileHistory } from "../history/node/index.ts";
import { CliError, EXIT_USAGE } from "./exit-codes.ts";

export interface Place {
  readonly history: History;
  readonly info: HistoryInfo;
}

/**
 * Looks at the history in a directory.
 * @throws {CliError} there is no such directory
 * @throws {HistoryError} it holds no history, or a damaged one
 */
export async function openPlace(directory: string): Promise<Place> {
  const stat = statSync(directory, { throwIfNoEntry: false });
  if (stat === undefined) throw new CliError(EXIT_USAGE, `${directory}: there is no such directory`);
  if (!stat.isDirectory()) {
    throw new CliError(EXIT_USAGE, `${directory} is a file, expected the directory of a history`);
  }
  const history = fileHistory(directory);
  return { history, info: await history.inspect() };
}

/** Seq from which on frames may not be acknowledged yet; undefined where all are. */
export function unacknowledgedFrom({ lastBatch }: HistoryInfo): bigint | undefined {
  return lastBatch?.mayBeUnacknowledged ? lastBatch.firstSeq : undefined;
}

/** The line that says so. */
export function unacknowledgedText({ lastBatch }: HistoryInfo): string | undefined {
  if (!lastBatch?.mayBeUnacknowledged) return undefined;
  const last = lastBatch.firstSeq + BigInt(lastBatch.count - 1);
  const frames = lastBatch.count === 1 ? `frame ${last}` : `frames ${lastBatch.firstSeq} to ${last}`;
  return `the last batch (${frames}) may not be acknowledged yet: its writer has not closed the history`;
}

/** Where a crash cut the last batch off, and which frames were in it. */
export function tearText({ segment, offset, firstSeq, lastSeq }: TearReport): string {
  const frames = firstSeq === undefined ? "frames unknown" : `frames ${firstSeq} to ${lastSeq}`;
  return `tear: the last batch was cut off by a crash (segment ${segment}, offset ${offset}, ${frames})`;
}
