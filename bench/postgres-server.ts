/**
 * A PostgreSQL server of the benchmark's own: made in a temporary folder, on loopback, gone afterwards.
 *
 * Responsible for: starting it under a user that is not root (it refuses root), its settings, stopping it whatever happens.
 * Not responsible for: installing it (scripts/postgres.mjs), what it is asked (sides/postgres.ts).
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./places.ts";

/** The user of the package, for when we are root. */
const SYSTEM_USER = "postgres";
const START_SECONDS = 30;

/**
 * What a server with two cores and some GiB of memory is given for this work; where the default stands, it is best or does
 * not matter. Durability stays the default: fsync, full_page_writes and synchronous_commit on.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  fsync: "on",
  synchronous_commit: "on",
  // Everything stays in memory; what is read is never waited for.
  shared_buffers: "2GB",
  // No checkpoint within a run: neither its writes nor whole pages in the log after it. Segments of the log are made ahead.
  max_wal_size: "32GB",
  min_wal_size: "4GB",
  checkpoint_timeout: "1h",
  wal_buffers: "64MB",
  // The log is for recovery alone: the least is written.
  wal_level: "minimal",
  max_wal_senders: "0",
  // Updates stay on their page (fillfactor) and are pruned there, so a run of a minute leaves vacuum nothing worth its time.
  autovacuum: "off",
  track_counts: "off",
  track_activities: "off",
  update_process_title: "off",
  // Statements that run for 10 us: planned once, before there is anything in the tables, and so told to take the indexes.
  plan_cache_mode: "force_generic_plan",
  enable_seqscan: "off",
  enable_bitmapscan: "off",
  jit: "off",
  max_connections: "100",
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
};

export interface PostgresServer {
  readonly pid: number;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

interface PostgresScript {
  findPostgres(): { readonly path: string } | { readonly missing: string };
  installPostgres(): void;
}

async function script(): Promise<PostgresScript> {
  return (await import(pathToFileURL(join(root, "scripts/postgres.mjs")).href)) as PostgresScript;
}

/** Installs PostgreSQL if it can. Its version, or null and a sentence of why it is not there. */
export async function postgresVersion(): Promise<{ version: string } | { missing: string }> {
  const { findPostgres, installPostgres } = await script();
  installPostgres();
  const found = findPostgres();
  if ("missing" in found) return found;
  const { stdout } = spawnSync(join(found.path, "postgres"), ["--version"], { encoding: "utf8" });
  return { version: stdout.replace(/^.*?(\d[\d.]*).*$/s, "$1") };
}

/** Whom the server belongs to: nobody else when we are not root. */
function owner(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string) => Number(spawnSync("id", [flag, SYSTEM_USER], { encoding: "utf8" }).stdout);
  const [uid, gid] = [idOf("-u"), idOf("-g")];
  if (!uid || !gid) throw new Error(`no user "${SYSTEM_USER}": PostgreSQL does not run as root`);
  return { uid, gid };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** @param directory empty; becomes the server's */
export async function startPostgresServer(directory: string): Promise<PostgresServer> {
  const found = (await script()).findPostgres();
  if ("missing" in found) throw new Error(found.missing);
  const as = owner();
  const password = randomBytes(16).toString("hex");
  const passwordFile = join(directory, "password");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (as !== undefined) {
    chmodSync(dirname(directory), 0o711);
    for (const path of [directory, passwordFile]) chownSync(path, as.uid, as.gid);
  }
  const data = join(directory, "data");
  const options = { ...as, cwd: directory, env: { ...process.env, LC_ALL: "C" } };
  const made = spawnSync(
    join(found.path, "initdb"),
    ["-D", data, "-U", "bench", "-E", "UTF8", "--auth=scram-sha-256", `--pwfile=${passwordFile}`],
    { ...options, encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.error ?? made.stderr}`);
  const port = await freePort();
  const settings = Object.entries({ ...SETTINGS, port: `${port}` }).flatMap((pair) => ["-c", pair.join("=")]);
  const logFile = join(directory, "log");
  const log = openSync(logFile, "a");
  const child = spawn(join(found.path, "postgres"), ["-D", data, ...settings], {
    ...options,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const stop = stopper(child, directory);
  await ready(child, join(found.path, "pg_isready"), port, logFile);
  return { pid: child.pid!, port, user: "bench", password, stop };
}

/** The server must not outlive us. */
function stopper(child: ChildProcess, directory: string): () => Promise<void> {
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  // At once, without a last checkpoint: nobody reads the data again.
  const end = () => child.kill("SIGQUIT");
  process.once("exit", end);
  process.once("SIGTERM", () => process.exit(1));
  process.once("disconnect", () => process.exit(1));
  return async () => {
    end();
    await exited;
    process.off("exit", end);
    rmSync(directory, { recursive: true, force: true });
  };
}

async function ready(child: ChildProcess, isReady: string, port: number, logFile: string): Promise<void> {
  for (let tries = 0; tries < START_SECONDS * 10; tries++) {
    if (child.exitCode !== null) break;
    const { status } = spawnSync(isReady, ["-q", "-h", "127.0.0.1", "-p", `${port}`]);
    if (status === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`PostgreSQL did not start: ${readFileSync(logFile, "utf8")}`);
}
