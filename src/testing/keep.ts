/**
 * Keeping the history of a test that failed.
 *
 * Responsible for: copying frames from one history into another. Not responsible for: where that is.
 */
import type { FrameBatch, FrameSealer, History } from "../history/history.ts";

/**
 * Copies all frames; the copy has the same digests.
 * @param target a history that holds nothing yet
 * @returns what to tell the reader of the failure
 */
export async function keepHistory(source: History, target: History, sealer: FrameSealer): Promise<string> {
  const { historyId } = await source.inspect();
  const claimed = await target.claim({ historyId, sealer });
  try {
    const { seq } = claimed.frontier;
    if (seq > 0n)
      return `not kept: ${target.name} holds a history of ${seq} frames already; name another place`;
    for await (const batch of source.read()) await claimed.append(copyOf(batch));
    return `kept in ${target.name}`;
  } finally {
    await claimed.close();
  }
}

/** What a history hands over must not be written to; appending writes digests. */
function copyOf({ firstSeq, count, bytes }: FrameBatch): FrameBatch {
  return { firstSeq, count, bytes: bytes.slice() };
}
