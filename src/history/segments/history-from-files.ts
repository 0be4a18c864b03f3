/**
 * A history that was handed over as the bytes of its files: to read and to audit, where there is no directory.
 *
 * Responsible for: putting the readers of this folder over bytes in memory.
 * Not responsible for: reading (`file-reader.ts`, `file-inspect.ts`); `docs/reference/history-file.md` draws the files.
 *
 * Invariants: I1 the bytes are read, never written.
 */
import crc32 from "crc-32/crc32c.js";
import { HistoryError, UsageError } from "../../errors.ts";
import type { History } from "../history.ts";
import { parseNames } from "./directory.ts";
import { inspectDirectory } from "./file-inspect.ts";
import { readFrames } from "./file-reader.ts";
import { filesByName, filesInMemory, type HistoryFile } from "./files-in-memory.ts";
import { moduleFileName, requireHash } from "./module-file.ts";
import type { Place } from "./plan.ts";
import { Waypoints } from "./waypoints.ts";

const DIRECTORY = "files";

/**
 * A history from the files of its directory, all in memory. It can be read, inspected and audited; it can not be
 * claimed, so no engine opens it.
 *
 * @param files all files of the directory: segments, the empty `term-N` and the `owner` if they are there, and the
 *   `SHA256.wasm` of its `modules` if it is of the sealed lane. Other files are left aside. The bytes are not copied, and must not change.
 * @throws {UsageError} a file is not `{ name, bytes }`, or two have one name
 * @throws {HistoryError} NOT_A_HISTORY: none of the files is a segment. What is wrong inside of them shows when they are
 *   read: DAMAGED, UNSUPPORTED_FORMAT, WRONG_HISTORY_ID
 *
 * @example
 * const history = historyFromFiles([{ name: "00000000000000000001-0000000001.seg", bytes }]);
 * const report = await auditHistory({ domain: bank, history });
 */
export function historyFromFiles(files: Iterable<HistoryFile>): History {
  const byName = filesByName(files);
  const { segments } = parseNames([...byName.keys()]);
  if (segments.length === 0) throw noSegment([...byName.keys()]);
  const place: Place = {
    fileSystem: filesInMemory(DIRECTORY, byName),
    directory: DIRECTORY,
    crc32c: (bytes) => crc32.buf(bytes) >>> 0,
    // Whoever wrote the files, nobody writes these bytes.
    processes: { isLive: () => false },
    waypoints: new Waypoints(),
  };
  return {
    name: `files:${segments[0]!.file}`,
    claim: () => Promise.reject(readOnly()),
    read: (options) => readFrames(place, options ?? {}),
    async module(sha256) {
      const bytes = byName.get(moduleFileName(sha256));
      return bytes === undefined ? undefined : requireHash(sha256, bytes);
    },
    inspect: (options) => inspectDirectory(place, options ?? {}),
  };
}

function noSegment(names: readonly string[]): HistoryError {
  const found = names.length === 0 ? "nothing" : names.slice(0, 3).join(", ");
  const expected = "a segment, FIRSTSEQ-TERM.seg; hand over all files of the history's directory";
  return new HistoryError("NOT_A_HISTORY", `found ${found}, expected ${expected}`);
}

function readOnly(): UsageError {
  const found = "found one made from files, which can only be read, expected one that can be claimed";
  return new UsageError("history", `${found}; audit it with auditHistory, or open a memoryHistory`);
}
