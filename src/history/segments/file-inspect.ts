/**
 * What can be said of a directory of segments from outside.
 *
 * Responsible for: where the history ends, its tear, its segments, its owner.
 * Not responsible for: its frames (`file-reader.ts`).
 */
import { HistoryError } from "../../errors.ts";
import { lastDigest } from "../chain.ts";
import type { Frontier, HistoryInfo, InspectOptions, SegmentInfo, TearReport } from "../history.ts";
import type { SegmentName } from "./directory.ts";
import { readOwner } from "./owner-file.ts";
import { asHistoryFailure, limitOf, type Place, type Plan, planToRead } from "./plan.ts";
import { openSegment, type SegmentFile } from "./segment-file.ts";
import type { SegmentHeader } from "./segment-format.ts";
import { SegmentScan, type StoredBatch } from "./segment-scan.ts";

/** See `History.inspect`. */
export async function inspectDirectory(place: Place, options: InspectOptions): Promise<HistoryInfo> {
  try {
    return await inspect(place, options);
  } catch (error) {
    throw asHistoryFailure(place.directory, "inspecting", error);
  }
}

async function inspect(place: Place, options: InspectOptions): Promise<HistoryInfo> {
  const { processes } = place;
  const plan = await planToRead(place);
  const owner = await readOwner(place);
  const newest = await readNewest(place, plan);
  const segments: SegmentInfo[] = [];
  for (const name of [...plan.listing.segments].sort(byPlace)) {
    segments.push(await describeSegment(place, name, !plan.segments.includes(name), options));
  }
  const { frontier, tear, lastBatch, historyId } = newest;
  return {
    historyId,
    frontier,
    term: plan.term,
    segments,
    tear,
    owner: owner && { pid: owner.pid, host: owner.host, term: owner.term, live: processes.isLive(owner) },
    lastBatch: lastBatch && { ...lastBatch, mayBeUnacknowledged: owner !== undefined },
  };
}

function byPlace(left: SegmentName, right: SegmentName): number {
  return left.file < right.file ? -1 : 1;
}

/** Where a history ends. */
export interface NewestSegment {
  readonly historyId: Uint8Array;
  readonly frontier: Frontier;
  readonly tear: TearReport | undefined;
  readonly lastBatch: { readonly firstSeq: bigint; readonly count: number } | undefined;
}

/**
 * Walks the newest segment to its end.
 *
 * @param each is handed every batch of it
 */
export async function readNewest(
  place: Place,
  plan: Plan,
  each?: (batch: StoredBatch, file: SegmentFile) => Promise<void>,
): Promise<NewestSegment & { readonly header: SegmentHeader; readonly end: number }> {
  const position = plan.segments.length - 1;
  const file = await openSegment(place, plan.segments[position]!);
  try {
    const scan = new SegmentScan(place, file, limitOf(plan.segments, position));
    const { historyId, digestBefore } = file.header;
    let digest: Uint8Array = digestBefore;
    let lastBatch: { firstSeq: bigint; count: number } | undefined;
    for (let batch = await scan.next(); batch !== undefined; batch = await scan.next()) {
      digest = lastDigest(batch);
      lastBatch = { firstSeq: batch.firstSeq, count: batch.count };
      await each?.(batch, file);
    }
    const frontier = { seq: scan.nextSeq - 1n, digest };
    return { historyId, frontier, tear: scan.tear, lastBatch, header: file.header, end: scan.position };
  } finally {
    await file.close();
  }
}

async function describeSegment(
  place: Place,
  name: SegmentName,
  superseded: boolean,
  options: InspectOptions,
): Promise<SegmentInfo> {
  const base = { name: name.file, term: name.term, firstSeq: name.firstSeq, superseded };
  try {
    const file = await openSegment(place, name);
    try {
      const { size } = file.header;
      if (!superseded || options.superseded !== true)
        return { ...base, size, damage: undefined, tear: undefined };
      const scan = new SegmentScan(place, file, { next: undefined, nextIsHigher: false });
      while ((await scan.next()) !== undefined);
      return { ...base, size, damage: undefined, tear: scan.tear };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (!superseded || !(error instanceof HistoryError)) throw error;
    return { ...base, size: 0, damage: error.message, tear: undefined };
  }
}
