/**
 * The fingerprint of a schema.
 *
 * Responsible for: SHA-256 of the canonical descriptor, as hex.
 * Not responsible for: the descriptor's bytes (descriptor.ts).
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** @param descriptor the bytes of `encodeDescriptor` @returns 64 hex digits */
export function fingerprintOf(descriptor: Uint8Array): string {
  return bytesToHex(sha256(descriptor));
}
