/** What a run of the service came to: as text for people, as one object for programs. */
import type { Frontier } from "statevec";
import type { LaneName } from "../lane.ts";
import type { Load, LoadResult } from "./messages.ts";

export interface ServiceRun {
  readonly lane: LaneName;
  readonly directory: string;
  readonly load: Load;
  readonly result: LoadResult;
  /** Where the server stood when it had drained. */
  readonly frontier: Frontier;
  readonly audit: { readonly identical: boolean; readonly frames: bigint; readonly seconds: number };
}

/** Every submission has its one receipt, nothing faulted, and the history runs again to the same bytes. */
export function isGood({ result, audit }: ServiceRun): boolean {
  return result.proof.problem === undefined && result.outcomes.faulted === 0 && audit.identical;
}

function rate(count: number | bigint, seconds: number): number {
  return Math.round(Number(count) / Math.max(seconds, 1e-6));
}

export function jsonReport({ lane, load, result, frontier, audit }: ServiceRun): object {
  const { submitted, seconds, codes, proof, ...rest } = result;
  return {
    lane,
    clients: load.clients,
    batch: load.batch,
    submitted,
    ...rest,
    codes: Object.fromEntries(codes),
    throughput: rate(submitted, seconds),
    proof: { matched: proof.matched, problem: proof.problem ?? null },
    frontier: { seq: Number(frontier.seq), digest: frontier.digest },
    audit: {
      identical: audit.identical,
      frames: Number(audit.frames),
      framesPerSecond: rate(audit.frames, audit.seconds),
    },
  };
}

function group(value: number | bigint): string {
  return value.toLocaleString("en");
}

export function textReport({ lane, directory, load, result, frontier, audit }: ServiceRun): string {
  const { submitted, seconds, outcomes, proof, latencyUs } = result;
  const codes = [...result.codes].map(([code, count]) => `${code} ${group(count)}`).join(", ");
  const window = group(2 * load.batch * load.clients);
  const matched = `${group(proof.matched)} submissions, the market's opening included: each has one frame, and its digest`;
  const speed = group(rate(audit.frames, audit.seconds));
  const verdict = audit.identical ? "the replay is identical" : "THE REPLAY DIFFERS";
  const lines: [string, string][] = [
    [
      "lane",
      lane === "sealed" ? "sealed: handlers inside the WebAssembly module" : "open: handlers in TypeScript",
    ],
    ["clients", `${group(load.clients)}, up to ${group(load.batch)} commands a request`],
    ["commands", `${group(submitted)} in ${seconds.toFixed(1)} s`],
    ["committed", group(outcomes.committed)],
    ["rejected", group(outcomes.rejected) + (codes === "" ? "" : ` (${codes})`)],
    ["faulted", group(outcomes.faulted)],
    ["trades", group(result.trades)],
    ["throughput", `${group(rate(submitted, seconds))} durable commands/s`],
    [
      "latency",
      `p50 ${group(latencyUs.p50)} us, p99 ${group(latencyUs.p99)} us (submit to receipt, up to ${window} on their way)`,
    ],
    ["sent again", `${group(result.retries)} requests`],
    ["receipts", proof.problem ?? matched],
    ["frontier", `frame ${group(frontier.seq)}`],
    ["digest", frontier.digest],
    ["audit", `${group(audit.frames)} frames run again and compared, ${speed} frames/s: ${verdict}`],
    ["history", directory],
  ];
  return lines.map(([name, value]) => `${name.padEnd(12)}${value}\n`).join("");
}
