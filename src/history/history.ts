/**
 * What a history is to the engine, whatever stores it.
 *
 * Responsible for: the contract that every adapter keeps and one conformance suite checks.
 * Not responsible for: storage (the adapters), digests (`chain.ts`), what a frame says (`frame.ts`).
 *
 * Invariants:
 * I1 frames are consecutive from seq 1, and digest(n) stands behind body(n);
 * I2 `append` resolves only once its batch would survive a power cut, and no later claim had begun before that;
 * I3 of two claims on one history only the one with the higher term can have an append acknowledged;
 * I4 what a reader is handed is a prefix of the history, plus at most the batch whose append has not resolved yet.
 */

import type { FrameSealer } from "../wasm.ts";

export type { FrameSealer, PortableSealer } from "../wasm.ts";

/**
 * Consecutive frames, one behind the other: each body followed by the 32 bytes of its digest, which are to be
 * filled in by `append` and are there in what is read.
 */
export interface FrameBatch {
  /** Seq of the first frame. */
  readonly firstSeq: bigint;
  /** How many frames. */
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** A position in a history: the seq of its last frame and the digest there; seq 0 and digest(0) before the first. */
export interface Frontier {
  readonly seq: bigint;
  /** 32 bytes. */
  readonly digest: Uint8Array;
}

/** A batch that a crash cut off while it was written. It was not acknowledged, unless the disk itself lost sectors. */
export interface TearReport {
  /** File or other unit of storage. */
  readonly segment: string;
  /** Byte offset of the batch within the segment. */
  readonly offset: number;
  /** Seqs of the frames that were in it; absent when not even the header of the batch reached the disk. */
  readonly firstSeq: bigint | undefined;
  readonly lastSeq: bigint | undefined;
}

export interface ClaimOptions {
  /** 16 bytes: the id of a history that is made by this claim; drawn at random when absent. One that is there must have it. */
  readonly historyId?: Uint8Array | undefined;
  /** Claims also when a live process owns the history. That one is fenced off. */
  readonly takeover?: boolean | undefined;
  readonly sealer: FrameSealer;
}

export interface ReadOptions {
  /** First seq to hand over; 1 when absent. */
  readonly from?: bigint | undefined;
  /** Last seq to hand over; when absent, all there is. */
  readonly to?: bigint | undefined;
}

/** A unit of storage that holds part of the history. */
export interface SegmentInfo {
  readonly name: string;
  readonly term: bigint;
  readonly firstSeq: bigint;
  /** Bytes it takes up. */
  readonly size: number;
  /** A later claim has copied it, and it counts no longer. */
  readonly superseded: boolean;
  /** What is wrong with a superseded segment; the history does not need it. Elsewhere damage is thrown. */
  readonly damage: string | undefined;
  /** What a crash cut off at the end of a superseded segment. */
  readonly tear: TearReport | undefined;
}

export interface InspectOptions {
  /** Also checks every byte of segments that count no longer. */
  readonly superseded?: boolean | undefined;
}

/** The process that claimed a history and has not closed it. */
export interface OwnerInfo {
  readonly pid: number;
  readonly host: string;
  readonly term: bigint;
  /** It is running on this machine. */
  readonly live: boolean;
}

/** What can be said of a history from outside, without a claim. */
export interface HistoryInfo {
  readonly historyId: Uint8Array;
  /** The last complete frame. */
  readonly frontier: Frontier;
  /** Of the last claim. */
  readonly term: bigint;
  readonly segments: readonly SegmentInfo[];
  readonly tear: TearReport | undefined;
  readonly owner: OwnerInfo | undefined;
  /** The last batch of the newest segment: its frames may not be acknowledged yet when the owner has not closed the history. */
  readonly lastBatch:
    | { readonly firstSeq: bigint; readonly count: number; readonly mayBeUnacknowledged: boolean }
    | undefined;
}

/** A place that holds one history, or will. */
export interface History {
  /** For messages: `file:data/bank`. */
  readonly name: string;
  /**
   * Claims the history for writing, under the next term; makes it when there is none.
   *
   * @throws {HistoryError} `DAMAGED`, `NOT_A_HISTORY`, `WRONG_HISTORY_ID`, `UNSUPPORTED_FORMAT`
   * @throws {OperationalError} `OWNED` by a live process, `FENCED` by a claim made at the same time, `IO`
   */
  claim(options: ClaimOptions): Promise<ClaimedHistory>;
  /**
   * Hands over sealed frames in order, in chunks of bounded size (a few MiB, or one frame). Takes no lock and
   * works beside a running engine. Checksums of the storage are checked, digests are not (`verifyFrames`).
   *
   * @throws {HistoryError} `DAMAGED`, `NOT_A_HISTORY`, `NOT_FOUND` when there is none, `UNSUPPORTED_FORMAT`
   */
  read(options?: ReadOptions): AsyncIterable<FrameBatch>;
  /**
   * A module that a sealed epoch of this history names, by its SHA-256 in hex; `undefined` if it is not kept here.
   *
   * @throws {HistoryError} `DAMAGED`: its bytes are not those of the hash
   */
  module(sha256: string): Promise<Uint8Array | undefined>;
  /** Starts a thread that checks digests; absent where there is none, `undefined` where the sealer can not go there. */
  startVerifying?(sealer: FrameSealer): Promise<ChainVerifier | undefined>;
  /** @throws {HistoryError} as `read` */
  inspect(options?: InspectOptions): Promise<HistoryInfo>;
}

/** Checks the digests of frames in another thread, one run at a time. */
export interface ChainVerifier {
  /** As `FrameSealer.verify`. The bytes must stay as they are meanwhile. */
  verify(bytes: Uint8Array, previous: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

/** A history claimed for writing. */
export interface ClaimedHistory {
  /** 16 bytes. */
  readonly historyId: Uint8Array;
  readonly term: bigint;
  /** The last durable frame. */
  readonly frontier: Frontier;
  /** What the claim found cut off and left behind. */
  readonly tear: TearReport | undefined;
  /**
   * Memory for the frames of the next append, from which it takes them without a copy. Frames from elsewhere are as welcome.
   *
   * @param forGood whether its bytes stay as they are once the append has resolved; else they are good until the call after
   */
  buffer?(length: number, forGood: boolean): Uint8Array;
  /**
   * As `append`, but calls back at its end: maybe before this returns, or within `look`.
   *
   * @param ended called once; `undefined`: the batch is durable, else what `append` would have rejected with
   */
  begin?(batch: FrameBatch, ended: (error: unknown) => void): void;
  /** Learns of the end of an append without a turn of the event loop. Cheap: it is called after many commands. */
  look?(): void;
  /**
   * Seals the batch (its digests are written into `batch.bytes`) and resolves once it is durable. One at a time.
   * `batch.bytes` is handed over: the caller reads it once this has resolved, and never writes it again. Its buffer must
   * not detach (no view of linear memory).
   *
   * @throws {UsageError} nothing was changed: `batch` does not start at the frontier, or is empty or malformed
   * @throws {OperationalError} `FENCED`, `IO`: whether the batch is in the history is unknown, and the claim is
   *   poisoned: every later append is `POISONED`. `CLOSED` after `close`.
   */
  append(batch: FrameBatch): Promise<void>;
  /**
   * Keeps a module beside the history, durable once resolved: to be called before the epoch frame that names it.
   *
   * @param sha256 of the bytes, in hex
   * @throws {OperationalError} `IO`
   */
  keepModule(sha256: string, bytes: Uint8Array): Promise<void>;
  /** As `History.read`; `to` is the frontier when absent. */
  read(options?: ReadOptions): AsyncIterable<FrameBatch>;
  /** Waits for the append in flight and gives the claim back. Does nothing the second time. */
  close(): Promise<void>;
}
