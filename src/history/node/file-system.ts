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

/** An operation may answer at once, or later. */
export type Answer<T> = T | Promise<T>;

/** Number of an open file; good in every thread of the process. */
export type FileNumber = number;

/** What it takes to write a batch: the part that also runs in the writing thread, where all of it blocks. */
export interface BatchFileSystem {
  /** Whether the path is there. Throws on anything but its absence. */
  exists(path: string): Answer<boolean>;
  /** Writes all of the bytes. */
  write(file: FileNumber, bytes: Uint8Array, position: number): Answer<void>;
  /** Makes contents and what is needed to read them back durable: fdatasync. */
  syncData(file: FileNumber): Answer<void>;
}

export interface FileSystem extends BatchFileSystem {
  /** Makes a directory and its parents, durably. Does nothing when it is there. */
  makeDirectory(path: string): Answer<void>;
  /** Names in a directory. Throws ENOENT when there is none. */
  list(path: string): Answer<readonly string[]>;
  /** Makes a file that must not be there (else EEXIST), to write and read. */
  create(path: string): Answer<FileNumber>;
  /** Opens a file to read. */
  open(path: string): Answer<FileNumber>;
  size(file: FileNumber): Answer<number>;
  /** Fills as much of `bytes` as the file has from `position` on; answers how much that was. */
  read(file: FileNumber, bytes: Uint8Array, position: number): Answer<number>;
  /** Writes zeros from `from` to `to`; takes its time and leaves the thread free meanwhile. */
  zero(file: FileNumber, from: number, to: number): Answer<void>;
  /** Makes contents, size and times durable: fsync. Leaves the thread free where it can. */
  sync(file: FileNumber): Answer<void>;
  close(file: FileNumber): Answer<void>;
  rename(from: string, to: string): Answer<void>;
  remove(path: string): Answer<void>;
  /** Makes the names in a directory durable. */
  syncDirectory(path: string): Answer<void>;
  /** Waits a little for another writer to get on. */
  pause(milliseconds: number): Answer<void>;
}
