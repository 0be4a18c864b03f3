/** What a run came to: as text for people, as one object for programs. */
import type { LaneName } from "./lane.ts";
import type { Quote } from "./quotes.ts";
import { type RunResult, WINDOW } from "./run.ts";

/** Commands a second, and frames a second of the audit. */
function rate(count: number, seconds: number): number {
  return Math.round(count / Math.max(seconds, 1e-6));
}

function commandsOf({ tally }: RunResult): number {
  return tally.outcomes.committed + tally.outcomes.rejected + tally.outcomes.faulted;
}

/** A number where it is exact, else its digits. */
function jsonNumber(value: bigint): number | string {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();
}

function jsonQuote(quote: Quote | undefined): (number | string)[] | null {
  return quote === undefined ? null : quote.map(jsonNumber);
}

/** The object that `--json` prints. */
export function jsonReport(result: RunResult, lane: LaneName) {
  const { tally, best, frontier, framesDigest, audit } = result;
  return {
    lane,
    messages: tally.messages,
    skipped: tally.skipped,
    outcomes: tally.outcomes,
    trades: tally.trades,
    executions: tally.executions,
    executionsHit: tally.executionsHit,
    executionsHitAtOnce: tally.executionsHitAtOnce,
    best: { bid: jsonQuote(best.bid), ask: jsonQuote(best.ask) },
    throughput: rate(commandsOf(result), result.seconds),
    latencyUs: tally.latencyUs(),
    frontier: { seq: jsonNumber(frontier.seq), digest: frontier.digest },
    framesDigest,
    audit: {
      identical: audit.identical,
      frames: jsonNumber(audit.frames),
      framesPerSecond: rate(Number(audit.frames), audit.seconds),
    },
  };
}

function group(value: number | bigint): string {
  return value.toLocaleString("en");
}

/** A price of the format (1/10,000) as currency. */
function formatQuote(quote: Quote | undefined): string {
  if (quote === undefined) return "none";
  const [price, size] = quote;
  return `${price / 10_000n}.${(price % 10_000n).toString().padStart(4, "0")} x ${group(size)}`;
}

/**
 * The lines that a run prints.
 * @param expected the digest over the frames, where it is known beforehand
 */
export function textReport(
  result: RunResult,
  lane: LaneName,
  directory: string,
  expected: string | undefined,
): string {
  const { tally, best, frontier, framesDigest, audit } = result;
  const { outcomes } = tally;
  const codes = [...tally.codes].map(([code, count]) => `${code} ${group(count)}`).join(", ");
  const { p50, p99 } = tally.latencyUs();
  const lines: [string, string][] = [
    [
      "lane",
      lane === "sealed" ? "sealed: handlers inside the WebAssembly module" : "open: handlers in TypeScript",
    ],
    ["messages", `${group(tally.messages)} (${group(tally.skipped)} skipped: no visible order)`],
    ["committed", group(outcomes.committed)],
    ["rejected", group(outcomes.rejected) + (codes === "" ? "" : ` (${codes})`)],
    ["faulted", group(outcomes.faulted)],
    ["trades", group(tally.trades)],
    [
      "executions",
      `${group(tally.executions)}, ${group(tally.executionsHit)} hit the order that the input names (${group(tally.executionsHitAtOnce)} at once)`,
    ],
    ["best bid", formatQuote(best.bid)],
    ["best ask", formatQuote(best.ask)],
    ["throughput", `${group(rate(commandsOf(result), result.seconds))} durable commands/s`],
    [
      "latency",
      `p50 ${group(p50)} us, p99 ${group(p99)} us (sent to durable, up to ${group(WINDOW)} on their way)`,
    ],
    ["frontier", `frame ${group(frontier.seq)}`],
    ["digest", frontier.digest],
    ["frames", framesDigest],
  ];
  if (expected !== undefined) {
    const verdict = expected === framesDigest ? "equal" : "DIFFERENT";
    lines.push(["expected", `${expected} (${verdict})`]);
  }
  const speed = group(rate(Number(audit.frames), audit.seconds));
  const verdict = audit.identical ? "the replay is identical" : "THE REPLAY DIFFERS";
  lines.push([
    "audit",
    `${group(audit.frames)} frames run again and compared, ${speed} frames/s: ${verdict}`,
  ]);
  lines.push(["history", directory]);
  return lines.map(([name, value]) => `${name.padEnd(12)}${value}\n`).join("");
}
