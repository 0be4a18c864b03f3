/** `statevec audit DIR`: runs every command again and compares every byte. Takes no lock: it reads beside the writer. */
import { type AuditReport, auditFrames } from "../engine/audit.ts";
import type { FrameDifference } from "../engine/frame-difference.ts";
import { loadDomain } from "./domain-module.ts";
import { EXIT_DAMAGED, EXIT_GOOD } from "./exit-codes.ts";
import type { Output } from "./output.ts";
import { openPlace, unacknowledgedText } from "./place.ts";
import { Progress } from "./progress.ts";

export interface AuditOptions {
  /** Path of the module that exports the domain. */
  readonly domain: string;
  readonly json: boolean;
}

/** @returns the exit code */
export async function audit(directory: string, options: AuditOptions, output: Output): Promise<number> {
  const { history, info } = await openPlace(directory);
  const domain = await loadDomain(options.domain);
  const progress = new Progress("auditing");
  const source = { historyId: info.historyId, read: history.read.bind(history) };
  const start = performance.now();
  const report = await auditFrames(domain, source, info.frontier.seq, {
    onProgress: (done, total) => progress.show(done, total),
  }).finally(() => progress.clear());
  const framesPerSecond = Math.round(Number(report.frames) / ((performance.now() - start) / 1000));
  if (options.json) {
    const { identical, frames, applied, frontier, difference = null } = report;
    await output.json({ identical, frames, applied, framesPerSecond, frontier, difference });
  } else {
    for (const line of reportLines(report, framesPerSecond)) await output.line(line);
    const note = unacknowledgedText(info);
    if (note !== undefined) await output.line(note);
  }
  return report.identical ? EXIT_GOOD : EXIT_DAMAGED;
}

function reportLines(report: AuditReport, framesPerSecond: number): string[] {
  const { frames, applied, frontier, difference } = report;
  const others = applied > 0n ? ` (${applied} of other revisions were applied, not run)` : "";
  if (difference) return [`frame ${difference.seq} differs: ${differenceText(difference)}`];
  return [
    `${frames} frames run again and compared: the replay is identical${others}`,
    `frontier ${frontier.seq}:${frontier.digest}, ${framesPerSecond.toLocaleString("en")} frames/s`,
  ];
}

/** `Pay, delta 1, Order 3, field after.isGift: recorded false, replayed true` */
function differenceText({ command, part, record, field, recorded, replayed }: FrameDifference): string {
  const place = [
    command,
    part,
    record ? `${record.kind} ${record.sysId}` : undefined,
    field === undefined ? undefined : `field ${field}`,
  ].filter((text) => text !== undefined);
  return `${place.join(", ")}: recorded ${recorded}, replayed ${replayed}`;
}
