/**
 * The memory history on Node: digests are made in a second thread, so that they cost the engine nothing.
 *
 * Responsible for: lending the writing thread to `memoryHistory`.
 * Not responsible for: keeping frames (`../memory.ts`).
 */
import type { FrameSealer, History } from "../history.ts";
import { memoryHistory as neutralMemoryHistory, type SealingThread } from "../memory.ts";
import type { BatchResult } from "./batch-step.ts";
import { startVerifying } from "./verifying-thread.ts";
import { Staging, startWriting } from "./writing-thread.ts";

async function startSealing(sealer: FrameSealer): Promise<SealingThread | undefined> {
  const thread = startWriting(sealer);
  if (thread === undefined) return undefined;
  // A busy engine may not let the event loop turn for long, and would never hear that the thread has started.
  await thread.started();
  const staging = new Staging();
  return {
    // What was sealed is kept where it is: each batch has memory of its own.
    buffer: (length) => staging.roomForGood(length),
    look: () => thread.look(),
    isWorthIt: (batch) => batch.count > 1 && thread.isReady,
    seal(batch, previous, sealed, failed) {
      const { count, firstSeq } = batch;
      const bytes = staging.stage(batch);
      const where = {
        file: undefined,
        position: 0,
        ownTerm: "",
        ownTermSeen: 0,
        ownTermMilliseconds: 0,
        nextTerm: "",
      };
      const done = ({ verdict }: BatchResult): void => {
        if (verdict !== "durable") return sealed(0);
        staging.takeSealed(bytes, batch);
        sealed(count);
      };
      thread.begin({ ...where, bytes, count, firstSeq, previous }, { done, failed });
    },
    close: () => thread.close(),
  };
}

/** A history that lives as long as this object does; its digests are made in a second thread. */
export function memoryHistory(): History {
  return { ...neutralMemoryHistory(startSealing), startVerifying };
}
