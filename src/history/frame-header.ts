/**
 * The fixed part of a frame body.
 *
 * Responsible for: reading it, and checking what it alone can show (docs/reference/frame.md).
 * Not responsible for: what stands behind it (frame.ts), the digest chain (chain.ts).
 *
 * Invariant: I1 a header that was read agrees with itself: outcome and code, source fields, links, counts.
 */
import * as abi from "../../assembly/abi.ts";
import { HistoryError } from "../errors.ts";

export type OutcomeName = "committed" | "rejected" | "faulted";

/** Names of the outcomes, by number. */
export const OUTCOME_NAMES: readonly OutcomeName[] = ["committed", "rejected", "faulted"];

/** The fixed part of a frame body, as numbers. */
export interface FrameHeader {
  /** Bytes of the body. */
  readonly length: number;
  /** `OUTCOME_...` of the ABI. */
  readonly outcome: number;
  readonly hasSource: boolean;
  readonly seq: bigint;
  /** Reference time, ns since the Unix epoch. */
  readonly timeNs: bigint;
  readonly epoch: number;
  /** Number of the command, or of the engine's own frame. */
  readonly kind: number;
  readonly code: number;
  readonly client: bigint;
  readonly sourceSeq: bigint;
  readonly stream: number;
  readonly deltas: number;
  readonly events: number;
  readonly previous: bigint;
  readonly sysIds: number;
  readonly payloadBytes: number;
}

/** Throws for bytes that no frame has. */
export function damaged(
  what: string,
  at: number,
  seq: bigint | undefined,
  actual: unknown,
  expected: string,
): never {
  throw new HistoryError("DAMAGED", `${what} is not what a frame has; restore the history from a good copy`, {
    offset: at,
    seq,
    actual: String(actual),
    expected,
  });
}

/**
 * Reads the header of a frame body: cheap, and checks what the header alone can show.
 * @param at where the body starts in `bytes`; the rest of the body need not be there
 * @throws HistoryError(DAMAGED) naming seq and offset, (UNSUPPORTED_FORMAT) for a frame format of another release
 */
export function readHeader(bytes: Uint8Array, at = 0): FrameHeader {
  const room = bytes.length - at;
  if (room < abi.FRAME_HEADER) damaged("header", at, undefined, `${room} bytes`, `${abi.FRAME_HEADER} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, abi.FRAME_HEADER);
  const seq = view.getBigUint64(abi.FRAME_SEQ, true);
  const format = view.getUint16(abi.FRAME_FORMAT_AT, true);
  if (format !== abi.FRAME_FORMAT) {
    throw new HistoryError("UNSUPPORTED_FORMAT", "this release does not read the frame; use a newer one", {
      offset: at + abi.FRAME_FORMAT_AT,
      seq,
      actual: String(format),
      expected: String(abi.FRAME_FORMAT),
    });
  }
  const flags = view.getUint8(abi.FRAME_FLAGS);
  if (flags > abi.FRAME_FLAG_SOURCE) damaged("flags", at + abi.FRAME_FLAGS, seq, flags, "0 or 1");
  const header: FrameHeader = {
    length: view.getUint32(abi.FRAME_LENGTH, true),
    outcome: view.getUint8(abi.FRAME_OUTCOME),
    hasSource: flags === abi.FRAME_FLAG_SOURCE,
    seq,
    timeNs: view.getBigUint64(abi.FRAME_TIME, true),
    epoch: view.getUint32(abi.FRAME_EPOCH, true),
    kind: view.getUint16(abi.FRAME_KIND, true),
    code: view.getUint16(abi.FRAME_CODE, true),
    client: view.getBigUint64(abi.FRAME_CLIENT, true),
    sourceSeq: view.getBigUint64(abi.FRAME_SOURCE_SEQ, true),
    stream: view.getUint32(abi.FRAME_STREAM, true),
    deltas: view.getUint16(abi.FRAME_DELTAS, true),
    events: view.getUint16(abi.FRAME_EVENTS, true),
    previous: view.getBigUint64(abi.FRAME_PREVIOUS, true),
    sysIds: view.getUint32(abi.FRAME_SYS_IDS, true),
    payloadBytes: view.getUint32(abi.FRAME_PAYLOAD, true),
  };
  checkHeader(header, at);
  return header;
}

/** I1: what the header alone can show. */
function checkHeader(header: FrameHeader, at: number): void {
  const { seq } = header;
  const require = (holds: boolean, what: string, offset: number, actual: unknown, expected: string) => {
    if (!holds) damaged(what, at + offset, seq, actual, expected);
  };
  const room = header.length - abi.FRAME_HEADER;
  require(room >= 0, "length", abi.FRAME_LENGTH, header.length, `at least ${abi.FRAME_HEADER}`);
  require(header.payloadBytes <=
    room, "payload length", abi.FRAME_PAYLOAD, header.payloadBytes, `at most ${room}`);
  require(header.outcome < OUTCOME_NAMES.length, "outcome", abi.FRAME_OUTCOME, header.outcome, "0, 1 or 2");
  require(seq >= 1n, "seq", abi.FRAME_SEQ, seq, "1 or more");
  require(header.epoch >= 1, "epoch", abi.FRAME_EPOCH, header.epoch, "1 or more");
  const codes = codeRange(header.outcome);
  const codeFits = header.code >= codes[0] && header.code <= codes[1];
  require(codeFits, "code", abi.FRAME_CODE, header.code, `${codes[0]}..${codes[1]}`);
  if (header.outcome !== abi.OUTCOME_COMMITTED) {
    require(header.deltas === 0, "delta count", abi.FRAME_DELTAS, header.deltas, "0");
    require(header.events === 0, "event count", abi.FRAME_EVENTS, header.events, "0");
    require(header.sysIds === 0, "SysIds used", abi.FRAME_SYS_IDS, header.sysIds, "0");
  }
  if (header.hasSource) {
    require(header.sourceSeq >= 1n, "source seq", abi.FRAME_SOURCE_SEQ, header.sourceSeq, "1 or more");
    require(header.previous < seq, "previous", abi.FRAME_PREVIOUS, header.previous, "an earlier frame");
    const first = header.sourceSeq === 1n;
    const linked = first === (header.previous === 0n);
    require(linked, "previous", abi.FRAME_PREVIOUS, header.previous, first ? "0" : "the frame before");
  } else {
    require(header.client === 0n, "client", abi.FRAME_CLIENT, header.client, "0: no source");
    require(header.sourceSeq === 0n, "source seq", abi.FRAME_SOURCE_SEQ, header.sourceSeq, "0: no source");
    require(header.stream === 0, "stream", abi.FRAME_STREAM, header.stream, "0: no source");
    require(header.previous === 0n, "previous", abi.FRAME_PREVIOUS, header.previous, "0: no source");
  }
  if (header.kind >= abi.KIND_EPOCH) checkOwnHeader(header, require);
}

/** The engine's own frames are committed and change no record. */
function checkOwnHeader(
  header: FrameHeader,
  require: (holds: boolean, what: string, offset: number, actual: unknown, expected: string) => void,
): void {
  const { outcome } = header;
  require(header.kind <= abi.KIND_RETIRE, "kind", abi.FRAME_KIND, header.kind, "a known kind");
  require(outcome === abi.OUTCOME_COMMITTED, "outcome", abi.FRAME_OUTCOME, outcome, "0: committed");
  require(!header.hasSource, "flags", abi.FRAME_FLAGS, 1, "0: no source");
  require(header.deltas === 0, "delta count", abi.FRAME_DELTAS, header.deltas, "0");
  require(header.events === 0, "event count", abi.FRAME_EVENTS, header.events, "0");
  require(header.sysIds === 0, "SysIds used", abi.FRAME_SYS_IDS, header.sysIds, "0");
}

/** First and last code of an outcome. */
function codeRange(outcome: number): readonly [first: number, last: number] {
  if (outcome === abi.OUTCOME_COMMITTED) return [0, 0];
  if (outcome === abi.OUTCOME_REJECTED) return [1, abi.CODE_UNIQUE_KEY_TAKEN];
  return [abi.CODE_WORK_EXHAUSTED, abi.CODE_HANDLER_FAILED];
}
