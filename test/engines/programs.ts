/**
 * Programs that make the same frames on every JavaScript engine: a fixed stream of commands, a fixed clock, a fixed id.
 *
 * Responsible for: running them, and what is compared.
 * Not responsible for: where they run. Nothing here needs more of a platform than WebAssembly.
 */
import {
  auditHistory,
  type Domain,
  type Frontier,
  type History,
  memoryHistory,
  open,
  sealedDomain,
} from "statevec";
import type { SchemaParts } from "statevec/schema";
import { exchange } from "../../examples/exchange/exchange.handlers.ts";
import { schema } from "../../examples/exchange/exchange.schema.ts";
import { Feed, MessageClock } from "../../examples/exchange/feed.ts";
import { generateLobster } from "../../examples/exchange/generate.ts";
import { parseLobster } from "../../examples/exchange/lobster.ts";
import { warehouse } from "./warehouse.ts";
import { warehouseStream } from "./warehouse-stream.ts";

/** What a program made. Two engines agree when all of it is equal. */
export interface Made {
  readonly program: string;
  readonly frames: string;
  /** Of the last frame: every byte of every frame is in it. */
  readonly digest: string;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Audit ran every command again and compared every byte. */
  readonly identical: boolean;
}

const HISTORY_ID = "5e".repeat(16);
const COMMANDS = 3_000;
/** Commands that are handed over at once. */
const GROUP = 256;

/** Counts outcomes by name and code. */
class Outcomes {
  readonly counts: Record<string, number> = {};

  add({ outcome, code }: { readonly outcome: string; readonly code?: string }): void {
    const name = code === undefined ? outcome : `${outcome} ${code}`;
    this.counts[name] = (this.counts[name] ?? 0) + 1;
  }
}

async function runExchange(name: string, domain: typeof exchange, count: number): Promise<Made> {
  const clock = new MessageClock();
  const history = memoryHistory();
  const engine = await open({ domain, history, clock, historyId: HISTORY_ID });
  const outcomes = new Outcomes();
  const feed = new Feed(engine);
  await feed.openMarket();
  for (const message of parseLobster(generateLobster(count, 7))) {
    clock.set(message.timeNs);
    const receipt = await feed.send(message);
    if (receipt !== undefined) outcomes.add(receipt);
  }
  await engine.close();
  return judge(name, domain, history, engine.frontier, outcomes);
}

async function runWarehouse(count: number): Promise<Made> {
  const clock = new MessageClock();
  const history = memoryHistory();
  const engine = await open({ domain: warehouse, history, clock, historyId: HISTORY_ID });
  const outcomes = new Outcomes();
  const commands = warehouseStream(count, 11);
  for (let at = 0; at < commands.length; at += GROUP) {
    clock.set(BigInt(at) * 1_000_000_007n);
    for (const receipt of await engine.submitMany(commands.slice(at, at + GROUP))) outcomes.add(receipt);
  }
  await engine.close();
  return judge("warehouse", warehouse, history, engine.frontier, outcomes);
}

async function judge<P extends SchemaParts>(
  program: string,
  domain: Domain<P>,
  history: History,
  { seq, digest }: Frontier,
  outcomes: Outcomes,
): Promise<Made> {
  const report = await auditHistory({ domain, history });
  const identical = report.identical && report.frontier.digest === digest;
  return { program, frames: `${seq}`, digest, outcomes: outcomes.counts, identical };
}

/**
 * Runs every program, one after the other.
 * @param module the sealed exchange, as the build made it
 * @param count commands of each
 */
export async function runPrograms(module: Uint8Array, count = COMMANDS): Promise<Made[]> {
  const sealed = sealedDomain(module, { schema });
  return [
    await runExchange("exchange", exchange, count),
    await runExchange("sealed exchange", sealed, count),
    await runWarehouse(count),
  ];
}
