/**
 * Processor time of the processes that a side works with, which says more than the clock where others work on the same machine.
 *
 * Responsible for: reading it from /proc, for a process and its children. Linux alone; zero elsewhere.
 */
import { readdirSync, readFileSync } from "node:fs";
import { cpuUsage } from "node:process";

/** What the kernel counts in: USER_HZ, 100 a second on every Linux that Node runs on. */
const TICK_MICROSECONDS = 10_000;

/** Microseconds that this process has used. */
export function ownTime(): number {
  const { user, system } = cpuUsage();
  return user + system;
}

/** Microseconds that a process, its living children and those that ended have used. */
export function timeOf(pid: number): number {
  if (process.platform !== "linux") return 0;
  let ticks = 0;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const fields = statOf(name);
    if (fields === undefined) continue;
    const isItself = name === String(pid);
    if (!isItself && Number(fields[1]) !== pid) continue;
    // utime and stime; of the process itself cutime and cstime too.
    for (const at of isItself ? [11, 12, 13, 14] : [11, 12]) ticks += Number(fields[at]);
  }
  return ticks * TICK_MICROSECONDS;
}

/** The fields of a stat file behind the name of the program, which may have spaces: state, parent, ... */
function statOf(pid: string): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

/** Runs something of `commands` commands against a server; microseconds of processor a command, of both ends. */
export async function withProcessorTime(
  serverPid: number,
  commands: number,
  run: () => Promise<void>,
): Promise<{ readonly serverMicros: number; readonly clientMicros: number }> {
  const [server, client] = [timeOf(serverPid), ownTime()];
  await run();
  return {
    serverMicros: (timeOf(serverPid) - server) / commands,
    clientMicros: (ownTime() - client) / commands,
  };
}
