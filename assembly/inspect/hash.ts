/**
 * SHA-256 as text: of a module, and of a schema's descriptor, which is its fingerprint.
 */
import { sha256 } from "../base/sha256";
import { putHex } from "./numerals";
import { SCHEMA_DESCRIPTOR, SCHEMA_DESCRIPTOR_BYTES, word } from "./schema-index";

const HASH_BYTES: i32 = 32;
const hash: usize = memory.data(HASH_BYTES, 8);

export function putSha256(at: usize, bytes: usize): void {
  sha256(at, bytes, hash);
  putHex(hash, HASH_BYTES);
}

export function putFingerprint(schema: usize): void {
  putSha256(word(schema, SCHEMA_DESCRIPTOR), word(schema, SCHEMA_DESCRIPTOR_BYTES));
}
