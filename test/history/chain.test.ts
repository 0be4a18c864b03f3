/** The digest chain against its definition. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { checkStructure, firstDigest, sealFrames, verifyFrames } from "../../src/history/chain.ts";
import { makeFrames, portableSealer, slowSealer } from "./synthetic-frames.ts";

const ID = Uint8Array.from({ length: 16 }, (_, index) => index);
const sha = (...parts: Uint8Array[]) =>
  new Uint8Array(createHash("sha256").update(Buffer.concat(parts)).digest());

test("digest(0) is that of the words and the id", () => {
  expect(firstDigest(ID)).toEqual(sha(Buffer.from("statevec history 1"), ID));
  expect(() => firstDigest(new Uint8Array(15))).toThrow("found 15 bytes, expected 16");
});

describe.each([
  ["slow", slowSealer()],
  ["portable", portableSealer()],
] as const)("the %s sealer", (_, sealer) => {
  test("makes digest(n) of digest(n-1) and leaf(n)", () => {
    const batch = makeFrames(5n, 4, { bodyBytes: 90 });
    let digest = firstDigest(ID);
    const last = sealFrames(sealer, batch, digest);
    for (let at = 0; at < batch.bytes.length; at += 122) {
      const body = batch.bytes.subarray(at, at + 90);
      digest = sha(digest, sha(Uint8Array.of(0), body));
      expect(batch.bytes.subarray(at + 90, at + 122)).toEqual(digest);
    }
    expect(last).toEqual(digest);
    expect(verifyFrames(sealer, batch, firstDigest(ID))).toEqual(digest);
  });

  test("every byte changed is named by seq, with both digests", () => {
    const batch = makeFrames(5n, 3, { bodyBytes: 80 });
    sealFrames(sealer, batch, firstDigest(ID));
    for (let at = 0; at < batch.bytes.length; at += 1) {
      const bytes = batch.bytes.slice();
      bytes[at]! ^= 4;
      // A length that is wrong but possible shows where the next frame is looked for.
      const isLength = at % 112 === 0;
      const seq = isLength && at < 224 ? expect.any(BigInt) : 5n + BigInt(Math.floor(at / 112));
      let error: unknown;
      try {
        verifyFrames(sealer, { ...batch, bytes }, firstDigest(ID), "here");
      } catch (caught) {
        error = caught;
      }
      expect(error, `byte ${at}`).toMatchObject({
        name: "HistoryError",
        code: "DAMAGED",
        segment: "here",
        seq,
      });
      expect(error).toMatchObject({ expected: expect.any(String), actual: expect.any(String) });
    }
  });

  test("lengths that do not add up are refused", () => {
    const batch = makeFrames(1n, 2);
    new DataView(batch.bytes.buffer).setUint32(0, 101, true);
    expect(() => sealFrames(sealer, batch, firstDigest(ID))).toThrow("expected");
    expect(() => sealFrames(sealer, { ...makeFrames(1n, 2), count: 3 }, firstDigest(ID))).toThrow("expected");
  });
});

test("structure: what is wrong is named with its offset", () => {
  const batch = makeFrames(7n, 3, { bodyBytes: 72 });
  expect(checkStructure(batch)).toBeUndefined();
  expect(checkStructure({ ...batch, count: 2 })).toMatchObject({ offset: 208, seq: 9n, expected: "the end" });
  expect(checkStructure({ ...batch, count: 4 })).toMatchObject({ offset: 312, seq: 10n });
  expect(checkStructure({ ...batch, firstSeq: 8n })).toMatchObject({
    offset: 0,
    expected: "seq 8",
    actual: "seq 7",
  });
  const short = { ...batch, bytes: batch.bytes.slice(0, 300) };
  expect(checkStructure(short)).toMatchObject({ offset: 208, seq: 9n });
  const long = { ...batch, bytes: batch.bytes.slice() };
  new DataView(long.bytes.buffer).setUint32(104, 71, true);
  expect(checkStructure(long)).toMatchObject({ offset: 104, seq: 8n, actual: "length 71" });
});
