/**
 * The memory history on Node: digests are made in a second thread, so that they cost the engine nothing.
 *
 * Responsible for: lending the writing thread to `memoryHistory`.
 * Not responsible for: keeping frames (`../memory.ts`).
 */
import type { FrameSealer, History } from "../history.ts";
import { memoryHistory as neutralMemoryHistory, type SealingThread } from "../memory.ts";
import { BATCH_HEADER_BYTES, batchBytes } from "../segments/segment-format.ts";
import { Staging, takeSealed, WritingThread } from "./writing-thread.ts";

async function startSealing(sealer: FrameSealer): Promise<SealingThread | undefined> {
  const thread = WritingThread.start(sealer);
  if (thread === undefined) return undefined;
  // A busy engine may not let the event loop turn for long, and would never hear that the thread has started.
  await thread.started();
  return {
    // What was sealed is kept where it is: each batch has memory of its own.
    buffer: (length) => new Staging().room(length),
    isWorthIt: (batch) => batch.count > 1 && thread.isReady,
    async seal(batch, previous) {
      const { count, firstSeq } = batch;
      const { buffer, byteOffset } = batch.bytes;
      const isShared = buffer instanceof SharedArrayBuffer && byteOffset === BATCH_HEADER_BYTES;
      const bytes = isShared
        ? new Uint8Array(buffer, 0, batchBytes(batch.bytes.length))
        : new Staging().stage(batch);
      const where = {
        file: undefined,
        position: 0,
        ownTerm: "",
        ownTermSeen: 0,
        ownTermMilliseconds: 0,
        nextTerm: "",
      };
      const { verdict } = await thread.run({ ...where, bytes, count, firstSeq, previous });
      if (verdict !== "durable") return 0;
      takeSealed(bytes, batch);
      return count;
    },
    close: () => thread.close(),
  };
}

/** A history that lives as long as this object does; its digests are made in a second thread. */
export function memoryHistory(): History {
  return neutralMemoryHistory(startSealing);
}
