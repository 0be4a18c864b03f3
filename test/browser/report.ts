/**
 * What an audit says, as text that can be compared: the same function runs in the page and on Node.
 *
 * Not responsible for: the domain and the history.
 */
import { auditHistory, type Domain, type History, HistoryError } from "statevec";
import type { SchemaParts } from "statevec/schema";
import { runPrograms } from "../engines/programs.ts";

/** The report of an audit, or the error of a history that can not be read. */
export async function auditAsText<P extends SchemaParts>(
  domain: Domain<P>,
  history: () => History,
): Promise<string> {
  try {
    return asText(await auditHistory({ domain, history: history() }));
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error;
    const { name, message } = error;
    return asText({ ...error, name, message });
  }
}

/** In a page less will do than on a command line: a browser that has just started shares its time with itself. */
const COMMANDS = 1_000;

/** What the programs of test/engines make here. */
export async function programsAsText(sealedExchange: Uint8Array): Promise<string> {
  return asText(await runPrograms(sealedExchange, COMMANDS));
}

function asText(value: object): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}n` : part), 1);
}
