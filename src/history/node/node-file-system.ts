/**
 * The file system of this machine, through `node:fs`.
 *
 * Responsible for: the `FileSystem` contract; blocking calls, because on few cores they beat the thread pool by
 * far, but for making and syncing zeros ahead, which must not hold up the engine.
 * Not responsible for: retries. A failed sync has lost what it was to keep; trying again would hide that.
 */
import fs from "node:fs";
import { dirname } from "node:path";
import type { BatchFileSystem, FileNumber, FileSystem } from "./file-system.ts";

const ZERO_STEP_BYTES = 1 << 20;

/** The blocking part that the writing thread uses too; self-contained, because only its text gets there. */
export function blockingFileSystem(
  fs: Pick<typeof import("node:fs"), "statSync" | "writeSync" | "fdatasyncSync">,
): BatchFileSystem {
  return {
    // Not existsSync: that one answers false to every failure, and "not there" means "not fenced" here.
    exists: (path) => fs.statSync(path, { throwIfNoEntry: false }) !== undefined,
    write(file, bytes, position) {
      let written = 0;
      while (written < bytes.length) {
        written += fs.writeSync(file, bytes, written, bytes.length - written, position + written);
      }
    },
    syncData: (file) => fs.fdatasyncSync(file),
  };
}

/** Zeros a file in steps that run on the thread pool. */
async function zero(file: FileNumber, from: number, to: number): Promise<void> {
  const zeros = new Uint8Array(Math.min(ZERO_STEP_BYTES, to - from));
  for (let at = from; at < to; ) {
    const length = Math.min(zeros.length, to - at);
    at += await new Promise<number>((resolve, reject) => {
      fs.write(file, zeros, 0, length, at, (error, written) =>
        error === null ? resolve(written) : reject(error),
      );
    });
  }
}

function sync(file: FileNumber): Promise<void> {
  return new Promise((resolve, reject) => {
    fs.fsync(file, (error) => (error === null || error === undefined ? resolve() : reject(error)));
  });
}

function syncDirectory(path: string): void {
  // Windows keeps names durable by itself and can not open a directory.
  if (process.platform === "win32") return;
  const file = fs.openSync(path, "r");
  try {
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
}

function makeDirectory(path: string): void {
  const made = fs.mkdirSync(path, { recursive: true });
  if (made === undefined) return;
  // Every directory that was made is a name in the one above it.
  for (let at = path; at.length >= made.length; at = dirname(at)) syncDirectory(dirname(at));
}

function read(file: FileNumber, bytes: Uint8Array, position: number): number {
  let done = 0;
  while (done < bytes.length) {
    const count = fs.readSync(file, bytes, done, bytes.length - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

/** The file system of this machine. */
export const nodeFileSystem: FileSystem = {
  ...blockingFileSystem(fs),
  makeDirectory,
  list: (path) => fs.readdirSync(path),
  create: (path) => fs.openSync(path, "wx+"),
  open: (path) => fs.openSync(path, "r"),
  size: (file) => fs.fstatSync(file).size,
  read,
  zero,
  sync,
  close: (file) => fs.closeSync(file),
  rename: (from, to) => fs.renameSync(from, to),
  remove: (path) => fs.unlinkSync(path),
  syncDirectory,
  pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};
