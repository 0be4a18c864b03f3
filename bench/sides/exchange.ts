/**
 * The example exchange, unchanged, on StateVec's open lane: in memory, durable, and one durable command at a time.
 *
 * Responsible for: sending the stream and checking every trade. The commands are made while the clock runs, as those of the
 * peers are.
 */
import { fileHistory, type History, memoryHistory, open } from "statevec/node";
import { exchange } from "../../examples/exchange/exchange.handlers.ts";
import {
  commandAt,
  commandsOf,
  type ExchangeEngine,
  marketCommands,
  restingOrders,
  TradeTally,
} from "../commands.ts";
import { generateStream, type OrderStream, SEED_ORDERS } from "../stream.ts";
import { perSecond, requireSame, type Side, type SideOptions } from "./side.ts";

/** Commands of one `submitMany`. */
const AT_ONCE = 1_000;
/** So many of them are on their way, so that the engine executes while a batch becomes durable. */
const ON_THEIR_WAY = 4;

/** An exchange with its market open and the seed orders resting. */
export class Market {
  readonly stream: OrderStream;
  readonly engine: ExchangeEngine;
  readonly tally = new TradeTally();

  private constructor(stream: OrderStream, engine: ExchangeEngine) {
    this.stream = stream;
    this.engine = engine;
  }

  static async open(history: History, instruments: number, mixedCommands: number): Promise<Market> {
    const engine = await open({ domain: exchange, history });
    const market = new Market(generateStream(instruments, mixedCommands), engine);
    await engine.submitMany(marketCommands(instruments));
    await market.send(0, SEED_ORDERS);
    return market;
  }

  /** Sends a part of the stream and reads every receipt. */
  async send(from: number, to: number): Promise<void> {
    const onTheirWay: ReturnType<ExchangeEngine["submitMany"]>[] = [];
    for (let at = from; at < to; at += AT_ONCE) {
      onTheirWay.push(this.engine.submitMany(commandsOf(this.stream, at, Math.min(at + AT_ONCE, to))));
      if (onTheirWay.length === ON_THEIR_WAY) await this.#take(onTheirWay.shift()!);
    }
    for (const receipts of onTheirWay) await this.#take(receipts);
  }

  /** Sends one command and waits until it is durable. */
  async sendOne(position: number): Promise<void> {
    const { name, payload, source } = commandAt(this.stream, position);
    this.tally.add(await this.engine.submit(name, payload, { source }));
  }

  async #take(receipts: ReturnType<ExchangeEngine["submitMany"]>): Promise<void> {
    for (const receipt of await receipts) this.tally.add(receipt);
  }

  /** Compares with the reference book after the whole stream, and closes. */
  async finish(): Promise<void> {
    const { trades, volume, digest } = this.tally;
    const live = await this.engine.read((view) => restingOrders(view, this.stream.instruments));
    await this.engine.close();
    requireSame("the exchange", { trades, volume, live, digest }, this.stream.expected);
  }
}

function historyOf({ directory }: SideOptions): History {
  return directory === "" ? memoryHistory() : fileHistory(directory);
}

/** Many commands on their way: frames become durable in groups as large as they happen to be. */
export async function startExchange(options: SideOptions): Promise<Side> {
  const { instruments, turns, perTurn } = options;
  const market = await Market.open(historyOf(options), instruments, turns * perTurn);
  return {
    async turn(turn) {
      const from = SEED_ORDERS + turn * perTurn;
      const start = performance.now();
      await market.send(from, from + perTurn);
      return { perSecond: perSecond(perTurn, performance.now() - start) };
    },
    async finish() {
      await market.finish();
      return {};
    },
  };
}

/** One command at a time: the next is sent when the one before is durable. */
export async function startExchangeSingle(options: SideOptions): Promise<Side> {
  const { instruments, turns, perTurn } = options;
  const market = await Market.open(historyOf(options), instruments, turns * perTurn);
  return {
    async turn(turn) {
      const from = SEED_ORDERS + turn * perTurn;
      const start = performance.now();
      for (let position = from; position < from + perTurn; position++) await market.sendOne(position);
      return { perSecond: perSecond(perTurn, performance.now() - start) };
    },
    async finish() {
      await market.finish();
      return {};
    },
  };
}
