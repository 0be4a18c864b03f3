/**
 * `kill -9` of server and clients, over real sockets and a real disk: fifty rounds.
 *
 * Afterwards the history must hold every submission exactly once, with the command it was sent with, every receipt that a
 * client was given must be in it, and it must audit to the last byte. A failure prints its seed; STATEVEC_SEED=n repeats the
 * choice of victims and pauses, though not what the machine makes of them.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { fileHistory, open } from "statevec/node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ledgerIn } from "../../examples/ledger/lane.ts";
import { Random } from "../../examples/random.ts";
import { BINARY } from "../cli/run-cli.ts";
import { OPENING, OPENING_CLIENT, transferAt } from "./transfers.ts";

const SEED = Number(process.env.STATEVEC_SEED ?? Math.floor(Math.random() * 2 ** 31));
const ROUNDS = 50;
const CLIENTS = [7n, 8n, 9n];
const PAUSE_MAX_MILLISECONDS = 300;

const root = new URL("../../", import.meta.url).pathname;
const directory = mkdtempSync(join(tmpdir(), "statevec-kill-"));
const history = join(directory, "history");
const program = join(directory, "client.mjs");
const running = new Set<ChildProcess>();

beforeAll(async () => {
  await build({
    entryPoints: [join(root, "test/kill/kill-client.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    alias: {
      "statevec/client": join(root, "src/client/index.ts"),
      "statevec/schema": join(root, "src/schema/index.ts"),
    },
  });
});
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
});

function start(args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { readonly port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** A process that is started again after each kill, and what it said when it ended by itself. */
class Victim {
  readonly name: string;
  readonly #args: readonly string[];
  #child: ChildProcess;
  kills = 0;
  readonly complaints: string[] = [];

  constructor(name: string, args: readonly string[]) {
    this.name = name;
    this.#args = args;
    this.#child = this.#begin();
  }

  #begin(): ChildProcess {
    const child = start(this.#args);
    let said = "";
    child.stderr!.on("data", (piece) => {
      said += piece;
    });
    child.stdout!.resume();
    child.once("exit", (code) => {
      // One that was just started may end by the signal itself.
      if (code !== 0 && code !== null) this.complaints.push(`${this.name} ended with ${code}: ${said}`);
    });
    return child;
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
    this.kills++;
    this.#child = this.#begin();
  }

  /** Ends it in order. */
  async end(): Promise<void> {
    if (this.#child.exitCode === null) {
      this.#child.kill("SIGTERM");
      await once(this.#child, "exit");
    }
  }
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

interface Acknowledged {
  readonly client: bigint;
  readonly sourceSeq: bigint;
  readonly seq: bigint;
  readonly digest: string;
  readonly outcome: string;
}

function receiptsOf(client: bigint, file: string): Acknowledged[] {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  // A line that the kill cut off was never finished, so nobody was told of it.
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line) => {
    const [sourceSeq, seq, digest, outcome] = line.split(" ") as [string, string, string, string];
    return { client, sourceSeq: BigInt(sourceSeq), seq: BigInt(seq), digest, outcome };
  });
}

it(`loses and doubles nothing in ${ROUNDS} rounds of kill -9 (seed ${SEED})`, {
  timeout: 300_000,
}, async () => {
  const random = new Random(SEED);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const domain = join(root, "examples/ledger/build/ledger.wasm");
  const server = new Victim("server", [BINARY, "serve", history, "--domain", domain, "--port", String(port)]);
  const opening = start([program, url, String(OPENING_CLIENT), join(directory, "opening"), "opening"]);
  expect(await once(opening, "exit")).toEqual([0, null]);

  const fileOf = (client: bigint): string => join(directory, `receipts-${client}`);
  const clients = CLIENTS.map(
    (client) => new Victim(`client ${client}`, [program, url, String(client), fileOf(client)]),
  );
  /** Bytes of receipts. */
  const written = (): number =>
    CLIENTS.reduce(
      (sum, client) => sum + (statSync(fileOf(client), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  for (let round = 0; round < ROUNDS; round++) {
    // One round in five kills whatever they are doing, while the server starts and recovers too; else it has answered before.
    const before = written();
    while (round % 5 !== 0 && written() === before) await sleep(5);
    await sleep(random.below(PAUSE_MAX_MILLISECONDS));
    const choice = random.below(5);
    if (choice < 3) await server.kill();
    if (choice >= 2) await clients[random.below(clients.length)]!.kill();
  }
  await Promise.all(clients.map((client) => client.end()));
  await server.end();
  const victims = [server, ...clients];
  expect(victims.flatMap(({ complaints }) => complaints)).toEqual([]);
  expect(server.kills).toBeGreaterThan(10);

  const engine = await open({ domain: ledgerIn("sealed"), history: fileHistory(history) });
  const bySource = new Map<
    string,
    { readonly seq: bigint; readonly digest: string; readonly outcome: string }
  >();
  const last = new Map<bigint, bigint>();
  for await (const frame of engine.frames()) {
    if (frame.type !== "command") continue;
    const { client, seq: n } = frame.source!;
    // Exactly once, in order, and nothing between.
    expect(n).toBe((last.get(client) ?? 0n) + 1n);
    last.set(client, n);
    const { name, payload } = client === OPENING_CLIENT ? OPENING[Number(n) - 1]! : transferAt(client, n);
    expect(frame.command).toBe(name);
    expect(frame.payload).toMatchObject(payload);
    bySource.set(`${client} ${n}`, { seq: frame.seq, digest: frame.digest, outcome: frame.outcome });
  }
  let acknowledged = 0;
  for (const client of CLIENTS) {
    for (const { sourceSeq, seq, digest, outcome } of receiptsOf(client, fileOf(client))) {
      expect(bySource.get(`${client} ${sourceSeq}`)).toEqual({ seq, digest, outcome });
      acknowledged++;
    }
  }
  expect(acknowledged).toBeGreaterThan(500);
  const { identical, frames } = await engine.audit();
  expect(identical).toBe(true);
  await engine.close();
  const kills = victims.map(({ name, kills: count }) => `${name} ${count}`).join(", ");
  console.log(`kills: ${kills}; ${frames} frames, ${acknowledged} receipts written down`);
});
