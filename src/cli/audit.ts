/** `statevec audit DIR`: runs every command again and compares every byte. Takes no lock: it reads beside the writer. */
import { KIND_EPOCH } from "../../assembly/abi.ts";
import { type AuditReport, auditFrames } from "../engine/audit.ts";
import type { Domain } from "../engine/domain.ts";
import type { FrameDifference } from "../engine/frame-difference.ts";
import { framesOf } from "../engine/frames.ts";
import { keptDomain } from "../engine/kept-programs.ts";
import { epochOf } from "../engine/recovery.ts";
import type { EpochPayload } from "../history/epoch-payload.ts";
import type { History } from "../history/history.ts";
import { schemaOfModel } from "../schema/rebuild.ts";
import { loadDomain } from "./domain-module.ts";
import { CliError, EXIT_DAMAGED, EXIT_GOOD, EXIT_USAGE } from "./exit-codes.ts";
import type { Output } from "./output.ts";
import { openPlace, unacknowledgedText } from "./place.ts";
import { Progress } from "./progress.ts";

export interface AuditOptions {
  /** Path of the module that exports the domain; absent: the sealed module of the last epoch, kept beside the history. */
  readonly domain: string | undefined;
  readonly json: boolean;
}

/** @returns the exit code */
export async function audit(directory: string, options: AuditOptions, output: Output): Promise<number> {
  const { history, info } = await openPlace(directory);
  const domain = options.domain === undefined ? await lastDomain(history) : await loadDomain(options.domain);
  const progress = new Progress("auditing");
  const source = {
    historyId: info.historyId,
    read: history.read.bind(history),
    module: history.module.bind(history),
    startVerifying: history.startVerifying?.bind(history),
  };
  const start = performance.now();
  const report = await auditFrames(domain, source, info.frontier.seq, {
    onProgress: (done, total) => progress.show(done, total),
  }).finally(() => progress.clear());
  const framesPerSecond = Math.round(Number(report.frames) / ((performance.now() - start) / 1000));
  if (options.json) {
    const { identical, frames, applied, modules, frontier, difference = null } = report;
    await output.json({ identical, frames, applied, modules, framesPerSecond, frontier, difference });
  } else {
    for (const line of reportLines(report, framesPerSecond)) await output.line(line);
    const note = unacknowledgedText(info);
    if (note !== undefined) await output.line(note);
  }
  return report.identical ? EXIT_GOOD : EXIT_DAMAGED;
}

/** The sealed domain of the last epoch, from the module beside the history. Audit finds those of earlier epochs itself. */
async function lastDomain(history: History): Promise<Domain> {
  let epoch: EpochPayload | undefined;
  let seq = 0n;
  for await (const batch of history.read()) {
    for (const frame of framesOf(batch)) {
      if (frame.kind !== KIND_EPOCH && frame.seq !== 1n) continue;
      epoch = epochOf(frame);
      seq = frame.seq;
    }
  }
  if (epoch?.program.lane !== "sealed") {
    const found = "the handlers of the open lane are not in the history";
    throw new CliError(EXIT_USAGE, `${found}: name the file that exports them with --domain`);
  }
  const { module } = epoch.program;
  const bytes = await history.module(module);
  if (bytes !== undefined) return keptDomain(module, bytes, { schema: schemaOfModel(epoch.schema) }, seq);
  const found = `modules/${module}.wasm is not beside the history`;
  throw new CliError(EXIT_USAGE, `${found}: put it back, or name the module with --domain FILE.wasm`);
}

function reportLines(report: AuditReport, framesPerSecond: number): string[] {
  const { frames, applied, modules, frontier, difference } = report;
  if (difference) return [`frame ${difference.seq} differs: ${differenceText(difference)}`];
  const others = applied > 0n ? ` (${applied} more, of programs not at hand, were applied, not run)` : "";
  return [
    `${frames - applied} frames run again and compared: the replay is identical${others}`,
    ...moduleLines(modules),
    `frontier ${frontier.seq}:${frontier.digest}, ${framesPerSecond.toLocaleString("en")} frames/s`,
  ];
}

/** What ran under which module, if there was more than one. */
function moduleLines(modules: AuditReport["modules"]): string[] {
  if (modules.length < 2) return [];
  const commands = modules.reduce((sum, { frames }) => sum + frames, 0n);
  return [
    `${commands} of them are commands, run under the ${modules.length} modules that their epochs name:`,
    ...modules.map(({ module, frames }) => `  ${frames} under ${module}`),
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
