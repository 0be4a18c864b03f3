/** `statevec serve`: an address that is safe, one line when it listens, a drain on SIGTERM and SIGINT, clear refusals. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { call, callJson, keepAlive, raw, sleep, submit, until } from "../service/serving.ts";
import { BINARY, DOMAIN, statevec, statevecJson, temporaryDirectory } from "./run-cli.ts";

let directory: string;
beforeAll(() => {
  directory = temporaryDirectory();
  writeFileSync(join(directory, "token"), "correct-horse-battery-staple\n");
  writeFileSync(join(directory, "short"), "short\n");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Running {
  readonly child: ChildProcess;
  readonly port: number;
  readonly out: () => string;
  readonly err: () => string;
  readonly ended: Promise<number | null>;
}
let running: Running[] = [];
afterEach(() => {
  for (const { child } of running) child.kill("SIGKILL");
  running = [];
});

async function serve(name: string, ...args: string[]): Promise<Running> {
  const child = spawn(process.execPath, [
    BINARY,
    "serve",
    join(directory, name),
    "--domain",
    DOMAIN,
    "--port",
    "0",
    ...args,
  ]);
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  await until(() => out.includes("\n") || child.exitCode !== null, 30_000);
  const port = Number(/:(\d+)/.exec(out.slice(out.indexOf("http")).slice(5))?.[1]);
  const one = { child, port, out: () => out, err: () => err, ended };
  running.push(one);
  return one;
}

const joining = (login: string) => ({ name: "Join", payload: { login } });

test.each(["SIGTERM", "SIGINT"] as const)(
  "serves until %s, and loses nothing that it acknowledged",
  async (signal) => {
    const one = await serve(signal);
    expect(one.out()).toMatch(/^\S+ at http:\/\/127\.0\.0\.1:\d+, frontier 1\n$/);
    const acknowledged: string[] = [];
    let stop = false;
    const clients = Array.from({ length: 8 }, async (_, number) => {
      const agent = keepAlive();
      for (let n = 0; !stop; n++) {
        const answer = await submit(one, [joining(`${number}-${n}`)], { agent }).catch(() => undefined);
        if (answer?.status !== 200) break;
        acknowledged.push(answer.json.receipts[0].seq);
      }
      agent.destroy();
    });
    await until(() => acknowledged.length > 50);
    one.child.kill(signal);
    expect(await one.ended).toBe(0);
    stop = true;
    await Promise.all(clients);
    expect(one.err()).toMatch(new RegExp(`^${signal}: draining\nclosed at frontier \\d+\n$`));
    const [verified] = statevecJson("verify", join(directory, signal));
    const frontier = BigInt(verified.frontier?.seq ?? verified.seq);
    for (const seq of acknowledged) expect(BigInt(seq)).toBeLessThanOrEqual(frontier);
    expect(one.err()).toContain(`frontier ${frontier}\n`);
    expect(statevec("audit", join(directory, signal), "--domain", DOMAIN).status).toBe(0);
  },
);

test("a second signal ends it at once, whichever it is", async () => {
  const one = await serve("impatient");
  const connection = await raw(one);
  connection.write("POST /v1/submit HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n");
  await sleep(100);
  one.child.kill("SIGTERM");
  await until(() => one.err().includes("draining"));
  const start = performance.now();
  one.child.kill("SIGINT");
  expect(await one.ended).toBe(null);
  expect(performance.now() - start).toBeLessThan(3_000);
});

test("tells programs where it is, takes a token, and goes on where it was", async () => {
  const one = await serve(
    "token-history",
    "--json",
    "--token-file",
    join(directory, "token"),
    "--host",
    "0.0.0.0",
  );
  expect(JSON.parse(one.out())).toMatchObject({ url: `http://0.0.0.0:${one.port}`, seq: "1" });
  expect((await submit(one, [joining("ada")])).status).toBe(401);
  const headers = { authorization: "Bearer correct-horse-battery-staple" };
  expect((await submit(one, [joining("ada")], { headers })).status).toBe(200);
  expect((await call(one, "/v1/health")).json).toEqual({ status: "ok", seq: "2" });
  one.child.kill("SIGTERM");
  await one.ended;
  const again = await serve("token-history");
  expect(again.out()).toContain(", frontier 2\n");
});

test("tells what handlers throw, limits the rate, and is not opened twice", async () => {
  const one = await serve("notes", "--rate", "2");
  const taken = statevec("serve", join(directory, "notes"), "--domain", DOMAIN, "--port", "0");
  expect(taken.status).toBe(5);
  expect(taken.stderr).toMatch(/^OWNED: /);
  expect((await callJson(one, "/v1/commands/Join", { login: "ada" })).status).toBe(200);
  expect((await submit(one, [joining("b"), joining("c")])).status).toBe(200);
  expect((await submit(one, [joining("d")])).status).toBe(429);
});

describe("wrong arguments say what to do", () => {
  test.each([
    [["serve"], /^error: required option '--domain <module>' not specified|missing required argument 'dir'/],
    [["serve", "NEW"], /^error: required option '--domain <module>' not specified/],
    [["serve", "NEW", "--domain", "nothing.ts"], /^--domain nothing\.ts: there is no such file$/],
    [
      ["serve", "NEW", "--domain", "DOMAIN", "--port", "x"],
      /^--port: found "x", expected a whole number, 0 to 65535$/,
    ],
    [["serve", "NEW", "--domain", "DOMAIN", "--port", "65536"], /^--port: found "65536"/],
    [
      ["serve", "NEW", "--domain", "DOMAIN", "--rate", "0"],
      /^--rate: found "0", expected a whole number, 1 to 100000000$/,
    ],
    [
      ["serve", "NEW", "--domain", "DOMAIN", "--host", "0.0.0.0"],
      /^--host 0\.0\.0\.0 can be reached from elsewhere, and there is no token: name a --token-file, or say --insecure/,
    ],
    [
      ["serve", "NEW", "--domain", "DOMAIN", "--token-file", "nothing"],
      /^--token-file nothing: it can not be read: ENOENT/,
    ],
    [
      ["serve", "NEW", "--domain", "DOMAIN", "--token-file", "SHORT"],
      /short: token: found another text, expected 16 to 4096/,
    ],
    [
      ["serve", "NEW", "--domain", "DOMAIN", "--host", "no.such.host.invalid", "--insecure", "--port", "0"],
      /^--host no\.such\.host\.invalid --port 0: /,
    ],
    [["serve", "FOREIGN", "--domain", "DOMAIN"], /^NOT_A_HISTORY: /],
  ])("%j", (args, message) => {
    const foreign = join(directory, "foreign");
    mkdirSync(foreign, { recursive: true });
    writeFileSync(join(foreign, "notes.txt"), "not a history\n");
    const names: Record<string, string> = {
      NEW: join(directory, `new-${Math.trunc(performance.now() * 1000)}`),
      DOMAIN,
      FOREIGN: foreign,
      SHORT: join(directory, "short"),
    };
    const { status, stdout, stderr } = statevec(...args.map((arg) => names[arg] ?? arg));
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr.trimEnd()).toMatch(message);
    expect(stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(2);
  });

  test("a port that is taken", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const { status, stderr } = spawnSync(
      process.execPath,
      [BINARY, "serve", join(directory, "taken"), "--domain", DOMAIN, "--port", String(port)],
      { encoding: "utf8" },
    );
    server.close();
    expect(status).toBe(2);
    expect(stderr).toMatch(new RegExp(`--port ${port}: EADDRINUSE: choose another, or end what has it`));
  });
});
