/**
 * What a figure was measured on: processor, Node, file system, load.
 */
import { readFileSync, statfsSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { resolve } from "node:path";

export function machineLine(): string {
  const processors = cpus();
  const gib = Math.round(totalmem() / 2 ** 30);
  const { platform, arch, version } = process;
  return `${processors[0]?.model ?? "unknown processor"}, ${processors.length} cores, ${gib} GiB, ${platform} ${arch}, Node ${version}`;
}

/** The load of the last minute. */
export function load(): string {
  return loadavg()[0]!.toFixed(1);
}

/** Numbers of statfs(2) for what needs a name where /proc does not have it, and for what is no disk. */
const MAGIC: ReadonlyMap<number, string> = new Map([
  [0x01021994, "tmpfs"],
  [0x858458f6, "ramfs"],
  [0xef53, "ext4"],
  [0x58465342, "xfs"],
  [0x9123683e, "btrfs"],
  [0x2fc12fc1, "zfs"],
  [0x794c7630, "overlay"],
]);

const IN_MEMORY = new Set(["tmpfs", "ramfs"]);

export interface FileSystemInfo {
  readonly type: string;
  /** For people: type and device. */
  readonly name: string;
  /** A sync means nothing there. */
  readonly inMemory: boolean;
}

/** The file system that a directory stands on. */
export function fileSystemOf(directory: string): FileSystemInfo {
  const type = MAGIC.get(statfsSync(directory).type);
  const mount = mountOf(resolve(directory));
  const known = type ?? mount?.type ?? "unknown";
  const name = mount === undefined ? known : `${mount.type} on ${mount.device}`;
  return { type: known, name, inMemory: IN_MEMORY.has(known) || IN_MEMORY.has(mount?.type ?? "") };
}

interface Mount {
  readonly device: string;
  readonly point: string;
  readonly type: string;
}

/** The mount with the longest point above a path, of /proc/self/mounts; undefined where there is none. */
function mountOf(path: string): Mount | undefined {
  let text: string;
  try {
    text = readFileSync("/proc/self/mounts", "utf8");
  } catch {
    return undefined;
  }
  let best: Mount | undefined;
  for (const line of text.split("\n")) {
    const [device, point, type] = line.split(" ");
    if (device === undefined || point === undefined || type === undefined) continue;
    const isAbove = point === "/" || path === point || path.startsWith(`${point}/`);
    // Of two mounts on one point the later one is seen.
    if (isAbove && (best === undefined || point.length >= best.point.length)) best = { device, point, type };
  }
  return best;
}
