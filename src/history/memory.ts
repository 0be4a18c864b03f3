/**
 * A history in memory, for tests, forks and what need not outlive the process.
 *
 * Responsible for: keeping frames for as long as the object lives; terms and fencing like every adapter, so
 * that a second claim shows the same errors as on a disk.
 * Not responsible for: durability. "Durable" is: sealed and kept here.
 *
 * Invariants: I1 blocks are consecutive and hold whole frames; I2 what was handed to a reader never changes.
 */
import { HistoryError, OperationalError, UsageError } from "../errors.ts";
import { firstDigest, HISTORY_ID_BYTES, lastDigest, malformedBatch, sealFrames } from "./chain.ts";
import { cutFrames, requireNext, requireSameId, seqRange, settled } from "./contract.ts";
import type {
  ClaimedHistory,
  ClaimOptions,
  FrameBatch,
  FrameSealer,
  Frontier,
  History,
  HistoryInfo,
  ReadOptions,
} from "./history.ts";

/** Size of the blocks that frames are gathered in; what a reader is handed at once. */
const BLOCK_BYTES = 1 << 20;

/** Seals batches somewhere else, so that the caller goes on meanwhile. Made anew by each claim. */
export interface SealingThread {
  /** Memory for the frames of a batch, from which it is sealed without a copy. It is used once. */
  buffer(length: number): Uint8Array;
  /** As `ClaimedHistory.look`. */
  look(): void;
  /** Whether handing the batch over is better than sealing it in place: not for a lone frame. */
  isWorthIt(batch: FrameBatch): boolean;
  /** Writes the digests into `batch.bytes`; tells how many frames were sealed. */
  seal(
    batch: FrameBatch,
    previous: Uint8Array,
    sealed: (count: number) => void,
    failed: (error: unknown) => void,
  ): void;
  close(): Promise<void>;
}

interface Block {
  readonly firstSeq: bigint;
  count: number;
  used: number;
  readonly bytes: Uint8Array;
}

/** What is kept while claims come and go. */
interface Kept {
  historyId: Uint8Array | undefined;
  frontier: Frontier;
  term: bigint;
  owned: boolean;
  lastBatch: { firstSeq: bigint; count: number } | undefined;
  readonly blocks: Block[];
  /** By SHA-256. */
  readonly modules: Map<string, Uint8Array>;
}

/**
 * A history that lives as long as this object does: it can be opened again after it was closed.
 *
 * @param startThread how a claim finds a thread to seal in; absent, batches are sealed in place
 */
export function memoryHistory(
  startThread?: (sealer: FrameSealer) => Promise<SealingThread | undefined>,
): History {
  const kept: Kept = {
    historyId: undefined,
    frontier: { seq: 0n, digest: new Uint8Array(0) },
    term: 0n,
    owned: false,
    lastBatch: undefined,
    blocks: [],
    modules: new Map(),
  };
  return {
    name: "memory",
    async claim(options) {
      if (kept.owned && options.takeover !== true) {
        throw new OperationalError("OWNED", "this history is open; close it, or open with takeover: true");
      }
      begin(kept, options.historyId);
      kept.term += 1n;
      kept.owned = true;
      return new ClaimedMemory(kept, kept.term, options, await startThread?.(options.sealer));
    },
    read: (options) => readKept(kept, options ?? {}),
    module: async (sha256) => kept.modules.get(sha256),
    inspect: async () => describe(kept),
  };
}

function begin(kept: Kept, historyId: Uint8Array | undefined): void {
  if (kept.historyId === undefined) {
    kept.historyId = historyId?.slice() ?? crypto.getRandomValues(new Uint8Array(HISTORY_ID_BYTES));
    kept.frontier = { seq: 0n, digest: firstDigest(kept.historyId) };
    return;
  }
  if (historyId !== undefined) requireSameId("memory", kept.historyId, historyId);
}

class ClaimedMemory implements ClaimedHistory {
  readonly historyId: Uint8Array;
  readonly term: bigint;
  readonly tear = undefined;
  readonly #kept: Kept;
  readonly #sealer: FrameSealer;
  readonly #thread: SealingThread | undefined;
  /** A batch is in the other thread; what is to be called when it is back. */
  #isSealing = false;
  #atEnd: () => void = () => {};
  #poisoned = false;
  #closed = false;

  constructor(kept: Kept, term: bigint, options: ClaimOptions, thread: SealingThread | undefined) {
    this.historyId = kept.historyId!;
    this.term = term;
    this.#kept = kept;
    this.#sealer = options.sealer;
    this.#thread = thread;
  }

  get frontier(): Frontier {
    return this.#kept.frontier;
  }

  buffer(length: number): Uint8Array {
    return length < BLOCK_BYTES / 4 || this.#thread === undefined
      ? new Uint8Array(length)
      : this.#thread.buffer(length);
  }

  look(): void {
    this.#thread?.look();
  }

  async keepModule(sha256: string, bytes: Uint8Array): Promise<void> {
    if (!this.#kept.modules.has(sha256)) this.#kept.modules.set(sha256, bytes.slice());
  }

  append(batch: FrameBatch): Promise<void> {
    return settled((ended) => this.begin(batch, ended));
  }

  begin(batch: FrameBatch, ended: (error: unknown) => void): void {
    try {
      this.#check(batch);
      if (this.#thread?.isWorthIt(batch) === true) return this.#sealBeside(this.#thread, batch, ended);
      this.#keep(batch, this.#sealHere(batch));
    } catch (error) {
      return ended(error);
    }
    ended(undefined);
  }

  read(options: ReadOptions = {}): AsyncIterable<FrameBatch> {
    return readKept(this.#kept, { ...options, to: options.to ?? this.#kept.frontier.seq });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await new Promise<void>((resolve) => {
      if (this.#isSealing) this.#atEnd = resolve;
      else resolve();
    });
    await this.#thread?.close();
    if (this.#kept.term === this.term) this.#kept.owned = false;
  }

  #sealHere(batch: FrameBatch): Uint8Array {
    return sealFrames(this.#sealer, batch, this.#kept.frontier.digest);
  }

  #check(batch: FrameBatch): void {
    if (this.#closed) throw new OperationalError("CLOSED", "the history is closed; open it again");
    if (this.#poisoned) throw new OperationalError("POISONED", "an append failed before; open it again");
    if (this.#isSealing) throw new UsageError("batch", "the append before it has not resolved yet");
    requireNext(batch, this.#kept.frontier);
  }

  #sealBeside(thread: SealingThread, batch: FrameBatch, ended: (error: unknown) => void): void {
    this.#isSealing = true;
    const end = (error: unknown): void => {
      this.#isSealing = false;
      ended(error);
      this.#atEnd();
    };
    const sealed = (count: number): void => {
      try {
        if (count !== batch.count) throw malformedBatch(batch);
        this.#keep(batch, lastDigest(batch));
      } catch (error) {
        return end(error);
      }
      end(undefined);
    };
    const failed = (cause: unknown): void => {
      this.#poisoned = true;
      end(new OperationalError("IO", "the sealing thread failed; open the history again", { cause }));
    };
    thread.seal(batch, this.#kept.frontier.digest, sealed, failed);
  }

  #keep(batch: FrameBatch, digest: Uint8Array): void {
    const kept = this.#kept;
    if (kept.term !== this.term) {
      this.#poisoned = true;
      throw new OperationalError(
        "FENCED",
        `term ${kept.term} has claimed this history; this is ${this.term}`,
      );
    }
    keepBytes(kept, batch);
    kept.lastBatch = { firstSeq: batch.firstSeq, count: batch.count };
    kept.frontier = { seq: batch.firstSeq + BigInt(batch.count) - 1n, digest };
  }
}

/** Small batches are gathered in blocks; a large one is a block itself, without a copy. */
function keepBytes({ blocks }: Kept, { firstSeq, count, bytes }: FrameBatch): void {
  const last = blocks.at(-1);
  if (last !== undefined && last.bytes.length - last.used >= bytes.length) {
    last.bytes.set(bytes, last.used);
    last.used += bytes.length;
    last.count += count;
    return;
  }
  if (bytes.length >= BLOCK_BYTES / 4) {
    blocks.push({ firstSeq, count, used: bytes.length, bytes });
    return;
  }
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(bytes);
  blocks.push({ firstSeq, count, used: bytes.length, bytes: block });
}

/** Hands over whole blocks; frames that arrive meanwhile are handed over too, up to `to`. */
async function* readKept(kept: Kept, options: ReadOptions): AsyncGenerator<FrameBatch> {
  if (kept.historyId === undefined) throw neverOpened();
  const { from, to } = seqRange(options);
  let next = from;
  let position = kept.blocks.findLastIndex((block) => block.firstSeq <= from);
  while (position >= 0 && position < kept.blocks.length) {
    const { firstSeq, count, used, bytes } = kept.blocks[position]!;
    const part = cutFrames({ firstSeq, count, bytes: bytes.subarray(0, used) }, { from: next, to });
    if (part !== undefined) {
      next = part.firstSeq + BigInt(part.count);
      yield part;
      continue;
    }
    if (to !== undefined && next > to) return;
    position += 1;
  }
}

function describe(kept: Kept): HistoryInfo {
  if (kept.historyId === undefined) throw neverOpened();
  const { lastBatch } = kept;
  return {
    historyId: kept.historyId,
    frontier: kept.frontier,
    term: kept.term,
    segments: [],
    tear: undefined,
    owner: undefined,
    lastBatch: lastBatch === undefined ? undefined : { ...lastBatch, mayBeUnacknowledged: false },
  };
}

function neverOpened(): HistoryError {
  return new HistoryError(
    "NOT_FOUND",
    "nothing was ever kept in this memory history; open it for writing first",
  );
}
