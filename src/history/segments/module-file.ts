/**
 * Modules kept beside a history: `modules/SHA256.wasm`, what its sealed epochs name.
 *
 * Responsible for: names, and believing a module only when it has the hash it is named by. Not responsible for: writing
 * (`../node/module-store.ts`).
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { HistoryError, UsageError } from "../../errors.ts";
import { MODULES_DIRECTORY, pathIn } from "./directory.ts";
import type { ReadingFileSystem } from "./file-system.ts";

/** @throws {UsageError} it is no SHA-256 in hex */
export function moduleFileName(hash: string): string {
  if (/^[0-9a-f]{64}$/.test(hash)) return `${hash}.wasm`;
  throw new UsageError("sha256", `found ${JSON.stringify(hash)}, expected 64 lower-case hex digits`);
}

export function modulePath(directory: string, hash: string): string {
  return pathIn(pathIn(directory, MODULES_DIRECTORY), moduleFileName(hash));
}

/** The bytes, if they have this SHA-256. @throws {HistoryError} DAMAGED: they have another */
export function requireHash(hash: string, bytes: Uint8Array): Uint8Array {
  const actual = bytesToHex(sha256(bytes));
  if (actual === hash) return bytes;
  throw new HistoryError("DAMAGED", "the module has other bytes than its name says; put it back", {
    segment: `${MODULES_DIRECTORY}/${moduleFileName(hash)}`,
    expected: hash,
    actual,
  });
}

/**
 * A module by its SHA-256; `undefined` if it is not kept here.
 * @throws {HistoryError} DAMAGED: the file has another hash than its name
 */
export async function readModuleFile(
  fileSystem: ReadingFileSystem,
  directory: string,
  hash: string,
): Promise<Uint8Array | undefined> {
  const path = modulePath(directory, hash);
  if (!(await fileSystem.exists(path))) return undefined;
  const file = await fileSystem.open(path);
  try {
    const bytes = new Uint8Array(await fileSystem.size(file));
    const read = await fileSystem.read(file, bytes, 0);
    return requireHash(hash, bytes.subarray(0, read));
  } finally {
    await fileSystem.close(file);
  }
}
