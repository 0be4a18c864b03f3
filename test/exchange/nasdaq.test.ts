/**
 * A part of a real trading day, where the data is at hand: the figures that a correct price-time engine gets on it.
 *
 * The data is not part of the project. STATEVEC_SHARED names the folder that holds `data/`; beside the checkout it is found too.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { exchange } from "../../examples/exchange/exchange.handlers.ts";
import { parseLobster } from "../../examples/exchange/lobster.ts";
import { Progress } from "../../examples/exchange/progress.ts";
import { run } from "../../examples/exchange/run.ts";

const SHARED = process.env.STATEVEC_SHARED ?? fileURLToPath(new URL("../../../shared", import.meta.url));
const MESSAGES = join(SHARED, "data/amzn-2012-06-21-part1-messages.csv");
const BOOKS = join(SHARED, "data/amzn-2012-06-21-part1-book1.csv");

test("AMZN on NASDAQ, 2012-06-21: executions hit the recorded orders, quotes agree with the recorded book", async (context) => {
  context.skip(
    !existsSync(MESSAGES),
    `no real order flow at hand; put it in ${SHARED}/data or set STATEVEC_SHARED`,
  );
  const directory = mkdtempSync(join(tmpdir(), "statevec-nasdaq-"));
  const quotes: string[] = [];
  const result = await run({
    domain: exchange,
    messages: parseLobster(readFileSync(MESSAGES, "utf8")),
    directory,
    onQuotes: (line) => quotes.push(line.trimEnd()),
    progress: new Progress(process.stderr),
  }).finally(() => rmSync(directory, { recursive: true, force: true }));

  expect(result.tally).toMatchObject({
    messages: 15_734,
    skipped: 311,
    executions: 1_404,
    executionsHit: 1_403,
    executionsHitAtOnce: 1_402,
  });
  expect(result.tally.outcomes.faulted).toBe(0);
  expect(result.audit.identical).toBe(true);
  expect(agreement(readFileSync(BOOKS, "utf8").trimEnd().split("\n"), quotes)).toEqual({
    recorded: 12_000,
    askPrice: 10_940,
    bidPrice: 11_136,
    whole: 8_542,
  });
});

/** How many recorded books have the same best ask price, best bid price, and all four fields. */
function agreement(recorded: readonly string[], found: readonly string[]) {
  const counts = { recorded: 0, askPrice: 0, bidPrice: 0, whole: 0 };
  for (const [index, line] of recorded.entries()) {
    if (line.trim() === "") continue;
    const [askPrice, , bidPrice] = line.split(",");
    const [foundAskPrice, , foundBidPrice] = found[index]!.split(",");
    counts.recorded++;
    if (askPrice === foundAskPrice) counts.askPrice++;
    if (bidPrice === foundBidPrice) counts.bidPrice++;
    if (line.trim() === found[index]) counts.whole++;
  }
  return counts;
}
