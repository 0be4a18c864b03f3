/**
 * Mistakes with a history from files: each line under a `@ts-expect-error` must be a type error, and no line around one
 * may be. `tsc` is the test.
 */
import {
  type AuditReport,
  auditHistory,
  type History,
  type HistoryFile,
  historyFromFiles,
  memoryHistory,
  open,
} from "statevec/browser";
import { bank } from "../../examples/quickstart/bank.ts";

export async function audits(bytes: Uint8Array, text: string): Promise<AuditReport> {
  const file: HistoryFile = { name: "00000000000000000001-0000000001.seg", bytes };
  const history: History = historyFromFiles([file]);
  historyFromFiles(new Set([file]));
  const engine = await open({ domain: bank, history: memoryHistory() });
  await engine.submit("Deposit", { owner: "ada", amount: 1n });

  // @ts-expect-error one file is no list of files
  historyFromFiles(file);
  // @ts-expect-error the name is missing
  historyFromFiles([{ bytes }]);
  // @ts-expect-error text is not bytes
  historyFromFiles([{ name: "owner", bytes: text }]);
  // @ts-expect-error a buffer has to be looked at through a Uint8Array
  historyFromFiles([{ name: "owner", bytes: new ArrayBuffer(8) }]);
  // @ts-expect-error a path is no history
  auditHistory({ domain: bank, history: text });
  // @ts-expect-error only Node has files
  await import("statevec/browser").then(({ fileHistory }) => fileHistory);
  return auditHistory({ domain: bank, history });
}
