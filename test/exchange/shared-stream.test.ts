/**
 * The order stream of the benchmark through the exchange: every trade of a reference book, in its order.
 *
 * Responsible for: the whole stream, 1,100,000 commands, on 1 and on 100 instruments.
 */
import { memoryHistory, open } from "statevec/node";
import { expect, test } from "vitest";
import { commandsOf, marketCommands, restingOrders, TradeTally } from "../../bench/commands.ts";
import { generateStream, type OrderStream } from "../../bench/stream.ts";
import { exchange } from "../../examples/exchange/exchange.handlers.ts";

const AT_ONCE = 4_000;
/** Some seconds each on a machine of its own. */
const TIMEOUT_MS = 300_000;

/** Known from independent matching engines, so that the generator and its reference book can not be wrong together. */
const KNOWN = [
  { instruments: 1, trades: 313_498, volume: 8_015_027, live: 110_946, digest: 404337027 },
  { instruments: 100, trades: 281_199, volume: 7_214_559, live: 142_640, digest: 3575387198 },
];

async function runExchange(stream: OrderStream) {
  const engine = await open({ domain: exchange, history: memoryHistory() });
  try {
    const tally = new TradeTally();
    await engine.submitMany(marketCommands(stream.instruments));
    for (let from = 0; from < stream.length; from += AT_ONCE) {
      const commands = commandsOf(stream, from, Math.min(from + AT_ONCE, stream.length));
      for (const receipt of await engine.submitMany(commands)) tally.add(receipt);
    }
    const live = await engine.read((view) => restingOrders(view, stream.instruments));
    const { trades, volume, digest } = tally;
    return { trades, volume, live, digest };
  } finally {
    await engine.close();
  }
}

test.each(KNOWN)(
  "the exchange makes every trade of the stream on $instruments instrument(s)",
  async ({ instruments, ...expected }) => {
    const stream = generateStream(instruments);
    expect(stream.expected).toEqual(expected);
    expect(await runExchange(stream)).toEqual(expected);
  },
  TIMEOUT_MS,
);
