/**
 * A history in a directory of a local file system.
 *
 * Responsible for: putting the parts together.
 * Not responsible for: anything a part does; `docs/reference/history-file.md` draws the files.
 */
import { resolve } from "node:path";
import { crc32c } from "@node-rs/crc32";
import type { History } from "../history.ts";
import { inspectDirectory } from "../segments/file-inspect.ts";
import { readFrames } from "../segments/file-reader.ts";
import { readModuleFile } from "../segments/module-file.ts";
import { asHistoryFailure } from "../segments/plan.ts";
import { Waypoints } from "../segments/waypoints.ts";
import { claimDirectory } from "./claim.ts";
import { ClaimedFile, type WriteMode } from "./claimed-file.ts";
import type { FileSystem } from "./file-system.ts";
import { nodeFileSystem } from "./node-file-system.ts";
import { type Processes, systemProcesses } from "./owner-file.ts";
import type { SegmentLimits } from "./segment-writer.ts";
import { startVerifying } from "./verifying-thread.ts";
import type { WritingPlace } from "./writing-place.ts";

const MIB = 1024 * 1024;
const SEGMENT_SIZE_MIN = MIB;
const SEGMENT_SIZE_MAX = 64 * MIB;
const BATCH_SIZE_MAX = 4 * MIB;

export interface FileHistoryOptions {
  /** Bytes of the first segment, a multiple of 512; each further one is twice the one before. 1 MiB when absent. */
  readonly segmentSizeMin?: number | undefined;
  /** Segments do not grow beyond this, a multiple of 512. 64 MiB when absent. */
  readonly segmentSizeMax?: number | undefined;
  /** Writes every batch in the caller's thread. */
  readonly blocking?: boolean | undefined;
  /** In place of the file system of the machine, for tests: everything runs in the caller's thread. */
  readonly fileSystem?: FileSystem | undefined;
  /** In place of the processes of the machine, for tests. */
  readonly processes?: Processes | undefined;
}

/**
 * A history in a directory, made when it is first opened. Local file systems only: it relies on `fsync`, on
 * exclusive creation and on atomic rename.
 *
 * @example
 * const engine = await open({ domain: bank, history: fileHistory("data/bank") });
 */
export function fileHistory(directory: string, options: FileHistoryOptions = {}): History {
  const fileSystem = options.fileSystem ?? nodeFileSystem;
  const place: WritingPlace = {
    fileSystem,
    directory: options.fileSystem === undefined ? resolve(directory) : directory,
    crc32c,
    processes: options.processes ?? systemProcesses,
    waypoints: new Waypoints(),
  };
  const limits: SegmentLimits = {
    sizeMin: options.segmentSizeMin ?? SEGMENT_SIZE_MIN,
    sizeMax: options.segmentSizeMax ?? SEGMENT_SIZE_MAX,
    batchSizeMax: BATCH_SIZE_MAX,
  };
  let mode: WriteMode = options.blocking === true ? "blocking" : "threads";
  if (options.fileSystem !== undefined) mode = "injected";
  return {
    name: `file:${directory}`,
    async claim(claimOptions) {
      try {
        const claim = await claimDirectory(place, limits, claimOptions);
        return new ClaimedFile(place, limits, claim, claimOptions.sealer, mode);
      } catch (error) {
        throw asHistoryFailure(place.directory, "claiming", error);
      }
    },
    read: (readOptions) => readFrames(place, readOptions ?? {}),
    async module(sha256) {
      try {
        return await readModuleFile(fileSystem, place.directory, sha256);
      } catch (error) {
        throw asHistoryFailure(place.directory, "reading a module", error);
      }
    },
    startVerifying,
    inspect: (inspectOptions) => inspectDirectory(place, inspectOptions ?? {}),
  };
}
