/**
 * The few operations that reading segment files stands on.
 *
 * Responsible for: the contract between the readers and whatever holds the files: a disk, or bytes in memory.
 * Not responsible for: writing (`../node/file-system.ts`), what the files mean.
 *
 * Invariants: I1 every failure is thrown, with a `code` such as ENOENT.
 */

/** An operation may answer at once, or later. */
export type Answer<T> = T | Promise<T>;

/** Number of an open file. */
export type FileNumber = number;

export interface ReadingFileSystem {
  /** Whether the path is there. Throws on anything but its absence. */
  exists(path: string): Answer<boolean>;
  /** Names in a directory. Throws ENOENT when there is none. */
  list(path: string): Answer<readonly string[]>;
  /** Opens a file to read. */
  open(path: string): Answer<FileNumber>;
  size(file: FileNumber): Answer<number>;
  /** Fills as much of `bytes` as the file has from `position` on; answers how much that was. */
  read(file: FileNumber, bytes: Uint8Array, position: number): Answer<number>;
  close(file: FileNumber): Answer<void>;
  /** Waits a little for another writer to get on. */
  pause(milliseconds: number): Answer<void>;
}
