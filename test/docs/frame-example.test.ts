/** The worked example of docs/reference/frame.md: its bytes are those of a real frame, and what it says of them is so. */
import { memoryHistory, open } from "statevec";
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { framesOf } from "../../src/engine/frames.ts";
import { purse } from "./purse.ts";
import { blocksOf, drawingsIn, textOf } from "./reading.ts";

const PAGE = "docs/reference/frame.md";

interface Line {
  readonly offset: number;
  readonly bytes: readonly number[];
  /** What stands behind the bar. */
  readonly says: string;
  /** The part of the frame it is in: what the last line with # said. */
  readonly part: string;
}

function linesOf(block: string): Line[] {
  const lines: Line[] = [];
  let part = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("# ")) {
      part = line.slice(2);
      continue;
    }
    const match = /^ *(\d+) {2}((?:[0-9a-f]{2} )+) *\| (.+)$/.exec(line);
    if (match === null) throw new Error(`not a line of the example: ${line}`);
    const bytes = match[2]!
      .trim()
      .split(" ")
      .map((byte) => Number.parseInt(byte, 16));
    lines.push({ offset: Number(match[1]), bytes, says: match[3]!, part });
  }
  return lines;
}

const lines = linesOf(blocksOf(PAGE, "hex")[0]!);
const bytes = lines.flatMap((line) => line.bytes);

/** The value of a run of little-endian bytes. */
function numberOf(run: readonly number[]): bigint {
  return run.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** Offset in its part and name (up to `=` or `:`) of the lines of a part. */
function placesOf(part: string): [name: string, at: number][] {
  const own = lines.filter((line) => line.part === part);
  return own.map((line) => [line.says.split(/ =|: /)[0]!, line.offset - own[0]!.offset]);
}

describe("the worked example", () => {
  test("the domain on the page is the one that runs here", () => {
    const source = textOf("test/docs/purse.ts");
    expect(blocksOf(PAGE, "ts")).toEqual([source.slice(source.indexOf("*/\n") + 3).trimEnd()]);
  });

  test("its bytes are those of the frame and its digest", async () => {
    const history = memoryHistory();
    const engine = await open({
      domain: purse,
      history,
      clock: { nowNs: () => 1_700_000_000_000_000_000n },
      historyId: "00112233445566778899aabbccddeeff",
    });
    const source = (seq: bigint) => ({ source: { client: 7n, stream: 1, seq } });
    await engine.submit("Deposit", { owner: "ann", amount: 100n }, source(1n));
    const receipt = await engine.submit("Pay", { from: "ann", to: "bob", amount: 30n }, source(2n));
    await engine.close();
    const frames: number[][] = [];
    for await (const batch of history.read({ from: 3n })) {
      for (const frame of framesOf(batch)) frames.push([...frame.body, ...frame.digest]);
    }
    expect(frames).toEqual([bytes]);
    expect(receipt.seq).toBe(3n);
    expect(receipt.digest).toBe(Buffer.from(bytes.slice(-abi.DIGEST_BYTES)).toString("hex"));
  });

  test("offsets count the bytes, numbers and texts are their values", () => {
    let offset = 0;
    for (const line of lines) {
      expect(line.offset, line.says).toBe(offset);
      offset += line.bytes.length;
      const value = / = (\d+)/.exec(line.says)?.[1];
      if (value !== undefined) expect(numberOf(line.bytes), line.says).toBe(BigInt(value));
      const text = /"(\w+)"$/.exec(line.says)?.[1];
      if (text !== undefined) expect(String.fromCharCode(...line.bytes), line.says).toBe(text);
      expect(/ = \d|"$|^0$|^digest$|^\.\.\.$/.test(line.says), `says nothing: ${line.says}`).toBe(true);
    }
    expect(numberOf(bytes.slice(0, 4))).toBe(BigInt(bytes.length - abi.DIGEST_BYTES));
  });

  test("fields stand where the drawings say", () => {
    const [header, delta] = drawingsIn(textOf(PAGE));
    const drawn = (fields: typeof header, end: number) =>
      fields!.filter(({ at }) => at! < end).map(({ name, at }) => [name, at]);
    expect(placesOf("header")).toEqual(drawn(header, abi.FRAME_HEADER));
    expect(placesOf("delta entry: the payer").slice(0, 7)).toEqual(drawn(delta, abi.DELTA_UPDATE_HEADER));
    expect(placesOf("delta entry: the payee").slice(0, 6)).toEqual(drawn(delta, abi.DELTA_HEADER));
    expect(placesOf("event")[2]).toEqual(["from", abi.EVENT_HEADER]);
  });
});
