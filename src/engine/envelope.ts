/**
 * Command envelopes, as the core reads them (COMMAND_... of the ABI): a header of 64 bytes, then the payload; in a batch
 * each is padded to 8 bytes.
 */
import * as abi from "../../assembly/abi.ts";
import type { Source } from "./view.ts";

/** Bytes of an envelope in a batch. */
export function envelopeBytes(payloadBytes: number): number {
  return (abi.COMMAND_PAYLOAD + payloadBytes + 7) & ~7;
}

/** Writes the header of an envelope; the payload stands behind it, or will. */
export function writeEnvelopeHeader(
  view: DataView,
  at: number,
  kind: number,
  payloadBytes: number,
  timeNs: bigint,
  source: Source | undefined,
): void {
  view.setBigUint64(at + abi.COMMAND_TIME, timeNs, true);
  view.setUint32(at + abi.COMMAND_KIND, kind, true);
  view.setUint32(at + abi.COMMAND_PAYLOAD_BYTES, payloadBytes, true);
  view.setUint32(at + abi.COMMAND_HAS_SOURCE, source === undefined ? 0 : 1, true);
  if (source === undefined) return;
  view.setBigUint64(at + abi.COMMAND_CLIENT, source.client, true);
  view.setBigUint64(at + abi.COMMAND_SOURCE_SEQ, source.seq, true);
  view.setUint32(at + abi.COMMAND_STREAM, source.stream, true);
}

/** The source in an envelope. */
export function envelopeSource(view: DataView, at: number): Source | undefined {
  if (view.getUint32(at + abi.COMMAND_HAS_SOURCE, true) === 0) return undefined;
  return Object.freeze({
    client: view.getBigUint64(at + abi.COMMAND_CLIENT, true),
    stream: view.getUint32(at + abi.COMMAND_STREAM, true),
    seq: view.getBigUint64(at + abi.COMMAND_SOURCE_SEQ, true),
  });
}
