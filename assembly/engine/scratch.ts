/**
 * Scratch slots: where the host or the SDK writes keys, bounds and new values as fields of a kind, and apply reads images.
 * They stand at fixed addresses below the core, so that a sealed handler stores into them without a call.
 */
import { MESSAGE_AT, SCRATCH_A_AT, SCRATCH_B_AT } from "../abi";

export const scratchA: usize = SCRATCH_A_AT;
export const scratchB: usize = SCRATCH_B_AT;
/** Encoded values of the event that is about to be emitted. */
export const messageAt: usize = MESSAGE_AT;
