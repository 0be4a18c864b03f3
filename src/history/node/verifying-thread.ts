/**
 * The thread that checks digests while the engine looks at what the frames say.
 *
 * Responsible for: handing runs of frames over. Not responsible for: what a wrong digest means (`../chain.ts`).
 */
import { OperationalError } from "../../errors.ts";
import type { ChainVerifier, FrameSealer } from "../history.ts";
import { Thread } from "./thread.ts";

interface Run {
  readonly bytes: Uint8Array;
  readonly previous: Uint8Array;
}

/** Resolves with a verifier once its thread has started; `undefined` where the sealer can not go there. */
export async function startVerifying({ portable }: FrameSealer): Promise<ChainVerifier | undefined> {
  if (portable === undefined) return undefined;
  const work = `(() => {
    const sealer = (${portable.source})(threads.workerData.data);
    return ({ bytes, previous }) => sealer.verify(bytes, previous);
  })()`;
  const thread = new Thread<Run, number>(work, portable.data as object);
  await thread.started();
  return {
    verify: (bytes, previous) =>
      thread.run({ bytes, previous }).catch((cause: unknown) => {
        throw new OperationalError("IO", "the thread that checks digests failed; try again", { cause });
      }),
    close: () => thread.close(),
  };
}
