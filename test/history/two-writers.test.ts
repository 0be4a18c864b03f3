/** Writers that take a directory over from each other, in any interleaving of their file operations. */

import { bytesToHex } from "@noble/hashes/utils.js";
import { describe, expect, test } from "vitest";
import { OperationalError } from "../../src/errors.ts";
import { firstDigest, verifyFrames } from "../../src/history/chain.ts";
import type { ClaimedHistory, FrameBatch } from "../../src/history/history.ts";
import { type Operation, SimulatedDisk } from "./simulated-file-system.ts";
import {
  appendAll,
  claimOn,
  everybodyLives,
  HISTORY_ID,
  historyOn,
  Scheduler,
  sealer,
} from "./simulation.ts";
import { joined, makeFrames, randomNumbers, readAll } from "./synthetic-frames.ts";

const INTERLEAVINGS = 1000;
/** On a machine that is busy with other tests it takes far longer than alone. */
const TIMEOUT = 300_000;

interface Acknowledged {
  readonly actor: string;
  readonly batch: FrameBatch;
}

/** Frames by seq, in hex: body and digest. */
function bySeq(batches: readonly FrameBatch[]): Map<bigint, string> {
  const frames = new Map<bigint, string>();
  for (const { bytes, firstSeq } of batches) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0, seq = firstSeq; at < bytes.length; seq += 1n) {
      const end = at + view.getUint32(at, true) + 32;
      frames.set(seq, bytesToHex(bytes.subarray(at, end)));
      at = end;
    }
  }
  return frames;
}

/** Appends until told to stop or until it is fenced. Nothing but FENCED may happen to it. */
async function writeOn(
  actor: string,
  claimed: ClaimedHistory,
  batches: number,
  random: () => number,
  acknowledged: Acknowledged[],
): Promise<void> {
  for (let turn = 0; turn < batches; turn += 1) {
    const seed = Math.floor(random() * 2 ** 32);
    const count = 1 + Math.floor(random() * 4);
    const batch = makeFrames(claimed.frontier.seq + 1n, count, {
      bodyBytes: 72 + Math.floor(random() * 500),
      seed,
    });
    try {
      await claimed.append(batch);
    } catch (error) {
      expect(error).toMatchObject({ name: "OperationalError", code: "FENCED" });
      return;
    }
    acknowledged.push({ actor, batch });
  }
}

/** Claims and writes; a claim may lose against one that begins at the same time. */
async function takeOver(
  disk: SimulatedDisk,
  actor: string,
  random: () => number,
  acknowledged: Acknowledged[],
): Promise<void> {
  let claimed: ClaimedHistory;
  try {
    claimed = await claimOn(disk, actor, { segmentSizeMin: 4096 });
  } catch (error) {
    if (error instanceof OperationalError && error.code === "FENCED") return;
    throw error;
  }
  await writeOn(actor, claimed, Math.floor(random() * 4), random, acknowledged);
}

async function interleave(seed: number, acknowledgedTotal: Map<string, number>): Promise<void> {
  const random = randomNumbers(seed);
  const scheduler = new Scheduler();
  const disk = new SimulatedDisk({ turn: (operation) => scheduler.turn(operation) });
  const acknowledged: Acknowledged[] = [];
  const first = await claimOn(disk, "A", { segmentSizeMin: 4096 });
  await writeOn("A", first, Math.floor(random() * 3), random, acknowledged);

  scheduler.isRunning = true;
  const actors: Promise<void>[] = [
    writeOn("A", first, 2 + Math.floor(random() * 4), random, acknowledged),
    takeOver(disk, "B", random, acknowledged),
  ];
  if (random() < 0.4) actors.push(takeOver(disk, "C", random, acknowledged));
  const seen: FrameBatch[][] = [];
  if (random() < 0.5) {
    actors.push(
      readAll(historyOn(disk, "reader", {}, everybodyLives).read()).then((chunks) => void seen.push(chunks)),
    );
  }
  // One of the writers stops for a while right behind a sync, before it looks at the terms.
  let pauses = Math.floor(random() * 60);
  const paused = random() < 0.7 ? "A" : "B";
  const choose = (waiting: readonly Operation[]): number => {
    const isHeld = (one: Operation) =>
      pauses > 0 && one.actor === paused && one.name === "exists" && one.path.includes("term-");
    const free = waiting.flatMap((one, position) => (isHeld(one) ? [] : [position]));
    pauses -= 1;
    const from = free.length === 0 ? waiting.map((_, position) => position) : free;
    return from[Math.floor(random() * from.length)]!;
  };
  const all = Promise.all(actors);
  all.catch(() => {});
  await scheduler.run(choose);
  await all;
  scheduler.isRunning = false;

  const last = await claimOn(disk, "last", { segmentSizeMin: 4096 });
  const chunks = await readAll(last.read());
  let digest = firstDigest(HISTORY_ID);
  for (const chunk of chunks) digest = verifyFrames(sealer, chunk, digest);
  const kept = bySeq(chunks);
  const acknowledgedSeqs = new Set<bigint>();
  for (const { actor, batch } of acknowledged) {
    for (const [seq, frame] of bySeq([batch])) {
      expect(acknowledgedSeqs.has(seq), `seq ${seq} acknowledged twice`).toBe(false);
      acknowledgedSeqs.add(seq);
      expect(kept.get(seq), `seq ${seq} acknowledged by ${actor}`).toBe(frame);
    }
    acknowledgedTotal.set(actor, (acknowledgedTotal.get(actor) ?? 0) + 1);
  }
  for (const [seq, frame] of bySeq(seen.flat()))
    expect(kept.get(seq), `seq ${seq} seen by a reader`).toBe(frame);
}

describe("two writers on one directory", () => {
  test(
    `never two acknowledged frames with one seq, ${INTERLEAVINGS} random interleavings`,
    async () => {
      const base = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
      const only = process.env.SEED !== undefined;
      const totals = new Map<string, number>();
      for (let index = 0; index < (only ? 1 : INTERLEAVINGS); index += 1) {
        try {
          await interleave(base + index, totals);
        } catch (error) {
          throw new Error(`interleaving with SEED=${base + index} failed: ${(error as Error).message}`, {
            cause: error,
          });
        }
      }
      console.info(
        `${INTERLEAVINGS} interleavings from SEED=${base}; acknowledged ${JSON.stringify([...totals])}`,
      );
      // The test means something only if the old writer and the new ones all got something through.
      if (!only) for (const actor of ["A", "B", "C"]) expect(totals.get(actor) ?? 0).toBeGreaterThan(50);
    },
    TIMEOUT,
  );

  test("the old one, paused between sync and acknowledgement, is fenced", async () => {
    const scheduler = new Scheduler();
    const disk = new SimulatedDisk({ turn: (operation) => scheduler.turn(operation) });
    const old = await claimOn(disk, "old");
    await appendAll(old, [{ count: 2, bodyBytes: 100 }]);
    scheduler.isRunning = true;
    const append = old.append(makeFrames(3n, 1));
    const refused = expect(append).rejects.toMatchObject({ code: "FENCED" });
    const untilChecked = (waiting: readonly Operation[]) => (waiting[0]?.name === "exists" ? -1 : 0);
    await scheduler.run(untilChecked);
    expect(disk.log.at(-1)).toMatchObject({ actor: "old", name: "syncData" });
    const takingOver = claimOn(disk, "new");
    await scheduler.run((waiting) => waiting.findIndex((one) => one.actor === "new"));
    const taken = await takingOver;
    // The batch was on the disk, so the new writer has it; that the old one is not told so is OUTCOME_UNKNOWN.
    expect(taken.frontier.seq).toBe(3n);
    const own = taken.append(makeFrames(4n, 1, { seed: 99 }));
    await scheduler.run((waiting) => waiting.findIndex((one) => one.actor === "new"));
    await own;
    await scheduler.run(() => 0);
    await refused;
    scheduler.isRunning = false;
    expect(joined(await readAll(taken.read({ from: 4n })))).toEqual(makeSealed(await readAll(taken.read())));
  });

  test("a reader that began before is not handed what a fenced writer wrote after", async () => {
    const scheduler = new Scheduler();
    const disk = new SimulatedDisk({ turn: (operation) => scheduler.turn(operation) });
    const old = await claimOn(disk, "old");
    const kept = await appendAll(old, [{ count: 2, bodyBytes: 100 }]);
    scheduler.isRunning = true;
    const refused = expect(old.append(makeFrames(3n, 1))).rejects.toMatchObject({ code: "FENCED" });
    const reading = readAll(historyOn(disk, "reader").read());
    const turnOf = (actor: string) => (waiting: readonly Operation[]) =>
      waiting.findIndex((one) => one.actor === actor);
    await scheduler.run((waiting) => (waiting.at(-1)!.name === "open" ? -1 : turnOf("reader")(waiting)));
    const taking = claimOn(disk, "new");
    await scheduler.run(turnOf("new"));
    const taken = await taking;
    await scheduler.run(turnOf("old"));
    await refused;
    // The reader now opens the segment of the old writer, in which there is a third frame.
    await scheduler.run(() => 0);
    expect(joined(await reading)).toEqual(joined(kept));
    const append = taken.append(makeFrames(3n, 1, { seed: 77 }));
    await scheduler.run(() => 0);
    await append;
  });

  test("a reader that finds a claim under way keeps the last batch back, unless the claimer is gone", async () => {
    const scheduler = new Scheduler();
    const disk = new SimulatedDisk({ turn: (operation) => scheduler.turn(operation) });
    const old = await claimOn(disk, "old");
    const kept = await appendAll(old, [
      { count: 2, bodyBytes: 100 },
      { count: 1, bodyBytes: 200 },
    ]);
    scheduler.isRunning = true;
    void claimOn(disk, "stopped").catch(() => {});
    await scheduler.run((waiting) =>
      waiting[0]?.path.endsWith(".new") && waiting[0].name === "rename" ? -1 : 0,
    );
    await scheduler.run((waiting) =>
      waiting[0]?.path.includes("0001-") && waiting[0].name === "rename" ? -1 : 0,
    );
    scheduler.isRunning = false;
    const prefix = await readAll(historyOn(disk, "reader", {}, everybodyLives).read());
    expect(joined(prefix)).toEqual(joined(kept.slice(0, 1)));
    const all = await readAll(historyOn(disk, "reader").read());
    expect(joined(all)).toEqual(joined(kept));
  });

  test("a segment that a fenced writer still made does not count", async () => {
    const scheduler = new Scheduler();
    const disk = new SimulatedDisk({ turn: (operation) => scheduler.turn(operation) });
    const old = await claimOn(disk, "old", { segmentSizeMin: 2048 });
    await appendAll(old, [{ count: 1, bodyBytes: 1000 }]);
    scheduler.isRunning = true;
    const append = old.append(makeFrames(2n, 1, { bodyBytes: 1000 }));
    const refused = expect(append).rejects.toMatchObject({ code: "FENCED" });
    // It is about to give the next segment its name when the other one claims the directory.
    await scheduler.run((waiting) => (waiting[0]?.name === "rename" ? -1 : 0));
    scheduler.isRunning = false;
    const files = [...disk.files().keys()];
    const taken = await claimOn(disk, "new", { segmentSizeMin: 2048 });
    expect(taken.frontier.seq).toBe(1n);
    expect(files.some((path) => path.includes("next-"))).toBe(true);
    await scheduler.run(() => 0);
    await refused;
    await taken.append(makeFrames(2n, 1, { seed: 5 }));
    expect((await historyOn(disk, "reader").inspect()).frontier).toEqual(taken.frontier);
  });
});

/** The last frame of what was read. */
function makeSealed(chunks: readonly FrameBatch[]): Uint8Array {
  const all = joined(chunks);
  return all.slice(all.length - 132);
}
