/**
 * Scratch slots: where the host writes keys, bounds and new values as fields of a kind, and apply reads images.
 */
import { RECORD_BYTES_MAX } from "../abi";

export const scratchA: usize = memory.data(RECORD_BYTES_MAX + 128, 16);
export const scratchB: usize = memory.data(RECORD_BYTES_MAX + 128, 16);
/** Encoded values of the event that is about to be emitted. */
export const messageAt: usize = memory.data(65536, 16);
