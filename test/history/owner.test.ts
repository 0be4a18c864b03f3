/** The owner file: a courtesy to a live process, never in the way of the next one. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fileHistory } from "../../src/history/node/index.ts";
import { type Process, type Processes, systemProcesses } from "../../src/history/node/owner-file.ts";
import { makeFrames, slowSealer } from "./synthetic-frames.ts";

const sealer = slowSealer();
let directory: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "statevec-owner-"));
});
afterEach(() => {
  child?.kill("SIGKILL");
  child = undefined;
  rmSync(directory, { recursive: true });
});

/** Lets another process own the history: its own number and start are written in the file. */
async function ownAs(owner: Process): Promise<void> {
  const processes: Processes = { self: () => owner, isLive: () => false };
  const claimed = await fileHistory(directory, { processes }).claim({ sealer });
  await claimed.append(makeFrames(claimed.frontier.seq + 1n, 1));
}

async function startChild(): Promise<Process> {
  child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000); console.log('up')"], {
    stdio: "pipe",
  });
  await once(child.stdout!, "data");
  const stat = readFileSync(`/proc/${child.pid}/stat`, "latin1");
  const started = BigInt(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]!);
  return { ...systemProcesses.self(), pid: child.pid!, started };
}

test("this process is live, and the file says so in one line", async () => {
  expect(systemProcesses.isLive(systemProcesses.self())).toBe(true);
  const claimed = await fileHistory(directory).claim({ sealer });
  const line = readFileSync(join(directory, "owner"), "utf8");
  expect(line).toMatch(/^statevec owner: pid \d+, started \d+, term 1, host \S+, check [0-9a-f]{8}\n$/);
  expect((await fileHistory(directory).inspect()).owner).toMatchObject({
    pid: process.pid,
    term: 1n,
    live: true,
  });
  await expect(fileHistory(directory).claim({ sealer })).rejects.toMatchObject({
    code: "OWNED",
    message: expect.stringContaining(`process ${process.pid}`),
  });
  await claimed.close();
  expect(readdirSync(directory)).not.toContain("owner");
});

test.skipIf(process.platform !== "linux")(
  "a live process is refused, the same process dead is not",
  async () => {
    await ownAs(await startChild());
    const before = readdirSync(directory).sort();
    await expect(fileHistory(directory).claim({ sealer })).rejects.toMatchObject({ code: "OWNED" });
    expect(readdirSync(directory).sort()).toEqual(before);
    const exit = once(child!, "exit");
    child!.kill("SIGKILL");
    await exit;
    const claimed = await fileHistory(directory).claim({ sealer });
    expect(claimed).toMatchObject({ term: 2n, frontier: { seq: 1n } });
    await claimed.close();
  },
);

test.skipIf(process.platform !== "linux")("a number that another process bears now is nobody's", async () => {
  const live = await startChild();
  await ownAs({ ...live, started: live.started - 1n });
  const claimed = await fileHistory(directory).claim({ sealer });
  await claimed.close();
});

test("a process of another machine is not known to be live", async () => {
  await ownAs({ ...systemProcesses.self(), host: "elsewhere" });
  expect((await fileHistory(directory).inspect()).owner).toMatchObject({ host: "elsewhere", live: false });
  await (await fileHistory(directory).claim({ sealer })).close();
});

test("an owner file that is not what was written is named, and gives way to a takeover", async () => {
  const claimed = await fileHistory(directory).claim({ sealer });
  await claimed.append(makeFrames(1n, 1));
  const path = join(directory, "owner");
  const line = readFileSync(path, "utf8");
  writeFileSync(path, line.replace(/pid \d+/, "pid 1"));
  const refused = { name: "HistoryError", code: "DAMAGED", segment: "owner" };
  await expect(fileHistory(directory).claim({ sealer })).rejects.toMatchObject(refused);
  await expect(fileHistory(directory).inspect()).rejects.toMatchObject(refused);
  const taken = await fileHistory(directory).claim({ sealer, takeover: true });
  expect(taken.frontier.seq).toBe(1n);
  await claimed.close();
  expect(readdirSync(directory)).toContain("owner");
  await taken.close();
  expect(readdirSync(directory)).not.toContain("owner");
});

test("damage is found before anything is changed", async () => {
  const claimed = await fileHistory(directory, { segmentSizeMin: 4096 }).claim({ sealer });
  await claimed.append(makeFrames(1n, 3));
  await claimed.close();
  const path = join(directory, "00000000000000000001-0000000001.seg");
  const bytes = readFileSync(path);
  bytes[700]! ^= 1;
  writeFileSync(path, bytes);
  const before = readdirSync(directory).sort();
  const refused = { code: "DAMAGED", segment: "00000000000000000001-0000000001.seg", offset: 512, seq: 1n };
  await expect(fileHistory(directory).claim({ sealer })).rejects.toMatchObject(refused);
  expect(readdirSync(directory).sort()).toEqual(before);
  expect(readFileSync(path)).toEqual(bytes);
});

test("a directory that is a file, or is not there, is said to be so", async () => {
  const path = join(directory, "file");
  writeFileSync(path, "x");
  await expect(fileHistory(path).inspect()).rejects.toMatchObject({ code: "NOT_A_HISTORY" });
  await expect(fileHistory(path).claim({ sealer })).rejects.toMatchObject({
    name: expect.stringMatching(/Error$/),
  });
  await expect(fileHistory(join(directory, "none")).inspect()).rejects.toMatchObject({ code: "NOT_FOUND" });
});
