/**
 * The few file operations that the file adapter stands on.
 *
 * Responsible for: the contract that lets a test put a file system under the adapter that delays, fails,
 * reorders, forgets and records.
 * Not responsible for: what the files mean.
 *
 * Invariants: I1 what is written is only sure to outlive a power cut once `sync` of the file returned, a name
 * only once `syncDirectory` did; I2 a 512-byte sector is there whole or not at all (of the file: aligned, not
 * of the write); I3 every failure is thrown, with a `code` such as ENOSPC.
 */
import type { Answer, FileNumber, ReadingFileSystem } from "../segments/file-system.ts";

export type { Answer, FileNumber } from "../segments/file-system.ts";

/** What it takes to write a batch: the part that also runs in the writing thread, where all of it blocks. */
export interface BatchFileSystem {
  /** Whether the path is there. Throws on anything but its absence. */
  exists(path: string): Answer<boolean>;
  /** Writes all of the bytes. File numbers are good in every thread of the process. */
  write(file: FileNumber, bytes: Uint8Array, position: number): Answer<void>;
  /** Makes contents and what is needed to read them back durable: fdatasync. */
  syncData(file: FileNumber): Answer<void>;
}

export interface FileSystem extends BatchFileSystem, ReadingFileSystem {
  /** Makes a directory and its parents, durably. Does nothing when it is there. */
  makeDirectory(path: string): Answer<void>;
  /** Makes a file that must not be there (else EEXIST), to write and read. */
  create(path: string): Answer<FileNumber>;
  /** Writes zeros from `from` to `to`; takes its time and leaves the thread free meanwhile. */
  zero(file: FileNumber, from: number, to: number): Answer<void>;
  /** Makes contents, size and times durable: fsync. Leaves the thread free where it can. */
  sync(file: FileNumber): Answer<void>;
  rename(from: string, to: string): Answer<void>;
  remove(path: string): Answer<void>;
  /** Makes the names in a directory durable. */
  syncDirectory(path: string): Answer<void>;
}

/** Removes a file that another process may remove at the same time. */
export async function removeIfThere(fileSystem: FileSystem, path: string): Promise<void> {
  try {
    await fileSystem.remove(path);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ENOENT") throw error;
  }
}
