/**
 * No receipt before its sync: the engine on the file adapter, on a disk whose operations take effect late and in any
 * order, fail, and forget what no sync covered.
 *
 * At the moment a receipt resolves the power is cut, and what no sync covered is gone. The frame must be there.
 */

import { bytesToHex } from "@noble/hashes/utils.js";
import { crc32c } from "@node-rs/crc32";
import { describe, expect, test } from "vitest";
import { framesOf } from "../../src/engine/frames.ts";
import { BATCH_HEADER_BYTES, decodeBatchHeader } from "../../src/history/segments/segment-format.ts";
import { batchesOf } from "../history/forger.ts";
import { type Operation, SimulatedDisk, systemError } from "../history/simulated-file-system.ts";
import { historyOn, Scheduler } from "../history/simulation.ts";
import { randomNumbers } from "../history/synthetic-frames.ts";
import { deed, type LabEngine, openLab, put } from "./lab.ts";

const SIZES = { segmentSizeMin: 2048, segmentSizeMax: 16_384 };
const SEEDS = [1, 2, 3, 4, 5, 6];
const ROUNDS = 40;

interface Answer {
  readonly seq: bigint;
  readonly digest: string;
}

/** Receipts that resolved, and what the disk was at that moment. */
interface Acknowledged {
  readonly answers: readonly Answer[];
  /** After a power cut that took all it could. */
  readonly rest: SimulatedDisk;
  /** How many operations had taken effect. */
  readonly operations: number;
  readonly frontier: bigint;
}

/** An engine on a slow disk, and everything it answers. */
class Trial {
  readonly random: () => number;
  readonly scheduler = new Scheduler();
  readonly disk: SimulatedDisk;
  readonly acknowledged: Acknowledged[] = [];
  readonly refused: unknown[] = [];
  isSyncFailing = false;
  calls = 0;
  #sourceSeq = 0n;
  engine!: LabEngine;

  constructor(seed: number) {
    this.random = randomNumbers(seed);
    this.disk = new SimulatedDisk({
      turn: (operation) => this.scheduler.turn(operation),
      fail: ({ name, actor }) =>
        this.isSyncFailing && actor === "writer" && name === "syncData" ? systemError("EIO") : undefined,
    });
  }

  below(bound: number): number {
    return Math.floor(this.random() * bound);
  }

  async open(): Promise<void> {
    this.engine = await openLab(undefined, { history: historyOn(this.disk, "writer", SIZES) });
    this.scheduler.isRunning = true;
  }

  /** A call of one of the forms that answer receipts; some send the same source seq again while it is under way. */
  call(): void {
    const words = Array.from({ length: this.below(3) }, () => "x".repeat(this.below(500)));
    const payload = { ...deed(), words };
    const form = this.below(4);
    if (form === 0) this.#watch(this.engine.submit("Do", payload).then((receipt) => [receipt]));
    else if (form === 1) {
      const commands = Array.from({ length: 1 + this.below(5) }, (_, index) => put(BigInt(index), 1n));
      this.#watch(this.engine.submitMany(commands));
    } else {
      this.#sourceSeq += 1n;
      const options = { source: { client: 7n, stream: 0, seq: this.#sourceSeq } };
      for (let times = form; times > 1; times -= 1) {
        this.#watch(this.engine.submit("Do", payload, options).then((receipt) => [receipt]));
      }
    }
  }

  #watch(call: Promise<readonly Answer[]>): void {
    this.calls += 1;
    call.then(
      (answers) => {
        const rest = this.disk.powerCut(() => false);
        const frontier = this.engine.frontier.seq;
        this.acknowledged.push({ answers, rest, operations: this.disk.log.length, frontier });
      },
      (error: unknown) => this.refused.push(error),
    );
  }

  /** Lets operations take effect, some or all of them. */
  async goOn(isToTheEnd = false): Promise<void> {
    do {
      let left = isToTheEnd ? Number.POSITIVE_INFINITY : this.below(12);
      await this.scheduler.run((waiting) => {
        left -= 1;
        return left < 0 ? -1 : this.below(waiting.length);
      });
    } while (isToTheEnd && this.acknowledged.length + this.refused.length < this.calls);
  }

  async close(): Promise<void> {
    this.scheduler.isRunning = false;
    await this.scheduler.run(() => 0);
    await this.engine.close();
  }
}

/** Digests by seq of what a disk holds. */
async function digestsOn(disk: SimulatedDisk): Promise<Map<bigint, string>> {
  const digests = new Map<bigint, string>();
  for await (const batch of historyOn(disk, "reader", SIZES).read()) {
    for (const { seq, digest } of framesOf(batch)) digests.set(seq, bytesToHex(digest));
  }
  return digests;
}

/** By seq: the operation that wrote the batch of a frame. */
function writesOn(disk: SimulatedDisk): Map<bigint, Operation> {
  const writes = new Map<bigint, Operation>();
  for (const [path, bytes] of disk.files()) {
    if (!path.endsWith(".seg")) continue;
    for (const { position } of batchesOf(bytes)) {
      const { firstSeq, frames } = decodeBatchHeader(
        bytes.subarray(position, position + BATCH_HEADER_BYTES),
        crc32c,
      )!;
      const isIt = (one: Operation) => one.name === "write" && one.path === path && one.position === position;
      const write = disk.log.find(isIt);
      for (let index = 0; index < frames && write; index += 1) writes.set(firstSeq + BigInt(index), write);
    }
  }
  return writes;
}

async function expectDurable({ disk, acknowledged }: Trial): Promise<void> {
  const writes = writesOn(disk);
  for (const { answers, rest, operations, frontier } of acknowledged) {
    const there = await digestsOn(rest);
    for (const { seq, digest } of answers) {
      expect(there.get(seq), `frame ${seq} after the power cut`).toBe(digest);
      expect(frontier).toBeGreaterThanOrEqual(seq);
      const write = writes.get(seq)!;
      const done = disk.log.slice(disk.log.indexOf(write), operations);
      const sync = done.findIndex(({ name, path }) => name === "syncData" && path === write.path);
      expect(sync, `the sync of frame ${seq} has returned`).toBeGreaterThan(0);
      const look = done.findIndex(({ name, path }) => name === "exists" && path.endsWith("/term-2"));
      expect(look, "then the next term was looked for").toBeGreaterThan(sync);
    }
  }
}

describe.each(SEEDS)("seed %i", (seed) => {
  test("every receipt resolves after the sync that covers its batch", async () => {
    const trial = new Trial(seed);
    await trial.open();
    for (let round = 0; round < ROUNDS; round += 1) {
      for (let calls = trial.below(4); calls > 0; calls -= 1) trial.call();
      await trial.goOn();
    }
    await trial.goOn(true);
    await trial.close();
    expect(trial.refused).toEqual([]);
    expect(trial.acknowledged).toHaveLength(trial.calls);
    await expectDurable(trial);
    const segments = [...trial.disk.files().keys()].filter((path) => path.endsWith(".seg"));
    expect(segments.length).toBeGreaterThan(2);
    const writes = writesOn(trial.disk);
    const batches = new Set(writes.values()).size;
    expect(batches).toBeGreaterThan(10);
    expect(writes.size, "some batches hold several frames").toBeGreaterThan(batches);
  });

  test("of a sync that fails nothing is acknowledged, nor of anything behind it", async () => {
    const trial = new Trial(seed);
    await trial.open();
    for (let round = 0; round < ROUNDS; round += 1) {
      if (round === ROUNDS / 2) trial.isSyncFailing = true;
      const isPoisoned = trial.refused.length > 0;
      for (let calls = isPoisoned ? 0 : 1 + trial.below(3); calls > 0; calls -= 1) trial.call();
      await trial.goOn();
    }
    await trial.goOn(true);
    trial.isSyncFailing = false;
    await trial.close();
    expect(trial.refused.length).toBeGreaterThan(0);
    for (const error of trial.refused) {
      expect(error).toMatchObject({
        name: "OperationalError",
        code: expect.stringMatching(/OUTCOME_UNKNOWN|POISONED/),
      });
    }
    expect(trial.acknowledged.length).toBeGreaterThan(5);
    await expectDurable(trial);
    const last = await digestsOn(trial.disk.powerCut(() => false));
    for (const { answers } of trial.acknowledged) {
      for (const { seq, digest } of answers) expect(last.get(seq)).toBe(digest);
    }
  });
});

test("open resolves after the sync that covers the epoch frame", async () => {
  const scheduler = new Scheduler();
  const disk = new SimulatedDisk({ turn: (operation) => scheduler.turn(operation) });
  scheduler.isRunning = true;
  let rest: SimulatedDisk | undefined;
  const opening = openLab(undefined, { history: historyOn(disk, "writer", SIZES) }).then((engine) => {
    rest = disk.powerCut(() => false);
    return engine;
  });
  while (rest === undefined) await scheduler.run(() => 0);
  scheduler.isRunning = false;
  expect([...(await digestsOn(rest)).keys()]).toEqual([1n]);
  await scheduler.run(() => 0);
  await (await opening).close();
});
