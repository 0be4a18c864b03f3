/**
 * Histories of the exchange on a disk, to be audited on Node and in a page.
 *
 * Responsible for: making them, and their files as bytes.
 * Not responsible for: any expectation.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Domain, defineDomain } from "statevec";
import { fileHistory, open } from "statevec/node";
import { exchange } from "../../examples/exchange/exchange.handlers.ts";
import { type Exchange, Feed, MessageClock } from "../../examples/exchange/feed.ts";
import { generateLobster } from "../../examples/exchange/generate.ts";
import { parseLobster } from "../../examples/exchange/lobster.ts";
import { programOf } from "../../src/engine/domain.ts";
import type { FilesByName } from "./page-server.ts";

const MESSAGES = 2_000;
const HISTORY_ID = "b0".repeat(16);
/** Messages that are sent at once: a batch. */
const GROUP = 100;
/** Small, so that there are several. */
const SEGMENT_BYTES = 1 << 17;

/** Makes a history in a directory, in two turns: the second claim copies the segment that the first one wrote to. */
export async function makeHistory(directory: string, domain: Domain<Exchange> = exchange): Promise<void> {
  const messages = parseLobster(generateLobster(MESSAGES, 3));
  const clock = new MessageClock();
  const options = { segmentSizeMin: SEGMENT_BYTES, segmentSizeMax: SEGMENT_BYTES };
  const openAgain = () =>
    open({ domain, history: fileHistory(directory, options), clock, historyId: HISTORY_ID });
  const engine = await openAgain();
  const feed = new Feed(engine);
  await feed.openMarket();
  for (let at = 0; at < messages.length; at += GROUP) {
    const group = messages.slice(at, at + GROUP).map((message) => {
      clock.set(message.timeNs);
      return feed.send(message);
    });
    await Promise.all(group);
  }
  await engine.close();
  const again = await openAgain();
  await again.submit("CancelOrder", { orderId: 1n });
  await again.close();
}

/** The exchange with a handler that forgets to cancel. */
export function forgetfulExchange(): Domain<Exchange> {
  const program = programOf(exchange as unknown as Domain);
  if (program.lane !== "open") throw new Error("the exchange of the examples is of the open lane");
  const handlers = { ...program.handlers, CancelOrder() {} };
  return defineDomain(exchange.schema, { revision: 1, handlers: handlers as never });
}

/** The files of a history by their plain names, those of its modules too. */
export function filesIn(directory: string): FilesByName {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  );
  const byName = files.map(
    ({ name, parentPath }) => [name, new Uint8Array(readFileSync(join(parentPath, name)))] as const,
  );
  return new Map(byName.sort(([a], [b]) => (a < b ? -1 : 1)));
}
