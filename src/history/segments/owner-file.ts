/**
 * The file `owner`: which process has the history open. One line:
 *
 *   statevec owner: pid 4711, started 8123456, term 3, host db-1, check 1a2b3c4d
 *
 * Responsible for: the line, and reading it.
 * Not responsible for: writing it, and telling whether that process is alive (`../node/owner-file.ts`). Nor for safety:
 * it spares people from fencing a live engine by mistake; the term is the safety.
 *
 * Invariants: I1 the check (CRC32C of all before it) covers the line.
 */
import { HistoryError } from "../../errors.ts";
import { OWNER_FILE, pathIn } from "./directory.ts";
import type { Place } from "./plan.ts";
import type { Crc32c } from "./segment-format.ts";

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

const LINE = /^statevec owner: pid (\d+), started (\d+), term (\d+), host (\S+), check ([0-9a-f]{8})\n$/;
/** Lines are shorter by far; of a longer file the rest can not be right. */
const LINE_BYTES_MAX = 4096;

/** The line that speaks of an owner, its end included. */
export function ownerLine(owner: Owner, crc32c: Crc32c): string {
  const { pid, started, term, host } = owner;
  const head = `statevec owner: pid ${pid}, started ${started}, term ${term}, host ${host}, check `;
  return `${head}${crc32c(new TextEncoder().encode(head)).toString(16).padStart(8, "0")}\n`;
}

/**
 * Who owns the history; undefined when nobody does.
 *
 * @throws {HistoryError} `DAMAGED` when the file is not what was written
 */
export async function readOwner(place: Place): Promise<Owner | undefined> {
  const line = await readLine(place);
  if (line === undefined || line === "") return undefined;
  const parts = LINE.exec(line);
  if (parts !== null) {
    const [pid, started, term, host] = [Number(parts[1]), BigInt(parts[2]!), BigInt(parts[3]!), parts[4]!];
    if (ownerLine({ pid, started, term, host }, place.crc32c) === line) return { pid, started, term, host };
  }
  const advice = "the owner file is not what was written; if no engine has the history open, remove it";
  throw new HistoryError("DAMAGED", advice, {
    segment: OWNER_FILE,
    offset: 0,
    actual: JSON.stringify(line.slice(0, 80)),
  });
}

/** The file, one character for each byte, at most a little more than a line; undefined when there is none. */
async function readLine({ fileSystem, directory }: Place): Promise<string | undefined> {
  const path = pathIn(directory, OWNER_FILE);
  if (!(await fileSystem.exists(path))) return undefined;
  const file = await fileSystem.open(path);
  try {
    const bytes = new Uint8Array(Math.min(await fileSystem.size(file), LINE_BYTES_MAX));
    await fileSystem.read(file, bytes, 0);
    return String.fromCharCode(...bytes);
  } finally {
    await fileSystem.close(file);
  }
}
