/**
 * Following the durable frontier: who goes on with frames as they become durable.
 *
 * Responsible for: telling followers that something has changed, and the newest durable frames, so that those who keep up
 * need not read them back. Not responsible for: what a follower does (frames.ts), when frames are durable (pipeline.ts).
 *
 * Invariants: I1 without followers nothing is kept; I2 what is kept is consecutive and ends at the durable frontier.
 */
import type { FrameBatch } from "../history/history.ts";

/** Newest frames kept for followers: who is further behind reads the history. */
const RECENT_BYTES_MAX = 1 << 22;
const RECENT_BATCHES_MAX = 1024;

/** What can be waited for by followers of one engine. */
export class Following {
  private readonly woken = new Set<() => void>();
  private followers = 0;
  private recent: FrameBatch[] = [];
  private recentBytes = 0;
  /** The engine is closed: no frame will become durable any more. */
  hasEnded = false;

  /** Someone follows from here on, until `leave`. */
  join(): void {
    this.followers++;
  }

  leave(): void {
    this.followers--;
    if (this.followers === 0) this.forget();
  }

  private forget(): void {
    this.recent = [];
    this.recentBytes = 0;
  }

  /** @param keep the frames of the batch, as bytes that stay as they are; asked for only if someone follows */
  durable({ firstSeq, count }: FrameBatch, keep: () => Uint8Array): void {
    if (this.followers > 0) {
      const bytes = keep();
      this.recent.push({ firstSeq, count, bytes });
      this.recentBytes += bytes.length;
      while (this.recentBytes > RECENT_BYTES_MAX || this.recent.length > RECENT_BATCHES_MAX) {
        this.recentBytes -= this.recent.shift()!.bytes.length;
      }
    }
    this.wake();
  }

  /** The kept batch that has the frame. */
  batchWith(seq: bigint): FrameBatch | undefined {
    // From the end: who keeps up asks for the newest.
    const batch = this.recent.findLast(({ firstSeq }) => firstSeq <= seq);
    return batch !== undefined && seq < batch.firstSeq + BigInt(batch.count) ? batch : undefined;
  }

  end(): void {
    this.hasEnded = true;
    this.wake();
  }

  /** Something has changed: frames are durable, or none will come any more. */
  wake(): void {
    const { woken } = this;
    if (woken.size === 0) return;
    for (const wake of [...woken]) wake();
  }

  /** Resolves at the next `wake`, or when the signal aborts. */
  changed(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.woken.delete(wake);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      this.woken.add(wake);
      signal?.addEventListener("abort", wake);
    });
  }
}
