/** The writing thread: from sources, from the built package, and when it fails. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { firstDigest, verifyFrames } from "../../src/history/chain.ts";
import type { FrameSealer } from "../../src/history/history.ts";
import { fileHistory, memoryHistory } from "../../src/history/node/index.ts";
import { Staging, startWriting, type WritingThread } from "../../src/history/node/writing-thread.ts";
import { makeFrames, portableSealer, readAll, slowSealer } from "./synthetic-frames.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "statevec-thread-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

async function readyThread(sealer: FrameSealer): Promise<WritingThread> {
  const thread = startWriting(sealer)!;
  while (!thread.isReady) await new Promise((resolve) => setTimeout(resolve, 5));
  return thread;
}

/** A sealer that works only in another thread: what it seals was sealed there. */
function awaySealer(): FrameSealer {
  const fail = (): never => {
    throw new Error("sealed in the caller's thread");
  };
  return { seal: fail, verify: fail, portable: portableSealer().portable! };
}

const where = {
  ownTerm: "",
  ownTermSeen: 0,
  ownTermMilliseconds: 0,
  nextTerm: "",
  previous: new Uint8Array(32),
};

describe("the thread", () => {
  test("seals and writes what the caller's thread would", async () => {
    const thread = await readyThread(awaySealer());
    const path = join(directory, "segment");
    const ownTerm = join(directory, "term-1");
    writeFileSync(ownTerm, "");
    const file = openSync(path, "w+");
    const batch = makeFrames(1n, 20);
    const bytes = new Staging().stage(batch);
    const job = {
      file,
      position: 64,
      bytes,
      count: 20,
      firstSeq: 1n,
      ...where,
      ownTerm,
      nextTerm: join(directory, "term-2"),
    };
    expect(await thread.run(job)).toMatchObject({ verdict: "durable", syncMilliseconds: expect.any(Number) });
    const sealed = { ...batch, bytes: bytes.slice(32, bytes.length - 4) };
    verifyFrames(slowSealer(), sealed, where.previous);
    expect(new Uint8Array(readFileSync(path)).subarray(64)).toEqual(bytes.slice());
    writeFileSync(join(directory, "term-2"), "");
    expect(await thread.run(job)).toMatchObject({ verdict: "fenced" });
    rmSync(ownTerm);
    rmSync(join(directory, "term-2"));
    expect(await thread.run(job)).toMatchObject({ verdict: "moved" });
    expect(await thread.run({ ...job, count: 21 })).toMatchObject({ verdict: "malformed" });
    await thread.close();
  });

  test("hands a failure back with its code", async () => {
    const thread = await readyThread(portableSealer());
    const bytes = new Staging().stage(makeFrames(1n, 2));
    const job = { file: 9999, position: 0, bytes, count: 2, firstSeq: 1n, ...where };
    await expect(thread.run(job)).rejects.toMatchObject({ code: "EBADF" });
    expect(thread.isReady).toBe(true);
    await thread.close();
  });

  test("that can not start leaves the work in the caller's thread", async () => {
    const sealer = {
      ...portableSealer(),
      portable: { source: "() => { throw new Error('no'); }", data: undefined },
    };
    const claimed = await fileHistory(join(directory, "history")).claim({ sealer });
    for (let round = 0; round < 20; round += 1) {
      await claimed.append(makeFrames(claimed.frontier.seq + 1n, 10));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(claimed.frontier.seq).toBe(200n);
    await claimed.close();
  });

  test("that dies in the middle of a batch poisons the claim", async () => {
    const portable = portableSealer();
    const source = `(data) => {
      const sealer = (${portable.portable!.source})(data);
      const seal = (bytes, previous) => (bytes.length > 10_000 ? process.exit(3) : sealer.seal(bytes, previous));
      return { ...sealer, seal };
    }`;
    const sealer = { ...portable, portable: { source, data: undefined } };
    const claimed = await fileHistory(join(directory, "history")).claim({ sealer });
    let isPoisoned = false;
    for (let round = 0; round < 200 && !isPoisoned; round += 1) {
      await claimed.append(makeFrames(claimed.frontier.seq + 1n, 10));
      await new Promise((resolve) => setTimeout(resolve, 2));
      if (round < 60) continue;
      await expect(claimed.append(makeFrames(claimed.frontier.seq + 1n, 200))).rejects.toMatchObject({
        name: "OperationalError",
        code: "IO",
      });
      await expect(claimed.append(makeFrames(claimed.frontier.seq + 1n, 1))).rejects.toMatchObject({
        code: "POISONED",
      });
      isPoisoned = true;
    }
    expect(isPoisoned).toBe(true);
    await claimed.close();
  });
});

test("memory: frames are sealed beside, lone ones in place", async () => {
  const history = memoryHistory();
  const claimed = await history.claim({ sealer: portableSealer() });
  for (let round = 0; round < 40; round += 1) {
    await claimed.append(makeFrames(claimed.frontier.seq + 1n, round % 2 === 0 ? 1 : 30));
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  let digest = firstDigest(claimed.historyId);
  for (const chunk of await readAll(claimed.read())) digest = verifyFrames(slowSealer(), chunk, digest);
  expect(digest).toEqual(claimed.frontier.digest);
  await claimed.close();
});

/** Stops this thread, its event loop with it. */
function block(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

describe.each([
  ["memory", () => memoryHistory()],
  ["file", () => fileHistory(join(directory, "history"))],
])("%s: a caller that never lets its event loop turn", (_, make) => {
  /** Claims, and waits until batches are sealed beside. */
  async function claimBeside() {
    const claimed = await make().claim({ sealer: portableSealer() });
    for (let round = 0; round < 100; round += 1) {
      await claimed.append(makeFrames(claimed.frontier.seq + 1n, 30));
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    return claimed;
  }

  test("hears of the end of an append when it looks", async () => {
    const claimed = await claimBeside();
    for (let round = 0; round < 20; round += 1) {
      let ended: unknown = "not yet";
      claimed.begin!(makeFrames(claimed.frontier.seq + 1n, 30), (error) => {
        ended = error;
      });
      expect(ended).toBe("not yet");
      const seq = claimed.frontier.seq;
      for (let look = 0; look < 5_000 && ended === "not yet"; look += 1) {
        block(1);
        claimed.look!();
      }
      expect(ended).toBe(undefined);
      expect(claimed.frontier.seq).toBe(seq + 30n);
    }
    await claimed.close();
  });

  test("frames that are kept for good stay as they are", async () => {
    const claimed = await claimBeside();
    const kept: { bytes: Uint8Array; copy: Uint8Array }[] = [];
    for (let round = 0; round < 5; round += 1) {
      const { firstSeq, count, bytes } = makeFrames(claimed.frontier.seq + 1n, 40);
      const room = claimed.buffer!(bytes.length, true);
      room.set(bytes);
      await claimed.append({ firstSeq, count, bytes: room });
      kept.push({ bytes: room, copy: room.slice() });
    }
    for (const { bytes, copy } of kept) expect(bytes).toEqual(copy);
    let digest = firstDigest(claimed.historyId);
    for (const chunk of await readAll(claimed.read())) digest = verifyFrames(slowSealer(), chunk, digest);
    expect(digest).toEqual(claimed.frontier.digest);
    await claimed.close();
  });
});

const root = fileURLToPath(new URL("../../", import.meta.url));
const built = join(root, "build/src/history/node/index.js");

/** Appends through the built package in a process of its own, and never closes. */
const PROGRAM = `
  import { fileHistory } from ${JSON.stringify(built)};
  import { createHash } from "node:crypto";
  const source = process.env.SEALER;
  const make = (text) => (0, eval)("(" + text + ")");
  globalThis.require = (await import("node:module")).createRequire(import.meta.url);
  const here = make(source)();
  const seal = (bytes, previous) => {
    globalThis.sealedHere = (globalThis.sealedHere ?? 0) + 1;
    return here.seal(bytes, previous);
  };
  const sealer = { ...here, seal, portable: { source, data: undefined } };
  const claimed = await fileHistory(process.argv[2]).claim({ sealer });
  const frames = (first, count) => {
    const bytes = new Uint8Array(count * 132);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < bytes.length; at += 132) {
      view.setUint32(at, 100, true);
      view.setBigUint64(at + 8, first + BigInt(at / 132), true);
    }
    return { firstSeq: first, count, bytes };
  };
  let appends = 0;
  for (const end = Date.now() + 600; Date.now() < end; appends += 1) {
    await claimed.append(frames(claimed.frontier.seq + 1n, 50));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  console.log(JSON.stringify({ appends, here: globalThis.sealedHere, seq: String(claimed.frontier.seq) }));
`;

test.skipIf(!existsSync(built))(
  "the built package writes in a thread, and the process ends without close",
  async () => {
    const program = join(directory, "program.mjs");
    writeFileSync(program, PROGRAM);
    const history = join(directory, "history");
    const env = { ...process.env, SEALER: portableSealer().portable!.source };
    const output = execFileSync(process.execPath, [program, history], {
      env,
      timeout: 30_000,
      encoding: "utf8",
    });
    const { appends, here, seq } = JSON.parse(output) as { appends: number; here: number; seq: string };
    expect(BigInt(seq)).toBe(BigInt(appends) * 50n);
    expect(here).toBeLessThan(appends / 2);
    const info = await fileHistory(history).inspect();
    expect(info.frontier.seq).toBe(BigInt(seq));
    expect(info).toMatchObject({
      owner: { live: false, term: 1n },
      lastBatch: { mayBeUnacknowledged: true },
    });
    // The owner is dead, so the next one needs not take over.
    const claimed = await fileHistory(history).claim({ sealer: portableSealer() });
    expect(claimed.frontier.seq).toBe(BigInt(seq));
    await claimed.close();
    expect((await fileHistory(history).inspect()).lastBatch).toMatchObject({ mayBeUnacknowledged: false });
  },
);

test.skipIf(!existsSync(built))(
  "a process that is killed while it writes loses nothing that it acknowledged",
  async () => {
    const program = join(directory, "program.mjs");
    const loud = PROGRAM.replace(
      "await new Promise",
      "process.stdout.write(String(claimed.frontier.seq) + '\\n'); await new Promise",
    ).replace("600", "60_000");
    writeFileSync(program, loud);
    const env = { ...process.env, SEALER: portableSealer().portable!.source };
    for (let round = 0; round < 3; round += 1) {
      const history = join(directory, `history-${round}`);
      const killed = spawnSync(process.execPath, [program, history], {
        env,
        timeout: 500 + round * 150,
        killSignal: "SIGKILL",
        encoding: "utf8",
      });
      const acknowledged = BigInt(killed.stdout.trim().split("\n").at(-1) || "0");
      const claimed = await fileHistory(history).claim({ sealer: portableSealer() });
      expect(claimed.frontier.seq).toBeGreaterThanOrEqual(acknowledged);
      expect(claimed.frontier.seq).toBeLessThanOrEqual(acknowledged + 50n);
      expect(acknowledged).toBeGreaterThan(0n);
      await claimed.close();
    }
  },
);
