/**
 * Where some batches stand, so that one frame of a long history is found without walking its segment.
 *
 * Responsible for: remembering a batch every so often, per segment, of those that were walked or written.
 * Not responsible for: being right about files that were exchanged since; a reader checks what it finds there.
 *
 * Invariants: I1 waypoints of a segment rise in seq and position.
 */

/** Batches that are nearer to the last waypoint than this are not remembered. */
const DISTANCE_BYTES = 1 << 18;

/** A place in a segment where a batch starts. */
export interface Waypoint {
  readonly position: number;
  /** Seq of its first frame. */
  readonly seq: bigint;
  /** Digest of the frame before. */
  readonly digestBefore: Uint8Array;
}

export class Waypoints {
  readonly #bySegment = new Map<string, Waypoint[]>();

  /** Remembers a batch if it is far enough behind the last one of its segment. */
  note(segment: string, position: number, seq: bigint, digestBefore: Uint8Array): void {
    let known = this.#bySegment.get(segment);
    if (known === undefined) {
      known = [];
      this.#bySegment.set(segment, known);
    }
    const last = known.at(-1);
    const from = last === undefined ? 0 : last.position;
    if (position - from >= DISTANCE_BYTES) known.push({ position, seq, digestBefore: digestBefore.slice() });
  }

  /** The last waypoint at or before a frame; undefined when there is none. */
  before(segment: string, seq: bigint): Waypoint | undefined {
    const known = this.#bySegment.get(segment);
    if (known === undefined) return undefined;
    let low = 0;
    let high = known.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (known[middle]!.seq <= seq) low = middle + 1;
      else high = middle;
    }
    return known[low - 1];
  }

  /** Forgets a segment: it is not the file that was walked. */
  forget(segment: string): void {
    this.#bySegment.delete(segment);
  }
}
