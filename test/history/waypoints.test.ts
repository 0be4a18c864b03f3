/** Waypoints: a frame is found without walking its segment, and a file that was exchanged is noticed. */
import { expect, test } from "vitest";
import { Waypoints } from "../../src/history/segments/waypoints.ts";
import { SimulatedDisk } from "./simulated-file-system.ts";
import { appendAll, claimOn, historyOn } from "./simulation.ts";
import { joined, readAll } from "./synthetic-frames.ts";

const FAR = 1 << 18;
const digest = new Uint8Array(32);

test("the last waypoint at or before a seq is found", () => {
  const waypoints = new Waypoints();
  expect(waypoints.before("a", 5n)).toBeUndefined();
  waypoints.note("a", 512, 1n, digest);
  expect(waypoints.before("a", 5n)).toBeUndefined();
  for (let n = 1; n <= 20; n += 1) waypoints.note("a", n * FAR, BigInt(n * 10), digest);
  waypoints.note("a", 20 * FAR + 1, 205n, digest);
  expect(waypoints.before("a", 9n)).toBeUndefined();
  for (let seq = 10n; seq < 230n; seq += 1n) {
    const expected = seq / 10n > 20n ? 20n : seq / 10n;
    expect(waypoints.before("a", seq)).toMatchObject({
      seq: expected * 10n,
      position: Number(expected) * FAR,
    });
  }
  expect(waypoints.before("b", 50n)).toBeUndefined();
  waypoints.forget("a");
  expect(waypoints.before("a", 50n)).toBeUndefined();
});

const SIZES = { segmentSizeMin: 1 << 20 };
const shapes = (bodyBytes: number) => Array.from({ length: 40 }, () => ({ count: 10, bodyBytes }));

test("a reader starts near the frame; in a file that was exchanged it starts over", async () => {
  const disk = new SimulatedDisk();
  const claimed = await claimOn(disk, "writer", SIZES);
  const batches = await appendAll(claimed, shapes(2000));
  await claimed.close();
  const history = historyOn(disk, "reader", SIZES);
  expect(joined(await readAll(history.read()))).toEqual(joined(batches));
  const before = disk.log.length;
  const [found] = await readAll(history.read({ from: 395n, to: 395n }));
  expect(found).toMatchObject({ firstSeq: 395n, count: 1 });
  const reads = disk.log.slice(before).filter((one) => one.name === "read" && one.position! >= 512);
  expect(Math.min(...reads.map((one) => one.position!))).toBeGreaterThan(2 * FAR);

  const other = new SimulatedDisk();
  const otherBatches = await appendAll(await claimOn(other, "writer", SIZES), shapes(1999));
  for (const [path, bytes] of other.files()) disk.put(path, bytes);
  const again = await readAll(history.read({ from: 351n }));
  expect(joined(again)).toEqual(joined(otherBatches.slice(35)));
});
