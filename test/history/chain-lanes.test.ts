/** The core's sealer, which makes the leaves of four frames at once, against node's SHA-256 over frames of every length. */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { DIGEST_BYTES, FRAME_HEADER } from "../../assembly/abi.ts";
import { compileCore, createSealer } from "../../src/wasm.ts";
import { randomNumbers } from "./synthetic-frames.ts";

const SEED = Number(process.env.STATEVEC_SEED ?? Math.floor(Math.random() * 2 ** 31));

const sha = (...parts: Uint8Array[]) =>
  new Uint8Array(createHash("sha256").update(Buffer.concat(parts)).digest());

/** Frames with random bodies of the given lengths; each with room for its digest. */
function framesOf(lengths: readonly number[], random: () => number): Uint8Array {
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length + DIGEST_BYTES, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const length of lengths) {
    for (let offset = 4; offset < length; offset++) bytes[at + offset] = Math.floor(random() * 256);
    view.setUint32(at, length, true);
    at += length + DIGEST_BYTES;
  }
  return bytes;
}

/** The same frames with their digests, one after the other. */
function sealedOneByOne(frames: Uint8Array, lengths: readonly number[], first: Uint8Array): Uint8Array {
  const sealed = frames.slice();
  let digest = first;
  let at = 0;
  for (const length of lengths) {
    digest = sha(digest, sha(Uint8Array.of(0), sealed.subarray(at, at + length)));
    sealed.set(digest, at + length);
    at += length + DIGEST_BYTES;
  }
  return sealed;
}

test(`runs of every size and frames of every length, seed ${SEED}`, async () => {
  const sealer = createSealer(await compileCore());
  const random = randomNumbers(SEED);
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  const everyLength = Array.from({ length: 4 * 64 }, (_, index) => FRAME_HEADER + index);
  const runs: number[][] = [everyLength, everyLength.toReversed(), [5_000, 72, 72, 72, 72, 72, 72]];
  for (let count = 1; count <= 140; count++)
    runs.push(Array.from({ length: count }, () => between(FRAME_HEADER, count % 3 === 0 ? 1_500 : 400)));
  for (const lengths of runs) {
    const first = sha(Uint8Array.of(lengths.length));
    const frames = framesOf(lengths, random);
    const expected = sealedOneByOne(frames, lengths, first);
    expect(sealer.seal(frames, first)).toBe(lengths.length);
    expect(Buffer.compare(frames, expected), `lengths ${lengths}`).toBe(0);
    expect(sealer.verify(frames, first)).toBe(0);

    const wrong = between(0, lengths.length - 1);
    const end = lengths.slice(0, wrong + 1).reduce((sum, length) => sum + length + DIGEST_BYTES, 0);
    frames[end - between(1, lengths[wrong]! + DIGEST_BYTES - 4)]! ^= 1 << between(0, 7);
    expect(sealer.verify(frames, first)).toBe(wrong + 1);
  }
});
