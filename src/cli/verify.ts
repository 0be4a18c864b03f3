/**
 * `statevec verify DIR`: checks every checksum and the digest chain, from the first frame to the last.
 *
 * Not responsible for: what the frames say. A forger who computes every digest anew is caught by `--expect` with a
 * digest kept elsewhere, and by `audit` wherever what was changed would have changed an answer.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { framesOf } from "../engine/frames.ts";
import { HistoryError } from "../errors.ts";
import { firstDigest, verifyFrames } from "../history/chain.ts";
import type { FrameBatch } from "../history/history.ts";
import { compileCore, createSealer } from "../wasm.ts";
import { EXIT_DAMAGED, EXIT_GOOD, EXIT_TEAR } from "./exit-codes.ts";
import type { Output } from "./output.ts";
import { openPlace, type Place, tearText, unacknowledgedFrom, unacknowledgedText } from "./place.ts";
import { Progress } from "./progress.ts";

export interface VerifyOptions {
  readonly expect?: { readonly seq: bigint; readonly digest: string } | undefined;
  readonly json: boolean;
}

interface Verified {
  readonly frames: bigint;
  readonly digest: string;
}

/** @returns the exit code */
export async function verify(directory: string, options: VerifyOptions, output: Output): Promise<number> {
  let place: Place;
  let verified: Verified;
  try {
    place = await openPlace(directory);
    verified = await verifyChain(place, options.expect);
  } catch (error) {
    if (!options.json || !(error instanceof HistoryError)) throw error;
    const { code, message, segment, offset, seq, expected, actual } = error;
    await output.json({ verified: false, code, message, segment, offset, seq, expected, actual });
    return EXIT_DAMAGED;
  }
  const { info } = place;
  if (options.json) {
    await output.json({
      verified: true,
      historyId: info.historyId,
      frontier: { seq: verified.frames, digest: verified.digest },
      segments: info.segments.length,
      tear: info.tear ?? null,
      mayBeUnacknowledgedFrom: unacknowledgedFrom(info) ?? null,
    });
  } else {
    await output.line(`${verified.frames} frames verified, digest ${verified.digest}`);
    if (options.expect) await output.line(`frame ${options.expect.seq} has the expected digest`);
    const notes = [info.tear && tearText(info.tear), unacknowledgedText(info)];
    for (const note of notes) if (note !== undefined) await output.line(note);
  }
  return info.tear === undefined ? EXIT_GOOD : EXIT_TEAR;
}

async function verifyChain({ history, info }: Place, expect: VerifyOptions["expect"]): Promise<Verified> {
  const progress = new Progress("verifying");
  const sealer = createSealer(await compileCore());
  let digest = firstDigest(info.historyId);
  let frames = 0n;
  for await (const batch of history.read()) {
    digest = verifyFrames(sealer, batch, digest);
    if (expect) compare(batch, expect);
    frames += BigInt(batch.count);
    progress.show(frames, info.frontier.seq);
  }
  progress.clear();
  if (expect && frames < expect.seq) {
    const message = "the history ends before the expected frame; it was cut, or is another one";
    throw new HistoryError("EXPECTATION_FAILED", message, {
      expected: `frame ${expect.seq}`,
      actual: `${frames} frames`,
    });
  }
  return { frames, digest: bytesToHex(digest) };
}

/** Objects if the batch holds the expected frame with another digest. */
function compare(batch: FrameBatch, expect: { readonly seq: bigint; readonly digest: string }): void {
  if (expect.seq < batch.firstSeq || expect.seq >= batch.firstSeq + BigInt(batch.count)) return;
  for (const { seq, digest } of framesOf(batch)) {
    const actual = bytesToHex(digest);
    if (seq !== expect.seq || actual === expect.digest) continue;
    const message = "the history is intact but is not the expected one; it was rewritten, or is another one";
    throw new HistoryError("EXPECTATION_FAILED", message, { seq, expected: expect.digest, actual });
  }
}
