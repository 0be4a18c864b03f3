/**
 * The owner of a history, on this machine: writing the file `owner` (`../segments/owner-file.ts` draws it).
 *
 * Responsible for: writing and removing it, and telling whether a process is alive.
 * Not responsible for: safety. It spares people from fencing a live engine by mistake; the term is the safety.
 *
 * Invariants: I1 the file is there whole or not at all.
 */
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { OWNER_FILE, ownerUnfinishedName, pathIn } from "../segments/directory.ts";
import { type Owner, ownerLine, type Process, readOwner } from "../segments/owner-file.ts";
import type { WritingPlace } from "./writing-place.ts";

export type { Owner, Process } from "../segments/owner-file.ts";

/** How processes are told apart; tests hand in their own. */
export interface Processes {
  self(): Process;
  isLive(process: Process): boolean;
}

/** Says who owns the history now. Written beside and renamed, so a crash leaves no half of it. */
export async function writeOwner(place: WritingPlace, owner: Owner): Promise<void> {
  const { fileSystem, directory, crc32c } = place;
  const path = pathIn(directory, ownerUnfinishedName(owner.term));
  const file = await fileSystem.create(path);
  try {
    await fileSystem.write(file, new TextEncoder().encode(ownerLine(owner, crc32c)), 0);
    await fileSystem.sync(file);
  } finally {
    await fileSystem.close(file);
  }
  await fileSystem.rename(path, pathIn(directory, OWNER_FILE));
}

/** Removes the owner file if it still speaks of this claim. */
export async function removeOwner(place: WritingPlace, owner: Owner): Promise<void> {
  const { fileSystem, directory, crc32c } = place;
  const found = await readOwner(place);
  if (found === undefined || ownerLine(found, crc32c) !== ownerLine(owner, crc32c)) return;
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
