/**
 * `npm run service`: the exchange behind HTTP, under load, then audited.
 *
 * Responsible for: arguments, the two processes (server.ts, load.ts), the audit, what is printed, exit codes (0 good, 1
 * failed, 2 wrong arguments). Not responsible for: what either process does.
 */
import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { Frontier } from "statevec";
import { fileHistory, open } from "statevec/node";
import { newDirectory, PlainError } from "../directory.ts";
import { exchangeIn, LANES, type LaneName } from "../lane.ts";
import type { FromServer, Load, LoadResult } from "./messages.ts";
import { isGood, jsonReport, type ServiceRun, textReport } from "./report.ts";

interface Arguments {
  readonly clients: number;
  readonly batch: number;
  readonly seconds: number;
  readonly commands?: number;
  readonly lane?: LaneName;
  readonly out?: string;
  readonly json?: boolean;
}

function from1To(max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,8}$/.test(text) ? Number(text) : 0;
    if (value >= 1 && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from 1 to ${max}.`);
  };
}

const program = new Command("npm run service --")
  .description(
    "Starts the exchange as a service, puts it under load from clients in a second process, audits its history.",
  )
  .option("--clients <count>", "clients at once, each a stream of its own", from1To(256), 4)
  .option("--batch <count>", "commands of a request, at most", from1To(4_096), 256)
  .addOption(
    new Option("--seconds <count>", "how long").argParser(from1To(3_600)).default(10).conflicts("commands"),
  )
  .option("--commands <count>", "how many commands in all, instead of how long", from1To(10_000_000))
  .addOption(
    new Option("--lane <name>", "which handlers run (default: sealed when it is built)").choices(LANES),
  )
  .option("--out <dir>", "directory of the history, new or empty (default: a new one under data/)")
  .option("--json", "print one JSON object on stdout, nothing else")
  .allowExcessArguments(false)
  .exitOverride();

async function main(): Promise<void> {
  const { clients, batch, seconds, commands, json, ...options } = program.parse().opts<Arguments>();
  const directory = newDirectory(options.out, "exchange-service");
  const { lane, domain } = exchangeIn(options.lane);
  const token = randomBytes(16).toString("hex");

  const until = commands === undefined ? { seconds } : { commands };
  const server = new Program("server", [directory, lane], { TOKEN: token });
  const { url } = await server.message<{ url: string }>();
  const load: Load = { url, clients, batch, until };
  const { result, frontier } = await putUnderLoad(server, load, token);

  const engine = await open({ domain, history: fileHistory(directory) });
  const startedAt = performance.now();
  const report = await engine.audit();
  const auditSeconds = (performance.now() - startedAt) / 1_000;
  await engine.close();
  const identical = report.identical && report.frontier.digest === frontier.digest;
  const audit = { identical, frames: report.frames, seconds: auditSeconds };

  const run: ServiceRun = { lane, directory, load, result, frontier, audit };
  process.stdout.write(json ? `${JSON.stringify(jsonReport(run))}\n` : textReport(run));
  if (!isGood(run)) process.exitCode = 1;
}

/** Runs the load generator to its end, then drains the server; neither outlives a failure of the other. */
async function putUnderLoad(server: Program, load: Load, token: string) {
  const generator = new Program("load", [], { TOKEN: token, LOAD: JSON.stringify(load) });
  try {
    const result = await Promise.race([generator.message<LoadResult>(), server.failure]);
    server.process.kill("SIGTERM");
    const { frontier } = await server.message<{ frontier: Frontier }>();
    return { result, frontier };
  } finally {
    generator.process.kill();
    server.process.kill("SIGTERM");
  }
}

/** A program that stands beside this one, in a process of its own. */
class Program {
  readonly process: ChildProcess;
  /** Rejects when the process ends. */
  readonly failure: Promise<never>;

  constructor(name: "server" | "load", args: readonly string[], env: Record<string, string>) {
    const file = fileURLToPath(new URL(`./${name}${extname(import.meta.url)}`, import.meta.url));
    this.process = fork(file, args, { env: { ...process.env, ...env }, serialization: "advanced" });
    this.failure = once(this.process, "exit").then(([code, signal]) => {
      throw new PlainError(`${name} has ended early, with ${signal ?? code}`);
    });
    this.failure.catch(() => {}); // Nobody may be waiting for it.
  }

  /** What it says next. @throws {PlainError} it ends instead */
  async message<Message extends FromServer | LoadResult>(): Promise<Message> {
    const [message] = await Promise.race([once(this.process, "message"), this.failure]);
    return message as Message;
  }
}

/** Ctrl-C reaches all three processes: the server drains, the generator ends, and then so does this one. */
process.on("SIGINT", () => {});

try {
  await main();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    const text = error instanceof PlainError ? error.message : String((error as Error).stack ?? error);
    process.stderr.write(`${text}\n`);
    process.exitCode = 1;
  }
}
