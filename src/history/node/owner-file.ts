/**
 * The file `owner`: which process has the history open. One line:
 *
 *   statevec owner: pid 4711, started 8123456, term 3, host db-1, check 1a2b3c4d
 *
 * Responsible for: writing and reading it, and telling whether that process is alive.
 * Not responsible for: safety. It spares people from fencing a live engine by mistake; the term is the safety.
 *
 * Invariants: I1 the file is there whole or not at all; I2 the check (CRC32C of all before it) covers the line.
 */
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { crc32c } from "@node-rs/crc32";
import { HistoryError } from "../../errors.ts";
import { OWNER_FILE, ownerUnfinishedName, pathIn } from "./directory.ts";
import type { FileSystem } from "./file-system.ts";

/** A process, told from others that bear the same number at another time or on another machine. */
export interface Process {
  readonly pid: number;
  /** When it started, in the units of the system; 0 where that is not known. */
  readonly started: bigint;
  readonly host: string;
}

export interface Owner extends Process {
  readonly term: bigint;
}

/** How processes are told apart; tests hand in their own. */
export interface Processes {
  self(): Process;
  isLive(process: Process): boolean;
}

const LINE = /^statevec owner: pid (\d+), started (\d+), term (\d+), host (\S+), check ([0-9a-f]{8})\n$/;

function lineOf(owner: Owner): string {
  const { pid, started, term, host } = owner;
  const head = `statevec owner: pid ${pid}, started ${started}, term ${term}, host ${host}, check `;
  return `${head}${crc32c(head).toString(16).padStart(8, "0")}\n`;
}

/** Says who owns the history now. Written beside and renamed, so a crash leaves no half of it. */
export async function writeOwner(fileSystem: FileSystem, directory: string, owner: Owner): Promise<void> {
  const path = pathIn(directory, ownerUnfinishedName(owner.term));
  const file = await fileSystem.create(path);
  try {
    await fileSystem.write(file, new TextEncoder().encode(lineOf(owner)), 0);
    await fileSystem.sync(file);
  } finally {
    await fileSystem.close(file);
  }
  await fileSystem.rename(path, pathIn(directory, OWNER_FILE));
}

/**
 * Who owns the history; undefined when nobody does.
 *
 * @throws {HistoryError} `DAMAGED` when the file is not what was written
 */
export async function readOwner(fileSystem: FileSystem, directory: string): Promise<Owner | undefined> {
  const path = pathIn(directory, OWNER_FILE);
  if (!(await fileSystem.exists(path))) return undefined;
  const file = await fileSystem.open(path);
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await fileSystem.size(file));
    await fileSystem.read(file, bytes, 0);
  } finally {
    await fileSystem.close(file);
  }
  if (bytes.length === 0) return undefined;
  const line = Buffer.from(bytes).toString("latin1");
  const parts = LINE.exec(line);
  if (parts !== null) {
    const [pid, started, term, host] = [Number(parts[1]), BigInt(parts[2]!), BigInt(parts[3]!), parts[4]!];
    if (lineOf({ pid, started, term, host }) === line) return { pid, started, term, host };
  }
  const advice = "the owner file is not what was written; if no engine has the history open, remove it";
  throw new HistoryError("DAMAGED", advice, {
    segment: OWNER_FILE,
    offset: 0,
    actual: JSON.stringify(line.slice(0, 80)),
  });
}

/** Removes the owner file if it still speaks of this claim. */
export async function removeOwner(fileSystem: FileSystem, directory: string, owner: Owner): Promise<void> {
  const found = await readOwner(fileSystem, directory);
  if (found === undefined || lineOf(found) !== lineOf(owner)) return;
  await fileSystem.remove(pathIn(directory, OWNER_FILE));
}

/** Field 22 of /proc/PID/stat, the start in clock ticks since boot; 0 where there is no such file. */
function startOf(pid: number): bigint {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is the name in parentheses, and may hold spaces and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return BigInt(fields[19] ?? "0");
  } catch {
    return 0n;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The processes of this machine. Of another machine nothing is known, so none of its processes counts as live. */
export const systemProcesses: Processes = {
  self: () => ({
    pid: process.pid,
    started: startOf(process.pid),
    host: hostname().replace(/[^\x21-\x7e]/g, "-") || "unnamed",
  }),
  isLive(owner) {
    const self = systemProcesses.self();
    if (owner.host !== self.host || !exists(owner.pid)) return false;
    const started = startOf(owner.pid);
    return started === 0n || owner.started === 0n || started === owner.started;
  },
};
