/**
 * The load generator: several clients of the service at once, each a trader.
 *
 *     load     with what is to be done as JSON in LOAD, and TOKEN, in the environment
 *
 * Responsible for: keeping every client busy, and proof from the frames that each submission was executed once. Tells its
 * parent the result. Not responsible for: what is submitted (trader.ts).
 */
import { connect } from "statevec/client";
import { schema } from "../exchange.schema.ts";
import { Progress } from "../progress.ts";
import type { Load, LoadResult, Proof } from "./messages.ts";
import { Tally } from "./tally.ts";
import { Trader } from "./trader.ts";

/** One client number for the generator; each trader is a stream of it. */
const CLIENT = 1n;
const PROGRESS_MS = 200;

const load: Load = JSON.parse(process.env.LOAD ?? "");
const token = process.env.TOKEN;
const progress = new Progress(process.stderr);
const tally = new Tally();
let retries = 0;
// The parent has the result, or is gone: then nobody would end this process.
process.once("disconnect", () => process.exit());

const traders = await Promise.all(Array.from({ length: load.clients }, (_, index) => makeTrader(index + 1)));
await openMarket(traders);

const start = performance.now();
const display = setInterval(showProgress, PROGRESS_MS);
const goOn = untilEnough(load.until);
await Promise.all(traders.map((trader) => keepBusy(trader, 2 * load.batch, goOn)));
clearInterval(display);
const seconds = (performance.now() - start) / 1_000;

progress.say("Reading every frame back");
const proof = await prove(traders);
await Promise.all(traders.map(({ client }) => client.close()));
progress.clear();

const { outcomes, codes, trades } = tally;
const counts = { outcomes, codes, trades, latencyUs: tally.latencyUs(), retries };
const result: LoadResult = { submitted: tally.count, seconds, ...counts, proof };
process.send?.(result, () => process.disconnect());

async function makeTrader(stream: number): Promise<Trader> {
  const onRetry = () => void retries++;
  const { url, batch } = load;
  const client = await connect({ url, schema, client: CLIENT, stream, batch, token, onRetry });
  return new Trader(stream, client);
}

async function openMarket([first, ...others]: readonly Trader[]): Promise<void> {
  const receipts = [await first!.openMarket(), await first!.openAccount()];
  receipts.push(...(await Promise.all(others.map((trader) => trader.openAccount()))));
  const failed = receipts.find(({ outcome }) => outcome !== "committed");
  if (failed) throw new Error(`the market could not be opened: frame ${failed.seq} is ${failed.outcome}`);
}

/**
 * Submits for as long as it is to go on, with at most `window` submissions that have no receipt yet: a request on its way, and
 * the next one filling.
 */
async function keepBusy(trader: Trader, window: number, goOn: () => boolean): Promise<void> {
  const onTheirWay: (Promise<void> | undefined)[] = new Array(window);
  for (let number = 0; goOn(); number++) {
    const sentAt = performance.now();
    onTheirWay[number % window] = trader
      .trade()
      .then((receipt) => tally.add(receipt, performance.now() - sentAt));
    await onTheirWay[(number + 1) % window];
  }
  await Promise.all(onTheirWay);
}

/** Whether one more command is to be submitted. */
function untilEnough(until: Load["until"]): () => boolean {
  if ("seconds" in until) {
    const end = performance.now() + 1_000 * until.seconds;
    return () => performance.now() < end;
  }
  let left = until.commands;
  return () => left-- > 0;
}

/** Each submission has one frame, and its receipt is the receipt of that frame: so say the frames, as anybody can read them. */
async function prove(traders: readonly Trader[]): Promise<Proof> {
  const start = performance.now();
  let matched = 0;
  let problem: string | undefined;
  const seen = traders.map(() => 0);
  for await (const frame of traders[0]!.client.frames()) {
    if (frame.type !== "command" || frame.source?.client !== CLIENT) continue;
    const { stream, seq } = frame.source;
    const answer = traders[stream - 1]?.answers[Number(seq) - 1];
    const isNext = Number(seq) === ++seen[stream - 1]!;
    if (isNext && answer === frame.digest) matched++;
    else problem ??= `frame ${frame.seq} is of stream ${stream}, seq ${seq}, and no receipt says so`;
  }
  for (const { accountId, answers } of traders) {
    const frames = seen[accountId - 1]!;
    if (frames !== answers.length)
      problem ??= `stream ${accountId} has ${answers.length} receipts and ${frames} frames`;
  }
  return { matched, problem, seconds: (performance.now() - start) / 1_000 };
}

function showProgress(): void {
  const elapsed = (performance.now() - start) / 1_000;
  const rate = Math.round(tally.count / elapsed).toLocaleString("en");
  const trades = tally.trades.toLocaleString("en");
  progress.say(
    `${elapsed.toFixed(0)} s  ${tally.count.toLocaleString("en")} receipts  ${rate}/s  ${trades} trades`,
  );
}
