/**
 * What the simulations of the file adapter share.
 *
 * Responsible for: histories on a simulated disk, and choosing whose operation comes next.
 * Not responsible for: the disk itself (`simulated-file-system.ts`).
 */
import type { ClaimedHistory, FrameBatch, History } from "../../src/history/history.ts";
import { fileHistory } from "../../src/history/node/index.ts";
import type { Processes } from "../../src/history/node/owner-file.ts";
import type { Operation, SimulatedDisk } from "./simulated-file-system.ts";
import { makeFrames, portableSealer } from "./synthetic-frames.ts";

export const DIRECTORY = "/history";
export const HISTORY_ID = Uint8Array.from({ length: 16 }, (_, index) => 200 + index);

const { portable: _stays, ...hereOnly } = portableSealer();
export const sealer = hereOnly;

/** Every owner counts as dead, as after a power cut. */
export const nobodyLives: Processes = {
  self: () => ({ pid: 1, started: 1n, host: "simulated" }),
  isLive: () => false,
};

/** Every owner lives, as where nobody crashes. */
export const everybodyLives: Processes = { ...nobodyLives, isLive: () => true };

export interface SegmentSizes {
  readonly segmentSizeMin?: number;
  readonly segmentSizeMax?: number;
}

export function historyOn(
  disk: SimulatedDisk,
  actor: string,
  sizes: SegmentSizes = {},
  processes: Processes = nobodyLives,
): History {
  const segmentSizeMin = sizes.segmentSizeMin ?? 8192;
  const segmentSizeMax = sizes.segmentSizeMax ?? segmentSizeMin;
  const options = { fileSystem: disk.mount(actor), processes, segmentSizeMin, segmentSizeMax };
  return fileHistory(DIRECTORY, options);
}

export function claimOn(
  disk: SimulatedDisk,
  actor: string,
  sizes: SegmentSizes = {},
): Promise<ClaimedHistory> {
  return historyOn(disk, actor, sizes).claim({ sealer, historyId: HISTORY_ID, takeover: true });
}

/** Appends batches behind the frontier and answers them, sealed. */
export async function appendAll(
  claimed: ClaimedHistory,
  shapes: readonly { readonly count: number; readonly bodyBytes: number; readonly fill?: number }[],
): Promise<FrameBatch[]> {
  const batches: FrameBatch[] = [];
  for (const { count, ...shape } of shapes) {
    const batch = makeFrames(claimed.frontier.seq + 1n, count, shape);
    await claimed.append(batch);
    batches.push(batch);
  }
  return batches;
}

/** The only segment of a small history. */
export function onlySegment(disk: SimulatedDisk): { path: string; bytes: Uint8Array } {
  const found = [...disk.files()].filter(([path]) => path.endsWith(".seg"));
  if (found.length !== 1) throw new Error(`found ${found.length} segments, expected 1`);
  return { path: found[0]![0], bytes: found[0]![1] };
}

interface WaitingTurn {
  readonly operation: Operation;
  resolve(): void;
}

/** Lets one operation at a time take effect. */
export class Scheduler {
  readonly waiting: WaitingTurn[] = [];
  /** Operations go straight through while it is not running. */
  isRunning = false;

  turn(operation: Operation): Promise<void> | undefined {
    if (!this.isRunning) return undefined;
    return new Promise((resolve) => this.waiting.push({ operation, resolve }));
  }

  /**
   * Runs until nobody waits for a turn.
   *
   * @param choose the position, among the operations that wait, of the one that goes on; -1 to stop
   */
  async run(choose: (waiting: readonly Operation[]) => number): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.waiting.length === 0) return;
      const position = choose(this.waiting.map((one) => one.operation));
      if (position < 0) return;
      this.waiting.splice(position, 1)[0]!.resolve();
    }
  }
}
