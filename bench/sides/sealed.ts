/**
 * The sealed exchange: the executor alone, and the engine in memory and durable, in batches and one promise a command.
 *
 * Responsible for: sending the stream and checking every trade. Batches arrive encoded, as they would from a network: they
 * are filled before the clock runs, and receipts are decoded after it has stopped. `submit` is timed with everything.
 */
import { type CommandBatch, fileHistory, memoryHistory, open, type Receipts } from "statevec/node";
import { exchangeIn } from "../../examples/exchange/lane.ts";
import { memoryHistory as inlineHistory } from "../../src/history/memory.ts";
import { BatchMarket } from "../batch-market.ts";
import {
  commandAt,
  type Exchange,
  type ExchangeEngine,
  marketCommands,
  restingOrders,
  TradeTally,
} from "../commands.ts";
import { generateStream, type OrderStream, SEED_ORDERS } from "../stream.ts";
import { perSecond, requireSame, type Side, type SideOptions } from "./side.ts";

/** Commands of one batch. */
const AT_ONCE = 1_000;
/** So many batches are on their way, so that the engine executes while one becomes durable. */
const ON_THEIR_WAY = 4;
/** So many promises of `submit` are on their way. */
const WINDOW = 1_024;

/** Fills batches with a part of the stream. */
function fill(stream: OrderStream, from: number, to: number, batchOf: () => CommandBatch<Exchange>) {
  const batches: CommandBatch<Exchange>[] = [];
  for (let start = from; start < to; start += AT_ONCE) {
    const batch = batchOf();
    for (let position = start; position < Math.min(start + AT_ONCE, to); position++) {
      const { name, payload, source } = commandAt(stream, position);
      batch.add(name, payload as never, { source });
    }
    batches.push(batch);
  }
  return batches;
}

// ---- the executor alone ----------------------------------------------------------------------------------

/** No digests, no history, no receipts. */
export async function startSealedExecutor({ instruments, turns, perTurn }: SideOptions): Promise<Side> {
  const market = await BatchMarket.open(instruments);
  const stream = generateStream(instruments, turns * perTurn);
  const newBatch = () => market.newBatch();
  for (const batch of fill(stream, 0, SEED_ORDERS, newBatch)) market.run(batch);
  return {
    turn(turn) {
      const from = SEED_ORDERS + turn * perTurn;
      const batches = fill(stream, from, from + perTurn, newBatch);
      const start = performance.now();
      for (const batch of batches) market.run(batch);
      return { perSecond: perSecond(perTurn, performance.now() - start) };
    },
    finish() {
      requireSame("the sealed executor", { live: market.resting }, { live: stream.expected.live });
      return {};
    },
  };
}

// ---- the engine ------------------------------------------------------------------------------------------

class SealedMarket {
  readonly stream: OrderStream;
  readonly engine: ExchangeEngine;
  readonly tally = new TradeTally();

  private constructor(stream: OrderStream, engine: ExchangeEngine) {
    this.stream = stream;
    this.engine = engine;
  }

  static async open({ instruments, turns, perTurn, directory, digests }: SideOptions): Promise<SealedMarket> {
    const inMemory = digests === "inline" ? inlineHistory() : memoryHistory();
    const history = directory === "" ? inMemory : fileHistory(directory);
    const engine = await open({ domain: exchangeIn("sealed").domain, history });
    const market = new SealedMarket(generateStream(instruments, turns * perTurn), engine);
    await engine.submitMany(marketCommands(instruments));
    await market.sendBatches(0, SEED_ORDERS);
    return market;
  }

  /** Sends a part of the stream in batches; milliseconds until the last is durable. */
  async sendBatches(from: number, to: number): Promise<number> {
    const batches = fill(this.stream, from, to, () => this.engine.newBatch());
    const all: Receipts<Exchange>[] = [];
    const onTheirWay: Promise<Receipts<Exchange>>[] = [];
    const start = performance.now();
    for (const batch of batches) {
      onTheirWay.push(this.engine.submitBatch(batch));
      if (onTheirWay.length === ON_THEIR_WAY) all.push(await onTheirWay.shift()!);
    }
    for (const receipts of onTheirWay) all.push(await receipts);
    const milliseconds = performance.now() - start;
    for (const receipts of all) for (const receipt of receipts) this.tally.add(receipt);
    return milliseconds;
  }

  /** Sends a part of the stream with a promise for each command; everything is timed. */
  async sendEach(from: number, to: number): Promise<number> {
    const start = performance.now();
    const onTheirWay: Promise<void>[] = [];
    let failure: unknown;
    for (let position = from; position < to; position++) {
      const { name, payload, source } = commandAt(this.stream, position);
      onTheirWay.push(
        this.engine.submit(name, payload as never, { source }).then(
          (receipt) => this.tally.add(receipt),
          (error: unknown) => {
            failure ??= error;
          },
        ),
      );
      if (onTheirWay.length < WINDOW) continue;
      await Promise.all(onTheirWay.splice(0, WINDOW / 2));
      if (failure !== undefined) throw failure;
    }
    await Promise.all(onTheirWay);
    if (failure !== undefined) throw failure;
    return performance.now() - start;
  }

  async finish(): Promise<void> {
    const { trades, volume, digest } = this.tally;
    const live = await this.engine.read((view) => restingOrders(view, this.stream.instruments));
    await this.engine.close();
    requireSame("the sealed exchange", { trades, volume, live, digest }, this.stream.expected);
  }
}

function sideOf(
  options: SideOptions,
  send: (market: SealedMarket, from: number, to: number) => Promise<number>,
) {
  return async (): Promise<Side> => {
    const market = await SealedMarket.open(options);
    return {
      async turn(turn) {
        const from = SEED_ORDERS + turn * options.perTurn;
        const milliseconds = await send(market, from, from + options.perTurn);
        return { perSecond: perSecond(options.perTurn, milliseconds) };
      },
      async finish() {
        await market.finish();
        return {};
      },
    };
  };
}

/** Encoded batches of 1,000. */
export function startSealedBatches(options: SideOptions): Promise<Side> {
  return sideOf(options, (market, from, to) => market.sendBatches(from, to))();
}

/** `submit`, a promise each. */
export function startSealedSubmit(options: SideOptions): Promise<Side> {
  return sideOf(options, (market, from, to) => market.sendEach(from, to))();
}

// ---- latency ---------------------------------------------------------------------------------------------

/**
 * Durable latency, open loop: commands arrive at a fixed rate whatever the engine does, and each is timed from its arrival,
 * so that waiting counts too.
 */
export async function startSealedLatency(options: SideOptions): Promise<Side> {
  const market = await SealedMarket.open(options);
  return {
    async turn(turn) {
      const from = SEED_ORDERS + turn * options.perTurn;
      const latencies = new Float64Array(options.perTurn);
      // Nobody keeps the promises: 100,000 a second that outlive a collection would be what is measured.
      let answered = 0;
      let failure: unknown;
      const perMillisecond = options.group / 1000;
      const start = performance.now();
      let sent = 0;
      while (sent < options.perTurn) {
        const due = Math.min(options.perTurn, Math.floor((performance.now() - start) * perMillisecond));
        for (; sent < due; sent++) {
          const arrival = start + sent / perMillisecond;
          const index = sent;
          const { name, payload, source } = commandAt(market.stream, from + sent);
          market.engine.submit(name, payload as never, { source }).then(
            (receipt) => {
              answered++;
              latencies[index] = performance.now() - arrival;
              market.tally.add(receipt);
            },
            (error: unknown) => {
              failure ??= error;
            },
          );
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
      while (answered < options.perTurn && failure === undefined) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (failure !== undefined) throw failure;
      latencies.sort();
      const at = (part: number) =>
        latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))]!;
      return { p50: at(0.5), p99: at(0.99) };
    },
    async finish() {
      await market.finish();
      return {};
    },
  };
}
