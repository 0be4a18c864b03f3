/**
 * Both lanes over long streams: the order stream of the benchmark, a real trading day.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sealedDomain } from "statevec";
import { describe, expect, test } from "vitest";
import { commandsOf, marketCommands } from "../../bench/commands.ts";
import { generateStream } from "../../bench/stream.ts";
import { exchange } from "../../examples/exchange/exchange.handlers.ts";
import { schema as exchangeSchema } from "../../examples/exchange/exchange.schema.ts";
import { parseLobster } from "../../examples/exchange/lobster.ts";
import { Progress } from "../../examples/exchange/progress.ts";
import { run } from "../../examples/exchange/run.ts";
import type { Domain } from "../../src/engine/domain.ts";
import { exampleModule } from "./examples.ts";
import type { Command } from "./executing.ts";
import { compareOneByOne, engineBodies, type Lanes } from "./lanes.ts";

const SHARED = process.env.STATEVEC_SHARED ?? fileURLToPath(new URL("../../../shared", import.meta.url));
const MESSAGES = join(SHARED, "data/amzn-2012-06-21-part1-messages.csv");
/** Of the stream's 1,100,000. */
const STREAM_PART = 12_000;

const sealedExchange = () => sealedDomain(exampleModule("exchange"), { schema: exchangeSchema });
const lanes = (): Lanes => ({
  open: exchange as unknown as Domain,
  sealed: sealedExchange() as unknown as Domain,
});

describe.each([1, 100])("the order stream on %i instrument(s)", (instruments) => {
  test("makes the same frames one by one and in batches", async () => {
    const stream = generateStream(instruments);
    const commands: Command[] = [...marketCommands(instruments), ...commandsOf(stream, 0, STREAM_PART)];
    await compareOneByOne(lanes(), commands);
    const bodies = await engineBodies(lanes().open, commands, "submitMany");
    const sealed = await engineBodies(lanes().sealed, commands, "submitBatch");
    expect(sealed.length).toBe(commands.length);
    expect(Buffer.compare(Buffer.concat(sealed), Buffer.concat(bodies))).toBe(0);
  }, 120_000);
});

test("AMZN on NASDAQ, 2012-06-21: the same frames and the same executions", async (context) => {
  context.skip(
    !existsSync(MESSAGES),
    `no real order flow at hand; put it in ${SHARED}/data or set STATEVEC_SHARED`,
  );
  const messages = parseLobster(readFileSync(MESSAGES, "utf8"));
  const runIn = async (domain: typeof exchange) => {
    const directory = mkdtempSync(join(tmpdir(), "statevec-sealed-"));
    const options = {
      domain,
      messages,
      directory,
      onQuotes: undefined,
      progress: new Progress(process.stderr),
    };
    return run(options).finally(() => rmSync(directory, { recursive: true, force: true }));
  };
  const open = await runIn(exchange);
  const sealed = await runIn(sealedExchange());
  expect(sealed.framesDigest).toBe(open.framesDigest);
  expect(sealed.tally).toMatchObject({ messages: 15_734, executions: 1_404, executionsHit: 1_403 });
  expect(sealed.audit).toMatchObject({ identical: true, frames: sealed.frontier.seq });
  expect(sealed.frontier.digest).not.toBe(open.frontier.digest); // the first frame names the program
}, 120_000);
