/**
 * One segment file, opened to read.
 *
 * Responsible for: its header, its size, and bytes of it through a window.
 * Not responsible for: what the batches in it say (`segment-scan.ts`).
 *
 * Invariants: I1 an open segment has a good header that agrees with its name, and exactly the size it speaks of.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { HistoryError } from "../../errors.ts";
import { firstDigest } from "../chain.ts";
import { pathIn, type SegmentName } from "./directory.ts";
import type { FileNumber, ReadingFileSystem } from "./file-system.ts";
import type { Place } from "./plan.ts";
import {
  BATCH_ALIGNMENT,
  decodeSegmentHeader,
  SEGMENT_DIGEST_BEFORE,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
} from "./segment-format.ts";

/** Bytes that are read at once where there is no reason for more. */
const WINDOW_BYTES = 1 << 20;

export class SegmentFile {
  readonly name: SegmentName;
  readonly header: SegmentHeader;
  readonly #fileSystem: ReadingFileSystem;
  readonly #file: FileNumber;
  #window: Uint8Array = new Uint8Array(0);
  #start = 0;
  #filled = 0;

  constructor(fileSystem: ReadingFileSystem, file: FileNumber, name: SegmentName, header: SegmentHeader) {
    this.#fileSystem = fileSystem;
    this.#file = file;
    this.name = name;
    this.header = header;
  }

  /**
   * Bytes of the file, as they were when the window was last filled; fewer where the file ends. The view is good
   * until the next call.
   */
  async bytes(position: number, length: number): Promise<Uint8Array> {
    const end = Math.min(position + length, this.header.size);
    if (position < this.#start || end > this.#start + this.#filled)
      await this.#fill(position, end - position);
    return this.#window.subarray(position - this.#start, end - this.#start);
  }

  /** Makes the next call read the file again: another process may have written to it. */
  forget(): void {
    this.#filled = 0;
  }

  async close(): Promise<void> {
    await this.#fileSystem.close(this.#file);
  }

  async #fill(position: number, length: number): Promise<void> {
    const wanted = Math.min(Math.max(length, WINDOW_BYTES), this.header.size - position);
    if (this.#window.length < wanted) this.#window = new Uint8Array(wanted);
    this.#start = position;
    this.#filled = 0;
    const filled = await this.#fileSystem.read(this.#file, this.#window.subarray(0, wanted), position);
    if (filled < length) throw cutOff(this.name.file, position + filled, this.header.size);
    this.#filled = filled;
  }
}

/** Opens a segment and checks what its header says against its name and its size. */
export async function openSegment(place: Place, name: SegmentName): Promise<SegmentFile> {
  const { fileSystem, directory } = place;
  const file = await fileSystem.open(pathIn(directory, name.file));
  try {
    const header = await readHeader(place, file, name);
    return new SegmentFile(fileSystem, file, name, header);
  } catch (error) {
    await fileSystem.close(file);
    throw error;
  }
}

async function readHeader(place: Place, file: FileNumber, name: SegmentName): Promise<SegmentHeader> {
  const { fileSystem, crc32c } = place;
  const segment = name.file;
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
  const read = await fileSystem.read(file, bytes, 0);
  if (read < SEGMENT_HEADER_BYTES) throw cutOff(segment, read, SEGMENT_HEADER_BYTES);
  const decoded = decodeSegmentHeader(bytes, crc32c);
  if ("problem" in decoded) {
    const { problem, ...place } = decoded;
    if (problem === "format") {
      const message =
        "the segment has a format that this release does not read; use the release that wrote it";
      throw new HistoryError("UNSUPPORTED_FORMAT", message, { segment, ...place });
    }
    throw new HistoryError("DAMAGED", `the ${problem} of the segment header is wrong`, { segment, ...place });
  }
  const { header } = decoded;
  if (header.firstSeq !== name.firstSeq || header.term !== name.term) {
    throw new HistoryError("DAMAGED", "the segment bears the name of another; give it its own name back", {
      segment,
      offset: 0,
      expected: `first seq ${name.firstSeq}, term ${name.term}`,
      actual: `first seq ${header.firstSeq}, term ${header.term}`,
    });
  }
  if (header.firstSeq === 1n) {
    const [expected, actual] = [firstDigest(header.historyId), header.digestBefore].map(bytesToHex);
    const message = "the chain does not start at its history id";
    const details = { segment, offset: SEGMENT_DIGEST_BEFORE, seq: 0n, expected, actual };
    if (actual !== expected) throw new HistoryError("DAMAGED", message, details);
  }
  const size = await fileSystem.size(file);
  if (size !== header.size || size % BATCH_ALIGNMENT !== 0) throw cutOff(segment, size, header.size);
  return header;
}

function cutOff(segment: string, actual: number, expected: number): HistoryError {
  return new HistoryError("DAMAGED", "the file does not have the size it was made with", {
    segment,
    offset: Math.min(actual, expected),
    expected: `${expected} bytes`,
    actual: `${actual} bytes`,
  });
}
