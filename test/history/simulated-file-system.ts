/**
 * A file system in memory that a test can stop, break and cut the power of.
 *
 * Responsible for: the contract of `FileSystem`, with what a real one may do within it: answer late and in any
 * order, fail, and at a power cut forget whatever no sync covered, sector by sector and name by name.
 * Not responsible for: scheduling; a test hands in `turn`, which each operation waits for before it is done.
 *
 * Invariants: I1 an operation takes effect at one moment, when its turn has come; I2 a 512-byte sector survives
 * whole or not at all; I3 what a sync that returned covers survives every power cut.
 */
import type { FileSystem } from "../../src/history/node/file-system.ts";

const SECTOR = 512;

interface FileData {
  /** What programs see. */
  cached: Uint8Array;
  /** What is on the disk for sure. */
  durable: Uint8Array;
  readonly dirty: Set<number>;
}

/** A change of names that no directory sync has covered yet. */
type NameChange =
  | { readonly kind: "create"; readonly path: string; readonly data: FileData }
  | { readonly kind: "rename"; readonly from: string; readonly to: string; readonly data: FileData }
  | { readonly kind: "remove"; readonly path: string };

export interface Operation {
  readonly actor: string;
  readonly name: keyof FileSystem;
  /** Path, or path of the open file. */
  readonly path: string;
  /** Of a write or read: position and length. */
  readonly position?: number;
  readonly length?: number;
}

export interface SimulationHooks {
  /** Waited for before each operation. */
  turn?(operation: Operation): Promise<void> | undefined;
  /** May answer an error for the operation to fail with; a failed write leaves half of its bytes behind. */
  fail?(operation: Operation): Error | undefined;
}

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: simulated`), { code });
}

interface OpenFile {
  /** The name it has now. */
  path: string;
  readonly data: FileData;
}

/** One disk, on which any number of actors work through file systems of their own. */
export class SimulatedDisk {
  readonly hooks: SimulationHooks;
  /** Operations that have taken effect, in order. */
  readonly log: Operation[] = [];
  #names = new Map<string, FileData>();
  #durableNames = new Map<string, FileData>();
  #changes: NameChange[] = [];
  #open = new Map<number, OpenFile>();
  #nextFile = 3;
  #directories = new Set<string>();

  constructor(hooks: SimulationHooks = {}) {
    this.hooks = hooks;
  }

  /** Paths and what programs see in them, names that are not synced included. */
  files(): Map<string, Uint8Array> {
    return new Map([...this.#names].map(([path, data]) => [path, data.cached]));
  }

  /** Puts a file there, whole and durable. */
  put(path: string, bytes: Uint8Array): void {
    const data = { cached: bytes.slice(), durable: bytes.slice(), dirty: new Set<number>() };
    this.#names.set(path, data);
    this.#durableNames.set(path, data);
    this.#directories.add(path.slice(0, path.lastIndexOf("/")));
  }

  /** Removes a file, durably. */
  take(path: string): void {
    this.#names.delete(path);
    this.#durableNames.delete(path);
  }

  /** Whether a range of a file would survive a power cut. */
  isDurable(path: string, position: number, length: number): boolean {
    const data = this.#durableNames.get(path);
    if (data === undefined || data.durable.length < position + length) return false;
    for (let sector = Math.floor(position / SECTOR); sector * SECTOR < position + length; sector += 1) {
      if (data.dirty.has(sector)) return false;
    }
    return true;
  }

  /**
   * The power goes and comes back. Of what was not synced each sector and each change of a name survives or not.
   *
   * @param survives decides for each; called with a description
   */
  powerCut(survives: (what: string) => boolean): SimulatedDisk {
    const after = new SimulatedDisk(this.hooks);
    for (const change of this.#changes) if (survives(changeName(change))) apply(this.#durableNames, change);
    for (const [path, data] of this.#durableNames) after.put(path, surviving(path, data, survives));
    for (const directory of this.#directories) after.#directories.add(directory);
    return after;
  }

  /** A file system for one actor; its name is in each operation. */
  mount(actor: string): FileSystem {
    const perform = async <T>(
      operation: Omit<Operation, "actor">,
      effect: () => T,
      half?: () => void,
    ): Promise<T> => {
      const named = { actor, ...operation };
      await this.hooks.turn?.(named);
      const failure = this.hooks.fail?.(named);
      if (failure !== undefined) {
        half?.();
        throw failure;
      }
      const result = effect();
      this.log.push(named);
      return result;
    };
    const at = (file: number) => this.#fileOf(file);
    return {
      makeDirectory: (path) =>
        perform({ name: "makeDirectory", path }, () => {
          this.#directories.add(path);
        }),
      list: (path) => perform({ name: "list", path }, () => this.#list(path)),
      exists: (path) => perform({ name: "exists", path }, () => this.#names.has(path)),
      create: (path) => perform({ name: "create", path }, () => this.#create(path)),
      open: (path) => perform({ name: "open", path }, () => this.#opened(path, this.#present(path))),
      size: (file) => perform({ name: "size", path: at(file).path }, () => at(file).data.cached.length),
      read: (file, bytes, position) =>
        perform({ name: "read", path: at(file).path, position, length: bytes.length }, () => {
          const part = at(file).data.cached.subarray(position, position + bytes.length);
          bytes.set(part);
          return part.length;
        }),
      write: (file, bytes, position) => {
        const copy = bytes.slice();
        return perform(
          { name: "write", path: at(file).path, position, length: bytes.length },
          () => write(at(file).data, copy, position),
          () => write(at(file).data, copy.subarray(0, copy.length >> 1), position),
        );
      },
      zero: (file, from, to) =>
        perform(
          { name: "zero", path: at(file).path, position: from, length: to - from },
          () => write(at(file).data, new Uint8Array(to - from), from),
          () => write(at(file).data, new Uint8Array((to - from) >> 1), from),
        ),
      syncData: (file) => perform({ name: "syncData", path: at(file).path }, () => sync(at(file).data)),
      sync: (file) => perform({ name: "sync", path: at(file).path }, () => sync(at(file).data)),
      close: (file) =>
        perform({ name: "close", path: at(file).path }, () => {
          this.#open.delete(file);
        }),
      rename: (from, to) => perform({ name: "rename", path: from }, () => this.#rename(from, to)),
      remove: (path) => perform({ name: "remove", path }, () => this.#remove(path)),
      syncDirectory: (path) => perform({ name: "syncDirectory", path }, () => this.#syncNames()),
      pause: () => perform({ name: "pause", path: "" }, () => {}),
    };
  }

  #fileOf(file: number): OpenFile {
    const open = this.#open.get(file);
    if (open === undefined) throw systemError("EBADF");
    return open;
  }

  #present(path: string): FileData {
    const data = this.#names.get(path);
    if (data === undefined) throw systemError("ENOENT");
    return data;
  }

  #opened(path: string, data: FileData): number {
    const file = this.#nextFile;
    this.#nextFile += 1;
    this.#open.set(file, { path, data });
    return file;
  }

  #list(path: string): string[] {
    if (!this.#directories.has(path)) throw systemError("ENOENT");
    return [...this.#names.keys()]
      .filter((name) => name.startsWith(`${path}/`))
      .map((name) => name.slice(path.length + 1));
  }

  #create(path: string): number {
    if (this.#names.has(path)) throw systemError("EEXIST");
    const data: FileData = { cached: new Uint8Array(0), durable: new Uint8Array(0), dirty: new Set() };
    this.#change({ kind: "create", path, data });
    return this.#opened(path, data);
  }

  #rename(from: string, to: string): void {
    const data = this.#present(from);
    this.#change({ kind: "rename", from, to, data });
    for (const open of this.#open.values()) if (open.data === data) open.path = to;
  }

  #remove(path: string): void {
    this.#present(path);
    this.#change({ kind: "remove", path });
  }

  #change(change: NameChange): void {
    apply(this.#names, change);
    this.#changes.push(change);
  }

  #syncNames(): void {
    for (const change of this.#changes) apply(this.#durableNames, change);
    this.#changes = [];
  }
}

function changeName(change: NameChange): string {
  return change.kind === "rename" ? `rename ${change.from} ${change.to}` : `${change.kind} ${change.path}`;
}

function apply(names: Map<string, FileData>, change: NameChange): void {
  if (change.kind === "create") names.set(change.path, change.data);
  else if (change.kind === "remove") names.delete(change.path);
  else {
    names.delete(change.from);
    names.set(change.to, change.data);
  }
}

function grown(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length >= length) return bytes;
  const more = new Uint8Array(length);
  more.set(bytes);
  return more;
}

function write(data: FileData, bytes: Uint8Array, position: number): void {
  data.cached = grown(data.cached, position + bytes.length);
  data.cached.set(bytes, position);
  const first = Math.floor(position / SECTOR);
  for (let sector = first; sector * SECTOR < position + bytes.length; sector += 1) data.dirty.add(sector);
}

function sync(data: FileData): void {
  data.durable = grown(data.durable, data.cached.length);
  for (const sector of data.dirty) {
    const at = sector * SECTOR;
    data.durable.set(data.cached.subarray(at, at + SECTOR), at);
  }
  data.dirty.clear();
}

/** What is left of a file: durable sectors, and those dirty ones that made it. */
function surviving(path: string, data: FileData, survives: (what: string) => boolean): Uint8Array {
  let bytes = data.durable.slice();
  const isLonger = data.cached.length > bytes.length && survives(`size ${path}`);
  if (isLonger) bytes = grown(bytes, data.cached.length).slice();
  for (const sector of [...data.dirty].sort((left, right) => left - right)) {
    const at = sector * SECTOR;
    if (at >= bytes.length || !survives(`sector ${path} ${sector}`)) continue;
    bytes.set(data.cached.subarray(at, Math.min(at + SECTOR, bytes.length)), at);
  }
  return bytes;
}
