/**
 * Making segments: the first, the copy of an unsealed one, the next.
 *
 * Responsible for: that a segment is whole, zeroed and durable before it bears its name.
 * Not responsible for: appending to it (`claimed-file.ts`).
 *
 * Invariants: I1 a file is renamed to `.seg` only after its header, its batches and its zeros were synced, and is
 * used only after the sync of the directory; I2 nothing here opens a `.seg` to write.
 */
import { crc32c } from "@node-rs/crc32";
import { aheadName, pathIn, type SegmentName, segmentName, unfinishedName } from "../segments/directory.ts";
import {
  encodeSegmentHeader,
  SECTOR_BYTES,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
} from "../segments/segment-format.ts";
import { type FileNumber, type FileSystem, removeIfThere } from "./file-system.ts";

/** Sizes of segments and batches. Those of a history may differ from segment to segment. */
export interface SegmentLimits {
  /** Bytes of the first segment; each further one is twice the one before. */
  readonly sizeMin: number;
  readonly sizeMax: number;
  /** Longest batch, header and end mark included; a longer one gets a segment made for it. */
  readonly batchSizeMax: number;
}

/** A segment that batches can be appended to. */
export interface OpenSegment {
  readonly name: SegmentName;
  readonly file: FileNumber;
  readonly header: SegmentHeader;
}

/** Zeros that are to become a segment. */
export interface Zeros {
  readonly path: string;
  readonly file: FileNumber;
  readonly size: number;
}

/** Size of a copy that is filled up to `end`: room for as much again, within what the copied one had. */
export function sizeOfCopy(limits: SegmentLimits, copied: number, end: number): number {
  let size = limits.sizeMin;
  while (size < end * 2) size *= 2;
  return Math.min(size, copied);
}

/** Size of a segment that holds a batch of this length. */
export function sizeFor(wanted: number, batchLength: number): number {
  const needed = SEGMENT_HEADER_BYTES + batchLength;
  return Math.ceil(Math.max(wanted, needed) / SECTOR_BYTES) * SECTOR_BYTES;
}

/** A batch to be copied, and where it stands. */
export interface PlacedBatch {
  readonly position: number;
  readonly stored: Uint8Array;
}

/** A segment in the making, under a name that does not count. */
export class NewSegment {
  readonly #fileSystem: FileSystem;
  readonly #directory: string;
  readonly #name: SegmentName;
  readonly #file: FileNumber;
  #end = SEGMENT_HEADER_BYTES;

  private constructor(fileSystem: FileSystem, directory: string, name: SegmentName, file: FileNumber) {
    this.#fileSystem = fileSystem;
    this.#directory = directory;
    this.#name = name;
    this.#file = file;
  }

  static async create(fileSystem: FileSystem, directory: string, name: SegmentName): Promise<NewSegment> {
    const file = await fileSystem.create(pathIn(directory, unfinishedName(name)));
    return new NewSegment(fileSystem, directory, name, file);
  }

  /** Copies a batch to where it stood. */
  async add(batch: PlacedBatch): Promise<void> {
    await this.#fileSystem.write(this.#file, batch.stored, batch.position);
    this.#end = batch.position + batch.stored.length;
  }

  /** Fills it with zeros, heads it, makes it durable and gives it its name. */
  async finish(header: SegmentHeader): Promise<OpenSegment> {
    await this.#fileSystem.zero(this.#file, this.#end, header.size);
    await this.#fileSystem.write(this.#file, encodeSegmentHeader(header, crc32c), 0);
    await this.#fileSystem.sync(this.#file);
    const path = pathIn(this.#directory, unfinishedName(this.#name));
    await giveName(this.#fileSystem, this.#directory, path, this.#name);
    return { name: this.#name, file: this.#file, header };
  }

  /** Gives up; what is left of it is removed by the next claim. */
  async abandon(): Promise<void> {
    await this.#fileSystem.close(this.#file);
  }
}

async function giveName(
  fileSystem: FileSystem,
  directory: string,
  path: string,
  name: SegmentName,
): Promise<void> {
  await fileSystem.rename(path, pathIn(directory, name.file));
  await fileSystem.syncDirectory(directory);
}

/**
 * How zeros are made: "beside" leaves the disk to the batches most of the time; "now" when somebody waits for them; "never"
 * when nobody will.
 */
export interface Pace {
  zeros: "beside" | "now" | "never";
}

/** So much is written and synced in one go beside the batches, whose syncs wait meanwhile. */
const STEP_BYTES = 1 << 19;
/** For so many times as long as a step took, the disk is left alone. */
const PAUSES = 3;

/** Makes zeros for the next segment, ahead of its need. */
export async function makeZeros(
  fileSystem: FileSystem,
  directory: string,
  term: bigint,
  size: number,
  pace: Pace,
): Promise<Zeros> {
  const path = pathIn(directory, aheadName(term));
  const file = await fileSystem.create(path);
  try {
    for (let at = 0; at < size && pace.zeros !== "never"; ) {
      const start = performance.now();
      const end = pace.zeros === "now" ? size : Math.min(size, at + STEP_BYTES);
      await fileSystem.zero(file, at, end);
      await fileSystem.sync(file);
      at = end;
      if (at < size && pace.zeros === "beside") await fileSystem.pause((performance.now() - start) * PAUSES);
    }
  } catch (error) {
    await fileSystem.close(file);
    await removeIfThere(fileSystem, path);
    throw error;
  }
  return { path, file, size };
}

/** Turns zeros into the segment that goes on from here. */
export async function zerosToSegment(
  fileSystem: FileSystem,
  directory: string,
  zeros: Zeros,
  header: SegmentHeader,
): Promise<OpenSegment> {
  const { file, path, size } = zeros;
  if (header.size > size) await fileSystem.zero(file, size, header.size);
  await fileSystem.write(file, encodeSegmentHeader(header, crc32c), 0);
  await fileSystem.sync(file);
  const name = segmentName(header.firstSeq, header.term);
  await giveName(fileSystem, directory, path, name);
  return { name, file, header };
}
