/**
 * Frames that look right to a history (length, seq) and say nothing, and a slow sealer for them.
 *
 * Responsible for: material for the tests of adapters.
 * Not responsible for: frames that mean something; the engine makes those.
 */
import { createHash } from "node:crypto";
import { sha256 } from "@noble/hashes/sha2.js";
import { DIGEST_BYTES, FRAME_HEADER, FRAME_LENGTH, FRAME_SEQ } from "../../assembly/abi.ts";
import type { FrameBatch, FrameSealer } from "../../src/history/history.ts";

/** Small, seeded and repeatable (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface FrameShape {
  /** Bytes of each body; 72 at least. */
  readonly bodyBytes?: number;
  /** What stands behind the header; random bytes from `seed` when absent. */
  readonly fill?: number;
  readonly seed?: number;
}

/** Consecutive frames, each with room for its digest. */
export function makeFrames(firstSeq: bigint, count: number, shape: FrameShape = {}): FrameBatch {
  const bodyBytes = shape.bodyBytes ?? 100;
  const random = randomNumbers(shape.seed ?? Number(firstSeq));
  const bytes = new Uint8Array(count * (bodyBytes + DIGEST_BYTES));
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < count; index += 1) {
    const at = index * (bodyBytes + DIGEST_BYTES);
    for (let offset = FRAME_HEADER; offset < bodyBytes; offset += 1) {
      bytes[at + offset] = shape.fill ?? Math.floor(random() * 256);
    }
    view.setUint32(at + FRAME_LENGTH, bodyBytes, true);
    view.setBigUint64(at + FRAME_SEQ, firstSeq + BigInt(index), true);
  }
  return { firstSeq, count, bytes };
}

/**
 * Calls `each` with the body and the place of the digest of every frame; answers false when lengths do not add
 * up. Self-contained, like `sealerFrom`: their text goes to another thread.
 */
function walk(bytes: Uint8Array, each: (body: Uint8Array, digest: Uint8Array) => void): boolean {
  const digestBytes = 32;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return false;
    const end = at + view.getUint32(at, true);
    if (end === at || end + digestBytes > bytes.length) return false;
    each(bytes.subarray(at, end), bytes.subarray(end, end + digestBytes));
    at = end + digestBytes;
  }
  return true;
}

type Hash = (...parts: readonly Uint8Array[]) => Uint8Array;

function sealerFrom(hash: Hash): FrameSealer {
  const digestOf = (body: Uint8Array, previous: Uint8Array) => hash(previous, hash(Uint8Array.of(0), body));
  return {
    seal(bytes, previous) {
      let count = 0;
      let before = previous;
      const isWhole = walk(bytes, (body, digest) => {
        digest.set(digestOf(body, before));
        before = digest;
        count += 1;
      });
      return isWhole ? count : 0;
    },
    verify(bytes, previous) {
      let position = 0;
      let wrong = 0;
      let before = previous;
      walk(bytes, (body, digest) => {
        position += 1;
        const right = digestOf(body, before);
        if (wrong === 0 && right.some((byte, index) => byte !== digest[index])) wrong = position;
        before = digest;
      });
      return wrong;
    },
  };
}

/** A sealer that stays in the thread of the test. */
export function slowSealer(): FrameSealer {
  return sealerFrom((...parts) => {
    const hash = sha256.create();
    for (const part of parts) hash.update(part);
    return hash.digest();
  });
}

/** A sealer that can be made in another thread, there over the hash of Node. */
export function portableSealer(): FrameSealer {
  const source = `() => {
    const { createHash } = require("node:crypto");
    const hash = (...parts) => {
      const one = createHash("sha256");
      for (const part of parts) one.update(part);
      return one.digest();
    };
    const walk = ${walk.toString()};
    return (${sealerFrom.toString()})(hash);
  }`;
  const here = sealerFrom((...parts) => {
    const hash = createHash("sha256");
    for (const part of parts) hash.update(part);
    return hash.digest();
  });
  return { ...here, portable: { source, data: undefined } };
}

/** Gathers what a reader hands over. */
export async function readAll(frames: AsyncIterable<FrameBatch>): Promise<FrameBatch[]> {
  const chunks: FrameBatch[] = [];
  for await (const chunk of frames) chunks.push(chunk);
  return chunks;
}

/** The bytes of all chunks, one behind the other. */
export function joined(chunks: readonly FrameBatch[]): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks.map((chunk) => chunk.bytes)));
}
