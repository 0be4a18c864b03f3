/**
 * The names in the directory of a history, and which of its segments count.
 *
 *   00000000000000000001-0000000001.seg   a segment: FIRSTSEQ-TERM
 *   00000000000000000001-0000000002.new   a segment in the making; removed by the next claim when left over
 *   next-0000000002.new                   zeros for the next segment, whose first seq is not known yet
 *   term-1  term-2                        empty: claims, never deleted
 *   modules/SHA256.wasm                   what sealed epochs name (`module-file.ts`)
 *   owner                                 who has the history open (`owner-file.ts`)
 *
 * Responsible for: parsing and making names, and the order of segments.
 * Not responsible for: what the files hold.
 *
 * Invariants: I1 from the first seq of a segment on, nothing of a lower term counts; I2 the segments that count
 * rise strictly in first seq and never fall in term.
 */
import type { ReadingFileSystem } from "./file-system.ts";

export const OWNER_FILE = "owner";
/** Holds the modules that sealed epochs name. */
export const MODULES_DIRECTORY = "modules";

export interface SegmentName {
  /** Name of the file. */
  readonly file: string;
  readonly firstSeq: bigint;
  readonly term: bigint;
}

/** What a directory holds, by name. */
export interface Listing {
  readonly segments: readonly SegmentName[];
  readonly terms: readonly bigint[];
  /** Left over from a segment that was being made; with the term of its maker. */
  readonly unfinished: readonly { readonly file: string; readonly term: bigint }[];
  /** Names that no history gives. */
  readonly foreign: readonly string[];
}

const SEGMENT = /^(\d{20})-(\d{10})\.seg$/;
const UNFINISHED = /^(?:\d{20}|next|owner)-(\d{10})\.new$/;
const TERM = /^term-([1-9]\d{0,9})$/;

/** Path of a file. Every platform takes the slash. */
export function pathIn(directory: string, file: string): string {
  return `${directory}/${file}`;
}

function padTerm(term: bigint): string {
  return term.toString().padStart(10, "0");
}

export function segmentName(firstSeq: bigint, term: bigint): SegmentName {
  return { file: `${firstSeq.toString().padStart(20, "0")}-${padTerm(term)}.seg`, firstSeq, term };
}

/** Name of a segment while it is made. */
export function unfinishedName(name: SegmentName): string {
  return name.file.replace(/seg$/, "new");
}

/** Name of a file of zeros that is to become the next segment. */
export function aheadName(term: bigint): string {
  return `next-${padTerm(term)}.new`;
}

/** Name of the owner file while it is made. */
export function ownerUnfinishedName(term: bigint): string {
  return `owner-${padTerm(term)}.new`;
}

export function termName(term: bigint): string {
  return `term-${term}`;
}

export function parseNames(names: readonly string[]): Listing {
  const segments: SegmentName[] = [];
  const terms: bigint[] = [];
  const unfinished: { file: string; term: bigint }[] = [];
  const foreign: string[] = [];
  for (const file of names) {
    const segment = SEGMENT.exec(file);
    const term = TERM.exec(file);
    const left = UNFINISHED.exec(file);
    if (segment !== null) segments.push({ file, firstSeq: BigInt(segment[1]!), term: BigInt(segment[2]!) });
    else if (term !== null) terms.push(BigInt(term[1]!));
    else if (left !== null) unfinished.push({ file, term: BigInt(left[1]!) });
    else if (file !== OWNER_FILE && file !== MODULES_DIRECTORY) foreign.push(file);
  }
  return { segments, terms, unfinished, foreign };
}

/** @throws what the file system throws, ENOENT when there is no such directory */
export async function listDirectory(fileSystem: ReadingFileSystem, directory: string): Promise<Listing> {
  return parseNames(await fileSystem.list(directory));
}

/** The highest term that was ever claimed; 0 when none was. */
export function highestTerm(listing: Listing): bigint {
  let highest = 0n;
  for (const term of listing.terms) if (term > highest) highest = term;
  for (const { term } of listing.segments) if (term > highest) highest = term;
  return highest;
}

/** The segments that count, in order (I2). */
export function countingSegments(segments: readonly SegmentName[]): SegmentName[] {
  const ordered = [...segments].sort((left, right) => {
    if (left.firstSeq !== right.firstSeq) return left.firstSeq < right.firstSeq ? -1 : 1;
    return left.term > right.term ? -1 : 1;
  });
  const counting: SegmentName[] = [];
  for (const name of ordered) {
    const last = counting.at(-1);
    if (last !== undefined && (name.term < last.term || name.firstSeq === last.firstSeq)) continue;
    counting.push(name);
  }
  return counting;
}
