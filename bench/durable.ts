/**
 * What rows that write have in common: directories of their own, the raw disk of the same run.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "./group.ts";
import { fileSystemOf, load } from "./machine.ts";

/** Bytes of one raw write: a frame of the stream with its digest, as a batch of its own. */
export const WRITE_BYTES = 288;
/** Raw writes a turn beside rows that are about something else. */
export const RAW_WRITES = 300;

/** Runs with a new directory for each side that writes; they are removed afterwards. */
export async function withDirectories<T>(
  settings: Settings,
  count: number,
  work: (directories: string[]) => Promise<T>,
): Promise<T> {
  const base = mkdtempSync(join(settings.directory, "bench-"));
  const directories = Array.from({ length: count }, (_, index) => mkdtempSync(join(base, `${index}-`)));
  try {
    return await work(directories);
  } finally {
    // After a failure a server may be at its last files still.
    rmSync(base, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

export function diskNote({ directory }: Settings, rawPerSecond: number): string {
  const { name } = fileSystemOf(directory);
  return `${name}: ${Math.round(rawPerSecond)} raw write+fdatasync/s of ${WRITE_BYTES} bytes in this run, load ${load()}`;
}
