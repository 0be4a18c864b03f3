/**
 * Segment files that are bytes in memory, read like those of a directory.
 *
 * Responsible for: the reading operations over named bytes, and refusing what is not that.
 * Not responsible for: what the files mean.
 */
import { UsageError } from "../../errors.ts";
import { pathIn } from "./directory.ts";
import type { ReadingFileSystem } from "./file-system.ts";

/** A file of a history, as it stands in its directory. */
export interface HistoryFile {
  /** Its name, without a directory: `00000000000000000001-0000000001.seg`. */
  readonly name: string;
  /** All of it. Not copied: it must not change while the history is in use. */
  readonly bytes: Uint8Array;
}

/** Bytes by name. @throws {UsageError} a file is none, or two have one name */
export function filesByName(files: Iterable<HistoryFile>): ReadonlyMap<string, Uint8Array> {
  if (typeof (files as Iterable<HistoryFile> | undefined)?.[Symbol.iterator] !== "function") {
    throw new UsageError("files", `found ${typeof files}, expected an array of { name, bytes }`);
  }
  const byName = new Map<string, Uint8Array>();
  let position = 0;
  for (const file of files) {
    const argument = `files[${position}]`;
    const { name, bytes } = (file ?? {}) as Partial<HistoryFile>;
    if (typeof name !== "string" || name === "" || /[\\/]/.test(name)) {
      const expected = "the name of a file without its directory";
      throw new UsageError(`${argument}.name`, `found ${JSON.stringify(name)}, expected ${expected}`);
    }
    if (!(bytes instanceof Uint8Array)) {
      throw new UsageError(`${argument}.bytes`, `found ${typeof bytes}, expected a Uint8Array`);
    }
    if (byName.has(name)) throw new UsageError(`${argument}.name`, `found ${name} twice, expected it once`);
    byName.set(name, bytes);
    position += 1;
  }
  return byName;
}

/** The files as a file system with one directory. Nobody writes there, so there is nothing to wait for. */
export function filesInMemory(directory: string, byName: ReadonlyMap<string, Uint8Array>): ReadingFileSystem {
  const paths = [...byName.keys()].map((name) => pathIn(directory, name));
  const contents = [...byName.values()];
  return {
    exists: (path) => paths.includes(path),
    list: () => [...byName.keys()],
    open: (path) => paths.indexOf(path),
    size: (file) => contents[file]!.length,
    read(file, bytes, position) {
      const part = contents[file]!.subarray(position, position + bytes.length);
      bytes.set(part);
      return part.length;
    },
    close() {},
    pause() {},
  };
}
