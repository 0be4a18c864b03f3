/**
 * What a directory holds at one moment.
 *
 * Responsible for: which segments count, the highest term, and saying that there is no history.
 * Not responsible for: what the segments hold.
 */
import { HistoryError, OperationalError, StateVecError } from "../../errors.ts";
import { countingSegments, highestTerm, type Listing, listDirectory, type SegmentName } from "./directory.ts";
import type { ReadingFileSystem } from "./file-system.ts";
import type { Owner } from "./owner-file.ts";
import type { Crc32c } from "./segment-format.ts";
import type { ScanLimit } from "./segment-scan.ts";
import type { Waypoints } from "./waypoints.ts";

/** Where a reader reads, and what it needs of the platform. */
export interface Place {
  readonly fileSystem: ReadingFileSystem;
  readonly directory: string;
  readonly crc32c: Crc32c;
  readonly processes: { isLive(owner: Owner): boolean };
  readonly waypoints: Waypoints;
}

/** What a directory held at one moment: what counts of it, and the highest term ever claimed. */
export interface Plan {
  readonly listing: Listing;
  readonly segments: readonly SegmentName[];
  readonly term: bigint;
}

/** Turns what a file system throws into the error of the history; errors of our own stay. */
export function asHistoryFailure(directory: string, what: string, cause: unknown): Error {
  if (cause instanceof StateVecError) return cause;
  const code = (cause as { code?: unknown }).code;
  if (typeof code !== "string") return cause as Error;
  return new OperationalError("IO", `${what} failed with ${code}; see the cause`, {
    segment: directory,
    cause,
  });
}

export function limitOf(segments: readonly SegmentName[], position: number): ScanLimit {
  const next = segments[position + 1];
  return { next: next?.firstSeq, nextIsHigher: next !== undefined && next.term > segments[position]!.term };
}

/** What the directory holds now; without segments when no history is there yet. */
export async function planOf(place: Place): Promise<Plan> {
  const listing = await listDirectory(place.fileSystem, place.directory);
  const segments = countingSegments(listing.segments);
  const first = segments[0];
  if (first !== undefined && first.firstSeq !== 1n) {
    const advice = "the first segments are missing; bring back the files";
    const details = {
      segment: first.file,
      seq: 1n,
      expected: "seq 1 in the first segment",
      actual: `seq ${first.firstSeq}`,
    };
    throw new HistoryError("DAMAGED", advice, details);
  }
  return { listing, segments, term: highestTerm(listing) };
}

/** As `planOf`, where a history must be there. */
export async function planToRead(place: Place): Promise<Plan> {
  const { directory } = place;
  const plan = await planOf(place).catch((error: unknown) => {
    const code = (error as { code?: unknown }).code;
    if (code === "ENOENT")
      throw new HistoryError("NOT_FOUND", `there is no directory ${directory}; check the path`);
    if (code === "ENOTDIR") throw fileInTheWay(directory);
    throw error;
  });
  if (plan.segments.length > 0) return plan;
  if (plan.listing.foreign.length > 0 && plan.term === 0n) throw notAHistory(directory, plan.listing);
  throw new HistoryError("NOT_FOUND", `there is no history in ${directory} yet; open it for writing first`);
}

export function fileInTheWay(directory: string): HistoryError {
  return new HistoryError("NOT_A_HISTORY", `${directory} is a file, or below one; name a directory`);
}

export function notAHistory(directory: string, listing: Listing): HistoryError {
  const found = listing.foreign.slice(0, 3).join(", ");
  return new HistoryError(
    "NOT_A_HISTORY",
    `${directory} holds no segment but ${found}; name another directory`,
  );
}
