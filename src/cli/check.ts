/**
 * `statevec check FILE.wasm`: the determinism gate over a module that was built elsewhere.
 *
 * Responsible for: reading the file, printing what holds, what does not, and what could not be judged.
 * Not responsible for: the rules (src/gate).
 */
import { readFile, stat } from "node:fs/promises";
import { checkAnyModule, MODULE_BYTES_MAX, type ModuleReport } from "../gate/index.ts";
import { CliError, EXIT_DAMAGED, EXIT_GOOD, EXIT_USAGE } from "./exit-codes.ts";
import type { Output } from "./output.ts";

export interface CheckOptions {
  readonly json: boolean;
}

const KINDS: Readonly<Record<ModuleReport["kind"], string>> = {
  handlers: "a handler module, not yet merged with a core",
  domain: "a merged domain",
  unknown: "no module",
};

/** @returns the exit code */
export async function check(file: string, options: CheckOptions, output: Output): Promise<number> {
  const report = checkAnyModule(await readModuleFile(file));
  const { kind, findings, judged, notJudged } = report;
  const good = findings.length === 0;
  if (options.json) await output.json({ good, kind, findings, judged, notJudged });
  else await printReport(file, report, output);
  return good ? EXIT_GOOD : EXIT_DAMAGED;
}

async function readModuleFile(file: string): Promise<Uint8Array> {
  const expected = "expected a WebAssembly file (.wasm)";
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) throw new CliError(EXIT_USAGE, `${file}: found nothing there, ${expected}`);
  if (!found.isFile()) throw new CliError(EXIT_USAGE, `${file}: found no file, ${expected}`);
  if (found.size > MODULE_BYTES_MAX) {
    throw new CliError(
      EXIT_USAGE,
      `${file}: found ${found.size} bytes, expected at most ${MODULE_BYTES_MAX}`,
    );
  }
  const bytes = await readFile(file);
  if (bytes.subarray(0, 4).equals(Buffer.from("\0asm", "latin1"))) return bytes;
  throw new CliError(EXIT_USAGE, `${file}: its first bytes are not those of a module, ${expected}`);
}

async function printReport(
  file: string,
  { kind, findings, judged, notJudged }: ModuleReport,
  output: Output,
): Promise<void> {
  await output.line(`${file}: ${KINDS[kind]}`);
  for (const { rule, place, message } of findings) await output.line(`  ${rule}  ${place}: ${message}`);
  if (findings.length === 0) await output.line("  every rule that can be judged holds");
  await output.line(`judged: ${judged.join(", ")}`);
  for (const { what, why } of notJudged) await output.line(`not judged: ${what}: ${why}`);
}
