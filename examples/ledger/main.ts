/**
 * `npm run ledger`: runs made-up days of payments over a file history, and shows that no money was made or lost.
 *
 * Responsible for: arguments, the run, what is printed, exit codes (0 good, 1 failed, 2 wrong arguments).
 * Not responsible for: the commands (generate.ts), following sums through frames (sums.ts), how the ledger is reached
 * (access.ts).
 *
 * The clock stands at the time of each command and the history id is fixed, so the digests depend on count and seed alone; but
 * not over a service, where commands arrive some time after they were sent.
 */
import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { Engine, Receipt } from "statevec";
import { fileHistory, open } from "statevec/node";
import { type Access, direct, overHttp } from "./access.ts";
import { generateCommands, type Ledger, type TimedCommand } from "./generate.ts";
import { LANES, type LaneName, ledgerIn } from "./lane.ts";
import { AMOUNT_SCALE, Role } from "./ledger.schema.ts";
import { Sums } from "./sums.ts";

const HISTORY_ID = new TextEncoder().encode("ledger---example");
/** How many commands are on their way at most. */
const WINDOW = 1_024;

interface Arguments {
  readonly commands: number;
  readonly seed: number;
  readonly lane: LaneName;
  readonly service: boolean;
}

function wholeNumber(text: string): number {
  if (/^\d{1,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a whole number of at most eight digits.");
}

const program = new Command("npm run ledger --")
  .description("Runs days of payments through the ledger into a durable history, then proves the history.")
  .option("--commands <count>", "how many", wholeNumber, 50_000)
  .option("--seed <number>", "of the commands", wholeNumber, 1)
  .addOption(new Option("--lane <name>", "which handlers run").choices(LANES).default("sealed"))
  .option("--service", "over HTTP: the engine behind a service, a client sends", false)
  .allowExcessArguments(false)
  .exitOverride();

async function main(): Promise<boolean> {
  const { commands: count, seed, lane, service } = program.parse().opts<Arguments>();
  mkdirSync("data", { recursive: true });
  const directory = mkdtempSync(join("data", "ledger-"));
  const domain = ledgerIn(lane);
  const clock = new CommandClock();
  const openLedger = () => open({ domain, history: fileHistory(directory), clock, historyId: HISTORY_ID });
  const reach = (engine: Engine<Ledger>) => (service ? overHttp(engine) : direct(engine));

  let engine = await openLedger();
  let access = await reach(engine);
  const outcomes = await sendAll(access, clock, generateCommands(count, seed));
  const { digest } = engine.frontier;
  await access.close();

  engine = await openLedger();
  access = await reach(engine);
  const { identical, frames } = await engine.audit();
  const sums = new Sums();
  let unbalanced = 0;
  for await (const frame of access.frames()) if (sums.add(frame).length > 0) unbalanced++;
  await access.close();

  const kept = `${group(frames - BigInt(unbalanced))} of ${group(frames)} frames`;
  const report = [
    line("lane", service ? `${lane}, over HTTP` : lane),
    ...[...outcomes].sort().map(([outcome, times]) => line(outcome, group(times))),
    ...balanceLines(sums),
    line("conserved", `${kept} leave every currency at zero`),
    line("audit", identical ? "the replay is identical" : "THE REPLAY DIFFERS"),
    line("digest", digest),
    line("history", directory),
  ];
  process.stdout.write(report.join(""));
  return identical && unbalanced === 0;
}

/** Stands still until it is told the time. */
class CommandClock {
  timeNs = 0n;

  nowNs(): bigint {
    return this.timeNs;
  }
}

/** Sends every command at its time. @returns how many came to what */
async function sendAll(
  access: Access,
  clock: CommandClock,
  commands: Iterable<TimedCommand>,
): Promise<Map<string, number>> {
  const outcomes = new Map<string, number>();
  const count = (receipt: Receipt<Ledger>) => {
    const key = receipt.outcome === "committed" ? "committed" : `${receipt.outcome} ${receipt.code}`;
    outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
  };
  let onTheirWay: Promise<void>[] = [];
  for (const command of commands) {
    clock.timeNs = command.timeNs;
    onTheirWay.push(access.submit(command).then(count));
    if (onTheirWay.length < WINDOW) continue;
    await Promise.all(onTheirWay);
    onTheirWay = [];
  }
  await Promise.all(onTheirWay);
  return outcomes;
}

// ---- what is printed -------------------------------------------------------------------------------------

function line(name: string, ...values: string[]): string {
  return `${name.padEnd(30)}${values.join("")}\n`;
}

function group(value: number | bigint): string {
  return value.toLocaleString("en");
}

function amountText(amount: bigint, places: number): string {
  const units = amount / 10n ** BigInt(AMOUNT_SCALE - places);
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, "0");
  const whole = group(BigInt(digits.slice(0, digits.length - places)));
  const fraction = places === 0 ? "" : `.${digits.slice(-places)}`;
  return `${units < 0n ? "-" : ""}${whole}${fraction}`;
}

/** A line for each currency: what its accounts have posted, by role, and their sum. */
function balanceLines(sums: Sums): string[] {
  const roles = Object.keys(Role.values);
  const accounts = [...sums.accounts.values()];
  const lines = [line("", ...[...roles, "sum"].map((title) => title.padStart(22)))];
  for (const [sysId, { name, places }] of sums.currencies) {
    const own = accounts.filter(({ currency }) => currency === sysId);
    const byRole = roles.map((role) => total(own.filter((account) => account.role === role)));
    lines.push(line(name, ...[...byRole, total(own)].map((sum) => amountText(sum, places).padStart(22))));
  }
  return lines;
}

function total(accounts: readonly { readonly posted: bigint }[]): bigint {
  return accounts.reduce((sum, { posted }) => sum + posted, 0n);
}

try {
  if (!(await main())) process.exitCode = 1;
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(`${(error as Error).stack}\n`);
    process.exitCode = 1;
  }
}
