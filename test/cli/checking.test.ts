/** verify and audit on good, damaged, torn and rewritten histories, by the real binary. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BINARY, DOMAIN, makeShop, openShop, statevec, statevecJson, temporaryDirectory } from "./run-cli.ts";

let directory: string;
let last: { seq: bigint; digest: string };
beforeEach(async () => {
  directory = temporaryDirectory();
  last = (await makeShop(directory)).at(-1)!;
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** The newest segment. */
function segmentFile(): string {
  return join(
    directory,
    readdirSync(directory)
      .filter((name) => name.endsWith(".seg"))
      .sort()
      .at(-1)!,
  );
}

/** Changes the bytes of the newest segment from where they hold `text`. */
function edit(text: string, change: (bytes: Buffer, at: number) => void): number {
  const bytes = readFileSync(segmentFile());
  const at = bytes.indexOf(text);
  if (at < 0) throw new Error(`the segment does not hold ${text}`);
  change(bytes, at);
  writeFileSync(segmentFile(), bytes);
  return at;
}

describe("verify", () => {
  test("a good history", () => {
    expect(statevec("verify", directory)).toEqual({
      status: 0,
      stdout: `10 frames verified, digest ${last.digest}\n`,
      stderr: "",
    });
    expect(statevecJson("verify", directory)).toEqual([
      {
        verified: true,
        historyId: "07".repeat(16),
        frontier: { seq: "10", digest: last.digest },
        segments: expect.any(Number),
        tear: null,
        mayBeUnacknowledgedFrom: null,
      },
    ]);
  });

  test("against a digest kept elsewhere", () => {
    const { seq, digest } = last;
    const other = digest.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
    const good = statevec("verify", directory, "--expect", `${seq}:${digest}`);
    expect(good).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("frame 10 has the expected digest\n"),
    });
    const wrong = statevec("verify", directory, "--expect", `${seq}:${other}`);
    expect(wrong).toMatchObject({ status: 1, stdout: "" });
    expect(wrong.stderr).toMatch(
      new RegExp(`^EXPECTATION_FAILED: .*seq 10, found ${digest}, expected ${other}`),
    );
    const cut = statevec("verify", directory, "--expect", `11:${digest}`);
    expect(cut).toMatchObject({ status: 1, stdout: "" });
    expect(cut.stderr).toMatch(/^EXPECTATION_FAILED: the history ends before the expected frame/);
  });

  test("damage is named with its place", () => {
    edit("bob, the second", (bytes, at) => {
      bytes[at] = 0x42;
    });
    const { status, stdout, stderr } = statevec("verify", directory);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/^DAMAGED: .*segment \S+\.seg.*offset \d+/);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    const json = statevec("verify", directory, "--json");
    expect(json.status).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      verified: false,
      code: "DAMAGED",
      segment: expect.any(String),
    });
  });

  test("a tear is told from damage", async () => {
    const engine = await openShop(directory);
    await engine.submit("Join", { login: "zoe", about: "x".repeat(2_000) });
    await engine.close();
    edit("x".repeat(2_000), (bytes, at) => {
      const sector = Math.ceil(at / 512) * 512;
      bytes.fill(0, sector, sector + 512);
    });
    const { status, stdout } = statevec("verify", directory);
    expect(status).toBe(3);
    expect(stdout).toMatch(
      /^10 frames verified, digest [0-9a-f]{64}\ntear: the last batch was cut off .*frames 11 to 11/,
    );
    expect(JSON.parse(statevec("verify", directory, "--json").stdout)).toMatchObject({
      verified: true,
      frontier: { seq: "10" },
      tear: { firstSeq: "11", lastSeq: "11" },
    });
  });

  test("beside a running engine", async () => {
    const engine = await openShop(directory);
    try {
      await engine.submit("Join", { login: "eve" });
      const { status, stdout } = statevec("verify", directory);
      expect(status).toBe(0);
      expect(stdout).toContain("11 frames verified");
      expect(stdout).toContain("the last batch (frame 11) may not be acknowledged yet");
      const frames = statevecJson("log", directory, "--from", "10");
      expect(frames.map(({ mayBeUnacknowledged }) => mayBeUnacknowledged)).toEqual([undefined, true]);
    } finally {
      await engine.close();
    }
    expect(statevec("verify", directory).stdout).not.toContain("acknowledged");
  });
});

describe("audit", () => {
  test("by a TypeScript module", () => {
    const { status, stdout, stderr } = statevec("audit", directory, "--domain", DOMAIN);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^10 frames run again and compared: the replay is identical\n/);
    expect(stdout).toContain(last.digest);
  });

  test("--json", () => {
    expect(statevecJson("audit", directory, "--domain", DOMAIN)).toEqual([
      {
        identical: true,
        frames: "10",
        applied: "0",
        modules: [],
        framesPerSecond: expect.any(Number),
        frontier: { seq: "10", digest: last.digest },
        difference: null,
      },
    ]);
  });

  /** Compiles the domain with one change; inside build/ the package's own name resolves. */
  function compile(name: string, change: (source: string) => string): string {
    const folder = join(dirname(BINARY), "../../test-domains");
    mkdirSync(folder, { recursive: true });
    const { outputFiles } = buildSync({
      entryPoints: [DOMAIN],
      write: false,
      format: "esm",
      platform: "node",
    });
    const source = outputFiles[0]!.text;
    const changed = change(source);
    const file = join(folder, name);
    writeFileSync(file, changed);
    return file;
  }

  test("by a JavaScript module", () => {
    const file = compile("same.mjs", (source) => source);
    expect(statevec("audit", directory, "--domain", file)).toMatchObject({ status: 0, stderr: "" });
  });

  test("a handler that answers otherwise is named by frame and field", () => {
    const file = compile("other.mjs", (source) =>
      source.replace('status: "Paid"', 'status: "Paid", isGift: true'),
    );
    const { status, stdout } = statevec("audit", directory, "--domain", file);
    expect(status).toBe(1);
    expect(stdout).toMatch(/frame 7/);
    expect(stdout).toMatch(/isGift/);
    const json = statevec("audit", directory, "--domain", file, "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({ identical: false, difference: { seq: "7" } });
  });

  test.each([
    ["missing.ts", "--domain missing.ts: there is no such file\n"],
    [BINARY.replace("main.js", "output.js"), /^--domain \S+: found 0 exported domains, expected one/],
    [join(DOMAIN, "../../../package.json"), /^--domain \S+: it can not be loaded: /],
  ])("refuses %s", (file, message) => {
    const { status, stdout, stderr } = statevec("audit", directory, "--domain", file);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    if (typeof message === "string") expect(stderr).toBe(message);
    else expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});
