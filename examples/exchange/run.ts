/**
 * One run of the exchange: a durable history made from messages, then closed, opened again and audited.
 *
 * Responsible for: the order of things, and keeping a bounded number of commands on their way.
 * Not responsible for: arguments and printing (main.ts, report.ts).
 *
 * I1. Messages are sent in file order, each at its own time; so the history depends on the messages alone, not on
 *     timing, batches or the disk.
 */
import { createHash } from "node:crypto";
import type { Frontier, History } from "statevec";
import { fileHistory, open } from "statevec/node";
import type { exchange } from "./exchange.handlers.ts";
import { type ExchangeEngine, Feed, MessageClock } from "./feed.ts";
import type { Message } from "./lobster.ts";
import type { Progress } from "./progress.ts";
import { type Quotes, quotesLine, readQuotes } from "./quotes.ts";
import { Tally } from "./tally.ts";

/** Names the history in its first digest. Fixed, so that the same messages make the same digests everywhere. */
const HISTORY_ID = new TextEncoder().encode("exchange-example");
/** Behind each body of a history. */
const DIGEST_BYTES = 32;
/** How many commands are on their way at most: enough to fill a batch while the one before is written. */
export const WINDOW = 1024;

export interface RunOptions {
  /** The exchange, in the lane that is to run it. */
  readonly domain: typeof exchange;
  readonly messages: readonly Message[];
  /** Directory of the history: new or empty. */
  readonly directory: string;
  /** Gets the best quotes after each message, a line each. */
  readonly onQuotes: ((line: string) => void) | undefined;
  readonly progress: Progress;
}

export interface RunResult {
  readonly tally: Tally;
  readonly best: Quotes;
  /** From sending the first message to the last durable receipt. */
  readonly seconds: number;
  readonly frontier: Frontier;
  /** SHA-256 over the bodies of all frames but the epoch frame, hex: what both lanes have in common. */
  readonly framesDigest: string;
  readonly audit: { readonly identical: boolean; readonly frames: bigint; readonly seconds: number };
}

export async function run(options: RunOptions): Promise<RunResult> {
  const clock = new MessageClock();
  const history = () => fileHistory(options.directory);
  clock.set(options.messages[0]?.timeNs ?? 0n);
  const { domain } = options;
  const engine = await open({ domain, history: history(), clock, historyId: HISTORY_ID });
  const tally = new Tally(options.messages.length);
  const seconds = await sendAll(options, engine, clock, tally);
  const best = await engine.read(readQuotes);
  const { frontier } = engine;
  await engine.close();

  options.progress.say("Opening again and auditing");
  const again = await open({ domain, history: history(), clock, historyId: HISTORY_ID });
  const start = performance.now();
  const report = await again.audit();
  const auditSeconds = (performance.now() - start) / 1000;
  await again.close();
  const framesDigest = await digestOfFrames(history());
  const identical = report.identical && report.frontier.digest === frontier.digest;
  return {
    tally,
    best,
    seconds,
    frontier,
    framesDigest,
    audit: { identical, frames: report.frames, seconds: auditSeconds },
  };
}

/** The chain begins with the epoch frame, which names the program; behind it every lane makes the same bodies. */
async function digestOfFrames(history: History): Promise<string> {
  const hash = createHash("sha256");
  for await (const { bytes } of history.read({ from: 2n })) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < bytes.length; ) {
      const end = at + view.getUint32(at, true);
      hash.update(bytes.subarray(at, end));
      at = end + DIGEST_BYTES;
    }
  }
  return hash.digest("hex");
}

/** Sends every message with at most WINDOW on their way, and waits for the last receipt. */
async function sendAll(
  { messages, onQuotes, progress }: RunOptions,
  engine: ExchangeEngine,
  clock: MessageClock,
  tally: Tally,
): Promise<number> {
  const feed = new Feed(engine);
  await feed.openMarket();
  // The receipt of each message on its way, at its number modulo WINDOW. Receipts come in the order of sending.
  const onTheirWay: (Promise<void> | undefined)[] = new Array(WINDOW);
  const failures: unknown[] = [];
  const start = performance.now();
  for (const [index, message] of messages.entries()) {
    await onTheirWay[index % WINDOW];
    if (failures.length > 0) throw failures[0];
    clock.set(message.timeNs);
    const sentAt = performance.now();
    onTheirWay[index % WINDOW] = feed.send(message)?.then(
      (receipt) => tally.add(message, receipt, performance.now() - sentAt),
      (failure: unknown) => void failures.push(failure),
    );
    tally.countMessage(onTheirWay[index % WINDOW] === undefined);
    if (onQuotes) onQuotes(quotesLine(engine.readExecuted(readQuotes).value));
    progress.show("Sending", index + 1, messages.length);
  }
  await Promise.all(onTheirWay);
  if (failures.length > 0) throw failures[0];
  return (performance.now() - start) / 1000;
}
