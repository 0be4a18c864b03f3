/**
 * What an audit and an inspector say, as text that can be compared: the same functions run in the page and on Node.
 *
 * Not responsible for: the domain and the history.
 */
import { auditHistory, type Domain, type History, HistoryError } from "statevec";
import type { SchemaParts } from "statevec/schema";
import { framesOf } from "../../src/engine/frames.ts";
import { describeModule, openInspector } from "../../src/inspect/index.ts";
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

/** The first so many frames of a history are read as sentences: epoch, commands with and without outcome. */
const SENTENCES = 200n;

/** What a sealed domain's module says of itself, of its schema, and of the first frames of a history. */
export async function inspectionAsText(module: Uint8Array, history: History): Promise<string> {
  const inspector = await openInspector({ module });
  const texts = [await describeModule(module), inspector.describeSchema()];
  for await (const batch of history.read({ to: SENTENCES })) {
    for (const { body, digest } of framesOf(batch)) texts.push(inspector.frameText(body, { after: digest }));
  }
  return texts.join("\n");
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
