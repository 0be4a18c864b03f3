/** What an append promises when the disk is slow, out of order, full or broken. */
import { describe, expect, test } from "vitest";
import { type Operation, SimulatedDisk, systemError } from "./simulated-file-system.ts";
import { appendAll, claimOn, DIRECTORY, historyOn, Scheduler, sealer } from "./simulation.ts";
import { joined, makeFrames, randomNumbers, readAll } from "./synthetic-frames.ts";

const SIZES = { segmentSizeMin: 2048, segmentSizeMax: 8192 };

test("no append resolves before the sync that covers its batch has returned, and the terms were looked at", async () => {
  const random = randomNumbers(7);
  const scheduler = new Scheduler();
  const disk = new SimulatedDisk({ turn: (operation) => scheduler.turn(operation) });
  const claimed = await claimOn(disk, "writer", SIZES);
  scheduler.isRunning = true;
  let next = 1n;
  for (let round = 0; round < 60; round += 1) {
    const batch = makeFrames(next, 1 + Math.floor(random() * 5), {
      bodyBytes: 80 + Math.floor(random() * 400),
    });
    const from = disk.log.length;
    let isResolved = false;
    const append = claimed.append(batch).then(() => {
      isResolved = true;
    });
    await scheduler.run((waiting) => {
      if (isResolved) return -1;
      return Math.floor(random() * waiting.length);
    });
    await append;
    const own = disk.log.slice(from).filter((one) => !one.path.includes("next-"));
    const written = own.findLast((one) => one.name === "write");
    const names = own.slice(own.indexOf(written!)).map((one) => one.name);
    expect(names.slice(0, 4)).toEqual(["write", "syncData", "exists", "exists"]);
    expect(own.filter((one) => one.name === "exists").map((one) => one.path)).toEqual([
      `${DIRECTORY}/term-2`,
      `${DIRECTORY}/term-1`,
    ]);
    next += BigInt(batch.count);
  }
  scheduler.isRunning = false;
  await scheduler.run(() => 0);
  expect(claimed.frontier.seq).toBe(next - 1n);
  expect([...disk.files().keys()].filter((path) => path.endsWith(".seg")).length).toBeGreaterThan(3);
});

test("at the moment of resolving, every byte of the batch would survive a power cut", async () => {
  const disk = new SimulatedDisk();
  const claimed = await claimOn(disk, "writer", SIZES);
  for (let round = 0; round < 40; round += 1) {
    await claimed.append(makeFrames(claimed.frontier.seq + 1n, 2, { bodyBytes: 100 + round * 17 }));
    const write = disk.log.findLast((one) => one.name === "write" && !one.path.includes("next-"))!;
    const path = [...disk.files().keys()].findLast((name) => name.endsWith(".seg"))!;
    expect(disk.isDurable(path, write.position!, write.length!)).toBe(true);
    const survivors = disk.powerCut(() => false);
    expect((await historyOn(survivors, "reader", SIZES).inspect()).frontier).toEqual(claimed.frontier);
  }
});

/** Operations of an append that goes over to the next segment, and what fails in each. */
const failures: { name: Operation["name"]; code: string }[] = [
  { name: "write", code: "ENOSPC" },
  { name: "write", code: "EIO" },
  { name: "syncData", code: "EIO" },
  { name: "exists", code: "EIO" },
  { name: "zero", code: "ENOSPC" },
  { name: "sync", code: "EIO" },
  { name: "rename", code: "EIO" },
  { name: "syncDirectory", code: "EIO" },
  { name: "create", code: "ENOSPC" },
];

describe.each(failures)("$code from $name", ({ name, code }) => {
  test("poisons: nothing after it is acknowledged; opened again, a prefix with all that was acknowledged is there", async () => {
    let isFailing = false;
    const fail = (operation: Operation) =>
      isFailing && operation.actor === "writer" && operation.name === name ? systemError(code) : undefined;
    const disk = new SimulatedDisk({ fail });
    const claimed = await claimOn(disk, "writer", { segmentSizeMin: 4096, segmentSizeMax: 8192 });
    // So little that no segment is made ahead; so much that one is needed.
    const batches = await appendAll(claimed, [{ count: 1, bodyBytes: 100 }]);
    isFailing = true;
    const lost = makeFrames(2n, 1, { bodyBytes: 3600 });
    const refused = { name: "OperationalError", code: "IO", cause: { code } };
    await expect(claimed.append(lost)).rejects.toMatchObject(refused);
    isFailing = false;
    await expect(claimed.append(makeFrames(2n, 1))).rejects.toMatchObject({ code: "POISONED" });
    expect(claimed.frontier.seq).toBe(1n);
    await claimed.close();
    for (const disks of [disk, disk.powerCut(() => false), disk.powerCut(() => true)]) {
      const again = await claimOn(disks, "next", SIZES);
      const there = joined(await readAll(again.read()));
      const whole = joined([...batches, lost]);
      expect([whole.length, joined(batches).length]).toContain(there.length);
      expect(
        Buffer.from(there)
          .subarray(0, joined(batches).length)
          .equals(Buffer.from(joined(batches))),
      ).toBe(true);
    }
  });
});

test("zeros that could not be made ahead are made when they are needed", async () => {
  let failuresLeft = 1;
  const fail = (operation: Operation) =>
    operation.name === "zero" && operation.path.includes("next-") && failuresLeft-- > 0
      ? systemError("ENOSPC")
      : undefined;
  const disk = new SimulatedDisk({ fail });
  const claimed = await claimOn(disk, "writer", SIZES);
  await appendAll(claimed, [
    { count: 1, bodyBytes: 1200 },
    { count: 1, bodyBytes: 100 },
    { count: 1, bodyBytes: 1200 },
  ]);
  expect(claimed.frontier.seq).toBe(3n);
});

test("a claim that fails half way leaves no owner behind", async () => {
  const fail = (operation: Operation) =>
    operation.name === "rename" &&
    operation.path.includes("0001-0000000001.new") &&
    !operation.path.includes("owner")
      ? systemError("EIO")
      : undefined;
  const disk = new SimulatedDisk({ fail });
  await expect(claimOn(disk, "writer")).rejects.toMatchObject({ name: "OperationalError", code: "IO" });
  expect([...disk.files().keys()].map((path) => path.slice(DIRECTORY.length + 1)).sort()).toEqual([
    "00000000000000000001-0000000001.new",
    "term-1",
  ]);
});

test("a directory that was moved away is no history to append to", async () => {
  const disk = new SimulatedDisk();
  const claimed = await claimOn(disk, "writer");
  await appendAll(claimed, [{ count: 1, bodyBytes: 100 }]);
  for (const path of disk.files().keys()) if (path.includes("term-")) disk.take(path);
  await expect(claimed.append(makeFrames(2n, 1))).rejects.toMatchObject({ code: "IO" });
  await expect(claimed.append(makeFrames(2n, 1))).rejects.toMatchObject({ code: "POISONED" });
});

test("digests are written into the batch only once it is durable", async () => {
  const scheduler = new Scheduler();
  const disk = new SimulatedDisk({ turn: (operation) => scheduler.turn(operation) });
  const claimed = await claimOn(disk, "writer");
  scheduler.isRunning = true;
  const batch = makeFrames(1n, 2);
  const before = batch.bytes.slice();
  const append = claimed.append(batch);
  await scheduler.run((waiting) => (waiting[0]?.name === "exists" ? -1 : 0));
  expect(batch.bytes).toEqual(before);
  await scheduler.run(() => 0);
  await append;
  scheduler.isRunning = false;
  expect(batch.bytes).not.toEqual(before);
  expect(sealer.verify(batch.bytes, (await historyOn(disk, "x").inspect()).frontier.digest)).toBe(1);
});
